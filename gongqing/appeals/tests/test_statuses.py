"""The table of statuses, walked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.appeals.rules.statuses import (
    CLOSED,
    JOINABLE,
    OPEN,
    STATUS_WORDS,
    TRANSITIONS,
    Status,
    check_can_move,
    check_open,
    check_takes_words,
)
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


@pytest.mark.parametrize("status", sorted(CLOSED - {Status.MERGED}))
def test_nothing_leaves_a_closed_status(status: Status):
    assert TRANSITIONS[status] == frozenset()
    with pytest.raises(NotAllowed):
        check_open(status)
    with pytest.raises(NotAllowed):
        check_takes_words(status)


def test_a_merged_appeal_returns_to_where_it_could_come_from_or_is_answered_with_its_lead():
    assert {status for status in Status if Status.MERGED in TRANSITIONS[status]} == JOINABLE
    assert TRANSITIONS[Status.MERGED] == JOINABLE | {Status.RESOLVED, Status.WITHDRAWN}
    with pytest.raises(NotAllowed):
        check_open(Status.MERGED)
    check_takes_words(Status.MERGED)


@given(st.lists(st.sampled_from(Status), max_size=60))
def test_a_walk_takes_only_steps_of_the_table_and_stops_when_closed(wishes: list[Status]):
    here = Status.TRIAGE
    for wish in wishes:
        if wish in TRANSITIONS[here]:
            check_can_move(here, to=wish)
            assert here in OPEN | {Status.MERGED}
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
