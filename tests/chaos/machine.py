"""Random lives of several VNFs as a state machine of hypothesis: what may be done are rules, what must hold
after each of them are invariants. The worker runs on this thread (``clockwork``), so an example that fails
can be played again and made shorter.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.chaos.clockwork import MOST_SLICES, Clockwork
from tests.chaos.judge import judge, judge_running
from tests.chaos.sight import CHANCE, Life, Sight, wants
from tests.chaos.wishes import COMMANDS, GRANTS, KILL, NONSENSE, TROUBLES, wish
from tests.stage import FIREWALL, LOAD_BALANCER, NFVO, WEB_TIER, journal
from vnfm.domain.instance import InstantiationState
from vnfm.domain.operation import RUNNABLE, Operation, OperationState, OperationType
from vnfm.errors import ClientError, VnfmError
from vnfm.lcm.plans import PLANS
from vnfm.services import instances, snapshots, tasks

S = OperationState
LIVES = 3
TASKS: dict[str, Callable[..., Any]] = {"retry": tasks.retry, "rollback": tasks.rollback, "fail": tasks.fail}
#: After ``fail`` there is nothing to decide any more.
WAYS = st.lists(st.sampled_from(["rollback", "retry", "rollback", "retry", "fail"]), min_size=1, max_size=5)
TROUBLE = st.sampled_from([*TROUBLES, KILL])
KIND = st.sampled_from(sorted(PLANS))
MODE = st.sampled_from(["GRACEFUL", "FORCEFUL"])
UPSETS = ("grants", "fill", "restart", "forget jobs", "slow down", "calm")
CALL = st.integers(1, 25)
POINTS = st.integers(1, 40)


class Lives(RuleBasedStateMachine):
    """Several VNFs of one tenant in one cloud. Whoever plays sets the class's attributes."""

    clockwork: ClassVar[Clockwork]
    counts: Counter[str]
    failures: ClassVar[list[str]]

    def __init__(self) -> None:
        super().__init__()
        self.clockwork.reset()
        self.stage = self.clockwork.stage
        self.deps = self.stage.deps
        self.born = 0
        self.full = False
        self.lives: list[Life] = []
        self.seen: list[Sight] = []

    @initialize(chance=CHANCE)
    def begin(self, chance: Random) -> None:
        self.lives = [self._birth(chance) for _ in range(LIVES)]
        self._look()
        for sight in self.seen[1:]:
            sight.life.operation_id = self.stage.instantiate(sight.instance.id)
            self._work(sight.life)

    def _birth(self, chance: Random) -> Life:
        self.born += 1
        name = f"life{self.born}x"
        vnfd = chance.choice([WEB_TIER, WEB_TIER, LOAD_BALANCER, FIREWALL])
        return Life(name, self.stage.create(vnfd, name).id)

    def _operation(self, life: Life) -> Operation | None:
        return self.stage.operation(life.operation_id) if life.operation_id else None

    def _look(self) -> None:
        self.seen = [
            Sight(life, self.stage.instance(life.instance_id), self._operation(life)) for life in self.lives
        ]

    def _pick(self, chance: Random, which: Callable[[Sight], bool]) -> Sight:
        return chance.choice([sight for sight in self.seen if which(sight)])

    # Operations.

    @rule(chance=CHANCE, kind=KIND)
    @wants(lambda sight: sight.idle)
    def ask(self, chance: Random, kind: OperationType) -> None:
        """An operation that state and instance permit."""
        self._ask(kind, chance)

    @rule(chance=CHANCE, kind=KIND, trouble=TROUBLE, nth=CALL, points=st.none() | POINTS, then=WAYS)
    @wants(lambda sight: sight.idle)
    def live(
        self,
        chance: Random,
        kind: OperationType,
        trouble: dict[str, Any],
        nth: int,
        points: int | None,
        then: list[str],
    ) -> None:
        """A whole operation, in which a call goes wrong, and perhaps a worker dies."""
        life = self._ask(kind, chance)
        self._plant(trouble, nth)
        self._work(life, points)
        self._find_a_way_out(life, then, trouble, chance)

    @rule(chance=CHANCE, kind=KIND, slices=st.integers(1, 6), mode=MODE, trouble=TROUBLE, then=WAYS)
    @wants(lambda sight: sight.idle)
    def live_half(
        self,
        chance: Random,
        kind: OperationType,
        slices: int,
        mode: str,
        trouble: dict[str, Any],
        then: list[str],
    ) -> None:
        """The beginning of an operation, which is cancelled then."""
        life = self._ask(kind, chance)
        for _ in range(slices):
            self._slice(life)
        if self._operation(life).allows("cancel"):
            self._cancel(life, mode)
        self._work(life)
        self._find_a_way_out(life, then, trouble, chance)

    def _find_a_way_out(self, life: Life, then: list[str], trouble: dict[str, Any], chance: Random) -> None:
        """Tasks, one after the other as long as it has stopped half-way, in which calls go wrong as well."""
        for task in then:
            if self._operation(life).allows(task):
                self.agrees()
                self._decide(life, task)
                self._plant(trouble, chance.randrange(1, 20))
                self._work(life)

    def _plant(self, trouble: dict[str, Any], nth: int) -> None:
        """The n-th call goes wrong; there are fewer jobs than calls."""
        self.stage.door("faults", {**trouble, "nth": 1 + nth // 4 if trouble["kind"] == "fail" else nth})

    def _ask(self, kind: OperationType, chance: Random) -> Life:
        """Begin an operation of that kind, or of another one for which there is something to ask."""
        idle = [sight for sight in self.seen if sight.idle]
        chance.shuffle(idle)
        wishes = [(sight, kind) for sight in idle if kind in sight.kinds]
        others = [(sight, other) for sight in idle for other in sight.kinds]
        chance.shuffle(others)
        for sight, one in [*wishes, *others]:
            body = wish(self.stage, sight.instance, one, chance)
            if body is not None:
                break
        sight.life.operation_id = self.stage.begin(sight.instance.id, one, body)
        self.counts[f"{one}"] += 1
        return sight.life

    @rule(chance=CHANCE, slices=st.integers(1, 8))
    @wants(lambda sight: sight.runs)
    def work(self, chance: Random, slices: int) -> None:
        """A worker has some slices' worth of time for one operation."""
        life = self._pick(chance, lambda one: one.runs).life
        for _ in range(slices):
            self._slice(life)

    @rule(chance=CHANCE, points=st.none() | POINTS)
    @wants(lambda sight: sight.runs)
    def work_to_the_end(self, chance: Random, points: int | None) -> None:
        self._work(self._pick(chance, lambda one: one.runs).life, points)

    def _work(self, life: Life, points: int | None = None) -> None:
        """To the operation's rest; a worker dies after so many fault points, if it has as many."""
        self.clockwork.deaths.left = points
        for _ in range(MOST_SLICES):
            if not self._slice(life):
                break
        else:
            raise AssertionError(f"{life.name} does not come to rest\n{journal(self._operation(life))}")
        self.counts["deaths"] += points is not None and self.clockwork.deaths.left is None
        self.clockwork.deaths.left = None

    def _slice(self, life: Life) -> bool:
        """One slice; whether there is another one to come."""
        operation = self._operation(life)
        if operation is None or operation.state not in RUNNABLE:
            return False
        operation = self.clockwork.slice(operation.id)
        if operation.state not in RUNNABLE:
            self.counts[f"{operation.type} {operation.state}"] += 1
        if operation.type is OperationType.TERMINATE and operation.state is S.COMPLETED:
            life.tainted = False
        return operation.state in RUNNABLE

    # Ways out.

    @rule(chance=CHANCE, task=st.sampled_from(sorted(TASKS)), points=st.none() | POINTS)
    @wants(lambda sight: sight.failed)
    def decide(self, chance: Random, task: str, points: int | None) -> None:
        """A task is accepted exactly where the occurrence allows it."""
        sight = self._pick(chance, lambda one: one.failed)
        if not sight.operation.allows(task):
            self._refused(sight, lambda: TASKS[task](self.deps, NFVO, sight.operation.id))
            return
        self._decide(sight.life, task)
        self._work(sight.life, points)

    def _decide(self, life: Life, task: str) -> None:
        TASKS[task](self.deps, NFVO, life.operation_id)
        life.tainted = life.tainted or task == "fail"
        self.counts[f"{self._operation(life).type} {task}"] += 1

    @rule(chance=CHANCE, mode=MODE)
    @wants(lambda sight: sight.runs)
    def cancel(self, chance: Random, mode: str) -> None:
        sight = self._pick(chance, lambda one: one.runs)
        if sight.operation.allows("cancel"):
            self._cancel(sight.life, mode)
        else:
            self._refused(sight, lambda: self._cancel(sight.life, mode))

    def _cancel(self, life: Life, mode: str) -> None:
        tasks.cancel(self.deps, NFVO, life.operation_id, mode)
        self.counts[f"{self._operation(life).type} cancel"] += 1

    @rule(chance=CHANCE)
    @wants(lambda sight: sight.idle)
    def delete(self, chance: Random) -> None:
        """A snapshot of a VNF, or the identifier of one that is gone; another VNF comes then."""
        sight = self._pick(chance, lambda one: one.idle)
        mine = self._snapshots(sight)
        if mine:
            self._delete_snapshot(chance.choice(mine))
        elif sight.gone:
            instances.delete(self.deps, NFVO, sight.instance.id, None)
            self.counts["deleted"] += 1
            self.lives[self.lives.index(sight.life)] = self._birth(chance)

    def _delete_snapshot(self, name: str) -> None:
        self.stage.door("settings", {"sandbox.job.seconds": 0})
        try:
            snapshots.delete(self.deps, NFVO, name)
            self.counts["snapshot deleted"] += 1
        except VnfmError:  # a planted fault; it can be asked for again
            self.counts["snapshot not deleted"] += 1
        self.clockwork.hold_jobs()

    def _snapshots(self, sight: Sight) -> list[str]:
        infos = self.deps.snapshots.list_all(NFVO.tenant, 1000)
        mine = [info for info in infos if info.instance_id == sight.instance.id]
        return [info.id for info in sorted(mine, key=lambda info: info.created)]

    # What is refused, and changes nothing.

    @rule(chance=CHANCE, kind=st.sampled_from(sorted(PLANS)))
    def ask_wrongly(self, chance: Random, kind: OperationType) -> None:
        """What nothing permits, and all that a held instance does not permit."""
        sight = chance.choice(self.seen)
        if kind in NONSENSE:
            self._refused(sight, lambda: self.stage.begin(sight.instance.id, kind, NONSENSE[kind]))
        if not sight.idle:
            body = wish(self.stage, sight.instance, kind, chance)
            if body is not None:
                self._refused(sight, lambda: self.stage.begin(sight.instance.id, kind, body))
            self._refused(sight, lambda: instances.delete(self.deps, NFVO, sight.instance.id, None))
            for one in self._snapshots(sight):
                self._refused(sight, partial(snapshots.delete, self.deps, NFVO, one))
        for name, act in TASKS.items():
            if sight.operation is not None and not sight.operation.allows(name):
                self._refused(sight, partial(act, self.deps, NFVO, sight.operation.id))

    def _refused(self, sight: Sight, act: Callable[[], Any]) -> None:
        try:
            act()
        except ClientError:
            self.counts["refused"] += 1
        else:
            raise AssertionError(f"{sight.life.name}: a request that nothing permits was accepted")
        assert self.stage.instance(sight.instance.id) == sight.instance
        assert self._operation(sight.life) == sight.operation

    # What goes wrong around them.

    @rule(trouble=TROUBLE, command=st.sampled_from(COMMANDS), nth=st.integers(1, 2))
    def spoil_a_command(self, trouble: dict[str, Any], command: str, nth: int) -> None:
        self.stage.door("faults", {**trouble, "command": command, "nth": nth})

    @rule(what=st.sampled_from(UPSETS), chance=CHANCE)
    def upset(self, what: str, chance: Random) -> None:
        match what:
            case "grants":
                self.stage.nfvo.nfvo.faults.arm({"door": "grants", **chance.choice(GRANTS)})
            case "fill":
                self.full = not self.full
                self.stage.door("settings", {"sandbox.hosts.full": str(self.full).lower()})
            case "restart":
                self.clockwork.restart_cloud()
            case "forget jobs":
                self.clockwork.finish_jobs()
                self.stage.door("expire-jobs", {})
            case "slow down":
                self.clockwork.slow = 3
            case "calm":
                self._calm()
        self.counts[what] += 1

    def _calm(self) -> None:
        self.counts["fired"] += self.stage.faults_fired()
        self.stage.calm()
        self.stage.nfvo.nfvo.faults.clear()

    # What must hold.

    @invariant()
    def agrees(self) -> None:
        """Instance, occurrence and the emulator's witness say the same."""
        self.counts["steps"] += 1
        self._look()
        world = self.stage.world()
        for sight in self.seen:
            life, operation = sight.life, sight.operation
            if operation is None:
                continue
            if sight.runs:
                wrong = judge_running(self.stage, life.name, operation, world)
            else:
                wrong = judge(self.stage, life.name, operation, world, tainted=life.tainted)
            assert not wrong, f"{life.name}:\n  " + "\n  ".join(wrong) + "\n" + journal(operation)

    def teardown(self) -> None:
        """Every life comes to its end; what is left then is an orphan."""
        failure = sys.exc_info()[1]
        if isinstance(failure, Exception):
            self.failures.append(str(failure))  # what then fails to fail again would hide it
            return
        self._calm()
        self.stage.door("settings", {"sandbox.hosts.full": "false"})
        self.counts = Counter()  # the end is no part of what was made up
        for life in self.lives:
            self._bury(life)

    def _bury(self, life: Life) -> None:
        for attempt in range(8):
            self._work(life)
            operation = self._operation(life)
            if operation is not None and operation.state is S.FAILED_TEMP:
                # such as a new image under a server that has snapshots: it never succeeds
                self._decide(life, "fail" if attempt else "retry")
                continue
            instance = self.stage.instance(life.instance_id)
            if instance.state is InstantiationState.NOT_INSTANTIATED and not instance.resources:
                break
            life.operation_id = self.stage.terminate(life.instance_id)
        else:
            raise AssertionError(f"{life.name}: does not end\n{journal(operation)}")
        instances.delete(self.deps, NFVO, life.instance_id, None)
        self.stage.door("advance", {"seconds": 10})
        left = self.stage.left_of(life.name)
        assert not left, f"{life.name}: orphans {left}\n{journal(operation)}"
