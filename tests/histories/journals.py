"""Golden journals: what today's planner makes for a sample, ids normalised; kept as JSON beside this file.

    python -m tests.histories.journals        # writes what is missing; a changed plan is not overwritten

One journal holds the plan's version and, per entry in its order, name, target and stage.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.stage import WEB_TIER, Stage, WorkerPool, open_stage
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.sandbox.mongod import running_mongod

HERE = Path(__file__).parent
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

#: One life in which every operation comes once; file name → operation and request, {} for the sample's own.
LIFE: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "instantiate": ("INSTANTIATE", {}),
    "modify_info": ("MODIFY_INFO", {"metadata": {"colour": "red"}}),
    "scale_out": ("SCALE", {"type": "SCALE_OUT", "aspectId": "worker_aspect"}),
    "scale_in": ("SCALE", {"type": "SCALE_IN", "aspectId": "worker_aspect"}),
    "scale_to_level": ("SCALE_TO_LEVEL", {"scaleInfo": [{"aspectId": "web_aspect", "scaleLevel": 1}]}),
    "operate_stop": ("OPERATE", {"changeStateTo": "STOPPED"}),
    "operate_start": ("OPERATE", {"changeStateTo": "STARTED"}),
    "heal_reboot": ("HEAL", {"additionalParams": {"action": "reboot"}}),
    "heal_recreate": ("HEAL", {"additionalParams": {"action": "recreate"}}),
    "change_ext_conn": ("CHANGE_EXT_CONN", {}),
    "terminate": ("TERMINATE", {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 5}),
}


def request(stage: Stage, kind: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request of a row of ``LIFE``."""
    if kind == "INSTANTIATE":
        return stage.request(WEB_TIER)
    if kind == "CHANGE_EXT_CONN":
        link = stage.request(WEB_TIER)["extVirtualLinks"][0]
        return {"extVirtualLinks": [{**link, "id": "vl-inside", "resourceId": stage.networks["inside"]}]}
    return body


def journal(operation: Operation) -> dict[str, Any]:
    """What is kept of an operation: version and steps; ids become numbers in the order they appear."""
    known: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return known.setdefault(found[0], f"<{len(known) + 1}>")

    steps = [
        {"name": one.name, "target": UUID.sub(number, one.target), "stage": one.stage}
        for one in operation.steps
    ]
    return {"operation": str(operation.type), "planVersion": operation.plan_version, "steps": steps}


def live(stage: Stage, pool: WorkerPool) -> Iterator[tuple[str, Operation]]:
    """Every operation of ``LIFE``, undisturbed, by its file name."""
    instance = stage.create(WEB_TIER, "golden")
    with pool.running(stage.settings):
        for name, (kind, body) in LIFE.items():
            asked = request(stage, kind, body)
            ended = stage.settle(stage.begin(instance.id, OperationType(kind), asked))
            assert ended.state is OperationState.COMPLETED, f"{name}: {ended.error}"
            yield name, ended


def read(name: str) -> Any:
    """A journal as it is kept."""
    return json.loads((HERE / f"{name}.json").read_text())


def main() -> None:
    """Record what is missing."""
    pool = WorkerPool()
    try:
        with running_mongod() as uri, open_stage(uri) as stage:
            for name, ended in live(stage, pool):
                path = HERE / f"{name}.json"
                if not path.exists():
                    path.write_text(json.dumps(journal(ended), indent=1) + "\n")
                    sys.stdout.write(f"{path.name}: {len(ended.steps)} steps\n")
    finally:
        pool.close()


if __name__ == "__main__":
    main()
