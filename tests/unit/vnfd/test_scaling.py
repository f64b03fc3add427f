"""Aspects, deltas and levels: the arithmetic, and every contradiction among them."""

from __future__ import annotations

import pytest

from tests.unit.vnfd.build import BASE, edited, flavour_of, line_of
from vnfm.vnfd import PackageError

POLICIES = BASE[BASE.index("  policies:") :]
FRONT_LEVELS = BASE[BASE.index("    - front_levels:") : BASE.index("    - apart:")]
DELTA = "            by_one: { number_of_instances: 1 }"
ASPECT = "step_deltas: [ by_one ]"


def test_one_delta_serves_every_step() -> None:
    flavour = flavour_of(BASE)
    aspect = flavour.aspects["grow"]
    assert (aspect.max_level, aspect.steps) == (3, ({"front": 1}, {"front": 1}, {"front": 1}))
    assert flavour.initial_vnfcs == {"front": 1, "back": 1}


def test_several_deltas_serve_one_step_each() -> None:
    text = edited(
        (ASPECT, "step_deltas: [ by_one, by_one, by_two ]"),
        (DELTA, f"{DELTA}\n            by_two: {{ number_of_instances: 2 }}"),
    )
    assert flavour_of(text).aspects["grow"].steps == ({"front": 1}, {"front": 1}, {"front": 2})


def test_without_step_deltas_the_only_delta_is_meant() -> None:
    assert flavour_of(edited((f", {ASPECT}", ""))).aspects["grow"].steps == ({"front": 1},) * 3


def test_levels_stated_and_computed_from_scale_info() -> None:
    for text in (BASE, edited((FRONT_LEVELS, ""))):
        flavour = flavour_of(text)
        assert flavour.default_level == "low"
        assert {name: (level.vnfcs, level.scale_levels) for name, level in flavour.levels.items()} == {
            "low": ({"front": 1, "back": 1}, {"grow": 0}),
            "high": ({"front": 3, "back": 1}, {"grow": 2}),
        }


def test_one_level_is_the_default_without_saying_so() -> None:
    text = edited(
        ("          default_level: low\n", ""),
        ("            high: { description: high, scale_info: { grow: { scale_level: 2 } } }\n", ""),
        ("            high: { number_of_instances: 3 }\n", ""),
    )
    assert flavour_of(text).default_level == "low"


def test_a_vnfd_without_any_policy_has_one_level_of_minimum_size() -> None:
    text = edited(
        (POLICIES, ""),
        (
            "min_number_of_instances: 1, max_number_of_instances: 5",
            "min_number_of_instances: 2, max_number_of_instances: 5",
        ),
    )
    flavour = flavour_of(text)
    assert (flavour.default_level, flavour.aspects) == ("default", {})
    assert flavour.levels["default"].vnfcs == {"front": 2, "back": 1}


def test_a_vdu_that_does_not_scale_takes_its_levels_number() -> None:
    policy = (
        "    - back_levels:\n        type: tosca.policies.nfv.VduInstantiationLevels\n"
        "        targets: [ back ]\n"
        "        properties:\n"
        "          levels: { low: { number_of_instances: 1 }, high: { number_of_instances: 1 } }\n"
        "    - apart:"
    )
    assert flavour_of(edited(("    - apart:", policy))).initial_vnfcs["back"] == 1


@pytest.mark.parametrize("listed", [True, False])
def test_policies_as_list_and_as_map(listed: bool) -> None:
    text = BASE if listed else BASE[: BASE.index("  policies:")] + POLICIES.replace("    - ", "      ")
    assert flavour_of(text).levels["high"].vnfcs == {"front": 3, "back": 1}


