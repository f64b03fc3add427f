"""What INSTANTIATE came to, from a journal by hand: judged by the schemas the API answers with."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema_rs import Draft4Validator

from tests.fakes.domain import make_instance
from tests.unit.domain.build import make_flavour, make_vnfd, outside
from tests.unit.lcm.stand import context, done, journal
from vnfm import wire
from vnfm.api import specs
from vnfm.domain.deployment import lay_out
from vnfm.domain.instance import InstantiationState
from vnfm.domain.lcmrules import OperationsConfiguration
from vnfm.domain.operation import StepState
from vnfm.domain.vnfd import AffinityRule
from vnfm.lcm import inventory
from vnfm.lcm.changes import summarise
from vnfm.lcm.context import Context
from vnfm.lcm.steps.finalise import FinaliseInstantiate
from vnfm.wire.links import Links

GRANT = {"id": "g1", "vimConnectionInfo": {"cloud": {"vimType": "CLOUDSTACK"}}}


def check(schema: str, document: Any) -> None:
    """Valid by the named schema of our specification."""
    spec = specs.load_all()["sol003-vnflcm-v2.yaml"]
    whole = {"$ref": f"#/components/schemas/{schema}", "components": spec["components"]}
    assert [f"{e.instance_path}: {e.message}" for e in Draft4Validator(whole).iter_errors(document)] == []


def made(*left_out: str) -> Context:
    """The context after all steps but those left out; VNFCs have a NIC per CP."""
    instance = make_instance(name="edge")
    params = outside({})
    blank = context(journal(params=params), instance)
    plan = lay_out(blank.op.id, blank.vnfd, params, "edge", final=True)
    steps = [
        done("request_grant", stage=-2, grant=GRANT),
        done("check_plan", stage=-1, vimConnectionId="cloud"),
        done("check_vim", zone_id="zone-1"),
        done("create_network", "int", 2, id="net-int"),
        done("create_group", "apart", 2, id="group-1"),
    ]
    for vnfc in plan.vnfcs:
        nics = [
            {
                "id": f"nic-{vnfc.key}-{index}",
                "networkId": "n",
                "networkName": "n",
                "macAddress": f"02:00:00:00:00:0{index}",
                "address": "10.0.0.5" if index else None,
            }
            for index, _ in enumerate(vnfc.cps)
        ]
        steps.append(done("deploy_vnfc", vnfc.key, 4, id=f"vm-{vnfc.key}", nics=nics, twins=[]))
        steps += [done("add_volume", disk.key, 5, id=f"vol-{disk.key}") for disk in vnfc.storages]
    for step in steps:
        if step.key in left_out:
            step.state, step.result = StepState.FAILED, {}
    blank.op.steps = steps
    return context(blank.op, instance)


def test_the_instance_is_as_the_specification_says() -> None:
    ctx = made()
    info = inventory.instantiated_vnf_info(ctx)
    instance = make_instance(
        state=InstantiationState.INSTANTIATED,
        instantiated_vnf_info=info,
        vim_connection_info=ctx.connection_info(),
    )
    check("VnfInstance", wire.instance.complete(instance, Links("http://x")))
    assert [item["computeResource"]["resourceId"] for item in info["vnfcResourceInfo"]] == [
        "vm-fw-0",
        "vm-fw-1",
        "vm-mgr-0",
    ]
    assert info["vnfcResourceInfo"][2]["storageResourceIds"] == [info["virtualStorageResourceInfo"][0]["id"]]
    (link,) = info["vnfVirtualLinkResourceInfo"]
    assert {
        item["zoneId"] for item in [*info["vnfcResourceInfo"], *info["virtualStorageResourceInfo"], link]
    } == {ctx.result("check_vim")["zone_id"]}
    assert [port["resourceHandle"]["resourceId"] for port in link["vnfLinkPorts"]] == [
        "nic-fw-0-1",
        "nic-fw-1-1",
        "nic-mgr-0-0",
    ]
    assert info["scaleStatus"] == [{"aspectId": "size", "scaleLevel": 0}]
    assert {cp["extLinkPortId"] for cp in info["extCpInfo"]} == {
        port["id"] for port in info["extVirtualLinkInfo"][0]["extLinkPorts"]
    }


@pytest.mark.parametrize(
    ("left_out", "vnfcs", "disks"),
    [((), 3, 1), (("add_volume:mgr-0/logs",), 3, 0), (("deploy_vnfc:fw-1", "add_volume:mgr-0/logs"), 2, 0)],
)
def test_the_occurrence_tells_partial_work_too(left_out: tuple[str, ...], vnfcs: int, disks: int) -> None:
    ctx = made(*left_out)
    for name, value in summarise(ctx).items():
        setattr(ctx.op, name, value)
    check("VnfLcmOpOcc", wire.operation.complete(ctx.op, Links("http://x")))
    changes = ctx.op.resource_changes
    assert len(changes["affectedVnfcs"]) == vnfcs
    assert len(changes.get("affectedVirtualStorages", [])) == disks
    assert [item["changeType"] for item in changes["affectedVirtualLinks"]] == ["ADDED", "LINK_PORT_ADDED"]


def test_the_instance_knows_what_its_flavour_rules_out() -> None:
    rules = OperationsConfiguration(unsupported=("scale", "change_ext_connectivity"))
    ctx = made()
    ctx.vnfd = make_vnfd(make_flavour(operations=rules))
    assert FinaliseInstantiate().changes(ctx, "")["ruled_out"] == ["SCALE", "CHANGE_EXT_CONN"]


def test_the_inventory_has_everything_that_was_made() -> None:
    found = {f"{item['kind']}/{item['id']}" for item in inventory.resources(made().op)}
    assert found == {
        "NETWORK/net-int",
        "AFFINITY_GROUP/group-1",
        "SERVER/vm-fw-0",
        "SERVER/vm-fw-1",
        "SERVER/vm-mgr-0",
        "VOLUME/vol-mgr-0/logs",
    }


def test_living_twins_are_told_of_and_go_with_the_rest() -> None:
    ctx = made()
    entry = ctx.op.step("deploy_vnfc:fw-0")
    entry.result = {**entry.result, "twins": ["vm-twin"]}
    (warning,) = summarise(ctx)["warnings"]
    assert "fw-0" in warning
    assert "vm-twin" in warning
    assert ("SERVER", "vm-twin") in [(item["kind"], item["id"]) for item in inventory.resources(ctx.op)]


def test_placement_rules_that_nothing_sees_to_are_told() -> None:
    rules = (
        AffinityRule("near", False, "zone", ("fw", "mgr")),
        AffinityRule("apart", True, "nfvi_node", ("fw",)),
        AffinityRule("far", True, "zone", ("fw", "mgr")),
        AffinityRule("wired", False, "network_link_and_node", ("fw", "mgr")),
    )
    ctx = made()
    ctx.vnfd = make_vnfd(make_flavour(affinity_rules=rules))
    first, second = summarise(ctx)["warnings"]
    assert first.startswith("anti-affinity rule far is not enforced")
    assert second.startswith("affinity rule wired is not enforced")
