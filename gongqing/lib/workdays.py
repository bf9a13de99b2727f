"""Is this a working day, why, and when is so much working time over?

A calendar is a small value with few questions. It knows the State Council's arrangements (holidays and 调休 make-up
days) as far as they are published, and overrides, which win. Beyond the last known year it falls back on weekends and
the holidays with a fixed date (元旦, 劳动节, 国庆节: 全国年节及纪念日放假办法 第2条), and says so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise

from chinese_calendar import constants

from gongqing.lib.times import SHANGHAI, WEEKDAYS, local

FIRST_KNOWN_YEAR = min(constants.holidays).year
LAST_KNOWN_YEAR = max(constants.holidays).year
_FIXED = {(1, 1): "元旦", (5, 1): "劳动节", (5, 2): "劳动节", (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节"}
_FULL_NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}
_NAMES = {each.value: _FULL_NAMES.get(each.chinese, each.chinese) for each in constants.Holiday}
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The spans of a working day, in order and apart; 08:30–12:00 and 13:30–17:30 unless a city says otherwise."""

    spans: tuple[tuple[time, time], ...] = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))

    def __post_init__(self) -> None:
        edges = [edge for span in self.spans for edge in span]
        if not edges or any(first >= second for first, second in pairwise(edges)):
            raise ValueError("working time needs spans in order that do not touch")

    @classmethod
    def from_text(cls, text: str) -> WorkingTime:
        """The spans of a setting such as `08:30-12:00,13:30-17:30`.

        Raises:
            ValueError: when the text is not such a list.
        """
        spans = [tuple(time.fromisoformat(edge.strip()) for edge in span.split("-")) for span in text.split(",")]
        if any(len(span) != 2 for span in spans):
            raise ValueError("each span is written as 08:30-12:00")
        return cls(tuple((span[0], span[1]) for span in spans))

    @property
    def length(self) -> timedelta:
        """The working time of one working day."""
        return _length(self.spans)

    def before(self, clock: time) -> timedelta:
        """The working time of a working day that is over at this time of day."""
        if clock <= self.spans[0][0]:  # as deadlines at midnight
            return _NOTHING
        here, total = _since_midnight(clock), _NOTHING
        for start, end in _offsets(self.spans):
            if here > start:
                total += min(here, end) - start
        return total

    def after(self, worked: timedelta) -> timedelta:
        """How long after midnight so much working time is over; the end of a span rather than the next start."""
        for start, end in _offsets(self.spans):
            if worked <= end - start:
                return start + worked
            worked -= end - start
        raise ValueError("a working day is shorter than that")


USUAL_HOURS = WorkingTime()


