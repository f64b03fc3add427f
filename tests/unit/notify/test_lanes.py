"""Threads are shared so that those who answer never wait for those who do not."""

from __future__ import annotations

import pytest

from vnfm.notify.lanes import PROMPT, Lanes

REST = 5.0


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def proven(lanes: Lanes, *names: str) -> None:
    for name in names:
        lanes.report(name, 0.1)


def taken(lanes: Lanes, name: str, times: int) -> list[bool]:
    return [lanes.take(name) for _ in range(times)]


def test_one_that_answers_has_its_width_and_no_more(clock: Clock) -> None:
    lanes = Lanes(8, 3, REST, clock)
    proven(lanes, "a", "b")
    assert taken(lanes, "a", 4) == [True, True, True, False]
    assert taken(lanes, "b", 1) == [True]
    lanes.give_back("a")
    assert lanes.take("a")


def test_newcomers_have_one_thread_each_and_half_of_all(clock: Clock) -> None:
    lanes = Lanes(4, 3, REST, clock)
    assert taken(lanes, "a", 2) == [True, False]
    assert lanes.take("b")
    assert not lanes.take("c")
    proven(lanes, "good")
    assert taken(lanes, "good", 3) == [True, True, False], "the threads are all in use"
    assert not lanes.has_room


def test_one_that_does_not_answer_rests(clock: Clock) -> None:
    lanes = Lanes(4, 2, REST, clock)
    proven(lanes, "a")
    lanes.report("a", None)
    assert not lanes.take("a")
    clock.now += REST
    assert taken(lanes, "a", 2) == [True, False]
    lanes.report("a", 0.1)
    assert lanes.take("a")


def test_those_who_take_their_time_share_half_of_all(clock: Clock) -> None:
    lanes = Lanes(8, 3, REST, clock)
    lanes.report("late", PROMPT)
    lanes.report("later", 9.0)
    assert taken(lanes, "late", 4) == [True, True, True, False]
    assert taken(lanes, "later", 2) == [True, False]
    assert not lanes.take("newcomer")
    proven(lanes, "good")
    assert taken(lanes, "good", 4) == [True, True, True, False]


def test_a_single_thread_serves_newcomers_too(clock: Clock) -> None:
    assert Lanes(1, 1, REST, clock).take("a")


def test_what_is_forgotten_is_new(clock: Clock) -> None:
    lanes = Lanes(4, 2, REST, clock)
    lanes.report("a", None)
    lanes.forget("a")
    assert lanes.take("a")
