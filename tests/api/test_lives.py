"""Requests that follow from each other: what one answer names, the next request uses.

schemathesis draws the links between operations from the specifications: a VNF instance that was made is read,
modified, instantiated and deleted; the occurrence that a Location names is read, cancelled, retried. Each
answer is judged as in ``test_contract``, and by those before it: what was deleted stays gone.

Each life begins in an empty world whose ids come in the same order: what hypothesis draws depends on what was
answered, and it takes it for a fault of the test when the same requests are answered in another way.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import requests
from hypothesis import settings
from schemathesis.generation.modes import GenerationMode

from tests.api.catalogue import CATALOGUE
from tests.api.conftest import Api
from tests.api.test_contract import FUZZ, is_sendable, judge, schema_of
from vnfm.api import versions
from vnfm.store.client import connect

#: What requests bring into the world. The rest makes the API one that can be asked.
LIVING = ("vnf_instances", "operations", "subscriptions", "notifications", "vnf_snapshots", "secrets")

FILES = sorted({operation.file for operation in CATALOGUE if versions.at(operation.address)})
SHORT = settings(FUZZ, max_examples=8, stateful_step_count=8)
LONG = settings(FUZZ, max_examples=100, stateful_step_count=20)


class Ids:
    """The same ids in the same order, from each beginning on."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._numbers = count()

    def next(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, str(next(self._numbers))))


@dataclass(frozen=True)
class World:
    """An API whose world can begin anew."""

    api: Api
    session: requests.Session
    ids: Ids

    def begin(self) -> None:
        """As if there had never been a request."""
        self.ids.begin()
        settings = self.api.deps.settings
        db = connect(settings.mongo_uri, settings.mongo_database)
        try:
            for name in LIVING:
                db[name].delete_many({})
        finally:
            db.client.close()


@pytest.fixture(scope="module")
def world(start_api: Callable[..., Api]) -> Iterator[World]:
    """An API of our own."""
    ids = Ids()
    api = start_api(new_id=ids.next)
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {api.token()}"
        yield World(api, session, ids)


def _live(world: World, file: str, extent: settings) -> Counter[tuple[str, int]]:
    """Play lives; how often each operation was answered how, where an earlier answer led to it."""
    schema = schema_of(file, GenerationMode.POSITIVE)
    base = schema.raw_schema["servers"][0]["url"].rstrip("/")
    seen: Counter[tuple[str, int]] = Counter()

    class Life(schema.as_state_machine()):  # type: ignore[misc]  # made at run time
        def setup(self) -> None:
            world.begin()

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"base_url": world.api.url + base, "session": world.session, "timeout": 30}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            if is_sendable(case):
                super().validate_response(response, case, additional_checks=[judge], **kwargs)
                seen[case.operation.label, response.status_code] += 1

    Life.run(settings=extent)
    return seen


def _met(seen: Counter[tuple[str, int]]) -> set[str]:
    """The operations that found a resource by what an earlier answer had said."""
    return {label for label, status in seen if "{" in label and status not in {401, 404}}


@pytest.mark.parametrize("file", FILES)
def test_lives(world: World, file: str) -> None:
    assert _met(_live(world, file, SHORT))


@pytest.mark.long
@pytest.mark.parametrize("file", FILES)
def test_long_lives(world: World, file: str) -> None:
    assert len(_met(_live(world, file, LONG))) >= 10
