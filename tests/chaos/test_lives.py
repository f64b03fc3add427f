"""Random lives as hypothesis makes them up: operations, failures, tasks, cancels, deaths, restarts.

LIVES_EXAMPLES=200 .venv/bin/pytest -m long tests/chaos/test_lives.py
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.chaos.clockwork import SETTINGS, Clockwork, winding
from tests.chaos.machine import Lives
from tests.stage import open_stage
from vnfm.lcm.plans import PLANS

#: Some forty steps each: a minute. ``make chaos`` asks for more.
EXAMPLES = int(os.environ.get("LIVES_EXAMPLES") or 12)
STEPS = 40
WAYS = ("rollback", "retry", "fail", "cancel")
#: Making a failing example shorter takes minutes: LIVES_SHRINK=1 asks for it.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] * ("LIVES_SHRINK" in os.environ))]


@pytest.fixture(scope="module", params=["alice", "admin"])
def clockwork(request: pytest.FixtureRequest, mongo_uri: str) -> Iterator[Clockwork]:
    """For an ordinary user, and for a root admin (with customid)."""
    with open_stage(mongo_uri, request.param, **SETTINGS) as stage, winding(stage) as found:
        yield found


@pytest.mark.long
def test_lives(clockwork: Clockwork, capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    failures: list[str] = []
    given = {"clockwork": clockwork, "counts": counts, "failures": failures}
    machine = type("Lives", (Lives,), given)
    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        print_blob=True,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(machine, settings=profile)
    finally:
        with capsys.disabled():
            print(f"\n  lives ({clockwork.stage.user}): " + tell(counts))
            print("".join(f"\n  failed: {one}" for one in failures[:1]))
    assert counts["fired"] > 0
    assert counts["deaths"] > 0


def tell(counts: Counter[str]) -> str:
    """How often each decision about each kind of operation was taken, and all the rest."""
    rest, table = Counter(counts), [f"{'':20}" + "".join(f"{way:>10}" for way in WAYS)]
    for kind in sorted(PLANS):
        table.append(f"{kind:20}" + "".join(f"{rest.pop(f'{kind} {way}', 0):10}" for way in WAYS))
    return ", ".join(f"{what} {count}" for what, count in sorted(rest.items())) + "\n  " + "\n  ".join(table)
