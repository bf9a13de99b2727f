"""Who is at hand for a step, what time is it, and whose turn is next?"""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterable
from datetime import datetime, timedelta
from random import Random

from gongqing.appeals.models import Appeal, Category
from gongqing.appeals.rules.permissions import HANDLERS, SUPERVISORS
from gongqing.audit.actor import Actor, Role
from gongqing.config.demo.cast import Cast
from gongqing.config.demo.places import Places
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch import queries
from gongqing.lib.times import local
from gongqing.registry.models import Organisation

Life = Generator[datetime, datetime, None]


class Stage:
    """The city at work: actors by place, the calendar, the generator."""

    def __init__(self, places: Places, cast: Cast, rng: Random, *, until: datetime) -> None:
        self.places, self.cast, self.rng, self.until = places, cast, rng, until
        self.calendar = queries.calendar()
        self.organisations = {one.pk: one for one in places.by_code.values()}
        self.codes = dict(Category.objects.values_list("id", "code"))
        self._by_path = {one.path: one for one in places.by_code.values()}

    def handler(self, holder: Organisation) -> Actor:
        """Somebody of the organisation that holds an order, or the nearest one above who may act for it."""
        return self._at(holder, HANDLERS) or self.supervisor(holder, "city")

    def supervisor(self, organisation: Organisation, level: str, *, other_than: int | None = None) -> Actor:
        """A supervisor of this level above an organisation, not this account; the next level's where there is none."""
        roles = {
            "town": frozenset({Role.TOWN_SUPERVISOR}),
            "county": frozenset({Role.COUNTY_SUPERVISOR}),
        }.get(level, frozenset({Role.CITY_SUPERVISOR}))
        found = self._at(organisation, roles, other_than=other_than)
        if found is None and level == "town":
            return self.supervisor(organisation, "county", other_than=other_than)
        city = self.cast.at_place[self.places.by_code["3302"].pk]
        return found or self.rng.choice([one for one in city if one.user_id != other_than])

    def county_officer(self, appeal: Appeal) -> Actor:
        """Who sorts and watches what comes in from the appeal's county."""
        code = appeal.region_id[:6] if appeal.region_id and len(appeal.region_id) >= 6 else "3302"
        return self.rng.choice(self.cast.at_place[self.places.by_code[code].pk])

    def seat(self) -> Actor:
        """A hotline seat."""
        return self.rng.choice(self.cast.at_place[self.places.by_code["RX-12351"].pk])

    def visitor(self, town: str) -> Actor:
        """Who goes round in this town: a zone worker, else the town's own officer, else the county's."""
        zones = self.places.zones.get(town)
        place = self.rng.choice(zones) if zones else self.places.by_code[town]
        return self._at(place, HANDLERS) or self.supervisor(place, "county")

    def working(self, moment: datetime, hours: float) -> datetime:
        """So many working hours after a moment, a few minutes later when that is the stroke of a shift."""
        later = self.calendar.add_working_time(moment, timedelta(hours=hours))
        return later + timedelta(seconds=self.rng.randrange(20, 1500)) if hours else later

    def _at(self, organisation: Organisation, roles: Iterable[Role], *, other_than: int | None = None) -> Actor | None:
        """Somebody in one of these roles at the organisation, else on the way up."""
        wanted = frozenset(roles)
        path = organisation.path
        while path.count("/") >= 2:
            here = self._by_path.get(path)
            present = self.cast.at_place.get(here.pk, []) if here else []
            found = [one for one in present if one.role in wanted and (other_than is None or one.user_id != other_than)]
            if found:
                return self.rng.choice(found)
            wanted &= SUPERVISORS
            path = path[: path.rstrip("/").rfind("/") + 1]
        return None


def play(lives: Iterable[tuple[datetime, Life]], *, start: datetime, until: datetime) -> int:
    """Lead all lives in the order of time, the clocks swept twice a day, and leave each where `until` finds it.

    Returns:
        how many steps were taken.
    """
    waiting = [(moment, number, life) for number, (moment, life) in enumerate(lives, 1)]
    waiting.append((start, 0, _sweeps(start)))
    heapq.heapify(waiting)
    count = 0
    for _, _, life in waiting:
        next(life)  # up to the first wait
    while waiting:
        moment, number, life = heapq.heappop(waiting)
        if moment > until:
            break
        count += 1
        try:
            heapq.heappush(waiting, (max(life.send(moment), moment), number, life))
        except StopIteration:
            continue
    _sweep(until)
    return count


def _sweeps(start: datetime) -> Life:
    at = yield start
    while True:
        if at.weekday() < 5:
            _sweep(at)
        midnight = local(at).replace(hour=0, minute=0, second=0, microsecond=0)
        at = yield midnight + timedelta(hours=32.7)


def _sweep(at: datetime) -> None:
    dispatch.sweep_clocks(at=at)
    dispatch.sweep_unevaluated(at=at)
