"""``python -m tests.bench``: one run, one table; nothing is written down."""

from __future__ import annotations

import logging
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson

from tests.bench import ceiling, flight, lists, load, mixture
from tests.bench import tell as tell_lags
from tests.bench.processes import running_api, running_ceiling, running_worker
from tests.stage import LOAD_BALANCER, NFVO, Stage, open_stage
from vnfm.domain.instance import Instance
from vnfm.sandbox.mongod import running_mongod
from vnfm.services import clients, instances
from vnfm.settings import Settings
from vnfm.store.client import connect

SECRET = "a secret of the bench, 32 letters"
INSTANCES = 100
ROUNDS, WINDOW = 6, 1.2
STARTS = 5
JOB_SECONDS, OPERATIONS = 0.5, 20
BODY = {
    "vnfdId": LOAD_BALANCER,
    "vnfInstanceName": "bench",
    "vnfInstanceDescription": "A load balancer with as much metadata as an orchestrator writes",
    "metadata": {f"attribute-{n:02}": f"value {n:02} " + "of some length " * 3 for n in range(30)},
}


class Report:
    """Lines and bars; ``missed`` names what lies below its bar."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def title(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def line(self, name: str, text: str, *, bar: str = "", met: bool = True) -> None:
        verdict = f"   [{bar}: {'met' if met else 'MISSED'}]" if bar else ""
        print(f"  {name:<26} {text}{verdict}", flush=True)
        if not met:
            self.missed.append(f"{name}: {bar}")


def main() -> int:
    """Measure and print. Exit status 1 if a bar is missed."""
    logging.disable(logging.WARNING)
    # Told to end, it takes its processes along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begun = time.monotonic()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="vnfm-bench-") as scratch, opened() as stage:
        logs = Path(scratch)
        compare(report, stage, logs)
        page_through(report, stage, logs)
        start(report, stage, logs)
        follow(report, stage, logs)
        carry(report, stage, logs)
        mix(report, stage, logs)
        notify(report, stage, logs)
    print(f"\n{time.monotonic() - begun:.0f} s in all. ", end="")
    print("Below the bar: " + "; ".join(report.missed) if report.missed else "Every bar is met.")
    return 1 if report.missed else 0


# (f) How long subscribers wait.


def notify(report: Report, stage: Stage, logs: Path) -> None:
    """Lags with well-behaved subscribers only, and with one more that never answers in time."""
    report.title(
        f"Notifications: {tell_lags.NOTIFICATIONS:,} to {tell_lags.SUBSCRIPTIONS} subscribers, "
        f"{tell_lags.RATE:g} changes of state a second; from the change to its arrival"
    )
    alone = tell_lags.measure(stage.settings.mongo_uri, logs, bad=False)
    beside = tell_lags.measure(stage.settings.mongo_uri, logs, bad=True)
    for name, lags in (("all answer", alone), ("one never answers", beside)):
        text = "   ".join(f"{share:.0%} {lags.at(share):.2f} s" for share in (0.5, 0.95, 0.99))
        met = lags.at(0.95) <= 1.0
        report.line(name, text, bar="95 % within 1 s", met=met)
    delay = beside.at(0.99) - alone.at(0.99)
    report.line("delay by the bad one", f"{delay:.2f} s", bar="99 % within 1 s", met=delay <= 1.0)


@contextmanager
def opened() -> Iterator[Stage]:
    """A stage with the settings an operator gets who sets none."""
    usual = Settings()
    names = ("lease", "idle_pause", "poll_pause", "step_patience", "log_level")
    with running_mongod() as uri, open_stage(uri, **{name: getattr(usual, name) for name in names}) as stage:
        for client in (ceiling.READER, ceiling.WRITER, *lists.SIZES):
            clients.add(stage.deps.clients, client, SECRET, client, ["nfvo"])
        clients.add(stage.deps.clients, NFVO.client, SECRET, NFVO.tenant, ["nfvo"])
        yield stage


def token(url: str, client: str) -> str:
    """A token, as any client gets one."""
    form = {"grant_type": "client_credentials"}
    answer = httpx.post(f"{url}/oauth2/token", data=form, auth=(client, SECRET), trust_env=False)
    return str(answer.raise_for_status().json()["access_token"])


# (a) What a request costs.


def compare(report: Report, stage: Stage, logs: Path) -> None:
    """The gateway beside the ceiling."""
    ids = furnish(stage, logs)
    with running_api(stage.settings, logs) as (api, url, _):
        questions = ask(ids)
        reader, writer = (
            {"Authorization": f"Bearer {token(url, client)}", "Version": "2.1.0"}
            for client in (ceiling.READER, ceiling.WRITER)
        )
        size = copy_answers(stage, url, reader, writer, ids)
        with running_ceiling(stage.settings, logs) as (other, other_url):
            report.title(
                f"Requests: {load.CONNECTIONS} connections, {ROUNDS} windows of {WINDOW} s in turns, medians."
                f"\nAn instance has {size:,} bytes, a POST {len(orjson.dumps(BODY)):,}; "
                "a share is the ceiling's processor time per request by the gateway's."
            )
            for question in questions:
                mine = writer if question.method == "POST" else reader
                servers = {
                    "gateway": load.Server(api.pid, url, mine),
                    "ceiling": load.Server(other.pid, other_url, {}),
                }
                figures = load.measure(servers, [question], ROUNDS, WINDOW)
                tell(report, question.name, figures)
            for process in (api, other):
                process.require_alive()


def tell(report: Report, name: str, figures: dict[tuple[str, str], load.Figures]) -> None:
    """One line of the table."""
    ours, theirs = figures[name, "gateway"], figures[name, "ceiling"]
    share = theirs.cost / ours.cost
    text = (
        f"{ours.rate:6.0f}/s {ours.cost:6.0f} us   ceiling {theirs.rate:6.0f}/s {theirs.cost:6.0f} us   "
        f"share {share:4.0%}"
    )
    report.line(name, text, bar=">= 60 %", met=share >= 0.6)


def ask(ids: Sequence[str]) -> list[load.Question]:
    """The three kinds of request."""
    base = "/vnflcm/v2/vnf_instances"
    return [
        load.Question("GET by id", "GET", [f"{base}/{one}" for one in ids], 200),
        load.Question(f"GET list of {INSTANCES}", "GET", [base], 200),
        load.Question("POST", "POST", [base], 201, orjson.dumps(BODY)),
    ]


def furnish(stage: Stage, logs: Path) -> list[str]:
    """Instances of the reader: copies of one that was really instantiated."""
    made = instances.create(stage.deps, NFVO, BODY)
    with running_worker(stage.settings, logs):
        ended = stage.settle(stage.instantiate(made.id, **flight.request(stage)))
    assert ended.state == "COMPLETED", ended.error
    model = stage.instance(made.id)
    copies: list[Instance] = [
        replace(model, id=str(uuid4()), tenant=ceiling.READER) for _ in range(INSTANCES)
    ]
    for copy in copies:
        stage.deps.instances.insert(ceiling.READER, copy)
    return [copy.id for copy in copies]


def copy_answers(
    stage: Stage, url: str, reader: dict[str, str], writer: dict[str, str], ids: Sequence[str]
) -> int:
    """Give the ceiling the gateway's own answers as its documents; how large one is."""
    db = connect(stage.settings.mongo_uri, stage.settings.mongo_database)
    docs = db[ceiling.COLLECTION]
    docs.create_index([("tenant", 1), ("_id", 1)])
    size = 0
    base = f"{url}/vnflcm/v2/vnf_instances"
    with httpx.Client(trust_env=False) as client:
        for one in ids:
            answer = client.get(f"{base}/{one}", headers=reader).raise_for_status()
            size = len(answer.content)
            docs.insert_one({"_id": one, "tenant": ceiling.READER, **answer.json()})
        made: dict[str, Any] = client.post(base, json=BODY, headers=writer).raise_for_status().json()
        docs.insert_one({"_id": made["id"], "tenant": ceiling.WRITER, **made})
    db.client.close()
    return size


