"""When have enough people said the same to call it a shared need? (G23：7日内同片区同小类不少于 5 件、不同单位)

A group of messages is one when, within seven days, enough different people said it (five in a town, ten across a
county, twenty across the city), when most are of one category and not nearly all from one employer (that would be a
group case, 群体案), and when that is more than the weeks before let one expect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WEEK = timedelta(days=7)
WEEKS_BEFORE = 8
WINDOW = WEEK * (WEEKS_BEFORE + 1)
LEAST_PEOPLE = {9: 5, 6: 10, 4: 20}
"""People who must have said it within a week, by the length of the code of their area: town, county, city."""
ONE_CATEGORY = 0.6
"""At least this share of the voices is of one category (同小类)."""
ONE_EMPLOYER = 0.8
"""From this share of the voices on, the matter is one employer's."""
LEAST_SHOWN = 3
"""A place with fewer people than this is not counted out loud."""
LEAST_USUAL = 0.05
"""A week that usually brings fewer than this brings next to nothing: the number would be printed as 0.0."""


class NeedRoute(StrEnum):
    """How a shared need is met; `ROUTE_WORDS` has the trade's words."""

    ACTIVITY = "activity"
    MOTION = "motion"
    DEPARTMENT = "department"


ROUTE_WORDS: dict[NeedRoute, str] = {
    NeedRoute.ACTIVITY: "办一场服务，大家都来",
    NeedRoute.MOTION: "提请人大代表建议、政协提案",
    NeedRoute.DEPARTMENT: "转请主管部门答复办理",
}
# public matters that neither a union nor one department can settle alone
_PUBLIC = frozenset({"OT04"})
_OF_DEPARTMENTS = frozenset({"OT03", "CD02", "CD04", "OT05", "OT06"})


@dataclass(frozen=True, slots=True)
class Heard:
    """One voice as counting needs it.

    Attributes:
        person: equal for the same person; the appeal's own where nobody is known.
        employer: its name as it was written; empty for none.
        town: the town's code; empty when unknown.
    """

    appeal_id: int
    at: datetime
    person: str
    employer: str
    town: str
    category: str


@dataclass(frozen=True, slots=True)
class Count:
    """What a group of voices comes to.

    Attributes:
        now: people in the last seven days.
        weeks: voices in each of the eight weeks before, the oldest first.
        is_of_one_kind: whether most voices are of one category.
        area: the code of the smallest division that holds nearly all of them; empty when unknown.
    """

    voices: int
    people: int
    employers: int
    now: int
    weeks: Sequence[int]
    is_one_employers: bool
    is_of_one_kind: bool
    area: str

    @property
    def is_many(self) -> bool:
        """Enough people for so large an area, of one kind, and not of one employer alone?"""
        least = LEAST_PEOPLE.get(len(self.area), max(LEAST_PEOPLE.values()))
        return self.now >= least and self.is_of_one_kind and not self.is_one_employers


def counted(heard: Sequence[Heard], *, at: datetime) -> Count:
    """Count the voices of one group at a moment."""
    weeks = [0] * (WEEKS_BEFORE + 1)
    for each in heard:
        age = (at - each.at) // WEEK
        if 0 <= age <= WEEKS_BEFORE:
            weeks[WEEKS_BEFORE - age] += 1
    employers = Counter(each.employer for each in heard if each.employer)
    most = max(employers.values(), default=0)
    return Count(
        voices=len(heard),
        people=len({each.person for each in heard}),
        employers=len(employers),
        now=len({each.person for each in heard if at - each.at < WEEK}),
        weeks=weeks[:-1],
        is_one_employers=bool(heard) and most >= ONE_EMPLOYER * len(heard),
        is_of_one_kind=max(Counter(each.category for each in heard).values(), default=0) >= ONE_CATEGORY * len(heard),
        area=owning_code([each.town for each in heard]),
    )


def suggested_route(category: str) -> NeedRoute:
    """What would meet a need of this category: one service for many, deputies, or the department in charge."""
    if category in _PUBLIC:
        return NeedRoute.MOTION
    if category in _OF_DEPARTMENTS or category.startswith("LE"):
        return NeedRoute.DEPARTMENT
    return NeedRoute.ACTIVITY


def owning_code(towns: Sequence[str]) -> str:
    """The code of the smallest division that holds nearly all of the voices whose town is known; empty for none."""
    known = Counter(town for town in towns if town)
    if not known:
        return ""
    for length in (9, 6):
        code, held = max(_by_prefix(known, length).items(), key=lambda pair: (pair[1], pair[0]))
        if len(code) == length and held >= ONE_EMPLOYER * known.total():
            return code
    return next(iter(known))[:4]


def _by_prefix(known: Counter[str], length: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for code, held in known.items():
        sums[code[:length]] = sums.get(code[:length], 0) + held
    return sums


def usual_words(usual: float) -> str:
    """What a usual week brings: `1.2 件`; `几乎没有` of what rounds to nothing."""
    return f"{usual:.1f} 件" if is_heard_usually(usual) else "几乎没有"


def is_heard_usually(usual: float) -> bool:
    """Whether a usual week brings so much that its number says something."""
    return usual >= LEAST_USUAL
