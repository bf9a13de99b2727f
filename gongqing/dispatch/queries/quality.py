"""Which closed matters may be drawn, which were, and how did the hotline do?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from gongqing.appeals.models import Access, AccessReason, Appeal, Evaluation, Satisfaction
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.audit.models import Event
from gongqing.dispatch.models import Call, CallDirection, QualityCheck
from gongqing.dispatch.rules import quality as rules
from gongqing.lib.errors import NotFound, NotPermitted
from gongqing.lib.workdays import start_of_day
from gongqing.registry.models import Organisation

DRAWN = "quality_checks.drawn"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a month's checks say: every rate with its numerator and denominator.

    Attributes:
        closed: how many matters of the hotlines were closed in the month; None before a draw.
        passed: of the checked ones, how many reached the pass mark.
    """

    drawn: int
    checked: int
    passed: int
    closed: int | None


@dataclass(frozen=True, slots=True)
class QualityPage:
    """One month's checks in the actor's view."""

    month: date
    checks: Sequence[QualityCheck]
    figures: Figures
    hotlines: Sequence[tuple[Organisation, Event | None]]
    months: Sequence[date]


def check_can_read(actor: Actor) -> None:
    """Checks are read by the supervisors of county and city, by auditors, and by the seats that they are about.

    Raises:
        NotPermitted.
    """
    if actor.role not in rules.READERS:
        raise NotPermitted("质检结果供区县和市级督办岗位查看，坐席只看自己的。")


def visible_checks(actor: Actor) -> QuerySet[QualityCheck]:
    """The checks of matters in the actor's view; a seat sees its own alone."""
    found = QualityCheck.objects.filter(appeal__in=Appeal.objects.visible_to(actor))
    if actor.role is Role.HOTLINE_SEAT:
        found = found.filter(seat_user_id=actor.user_id)
    return found.select_related("appeal__category", "appeal__handler", "organisation", "call")


def quality_page(actor: Actor, month: date) -> QualityPage:
    """The checks of a month, those that wait first, with figures.

    Raises:
        NotPermitted.
    """
    check_can_read(actor)
    seen = visible_checks(actor)
    checks = list(seen.filter(drawn_for=month).order_by("checked_at", "seat_name", "id"))
    checks.sort(key=lambda each: each.checked_at is not None)
    lines = Organisation.objects.filter(kind="hotline", is_active=True).order_by("code")
    drawings = [(line, drawing_of(line, month)) for line in lines]
    closed = [len(event.data.get("population", [])) for _, event in drawings if event is not None]
    sees_all = actor.role in (Role.CITY_SUPERVISOR, Role.AUDITOR)
    figures = Figures(
        drawn=len(checks),
        checked=sum(each.checked_at is not None for each in checks),
        passed=sum(bool(each.passed) for each in checks),
        closed=sum(closed) if closed and sees_all else None,
    )
    months = sorted({*seen.values_list("drawn_for", flat=True), month}, reverse=True)
    return QualityPage(month, checks, figures, drawings, months[:24])


def quality_check_numbered(check_id: int, actor: Actor) -> QualityCheck:
    """One check in the actor's view.

    Raises:
        NotPermitted, NotFound.
    """
    check_can_read(actor)
    found = visible_checks(actor).filter(pk=check_id).first()
    if found is None:
        raise NotFound("没有这项质检，或者不在您能看的范围内。")
    return found


def points_of(check: QualityCheck) -> list[dict[str, Any]]:
    """What was marked, point by point, in the order of the form; empty before the check."""
    return [
        {
            "point": point,
            "mark": rules.Mark.label_of(check.points[point.code]),
            "is_met": check.points[point.code] == "100",
        }
        for point in rules.POINTS
        if point.code in check.points
    ]


def drawing_of(hotline: Organisation, month: date) -> Event | None:
    """The event of a month's draw, with its seed and population; None before the draw."""
    with scope.elevated():
        found = Event.objects.filter(kind=DRAWN, subject_kind="hotline", subject_id=hotline.pk)
        return found.filter(data__month=month.isoformat()).first()


def last_month(at: datetime) -> date:
    """The first day of the month before the moment's."""
    return (at.date().replace(day=1) - timedelta(days=1)).replace(day=1)


def candidates_of(hotline: Organisation, month: date) -> list[rules.Candidate]:
    """The hotline's matters that were archived in a month and that no earlier draw has taken."""
    begins, ends = start_of_day(month), start_of_day((month + timedelta(days=32)).replace(day=1))
    taken_in = Access.objects.filter(why=AccessReason.INTAKE, path=hotline.path).values("appeal_id")
    calls = Call.objects.filter(organisation=hotline, direction=CallDirection.IN, outcome="registered")
    closed = Appeal.objects.filter(
        Q(pk__in=taken_in) | Q(pk__in=calls.values("appeal_id")),
        status=Status.ARCHIVED,
        closed_at__gte=begins,
        closed_at__lt=ends,
        quality_check__isnull=True,
    )
    rows = list(closed.order_by("pk").values_list("pk", "reporter_user_id", "grade"))
    bad = set(
        Evaluation.objects.filter(
            appeal_id__in=[number for number, _, _ in rows], satisfaction=Satisfaction.NOT
        ).values_list("appeal_id", flat=True)
    )
    return [rules.Candidate(number, seat, grade, number in bad) for number, seat, grade in rows]


def register_calls_of(appeal_ids: Sequence[int]) -> dict[int, Call]:
    """The call in which each of these matters was registered, where there was one."""
    found = Call.objects.filter(appeal_id__in=appeal_ids, direction=CallDirection.IN, outcome="registered")
    return {call.appeal_id or 0: call for call in found.order_by("-id")}
