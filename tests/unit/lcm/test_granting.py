"""What the NFVO is asked for, from journals by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.domain import make_instance
from tests.unit.lcm.stand import context, journal, standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationType, StepEntry
from vnfm.lcm import granting

SERVERS = ["SERVER/vm-0", "SERVER/vm-1"]


@pytest.mark.parametrize(
    ("instance", "targets", "removed"),
    [
        (standing(), SERVERS, ["vnfc-0", "vnfc-1"]),
        (make_instance(), ["VOLUME/v"], []),
        (make_instance(), [], []),
    ],
    ids=["standing", "half made", "nothing left"],
)
def test_a_termination_always_says_what_it_removes(
    instance: Instance, targets: list[str], removed: list[Any]
) -> None:
    """An empty array too: ONAP goes through it without asking whether it is there."""
    steps = [StepEntry("remove", target, 6) for target in targets]
    operation = journal(*steps, type=OperationType.TERMINATE, params={})
    asked = granting.describe(context(operation, instance))
    assert [one["id"] for one in asked["removeResources"]] == removed
