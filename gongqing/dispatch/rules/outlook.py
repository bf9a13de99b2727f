"""How likely is an open case not to be answered by its deadline, judged by how long such cases have taken?

A life table (Kaplan–Meier on half working days, open cases counted for as long as they have been watched) of the last
half year: of the category, drawn towards its class and that towards all where cases are few; times one factor for the
organisation, drawn towards one; times a factor for how much more than usual each person there holds. Pure figures;
docs/methods/outlook.md says what they promise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from gongqing.lib.workdays import Calendar

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

STEP = 0.5  # working days
STEPS = 160  # eighty working days; what takes longer stands in the last step
DRAWN = 20.0  # so many cases at risk weigh as much as what they are drawn towards
DRAWN_PLACE = 10.0  # so many expected answers, for an organisation
SLOWEST, FASTEST = 0.25, 4.0
ELASTICITY = 0.5  # twice the cases a person: each is answered at 0.71 of the pace
LEAST_SPEED, MOST_SPEED = 0.5, 2.0
_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_OFFSET = 8 * 3600  # Shanghai keeps no summer time


@dataclass(frozen=True, slots=True)
class Histories:
    """Cases of the past, one place in every array for each.

    Attributes:
        used: counted working days until the answer, or until now where there is none.
        answered: whether there was an answer.
        categories: codes. places: the organisation that handled it.
        days: how many working days the window has.
    """

    used: Floats
    answered: Truths
    categories: Sequence[str]
    places: Numbers
    days: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the past says.

    Attributes:
        hazards: for each category, how much of the remaining is answered up to each step (cumulative hazard).
        whole: the same of all cases, for categories that the window does not know.
        pace: of each organisation against what its categories would let expect; 1 where it is not known.
        usual: how many cases each organisation had open on average.
        count: of cases; answered_count: of those with an answer.
    """

    hazards: Mapping[str, Floats]
    whole: Floats
    pace: Mapping[int, float]
    usual: Mapping[int, float]
    count: int
    answered_count: int

    def chances(self, categories: Sequence[str], used: Floats, left: Floats, paces: Floats) -> Floats:
        """For each case the chance to be without an answer after `left` more working days, given it is after `used`.

        Args:
            paces: of its organisation, times the speed at which it works now.
        """
        if not len(used):
            return np.zeros(0)
        names = sorted(set(categories))
        table = np.stack([self.hazards.get(name, self.whole) for name in names])
        rows = np.searchsorted(np.array(names), np.array(categories))
        passed = _at(table, rows, used + np.maximum(left, 0.0)) - _at(table, rows, used)
        return np.exp(-paces * np.maximum(passed, 0.0))

    def pace_of(self, place: int) -> float:
        """The organisation's pace; 1 where the window does not know it."""
        return self.pace.get(place, 1.0)


def fitted(histories: Histories) -> Outlook:
    """Learn from the past; an empty past says that nothing is ever answered within its steps' weight of one case."""
    steps = np.minimum((histories.used / STEP).astype(np.int64), STEPS - 1)
    answered = histories.answered
    whole = _hazard(steps, answered, _constant(steps, answered), DRAWN)
    codes = np.array(histories.categories, dtype="U4")
    classes = codes.astype("U2")
    by_class = {
        name: _hazard(steps[classes == name], answered[classes == name], whole, DRAWN) for name in np.unique(classes)
    }
    hazards = {}
    for code in np.unique(codes):
        mine = codes == code
        hazards[str(code)] = _summed(_hazard(steps[mine], answered[mine], by_class[code[:2]], DRAWN))
    expected = _expected(histories, hazards)
    pace, usual = {}, {}
    for place in np.unique(histories.places):
        mine = histories.places == place
        ratio = (answered[mine].sum() + DRAWN_PLACE) / (expected[mine].sum() + DRAWN_PLACE)
        pace[int(place)] = float(np.clip(ratio, SLOWEST, FASTEST))
        usual[int(place)] = float(histories.used[mine].sum() / histories.days) if histories.days else 0.0
    return Outlook(hazards, _summed(whole), pace, usual, len(steps), int(answered.sum()))


def speed_of(*, usual: float, held: float, staff: float, usual_staff: float) -> float:
    """At what part of its usual speed an organisation answers each case when each person holds more than usual.

    An organisation that usually holds less than one case is taken to hold one; one without anybody on post works at the
    least speed, unless it never had anybody.
    """
    if staff <= 0 or usual_staff <= 0:
        return 1.0 if usual_staff <= 0 else LEAST_SPEED
    ratio = (max(usual, 1.0) / usual_staff) / (max(held, 1.0) / staff)
    return float(np.clip(ratio**ELASTICITY, LEAST_SPEED, MOST_SPEED))


def worked_days(calendar: Calendar, moments: Floats) -> Floats:
    """Working days from the first of the earliest moment's year up to each moment (seconds since 1970), in fractions.

    Only differences mean anything; they are those of `Calendar.working_time_between`.
    """
    if not len(moments):
        return np.zeros(0)
    local = moments + _OFFSET
    ordinals = (local // _DAY).astype(np.int64) + _EPOCH
    seconds = local % _DAY
    first, last = int(ordinals.min()), int(ordinals.max())
    works = np.array([calendar.is_workday(date.fromordinal(day)) for day in range(first, last + 1)], dtype=float)
    before = np.concatenate([[0.0], np.cumsum(works)])[ordinals - first]
    spans = [(_seconds(start), _seconds(end)) for start, end in calendar.hours.spans]
    today = sum(np.clip(seconds - start, 0, end - start) for start, end in spans)
    result: Floats = before + works[ordinals - first] * today / calendar.hours.length.total_seconds()
    return result


def _seconds(clock: object) -> int:
    hour, minute, second = (getattr(clock, name) for name in ("hour", "minute", "second"))
    return int(timedelta(hours=hour, minutes=minute, seconds=second).total_seconds())


def _constant(steps: Numbers, answered: Truths) -> Floats:
    """The same hazard in every step: answers over steps watched."""
    watched = float((steps + 1).sum())
    rate = (answered.sum() + 0.5) / (watched + 1.0) if watched else 0.0
    return np.full(STEPS, min(rate, 0.99))


def _hazard(steps: Numbers, answered: Truths, towards: Floats, weight: float) -> Floats:
    """Of those still open at a step, the share answered in it; those only watched until then count for half of it."""
    deaths = np.bincount(steps[answered], minlength=STEPS).astype(float)
    left_off = np.bincount(steps[~answered], minlength=STEPS).astype(float)
    at_risk = np.cumsum((deaths + left_off)[::-1])[::-1] - left_off / 2
    result: Floats = np.clip((deaths + weight * towards) / (at_risk + weight), 0.0, 0.99)
    return result


def _summed(hazard: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(-np.log1p(-hazard))])


def _expected(histories: Histories, hazards: Mapping[str, Floats]) -> Floats:
    """How many answers each case's own time would let expect."""
    names = sorted(hazards)
    if not names:
        return np.zeros(0)
    table = np.stack([hazards[name] for name in names])
    rows = np.searchsorted(np.array(names), np.array(histories.categories))
    return _at(table, rows, histories.used)


def _at(table: Floats, rows: Numbers, days: Floats) -> Floats:
    """The cumulative hazard at a time between the steps; beyond the last it goes on as there."""
    position = days / STEP
    place = np.minimum(position.astype(np.int64), STEPS - 1)
    low, high = table[rows, place], table[rows, place + 1]
    result: Floats = low + (high - low) * (position - place)
    return result
