"""Filters as MongoDB answers them, beside what they mean: made-up resources, made-up filters.

Each round makes a few resources and asks many filters. The ids found are those that ``truth`` finds in the
documents as they are sent.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.domain import make_instance
from tests.integration.lists import making, truth
from vnfm.api import specs
from vnfm.api.sol013 import conditions
from vnfm.api.sol013.schema import Attribute
from vnfm.domain.instance import InstantiationState
from vnfm.domain.query import Query
from vnfm.store.client import Db
from vnfm.store.instances import Instances
from vnfm.wire import instance as spelled_instance
from vnfm.wire import origins
from vnfm.wire.links import Links

LINKS = Links("http://vnfm/vnflcm/v2")
SCHEMAS = specs.load("sol003-vnflcm-v2.yaml")["components"]["schemas"]
FILTERS = 40
ROUNDS = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Find = Callable[[Query], Sequence[str]]


def compare(
    chance: random.Random,
    resource: Attribute,
    where: origins.Origins,
    documents: Sequence[Mapping[str, Any]],
    find: Find,
) -> None:
    """Ask ``FILTERS`` filters about ``documents``."""
    asker = making.Asker(chance, documents, resource)
    for _ in range(FILTERS):
        asked = asker.ask()
        text = truth.write(asked)
        found = list(find(Query(conditions.read(text, resource, where, strict=False))))
        assert found == making.expected(documents, asked), f"{text}\n{documents}"


@ROUNDS
@given(st.integers(0, 2**32))
def test_instances(db: Db, seed: int) -> None:
    resource = Attribute(SCHEMAS, SCHEMAS["VnfInstance"])
    chance = random.Random(seed)
    make = making.Maker(chance, share=0.4).make
    types = resource.attributes
    db["vnf_instances"].delete_many({})
    store = Instances(db)
    documents = []
    for number in range(8):
        instance = make_instance(
            id=f"i{number}",
            name=chance.choice((None, *making.TEXTS)),
            state=chance.choice(list(InstantiationState)),
            resources=chance.choice(([], [{"kind": "SERVER"}])),
            ruled_out=chance.choice(((), ("SCALE", "HEAL"))),
            vnf_product_name=make(types["vnfProductName"]),
            vnfd_id=make(types["vnfdId"]),
            metadata=make(types["metadata"]),
            extensions=make(types["extensions"]),
            vim_connection_info=make(types["vimConnectionInfo"]),
            instantiated_vnf_info=chance.choice((None, make(types["instantiatedVnfInfo"]))),
        )
        store.insert("t", instance)
        documents.append(spelled_instance.complete(instance, LINKS))
    where = origins.instance(LINKS)
    compare(chance, resource, where, documents, lambda query: [one.id for one in store.page("t", query)])