BAD = {
    "deltas for an unknown aspect": (
        ("aspect: grow\n", "aspect: shrink\n"),
        "unknown-aspect",
        "aspect: shrink",
    ),
    "deltas for an unknown VDU": (
        (
            "        targets: [ front ]\n        properties:\n          aspect",
            "        targets: [ gone ]\n        properties:\n          aspect",
        ),
        "unknown-vdu",
        "- deltas:",
    ),
    "initial delta for an unknown VDU": (
        (
            "        targets: [ front ]\n        properties: { initial",
            "        targets: [ gone ]\n        properties: { initial",
        ),
        "unknown-vdu",
        "initial:",
    ),
    "step names no delta": ((ASPECT, "step_deltas: [ by_ten ]"), "unknown-delta", "by_ten"),
    "as many deltas as no rule knows": (
        (ASPECT, "step_deltas: [ by_one, by_one ]"),
        "step-deltas",
        "by_one, by_one",
    ),
    "no initial delta": (
        (BASE[BASE.index("    - initial:") : BASE.index("    - deltas:")], ""),
        "initial-delta",
        "    front:",
    ),
    "level disagrees with the deltas": (
        ("high: { number_of_instances: 3 }", "high: { number_of_instances: 4 }"),
        "level-disagrees",
        "instances: 4",
    ),
    "scale level above the maximum": (("scale_level: 2", "scale_level: 4"), "scale-level", "scale_level: 4"),
    "scale level of an unknown aspect": (
        ("{ grow: { scale_level", "{ shrink: { scale_level"),
        "unknown-aspect",
        "shrink",
    ),
    "number for an unknown level": (
        ("low: { number_of_instances", "tiny: { number_of_instances"),
        "unknown-level",
        "tiny",
    ),
    "unknown default": (("default_level: low", "default_level: tiny"), "unknown-level", "tiny"),
    "several levels without default": (("          default_level: low\n", ""), "default-level", "levels:"),
    "full scale above the maximum": (
        ("max_number_of_instances: 5", "max_number_of_instances: 3"),
        "instances",
        "    front:",
    ),
    "start below the minimum": (
        (
            "min_number_of_instances: 1, max_number_of_instances: 5",
            "min_number_of_instances: 2, max_number_of_instances: 5",
        ),
        "instances",
        "    front:",
    ),
    "level outside the bounds": (
        (
            "    - apart:",
            "    - back_levels:\n        type: tosca.policies.nfv.VduInstantiationLevels\n"
            "        targets: [ back ]\n"
            "        properties: { levels: { low: { number_of_instances: 0 } } }\n    - apart:",
        ),
        "instances",
        "    back:",
    ),
    "negative number": ((DELTA, DELTA.replace("1 }", "-1 }")), "out-of-range", "by_one: {"),
    "absurd number of steps": (
        ("max_scale_level: 3", "max_scale_level: 1000000000"),
        "out-of-range",
        "max_scale_level",
    ),
    "a delta twice": (
        (
            "    - apart:",
            "    - again:\n        type: tosca.policies.nfv.VduInitialDelta\n        targets: [ front ]\n"
            "        properties: { initial_delta: { number_of_instances: 1 } }\n    - apart:",
        ),
        "duplicate-delta",
        "again:",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_contradictions_are_refused(case: str) -> None:
    edit, rule, fragment = BAD[case]
    text = edited(edit)
    with pytest.raises(PackageError) as caught:
        flavour_of(text)
    assert (caught.value.rule, caught.value.line) == (rule, line_of(text, fragment))


def test_a_vdu_outside_all_aspects_may_differ_from_level_to_level() -> None:
    policy = (
        "    - back_levels:\n        type: tosca.policies.nfv.VduInstantiationLevels\n"
        "        targets: [ back ]\n"
        "        properties:\n"
        "          levels: { low: { number_of_instances: 1 }, high: { number_of_instances: 2 } }\n"
        "    - apart:"
    )
    text = edited(
        ("    - apart:", policy),
        ("instances: 1, max_number_of_instances: 1 }", "instances: 1, max_number_of_instances: 2 }"),
    )
    flavour = flavour_of(text)
    assert {name: level.vnfcs["back"] for name, level in flavour.levels.items()} == {"low": 1, "high": 2}


def test_two_aspects_may_share_a_vdu_beyond_its_maximum() -> None:
    """Each fits alone (1 + 3 of 5); both at the top would not, which only scaling itself can judge."""
    second = (
        "    - more_deltas:\n        type: tosca.policies.nfv.VduScalingAspectDeltas\n"
        "        targets: [ front ]\n"
        "        properties: { aspect: spread, deltas: { by_three: { number_of_instances: 3 } } }\n"
        "    - apart:"
    )
    aspect = (
        "            spread: { name: s, description: s, max_scale_level: 1, step_deltas: [ by_three ] }\n"
    )
    flavour = flavour_of(
        edited(("    - apart:", second), ("            grow: {", f"{aspect}            grow: {{"))
    )
    assert flavour.aspects["spread"].steps == ({"front": 3},)
    assert flavour.levels["high"].scale_levels == {"spread": 0, "grow": 2}
