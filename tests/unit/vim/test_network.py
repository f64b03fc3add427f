"""Networks: offerings, addresses, checks."""

from typing import Any

import pytest

from tests.unit.vim.api import UNKNOWN, ZONE, FakeApi, Refusal, listing, ready
from vnfm.errors import Permanent
from vnfm.vim.port import Finished, Kind, NetworkSpec, Scope, Trace

SOURCE_NAT = [{"name": "SourceNat"}, {"name": "UserData"}]


def offering(name: str, kind: str = "Isolated", **more: Any) -> dict[str, Any]:
    given = {"id": f"id-{name}", "name": name, "guestiptype": kind, "availability": "Optional"}
    services = SOURCE_NAT if kind == "Isolated" else []
    usual = {"isdefault": True, "specifyvlan": False, "ispersistent": False, "service": services}
    return {**given, **usual, **more}


ISOLATED = offering("isolated", availability="Required")
L2 = offering("DefaultL2NetworkOffering", "L2")


def cloud(*rows: dict[str, Any]) -> FakeApi:
    api = ready().on("listNetworkOfferings", listing("networkoffering", *(rows or (ISOLATED,))))
    return api.on("createNetwork", {"network": {"id": "n-1", "name": "vl"}})


def spec(**changes: Any) -> NetworkSpec:
    return NetworkSpec(**{"name": "vl", "display_name": "VL one", "layer2": False, **changes})


def test_a_network_is_there_at_once_with_gateway_and_netmask() -> None:
    api = cloud()
    assert api.connect().create_network(spec(cidr="10.9.0.0/20", mtu=1400)) == Finished("n-1")
    assert api.sent("createNetwork") == {
        "name": "vl",
        "displaytext": "VL one",
        "networkofferingid": "id-isolated",
        "zoneid": "zone-1",
        "gateway": "10.9.0.1",
        "netmask": "255.255.240.0",
    }


def test_the_mtu_is_sent_where_the_zone_lets_users_choose() -> None:
    api = cloud().on("listZones", listing("zone", {**ZONE, "allowuserspecifyvrmtu": True}))
    api.connect().create_network(spec(mtu=1400))
    assert api.sent("createNetwork")["privatemtu"] == "1400"


def test_layer_2_has_no_addresses() -> None:
    api = cloud(L2)
    api.connect().create_network(spec(layer2=True, cidr="10.9.0.0/24"))
    assert "gateway" not in api.sent("createNetwork")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"cidr": "10.9.0.0/33"}, "malformed"),
        ({"cidr": "nonsense"}, "malformed"),
        ({"cidr": "2001:db8::/64"}, "IPv4"),
        ({"cidr": "10.9.0.0/31"}, "/30 or larger"),
        ({"cidr": "10.9.0.0/24", "gateway": "10.8.0.1"}, "is not in 10.9.0.0/24"),
    ],
)
def test_bad_addresses_are_refused_here(changes: dict[str, str], text: str) -> None:
    with pytest.raises(Permanent, match=text):
        cloud().connect().create_network(spec(**changes))


@pytest.mark.parametrize(
    ("rows", "chosen"),
    [
        ([offering("a"), ISOLATED], "isolated"),
        ([offering("a", isdefault=False), offering("b")], "b"),
        ([offering("a", ispersistent=True), offering("b", isdefault=False)], "b"),
        ([offering("a", ispersistent=True)], "a"),
        ([offering("nsx", fornsx=True), offering("b")], "b"),
        ([offering("vlan", specifyvlan=True), offering("b")], "b"),
        ([offering("plain", service=[]), offering("b")], "b"),
    ],
)
def test_the_default_offering_is_discovered(rows: list[dict[str, Any]], chosen: str) -> None:
    api = cloud(*rows)
    api.connect().create_network(spec())
    assert api.sent("createNetwork")["networkofferingid"] == f"id-{chosen}"
    assert api.sent("listNetworkOfferings")["guestiptype"] == "Isolated"


def test_the_plain_l2_offering_comes_before_the_one_with_config_drive() -> None:
    drive = offering("ConfigDrive", "L2", service=[{"name": "UserData"}])
    vlan = offering("AVlan", "L2", specifyvlan=True)
    api = cloud(vlan, drive, L2)
    api.connect().create_network(spec(layer2=True))
    assert api.sent("createNetwork")["networkofferingid"] == "id-DefaultL2NetworkOffering"


def test_an_offering_can_be_named() -> None:
    other = offering("other", isdefault=False)
    for extra, changes in (({"networkOffering": "other"}, {}), ({}, {"offering": "id-other"})):
        api = cloud(ISOLATED, other)
        api.connect(**extra).create_network(spec(**changes))
        assert api.sent("createNetwork")["networkofferingid"] == "id-other"
    with pytest.raises(Permanent, match="no network offering of type L2 'x'"):
        cloud(L2).connect(l2NetworkOffering="x").create_network(spec(layer2=True))
    with pytest.raises(Permanent, match="No network offering of type Isolated"):
        cloud(offering("v", specifyvlan=True)).connect().create_network(spec())


def test_only_exact_names_are_ours_oldest_first() -> None:
    rows = [
        {"id": "3", "name": "vl-2", "created": "2026-11-22T14:00:00+0000"},
        {"id": "2", "name": "vl", "created": "2026-11-22T14:09:00+0000"},
        {"id": "1", "name": "vl", "created": "2026-11-22T14:08:00+0000"},
    ]
    assert cloud().on("listNetworks", listing("network", *rows)).connect().find(
        Trace(Kind.NETWORK, "vl")
    ) == ["1", "2"]


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (listing("network", {"id": "n", "name": "ext", "zoneid": "zone-1", "state": "Setup"}), "ext"),
        (
            listing("network", {"id": "n", "name": "e", "zoneid": "zone-2", "zonename": "Z2"}),
            "is in zone 'Z2'",
        ),
        (listing("network", {"id": "n", "name": "e", "state": "Destroy"}), "state Destroy"),
        ({}, "no network 'n'"),
        (UNKNOWN, "no network 'n'"),
        (Refusal(431, "the page is too large"), "the page is too large"),
    ],
)
def test_an_existing_network_is_checked(answer: Any, result: str) -> None:
    vim = cloud().on("listNetworks", answer).connect()
    if result == "ext":
        assert vim.check_network("n") == "ext"
    else:
        with pytest.raises(Permanent, match=result):
            vim.check_network("n")


def test_a_project_may_use_a_network_that_is_not_its_own() -> None:
    shared = {"id": "n", "name": "shared"}
    api = cloud().on("listProjects", listing("project", {"id": "p", "name": "p", "state": "Active"}))
    api.on("listNetworks", {}, listing("network", shared))
    assert api.connect(Scope(project="p")).check_network("n") == "shared"
    asked = [params.get("projectid") for name, params in api.calls if name == "listNetworks"]
    assert asked == ["p", None]
