"""Connection, zone, project, owner and rights."""

from typing import Any

import pytest

from tests.unit.vim.api import ZONE, FakeApi, Refusal, listing, ready
from vnfm.errors import Permanent
from vnfm.outbound import Outbound
from vnfm.vim.cloudstack import connect, settings
from vnfm.vim.port import Scope, Vim, VimConnection


def connection(**changes: Any) -> VimConnection:
    given = {
        "interface": {"endpoint": "http://h:8080/client/api"},
        "access": {"apiKey": "k", "secretKey": "s"},
        **changes,
    }
    return VimConnection(id="vim-7", vim_type="CLOUDSTACK", **given)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"interface": {}}, "'vim-7' lacks interfaceInfo.endpoint"),
        ({"access": {"secretKey": "s"}}, "'vim-7' lacks accessInfo.apiKey"),
        ({"access": {"apiKey": "k", "secretKey": ""}}, "'vim-7' lacks accessInfo.secretKey"),
        ({"extra": {"zone": 7}}, "'zone' of the VIM connection must be a string"),
        ({"extra": {"templates": ["x"]}}, "'templates' of the VIM connection must map"),
        ({"extra": {"cpuSpeed": "fast"}}, "'cpuSpeed' of the VIM connection must be a whole number"),
    ],
)
def test_what_a_connection_lacks_is_said(changes: dict[str, Any], missing: str) -> None:
    with pytest.raises(Permanent, match=missing):
        connect(connection(**changes), Scope(), Outbound().line)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://h:8080", "http://h:8080/client/api"),
        ("http://h:8080/", "http://h:8080/client/api"),
        ("https://h/client/", "https://h/client/api"),
        ("https://h/client/api", "https://h/client/api"),
        ("https://h/cloud/api/", "https://h/cloud/api"),
    ],
)
def test_a_short_endpoint_is_completed(given: str, used: str) -> None:
    assert settings.parse(connection(interface={"endpoint": given}), Scope()).endpoint == used


def test_the_grants_scope_comes_before_the_connections() -> None:
    read = settings.parse(connection(extra={"zone": "z", "projectId": "p"}), Scope(zone="y"))
    assert (read.zone, read.project) == ("y", "p")


def test_secrets_are_not_shown() -> None:
    given = connection(access={"apiKey": "k", "secretKey": "hush"})
    assert "hush" not in repr(given) + repr(settings.parse(given, Scope()))


def test_the_adapter_is_a_vim_and_checks() -> None:
    vim: Vim = ready().connect()
    facts = vim.check()
    assert (facts.zone_id, facts.zone_name, facts.project_id) == ("zone-1", "Sandbox", None)
    assert (facts.version, facts.may_expunge, facts.is_root_admin) == ("4.22.0.0", True, False)


BASIC = {**ZONE, "id": "zone-b", "name": "Basic", "networktype": "Basic"}
CLOSED = {**ZONE, "id": "zone-c", "name": "Closed", "allocationstate": "Disabled"}


@pytest.mark.parametrize(
    ("wanted", "zones", "chosen"),
    [
        (None, [ZONE], "zone-1"),
        (None, [BASIC, CLOSED, ZONE], "zone-1"),
        (None, [BASIC], "zone-b"),
        ("Closed", [ZONE, CLOSED], "zone-c"),
        ("closed", [ZONE, CLOSED], "zone-c"),
        ("zone-c", [ZONE, CLOSED], "zone-c"),
        ("Nowhere", [ZONE, CLOSED], "There is no zone 'Nowhere'; there is 'Closed', 'Sandbox'"),
        ("Sandbox", [ZONE, {**ZONE, "id": "zone-2"}], "more than one zone 'Sandbox' .*zone-1, zone-2"),
        (None, [BASIC, CLOSED], "No zone is open"),
        (None, [], "No zone is open .* there is none for this user"),
    ],
)
def test_zone(wanted: str | None, zones: list[dict[str, Any]], chosen: str) -> None:
    vim = ready().on("listZones", listing("zone", *zones)).connect(Scope(zone=wanted))
    if chosen.startswith("zone-"):
        assert vim.check().zone_id == chosen
    else:
        with pytest.raises(Permanent, match=chosen):
            vim.check()


