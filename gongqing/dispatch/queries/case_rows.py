"""Which rows stand around a case on its page? All of them are read in one journey where a page asks for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Access, Appeal, Evaluation, Message
from gongqing.appeals.models.appeals import Sight, sight_of
from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.audit.models import AccessLog, Event
from gongqing.audit.reading import Asking, Prepared, PreparedValues, answer, counted, read_ahead
from gongqing.dispatch.models import Extension, Handover, Letter
from gongqing.dispatch.models.orders import CallBack
from gongqing.dispatch.queries.claims import asked_of_claims
from gongqing.dispatch.queries.duty_calls import asked_of_calls
from gongqing.dispatch.queries.group_pages import asked_of_group
from gongqing.dispatch.queries.ladder import asked_of_ladder
from gongqing.dispatch.queries.orders import asked_of_followers, orders_asked
from gongqing.dispatch.queries.replies import asked_of_check
from gongqing.dispatch.queries.settling import asked_of_lists
from gongqing.lib.times import day_of
from gongqing.lib.workdays import start_of_day
from gongqing.registry.models import Organisation

SAME_EMPLOYER = timedelta(days=14)


def read_around(appeal: Appeal, actor: Actor, at: datetime) -> None:
    """Fetch what the page of a visible case shows, inside `reading_together`."""
    events.write_now()
    read_ahead(
        orders_asked(appeal.pk),
        asked_of_followers(appeal.pk),
        _extension(appeal.pk),
        _handovers(appeal.pk),
        _call_back(appeal.pk),
        _events(appeal.pk),
        _messages(appeal.pk),
        _evaluations(appeal.pk),
        _grants(appeal.pk),
        _granted(appeal.pk),
        _letters(appeal.pk),
        appeals.asked_if_visible(appeal.pk, actor),
        *asked_of_ladder(appeal.pk),
        asked_of_calls(appeal.pk, actor),
        asked_of_group(appeal.pk),
        *asked_of_lists(appeal.pk, actor),
        *asked_of_check(appeal, actor),
        *([_near(appeal, actor)] if appeal.employer_name else []),
        beyond=[_looks(appeal.pk, start_of_day(day_of(at))), asked_of_claims(appeal.pk)],
    )


def extension_of(appeal_id: int) -> Extension | None:
    """The latest wish for more time."""
    return _extension.first(appeal_id)


@Prepared
def _extension(_: None, appeal_id: int) -> QuerySet[Extension]:
    return Extension.objects.filter(order__appeal_id=appeal_id).order_by("-id")[:1]


def handovers_of(appeal_id: int) -> list[Handover]:
    """The hand-overs to departments, oldest first."""
    return _handovers.all(appeal_id)


@Prepared
def _handovers(_: None, appeal_id: int) -> QuerySet[Handover]:
    return Handover.objects.filter(appeal_id=appeal_id).select_related("department").order_by("id")


def call_back_of(appeal_id: int) -> CallBack | None:
    """The task to ring the worker that is not done yet."""
    return _call_back.first(appeal_id)


@Prepared
def _call_back(_: None, appeal_id: int) -> QuerySet[CallBack]:
    found = CallBack.objects.filter(appeal_id=appeal_id, done_at__isnull=True)
    return found.select_related("organisation").order_by("pk")[:1]


def events_of(appeal_id: int) -> list[Event]:
    """What was done, oldest first."""
    events.write_now()
    return _events.all(appeal_id)


@Prepared
def _events(_: None, appeal_id: int) -> QuerySet[Event]:
    return Event.objects.filter(subject_kind="appeal", subject_id=appeal_id).order_by("id")


def messages_of(appeal_id: int) -> list[Message]:
    """What was written about it since, oldest first."""
    return _messages.all(appeal_id)


@Prepared
def _messages(_: None, appeal_id: int) -> QuerySet[Message]:
    return Message.objects.filter(appeal_id=appeal_id).order_by("id")


def evaluations_of(appeal_id: int) -> list[Evaluation]:
    """What the worker said of the answers, oldest first."""
    return _evaluations.all(appeal_id)


@Prepared
def _evaluations(_: None, appeal_id: int) -> QuerySet[Evaluation]:
    return Evaluation.objects.filter(appeal_id=appeal_id).order_by("id")


def letters_of(appeal_id: int) -> list[Letter]:
    """The letters that were made, newest first."""
    return _letters.all(appeal_id)


@Prepared
def _letters(_: None, appeal_id: int) -> QuerySet[Letter]:
    return Letter.objects.filter(appeal_id=appeal_id).select_related("organisation").order_by("-id")


def sight_in_words(appeal_id: int) -> list[str]:
    """Who sees the appeal now: organisations by their grants, the party and the reporter."""
    names = {each.path: str(each) for each in _granted.all(appeal_id)}
    words: dict[str, list[str]] = {}
    for grant in _grants.all(appeal_id):
        who = names.get(grant.path, "") if grant.path else "职工本人" if grant.person_id else "登记人"
        if who:
            words.setdefault(who, []).append(grant.get_why_display())
    return [who if who in ("职工本人", "登记人") else f"{who}（{'、'.join(why)}）" for who, why in words.items()]


@Prepared
def _grants(_: None, appeal_id: int) -> QuerySet[Access]:
    return Access.objects.filter(appeal_id=appeal_id, until__isnull=True).order_by("id")


@Prepared
def _granted(_: None, appeal_id: int) -> QuerySet[Organisation]:
    paths = Access.objects.filter(appeal_id=appeal_id, until__isnull=True).exclude(path="").values("path")
    return Organisation.objects.filter(path__in=paths)


def looks_since(appeal_id: int, since: datetime) -> int:
    """How often the case was opened since, by anybody; only the number leaves the log."""
    return sum(count for (count,) in _looks.all_beyond(appeal_id, since))


@PreparedValues
def _looks(_: None, appeal_id: int, since: datetime) -> QuerySet[AccessLog, Any]:
    found = AccessLog.objects.filter(subject_kind="appeal", subject_id=appeal_id, kind="appeal.opened")
    return counted(found.filter(at__gte=since))


def same_employer(appeal: Appeal, actor: Actor) -> list[Appeal]:
    """The newest twenty other appeals of the same employer, two weeks around this one, in the actor's view."""
    return answer(_near(appeal, actor)) if appeal.employer_name else []


def _near(appeal: Appeal, actor: Actor) -> Asking[Appeal]:
    shape, sight = sight_of(actor)
    since, until = appeal.received_at - SAME_EMPLOYER, appeal.received_at + SAME_EMPLOYER
    return _same_employer(appeal.pk, appeal.employer_name, since, until, *sight, shape=shape)


@Prepared
def _same_employer(
    shape: Sight, appeal_id: int, employer_name: str, since: datetime, until: datetime, *sight: int | str
) -> QuerySet[Appeal]:
    seen = Appeal.objects.in_sight(shape, *sight).select_related("category", "handler", "region")
    found = seen.filter(employer_name=employer_name, received_at__gte=since, received_at__lte=until)
    return found.exclude(pk=appeal_id).order_by("-received_at")[:20]
