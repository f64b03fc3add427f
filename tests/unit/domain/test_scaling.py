"""Scaling arithmetic: tables by hand, and what must hold for any flavour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnfm.domain.scaling import (
    Direction,
    ScalingError,
    check_levels,
    level_vnfcs,
    reached,
    scale_by,
    scaled_vdus,
    vnfcs_at,
)
from vnfm.domain.vnfd import Flavour, InstantiationLevel, ScalingAspect, Vdu


def vdu(name: str, least: int, most: int) -> Vdu:
    return Vdu(name, name, "", 1, 1, None, min_instances=least, max_instances=most)


def flavour(
    limits: Mapping[str, tuple[int, int]],
    initial: Mapping[str, int],
    steps: Mapping[str, Sequence[Mapping[str, int]]],
) -> Flavour:
    """A flavour with those VDU limits, initial numbers, and steps per aspect."""
    return Flavour(
        id="f",
        description="",
        vdus={name: vdu(name, *bounds) for name, bounds in limits.items()},
        virtual_links={},
        storages={},
        aspects={
            name: ScalingAspect(name, name, "", len(deltas), tuple(deltas)) for name, deltas in steps.items()
        },
        levels={"start": InstantiationLevel("start", "", initial, dict.fromkeys(steps, 0))},
        default_level="start",
        initial_vnfcs=initial,
    )


#: Two aspects share the VDU web: each alone stays below 6, both together need not.
SHARED = flavour(
    {"web": (1, 5), "worker": (0, 4), "manager": (1, 3)},
    {"web": 1, "worker": 0, "manager": 1},
    {"front": [{"web": 1}, {"web": 1}, {"web": 2}], "back": [{"web": 1, "worker": 2}, {"worker": 2}]},
)

TABLE: list[tuple[Mapping[str, int], Mapping[str, int]]] = [
    ({}, {"web": 1, "worker": 0, "manager": 1}),
    ({"front": 0, "back": 0}, {"web": 1, "worker": 0, "manager": 1}),
    ({"front": 1}, {"web": 2, "worker": 0, "manager": 1}),
    ({"front": 3}, {"web": 5, "worker": 0, "manager": 1}),
    ({"back": 1}, {"web": 2, "worker": 2, "manager": 1}),
    ({"back": 2}, {"web": 2, "worker": 4, "manager": 1}),
    ({"front": 2, "back": 2}, {"web": 4, "worker": 4, "manager": 1}),
]


@pytest.mark.parametrize(("levels", "vnfcs"), TABLE)
def test_the_steps_up_to_the_level_are_added(levels: Mapping[str, int], vnfcs: Mapping[str, int]) -> None:
    assert vnfcs_at(SHARED, levels) == vnfcs
    check_levels(SHARED, levels)


def test_a_vdu_outside_all_aspects_keeps_its_present_number() -> None:
    assert scaled_vdus(SHARED) == {"web", "worker"}
    present = {"web": 4, "worker": 3, "manager": 2}
    assert vnfcs_at(SHARED, {"front": 1}, present) == {"web": 2, "worker": 0, "manager": 2}


def test_the_numbers_of_a_level() -> None:
    assert level_vnfcs(SHARED, "start") == {"web": 1, "worker": 0, "manager": 1}
    with pytest.raises(ScalingError, match="'huge' is no instantiation level of flavour f; it has: start"):
        level_vnfcs(SHARED, "huge")


REFUSED: list[tuple[Mapping[str, int], str]] = [
    ({"side": 0}, "'side' is no scaling aspect of flavour f; it has: back, front"),
    ({"front": 4}, "scaling aspect 'front' has the levels 0 to 3, not 4"),
    ({"back": -1}, "scaling aspect 'back' has the levels 0 to 2, not -1"),
    ({"front": 3, "back": 1}, r"levels \(back 1, front 3\) give 6 instances of VDU 'web', which has 1 to 5"),
]


@pytest.mark.parametrize(("levels", "said"), REFUSED)
def test_levels_outside_the_limits_are_refused(levels: Mapping[str, int], said: str) -> None:
    with pytest.raises(ScalingError, match=said):
        check_levels(SHARED, levels)


def test_a_number_below_the_minimum_is_refused() -> None:
    scarce = flavour({"web": (2, 5)}, {"web": 1}, {"front": [{"web": 1}]})
    check_levels(scarce, {"front": 1})
    with pytest.raises(ScalingError, match="give 1 instances of VDU 'web', which has 2 to 5"):
        check_levels(scarce, {})


MOVES: list[tuple[Mapping[str, int], str, int, Direction, Mapping[str, int]]] = [
    ({}, "front", 1, Direction.OUT, {"front": 1, "back": 0}),
    ({"front": 1}, "front", 2, Direction.OUT, {"front": 3, "back": 0}),
    ({"front": 3}, "front", 3, Direction.IN, {"front": 0, "back": 0}),
    ({"front": 2, "back": 2}, "back", 1, Direction.IN, {"front": 2, "back": 1}),
]


@pytest.mark.parametrize(("current", "aspect", "steps", "direction", "after"), MOVES)
def test_scaling_moves_one_aspect(
    current: Mapping[str, int], aspect: str, steps: int, direction: Direction, after: Mapping[str, int]
) -> None:
    before = dict(current)
    assert scale_by(SHARED, current, aspect, steps, direction) == after
    assert current == before


STOPPED: list[tuple[Mapping[str, int], str, int, Direction, str]] = [
    ({}, "front", 1, Direction.IN, "'front' has the levels 0 to 3, not -1"),
    ({"front": 3}, "front", 1, Direction.OUT, "'front' has the levels 0 to 3, not 4"),
    ({"front": 3}, "back", 1, Direction.OUT, "6 instances of VDU 'web'"),
    ({}, "front", 0, Direction.OUT, "at least one"),
    ({}, "side", 1, Direction.OUT, "'side' is no scaling aspect"),
    ({"side": 1}, "front", 1, Direction.OUT, "'side' is no scaling aspect"),
]


@pytest.mark.parametrize(("current", "aspect", "steps", "direction", "said"), STOPPED)
def test_scaling_stops_at_the_limits(
    current: Mapping[str, int], aspect: str, steps: int, direction: Direction, said: str
) -> None:
    with pytest.raises(ScalingError, match=said):
        scale_by(SHARED, current, aspect, steps, direction)


def test_the_direction_is_spelt_as_in_the_request() -> None:
    assert (Direction("SCALE_OUT"), Direction("SCALE_IN")) == (Direction.OUT, Direction.IN)


NAMES = ("a", "b", "c")


@st.composite
def flavours(draw: st.DrawFn) -> Flavour:
    """Any flavour whose start is within its limits."""
    added = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3), max_size=3)
    steps = draw(st.dictionaries(st.sampled_from(("x", "y")), st.lists(added, max_size=4), min_size=1))
    initial = {name: draw(st.integers(0, 4)) for name in NAMES}
    limits = {
        name: (draw(st.integers(0, number)), number + draw(st.integers(0, 10)))
        for name, number in initial.items()
    }
    return flavour(limits, initial, steps)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data(), chosen=flavours())
def test_any_walk_stays_within_limits_and_every_step_out_can_be_taken_back(
    data: st.DataObject, chosen: Flavour
) -> None:
    levels: Mapping[str, int] = {}
    for _ in range(data.draw(st.integers(1, 6))):
        aspect = data.draw(st.sampled_from(sorted(chosen.aspects)))
        steps = data.draw(st.integers(1, 5))
        direction = data.draw(st.sampled_from(Direction))
        try:
            after = scale_by(chosen, levels, aspect, steps, direction)
        except ScalingError:
            continue
        back = Direction.IN if direction is Direction.OUT else Direction.OUT
        again = scale_by(chosen, after, aspect, steps, back)
        assert again == {**dict.fromkeys(chosen.aspects, 0), **levels}
        assert vnfcs_at(chosen, again) == vnfcs_at(chosen, levels)
        levels = after
        for name, number in vnfcs_at(chosen, levels).items():
            assert chosen.vdus[name].min_instances <= number <= chosen.vdus[name].max_instances
        assert all(0 <= level <= chosen.aspects[name].max_level for name, level in levels.items())


@pytest.mark.parametrize(
    ("levels", "present", "found"),
    [
        ({"a": 0}, {"x": 1, "y": 0}, {"a": 0}),
        ({"a": 0}, {"x": 2, "y": 0}, {"a": 0}),  # y is missing for the step
        ({"a": 0}, {"x": 2, "y": 1}, {"a": 1}),
        ({"a": 0}, {"x": 9, "y": 9}, {"a": 2}),
        ({"a": 2}, {"x": 2, "y": 2}, {"a": 1}),
        ({"a": 2}, {}, {"a": 0}),
        ({"a": 1, "gone": 1}, {"x": 2, "y": 1}, {"a": 1}),
    ],
)
def test_levels_that_so_many_vnfcs_amount_to(
    levels: Mapping[str, int], present: Mapping[str, int], found: Mapping[str, int]
) -> None:
    two = flavour({"x": (0, 9), "y": (0, 9)}, {"x": 1, "y": 0}, {"a": [{"x": 1, "y": 1}, {"x": 1, "y": 1}]})
    assert reached(two, levels, present) == found
