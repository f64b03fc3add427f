"""Lists over HTTP: filters, selectors and pages together, and what bad ones get (SOL013 5.2 to 5.4)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api
from tests.api.listed import INSTANCES, OPERATIONS, SNAPSHOTS, fill, follow, get, ids
from tests.fakes.domain import T0, make_instance
from vnfm.settings import Strict


@pytest.fixture(scope="module")
def small(start_api: Callable[..., Api]) -> Api:
    """An API that gives two entries at once, with what ``listed`` has."""
    api = start_api(page_size=2)
    fill(api.deps)
    return api


@pytest.fixture
def client(small: Api) -> Iterator[httpx.Client]:
    with small.client() as client:
        yield client


def test_pages_lead_to_each_other_and_then_end(client: httpx.Client) -> None:
    assert follow(client, INSTANCES) == [["i0", "i1"], ["i2", "i3"], ["i4"]]


def test_whatever_finds_them_the_order_is_that_of_the_ids(client: httpx.Client) -> None:
    assert follow(client, INSTANCES, filter="(in,vnfInstanceName,n5,n6,n7,n8)") == [
        ["i1", "i2"],
        ["i3", "i4"],
    ]


def test_a_page_that_ends_the_list_names_no_next_one(client: httpx.Client) -> None:
    filtered = "(in,id,i1,i3)"
    assert follow(client, INSTANCES, filter=filtered) == [["i1", "i3"]]


def test_the_link_is_absolute_and_brings_all_parameters(client: httpx.Client, small: Api) -> None:
    query = "filter=(cont,vnfInstanceName,n)&fields=vnfInstanceName&whatever=%3Cx%3E"
    answer = client.get(f"{INSTANCES}?{query}")
    assert answer.headers["Link"].startswith(f"<{small.url}{INSTANCES}?{query}&nextpage_opaque_marker=")
    assert answer.headers["Link"].endswith('>;rel="next"')


def test_pages_survive_that_entries_come_and_go(client: httpx.Client, small: Api) -> None:
    names = sorted(str(uuid.uuid4()) for _ in range(6))
    gone, late = names[1], names[4]
    mark = f"(eq,vnfInstanceDescription,{uuid.uuid4()})"
    description = mark.split(",")[2][:-1]
    made = {
        name: make_instance(id=name, tenant="a", description=description) for name in names if name != late
    }
    for instance in made.values():
        small.deps.instances.insert("a", instance)
    first = client.get(INSTANCES, params={"filter": mark})
    assert ids(first) == names[:2]
    small.deps.instances.delete("a", made[gone], T0)
    small.deps.instances.insert("a", replace(made[gone], id=late))
    second = client.get(first.links["next"]["url"])
    assert ids(second) == names[2:4]
    third = client.get(second.links["next"]["url"])
    assert ids(third) == names[4:]


def test_a_marker_leads_on_however_a_client_encodes_the_rest(client: httpx.Client) -> None:
    first = client.get(f"{INSTANCES}?filter=(neq,vnfInstanceName,100%)&fields=vnfInstanceName")
    marker = httpx.URL(first.links["next"]["url"]).params["nextpage_opaque_marker"]
    for same in (
        "filter=%28neq%2CvnfInstanceName%2C100%25%29&fields=vnfInstanceName",
        "fields=vnfInstanceName&filter=(neq,vnfInstanceName,100%25)&_=17",
    ):
        assert ids(client.get(f"{INSTANCES}?{same}&nextpage_opaque_marker={marker}")) == ["i2", "i3"]


def test_a_marker_of_another_list_or_none_of_ours_is_refused(client: httpx.Client, small: Api) -> None:
    url = client.get(INSTANCES).links["next"]["url"]
    marker = httpx.URL(url).params["nextpage_opaque_marker"]
    foreign = [
        (OPERATIONS, {}),
        (INSTANCES, {"filter": "(cont,id,i)"}),
        (INSTANCES, {"fields": "metadata"}),
        ("/vnflcm/v1/vnf_instances", {}),
        ("/sol002/vnflcm/v2/vnf_instances", {}),
    ]
    for path, params in foreign:
        answer = get(client, path, **params, nextpage_opaque_marker=marker)
        assert answer.status_code == 400, path
        assert "nextpage_opaque_marker" in answer.json()["detail"]
    for wrong in ("", "x", "é", marker[:-1], marker + "AAAA", "%00"):
        assert client.get(INSTANCES, params={"nextpage_opaque_marker": wrong}).status_code == 400, wrong
    with small.client("other") as other:
        assert other.get(INSTANCES, params={"nextpage_opaque_marker": marker}).status_code == 400


@pytest.mark.parametrize(
    ("filtered", "expected"),
    [
        ("(eq,vnfInstanceName,'edge, ''old'' (one)')", ["i0"]),
        ("(eq,metadata/rack~1row,7)", ["i0"]),
        ("(eq,metadata/owner/name,ops);(eq,instantiationState,INSTANTIATED)", ["i0"]),
        ("(eq,metadata/@key,owner)", ["i0"]),
        ("(eq,vimConnectionInfo/vim1/vimType,CLOUDSTACK)", ["i0"]),
        ("(eq,vimConnectionInfo/@key,vim1)", ["i0"]),
        (
            "(eq,instantiatedVnfInfo/scaleStatus/aspectId,web);(eq,instantiatedVnfInfo/scaleStatus/scaleLevel,2)",
            ["i0"],
        ),
        (
            "(eq,instantiatedVnfInfo/scaleStatus/aspectId,web);(eq,instantiatedVnfInfo/scaleStatus/scaleLevel,1)",
            [],
        ),
        ("(gt,instantiatedVnfInfo/scaleStatus/scaleLevel,1)", ["i0"]),
        ("(eq,_links/self/href,{url}/vnflcm/v2/vnf_instances/i3)", ["i3"]),
        ("(cont,_links/terminate/href,i)", ["i0", "i1"]),
        ("(eq,noSuchThing,1)", []),
        ("(neq,noSuchThing/at/all,1)", []),
    ],
)
def test_instances_are_filtered(client: httpx.Client, small: Api, filtered: str, expected: list[str]) -> None:
    assert ids(client.get(INSTANCES, params={"filter": filtered.format(url=small.url)})) == expected


@pytest.mark.parametrize(
    ("filtered", "expected"),
    [
        ("(eq,operationState,FAILED_TEMP)", ["o1", "o3"]),
        ("(eq,vnfInstanceId,i2)", ["o2"]),
        ("(gte,startTime,2026-01-02T05:04:08+02:00)", ["o3", "o4"]),
        ("(eq,startTime,2026-01-02T03:04:06Z)", ["o1"]),
        ("(eq,startTime,2026-01-02T03:04:06.000100Z)", []),
        ("(gte,startTime,2026-01-02T03:04:08.000100Z)", ["o4"]),
        ("(lt,startTime,2026-01-02T03:04:05.000100Z)", ["o0"]),
        ("(eq,changedInfo/vnfInstanceName,edge)", ["o0"]),
        ("(eq,modificationsTriggeredByVnfPkgChange/vnfdVersion,3)", ["o4"]),
        ("(eq,isCancelPending,false);(eq,operation,CHANGE_VNFPKG)", ["o4"]),
        ("(eq,isCancelPending,true)", []),
        ("(cont,_links/retry/href,o3)", ["o3"]),
        ("(eq,operationParams/flavourId,f);(eq,id,o1)", ["o1"]),
    ],
)
def test_occurrences_are_filtered(client: httpx.Client, filtered: str, expected: list[str]) -> None:
    assert ids(client.get(OPERATIONS, params={"filter": filtered})) == expected


def test_a_plus_that_the_encoding_has_eaten_is_put_back(client: httpx.Client) -> None:
    answer = client.get(f"{OPERATIONS}?filter=(gte,startTime,2026-01-02T05:04:09+02:00)")
    assert ids(answer) == ["o4"]


def test_version_1_lists_what_it_can_name(client: httpx.Client) -> None:
    pages = follow(client, "/vnflcm/v1/vnf_lcm_op_occs")
    assert pages == [["o0", "o1"], ["o2", "o3"]]


def test_version_1_is_filtered_in_its_own_shapes(client: httpx.Client) -> None:
    path = "/vnflcm/v1/vnf_instances"
    both = "(eq,vimConnectionInfo/id,vim1);(eq,vimConnectionInfo/vimType,CLOUDSTACK)"
    assert ids(get(client, path, filter=both)) == ["i0"]
    assert ids(get(client, path, filter="(eq,vnfPkgId,d1);(eq,id,i2)")) == ["i2"]
    assert get(client, path, filter="(eq,vimConnectionInfo/@key,vim1)").status_code == 400


def test_sol002_is_not_filtered_by_what_it_does_not_show(client: httpx.Client) -> None:
    path = "/sol002/vnflcm/v2/vnf_instances"
    assert ids(client.get(path, params={"filter": "(eq,vimConnectionInfo/vim1/vimType,CLOUDSTACK)"})) == []
    assert ids(client.get(path, params={"filter": "(eq,metadata/owner/name,ops)"})) == ["i0"]


def test_snapshots_are_filtered_by_the_instance_they_hold(client: httpx.Client) -> None:
    filtered = (
        "(eq,vnfSnapshot/vnfInstance/metadata/owner/name,ops);"
        "(lt,vnfSnapshot/creationStartedAt,2027-01-01T00:00:00Z)"
    )
    answer = client.get(SNAPSHOTS, params={"filter": filtered})
    assert ids(answer) == ["s0"]
    assert set(answer.json()[0]["vnfSnapshot"]) == {"id", "vnfInstanceId", "vnfdId", "creationStartedAt"}


def test_subscriptions_have_filters_and_pages_but_no_selectors(client: httpx.Client) -> None:
    path = "/vnflcm/v2/subscriptions"
    assert follow(client, path) == [["u0", "u1"], ["u3"]]
    assert ids(client.get(path, params={"filter": "(eq,filter/operationTypes,SCALE)"})) == ["u1", "u3"]
    assert client.get(f"{path}?all_fields&exclude_fields=verbosity").json() == client.get(path).json()


MANDATORY = {
    "id", "vnfdId", "vnfProvider", "vnfProductName", "vnfSoftwareVersion", "vnfdVersion",
    "instantiationState", "_links",
}  # fmt: skip
BIG = {"vimConnectionInfo", "instantiatedVnfInfo", "metadata", "extensions", "vnfConfigurableProperties"}


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("", {"vnfInstanceName"}),
        ("exclude_default", {"vnfInstanceName"}),
        ("exclude_default=", {"vnfInstanceName"}),
        ("all_fields", {"vnfInstanceName", *BIG}),
        ("all_fields=true", {"vnfInstanceName", *BIG}),
        ("fields=metadata", {"metadata"}),
        ("fields=vnfInstanceName,metadata/owner", {"vnfInstanceName", "metadata"}),
        ("fields=metadata/nothing", set()),
        ("fields=instantiatedVnfInfo&exclude_default", {"vnfInstanceName", "instantiatedVnfInfo"}),
        ("exclude_fields=metadata,vnfdId", {"vnfInstanceName", *BIG - {"metadata"}}),
    ],
)
def test_selectors_choose(client: httpx.Client, query: str, more: set[str]) -> None:
    answer = client.get(f"{INSTANCES}?filter=(eq,id,i0)&{query}")
    assert set(answer.json()[0]) == MANDATORY | more


#: What each container leaves out by default (SOL003 5.4.2.3.2, 5.4.12.3.2).
LEFT_OUT = {
    "vnf_instances": {
        "vnfConfigurableProperties", "vimConnectionInfo", "instantiatedVnfInfo", "metadata", "extensions",
    },
    "vnf_lcm_op_occs": {
        "operationParams", "error", "resourceChanges", "changedInfo", "changedExtConnectivity",
    },
}  # fmt: skip


@pytest.mark.parametrize("container", LEFT_OUT)
@pytest.mark.parametrize("root", ["/vnflcm/v1", "/vnflcm/v2", "/sol002/vnflcm/v1", "/sol002/vnflcm/v2"])
def test_defaults_leave_out_what_the_standard_says(client: httpx.Client, root: str, container: str) -> None:
    query = f"{root}/{container}?filter=(in,id,i0,o0)"
    [whole] = get(client, f"{query}&all_fields").json()
    left_out = LEFT_OUT[container] - ({"vimConnectionInfo"} if "sol002" in root else set())
    assert left_out <= whole.keys()
    for selector in ("", "&exclude_default"):
        [entry] = get(client, query + selector).json()
        assert entry == {name: value for name, value in whole.items() if name not in left_out}


@pytest.mark.parametrize(
    ("query", "metadata", "info"),
    [
        ("fields=metadata/rack~1row", {"rack/row": "7"}, None),
        ("fields=instantiatedVnfInfo/maxScaleLevels", None, {"flavourId", "vnfState"}),
        ("fields=instantiatedVnfInfo/scaleStatus", None, {"flavourId", "vnfState", "scaleStatus"}),
        (
            "exclude_fields=instantiatedVnfInfo/scaleStatus,instantiatedVnfInfo/vnfState,metadata/owner",
            {"rack/row": "7"},
            {"flavourId", "vnfState", "vnfcResourceInfo"},
        ),
    ],
)
def test_selectors_go_into_structures(
    client: httpx.Client, query: str, metadata: dict[str, str] | None, info: set[str] | None
) -> None:
    entry = client.get(f"{INSTANCES}?filter=(eq,id,i0)&{query}").json()[0]
    assert entry.get("metadata") == metadata
    assert (set(entry["instantiatedVnfInfo"]) if info else entry.get("instantiatedVnfInfo")) == info


@pytest.mark.parametrize(
    "query",
    [
        "all_fields&exclude_default",
        "all_fields&fields=metadata",
        "fields=metadata&exclude_fields=extensions",
        "exclude_default&exclude_fields=metadata",
        "fields=",
        "all_fields=perhaps",
        "filter=",
        "filter=(eq,id,1)&filter=(eq,id,2)",
        "filter=%ff",
    ],
)
def test_what_cannot_be_meant_is_refused(client: httpx.Client, query: str) -> None:
    answer = client.get(f"{INSTANCES}?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_filter_is_evaluated_before_the_selection(client: httpx.Client) -> None:
    answer = client.get(f"{INSTANCES}?filter=(eq,metadata/owner/name,ops)&exclude_fields=metadata")
    assert ids(answer) == ["i0"]
    assert "metadata" not in answer.json()[0]


@pytest.mark.parametrize(
    "path",
    [
        INSTANCES,
        OPERATIONS,
        SNAPSHOTS,
        "/vnflcm/v1/vnf_instances",
        "/sol002/vnflcm/v2/vnf_instances",
        "/sol002/vnflcm/v1/vnf_lcm_op_occs",
    ],
)
def test_a_list_shows_what_the_resource_itself_shows(client: httpx.Client, path: str) -> None:
    some = f"{path}?filter=(in,id,i0,i1,o0,o1,s0,s1)"
    for selector in ("all_fields", "fields=vnfInstanceName", "fields=instantiatedVnfInfo,vnfSnapshot"):
        entries = get(client, f"{some}&{selector}").json()
        assert len(entries) == 2
        for entry in entries:
            whole = get(client, f"{path}/{entry['id']}").json()
            names = whole if selector == "all_fields" else entry
            assert entry == {name: whole[name] for name in names}


def test_the_links_of_a_list_know_the_journal(client: httpx.Client) -> None:
    entries = {entry["id"]: entry["_links"] for page in range(2) for entry in _page(client, OPERATIONS, page)}
    assert {name for name, links in entries.items() if "rollback" in links} == {"o3"}
    assert {links["grant"]["href"] for links in entries.values()} == {"http://nfvo/grants/g"}
    for filtered, expected in (
        ("(cont,_links/rollback/href,o)", ["o3"]),
        ("(cont,_links/fail/href,o)", ["o1", "o3"]),
    ):
        assert ids(client.get(OPERATIONS, params={"filter": filtered})) == expected


def _page(client: httpx.Client, path: str, number: int) -> list[dict[str, Any]]:
    answer = client.get(path)
    for _ in range(number):
        answer = client.get(answer.links["next"]["url"])
    found: list[dict[str, Any]] = answer.json()
    return found


def test_strictly_an_unknown_attribute_is_refused(start_api: Callable[..., Api]) -> None:
    api = start_api(strict=frozenset({Strict.FILTER}))
    with api.client() as client:
        for query in ("filter=(eq,id,1);(eq,vnfdID,1)", "fields=vnfdID", "exclude_fields=metadata,_links/x"):
            answer = client.get(f"{INSTANCES}?{query}")
            assert answer.status_code == 400
            assert "character" in answer.json()["detail"]
