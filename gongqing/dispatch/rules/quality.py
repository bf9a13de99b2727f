"""Which closed matters of a hotline are checked, what is looked at, and when has one passed?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from gongqing.audit.actor import Role
from gongqing.lib.choices import Choice
from gongqing.lib.errors import BadInput, NotPermitted

SHARE = 0.05
LEAST_A_SEAT = 3
PASS_MARK = 85
CHECKERS = frozenset({Role.COUNTY_SUPERVISOR, Role.CITY_SUPERVISOR})
READERS = CHECKERS | {Role.HOTLINE_SEAT, Role.AUDITOR}


class Why(Choice):
    """Why a matter was drawn."""

    GRADE = "橙红必查", "橙色、红色的全部检查"
    DISSATISFIED = "不满意必查", "职工不满意的全部检查"
    RANDOM = "随机抽查", "随机抽到"


class Mark(Choice):
    """How far a point was met; the value is its share in hundredths."""

    MET = "100", "做到"
    PARTLY = "50", "一半"
    NOT_MET = "0", "没做到"


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that a check looks at, and how much of the hundred it is worth."""

    code: str
    name: str
    weight: int
    hint: str


POINTS = (
    Point("courtesy", "礼貌用语", 15, "开头问好、报工号，不打断、不责怪，结束有致谢。"),
    Point("elements", "要素完整", 20, "单位、地点、时间、人数、金额和联系方式问清并记下。"),
    Point("category", "分类准确", 15, "和办结时的分类一致；后来被改的说明理由。"),
    Point("grade", "定级准确", 15, "人数、金额和危险言语没有漏记，等级没有因此偏低。"),
    Point("code", "告知编号", 15, "读出编号和查询密码，告诉怎么查。"),
    Point("deadline", "告知时限", 10, "说清由谁办、最晚哪天答复，和系统算的一致。"),
    Point("wording", "如实记录", 10, "按原话记，不添不减；没有替职工下结论。"),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A closed matter that may be drawn."""

    appeal_id: int
    seat_user_id: int | None
    grade: str
    is_dissatisfied: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A matter that was drawn, and why."""

    appeal_id: int
    why: Why


def draw(candidates: Iterable[Candidate], *, rng: Random) -> list[Drawn]:
    """The matters to be checked, by number: every orange, red or dissatisfied one, and of each seat's rest a sample.

    The sample of a seat is a twentieth of its matters, rounded up, and at least three, as far as there are so many. The
    same candidates in any order with a generator of the same seed give the same draw.
    """
    ordered = sorted(candidates, key=lambda one: one.appeal_id)
    found = [Drawn(one.appeal_id, why) for one in ordered if (why := _must(one)) is not None]
    rest: dict[int, list[Candidate]] = {}
    for one in ordered:
        if _must(one) is None:
            rest.setdefault(one.seat_user_id or 0, []).append(one)
    totals: dict[int, int] = {}
    for one in ordered:
        totals[one.seat_user_id or 0] = totals.get(one.seat_user_id or 0, 0) + 1
    for seat in sorted(rest):
        wanted = max(LEAST_A_SEAT, math.ceil(totals[seat] * SHARE))
        chosen = rng.sample(rest[seat], min(wanted, len(rest[seat])))
        found += [Drawn(one.appeal_id, Why.RANDOM) for one in chosen]
    return sorted(found, key=lambda one: one.appeal_id)


def _must(one: Candidate) -> Why | None:
    if one.grade in ("orange", "red"):
        return Why.GRADE
    return Why.DISSATISFIED if one.is_dissatisfied else None


def score_of(marks: Mapping[str, str]) -> int:
    """The score of a check, 0 to 100.

    Raises:
        BadInput: on the point that is missing or marked with something else.
    """
    total = 0.0
    for point in POINTS:
        given = marks.get(point.code, "")
        if given not in set(Mark):
            raise BadInput(point.code, f"请给“{point.name}”打分。")
        total += point.weight * int(given) / 100
    return round(total)


def has_passed(score: int) -> bool:
    """Whether a score reaches the pass mark."""
    return score >= PASS_MARK


def check_can_check(role: Role) -> None:
    """Calls are checked by the supervisors of county and city, never by the hotline itself.

    Raises:
        NotPermitted.
    """
    if role not in CHECKERS:
        raise NotPermitted("质检由区县和市级派单督办岗位进行。")


def check_can_draw(role: Role) -> None:
    """Samples are drawn by the city's supervisors and by the clock.

    Raises:
        NotPermitted.
    """
    if role not in (Role.CITY_SUPERVISOR, Role.SYSTEM):
        raise NotPermitted("抽样由市级派单督办岗位进行，每月一日也会自动抽一次。")


def missed_points(marks: Mapping[str, str]) -> Sequence[str]:
    """The names of the points that were not wholly met, in the order of the form."""
    return [point.name for point in POINTS if marks.get(point.code) != Mark.MET]
