"""Whom must my organisation ring, by when, and what was tried already?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from gongqing.appeals.models import Access, AccessReason, Appeal
from gongqing.appeals.models.appeals import Sight, sight_of
from gongqing.appeals.rules.statuses import STATUS_WORDS, Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.reading import Asking, Prepared, PreparedValues, counted
from gongqing.dispatch.models import Call, CallBack, CallDirection
from gongqing.dispatch.queries.hanging import Hanging, hangs
from gongqing.dispatch.rules.hotline import AFTER_ANSWER, HOTLINE_CHANNELS, ON_DANGER, TRIES, CallOutcome
from gongqing.lib import masks
from gongqing.lib.errors import NotFound
from gongqing.lib.times import day_of, local
from gongqing.lib.workdays import end_of_day
from gongqing.registry.models import Organisation

SOON = timedelta(hours=1)
JUDGEABLE = (Status.RESOLVED, Status.AWAITING_EVALUATION)


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody to ring, as a list shows it; the name and the phone are masked."""

    row: CallBack
    appeal: Appeal
    status: str
    name: str
    phone: str
    tries: Sequence[datetime]
    is_late: bool
    late_by: timedelta
    can_judge: bool
    is_urgent: bool

    @property
    def tries_left(self) -> int:
        """How many tries there are before the task ends by itself."""
        return max(0, TRIES - len(self.tries))


@dataclass(frozen=True, slots=True)
class TaskBand:
    """Tasks under one heading; `late` draws it in red."""

    name: str
    late: bool
    items: Sequence[Task]


def open_call_backs(actor: Actor) -> QuerySet[CallBack]:
    """The tasks of the actor's organisation that nobody has done, nearest first."""
    found = CallBack.objects.filter(
        organisation_id=actor.organisation_id or 0,
        done_at__isnull=True,
        appeal__in=Appeal.objects.visible_to(actor),
    )
    return found.select_related("appeal__person", "appeal__category", "appeal__handler", "organisation").order_by(
        "due_at", "id"
    )


def call_back_bands(actor: Actor, at: datetime) -> list[TaskBand]:
    """The open tasks in bands: overdue, within the hour, today, later; a band without any is left out."""
    rows = list(open_call_backs(actor)[:200])
    held = _tries([row.appeal_id for row in rows])
    bands: dict[str, list[Task]] = {"已超时": [], "一小时内": [], "今天": [], "以后": []}
    for row in rows:
        bands[_band_of(row.due_at, at)].append(_task(row, held, at))
    return [TaskBand(name, name == "已超时", items) for name, items in bands.items() if items]


def call_back_numbered(call_back_id: int, actor: Actor, at: datetime) -> Task:
    """One open task of the actor's organisation.

    Raises:
        NotFound.
    """
    row = open_call_backs(actor).filter(pk=call_back_id).first()
    if row is None:
        raise NotFound("这项回访已经完成，或者不在您能看的范围内。")
    return _task(row, _tries([row.appeal_id]), at)


def call_backs_due(actor: Actor) -> int:
    """How many tasks wait for the actor's organisation.

    An appeal has one open task at most. The tasks are few, so they are looked up before what the actor sees; row-level
    security has held them then, and is not asked again of each appeal.
    """
    numbers = [number for (number,) in _waiting.all(actor.organisation_id or 0)]
    if not numbers:
        return 0
    how, sight = sight_of(actor)
    ((count,),) = _seen.all_beyond(tuple(numbers), *sight, shape=how)
    return int(count)


@PreparedValues
def _seen(how: Sight, numbers: tuple[int, ...], *sight: int | str) -> QuerySet[Appeal, Any]:
    among = RawSQL('"appeals_appeal"."id" = ANY (%s::bigint[])', [numbers], output_field=BooleanField())
    return counted(Appeal.objects.in_sight(how, *sight).filter(among))


def asked_of_call_backs(actor: Actor) -> Asking[Any]:
    """What `call_backs_due` asks first, to be asked together with others."""
    return _waiting(actor.organisation_id or 0)


@PreparedValues
def _waiting(_: None, organisation_id: int) -> QuerySet[CallBack, Any]:
    found = CallBack.objects.filter(organisation_id=organisation_id, done_at__isnull=True)
    return found.values_list("appeal_id")


def tries_of(task: CallBack) -> list[datetime]:
    """When the worker was rung about this task without an answer, oldest first."""
    return [each for each in _tries([task.appeal_id]).get(task.appeal_id, []) if each >= task.made_at]


def hotline_of(appeal: Appeal) -> Organisation | None:
    """The hotline that took a matter in: by its call, by its sight of the matter, else the city's 12351."""
    call = _call_in.first(appeal.pk) if hangs(appeal.pk, Hanging.CALL_IN) else None
    if call is not None:
        return call.organisation
    if appeal.channel not in HOTLINE_CHANNELS:
        return None
    if hangs(appeal.pk, Hanging.LINE) and (found := _line_with_sight.first(appeal.pk)):
        return found
    if appeal.channel != "hotline_12351":
        return None
    return Organisation.objects.filter(kind="hotline", is_active=True).order_by("code").first()


@Prepared
def _call_in(_: None, appeal_id: int) -> QuerySet[Call]:
    found = Call.objects.filter(appeal_id=appeal_id, direction=CallDirection.IN)
    return found.select_related("organisation").order_by("pk")[:1]


@Prepared
def _line_with_sight(_: None, appeal_id: int) -> QuerySet[Organisation]:
    paths = Access.objects.filter(appeal_id=appeal_id, why=AccessReason.INTAKE, until__isnull=True).values("path")
    return Organisation.objects.filter(kind="hotline", is_active=True, path__in=paths).order_by("code")[:1]


def _tries(appeal_ids: Sequence[int]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    with scope.elevated():
        calls = Call.objects.filter(
            appeal_id__in=appeal_ids, direction=CallDirection.OUT, outcome=CallOutcome.NOT_REACHED
        )
        for number, moment in calls.order_by("started_at").values_list("appeal_id", "started_at"):
            found.setdefault(number or 0, []).append(local(moment))
    return found


def _task(row: CallBack, held: dict[int, list[datetime]], at: datetime) -> Task:
    appeal, person = row.appeal, row.appeal.person
    return Task(
        row=row,
        appeal=appeal,
        status=STATUS_WORDS[Status(appeal.status)],
        name=masks.mask_name(person.name) if person else "",
        phone=person.phone_mask if person else "",
        tries=[each for each in held.get(row.appeal_id, []) if each >= row.made_at],
        is_late=row.due_at < at,
        late_by=at - row.due_at,
        can_judge=row.reason == AFTER_ANSWER and appeal.status in JUDGEABLE,
        is_urgent=row.reason == ON_DANGER,
    )


def _band_of(due_at: datetime, at: datetime) -> str:
    if due_at < at:
        return "已超时"
    if due_at <= at + SOON:
        return "一小时内"
    return "今天" if due_at <= end_of_day(day_of(at)) else "以后"
