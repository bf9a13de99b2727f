"""The table of statuses, walked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.appeals.rules.statuses import CLOSED, OPEN, STATUS_WORDS, TRANSITIONS, Status, check_can_move, check_open
from gongqing.lib.errors import NotAllowed


def test_every_status_has_a_row_and_a_word():
    assert set(TRANSITIONS) == set(STATUS_WORDS) == set(Status)
    assert set(Status) == OPEN | CLOSED


def test_every_status_can_be_reached_from_triage():
    reached, edge = {Status.TRIAGE}, [Status.TRIAGE]
    while edge:
        for to in TRANSITIONS[edge.pop()] - reached:
            reached.add(to)
            edge.append(to)
    assert reached == set(Status)


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_nothing_leaves_a_closed_status(status: Status):
    assert TRANSITIONS[status] == frozenset()
    with pytest.raises(NotAllowed):
        check_open(status)


@given(st.lists(st.sampled_from(Status), max_size=60))
def test_a_walk_takes_only_steps_of_the_table_and_stops_when_closed(wishes: list[Status]):
    here = Status.TRIAGE
    for wish in wishes:
        if wish in TRANSITIONS[here]:
            check_can_move(here, to=wish)
            assert here in OPEN
            here = wish
        else:
            with pytest.raises(NotAllowed, match=STATUS_WORDS[here]):
                check_can_move(here, to=wish)


@given(st.sampled_from(sorted(OPEN)))
def test_from_everywhere_open_an_end_can_be_reached(status: Status):
    seen, edge = {status}, [status]
    while edge:
        for to in TRANSITIONS[edge.pop()] - seen:
            seen.add(to)
            edge.append(to)
    assert seen & CLOSED