def test_slow_facts_are_remembered_for_a_minute() -> None:
    api = ready()
    vim = api.connect()
    vim.check()
    vim.check()
    assert api.count("listZones") == 1
    api.now += 61
    vim.check()
    assert api.count("listZones") == 2


PROJECTS = [
    {"id": "p-1", "name": "mine", "state": "Active", "domainid": "d-1"},
    {"id": "p-2", "name": "mine", "state": "Active", "domainid": "d-2"},
    {"id": "p-3", "name": "off", "state": "Suspended", "domainid": "d-1"},
]


@pytest.mark.parametrize(
    ("scope", "chosen"),
    [
        (Scope(project="p-2"), "p-2"),
        (Scope(project="mine", domain="d-1"), "p-1"),
        (Scope(project="mine", domain="ROOT/b"), "p-2"),
        (Scope(project="mine", domain="b"), "p-2"),
        (Scope(project="mine"), "more than one project"),
        (Scope(project="off"), "is Suspended, not Active"),
        (Scope(project="none"), "There is no project 'none'"),
    ],
)
def test_project(scope: Scope, chosen: str) -> None:
    domains = [{"id": "d-1", "name": "a", "path": "ROOT/a"}, {"id": "d-2", "name": "b", "path": "ROOT/b"}]
    api = ready().on("listProjects", listing("project", *PROJECTS))
    vim = api.on("listDomains", listing("domain", *domains)).connect(scope)
    if chosen.startswith("p-"):
        assert vim.check().project_id == chosen
    else:
        with pytest.raises(Permanent, match=chosen):
            vim.check()


def test_account_brings_its_domain_and_a_plain_user_knows_his_own() -> None:
    account = {
        "id": "a-1",
        "name": "alice",
        "domainid": "d-1",
        "domain": "tenants",
        "domainpath": "ROOT/tenants",
    }
    api = ready().on("listAccounts", listing("account", account)).on("listDomains", Refusal(432))
    for scope in (Scope(account="alice"), Scope(account="alice", domain="tenants")):
        assert api.connect(scope).site.place().owner == {"account": "alice", "domainid": "d-1"}


def test_a_project_beats_the_account() -> None:
    api = ready().on("listProjects", listing("project", PROJECTS[0]))
    assert api.connect(Scope(project="mine", account="alice")).site.place().owner == {"projectid": "p-1"}


@pytest.mark.parametrize(
    ("capability", "kinds", "root", "expunge"),
    [
        ({"allowuserexpungerecovervm": False}, [0], False, False),
        ({"allowuserexpungerecovervm": True}, [0], False, True),
        ({"allowuserexpungerecovervm": False}, [2], False, True),
        ({"allowuserexpungerecovervm": False, "extensionspath": "/x"}, [1, 2, 0], True, True),
        # An old release tells nothing about extensions; the caller's account does.
        ({"allowuserexpungerecovervm": False, "cloudstackversion": "4.18.1.0"}, [1], True, True),
        ({"allowuserexpungerecovervm": False, "cloudstackversion": "4.18.1.0"}, [1, 0], False, False),
        ({"allowuserexpungerecovervm": False, "cloudstackversion": "4.22.0.0-SNAPSHOT"}, [0], False, False),
    ],
)
def test_rights(capability: dict[str, Any], kinds: list[int], root: bool, expunge: bool) -> None:
    accounts = [{"name": str(kind), "accounttype": kind} for kind in kinds]
    facts = ready(**capability).on("listAccounts", listing("account", *accounts)).connect().check()
    assert (facts.is_root_admin, facts.may_expunge) == (root, expunge)


def test_a_role_without_list_accounts_is_a_plain_one() -> None:
    facts = ready(allowuserexpungerecovervm=False).on("listAccounts", Refusal(432)).connect().check()
    assert not facts.may_expunge


def test_wrong_credentials_are_told() -> None:
    api = FakeApi().on("listCapabilities", Refusal(401, "unable to verify user credentials"))
    with pytest.raises(Permanent, match="wrong key or signature"):
        api.connect().check()
