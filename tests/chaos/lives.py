"""Random lives of several VNFs at once: operations, tasks, cancels, dying workers and a CloudStack that
misbehaves, in an order that a seed chooses. After every operation that has come to rest the instance, the
occurrence and the emulator's own witness are compared.

    python -m tests.chaos.lives --steps 5000 --seed 7

A generator of our own and not hypothesis: what a step meets depends on processes and time, so a sequence
cannot be shrunk by replaying parts of it. The seed repeats the choices, not the instants.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.chaos.judge import judge
from tests.chaos.wishes import COMMANDS, DELAYS, GRANTS, NONSENSE, TROUBLES, Body, wish
from tests.stage import LOAD_BALANCER, NFVO, WEB_TIER, Stage, Worker, WorkerPool, journal, open_stage
from vnfm.domain.instance import InstantiationState
from vnfm.domain.operation import RUNNABLE, Operation, OperationState, OperationType
from vnfm.errors import ClientError, Conflict, NotFound
from vnfm.lcm.plans import PLANS
from vnfm.sandbox.mongod import running_mongod
from vnfm.services import instances, tasks

S = OperationState
#: Nothing takes longer, with the settings below, unless it hangs.
STUCK = 60.0
SETTINGS: Mapping[str, Any] = {"step_patience": 1.5, "purge_patience": 4.0, "log_level": "CRITICAL"}


@dataclass
class Life:
    """One VNF and what it is at."""

    name: str
    instance_id: str
    operation_id: str | None = None
    #: What was given up has left marks that only TERMINATE removes.
    tainted: bool = False
    judged: bool = True
    since: float = 0.0


@dataclass
class Lives:
    """Plays them on one stage."""

    stage: Stage
    pool: WorkerPool
    seed: int
    trouble: float = 0.12
    counts: Counter[str] = field(default_factory=Counter)
    lives: list[Life] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self._full = False
        self._born = 0

    # The play.

    def play(self, steps: int, seconds: float, lives: int = 6, workers: int = 2) -> None:
        """Make up to ``steps`` steps, then bring every life to its end; what is left then is an orphan."""
        self.stage.door("settings", {"expunge.delay": "1", "expunge.interval": "1"})
        self.workers = [self.pool.start(self.stage.settings) for _ in range(workers)]
        try:
            self.lives = [self._birth() for _ in range(lives)]
            deadline = time.monotonic() + seconds
            while self.counts["steps"] < steps and time.monotonic() < deadline:
                self._step()
            self._peace()
            for life in self.lives:
                self._bury(life)
        finally:
            for worker in self.workers:
                worker.stop()

    def _birth(self) -> Life:
        self._born += 1
        name = f"s{self.seed}-life{self._born}x"
        vnfd = self.random.choice([LOAD_BALANCER, WEB_TIER, WEB_TIER])
        return Life(name, self.stage.create(vnfd, name).id, since=time.monotonic())

    def _step(self) -> None:
        if self.random.random() < self.trouble:
            self._trouble()
        life = self.random.choice(self.lives)
        operation = self._operation(life)
        if operation is not None and operation.state in RUNNABLE:
            self._while_running(life, operation)
            return
        self._judge(life, operation)
        self.counts["steps"] += 1
        if operation is not None and operation.state is S.FAILED_TEMP:
            self._at_rest(life, operation)
        else:
            self._when_idle(life)

    def _operation(self, life: Life) -> Operation | None:
        return self.stage.operation(life.operation_id) if life.operation_id else None

    def _while_running(self, life: Life, operation: Operation) -> None:
        life.judged = False
        if time.monotonic() - life.since > STUCK:
            raise AssertionError(f"{self.told(life)} does not come to rest\n{journal(operation)}")
        chance = self.random.random()
        if chance < 0.02:
            mode = self.random.choice(["GRACEFUL", "FORCEFUL"])
            self._try(f"cancel {mode}", lambda: tasks.cancel(self.stage.deps, NFVO, operation.id, mode))
        elif chance < 0.04:
            self._illegal_while_held(life, operation)
        else:
            time.sleep(0.02)

    def _illegal_while_held(self, life: Life, operation: Operation) -> None:
        """No operation, task or deletion that a running operation forbids."""
        self.counts["steps"] += 1
        task = self.random.choice([tasks.retry, tasks.rollback, tasks.fail, None])
        try:
            if task is not None:
                task(self.stage.deps, NFVO, operation.id)
            else:
                instances.delete(self.stage.deps, NFVO, life.instance_id, None)
        except (Conflict, NotFound):
            self.counts["refused"] += 1
            return
        now = self.stage.operation(operation.id)
        came_to_rest = now.fence >= operation.fence and operation.id == life.operation_id
        if task is None:  # it ended between our look and the deletion
            assert now.state not in RUNNABLE, f"{self.told(life)}: deleted while {now.state}"
            self._replace(life)
            return
        self.counts[f"late {task.__name__}"] += 1
        assert came_to_rest, f"{self.told(life)}: {task.__name__} was accepted in {operation.state}"
        life.since = time.monotonic()

    def _at_rest(self, life: Life, operation: Operation) -> None:
        """FAILED_TEMP: a way out, or something that is refused."""
        chance, deps = self.random.random(), self.stage.deps
        life.since = time.monotonic()
        if chance < 0.15:
            self._refused(life, self._other(operation.id))
            return
        if chance < 0.55:
            self._try("retry", lambda: tasks.retry(deps, NFVO, operation.id))
        elif chance < 0.8:
            self._try("rollback", lambda: tasks.rollback(deps, NFVO, operation.id))
        else:
            life.tainted = True
            self._try("fail", lambda: tasks.fail(deps, NFVO, operation.id))
        life.judged = False

    def _other(self, operation_id: str) -> Callable[[Life], Any]:
        kind = self.random.choice(list(PLANS))
        if self.random.random() < 0.3:
            return lambda life: tasks.cancel(self.stage.deps, NFVO, operation_id, "GRACEFUL")
        return lambda life: self._begin_or_modify(life, kind)

    def _begin_or_modify(self, life: Life, kind: OperationType) -> None:
        """What cannot even be asked for now, such as a step out at the topmost level, is a MODIFY_INFO."""
        body = self._body(life, kind)
        if body is None:
            kind, body = OperationType.MODIFY_INFO, {"metadata": {"colour": "blue"}}
        self._begin(life, kind, body)

    def _when_idle(self, life: Life) -> None:
        instance = self.stage.instance(life.instance_id)
        kinds = [kind for kind in PLANS if instance.refusal(kind) is None]
        chance = self.random.random()
        if chance < 0.1:
            kind = self.random.choice([k for k in PLANS if str(k) in NONSENSE])
            self._refused(life, lambda one: self._begin(one, kind, NONSENSE[str(kind)]))
            return
        if chance < 0.15 and OperationType.INSTANTIATE in kinds:
            instances.delete(self.stage.deps, NFVO, life.instance_id, None)
            self._replace(life)
            return
        kind = self.random.choice(kinds)
        if str(kind) in {"MODIFY_INFO", "TERMINATE"} and chance < 0.7:
            kind = self.random.choice(kinds)  # they are not what we are most curious about
        body = self._body(life, kind)
        if body is None:
            return
        self._try(f"{kind}", lambda: self._begin(life, kind, body))

    def _replace(self, life: Life) -> None:
        self.counts["deleted"] += 1
        self.lives[self.lives.index(life)] = self._birth()

    def _body(self, life: Life, kind: OperationType) -> Body | None:
        return wish(self.stage, self.stage.instance(life.instance_id), kind, self.random)

    def _begin(self, life: Life, kind: OperationType, body: Body) -> None:
        life.operation_id = self.stage.begin(life.instance_id, kind, body)
        life.judged, life.since = False, time.monotonic()

    def _try(self, what: str, act: Callable[[], Any]) -> None:
        try:
            act()
        except ClientError as exc:
            self.counts[f"{what} refused"] += 1
            self.counts[f"  because {exc.detail[:60]}"] += 1
        else:
            self.counts[what] += 1

    def _refused(self, life: Life, act: Callable[[Life], Any]) -> None:
        """It is refused, and nothing has changed."""
        instance, operation = self.stage.instance(life.instance_id), self._operation(life)
        try:
            act(life)
        except ClientError:
            self.counts["refused"] += 1
        else:
            raise AssertionError(f"{self.told(life)}: a request that nothing permits was accepted")
        assert self.stage.instance(life.instance_id) == instance, self.told(life)
        assert self._operation(life) == operation, self.told(life)

    # What goes wrong around it.

    def _trouble(self) -> None:
        chance = self.random.random()
        if chance < 0.6:
            fault = {**self.random.choice([*TROUBLES, *DELAYS]), "command": self.random.choice(COMMANDS)}
            self.stage.door("faults", {**fault, "nth": self.random.choice([1, 1, 2])})
            self.counts["planted"] += 1
        elif chance < 0.7:
            self.stage.nfvo.nfvo.faults.arm({"door": "grants", **self.random.choice(GRANTS)})
            self.counts["grants disturbed"] += 1
        elif chance < 0.8:
            self._full = not self._full
            self.stage.door("settings", {"sandbox.hosts.full": str(self._full).lower()})
        elif chance < 0.9:
            self._clear()
        else:
            self._kill_a_worker()

    def _clear(self) -> None:
        self.counts["fired"] += self.stage.faults_fired()
        self.stage.calm()

    def _kill_a_worker(self) -> None:
        place = self.random.randrange(len(self.workers))
        os.kill(self.workers[place].pid, signal.SIGKILL)
        assert self.workers[place].wait(5) == -signal.SIGKILL
        self.workers[place] = self.pool.start(self.stage.settings)
        self.counts["workers killed"] += 1

    def _peace(self) -> None:
        self._clear()
        self.stage.nfvo.nfvo.faults.clear()
        self.stage.door("settings", {"sandbox.hosts.full": "false"})

    # The comparison, and the end.

    def _judge(self, life: Life, operation: Operation | None) -> None:
        if life.judged or operation is None:
            return
        life.judged = True
        self.counts[f"{operation.type} {operation.state}"] += 1
        if operation.type is OperationType.TERMINATE and operation.state is S.COMPLETED:
            life.tainted = False
        world = self.stage.world()
        wrong = judge(self.stage, life.name, operation, world, tainted=life.tainted)
        assert not wrong, f"{self.told(life)}:\n  " + "\n  ".join(wrong) + "\n" + journal(operation)

    def _bury(self, life: Life) -> None:
        for attempt in range(12):
            operation = self._operation(life)
            if operation is not None and operation.state in RUNNABLE:
                operation = self.stage.settle(operation.id, STUCK)
                life.judged = False
            self._judge(life, operation)
            if operation is not None and operation.state is S.FAILED_TEMP:
                if attempt < 4:
                    tasks.retry(self.stage.deps, NFVO, operation.id)
                    continue
                life.tainted = True  # such as a new image under a server that has snapshots
                tasks.fail(self.stage.deps, NFVO, operation.id)
            instance = self.stage.instance(life.instance_id)
            if instance.state is InstantiationState.NOT_INSTANTIATED and not instance.resources:
                break
            self._begin(life, OperationType.TERMINATE, {"terminationType": "FORCEFUL"})
        else:
            raise AssertionError(f"{self.told(life)}: does not end\n{journal(operation)}")
        instances.delete(self.stage.deps, NFVO, life.instance_id, None)
        self.stage.door("advance", {"seconds": 10})
        left = self.stage.left_of(life.name)
        assert not left, f"{self.told(life)}: orphans {left}\n{journal(operation)}"

    def told(self, life: Life) -> str:
        """Where, and how to see it again."""
        operation = self._operation(life)
        what = f"{operation.type} {operation.state}" if operation else "idle"
        again = f"python -m tests.chaos.lives --seed {self.seed} --user {self.stage.user}"
        return f"[{again}] after {self.counts['steps']} steps, {life.name}, {what}"

    def summary(self) -> str:
        """What has happened, in one line per thing."""
        return "\n".join(f"  {count:6} {what}" for what, count in sorted(self.counts.items()))


@contextmanager
def playing(mongo_uri: str, seed: int, user: str) -> Iterator[Lives]:
    """Lives on a stage of their own."""
    pool = WorkerPool()
    try:
        with open_stage(mongo_uri, user, **SETTINGS) as stage:
            yield Lives(stage, pool, seed)
    finally:
        pool.close()


def main() -> None:
    """Play until the steps are made or something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=7200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--user", default="alice", choices=["alice", "admin"])
    given = parser.parse_args()
    with running_mongod() as uri, playing(uri, given.seed, given.user) as lives:
        try:
            lives.play(given.steps, given.seconds)
        finally:
            sys.stdout.write(f"seed {given.seed}\n{lives.summary()}\n")


if __name__ == "__main__":
    main()