def page_through(report: Report, stage: Stage, logs: Path) -> None:
    """A page of a short list and of a long one."""
    short, long = lists.SIZES.values()
    report.title(
        f"A page of {lists.PAGE} out of {short:,} and out of {long:,} instances, medians of {lists.ROUNDS} "
        "requests in turns"
    )
    lists.fill(stage.settings, stage.create(LOAD_BALANCER).id)
    with (
        running_api(stage.settings, logs) as (_, url, _),
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        headers = {
            tenant: {"Authorization": f"Bearer {token(url, tenant)}", "Version": "2.1.0"}
            for tenant in lists.SIZES
        }
        for name, query in (("page", {}), ("filter and selector", lists.QUERY)):
            found = lists.time_pages(client, headers, query)
            text = f"{found.short:.1f} ms   {found.long:.1f} ms   ratio {found.ratio:.2f}"
            report.line(name, text, bar="<= 1.5", met=found.ratio <= 1.5)


# (b) How soon it serves.


def start(report: Report, stage: Stage, logs: Path) -> None:
    """From the start of the process to the first answer."""
    report.title(f"Start of the API ({STARTS} times, to the first 200 for its health)")
    found = []
    for _ in range(STARTS):
        with running_api(stage.settings, logs) as (_, _, seconds):
            found.append(seconds)
    text = f"median {statistics.median(found):.2f} s, longest {max(found):.2f} s"
    report.line("start-up", text, bar="< 3 s", met=statistics.median(found) < 3)


# (c) and (d) What operations take.


def follow(report: Report, stage: Stage, logs: Path) -> None:
    """One operation at a time."""
    usual = stage.settings
    report.title(
        f"One instantiation, from 202 to COMPLETED, beyond the {JOB_SECONDS} s of the cloud's own, "
        f"{OPERATIONS} times.\nA worker looks for work every {usual.idle_pause} s and at a job after "
        f"{usual.poll_pause} s."
    )
    with running_api(usual, logs) as (_, url, _), running_worker(usual, logs):
        headers = {"Authorization": f"Bearer {token(url, NFVO.client)}", "Version": "2.1.0"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
            found = flight.beyond_the_cloud(stage, client, JOB_SECONDS, OPERATIONS)
    half, most = statistics.median(found), found[round(0.95 * len(found)) - 1]
    report.line("beyond the cloud", f"p50 {half:.2f} s, p95 {most:.2f} s")


def carry(report: Report, stage: Stage, logs: Path) -> None:
    """Many at once, on one worker."""
    report.title("Instantiations at once, one worker process: all held in the cloud, then let go")
    for count, helpers in ((200, 0), (1000, 1)):
        seen = flight.fly(stage, logs, count, helpers=helpers)
        name = f"{count} at once"
        whole = seen.ended == {"COMPLETED": count} and seen.servers == count
        report.line(
            name,
            f"{seen.most} in the air after {seen.rise:.1f} s, {seen.idle_load:.0%} of a core to watch them",
        )
        light = seen.memory < 200 or count > 200
        report.line("", f"{seen.memory:.0f} MiB", bar="< 200 MiB" if count == 200 else "", met=light)
        report.line(
            "",
            f"{dict(seen.ended)}, {seen.servers} servers; {seen.landing:.1f} s to land, "
            f"{seen.cost * 1000:.0f} ms of processor per operation",
            bar="all COMPLETED",
            met=whole,
        )
        if helpers:
            shares = ", ".join(f"{share / sum(seen.shares):.0%}" for share in seen.shares)
            report.line("", f"slices of the landing by worker, the second joined in the air: {shares}")


def mix(report: Report, stage: Stage, logs: Path) -> None:
    """Many of all kinds at once, on one worker."""
    count = 1000
    report.title(f"{count} operations of {len(mixture.KINDS)} kinds at once, one worker process")
    name = f"{count} mixed"
    for text, bar, met in mixture.lines(mixture.mix(stage, logs, count), count):
        report.line(name, text, bar=bar, met=met)
        name = ""


if __name__ == "__main__":
    sys.exit(main())
