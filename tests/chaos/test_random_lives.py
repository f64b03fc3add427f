"""Random lives, bounded: a few hundred steps for an ordinary user and for a root admin.

Longer, and with a seed of one's own: ``python -m tests.chaos.lives --steps 5000 --seed 7``.
"""

from __future__ import annotations

import os

import pytest

from tests.chaos.lives import playing
from tests.chaos.wishes import REQUESTS
from vnfm.lcm.plans import PLANS

SECONDS = 18.0


@pytest.mark.long
@pytest.mark.parametrize("user", ["alice", "admin"])
def test_random_lives(mongo_uri: str, user: str, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("LIVES_SEED") or int.from_bytes(os.urandom(3)))
    with playing(mongo_uri, seed, user) as lives:
        lives.play(300, SECONDS)
        counts = lives.counts
    with capsys.disabled():
        again = f"python -m tests.chaos.lives --seed {seed} --user {user}"
        done = sum(number for what, number in counts.items() if what.endswith(" COMPLETED"))
        print(
            f"\n  lives ({user}): {counts['steps']} steps, {done} operations completed, "
            f"{counts['fired']} faults fired, {counts['workers killed']} workers killed; again: {again}"
        )
    assert counts["fired"] > 0
    assert done > 0


def test_every_operation_has_a_row() -> None:
    assert {str(kind) for kind in PLANS} == set(REQUESTS)
