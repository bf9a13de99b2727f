"""Which shifts does a repeating pattern make, and what do last week's make this week?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from gongqing.dispatch.rules.duty import MOST_RANK, Watch, working_spans
from gongqing.lib.errors import BadInput
from gongqing.lib.workdays import Calendar, start_of_day

MOST_WEEKS = 12
WEEK = timedelta(days=7)
TURNS = {"day": "每天换人", "week": "每周换人"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """People taking turns.

    Attributes:
        people: account and name, in the order of their turns.
        ranks: how many are on duty at the same time; the next in turn is the second rank.
        nights, noons: on working days, from the end of work to the next morning, and over midday.
        rest_days: on days without work, from one morning to the next.
        turn: `day` or `week`, after which the next one begins.
    """

    people: Sequence[tuple[int, str]]
    ranks: int
    first: date
    weeks: int
    nights: bool = True
    noons: bool = True
    rest_days: bool = True
    turn: str = "day"


def check_pattern(pattern: Pattern) -> None:
    """A pattern that makes shifts.

    Raises:
        BadInput: on `people`, `ranks`, `weeks` or `hours`.
    """
    numbers = [user_id for user_id, _ in pattern.people]
    if not numbers:
        raise BadInput("people", "请至少填一个轮值的人。")
    if len(set(numbers)) < len(numbers):
        raise BadInput("people", "同一个人填了两次。")
    if not 1 <= pattern.ranks <= MOST_RANK:
        raise BadInput("ranks", f"每班排 1 到 {MOST_RANK} 人。")
    if pattern.ranks > len(numbers):
        raise BadInput("ranks", f"只填了 {len(numbers)} 个人，排不出每班 {pattern.ranks} 人。")
    if not 1 <= pattern.weeks <= MOST_WEEKS:
        raise BadInput("weeks", f"一次排 1 到 {MOST_WEEKS} 周。")
    if not (pattern.nights or pattern.noons or pattern.rest_days):
        raise BadInput("hours", "请至少选一种时段。")


def planned(pattern: Pattern, calendar: Calendar) -> list[Watch]:
    """The shifts of a pattern in order of time, working days as the calendar has them."""
    found = []
    for number in range(7 * pattern.weeks):
        day = pattern.first + timedelta(days=number)
        step = number if pattern.turn == "day" else number // 7
        for starts_at, ends_at in _spans(pattern, calendar, day):
            for rank in range(1, pattern.ranks + 1):
                user_id, name = pattern.people[(step + rank - 1) % len(pattern.people)]
                found.append(Watch(user_id, name, rank, starts_at, ends_at))
    return found


def a_week_later(watches: Sequence[Watch]) -> list[Watch]:
    """The same shifts seven days on."""
    return [
        Watch(each.user_id, each.name, each.rank, each.starts_at + WEEK, each.ends_at + WEEK)
        for each in sorted(watches, key=lambda each: (each.starts_at, each.rank))
    ]


def obstacle(watch: Watch, held: Sequence[Watch]) -> str:
    """Why a shift does not fit into a roster, in the user's words; empty when it does."""
    for other in held:
        if watch.meets(other) and other.rank == watch.rank:
            return f"这个时段的第 {watch.rank} 顺位已排{other.name}"
        if watch.meets(other) and other.user_id == watch.user_id:
            return f"{watch.name}这个时段已排在第 {other.rank} 顺位"
    return ""


def sorted_out(planned_shifts: Sequence[Watch], held: Sequence[Watch]) -> list[tuple[Watch, str]]:
    """Each planned shift with what stands in its way: what is on the roster already, or was planned before it."""
    taken, found = list(held), []
    for watch in planned_shifts:
        why = obstacle(watch, taken)
        found.append((watch, why))
        if not why:
            taken.append(watch)
    return found


def _spans(pattern: Pattern, calendar: Calendar, day: date) -> list[tuple[datetime, datetime]]:
    today = working_spans(calendar, start_of_day(day))
    morning = working_spans(calendar, start_of_day(day + timedelta(days=1)))[0][0]
    if not calendar.is_workday(day):
        return [(today[0][0], morning)] if pattern.rest_days else []
    noons = [(closes, opens) for (_, closes), (opens, _) in pairwise(today)] if pattern.noons else []
    return [*noons, (today[-1][1], morning)] if pattern.nights else noons
