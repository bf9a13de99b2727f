"""Limits, sessions and places, without a database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.accounts import rules
from gongqing.audit.actor import ANONYMOUS, SYSTEM, Role
from gongqing.lib.errors import BadInput, NotPermitted
from gongqing.lib.times import SHANGHAI

AT = datetime(2025, 10, 13, 14, 20, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ago", "expected"),
    [([], 0), ([59], 1), ([60], 0), ([30, 10], 50), ([86_399 - 100 * step for step in range(10)], 1)],
)
def test_once_a_minute_and_ten_times_a_day(ago, expected):
    tries = [AT - timedelta(seconds=seconds) for seconds in ago]
    assert rules.seconds_to_wait(tries, rules.CODES_PER_PHONE, AT) == expected


@given(st.lists(st.integers(0, 7200), max_size=40), st.integers(1, 5), st.integers(1, 60))
def test_after_the_wait_the_door_is_open_and_never_before(ago, most, minutes):
    limits = ((most, minutes * MINUTE),)
    tries = [AT - timedelta(seconds=seconds) for seconds in ago]
    wait = rules.seconds_to_wait(tries, limits, AT)
    assert rules.seconds_to_wait(tries, limits, AT + timedelta(seconds=wait)) == 0
    assert wait == 0 or rules.seconds_to_wait(tries, limits, AT + timedelta(seconds=wait - 1)) == 1


@pytest.mark.parametrize(
    ("since", "seen", "is_staff", "over"),
    [
        (timedelta(hours=7, minutes=59), MINUTE, True, False),
        (timedelta(hours=8), MINUTE, True, True),
        (timedelta(hours=1), timedelta(minutes=30), True, True),
        (timedelta(hours=9), timedelta(hours=9), False, False),
        (timedelta(days=7), MINUTE, False, True),
    ],
)
def test_sessions_end(since, seen, is_staff, over):
    assert rules.is_session_over(since=AT - since, seen=AT - seen, at=AT, is_staff=is_staff) is over


def test_only_zone_postings_see_linked_unions_and_helpers_see_no_path():
    linked = ["/1/2/9/"]
    assert rules.paths_of(Role.ZONE_WORKER, "/1/2/3/", linked) == ("/1/2/3/", "/1/2/9/")
    assert rules.paths_of(Role.TOWN_SUPERVISOR, "/1/2/", linked) == ("/1/2/",)
    assert rules.paths_of(Role.ZONE_HELPER, "/1/2/3/", linked) == ()
    assert rules.paths_of(Role.ADMINISTRATOR, "/1/", linked) == ()


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        (Role.ZONE_WORKER, "town_union"),
        (Role.CITY_SUPERVISOR, "county_union"),
        (Role.HOTLINE_SEAT, None),
        (Role.WORKER, None),
    ],
)
def test_a_role_is_held_where_it_belongs(role, kind):
    with pytest.raises(BadInput):
        rules.check_place(role, kind)
    rules.check_place(Role.AUDITOR, None)


def test_only_administrators_and_the_system_administer():
    rules.check_administers(SYSTEM)
    with pytest.raises(NotPermitted):
        rules.check_administers(ANONYMOUS)


def test_every_demo_password_is_strong_enough():
    assert all(len(rules.demo_password(name)) >= 10 for name in rules.DEMO_ACCOUNTS)
