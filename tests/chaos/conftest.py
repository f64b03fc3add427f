"""What tests with a worker by hand share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.clockwork import SETTINGS, Clockwork, winding
from tests.stage import open_stage


@pytest.fixture(scope="module")
def one_clockwork(mongo_uri: str) -> Iterator[Clockwork]:
    """A stage with a worker by hand."""
    with open_stage(mongo_uri, **SETTINGS) as stage, winding(stage) as found:
        yield found


@pytest.fixture
def clockwork(one_clockwork: Clockwork) -> Clockwork:
    """The same, with an empty cloud."""
    one_clockwork.reset()
    return one_clockwork
