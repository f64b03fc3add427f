"""Endpoints of subscribers, and a scene."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.fakes.subscriber import Subscribers, receiving
from tests.integration.notify.scene import Scene
from vnfm.store.client import Db


@pytest.fixture
def subscribers() -> Iterator[Subscribers]:
    with receiving() as app:
        yield app


@pytest.fixture
def make_scene(db: Db, mongo_uri: str, subscribers: Subscribers) -> Callable[..., Scene]:
    """Makes a scene; each keyword is a setting."""

    def make(**chosen: Any) -> Scene:
        return Scene(db, mongo_uri, subscribers, **chosen)

    return make


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    return make_scene()
