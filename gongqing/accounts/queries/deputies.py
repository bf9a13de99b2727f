"""Who stands in for whom, and for which postings may one name a deputy?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from gongqing.accounts import rules
from gongqing.accounts.models import Posting
from gongqing.accounts.queries import held_on
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.audit.models import Event


@dataclass(frozen=True, slots=True)
class DeputyRow:
    """A deputy's posting as the page writes it; `state` is `now`, `later` or `over`."""

    posting: Posting
    last_day: date | None
    state: str
    reason: str


def postings_to_deputise(actor: Actor, on: date) -> list[Posting]:
    """The postings for which this person may name a deputy: the own ones first, then those of the same organisation.

    An administrator may for everybody's.
    """
    found = Posting.objects.filter(held_on(on), deputy_of__isnull=True, user__is_active=True)
    if actor.role is not Role.ADMINISTRATOR:
        mine = Q(user_id=actor.user_id)
        if actor.role in rules.SUPERVISORS:
            mine |= Q(organisation_id=actor.organisation_id)
        found = found.filter(mine).exclude(role__in=[Role.AUDITOR, Role.ADMINISTRATOR])
    held = list(found.select_related("user", "organisation").order_by("organisation__path", "user__name", "id"))
    return sorted(held, key=lambda one: one.user_id != actor.user_id)


def people_near(actor: Actor, on: date, *, limit: int = 500) -> list[Posting]:
    """The postings whose holders could stand in: those of the same organisation, above it and below it, or all."""
    found = Posting.objects.filter(held_on(on), deputy_of__isnull=True, user__is_active=True, user__person__isnull=True)
    if actor.role is not Role.ADMINISTRATOR:
        parts = actor.path.strip("/").split("/")
        above = [f"/{'/'.join(parts[:count])}/" for count in range(1, len(parts) + 1)]
        low, high = actor.path or "~", (actor.path or "~")[:-1] + "0"
        found = found.filter(
            Q(organisation__path__in=above) | Q(organisation__path__gte=low, organisation__path__lt=high)
        ).exclude(user_id=actor.user_id or 0)
    return list(found.select_related("user", "organisation").order_by("organisation__path", "user__name")[:limit])


def deputy_rows(actor: Actor, on: date, *, days: int = 60) -> list[DeputyRow]:
    """The deputies in one's view, those of the last days included, newest first.

    Administrators and auditors see all, supervisors those of their organisation, everybody the own.
    """
    found = Posting.objects.filter(deputy_of__isnull=False, until__gt=on - timedelta(days=days))
    if actor.role not in (Role.ADMINISTRATOR, Role.AUDITOR):
        place = actor.organisation_id if actor.role in rules.SUPERVISORS else None
        mine = Q(user_id=actor.user_id) | Q(deputy_of__user_id=actor.user_id)
        found = found.filter(mine | Q(organisation_id=place or 0))
    held = list(found.select_related("user", "organisation", "deputy_of__user").order_by("-since", "-id")[:200])
    with scope.elevated():
        told = Event.objects.filter(kind="deputy.named", subject_id__in=[one.pk for one in held])
        reasons = dict(told.values_list("subject_id", "note"))
    return [DeputyRow(one, *rules.deputy_days(one.since, one.until, on), reasons.get(one.pk, "")) for one in held]
