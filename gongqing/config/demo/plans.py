"""Which appeals come, when, from whom, and what is to become of them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random

from gongqing.config.demo.cast import OTHER_TOWNS, Cast, Worker
from gongqing.config.demo.people import Crowd
from gongqing.config.demo.places import FACTORY, FAR, NEAR, Places
from gongqing.config.demo.texts import Saying, sayings
from gongqing.lib.times import SHANGHAI, local
from gongqing.registry import queries as registry


class Ending(StrEnum):
    """How far a life is led; `CLOSED` lets it run as far as the time allows."""

    CLOSED = "closed"
    TRIAGE = "triage"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    RETURNED = "returned"
    IN_REVIEW = "in_review"
    RESOLVED = "resolved"
    AWAITING = "awaiting"
    REOPENED = "reopened"
    TRACKED = "tracked"
    WITHDRAWN = "withdrawn"
    INVALID = "invalid"
    FORGOTTEN = "forgotten"


# ending → share of all, youngest and oldest age in days
OPEN_ENDINGS: dict[Ending, tuple[float, float, float]] = {
    Ending.TRIAGE: (0.02, 0.1, 1.2),
    Ending.DISPATCHED: (0.03, 0.05, 0.9),
    Ending.SIGNED: (0.02, 0.3, 1.5),
    Ending.IN_PROGRESS: (0.06, 1.2, 4.5),
    Ending.PAUSED: (0.013, 3.5, 7),
    Ending.RETURNED: (0.01, 0.1, 0.9),
    Ending.IN_REVIEW: (0.017, 3.0, 7),
    Ending.RESOLVED: (0.017, 3.5, 8),
    Ending.AWAITING: (0.05, 5, 14),
    Ending.REOPENED: (0.013, 6, 10),
    Ending.TRACKED: (0.017, 6, 26),
    Ending.WITHDRAWN: (0.02, 2, 58),
    Ending.INVALID: (0.013, 2, 58),
    Ending.FORGOTTEN: (0.013, 9, 22),
}
CHANNELS = {
    "i": (("app", 58), ("home_app", 22), ("governance", 14), ("import", 6)),
    "h": (("hotline_12351", 62), ("hotline_12345", 38)),
    "v": (("visit", 56), ("talk", 27), ("walk_in", 17)),
}
SMALLEST_SHARE_OF_DAY_HOURS = ((0.72, 8.5, 17.5), (0.9, 17.5, 22.5), (1.0, 6.5, 8.5))
GRASSROOTS_DISPUTES = frozenset({"LE02", "LE03", "LE04"})
ALWAYS_ANONYMOUS = frozenset({"LE10", "DP05"})


@dataclass(frozen=True, slots=True)
class Plan:
    """One appeal to come.

    Attributes:
        code: the category that a careful reader would choose.
        worker: whose appeal it is; None when nobody gave a name.
        name, phone: of a worker who is not registered yet.
    """

    number: int
    at: datetime
    code: str
    text: str
    channel: str
    town: str
    ending: Ending
    employer: str = ""
    place: str = ""
    worker: Worker | None = None
    name: str = ""
    phone: str = ""
    anonymous_to_employer: bool = False


class Planner:
    """Draws the plans of a demonstration; the same generator gives the same ones."""

    def __init__(self, places: Places, cast: Cast, crowd: Crowd, rng: Random, *, now: datetime, days: int) -> None:
        self._places, self._cast, self._crowd, self._rng = places, cast, crowd, rng
        self._now, self._days = local(now), days
        self._outside = {town: [crowd.employer()[0] for _ in range(4)] for town in OTHER_TOWNS}
        self._towns = {town: _name(town) for town in (NEAR, FAR, *OTHER_TOWNS)}

    def plans(self, count: int) -> list[Plan]:
        """So many plans, oldest first."""
        said = self._sayings(count)
        endings = self._endings(count)
        drawn = [self._plan(number, *pair) for number, pair in enumerate(zip(said, endings, strict=True), 1)]
        return sorted(drawn, key=lambda plan: plan.at)

    def of_worker(self, first: int) -> Iterator[Plan]:
        """What the demonstration's own worker has brought, in several states."""
        worker = self._cast.workers[0]
        for number, (code, ending, age) in enumerate(
            (
                ("LE04", Ending.CLOSED, 48.2),
                ("SC01", Ending.CLOSED, 33.1),
                ("LE02", Ending.IN_PROGRESS, 3.2),
                ("OT02", Ending.AWAITING, 9.3),
                ("LE03", Ending.PAUSED, 5.4),
                ("DP06", Ending.SIGNED, 1.1),
            ),
            first,
        ):
            saying = next(one for one in sayings() if one.code == code and one.voice == "i" and not one.has_blanks)
            plan = self._plan(number, saying, ending)
            at = self._moment(age)
            yield replace(
                plan,
                at=at,
                channel="app",
                town=NEAR,
                employer=FACTORY,
                worker=worker,
                name="",
                phone="",
                anonymous_to_employer=False,
            )

    def _sayings(self, count: int) -> list[Saying]:
        every = list(sayings())
        self._rng.shuffle(every)
        again = [one for one in every if one.has_blanks]
        drawn = every[:count]
        while len(drawn) < count:
            drawn.append(self._rng.choice(again))
        return drawn

    def _endings(self, count: int) -> list[Ending]:
        drawn = [ending for ending, (share, *_) in OPEN_ENDINGS.items() for _ in range(max(1, round(share * count)))]
        drawn = drawn[:count] + [Ending.CLOSED] * (count - len(drawn))
        self._rng.shuffle(drawn)
        return drawn

    def _plan(self, number: int, saying: Saying, ending: Ending) -> Plan:
        rng = self._rng
        town = rng.choices([NEAR, FAR, rng.choice(OTHER_TOWNS)], (42, 28, 30))[0]
        if ending is Ending.IN_REVIEW:
            return self._for_review(number)
        worker, employer = self._who(town)
        at = self._moment(self._age(ending))
        text = saying.filled(
            employer=employer, town=self._towns[town], month=_month_before(at.date()), yuan=rng.randrange(21, 94) * 100
        )
        says_employer = saying.names_employer or rng.random() < (0.6 if worker else 0.35)
        if saying.voice != "i" and rng.random() < 0.5:
            worker = None
        stays_unknown = worker is None and rng.random() < 0.08
        is_secret = saying.code in ALWAYS_ANONYMOUS or (saying.code.startswith("LE") and rng.random() < 0.12)
        return Plan(
            number=number,
            at=at,
            code=saying.code,
            text=text,
            channel=_weighted(rng, CHANNELS[saying.voice]),
            town=town,
            ending=ending,
            employer=employer if says_employer else "",
            worker=worker,
            name="" if worker or stays_unknown else self._crowd.name(),
            phone="" if worker or stays_unknown else self._crowd.phone(),
            anonymous_to_employer=is_secret,
        )

    def _for_review(self, number: int) -> Plan:
        """A dispute that a grassroots union answers: the town looks at the answer."""
        known = [
            one for one in sayings() if one.code in GRASSROOTS_DISPUTES and one.voice == "i" and not one.has_blanks
        ]
        saying, worker = self._rng.choice(known), self._rng.choice(self._cast.workers[1:])
        return Plan(
            number=number,
            at=self._moment(self._age(Ending.IN_REVIEW)),
            code=saying.code,
            text=saying.text.format(t=self._towns[worker.town], m=_month_before(self._now.date())),
            channel="home_app",
            town=worker.town,
            ending=Ending.IN_REVIEW,
            employer=worker.employer,
            worker=worker,
        )

    def _who(self, town: str) -> tuple[Worker | None, str]:
        rng = self._rng
        if town not in self._places.unions:
            return None, rng.choice(self._outside[town])
        if rng.random() < 0.62:
            here = [worker for worker in self._cast.workers[1:] if worker.town == town]
            if town == NEAR and rng.random() < 0.25:
                here = [worker for worker in here if worker.employer == FACTORY]
            worker = rng.choice(here)
            return worker, worker.employer
        return None, rng.choice(self._places.alone[town]).name

    def _age(self, ending: Ending) -> float:
        if ending is Ending.CLOSED:
            return self._rng.triangular(3, self._days - 0.5, 34)
        _, youngest, oldest = OPEN_ENDINGS[ending]
        return self._rng.uniform(youngest, oldest)

    def _moment(self, age: float) -> datetime:
        """A believable moment about so many days ago: mostly in working time, some evenings and weekends."""
        rng = self._rng
        about = self._now - timedelta(days=age)
        if age < 1.6:  # what is younger must keep its age
            return about
        day = about.date()
        if day.weekday() >= 5 and rng.random() < 0.6:
            day -= timedelta(days=day.weekday() - 4)
        drawn = rng.random()
        _, first, last = next(span for span in SMALLEST_SHARE_OF_DAY_HOURS if drawn < span[0])
        midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
        return midnight + timedelta(hours=rng.uniform(first, last))


def _month_before(day: date) -> int:
    return (day.month - 2) % 12 + 1


def _name(code: str) -> str:
    region = registry.region_of(code)
    return region.name if region else ""


def _weighted(rng: Random, choices: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([name for name, _ in choices], [weight for _, weight in choices])[0]
