"""The longest filters that are read are also answered: MongoDB bounds how deep an expression may be. And none
is looked for without an end."""

from __future__ import annotations

import pytest
from pymongo.errors import ExecutionTimeout

from tests.fakes.domain import make_instance
from tests.integration.lists.test_truth import BASE, type_of
from vnfm.api.sol013 import conditions
from vnfm.api.sol013.filters import MOST_EXPRESSIONS, MOST_VALUES
from vnfm.api.sol013.paths import MOST_NAMES
from vnfm.domain.query import Query
from vnfm.errors import Temporary
from vnfm.store.client import Db
from vnfm.store.edge import translated
from vnfm.store.instances import Instances
from vnfm.wire.dialect import SOL003_V2

DEPTH = MOST_NAMES - 1
DEEP = "/".join("a" * DEPTH)


def nested(depth: int) -> object:
    return {"a": [nested(depth - 1)]} if depth else "5"


@pytest.mark.parametrize(
    "text",
    [
        f"(eq,metadata/{DEEP},5)",
        f"(eq,metadata/{DEEP[:-2]}/@key,a)",
        ";".join(f"(neq,metadata/{DEEP},{number}x)" for number in range(MOST_EXPRESSIONS)),
        f"(in,metadata/{DEEP},{','.join(map(str, range(MOST_VALUES)))})",
        f"(cont,metadata/{DEEP},{','.join(map(str, range(MOST_VALUES)))})",
        ";".join(f"(neq,metadata/{DEEP[: 2 * depth + 1]}/a,6)" for depth in [DEPTH - 2]),
    ],
)
def test_the_longest_filters(db: Db, text: str) -> None:
    store = Instances(db)
    store.insert("t", make_instance(id="i", tenant="t", metadata=nested(DEPTH)))
    store.insert("t", make_instance(id="j", tenant="t", metadata=nested(DEPTH - 2)))
    resource, where = type_of(SOL003_V2, "VnfInstance"), SOL003_V2.instance_origins(BASE)
    terms = conditions.read(text, resource, where, strict=True)
    assert [one.id for one in store.page("t", Query(terms))] == ["i"]


def test_mongodb_is_told_when_to_give_up(db: Db) -> None:
    db.command("profile", 2)
    Instances(db).page("t", Query())
    db.command("profile", 0)
    [seen] = db["system.profile"].find({"command.find": "vnf_instances"})
    assert seen["command"]["maxTimeMS"] == 20_000


def test_what_mongodb_has_given_up_may_be_asked_again() -> None:
    with pytest.raises(Temporary), translated():
        raise ExecutionTimeout("operation exceeded time limit", 50)
