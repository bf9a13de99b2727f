"""What was urged, returned, judged, struck off and reported in a week, and what falls due in the next?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from gongqing.appeals.models import Appeal, Evaluation, Kind, Satisfaction
from gongqing.appeals.rules.statuses import ANSWERED
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch.models import (
    EntryState,
    Extension,
    Interview,
    ListEntry,
    Supervision,
)
from gongqing.dispatch.models.orders import SupervisionKind
from gongqing.dispatch.rules.outcomes import Outcome
from gongqing.insight.queries.counting import IN_HAND
from gongqing.insight.queries.report_cases import within
from gongqing.insight.rules.weeks import Week
from gongqing.registry.models import Level, Organisation, OrganisationKind, Region
from gongqing.voices.queries.counted import Asked, Counted, needs_counted
from gongqing.voices.rules.hearing import ROUTE_WORDS, NeedRoute
from gongqing.voices.rules.track import STATE_WORDS, NeedState

MOST_NAMED, MOST_FOCUS = 12, 6


def zones(organisation: Organisation, week: Week) -> dict[str, Any]:
    """How many zones the area has, how many took in nothing in the week, and where those lie."""
    found = Organisation.objects.filter(kind=OrganisationKind.ZONE, is_active=True)
    if organisation.level != Level.CITY:
        found = found.under(organisation.path)
    listed = list(found.select_related("region", "parent").order_by("path"))
    reported: Any = (
        Event.objects.filter(kind="appeal.received", at__gte=week.begins_at, at__lt=week.ends_at)
        .filter(organisation_id__in=[one.pk for one in listed])
        .order_by()
        .values("organisation_id")
        .annotate(n=Count("pk"))
    )
    counts = {row["organisation_id"]: row["n"] for row in reported}
    silent = [one for one in listed if not counts.get(one.pk)]
    busiest = sorted((one for one in listed if counts.get(one.pk)), key=lambda one: (-counts[one.pk], one.path))
    return {
        "count": len(listed),
        "silent": len(silent),
        "silent_names": [str(one) for one in silent],
        "busiest": [{"name": str(one), "n": counts[one.pk]} for one in busiest[:MOST_NAMED]],
        "reported": sum(counts.values()),
    }


def supervision(region: Region | None, week: Week) -> dict[str, Any]:
    """Urgings, supervision orders, notices, extensions, returns and interviews of the week."""
    steps = _about(Supervision.objects.filter(at__gte=week.begins_at, at__lt=week.ends_at), region)
    kinds: Any = steps.order_by().values("kind").annotate(n=Count("pk"), answered=Count("answered_at"))
    found = {row["kind"]: row for row in kinds}
    asked = Extension.objects.filter(asked_at__gte=week.begins_at, asked_at__lt=week.ends_at)
    asked = asked.filter(order__appeal__region__code__startswith=region.code) if region else asked
    extended = asked.aggregate(
        n=Count("pk"), granted=Count("pk", filter=Q(approved=True)), open=Count("pk", filter=Q(approved=None))
    )
    noticed: Any = (
        steps.filter(kind=SupervisionKind.NOTICE)
        .order_by()
        .values(name=F("appeal__handler__name"))
        .annotate(n=Count("appeal_id", distinct=True))
    )
    talks = _about(Interview.objects.filter(made_at__gte=week.begins_at, made_at__lt=week.ends_at), region)
    return {
        "urged": _number(found, SupervisionKind.URGE),
        "supervised": _number(found, SupervisionKind.SUPERVISE),
        "supervised_answered": found.get(SupervisionKind.SUPERVISE, {}).get("answered", 0),
        "escalated": _number(found, SupervisionKind.ESCALATE),
        "noticed": sum(row["n"] for row in noticed),
        "noticed_names": [
            {"name": row["name"] or "未派单", "n": row["n"]}
            for row in sorted(noticed, key=lambda row: (-row["n"], row["name"] or ""))
        ],
        "extended": extended["n"],
        "extended_granted": extended["granted"],
        "extended_open": extended["open"],
        "returned": _happened("appeal.returned", region, week),
        "passed_up": _happened("appeal.passed_up", region, week),
        "interviews": talks.count(),
        "interviews_held": talks.filter(held_at__isnull=False).count(),
    }


def judgements(region: Region | None, week: Week) -> dict[str, Any]:
    """What the workers judged in the week, why they were not content, and what was opened again."""
    found = _about(Evaluation.objects.filter(at__gte=week.begins_at, at__lt=week.ends_at), region)
    found = found.exclude(satisfaction="")
    counts = {row["satisfaction"]: row["n"] for row in found.order_by().values("satisfaction").annotate(n=Count("pk"))}
    wrong = found.filter(satisfaction=Satisfaction.NOT)
    reasons: Any = wrong.order_by().values("reason").annotate(n=Count("pk"))
    praised = found.filter(satisfaction=Satisfaction.SATISFIED).exclude(text="")
    return {
        "judged": sum(counts.values()),
        **{name.value: counts.get(name.value, 0) for name in Satisfaction},
        "reasons": [
            {"name": row["reason"] or "没有写明", "n": row["n"]}
            for row in sorted(reasons, key=lambda row: (-row["n"], row["reason"]))
        ],
        "reopened": _happened("appeal.reopened", region, week),
        "called_back": _happened("appeal.called_back", region, week),
        "praised": praised.count(),
        "praised_codes": list(praised.order_by("id").values_list("appeal__code", flat=True)[:3]),
    }


def disputes(organisation: Organisation, region: Region | None, week: Week) -> dict[str, Any]:
    """The lists to settle, and how the labour disputes ended that were answered in the week."""
    entries = ListEntry.objects.exclude(state=EntryState.WITHDRAWN)
    if organisation.level != Level.CITY:
        entries = entries.filter(
            organisation__path__gte=organisation.path, organisation__path__lt=organisation.path[:-1] + "0"
        )
    struck = Q(state=EntryState.STRUCK_OFF, struck_off_at__gte=week.begins_at, struck_off_at__lt=week.ends_at)
    open_now = Q(state__in=[EntryState.OPEN, EntryState.CLAIMED])
    listed = entries.aggregate(
        added=Count("pk", filter=Q(added_at__gte=week.begins_at, added_at__lt=week.ends_at)),
        struck_off=Count("pk", filter=struck),
        people=Sum("helped_count", filter=struck),
        yuan=Sum("recovered_amount", filter=struck),
        open=Count("pk", filter=open_now),
        late=Count("pk", filter=open_now & Q(due_on__lte=week.last)),
    )
    ended = within(Appeal.objects.filter(status__in=[*ANSWERED], category__code__startswith="LE"), region)
    ended = ended.filter(kind=Kind.APPEAL, resolved_at__gte=week.begins_at, resolved_at__lt=week.ends_at)
    outcomes: Any = ended.order_by().values("outcome").annotate(n=Count("pk"))
    sums = ended.aggregate(n=Count("pk"), people=Sum("helped_count"), yuan=Sum("recovered_amount"))
    received = within(Appeal.objects.filter(kind=Kind.APPEAL, category__code__startswith="LE"), region)
    received = received.filter(received_at__gte=week.begins_at, received_at__lt=week.ends_at)
    return {
        "has_lists": entries.exists(),
        **{name: listed[name] or 0 for name in ("added", "struck_off", "people", "open", "late")},
        "yuan": _yuan(listed["yuan"]),
        "received": received.count(),
        "ended": sums["n"],
        "ended_people": sums["people"] or 0,
        "ended_yuan": _yuan(sums["yuan"]),
        "outcomes": [
            {
                "key": row["outcome"],
                "name": Outcome.label_of(row["outcome"]) if row["outcome"] else "未写明",
                "n": row["n"],
            }
            for row in sorted(outcomes, key=lambda row: (-row["n"], row["outcome"]))
        ],
    }


def shared_needs(organisation: Organisation, week: Week) -> list[dict[str, Any]]:
    """What many ask for and is not settled, or was heard in the week; never of so few that one could be named."""
    area = None if organisation.level == Level.CITY else organisation
    found = needs_counted(SYSTEM, Asked(Counted.FOLLOWED, week.first, week.last, area))
    listed = found.select_related("organisation").order_by("-week_count", "-voice_count", "pk")
    return [
        {
            "number": one.pk,
            "title": one.title,
            "n": one.voice_count,
            "week": one.week_count,
            "places": str(one.organisation),
            "state": STATE_WORDS[NeedState(one.state)],
            "route": one.route or one.suggested_route,
            "suggested": ROUTE_WORDS[NeedRoute(one.route or one.suggested_route)],
            "result": one.result,
        }
        for one in listed
    ]


def focus(region: Region | None, week: Week) -> dict[str, Any]:
    """What must be answered in the week that follows, by who handles it."""
    following = week.before(-1)
    found = within(Appeal.objects.filter(kind=Kind.APPEAL, status__in=[*IN_HAND]), region)
    found = found.filter(due_at__gte=following.begins_at, due_at__lte=following.ends_at)
    rows: Any = found.order_by().values(name=F("handler__name")).annotate(n=Count("pk"))
    listed = sorted(
        ({"name": row["name"] or "未派单", "n": row["n"]} for row in rows), key=lambda row: (-row["n"], row["name"])
    )
    return {"count": sum(row["n"] for row in listed), "handlers": listed[:MOST_FOCUS]}


def _about(found: QuerySet[Any], region: Region | None) -> QuerySet[Any]:
    return found.filter(appeal__region__code__startswith=region.code) if region else found


def _happened(kind: str, region: Region | None, week: Week) -> int:
    """How many appeals this happened to in the week."""
    events = Event.objects.filter(kind=kind, subject_kind="appeal", at__gte=week.begins_at, at__lt=week.ends_at)
    return within(Appeal.objects.filter(pk__in=events.values("subject_id")), region).count()


def _number(found: dict[str, Any], kind: str) -> int:
    return int(found.get(kind, {}).get("n", 0))


def _yuan(amount: Decimal | None) -> str:
    return f"{amount or Decimal(0):.2f}"
