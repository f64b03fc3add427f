"""What a bad request gets: refused at once, by name, and nothing is written down."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.lcm.play import completed, end, stand
from tests.stage import FIREWALL, LOAD_BALANCER, NFVO, WEB_TIER, Stage, WorkerPool
from vnfm.domain.operation import OperationType
from vnfm.domain.principal import Principal
from vnfm.errors import BadRequest, Conflict, NotFound, Unprocessable
from vnfm.services import instances, lcm, operations
from vnfm.store.client import connect

INSTANTIATE = OperationType.INSTANTIATE
SECRET = {"apiKey": "canary-key", "secretKey": "canary-secret"}


def stored(stage: Stage, collection: str) -> int:
    """How many documents there are."""
    db = connect(stage.settings.mongo_uri, stage.settings.mongo_database)
    try:
        return db[collection].count_documents({})
    finally:
        db.client.close()


def test_an_unknown_vnfd_makes_no_instance(stage: Stage) -> None:
    before = stored(stage, "instances")
    with pytest.raises(Unprocessable, match="no-such-vnfd"):
        stage.create("no-such-vnfd")
    assert stored(stage, "instances") == before


def link(cpd: str, **more: Any) -> dict[str, Any]:
    return {"id": "vl", "resourceId": "n", "extCps": [{"cpdId": cpd, "cpConfig": {}}], **more}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"flavourId": "huge"}, "flavourId: 'huge' .* it has: pair"),
        ({"instantiationLevelId": "huge"}, "instantiationLevelId: 'huge' .* it has: default"),
        ({"extVirtualLinks": [link("nowhere")]}, "extVirtualLinks.*cpdId: 'nowhere' .*fw_inside"),
        (
            {"extVirtualLinks": [link("fw_inside")]},
            "external CP .* is left unconnected",
        ),
        (
            {
                "extManagedVirtualLinks": [
                    {"id": "m", "vnfVirtualLinkDescId": "nowhere", "resourceId": "n"},
                ]
            },
            "vnfVirtualLinkDescId: 'nowhere' .*internal_vl",
        ),
    ],
    ids=["flavour", "level", "cpd", "unconnected", "link"],
)
def test_an_instantiate_that_does_not_fit_the_vnfd(stage: Stage, changes: dict[str, Any], named: str) -> None:
    instance = stage.create(FIREWALL)
    before = stored(stage, "operations"), stored(stage, "secrets")
    vim = {"cloud": {"vimType": "CLOUDSTACK", "accessInfo": SECRET}}
    with pytest.raises(BadRequest, match=named):
        stage.instantiate(instance.id, vimConnectionInfo=vim, **changes)
    assert (stored(stage, "operations"), stored(stage, "secrets")) == before
    assert stage.instance(instance.id).revision == instance.revision


def test_a_timeout_of_a_forceful_terminate(stage: Stage) -> None:
    with pytest.raises(BadRequest, match="gracefulTerminationTimeout"):
        stage.terminate(stage.create(FIREWALL).id, gracefulTerminationTimeout=3)


def test_a_timeout_below_what_the_vnfd_wants(stage: Stage, pool: WorkerPool) -> None:
    """web-tier: at least 5 s; the firewall's VNFD sets no least time."""
    for vnfd, refused in ((WEB_TIER, True), (FIREWALL, False)):
        instance = stand(stage, pool, vnfd)
        quick = {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 4}
        if refused:
            with pytest.raises(BadRequest, match=r"gracefulTerminationTimeout: 4 s; .* at least 5 s"):
                stage.begin(instance.id, OperationType.TERMINATE, quick)
            quick["gracefulTerminationTimeout"] = 5
        completed(stage, pool, instance.id, "TERMINATE", **quick)


@pytest.mark.parametrize("standing", [False, True])
def test_a_configurable_property_of_another_type(stage: Stage, pool: WorkerPool, standing: bool) -> None:
    wrong = {"vnfConfigurableProperties": {"isAutohealEnabled": "yes"}}
    instance = stand(stage, pool, LOAD_BALANCER) if standing else stage.create(LOAD_BALANCER)
    before = stored(stage, "operations")
    with pytest.raises(BadRequest, match=r"isAutohealEnabled: 'yes' is no boolean"):
        stage.begin(instance.id, OperationType.MODIFY_INFO, wrong)
    if not standing:
        with pytest.raises(BadRequest, match="isAutohealEnabled: 'yes' is no boolean"):
            stage.instantiate(instance.id, **wrong)
    assert stored(stage, "operations") == before
    if standing:
        end(stage, pool, instance.id)


def test_the_second_of_two_requests_is_a_conflict_and_leaves_the_firsts_credentials(stage: Stage) -> None:
    instance = stage.create(FIREWALL)
    vim = {"cloud": {"vimType": "CLOUDSTACK", "accessInfo": SECRET}}
    stage.instantiate(instance.id, vimConnectionInfo=vim)
    before = stored(stage, "secrets")
    with pytest.raises(Conflict, match="has not ended"):
        stage.instantiate(instance.id, vimConnectionInfo=vim)
    assert stored(stage, "secrets") == before


def test_nobody_sees_another_tenants_things(stage: Stage) -> None:
    stranger = Principal("x", "tenant-2", frozenset({"nfvo"}))
    instance = stage.create(FIREWALL)
    operation = stage.instantiate(instance.id)
    body = {"terminationType": "FORCEFUL"}
    for act in (
        lambda: instances.get(stage.deps, stranger, instance.id),
        lambda: instances.delete(stage.deps, stranger, instance.id, None),
        lambda: lcm.start(stage.deps, stranger, instance.id, INSTANTIATE, stage.request(FIREWALL), "r"),
        lambda: lcm.start(stage.deps, stranger, instance.id, OperationType.TERMINATE, body, "r"),
        lambda: operations.get(stage.deps, stranger, operation),
    ):
        with pytest.raises(NotFound):
            act()
    assert instances.get(stage.deps, NFVO, instance.id).id == instance.id


@pytest.mark.parametrize("settled", [True, False])
def test_a_deletion_right_when_the_instance_reads_not_instantiated(stage: Stage, settled: bool) -> None:
    """The TERMINATE has written its result into the instance, but its own record still says PROCESSING."""
    instance = stage.create(FIREWALL)
    holder = stage.instantiate(instance.id)
    stage.deps.instances.update(NFVO.tenant, instance.id, {"settled_by": holder if settled else "another"})
    if settled:
        instances.delete(stage.deps, NFVO, instance.id, None)
        assert stage.deps.instances.get(NFVO.tenant, instance.id) is None
        return
    with pytest.raises(Conflict, match=holder):
        instances.delete(stage.deps, NFVO, instance.id, None)
