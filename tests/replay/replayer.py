"""Plays one section against an emulator of its own, in a world prepared as the recording found it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.replay import caller, transcript
from tests.replay.compare import UUID, Difference, Ids, compare
from tests.replay.transcript import Element
from vnfm.sandbox.cloudstack import seed
from vnfm.sandbox.cloudstack.cloud import Cloud, replay_seed
from vnfm.sandbox.cloudstack.serve import Background, Server

HERE = Path(__file__).parent
JOB_SECONDS = 0.02
PATIENCE = 10.0


@dataclass
class Report:
    section: str
    exchanges: int = 0
    skipped: int = 0  # polls of pending jobs
    equal: int = 0
    listed: set[int] = field(default_factory=set)
    failing: list[Difference] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)  # accepted differences that did not occur

    @property
    def good(self) -> bool:
        return not self.failing and not self.stale


def replay(section: str) -> Report:
    world = scene(section)
    entries = [entry for entry in accepted() if entry["section"] == section]
    used: set[int] = set()
    report = Report(section)
    cloud = Cloud([*replay_seed(), world.get("seed", {})], job_seconds=JOB_SECONDS)
    with Background(cloud) as server, httpx.Client(timeout=PATIENCE) as client:
        stage = Stage(server, client, Ids(known_ids(cloud.seeds)), world.get("before", {}))
        for element in transcript.read(section):
            stage.prepare(element)
            if element.remark or element.pending_poll:
                stage.remark(element)
                report.skipped += element.pending_poll
                continue
            report.exchanges += 1
            sort_out(report, element, stage.play(element), entries, used)
    report.stale = [describe(entry) for index, entry in enumerate(entries) if index not in used]
    return report


def sort_out(
    report: Report, element: Element, found: list[Difference], entries: list[dict[str, Any]], used: set[int]
) -> None:
    """Each difference is listed or it fails."""
    open_ones = []
    for difference in found:
        match = [index for index, entry in enumerate(entries) if covers(entry, difference)]
        used.update(match)
        if not match:
            open_ones.append(difference)
    report.failing += open_ones
    if found and not open_ones:
        report.listed.add(element.index)
    report.equal += not found


def covers(entry: dict[str, Any], difference: Difference) -> bool:
    return difference.element in entry["elements"] and difference.pattern == entry["field"]


def describe(entry: dict[str, Any]) -> str:
    return f"{entry['section']} {entry['elements']} {entry['field']}"


def accepted() -> list[dict[str, Any]]:
    return yaml.safe_load((HERE / "accepted.yaml").read_text()) or []


def scene(section: str) -> dict[str, Any]:
    return (yaml.safe_load((HERE / "scenes.yaml").read_text()) or {}).get(section) or {}


def known_ids(seeds: list[seed.Entry]) -> set[str]:
    """The ids a seed gives are the recorded ones; they must come back unchanged."""
    return {text for text in strings(json.loads(json.dumps(seeds))) if UUID.match(text)}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


@dataclass
class Stage:
    server: Server
    client: httpx.Client
    ids: Ids
    before: dict[int, list[dict[str, Any]]]

    def prepare(self, element: Element) -> None:
        """What happened on the real server, outside the recording, before this element."""
        for step in self.before.get(element.index, ()):
            door = step["door"]
            facts = {key: value for key, value in step.items() if key != "door"}
            self.client.post(f"{self.server.control_url}/{door}", json=facts).raise_for_status()

    def remark(self, element: Element) -> None:
        """The connection errors of a killed server: the emulator must refuse, too."""
        if element.exception is None:
            return
        probe = Element(0, "alice", "", "GET")
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                caller.send(self.client, self.server.url, probe, {"command": "listZones"})
            except httpx.TransportError:
                return
            time.sleep(0.01)
        raise AssertionError("the emulator went on answering after its kill")

    def play(self, element: Element) -> list[Difference]:
        params = self.ids.put_into(element.params)
        response = self.reach(element, params)
        if element.ended_poll:
            response = self.wait_for_job(element, params, response)
        return compare(element, response, self.ids)

    def reach(self, element: Element, params: dict[str, str]) -> httpx.Response:
        """A booting server is asked until it answers."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return caller.send(self.client, self.server.url, element, params)
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def wait_for_job(
        self, element: Element, params: dict[str, str], response: httpx.Response
    ) -> httpx.Response:
        until = time.monotonic() + PATIENCE
        while pending(response) and time.monotonic() < until:
            time.sleep(0.005)
            response = caller.send(self.client, self.server.url, element, params)
        return response


def pending(response: httpx.Response) -> bool:
    body = response.json().get("queryasyncjobresultresponse", {})
    return bool(body.get("jobstatus") == 0)
