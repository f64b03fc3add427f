"""Sockets of a VNFC that stays, before and after its VDU's connection points have changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.domain.build import cp, make_flavour
from tests.unit.lcm.stand import standing
from vnfm.domain import standing as reading
from vnfm.domain.deployment import CpInstance
from vnfm.domain.outside import DeploymentError, Outside
from vnfm.domain.replugging import Plugs, legs, plug
from vnfm.domain.vnfd import ConnectionPoint, Flavour

OLD = make_flavour()
INSIDE, OUTSIDE = OLD.vdus["fw"].connection_points
NETWORKS = {
    ("internal", "int"): "net-int",
    ("internal", "sync"): "of link 'sync'",
    ("external", "vl-1"): "net-1",
}


def with_points(*points: ConnectionPoint) -> Flavour:
    firewall = replace(OLD.vdus["fw"], connection_points=points)
    return replace(OLD, id="next", vdus={**OLD.vdus, "fw": firewall})


def network(cp: CpInstance) -> str:
    return NETWORKS[cp.network]


def plugs(*points: ConnectionPoint) -> Plugs:
    instance, new = standing(), with_points(*points)
    known = new.external_cps()
    links = reading.ext_virtual_links(instance)
    links = [{**link, "extCps": [one for one in link["extCps"] if one["cpdId"] in known]} for link in links]
    vnfc = reading.vnfc(instance, "fw-1")
    return plug("o1", instance, (OLD, new), vnfc, Outside(new, links, final=True), network)


def nics(found: Plugs) -> tuple[list[str | None], list[str | None]]:
    return [socket.nic for socket in found.before], [socket.nic for socket in found.after]


def test_nothing_changes() -> None:
    renumbered = with_points(replace(OUTSIDE, order=4), replace(INSIDE, order=7))
    assert legs(OLD.vdus["fw"]) == legs(renumbered.vdus["fw"])
    assert nics(plugs(INSIDE, OUTSIDE)) == (["nic-out-1", "nic-in-1"], ["nic-out-1", "nic-in-1"])


def test_one_more() -> None:
    found = plugs(INSIDE, OUTSIDE, cp("fw_sync", "fw", 2, "sync", fixed_addresses=("10.1.0.4", "10.1.0.5")))
    assert nics(found)[1] == ["nic-out-1", "nic-in-1", None]
    new = found.after[-1]
    assert (new.network, new.address, new.fixed) == ("of link 'sync'", "10.1.0.5", True)
    assert found.new[new.cp].cpd.id == "fw_sync"


def test_one_less_and_another_order() -> None:
    assert nics(plugs(INSIDE))[1] == ["nic-in-1"]
    assert nics(plugs(replace(INSIDE, order=0), replace(OUTSIDE, order=1)))[1] == ["nic-in-1", "nic-out-1"]


def test_one_that_hangs_elsewhere_is_another_one() -> None:
    found = plugs(replace(INSIDE, virtual_link="sync"), OUTSIDE)
    assert nics(found)[1] == ["nic-out-1", None]
    assert found.after[1].cp not in {socket.cp for socket in found.before}


@pytest.mark.parametrize(
    ("points", "named"),
    [
        ((), "VDU 'fw' would be left without any connection point"),
        ((INSIDE, cp("twin", "fw", 3, "int")), "CP 'twin' of VDU 'fw' would be beside another NIC"),
        ((cp("other", "fw", 0),), "external CP 'other' of VDU 'fw' is left unconnected"),
    ],
    ids=["none left", "same network", "left open"],
)
def test_what_cloudstack_cannot_do(points: tuple[ConnectionPoint, ...], named: str) -> None:
    with pytest.raises(DeploymentError, match=named):
        plugs(*points)


def test_the_only_nic_is_not_replaced_in_its_own_network() -> None:
    alone = replace(OLD, vdus={**OLD.vdus, "fw": replace(OLD.vdus["fw"], connection_points=(OUTSIDE,))})
    instance, new = standing(), with_points(cp("fw_new", "fw", 0))
    links = [{"id": "vl-1", "resourceId": "net-1", "extCps": [{"cpdId": "fw_new", "cpConfig": {}}]}]
    vnfc = reading.vnfc(instance, "fw-0")
    with pytest.raises(DeploymentError, match="CP 'fw_new' of VDU 'fw' would replace the only NIC"):
        plug("o1", instance, (alone, new), vnfc, Outside(new, links, final=True), network)
