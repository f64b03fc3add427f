"""What OPERATE and HEAL refuse, and which steps they plan: tables."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.domain import make_instance
from tests.unit.domain.build import make_flavour, make_vnfd
from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationType, StepEntry
from vnfm.domain.outside import DeploymentError
from vnfm.domain.vnfd import OperationsConfiguration, Vnfd
from vnfm.lcm.plans import PLANS

RULES = OperationsConfiguration(
    configured=("heal", "operate"),
    heal_causes=("fire", "recreate"),
    min_graceful_stop_timeout=10.0,
    max_recommended_graceful_stop_timeout=60.0,
)
VNFD = make_vnfd(make_flavour(operations=RULES))


def standing(state: str = "STARTED") -> Instance:
    """Two firewalls and a manager with a disk."""
    keys = [("fw", "fw-0"), ("fw", "fw-1"), ("mgr", "mgr-0")]
    info = {
        "flavourId": "pair",
        "vnfState": state,
        "vnfcResourceInfo": [
            {"id": f"id-{key}", "vduId": vdu, "computeResource": {"resourceId": f"vm-{key}"}}
            for vdu, key in keys
        ],
    }
    resources = [{"kind": "SERVER", "id": f"vm-{key}", "target": key} for _, key in keys]
    resources.append({"kind": "VOLUME", "id": "disk", "target": "mgr-0/logs"})
    return make_instance(instantiated_vnf_info=info, resources=resources)


def plan(kind: str, params: dict[str, Any], state: str = "STARTED", vnfd: Vnfd = VNFD) -> list[StepEntry]:
    _, planner = PLANS[OperationType(kind)]
    return planner("o1", standing(state), vnfd, params)


@pytest.mark.parametrize(
    ("kind", "params", "named"),
    [
        ("OPERATE", {"changeStateTo": "STARTED", "stopType": "FORCEFUL"}, "stopType"),
        ("OPERATE", {"changeStateTo": "STARTED", "gracefulStopTimeout": 20}, "gracefulStopTimeout"),
        ("OPERATE", {"changeStateTo": "STOPPED", "gracefulStopTimeout": 20}, "only with stopType GRACEFUL"),
        (
            "OPERATE",
            {"changeStateTo": "STOPPED", "stopType": "FORCEFUL", "gracefulStopTimeout": 20},
            "only with stopType GRACEFUL",
        ),
        (
            "OPERATE",
            {"changeStateTo": "STOPPED", "stopType": "GRACEFUL", "gracefulStopTimeout": 9},
            "9 s; the VNFD wants at least 10 s",
        ),
        ("HEAL", {"cause": "flood"}, "'flood' is none the VNFD knows; it has: fire, recreate"),
        ("HEAL", {"additionalParams": {"action": "pray"}}, "'pray' is not one of reboot, rebuild, recreate"),
        ("HEAL", {"additionalParams": {"vnfcInstanceIds": []}}, "a list of ids"),
        ("HEAL", {"additionalParams": {"vnfcInstanceIds": "id-fw-0"}}, "a list of ids"),
        (
            "HEAL",
            {"additionalParams": {"vnfcInstanceIds": ["id-fw-0", "x"]}},
            "x is no VNFC .* id-fw-0, id-fw-1",
        ),
    ],
)
def test_what_does_not_fit_is_named(kind: str, params: dict[str, Any], named: str) -> None:
    with pytest.raises(DeploymentError, match=named):
        plan(kind, params)


def test_a_graceful_stop_may_go_without_a_time() -> None:
    assert plan("OPERATE", {"changeStateTo": "STOPPED", "stopType": "GRACEFUL"})
    assert plan("OPERATE", {"changeStateTo": "STOPPED"})


def test_stopping_goes_the_other_way_round() -> None:
    stages = {
        state: {
            e.target: e.stage for e in plan("OPERATE", {"changeStateTo": state}) if e.name.endswith("vnfc")
        }
        for state in ("STARTED", "STOPPED")
    }
    assert stages["STARTED"] == {"fw-0": 1, "fw-1": 1, "mgr-0": 2}
    assert stages["STOPPED"] == {"fw-0": 2, "fw-1": 2, "mgr-0": 1}


MANAGER = {"vnfcInstanceIds": ["id-mgr-0"]}


@pytest.mark.parametrize(("state", "step"), [("STARTED", "start_vnfc"), ("STOPPED", "halt_vnfc")])
def test_only_the_vnfcs_that_are_named_are_operated(state: str, step: str) -> None:
    planned = plan("OPERATE", {"changeStateTo": state, "additionalParams": MANAGER})
    assert [entry.target for entry in planned if entry.name == step] == ["mgr-0"]


def test_no_vnfc_of_another_vnf_is_operated() -> None:
    with pytest.raises(DeploymentError, match="id-other is no VNFC of this VNF"):
        plan("OPERATE", {"changeStateTo": "STOPPED", "additionalParams": {"vnfcInstanceIds": ["id-other"]}})


CREATION = [
    "detach_volume:mgr-0/logs",
    "remove_body:mgr-0",
    "recreate_vnfc:mgr-0",
    "reattach_volume:mgr-0/logs",
]


@pytest.mark.parametrize(
    ("params", "state", "steps"),
    [
        ({"additionalParams": {**MANAGER, "action": "reboot"}}, "STARTED", ["reboot_vnfc:mgr-0"]),
        ({"additionalParams": {**MANAGER, "action": "rebuild"}}, "STARTED", ["rebuild_vnfc:mgr-0"]),
        ({"additionalParams": {**MANAGER, "action": "recreate"}}, "STARTED", CREATION),
        ({"additionalParams": MANAGER, "cause": "recreate"}, "STARTED", CREATION),
        ({"additionalParams": MANAGER, "cause": "fire"}, "STARTED", ["reboot_vnfc:mgr-0", *CREATION]),
        (
            {"additionalParams": {**MANAGER, "action": "reboot"}},
            "STOPPED",
            ["reboot_vnfc:mgr-0", "halt_vnfc:mgr-0"],
        ),
    ],
)
def test_the_ladder(params: dict[str, Any], state: str, steps: list[str]) -> None:
    frame = {"diagnose_vnfc", "request_grant", "check_plan", "check_vim", "choose_compute", "finalise_heal"}
    planned = [entry for entry in plan("HEAL", params, state) if entry.name not in frame]
    assert [entry.key for entry in planned] == steps
    assert [entry.stage for entry in planned] == sorted(entry.stage for entry in planned)


def test_a_whole_vnf_is_healed_vnfc_after_vnfc() -> None:
    planned = plan("HEAL", {"additionalParams": {"action": "rebuild"}})
    stages = [entry.stage for entry in planned if entry.name == "rebuild_vnfc"]
    assert len(stages) == len(set(stages)) == 3
