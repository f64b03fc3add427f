"""That a page costs what it shows, however long the list is: MongoDB explains how it finds one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.fakes.domain import make_instance, make_operation
from vnfm.api import specs
from vnfm.api.sol013 import conditions
from vnfm.api.sol013.schema import Attribute
from vnfm.domain.query import Query
from vnfm.store import query as queries
from vnfm.store.client import Db, connect
from vnfm.store.instances import Instances
from vnfm.store.operations import Operations
from vnfm.wire import origins
from vnfm.wire.links import Links

LINKS = Links("http://vnfm/vnflcm/v2")
SCHEMAS = specs.load("sol003-vnflcm-v2.yaml")["components"]["schemas"]
ENTRIES, SHOWN = 3000, 20
#: Every 30th entry of a list is rare.
RARE: Mapping[str, Mapping[str, Any]] = {
    "vnf_instances": {"vnfd_id": "rare", "vnf_product_name": "rare", "name": "rare"},
    "operations": {"vnf_instance_id": "rare", "state": "FAILED", "active": False},
}
OFTEN: Mapping[str, Mapping[str, Any]] = {
    "vnf_instances": {},
    "operations": {"state": "COMPLETED", "active": False},
}
INSTANCES = ("vnf_instances", "VnfInstance", origins.instance(LINKS))
OPERATIONS = ("operations", "VnfLcmOpOcc", origins.operation(LINKS))


@pytest.fixture(scope="module")
def full(mongo_uri: str) -> Iterator[Db]:
    """Long lists of the tenants t and u."""
    db = connect(mongo_uri, "explained")
    instances, operations = Instances(db), Operations(db)
    instances.ensure_indexes()
    operations.ensure_indexes()
    instances.insert("t", make_instance(id="model", name="often"))
    operations.accept("t", make_operation(id="model"))
    for name in ("vnf_instances", "operations"):
        model = db[name].find_one({"_id": "model"}) or {}
        db[name].insert_many(
            {
                **model,
                **(OFTEN[name] if number % 30 else RARE[name]),
                "_id": f"{tenant}{number:05}",
                "tenant": tenant,
            }
            for tenant in "tu"
            for number in range(ENTRIES)
        )
        db[name].delete_one({"_id": "model"})
    yield db
    db.client.drop_database(db.name)
    db.client.close()


@pytest.mark.parametrize("after", [None, "t00500"])
@pytest.mark.parametrize(
    ("container", "text"),
    [
        (INSTANCES, None),
        (INSTANCES, "(eq,vnfInstanceName,rare)"),
        (INSTANCES, "(eq,vnfdId,rare)"),
        (INSTANCES, "(eq,vnfProductName,rare)"),
        (INSTANCES, "(eq,instantiationState,NOT_INSTANTIATED)"),
        (INSTANCES, "(eq,vnfdId,rare);(eq,instantiationState,NOT_INSTANTIATED)"),
        (INSTANCES, "(in,vnfdId,rare,other)"),
        (OPERATIONS, None),
        (OPERATIONS, "(eq,vnfInstanceId,rare)"),
        (OPERATIONS, "(eq,operationState,FAILED)"),
        (OPERATIONS, "(eq,operation,INSTANTIATE)"),
        (OPERATIONS, "(in,operationState,FAILED,ROLLED_BACK);(eq,operation,INSTANTIATE)"),
    ],
    ids=str,
)
def test_a_page_examines_what_it_shows(full: Db, container: Any, text: str | None, after: str | None) -> None:
    name, type_name, where = container
    resource = Attribute(SCHEMAS, SCHEMAS[type_name])
    terms = () if text is None else conditions.read(text, resource, where, strict=True)
    found = queries.match({"tenant": "t"}, Query(terms, after, SHOWN))
    command = {"find": name, "filter": found, "sort": {"_id": 1}, "limit": SHOWN}
    told = full.command("explain", command, verbosity="executionStats")
    stats, plan = told["executionStats"], str(told["queryPlanner"]["winningPlan"])
    assert stats["nReturned"] == SHOWN
    assert stats["totalDocsExamined"] <= SHOWN + 1, plan
    assert stats["totalKeysExamined"] <= 2 * SHOWN + 5, plan
    assert "'SORT'" not in plan
    assert "COLLSCAN" not in plan
