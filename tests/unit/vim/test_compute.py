"""Which offering and which template a VDU gets."""

from typing import Any

import pytest

from tests.unit.vim.api import FakeApi, Refusal, listing, ready
from vnfm.errors import Permanent
from vnfm.vim.cloudstack.compute import Size, best, details
from vnfm.vim.port import ComputeNeed

MIB = 1024**2


def fixed(name: str, cpus: int, memory: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"id-{name}", "name": name, "cpunumber": cpus, "memory": memory, "cpuspeed": 500,
        "iscustomized": False, "state": "Active", **more,
    }  # fmt: skip


def custom(name: str, limits: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    row = {"id": f"id-{name}", "name": name, "iscustomized": True, "state": "Active", **more}
    return row if limits is None else {**row, "serviceofferingdetails": limits}


SMALL, MEDIUM, HUGE = fixed("small", 1, 512), fixed("medium", 1, 1024), fixed("huge", 64, 65536)
LIMITS = {"mincpunumber": "1", "maxcpunumber": "4", "minmemory": "256", "maxmemory": "4096"}
CONSTRAINED = custom("constrained", LIMITS, cpuspeed=500)
OPEN = custom("open")


@pytest.mark.parametrize(
    ("rows", "size", "chosen"),
    [
        ([MEDIUM, SMALL], Size(1, 512), "small"),
        ([MEDIUM, SMALL], Size(1, 513), "medium"),
        ([HUGE, MEDIUM, SMALL], Size(2, 512), "huge"),
        # Exactly the size beats custom, custom beats too large.
        ([CONSTRAINED, SMALL], Size(1, 512), "small"),
        ([CONSTRAINED, MEDIUM], Size(1, 512), "constrained"),
        ([OPEN, CONSTRAINED], Size(2, 1024), "constrained"),
        ([OPEN, CONSTRAINED], Size(8, 1024), "open"),
        ([HUGE, CONSTRAINED], Size(8, 1024), "huge"),
        # What a custom offering fixes itself must be large enough.
        ([custom("half", {}, cpunumber=2), HUGE], Size(4, 512), "huge"),
        ([custom("half", {}, cpunumber=4), HUGE], Size(4, 512), "half"),
        # Ties: fewer CPUs, then less memory, then lower speed, then name.
        ([fixed("b", 2, 1024), fixed("a", 4, 512)], Size(1, 300), "b"),
        ([fixed("b", 1, 512), fixed("a", 1, 512)], Size(1, 512), "a"),
        ([fixed("b", 1, 512), fixed("a", 1, 512, cpuspeed=900)], Size(1, 512), "b"),
        # Never unasked: GPU, volatile, a strict root disk of another size.
        ([fixed("gpu", 1, 512, gpucardid="g"), MEDIUM], Size(1, 512), "medium"),
        ([fixed("vol", 1, 512, isvolatile=True), MEDIUM], Size(1, 512), "medium"),
        (
            [fixed("st", 1, 512, diskofferingstrictness=True, rootdisksize=8), MEDIUM],
            Size(1, 512, 9),
            "medium",
        ),
        ([fixed("st", 1, 512, diskofferingstrictness=True, rootdisksize=9), MEDIUM], Size(1, 512, 9), "st"),
    ],
)
def test_best_fit(rows: list[dict[str, Any]], size: Size, chosen: str) -> None:
    assert best(rows, size)["name"] == chosen
    assert best(rows[::-1], size)["name"] == chosen


def test_nothing_fits_and_it_says_what_there_is() -> None:
    with pytest.raises(Permanent, match=r"64 CPU and 999999 MiB.*maxcpunumber 4.*'medium"):
        best([MEDIUM, CONSTRAINED], Size(64, 999_999), "v")


@pytest.mark.parametrize(
    ("row", "speed", "told"),
    [
        (SMALL, 700, {}),
        (CONSTRAINED, 700, {"cpuNumber": "2", "memory": "512"}),
        (OPEN, 700, {"cpuNumber": "2", "cpuSpeed": "700", "memory": "512"}),
        (OPEN, None, {"cpuNumber": "2", "cpuSpeed": "1000", "memory": "512"}),
        (custom("half", cpunumber=4, cpuspeed=1), None, {"memory": "512"}),
    ],
)
def test_a_custom_offering_is_told_what_it_leaves_open(
    row: dict[str, Any], speed: int | None, told: dict[str, str]
) -> None:
    assert details(row, Size(2, 512), speed) == told


IMAGE = {"id": "t-1", "name": "router-1.0", "isready": True, "zoneid": "zone-1", "templatetype": "USER"}


def need(**changes: Any) -> ComputeNeed:
    given = {"vdu": "vdu1", "cpus": 1, "memory": 512 * MIB, "image_name": "router", "image_version": "1.0"}
    return ComputeNeed(**{**given, **changes})


def cloud(*templates: dict[str, Any]) -> FakeApi:
    rows = [SMALL, MEDIUM, CONSTRAINED, fixed("old", 1, 512, state="Inactive")]
    api = ready().on("listServiceOfferings", listing("serviceoffering", *rows))
    return api.on("listTemplates", listing("template", *(templates or (IMAGE,))))


def test_512_mib_fit_into_512_mib() -> None:
    choice = cloud().connect().choose_compute(need())
    assert (choice.flavour_name, choice.image_id, dict(choice.details)) == ("small", "t-1", {})
    assert cloud().connect().choose_compute(need(memory=512 * MIB + 1)).details["memory"] == "513"


@pytest.mark.parametrize(
    ("root_disk", "image", "offering", "bytes_taken"),
    [
        (None, {"size": 2 * 1024**3}, {}, 2 * 1024**3),
        (None, {"size": 2 * 1024**3}, {"rootdisksize": 8}, 8 * 1024**3),
        (3 * 1024**3 + 1, {"size": 2 * 1024**3}, {}, 4 * 1024**3),
        (None, {}, {"rootdisksize": 0}, 0),
    ],
)
def test_the_choice_tells_what_it_takes(
    root_disk: int | None, image: dict[str, Any], offering: dict[str, Any], bytes_taken: int
) -> None:
    api = cloud({**IMAGE, **image}).on(
        "listServiceOfferings", listing("serviceoffering", {**SMALL, **offering})
    )
    choice = api.connect().choose_compute(need(root_disk=root_disk))
    assert (choice.cpus, choice.memory, choice.root_disk) == (1, 512 * MIB, bytes_taken)


@pytest.mark.parametrize(
    ("tags", "asset", "chosen"),
    [((), None, "small"), (("ssd",), None, "fast"), (("gold",), "id-small", "small")],
)
def test_the_root_disk_lies_on_the_storage_that_is_tagged_so(
    tags: tuple[str, ...], asset: str | None, chosen: str
) -> None:
    rows = [SMALL, fixed("fast", 2, 2048, storagetags="ssd,nvme")]
    api = cloud().on("listServiceOfferings", listing("serviceoffering", *rows))
    choice = api.connect().choose_compute(need(storage_tags=tags, flavour_asset=asset))
    assert choice.flavour_name == chosen


def test_what_was_missing_a_moment_ago_is_looked_for_again() -> None:
    gold = fixed("gold", 2, 2048, storagetags="gold")
    none, one = listing("serviceoffering", SMALL), listing("serviceoffering", SMALL, gold)
    api = cloud().on("listServiceOfferings", none, one)
    vim, wanted = api.connect(), need(storage_tags=["gold"])
    with pytest.raises(Permanent):
        vim.choose_compute(wanted)
    assert api.count("listServiceOfferings") == 1, "a refusal on a fresh look is final"
    api.now += 1
    assert vim.choose_compute(wanted).flavour_name == "gold"


def test_no_service_offering_is_of_such_storage() -> None:
    with pytest.raises(Permanent, match="No service offering for VDU 'vdu1' is of storage tagged gold"):
        cloud().connect().choose_compute(need(storage_tags=["gold"]))


def test_a_custom_choice_takes_what_it_tells() -> None:
    choice = cloud().connect().choose_compute(need(cpus=2, memory=700 * MIB))
    assert (choice.cpus, choice.memory) == (2, 700 * MIB)


@pytest.mark.parametrize(
    ("asset", "mapped", "chosen"),
    [
        ("id-medium", {"vdu1": "small"}, "medium"),
        (None, {"vdu1": "medium", "vdu2": "small"}, "medium"),
        (None, {"vdu2": "medium"}, "small"),
    ],
)
def test_the_grant_comes_before_the_map(asset: str | None, mapped: dict[str, str], chosen: str) -> None:
    vim = cloud().connect(serviceOfferings=mapped)
    assert vim.choose_compute(need(flavour_asset=asset)).flavour_name == chosen


def test_an_asset_that_is_not_there_or_not_active_is_named() -> None:
    with pytest.raises(Permanent, match="no service offering 'old'; there is 'constrained'"):
        cloud().connect().choose_compute(need(flavour_asset="old"))
    with pytest.raises(Permanent, match="does not admit 9 CPU"):
        cloud().connect().choose_compute(need(flavour_asset="constrained", cpus=9))


@pytest.mark.parametrize(
    ("templates", "changes", "extra", "chosen"),
    [
        (["router-1.0", "router"], {}, {}, "router-1.0"),
        (["router 1.0", "router"], {}, {}, "router 1.0"),
        (["router_1.0"], {}, {}, "router_1.0"),
        (["router", "router-2.0"], {}, {}, "router"),
        (["router"], {"image_version": None}, {}, "router"),
        (["a", "b"], {"image_asset": "id-b"}, {}, "b"),
        (["a", "b"], {"image_asset": "b"}, {}, "b"),
        (["a", "b"], {}, {"templates": {"router": "id-a"}}, "a"),
        (["a", "b"], {"image_name": None}, {"templates": {"vdu1": "b"}}, "b"),
        (["a", "b"], {}, {}, "error: no template 'router-1.0' or .* there is 'a', 'b'"),
        (["a"], {"image_asset": "x"}, {}, "error: no template x"),
        (["a"], {"image_name": None}, {}, "error: names no software image"),
    ],
)
def test_template(templates: list[str], changes: dict[str, Any], extra: dict[str, Any], chosen: str) -> None:
    rows = [{**IMAGE, "id": f"id-{name}", "name": name} for name in templates]
    vim = cloud(*rows).connect(**extra)
    if chosen.startswith("error: "):
        with pytest.raises(Permanent, match=chosen[7:]):
            vim.choose_compute(need(**changes))
    else:
        assert vim.choose_compute(need(**changes)).image_name == chosen


def test_a_template_must_be_ready_and_unique() -> None:
    waiting = {**IMAGE, "isready": False, "status": "40% Downloaded"}
    with pytest.raises(Permanent, match=r"not ready in the zone \(40% Downloaded"):
        cloud(waiting).connect().choose_compute(need())
    with pytest.raises(Permanent, match=r"more than one template 'router-1\.0' \(t-1, t-2"):
        cloud(IMAGE, {**IMAGE, "id": "t-2"}).connect().choose_compute(need())
    assert cloud(waiting, {**IMAGE, "id": "t-2"}).connect().choose_compute(need()).image_id == "t-2"


def test_more_filters_are_asked_until_it_is_found() -> None:
    def listed(params: Any) -> Any:
        return listing("template", IMAGE) if params["templatefilter"] == "community" else {}

    api = cloud().on("listTemplates", listed)
    assert api.connect().choose_compute(need()).image_id == "t-1"
    assert [p["templatefilter"] for c, p in api.calls if c == "listTemplates"] == [
        "executable",
        "self",
        "sharedexecutable",
        "community",
    ]


def test_a_filter_that_is_refused_is_passed_over() -> None:
    api = cloud().on("listTemplates", Refusal(431, "no such filter"), listing("template", IMAGE))
    assert api.connect().choose_compute(need()).image_id == "t-1"


NICS = [
    {"deviceid": 0, "name": "mgmt", "required": True},
    {"deviceid": 1, "name": "wan"},
    {"deviceid": 2, "name": "lan", "required": False},
]


def test_a_vnf_template_says_how_many_networks_it_demands() -> None:
    vnf = {**IMAGE, "templatetype": "VNF", "vnfnics": NICS}
    assert cloud(vnf).connect().choose_compute(need()).required_nics == 2


def test_the_nics_of_a_vnf_template_are_asked_for_if_missing() -> None:
    vnf = {**IMAGE, "templatetype": "VNF"}
    api = cloud(vnf).on("listVnfTemplates", listing("template", {**vnf, "vnfnics": NICS}))
    assert api.connect().choose_compute(need()).required_nics == 2
    assert cloud(vnf).on("listVnfTemplates", Refusal(401)).connect().choose_compute(need()).required_nics == 0
