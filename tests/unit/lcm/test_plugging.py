"""From any NICs to any others by legal moves: CloudStack's rules are acted out, and must never refuse."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from vnfm.domain.wiring import Socket
from vnfm.lcm.plugging import Goal, Move, next_move
from vnfm.vim.port import Nic, Server


def server(nics: list[Nic | None]) -> Server:
    return Server("vm", "vm", "Running", True, [nic for nic in nics if nic is not None])


def act(places: list[Nic | None], move: Move, number: int) -> None:
    """The VIM's part: the first free place, the swap, and what it refuses."""
    if move.act == "plug":
        assert move.socket is not None
        wanted = move.socket
        present = [nic for nic in places if nic is not None]
        assert all(nic.network_id != wanted.network for nic in present)
        assert wanted.mac is None or all(nic.mac_address != wanted.mac for nic in present)
        new = Nic(f"n{number}", str(wanted.network), "", wanted.mac or f"vim-{number}", None, False)
        places[places.index(None)] = new
        return
    at = next(place for place, nic in enumerate(places) if nic is not None and nic.id == move.nic)
    found, first = places[at], places[0]
    assert found is not None
    assert first is not None
    assert not found.is_default
    if move.act == "unplug":
        places[at] = None
    else:
        places[0], places[at] = replace(found, is_default=True), replace(first, is_default=False)


STARTS = [("a",), ("a", "b"), ("a", "b", "c")]
CASES = [
    (start, goal)
    for start in STARTS
    for goal in itertools.product(("a", "b", "c", "d", "e", None), repeat=len(start))
    if any(goal)
    and not ([one for one in goal if one] == ["a"] and goal[0] != "a")  # refused: domain.wiring
    and len([one for one in goal if one]) == len({one for one in goal if one})
]


@pytest.mark.parametrize(("start", "goal"), CASES)
def test_every_change_comes_about(start: tuple[str, ...], goal: tuple[str | None, ...]) -> None:
    places: list[Nic | None] = [Nic(f"o-{n}", n, "", f"mac-{n}", None, i == 0) for i, n in enumerate(start)]
    places += [None] * 4
    pairs = list(zip(start, goal, strict=True))
    sockets = [
        Socket(f"cp-{old}", new, f"o-{old}" if old == new else None, mac=f"mac-{old}") for old, new in pairs
    ]
    wanted = Goal(
        sockets, [s.cp for s in sockets if s.nic is None], [f"o-{old}" for old, new in pairs if old != new]
    )
    for number in range(30):
        move = next_move(server(places), wanted)
        if move is None:
            break
        act(places, move, number)
    else:
        pytest.fail("it never ends")
    present = [nic for nic in places if nic is not None]
    assert [nic.network_id for nic in present] == [one for one in goal if one]
    if len(present) > 1:
        assert [nic.mac_address for nic in present] == [f"mac-{old}" for old, new in pairs if new]
    assert present[0].is_default
