"""Filters as MongoDB answers them, beside what they mean: made-up resources, made-up filters, every dialect.

Each round makes a few resources and asks many filters. The ids found are those that ``truth`` finds in the
documents as they are sent.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.domain import T0, make_instance, make_operation
from tests.integration.lists import making, truth
from tests.integration.lists.making import Maker
from tests.integration.lists.truth import KEYS, Asked
from vnfm.api import specs
from vnfm.api.sol013 import conditions
from vnfm.api.sol013.schema import Attribute
from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.operation import CancelMode, Operation, OperationState, OperationType, StepEntry, StepState
from vnfm.domain.query import Query
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.domain.subscription import Subscription, Verbosity
from vnfm.store.client import Db
from vnfm.store.instances import Instances
from vnfm.store.operations import Operations
from vnfm.store.snapshots import Snapshots
from vnfm.store.subscriptions import Subscriptions
from vnfm.wire import origins
from vnfm.wire import subscription as spelled_subscription
from vnfm.wire.dialect import DIALECTS, SOL002_V2, SOL003_V2, Dialect
from vnfm.wire.origins import Origins

BASE = "http://vnfm"
FILTERS = 30
ROUNDS = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
seeds = given(st.integers(0, 2**32))
every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.path)


def type_of(dialect: Dialect, name: str) -> Attribute:
    file = f"{'' if 'sol002' in dialect.path else 'sol003-'}{dialect.path.replace('/', '-')}.yaml"
    schemas = specs.load(file)["components"]["schemas"]
    return Attribute(schemas, schemas[name])


def compare(
    chance: random.Random,
    resource: Attribute,
    where: Origins,
    documents: Sequence[Mapping[str, Any]],
    find: Callable[[Query], Sequence[Any]],
) -> None:
    """Ask ``FILTERS`` filters about ``documents``."""
    asker = making.Asker(chance, documents, resource)
    for _ in range(FILTERS):
        asked = [one for one in asker.ask() if not _names_keys_of_params(one)]
        if not asked:
            continue
        text = truth.write(asked)
        found = [one.id for one in find(Query(conditions.read(text, resource, where, strict=False)))]
        assert found == making.expected(documents, asked), f"{text}\n{documents}"


def _names_keys_of_params(one: Asked) -> bool:
    """What older versions and SOL002 leave out of operationParams is found nowhere, save among the keys."""
    return one.path[0] == "operationParams" and KEYS in one.path


def an_instance(chance: random.Random, number: int) -> Instance:
    types = type_of(SOL002_V2, "VnfInstance").attributes
    connections = type_of(SOL003_V2, "VnfInstance").attributes["vimConnectionInfo"]
    make = Maker(chance, share=0.4).make
    info = make(types["instantiatedVnfInfo"])
    info.pop("vnfcInfo", None)
    return make_instance(
        id=f"i{number}",
        tenant="t",
        name=chance.choice((None, *making.TEXTS)),
        state=chance.choice(list(InstantiationState)),
        resources=chance.choice(([], [{"kind": "SERVER"}])),
        ruled_out=chance.choice(((), ("SCALE", "HEAL"))),
        vnf_product_name=make(types["vnfProductName"]),
        vnfd_id=make(types["vnfdId"]) or "d",
        vnf_pkg_id=chance.choice((None, "a", "b")),
        metadata=make(types["metadata"]),
        extensions=make(types["extensions"]),
        vim_connection_info=make(connections),
        instantiated_vnf_info=chance.choice((None, info)),
        vnfc_states={name: chance.choice(("STARTED", "STOPPED")) for name in ("a", "b", "5")},
        vnfc_properties={name: make(types["metadata"]) for name in ("a", "ab")},
    )


@every_dialect
@ROUNDS
@seeds
def test_instances(db: Db, dialect: Dialect, seed: int) -> None:
    chance = random.Random(seed)
    db["vnf_instances"].delete_many({})
    store = Instances(db)
    made = [an_instance(chance, number) for number in range(6)]
    for instance in made:
        store.insert("t", instance)
    documents = [dialect.instance(instance, BASE) for instance in made]
    resource, where = type_of(dialect, "VnfInstance"), dialect.instance_origins(BASE)
    compare(chance, resource, where, documents, lambda query: store.page("t", query))


def a_request(chance: random.Random) -> dict[str, Any]:
    """The attributes of requests that dialects spell each in its way, and free ones."""
    maker = Maker(chance)
    texts = ("a", "b", "5")
    connection = {"vimType": chance.choice(texts), "interfaceInfo": {"endpoint": chance.choice(texts)}}
    config = {"linkPortId": chance.choice(texts), "parentCpConfigId": chance.choice(texts)}
    point = {"cpdId": chance.choice(texts), "cpConfig": {"one": config, "two": chance.choice((None, config))}}
    whole = {
        "flavourId": chance.choice(texts),
        "numberOfSteps": chance.choice((1, 2)),
        "vimConnectionInfo": {"vim1": connection, "vim2": chance.choice((None, {"vimType": "a"}))},
        "extVirtualLinks": [{"id": chance.choice(texts), "zoneId": "a", "extCps": [point]}],
        "additionalParams": {"vnfcInstanceIds": ["a", "b"], "free": maker.free(2)},
        "vnfcInfoModifications": {"a": {"p": maker.free(1)}, "b": chance.choice((None, {"p": "5"}))},
        "vnfSnapshotInfoId": chance.choice(texts),
    }
    return {name: value for name, value in whole.items() if chance.random() < 0.6}


def an_operation(chance: random.Random, number: int) -> Operation:
    types = type_of(SOL003_V2, "VnfLcmOpOcc").attributes
    make = Maker(chance, share=0.4).make
    grant = {
        "grant": {"id": "g", "_links": {"self": {"href": chance.choice(("http://nfvo/1", "http://nfvo/2"))}}}
    }
    steps = [StepEntry("request_grant", "", -2, StepState.DONE, result=chance.choice(({}, grant)))]
    if chance.random() < 0.3:
        steps.append(
            StepEntry("remove", "x", 1, StepState.DONE, result=chance.choice(({}, {"skipped": True})))
        )
    request = a_request(chance)
    changes = ("vimConnectionInfo", "vnfcInfoModifications")
    return make_operation(
        id=f"o{number}",
        vnf_instance_id=f"i{number}",  # one active operation per instance
        type=chance.choice(list(OperationType)),
        state=chance.choice(list(OperationState)),
        start_time=datetime.fromisoformat(chance.choice(making.TIMES)),
        state_entered_time=T0,
        automatic=chance.random() < 0.5,
        cancel_mode=chance.choice((None, *CancelMode)),
        grant_id=chance.choice((None, "a", "b")),
        params=request,
        steps=steps,
        error=chance.choice((None, {"status": 500, "detail": "x", "vimErrorCode": 4350, "step": "a"})),
        warnings=make(types["warnings"]),
        resource_changes={**make(types["resourceChanges"]), "affectedVipCps": make(types["affectedVipCps"])},
        changed_ext_connectivity=make(types["changedExtConnectivity"]),
        changed_info={name: request[name] for name in changes if name in request},
    )


@every_dialect
@ROUNDS
@seeds
def test_occurrences(db: Db, dialect: Dialect, seed: int) -> None:
    chance = random.Random(seed)
    db["operations"].delete_many({})
    store = Operations(db)
    made = [an_operation(chance, number) for number in range(6)]
    for operation in made:
        store.accept("t", operation)
    documents = [dialect.operation(operation, BASE) for operation in made]
    resource, where = type_of(dialect, "VnfLcmOpOcc"), dialect.operation_origins(BASE)
    compare(chance, resource, where, documents, lambda query: store.page("t", query))


@pytest.mark.parametrize("dialect", [SOL003_V2, SOL002_V2], ids=lambda dialect: dialect.path)
@ROUNDS
@seeds
def test_snapshots(db: Db, dialect: Dialect, seed: int) -> None:
    chance = random.Random(seed)
    db["vnf_snapshots"].delete_many({})
    store = Snapshots(db)
    kind = type_of(SOL003_V2, "VnfSnapshot")
    left_out = {"vnfInstance", "vnfStateSnapshotInfo", "_links"}  # the first is a record of ours
    made = []
    for number in range(5):
        taken = Maker(chance).make(kind)
        record = asdict(an_instance(chance, number))
        record["state"] = str(record["state"])
        info = SnapshotInfo(f"s{number}", "t", T0)
        if chance.random() < 0.8:
            filled = {name: value for name, value in taken.items() if name not in left_out}
            info = SnapshotInfo(f"s{number}", "t", T0, filled, record, {})
        store.insert("t", info)
        made.append(info)
    documents = [dialect.snapshot(info, BASE) for info in made]
    resource, where = type_of(dialect, "VnfSnapshotInfo"), dialect.snapshot_origins(BASE)
    compare(chance, resource, where, documents, lambda query: store.page("t", query))


@every_dialect
@ROUNDS
@seeds
def test_subscriptions(db: Db, dialect: Dialect, seed: int) -> None:
    chance = random.Random(seed)
    db["subscriptions"].delete_many({})
    store = Subscriptions(db)
    resource = type_of(dialect, "LccnSubscription")
    make = Maker(chance).make
    made = [
        Subscription(
            id=f"s{number}",
            tenant="t",
            client="c",
            api=dialect.path,
            callback_uri=make(resource.attributes["callbackUri"]),
            filter=chance.choice(({}, make(resource.attributes["filter"]))),
            verbosity=chance.choice(list(Verbosity)),
        )
        for number in range(6)
    ]
    for subscription in made:
        store.insert("t", subscription)
    documents = [spelled_subscription.complete(subscription, BASE) for subscription in made]
    where = origins.subscription(dialect.links(BASE))
    compare(chance, resource, where, documents, lambda query: store.page("t", "c", dialect.path, query))
