"""Which cases does a weekly report name, and how, so that nobody is recognised?

By their codes, with the employer masked and without a word of the worker's. A case that only few may see shows neither
employer nor amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet

from gongqing.appeals.models import Appeal, Category, Kind
from gongqing.appeals.queries.numbers import numbers_said
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.statuses import ANSWERED, STATUS_WORDS, Status
from gongqing.dispatch.models import Clock, Order, OrderRole
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.queries import calendar
from gongqing.dispatch.rules.outcomes import Outcome
from gongqing.insight.queries.counting import IN_HAND
from gongqing.insight.rules.catalogue import SMALL
from gongqing.insight.rules.naming import masked_employer
from gongqing.insight.rules.weeks import Week
from gongqing.lib.times import day_of, local
from gongqing.lib.workdays import end_of_day
from gongqing.registry.models import Level, Region

MOST_SERIOUS, MOST_LATE, MOST_TYPICAL, MOST_EMPLOYERS, MOST_RESOURCES = 60, 30, 3, 5, 8
NEAR_DAYS = 2
URGENT = (Grade.RED.value, Grade.ORANGE.value)
RESTRICTED = "限制查看"
DELICATE = ("LE10", "SC02")  # told by county, without the employer: the place could name the person


def within(found: QuerySet[Appeal], region: Region | None) -> QuerySet[Appeal]:
    """The appeals that happened in this region; all without one."""
    return found.filter(region__code__startswith=region.code) if region else found


def serious(region: Region | None, week: Week, at: datetime) -> dict[str, Any]:
    """Every orange and red appeal that is in hand, came in or was answered in the week; the red ones first."""
    in_week = {"gte": week.begins_at, "lt": week.ends_at}
    moved = Q(status__in=[*IN_HAND])
    for field in ("received_at", "resolved_at"):
        moved |= Q(**{f"{field}__{name}": value for name, value in in_week.items()})
    found = within(Appeal.objects.filter(moved, grade__in=URGENT, received_at__lt=week.ends_at), region)
    found = found.exclude(status__in=[Status.WITHDRAWN, Status.INVALID, Status.MERGED])
    listed = sorted(_with_names(found), key=lambda one: (URGENT.index(one.grade), one.received_at, one.pk))
    kept = listed[:MOST_SERIOUS]
    who, due = _responsible(kept), _next_due(kept)
    return {
        "count": len(listed),
        "red": sum(one.grade == Grade.RED.value for one in listed),
        "new": sum(one.received_at >= week.begins_at for one in listed),
        "answered": sum(one.status in {each.value for each in ANSWERED} for one in listed),
        "cases": [
            {
                **_case(one),
                **_unsure(one),
                "grade": one.grade,
                "people": one.worker_count,
                "amount": None if one.restricted else _money(one.amount),
                "progress": STATUS_WORDS[Status(one.status)] + ("，已超时" if one.is_overdue else ""),
                "outcome": Outcome.label_of(one.outcome) if one.outcome else "",
                "who": who.get(one.pk, ""),
                "next": due[one.pk][0] if one.pk in due else "",
                "next_due": _day(due[one.pk][1]) if one.pk in due else "",
                "next_late": one.pk in due and due[one.pk][1] < at,
            }
            for one in kept
        ],
    }


def late(region: Region | None, at: datetime) -> dict[str, Any]:
    """What is in hand past its deadline, the oldest first, and how much of it lies with whom.

    `days` are whole working days of working time since the oldest deadline missed, as on the board of deadlines.
    A case whose deadline had not passed at this moment is not named: it was marked later than the figures speak of.
    """
    found = within(Appeal.objects.filter(kind=Kind.APPEAL, status__in=[*IN_HAND]), region)
    found = found.filter(Q(is_overdue=True) | Q(next_due_at__lt=at))
    by_handler = found.order_by().values(name=F("handler__name")).annotate(n=Count("pk"), oldest=Min("next_due_at"))
    rows = sorted(by_handler, key=lambda row: (-row["n"], row["name"] or ""))
    oldest = _with_names(found.order_by(F("next_due_at").asc(nulls_last=True), "id")[:MOST_LATE])
    missed = _missed(oldest, at)
    days = calendar()
    return {
        "count": sum(row["n"] for row in rows),
        "handlers": [{"name": row["name"] or "未派单", "n": row["n"]} for row in rows],
        "cases": [
            {
                **_case(one),
                "handler": str(one.handler) if one.handler else "未派单",
                "due": _day(missed[one.pk]),
                "days": int(days.working_time_between(missed[one.pk], at) / days.hours.length),
            }
            for one in oldest
            if one.pk in missed
        ],
    }


def near(region: Region | None, at: datetime) -> dict[str, Any]:
    """What is due within two working days and not late yet, by who handles it."""
    until = calendar().end_of_workday(day_of(at), NEAR_DAYS)
    found = within(Appeal.objects.filter(kind=Kind.APPEAL, status__in=[*IN_HAND], is_overdue=False), region)
    found = found.filter(next_due_at__gte=at, next_due_at__lte=until)
    rows: Any = found.order_by().values(name=F("handler__name")).annotate(n=Count("pk"))
    listed = sorted(({"name": row["name"] or "未派单", "n": row["n"]} for row in rows), key=_by_number)
    return {"until": _day(until), "count": sum(row["n"] for row in listed), "handlers": listed}


def typical(region: Region | None, week: Week) -> list[dict[str, Any]]:
    """Up to three answered cases that are worth telling: most won back, most helped, a need that was met."""
    found = within(Appeal.objects.filter(status__in=[*ANSWERED], restricted=False), region)
    found = found.filter(resolved_at__gte=week.begins_at, resolved_at__lt=week.ends_at)
    kept: dict[int, Appeal] = {}
    for wanted in (
        found.filter(kind=Kind.APPEAL, recovered_amount__gt=0).order_by("-recovered_amount", "id"),
        found.filter(kind=Kind.APPEAL, helped_count__gte=SMALL).order_by("-helped_count", "id"),
        found.filter(kind=Kind.NEED, outcome=Outcome.NEED_MET.value).order_by(
            F("helped_count").desc(nulls_last=True), "id"
        ),
    ):
        one = next((each for each in _with_names(wanted[:MOST_TYPICAL]) if each.pk not in kept), None)
        if one is not None:
            kept[one.pk] = one
    days = calendar()
    return [
        {
            **_case(one),
            "kind": one.kind,
            "people": one.helped_count or numbers_said(one).sure_workers,
            "amount": _money(one.recovered_amount),
            "handler": str(one.handler) if one.handler else "",
            "outcome": Outcome.label_of(one.outcome) if one.outcome else "",
            "days": days.workdays_between(day_of(one.received_at), day_of(one.resolved_at))
            if one.resolved_at
            else None,
            "content": one.satisfaction in ("satisfied", "basically"),
        }
        for one in kept.values()
    ]


def employers(region: Region | None, week: Week) -> list[dict[str, Any]]:
    """Employers of whom at least three appeals came in during the week, masked: what may become a collective matter."""
    found = within(Appeal.objects.filter(kind=Kind.APPEAL, restricted=False), region)
    found = found.filter(received_at__gte=week.begins_at, received_at__lt=week.ends_at).exclude(employer_name="")
    rows: Any = found.order_by().values("employer_name").annotate(n=Count("pk")).filter(n__gte=SMALL)
    return [
        {"name": masked_employer(row["employer_name"]), "n": row["n"]}
        for row in sorted(rows, key=lambda row: (-row["n"], row["employer_name"]))[:MOST_EMPLOYERS]
    ]


def resources(region: Region | None, week: Week) -> dict[str, Any]:
    """Which resources were brought to needs and appeals that were answered in the week."""
    found = within(Appeal.objects.filter(status__in=[*ANSWERED]), region).exclude(resource="")
    found = found.filter(resolved_at__gte=week.begins_at, resolved_at__lt=week.ends_at)
    rows: Any = found.order_by().values("resource").annotate(n=Count("pk"))
    listed = sorted(({"name": row["resource"], "n": row["n"]} for row in rows), key=_by_number)
    return {"count": sum(row["n"] for row in listed), "rows": listed[:MOST_RESOURCES]}


def _unsure(one: Appeal) -> dict[str, bool]:
    """Which of its numbers the words do not claim for sure; such a one is named as 约, 待核 and is in no sum."""
    said = numbers_said(one)
    return {"people_unsure": not said.workers_sure, "amount_unsure": not said.amount_sure}


def _with_names(found: QuerySet[Appeal]) -> list[Appeal]:
    fields = (
        *("code", "kind", "grade", "status", "restricted", "employer_name", "worker_count", "amount", "is_overdue"),
        *(
            "text",
            "outcome",
            "helped_count",
            "recovered_amount",
            "received_at",
            "resolved_at",
            "satisfaction",
            "next_due_at",
        ),
    )
    related: tuple[str, ...] = (
        "category__code",
        "category__name",
        "region__name",
        "region__level",
        "region__parent__name",
    )
    related += ("handler__name", "handler__short_name")
    return list(found.select_related("category", "region__parent", "handler").only(*fields, *related))


def _case(one: Appeal) -> dict[str, Any]:
    category: Category | None = one.category
    is_delicate = one.restricted or (category is not None and category.code in DELICATE)
    region = one.region
    if is_delicate and region is not None and region.level == Level.TOWN and region.parent is not None:
        region = region.parent
    return {
        "code": one.code,
        "category": category.name if category else "待分类",
        "place": region.name if region else "未定地",
        "employer": RESTRICTED if is_delicate else masked_employer(one.employer_name),
        "received": _day(one.received_at),
    }


def _responsible(listed: Sequence[Appeal]) -> dict[int, str]:
    """Who has the main order: the organisation, and the person where one has taken it."""
    orders = Order.objects.filter(appeal__in=[one.pk for one in listed], role=OrderRole.HANDLE).order_by("id")
    names: dict[int, tuple[bool, str]] = {}
    for order in orders.select_related("organisation"):
        is_open = order.status in OPEN_ORDERS
        if is_open or not names.get(order.appeal_id, (False, ""))[0]:
            names[order.appeal_id] = is_open, f"{order.organisation} {order.assignee_name}".strip()
    return {number: name for number, (_, name) in names.items()}


def _next_due(listed: Sequence[Appeal]) -> dict[int, tuple[str, datetime]]:
    """The step that is due next and its deadline."""
    words = {"sign": "签收", "contact": "联系职工", "report": "阶段报告", "close": "办结"}
    found: dict[int, tuple[str, datetime]] = {}
    clocks = Clock.objects.filter(appeal__in=[one.pk for one in listed], ended_at__isnull=True).exclude(state="paused")
    for clock in clocks.order_by("due_at", "id"):
        found.setdefault(clock.appeal_id, (words.get(clock.name, clock.name), clock.due_at))
    return found


def _missed(listed: Sequence[Appeal], at: datetime) -> dict[int, datetime]:
    """The oldest deadline of each that has passed."""
    clocks = Clock.objects.filter(appeal__in=[one.pk for one in listed], ended_at__isnull=True, due_at__lt=at)
    found: dict[int, datetime] = {}
    for clock in clocks.order_by("due_at", "id"):
        found.setdefault(clock.appeal_id, clock.due_at)
    return found


def _by_number(row: Any) -> tuple[int, str]:
    return -row["n"], row["name"]


def _money(amount: Decimal | None) -> str | None:
    return f"{amount:.2f}" if amount else None


def _day(moment: datetime) -> str:
    """The day that a moment closes; midnight belongs to the day before."""
    here = local(moment)
    return (
        day_of(moment - timedelta(seconds=1)) if end_of_day(here.date() - timedelta(days=1)) == here else here.date()
    ).isoformat()
