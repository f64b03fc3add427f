"""That a page costs what it shows, however long the list is: MongoDB explains how it finds one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.domain import T0, make_instance, make_operation
from tests.integration.lists.test_truth import BASE, every_dialect, type_of
from vnfm.api.lists import listing_of
from vnfm.api.sol013 import conditions
from vnfm.domain.query import Query
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.store import query as queries
from vnfm.store.client import Db, connect
from vnfm.store.instances import Instances
from vnfm.store.operations import Operations
from vnfm.store.snapshots import Snapshots
from vnfm.wire.dialect import SOL002_V2, SOL003_V2, Dialect

ENTRIES, SHOWN = 3000, 20
SPARSE = 30
#: Every 30th entry of a list is rare.
RARE: Mapping[str, Mapping[str, Any]] = {
    "vnf_instances": {"vnfd_id": "rare", "vnf_provider": "rare", "vnf_product_name": "rare", "name": "rare"},
    "operations": {
        "vnf_instance_id": "rare",
        "state": "FAILED",
        "active": False,
        "start_time": T0 + timedelta(days=1),
    },
    "vnf_snapshots": {"vnf_snapshot": {"vnfInstanceId": "rare"}},
}
OFTEN: Mapping[str, Mapping[str, Any]] = {
    "vnf_instances": {},
    "operations": {"state": "COMPLETED", "active": False},
    "vnf_snapshots": {"vnf_snapshot": {"vnfInstanceId": "often"}},
}
#: Where the entries of a container are stored.
STORED = {"vnf_instances": "vnf_instances", "vnf_lcm_op_occs": "operations", "vnf_snapshots": "vnf_snapshots"}


@pytest.fixture(scope="module")
def full(mongo_uri: str) -> Iterator[Db]:
    """Long lists of the tenants t and u."""
    db = connect(mongo_uri, "explained")
    instances, operations, snapshots = Instances(db), Operations(db), Snapshots(db)
    for store in (instances, operations, snapshots):
        store.ensure_indexes()
    instances.insert("t", make_instance(id="model", name="often"))
    operations.accept("t", make_operation(id="model"))
    snapshots.insert("t", SnapshotInfo("model", "t", T0))
    for name in STORED.values():
        model = db[name].find_one({"_id": "model"}) or {}
        db[name].insert_many(
            {
                **model,
                **(OFTEN[name] if number % SPARSE else RARE[name]),
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


def explain(
    db: Db, dialect: Dialect, container: str, text: str | None, after: str | None
) -> tuple[Mapping[str, int], str]:
    """How the page of a filter is found: figures, and the plan."""
    listing = listing_of(container, dialect.path, BASE)
    terms = listing.within
    if text is not None:
        terms += conditions.read(text, type_of(dialect, listing.type), listing.origins, strict=True)
    found = queries.match({"tenant": "t"}, Query(terms, after, SHOWN))
    command = {"find": STORED[container], "filter": found, "sort": {"_id": 1}, "limit": SHOWN}
    told = db.command("explain", command, verbosity="executionStats")
    return told["executionStats"], str(told["queryPlanner"]["winningPlan"])


def examine(db: Db, dialect: Dialect, container: str, text: str | None, after: str | None) -> None:
    stats, plan = explain(db, dialect, container, text, after)
    assert stats["nReturned"] == SHOWN
    assert stats["totalDocsExamined"] <= SHOWN + 1, plan
    assert stats["totalKeysExamined"] <= 2 * SHOWN + 5, plan
    assert "'SORT'" not in plan
    assert "COLLSCAN" not in plan


@every_dialect
@pytest.mark.parametrize("after", [None, "t00500"])
@pytest.mark.parametrize(
    ("container", "text"),
    [
        ("vnf_instances", None),
        ("vnf_instances", "(eq,vnfInstanceName,rare)"),
        ("vnf_instances", "(eq,vnfdId,rare)"),
        ("vnf_instances", "(eq,vnfProvider,rare)"),
        ("vnf_instances", "(eq,vnfProductName,rare)"),
        ("vnf_instances", "(eq,instantiationState,NOT_INSTANTIATED)"),
        ("vnf_instances", "(eq,vnfdId,rare);(eq,instantiationState,NOT_INSTANTIATED)"),
        ("vnf_instances", "(in,vnfdId,rare,other)"),
        ("vnf_lcm_op_occs", None),
        ("vnf_lcm_op_occs", "(eq,vnfInstanceId,rare)"),
        ("vnf_lcm_op_occs", "(eq,operationState,FAILED)"),
        ("vnf_lcm_op_occs", "(eq,operation,INSTANTIATE)"),
        ("vnf_lcm_op_occs", "(in,operationState,FAILED,ROLLED_BACK);(eq,operation,INSTANTIATE)"),
        ("vnf_lcm_op_occs", "(eq,startTime,2026-01-03T05:04:05+02:00)"),
    ],
)
def test_a_page_examines_what_it_shows(
    full: Db, dialect: Dialect, container: str, text: str | None, after: str | None
) -> None:
    examine(full, dialect, container, text, after)


@pytest.mark.parametrize("dialect", [SOL003_V2, SOL002_V2], ids=lambda dialect: dialect.path)
@pytest.mark.parametrize("text", [None, "(eq,vnfSnapshot/vnfInstanceId,rare)"])
def test_a_page_of_snapshots_examines_what_it_shows(full: Db, dialect: Dialect, text: str | None) -> None:
    examine(full, dialect, "vnf_snapshots", text, None)


@every_dialect
@pytest.mark.parametrize(
    "text",
    [
        "(gt,startTime,2026-01-02T12:00:00Z)",
        "(gt,startTime,2026-01-02T12:00:00Z);(neq,operationState,STARTING)",
    ],
)
def test_a_rare_span_of_time_examines_what_lies_in_it(full: Db, dialect: Dialect, text: str) -> None:
    """These are put in the order of ids when they are found, so all of them are read, but nothing else."""
    stats, plan = explain(full, dialect, "vnf_lcm_op_occs", text, None)
    assert stats["nReturned"] == SHOWN
    assert stats["totalDocsExamined"] <= ENTRIES // SPARSE, plan


@every_dialect
def test_one_entry_is_found_by_its_id(full: Db, dialect: Dialect) -> None:
    stats, plan = explain(full, dialect, "vnf_instances", "(eq,id,t02999)", None)
    assert (stats["nReturned"], stats["totalDocsExamined"]) == (1, 1), plan
