"""The journal each operation begins with, per sample package: what is here is what an operator will see."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from tests.fakes.domain import make_instance
from vnfm.domain.instance import InstantiationState
from vnfm.domain.operation import OperationType, StepEntry, StepState
from vnfm.domain.outside import DeploymentError
from vnfm.domain.vnfd import Vnfd
from vnfm.lcm.plans import PLANS
from vnfm.lcm.steps import STEPS
from vnfm.sandbox.packages import build_sample
from vnfm.vnfd import read_package

BEGIN = ["-2 request_grant", "-1 check_plan", "0 check_vim"]
#: Of an operation that makes something.
LOOK = [*BEGIN, "1 check_networks"]


@cache
def vnfd(sample: str) -> Vnfd:
    return read_package(build_sample(sample)).vnfd


def links(*cpds: str) -> list[dict[str, Any]]:
    return [{"id": f"vl-{c}", "resourceId": f"n-{c}", "extCps": [{"cpdId": c, "cpConfig": {}}]} for c in cpds]


def lines(steps: list[StepEntry]) -> list[str]:
    assert {step.state for step in steps} == {StepState.PENDING}
    assert {step.name for step in steps} <= set(STEPS)
    assert len({step.key for step in steps}) == len(steps)
    return [f"{step.stage} {step.key}" for step in steps]


def instantiate(sample: str, **params: Any) -> list[str]:
    _, planner = PLANS[OperationType.INSTANTIATE]
    return lines(planner("op-1", make_instance(name="t"), vnfd(sample), params))


@pytest.mark.parametrize(
    ("sample", "params", "rest"),
    [
        (
            "haproxy-lb",
            {"flavourId": "simple", "extVirtualLinks": links("lb_ext")},
            [
                "1 choose_compute:haproxy",
                "2 check_room",
                "5 deploy_vnfc:haproxy-0",
                "7 finalise_instantiate",
            ],
        ),
        (
            "vyos-router",
            {"flavourId": "simple", "extVirtualLinks": links("mgmt", "ext_left", "ext_right")},
            [
                "1 choose_compute:router",
                "2 check_room",
                "5 deploy_vnfc:router-0",
                "7 finalise_instantiate",
            ],
        ),
        (
            "edge-firewall",
            {"flavourId": "pair", "extVirtualLinks": links("fw_outside", "fw_inside", "fw_mgmt")},
            [
                "1 choose_compute:firewall",
                "1 choose_compute:fw_manager",
                "2 check_room",
                "3 create_network:internal_vl",
                "3 create_group:apart",
                "4 deploy_vnfc:fw_manager-0",
                "5 deploy_vnfc:firewall-0",
                "5 deploy_vnfc:firewall-1",
                "6 add_volume:fw_manager-0/fw_logs",
                "7 finalise_instantiate",
            ],
        ),
        (
            "web-tier",
            {
                "flavourId": "basic",
                "instantiationLevelId": "medium",
                "extVirtualLinks": links("web_ext"),
                "extManagedVirtualLinks": [
                    {"id": "m", "vnfVirtualLinkDescId": "backend_vl", "resourceId": "n-m"}
                ],
            },
            [
                "1 choose_compute:web",
                "1 choose_compute:worker",
                "2 check_room",
                "5 deploy_vnfc:web-0",
                "5 deploy_vnfc:web-1",
                "5 deploy_vnfc:web-2",
                "5 deploy_vnfc:worker-0",
                "5 deploy_vnfc:worker-1",
                "7 finalise_instantiate",
            ],
        ),
    ],
)
def test_instantiate(sample: str, params: dict[str, Any], rest: list[str]) -> None:
    assert instantiate(sample, **params) == LOOK + rest


def test_links_may_come_with_the_grant_but_then_all_of_them() -> None:
    assert instantiate("edge-firewall", flavourId="pair")[:4] == LOOK
    with pytest.raises(DeploymentError, match="left unconnected"):
        instantiate("edge-firewall", flavourId="pair", extVirtualLinks=links("fw_outside"))


RESOURCES = [
    {"kind": "NETWORK", "id": "n1", "target": "internal_vl"},
    {"kind": "AFFINITY_GROUP", "id": "g1", "target": "apart"},
    {"kind": "SERVER", "id": "s1", "target": "fw-0"},
    {"kind": "SERVER", "id": "s2", "target": "fw-1"},
    {"kind": "VOLUME", "id": "v1", "target": "fw-0/logs"},
]


def terminate(*resources: dict[str, Any], **params: Any) -> list[str]:
    instance = make_instance(state=InstantiationState.INSTANTIATED, resources=list(resources))
    _, planner = PLANS[OperationType.TERMINATE]
    return lines(planner("op-1", instance, vnfd("edge-firewall"), params))


def test_terminate_removes_in_the_order_the_vim_lets_go() -> None:
    found = terminate(*RESOURCES, terminationType="FORCEFUL")
    assert sorted(found, key=lambda line: int(line.split()[0])) == [
        *BEGIN,
        "2 remove:SERVER/s1",
        "2 remove:SERVER/s2",
        "3 remove:VOLUME/v1",
        "4 remove:NETWORK/n1",
        "4 remove:AFFINITY_GROUP/g1",
        "5 finalise_terminate",
    ]


def test_a_graceful_terminate_stops_the_servers_first() -> None:
    forceful, graceful = (terminate(*RESOURCES, terminationType=how) for how in ("FORCEFUL", "GRACEFUL"))
    assert set(graceful) - set(forceful) == {"1 stop_vnfc:s1", "1 stop_vnfc:s2"}


def test_terminate_looks_for_what_nobody_could_see() -> None:
    perhaps = [
        {"kind": "UNSEEN", "id": f"{kind}/{name}", "target": "fw-0"}
        for kind, name in (
            ("NETWORK", "/inner"),
            ("SERVER", "/fw-0"),
            ("SNAPSHOT", "vm-1/it"),
            ("SERVER", "/fw-0"),
        )
    ]
    found = terminate(*perhaps, terminationType="GRACEFUL")
    assert found == [
        *BEGIN,
        "4 remove_unseen:NETWORK//inner",
        "2 remove_unseen:SERVER//fw-0",
        "5 finalise_terminate",
    ]


def test_terminate_of_what_has_nothing() -> None:
    assert terminate(terminationType="GRACEFUL") == [*BEGIN, "5 finalise_terminate"]


def test_every_operation_that_is_served_has_a_plan() -> None:
    assert set(PLANS) <= set(OperationType)
    assert all(version >= 1 for version, _ in PLANS.values())
