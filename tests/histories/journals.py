"""Golden journals: what today's planner makes for a sample, ids normalised; kept as JSON beside this file.

    python -m tests.histories.journals        # writes what is missing; a changed plan is not overwritten

One journal holds the plan's version and, per entry in its order, name, target and stage.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.stage import LOAD_BALANCER, LOAD_BALANCER_NEXT, NFVO, WEB_TIER, Stage, WorkerPool, open_stage
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.sandbox.mongod import running_mongod
from vnfm.services import snapshots

HERE = Path(__file__).parent
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Row = tuple[str, Mapping[str, Any]]
#: Sample and life: file name → operation and request, {} for one that is made in its turn (``request``).
LIVES: Sequence[tuple[str, Mapping[str, Row]]] = (
    (
        WEB_TIER,
        {
            "instantiate": ("INSTANTIATE", {}),
            "modify_info": ("MODIFY_INFO", {"metadata": {"colour": "red"}}),
            "scale_out": ("SCALE", {"type": "SCALE_OUT", "aspectId": "worker_aspect"}),
            "scale_in": ("SCALE", {"type": "SCALE_IN", "aspectId": "worker_aspect"}),
            "scale_to_level": (
                "SCALE_TO_LEVEL",
                {"scaleInfo": [{"aspectId": "web_aspect", "scaleLevel": 1}]},
            ),
            "operate_stop": ("OPERATE", {"changeStateTo": "STOPPED"}),
            "operate_start": ("OPERATE", {"changeStateTo": "STARTED"}),
            "heal_reboot": ("HEAL", {"additionalParams": {"action": "reboot"}}),
            "heal_recreate": ("HEAL", {"additionalParams": {"action": "recreate"}}),
            "change_ext_conn": ("CHANGE_EXT_CONN", {}),
            "terminate": ("TERMINATE", {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 5}),
        },
    ),
    (
        WEB_TIER,
        {
            "instantiate": ("INSTANTIATE", {}),
            "change_flavour": (
                "CHANGE_FLAVOUR",
                {"newFlavourId": "premium", "instantiationLevelId": "medium"},
            ),
            "create_snapshot": ("CREATE_SNAPSHOT", {}),
            "revert_to_snapshot": ("REVERT_TO_SNAPSHOT", {}),
            "terminate_with_snapshots": ("TERMINATE", {"terminationType": "FORCEFUL"}),
        },
    ),
    (
        LOAD_BALANCER,
        {
            "instantiate_one": ("INSTANTIATE", {}),
            "change_vnfpkg": ("CHANGE_VNFPKG", {"vnfdId": LOAD_BALANCER_NEXT}),
            "terminate_one": ("TERMINATE", {"terminationType": "FORCEFUL"}),
        },
    ),
)


def request(stage: Stage, instance_id: str, kind: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request of a row of ``LIVES``."""
    if kind == "INSTANTIATE":
        return stage.request(stage.instance(instance_id).vnfd_id)
    if kind == "CHANGE_EXT_CONN":
        link = stage.request(WEB_TIER)["extVirtualLinks"][0]
        return {"extVirtualLinks": [{**link, "id": "vl-inside", "resourceId": stage.networks["inside"]}]}
    if kind == "CREATE_SNAPSHOT":
        return {"vnfSnapshotInfoId": snapshots.create(stage.deps, NFVO, {}).id}
    if kind == "REVERT_TO_SNAPSHOT":
        (taken,) = stage.deps.snapshots.list_all(NFVO.tenant, 2)
        return {"vnfSnapshotInfoId": taken.id}
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
    """Every operation of ``LIVES``, undisturbed, by its file name."""
    with pool.running(stage.settings):
        for vnfd, life in LIVES:
            instance = stage.create(vnfd, "golden")
            for name, (kind, body) in life.items():
                asked = request(stage, instance.id, kind, body)
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