@dataclass(frozen=True)
class Calendar:
    """The working days of a city.

    Attributes:
        overrides: day → whether it is a working day; wins over everything.
        notes: day → why it was overridden, in Chinese.
        sources: day → what the override rests on, in Chinese.
        settled_years: years beyond the shipped data whose arrangement was loaded into the overrides.
        hours: the working time of a working day.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)
    notes: Mapping[date, str] = field(default_factory=dict)
    sources: Mapping[date, str] = field(default_factory=dict)
    settled_years: frozenset[int] = frozenset()
    hours: WorkingTime = USUAL_HOURS

    def is_workday(self, day: date) -> bool:
        """Whether unions and companies work on that day."""
        stated = self.overrides.get(day)
        return _is_usual_workday(day) if stated is None else stated

    def is_provisional(self, day: date) -> bool:
        """Whether the arrangement of that day's year is not published yet, so that the answer may change."""
        if day in self.overrides or day.year in self.settled_years:
            return False
        return not FIRST_KNOWN_YEAR <= day.year <= LAST_KNOWN_YEAR

    def reason(self, day: date) -> str:
        """`工作日`, `周六`, `国庆节放假`, `国庆节调休上班`, or the note of the override."""
        if day in self.overrides:
            return self.notes.get(day) or ("日历调整，上班" if self.overrides[day] else "日历调整，放假")
        if day in constants.holidays:
            return f"{_NAMES.get(constants.holidays[day], '节日')}放假"
        if day in constants.workdays:
            return f"{_NAMES.get(constants.workdays[day], '节日')}调休上班"
        if self.is_provisional(day) and (day.month, day.day) in _FIXED:
            return f"{_FIXED[day.month, day.day]}放假"
        return "工作日" if day.weekday() < 5 else WEEKDAYS[day.weekday()]

    def basis(self, day: date) -> str:
        """Where the answer for that day comes from, in Chinese."""
        if day in self.overrides:
            return f"本市日历调整，{self.sources[day]}" if self.sources.get(day) else "本市日历调整"
        if self.is_provisional(day):
            return f"{day.year} 年放假安排未公布，暂按周末和固定节日"
        if day in constants.holidays or day in constants.workdays:
            return f"{day.year} 年放假安排"
        return "工作日" if self.is_workday(day) else "周末"

    def next_workday(self, day: date) -> date:
        """The first working day after that day."""
        return self.add_workdays(day, 1)

    def first_workday(self, day: date) -> date:
        """That day if it is a working day, else the next one."""
        return day if self.is_workday(day) else self.next_workday(day)

    def add_workdays(self, start: date, count: int) -> date:
        """The count-th working day after the start day; the start day itself is never counted (民法典 第201条).

        Raises:
            ValueError: when the count is negative.
        """
        if count < 0:
            raise ValueError("working days are counted forward")
        if count == 0:
            return start
        year, wanted = start.year, count + bisect_right(self._workdays_of(start.year), start.toordinal())
        while wanted > len(self._workdays_of(year)):
            wanted -= len(self._workdays_of(year))
            year += 1
        return date.fromordinal(self._workdays_of(year)[wanted - 1])

    def workdays_between(self, start: date, end: date) -> int:
        """How many working days lie after the start day, up to and including the end day; 0 when end is earlier."""
        if end <= start:
            return 0
        return self._count_before(end + timedelta(days=1)) - self._count_before(start + timedelta(days=1))

    def end_of_workday(self, start: date, count: int) -> datetime:
        """24:00 of the count-th working day after the start day, that is 00:00 of the day after it."""
        return end_of_day(self.add_workdays(start, count))

    def is_working_time(self, moment: datetime) -> bool:
        """Whether people are at work at that moment; a span's end no longer belongs to it."""
        here = local(moment)
        inside = any(start <= here.timetz().replace(tzinfo=None) < end for start, end in self.hours.spans)
        return inside and self.is_workday(here.date())

    def add_working_time(self, moment: datetime, length: timedelta) -> datetime:
        """When so much working time after the moment is over; the moment itself for none."""
        here = local(moment)
        if length <= _NOTHING:
            return here
        day = self.first_workday(here.date())
        worked = length + (self.hours.before(here.time()) if day == here.date() else _NOTHING)
        days, rest = divmod(worked, self.hours.length)
        if rest == _NOTHING:  # ends with a day's work, not with the next morning's start
            days, rest = days - 1, self.hours.length
        return start_of_day(self.add_workdays(day, days)) + self.hours.after(rest)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from start to end; none when the end is earlier."""
        if end <= start:
            return _NOTHING
        return self.working_time_until(end) - self.working_time_until(start)

    def working_time_until(self, moment: datetime) -> timedelta:
        """The working time from a fixed beginning to the moment; only differences mean something."""
        here = local(moment)
        worked, day = self._count_before(here.date()) * self.hours.length, here.date()
        return worked + self.hours.before(here.time()) if self.is_workday(day) else worked

    def working_hours_between(self, start: datetime, end: datetime) -> float:
        """The working hours from start to end."""
        return self.working_time_between(start, end) / timedelta(hours=1)

    def _count_before(self, day: date) -> int:
        return self._workdays_before_year(day.year) + bisect_left(self._workdays_of(day.year), day.toordinal())

    def _workdays_before_year(self, year: int) -> int:
        counts = self._counts
        if year not in counts:
            if year <= FIRST_KNOWN_YEAR:  # only differences matter, so any fixed year may be zero
                counts[year] = -sum(len(self._workdays_of(each)) for each in range(year, FIRST_KNOWN_YEAR))
            else:
                last = max(each for each in (*counts, FIRST_KNOWN_YEAR) if each < year)
                passed = sum(len(self._workdays_of(each)) for each in range(last, year))
                counts[year] = counts.get(last, 0) + passed
        return counts[year]

    def _workdays_of(self, year: int) -> tuple[int, ...]:
        days = self._years.get(year)
        if days is None:
            stated = {day: works for day, works in self.overrides.items() if day.year == year}
            days = self._years[year] = _with_overrides(year, stated) if stated else _usual_workdays(year)
        return days

    @cached_property
    def _years(self) -> dict[int, tuple[int, ...]]:
        return {}

    @cached_property
    def _counts(self) -> dict[int, int]:
        return {}


def start_of_day(day: date) -> datetime:
    """00:00 of the day in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def end_of_day(day: date) -> datetime:
    """24:00 of the day in Shanghai, which is 00:00 of the next."""
    return start_of_day(day + timedelta(days=1))


def days_from(first: date, last: date) -> Iterable[date]:
    """Every day from first to last, both included."""
    return (first + timedelta(days=step) for step in range((last - first).days + 1))


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)


def _is_usual_workday(day: date) -> bool:
    if day in constants.workdays:
        return True
    if day.weekday() >= 5 or day in constants.holidays:
        return False
    return FIRST_KNOWN_YEAR <= day.year <= LAST_KNOWN_YEAR or (day.month, day.day) not in _FIXED


@lru_cache(maxsize=16)
def _offsets(spans: tuple[tuple[time, time], ...]) -> tuple[tuple[timedelta, timedelta], ...]:
    return tuple((_since_midnight(start), _since_midnight(end)) for start, end in spans)


@lru_cache(maxsize=16)
def _length(spans: tuple[tuple[time, time], ...]) -> timedelta:
    return sum((end - start for start, end in _offsets(spans)), _NOTHING)


@lru_cache(maxsize=64)
def _usual_workdays(year: int) -> tuple[int, ...]:
    days = days_from(date(year, 1, 1), date(year, 12, 31))
    return tuple(day.toordinal() for day in days if _is_usual_workday(day))


def _with_overrides(year: int, stated: Mapping[date, bool]) -> tuple[int, ...]:
    days = set(_usual_workdays(year))
    for day, works in stated.items():
        (days.add if works else days.discard)(day.toordinal())
    return tuple(sorted(days))
