"""What do the pages of duty show beside the roster itself?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from gongqing.audit.actor import Actor, Role
from gongqing.dispatch.models import DutyShift
from gongqing.dispatch.queries import duty as queries
from gongqing.dispatch.queries.clocks import calendar
from gongqing.dispatch.queries.duty import ShiftCell
from gongqing.dispatch.rules import duty, duty_patterns
from gongqing.dispatch.rules.duty import Clash, Watch
from gongqing.dispatch.rules.duty_patterns import Pattern
from gongqing.lib import crypto
from gongqing.lib.times import local
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation, OrganisationKind


@dataclass(frozen=True, slots=True)
class Preview:
    """What a pattern would make: what is written, what is left out and why; the digest is the same for the same."""

    judged: Sequence[tuple[Watch, str]]
    clashes: Sequence[Clash]
    digest: str

    @property
    def written(self) -> list[Watch]:
        return [watch for watch, why in self.judged if not why]

    @property
    def rows(self) -> list[tuple[Watch, str, str]]:
        """Each shift with its hours and why it is left out."""
        return [
            (watch, duty.hours_words(watch.starts_at, watch.ends_at, with_day=True), why) for watch, why in self.judged
        ]


def preview(place: Organisation, pattern: Pattern, *, at: datetime) -> Preview:
    """A pattern on a roster as it stands now; nothing is written.

    Raises:
        BadInput: as `check_pattern`.
    """
    duty_patterns.check_pattern(pattern)
    judged = queries.judged(place, duty_patterns.planned(pattern, calendar()), at=at)
    written = [watch for watch, why in judged if not why]
    text = "|".join(
        f"{one.user_id},{one.rank},{one.starts_at.isoformat()},{one.ends_at.isoformat()}" for one in written
    )
    return Preview(judged, queries.elsewhere(written, place), crypto.digest(f"{place.pk}|{text}".encode()))


def cells(shifts: Iterable[DutyShift]) -> list[ShiftCell]:
    """Shifts with their days and hours in words."""
    return [
        ShiftCell(shift, duty.hours_words(local(shift.starts_at), local(shift.ends_at), with_day=True))
        for shift in shifts
    ]


def places_for(actor: Actor) -> list[Organisation]:
    """The organisations whose rosters this person is offered: those that must have one, the own, and those below."""
    found = {place.pk: place for place in queries.rostered_organisations()}
    own = own_place(actor)
    below: list[Organisation] = []
    if actor.role in (Role.COUNTY_SUPERVISOR, Role.TOWN_SUPERVISOR) and actor.path:
        below = [one for one in registry.organisations_under(actor.path) if one.kind in queries.MAY_HAVE_ROSTER]
    elif actor.role in (Role.CITY_SUPERVISOR, Role.ADMINISTRATOR):
        wanted = [kind for kind in queries.MAY_HAVE_ROSTER if kind != OrganisationKind.ZONE]
        below = list(Organisation.objects.filter(is_active=True, kind__in=wanted))
    for place in [*([own] if own else []), *below]:
        found.setdefault(place.pk, place)
    return sorted(found.values(), key=lambda place: place.path)


def own_place(actor: Actor) -> Organisation | None:
    """The own organisation if it may have a roster, else the nearest above it that may, else the city."""
    here = registry.organisation_numbered(actor.organisation_id) if actor.organisation_id else None
    while here is not None and here.kind not in queries.MAY_HAVE_ROSTER:
        here = here.parent
    return here or registry.city_union()


def may_set(actor: Actor) -> bool:
    """May this person change the settings of duty?"""
    return actor.role in (Role.CITY_SUPERVISOR, Role.ADMINISTRATOR)


def others_to_swap(shift: DutyShift, at: datetime) -> list[tuple[int, str]]:
    """The later shifts of the same roster that somebody else has."""
    found = DutyShift.objects.filter(organisation=shift.organisation, starts_at__gt=at).exclude(user=shift.user)
    return [
        (
            other.pk,
            f"{duty.hours_words(local(other.starts_at), local(other.ends_at), with_day=True)} {other.user.name}"
            f"（{duty.RANK_WORDS.get(other.rank, '')}）",
        )
        for other in found.select_related("user").order_by("starts_at", "rank")[:200]
    ]


def tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    """The tabs over every page of duty."""
    found = [("desk-duty", "值班表"), ("desk-duty-mine", "我的值班")]
    if actor.role is not Role.ADMINISTRATOR:
        found.append(("desk-duty-calls", "值班呼叫"))
    return [{"name": name, "url": reverse(url), "current": url == current, "count": None} for url, name in found]
