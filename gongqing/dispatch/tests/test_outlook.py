"""Do the life tables say what the past says, and do the moves help where they are permitted?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.dispatch.rules.outlook import (
    LEAST_SPEED,
    MOST_SPEED,
    Histories,
    Outlook,
    fitted,
    speed_of,
    worked_days,
)
from gongqing.dispatch.rules.redistribution import (
    LEAST_GAIN,
    OpenCases,
    Place,
    check_can_redistribute,
    expected_late,
    proposed,
)
from gongqing.lib.errors import NotAllowed
from gongqing.lib.times import SHANGHAI
from gongqing.lib.workdays import Calendar


def past(mean: float, *, count: int = 4000, category: str = "LE01", place: int = 1, watched: float = 30) -> Histories:
    """Cases answered after an exponential time of this mean, watched for so many days."""
    rng = np.random.default_rng(7)
    taken = rng.exponential(mean, count)
    limit = rng.uniform(0, watched, count)
    return Histories(
        used=np.minimum(taken, limit),
        answered=taken <= limit,
        categories=[category] * count,
        places=np.full(count, place),
        days=120,
    )


def joined(*parts: Histories) -> Histories:
    return Histories(
        used=np.concatenate([each.used for each in parts]),
        answered=np.concatenate([each.answered for each in parts]),
        categories=[code for each in parts for code in each.categories],
        places=np.concatenate([each.places for each in parts]),
        days=parts[0].days,
    )


def chance(outlook: Outlook, used: float, left: float, *, category: str = "LE01", pace: float = 1.0) -> float:
    return float(outlook.chances([category], np.array([used]), np.array([left]), np.array([pace]))[0])


@pytest.mark.parametrize(("used", "left"), [(0, 5), (5, 5), (10, 2)])
def test_the_chance_is_that_of_the_past(used: float, left: float) -> None:
    """Answered after five days on average: e^(−left/5) stay open, however long they have been open."""
    outlook = fitted(past(5.0))
    assert chance(outlook, used, left, pace=outlook.pace_of(1)) == pytest.approx(np.exp(-left / 5), abs=0.05)


def test_open_cases_count_for_as_long_as_they_were_watched() -> None:
    """Most are still open; to take them for answered, or to leave them out, would promise far too much."""
    outlook = fitted(past(20.0, watched=10))
    assert outlook.answered_count < outlook.count / 2
    assert chance(outlook, 0, 5) == pytest.approx(np.exp(-5 / 20), abs=0.05)


def test_few_cases_are_drawn_towards_their_class() -> None:
    many, few = past(10.0, category="LE01"), past(0.5, category="LE02", count=3)
    outlook = fitted(joined(many, few))
    assert abs(chance(outlook, 0, 5, category="LE02") - chance(outlook, 0, 5)) < 0.15
    assert chance(outlook, 0, 5, category="CD01") == pytest.approx(chance(outlook, 0, 5), abs=0.05)


def test_a_slow_organisation_is_known_as_slow() -> None:
    outlook = fitted(joined(past(4.0, place=1), past(16.0, place=2)))
    assert outlook.pace_of(2) < 0.7 < 1.2 < outlook.pace_of(1)
    assert outlook.pace_of(99) == 1.0
    assert chance(outlook, 2, 6, pace=outlook.pace_of(2)) > chance(outlook, 2, 6, pace=outlook.pace_of(1)) + 0.2


@given(
    used=st.floats(0, 100),
    left=st.floats(0, 100),
    longer=st.floats(0, 50),
    pace=st.floats(0.1, 4),
    slower=st.floats(0, 1),
)
def test_more_time_never_hurts_and_slowness_never_helps(
    used: float, left: float, longer: float, pace: float, slower: float
) -> None:
    now = chance(SOME, used, left, pace=pace)
    assert 0 <= now <= 1
    assert chance(SOME, used, left + longer, pace=pace) <= now + 1e-12
    assert chance(SOME, used, left, pace=pace * slower) >= now - 1e-12


SOME = fitted(past(5.0, count=300))


def test_nothing_is_known_of_an_empty_past() -> None:
    empty = Histories(np.zeros(0), np.zeros(0, dtype=bool), [], np.zeros(0, dtype=np.int64), 120)
    outlook = fitted(empty)
    assert chance(outlook, 0, 3) == pytest.approx(1.0)
    assert list(outlook.chances([], np.zeros(0), np.zeros(0), np.zeros(0))) == []


def test_speed_follows_the_load_of_each_person() -> None:
    assert speed_of(usual=10, held=10, staff=2, usual_staff=2) == 1
    assert speed_of(usual=10, held=20, staff=2, usual_staff=2) == pytest.approx(0.5**0.5)
    assert speed_of(usual=10, held=10, staff=1, usual_staff=2) == pytest.approx(0.5**0.5)
    assert speed_of(usual=10, held=500, staff=2, usual_staff=2) == LEAST_SPEED
    assert speed_of(usual=100, held=1, staff=2, usual_staff=2) == MOST_SPEED
    assert speed_of(usual=10, held=10, staff=0, usual_staff=2) == LEAST_SPEED
    assert speed_of(usual=0.2, held=2, staff=2, usual_staff=2) == pytest.approx(0.5**0.5)
    assert speed_of(usual=0.2, held=0.5, staff=2, usual_staff=2) == 1
    assert speed_of(usual=9, held=90, staff=0, usual_staff=0) == 1


@given(
    started=st.integers(0, 700 * 24 * 60),
    minutes=st.integers(0, 90 * 24 * 60),
)
def test_counted_time_is_that_of_the_calendar(started: int, minutes: int) -> None:
    days = Calendar()
    first = datetime(2025, 1, 1, tzinfo=SHANGHAI) + timedelta(minutes=started)
    last = first + timedelta(minutes=minutes)
    found = worked_days(days, np.array([first.timestamp(), last.timestamp()]))
    expected = days.working_time_between(first, last) / days.hours.length
    assert found[1] - found[0] == pytest.approx(expected, abs=1e-5)


def city(*, crowded: int = 12, calm: int = 1) -> tuple[Outlook, OpenCases, dict[int, Place]]:
    """Organisation 1 holds far more than usual, 2 hardly anything; both are equally quick."""
    outlook = fitted(joined(past(6.0, place=1), past(6.0, place=2)))
    count = crowded + calm
    cases = OpenCases(
        numbers=np.arange(100, 100 + count),
        categories=["LE01"] * count,
        places=np.array([1] * crowded + [2] * calm),
        used=np.linspace(0, 3, count),
        left=np.full(count, 4.0),
    )
    usual = outlook.usual[1]
    places = {1: Place(1, usual * 3, 2, 2), 2: Place(2, usual / 3, 2, 2)}
    return outlook, cases, places


def test_each_move_lowers_what_is_expected_to_be_late() -> None:
    outlook, cases, places = city()
    before = expected_late(outlook, cases, places).sum()
    moves = proposed(outlook, cases, places, {100 + number: [2] for number in range(12)})
    assert moves
    assert all(move.gain >= LEAST_GAIN and move.target == 2 for move in moves)
    assert all(move.chance_after < move.chance for move in moves)
    assert len({move.case for move in moves}) == len(moves)
    held = cases.places.copy()
    for move in moves:
        held[list(cases.numbers).index(move.case)] = 2
    after = {
        1: Place(1, places[1].held - len(moves), 2, 2),
        2: Place(2, places[2].held + len(moves), 2, 2),
    }
    moved = OpenCases(cases.numbers, cases.categories, held, cases.used, cases.left)
    assert before - expected_late(outlook, moved, after).sum() == pytest.approx(sum(move.gain for move in moves))


def test_no_case_is_moved_to_where_it_is_the_likelier_to_be_late() -> None:
    outlook, cases, _ = city(crowded=40, calm=0)
    outlook = replace(outlook, usual={1: 15.0, 2: 15.0})
    places = {1: Place(1, 40, 2, 2), 2: Place(2, 42, 2, 2)}  # a little relief for the forty, none for the one
    assert proposed(outlook, cases, places, {100: [2]}) == []
    quieter = {**places, 2: Place(2, 30, 2, 2)}
    (move,) = proposed(outlook, cases, quieter, {100: [2]})
    assert move.chance_after <= move.chance
    assert move.gain >= 0.1


def test_only_where_it_is_permitted() -> None:
    outlook, cases, places = city()
    moves = proposed(outlook, cases, places, {103: [2], 105: [1], 107: [77]})
    assert {move.case for move in moves} <= {103}
    assert proposed(outlook, cases, places, {}) == []


def test_nothing_moves_between_equals() -> None:
    outlook, cases, _ = city(crowded=6, calm=6)
    usual = outlook.usual[1]
    even = {1: Place(1, usual, 2, 2), 2: Place(2, usual, 2, 2)}
    assert proposed(outlook, cases, even, {100 + number: [2] for number in range(6)}) == []


@pytest.mark.parametrize(
    ("grade", "status", "is_contacted"),
    [
        ("red", "dispatched", False),
        ("green", "in_progress", False),
        ("green", "signed", True),
        ("green", "reopened", False),
    ],
)
def test_what_stays_where_it_is(grade: str, status: str, is_contacted: bool) -> None:
    with pytest.raises(NotAllowed):
        check_can_redistribute(grade=grade, status=status, is_contacted=is_contacted)
