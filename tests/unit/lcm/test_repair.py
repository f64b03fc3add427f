"""Steps of HEAL in doubt."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from vnfm.engine.step import Done
from vnfm.lcm.context import Context
from vnfm.lcm.steps.repair import RecreateVnfc


def test_a_recreation_that_is_not_wanted_is_no_reason_to_look_for_a_server_in_doubt() -> None:
    """Found by the random lives: a worker died in the skipped step; the survey took the VNFC's own server
    for a new one, and the inventory had it twice.
    """
    diagnosis: dict[str, Any] = {"diagnose_vnfc:web-0": {"action": "start"}}
    ctx = cast(Context, SimpleNamespace(result=diagnosis.__getitem__))
    assert RecreateVnfc().probe(ctx, "web-0", {}) == Done({"skipped": True})
