"""One stage for the tests of this folder; each finds the world, the NFVO and its policy as at the start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stage import Stage, open_stage


@pytest.fixture(scope="module")
def one_stage(mongo_uri: str) -> Iterator[Stage]:
    """The stage, with little patience."""
    with open_stage(mongo_uri, step_patience=1.0) as found:
        yield found


@pytest.fixture
def stage(one_stage: Stage) -> Iterator[Stage]:
    """The stage, swept."""
    nfvo = one_stage.nfvo.nfvo
    policy = nfvo.grants.policy
    one_stage.door("reset", {})
    nfvo.faults.clear()
    nfvo.grants.clear()
    yield one_stage
    nfvo.grants.policy = policy
