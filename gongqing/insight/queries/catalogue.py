"""What are the figures of the catalogue, for whom, where and when?

`measure` is what every page, report and answer reads. Everybody counts what they see and nothing beyond.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from gongqing.appeals.models import Channel
from gongqing.appeals.rules.grading import Grade
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.insight.queries.counting import Counts, Question
from gongqing.insight.queries.names import category_names, class_names
from gongqing.insight.queries.places import Cut, cut_of
from gongqing.insight.queries.reading import Reader
from gongqing.insight.rules import readers
from gongqing.insight.rules.catalogue import NOT_CONNECTED, indicators_of, shown
from gongqing.insight.rules.indicators import Basis, Figure, Indicator, total_of
from gongqing.insight.rules.periods import Period, steps_of
from gongqing.lib.errors import BadInput, NotPermitted
from gongqing.registry.models import Organisation, Region

LONGEST_NUMBER = 18
BY = ("area", "handler", "category", "class", "grade", "channel", "day")

Source = Callable[[Actor, str, Period, Region | Organisation | None], int | None]
Address = Callable[[Actor, str, Period, Region | Organisation | None], str]

# application → what it counts, and where that is listed; a package that has come fills in its own (`connect`)
_sources: dict[str, tuple[Source, Address | None]] = {}


@dataclass(frozen=True, slots=True)
class Value:
    """One figure with what stands over and under its line.

    Attributes:
        value: of a rate the per cent with two decimals, rounded half up; None over nothing, or not connected.
        numerator, denominator: of a rate; the denominator is None of counts and sums.
        not_connected: its application does not exist yet; it prints 未接入, never 0.
        url: the cases behind it, below `/desk/`; empty where it counts none.
    """

    indicator: Indicator
    value: int | Decimal | None
    numerator: int | Decimal | None = None
    denominator: int | None = None
    not_connected: bool = False
    url: str = ""

    @property
    def words(self) -> str:
        """As it is printed: `98.31%`, `1,780`, `—`, `未接入`."""
        return NOT_CONNECTED if self.not_connected else shown(self.value, self.indicator.unit)

    @property
    def fraction(self) -> str:
        """`13,768/14,004` of a rate; empty of others."""
        if self.denominator is None or self.numerator is None:
            return ""
        return f"{int(self.numerator):,}/{self.denominator:,}"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One row: its key in the address, its name, and its values by indicator."""

    key: str
    name: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured.

    Attributes:
        values: indicator → its value over everything that was asked for.
        rows: one row each by what was asked for, empty ones too; none without `by`. Counts add up to the value.
        heading: what the rows are.
        as_of: the moment of which the figures speak.
    """

    period: Period
    area: Region | Organisation | None
    population: str
    values: Mapping[str, Value]
    rows: Sequence[FigureRow] = field(default_factory=list)
    heading: str = ""
    as_of: datetime | None = None

    def __getitem__(self, key: str) -> Value:
        return self.values[key]


def measure(
    actor: Actor,
    keys: Iterable[str],
    *,
    period: Period,
    at: datetime,
    area: Region | Organisation | None = None,
    by: str | None = None,
    population: str = "all",
    handler_id: int | None = None,
    reader: Reader | None = None,
    step: str = "day",
) -> Figures:
    """These indicators over a period.

    Args:
        area: a region (what happened there) or an organisation (what it and those below it see); None for everything
            that the actor sees.
        by: rows by area (one level below), handler, category, class, grade, channel or day.
        population: `all` workers or `members`.
        handler_id: only what this organisation itself handles.
        reader: what reads for several figures of one page.
        step: rows by day, week or month where they are by day.

    Raises:
        NotPermitted: this actor reads no figures, or not those of this organisation.
        BadInput: on `keys` or `by`.
    """
    wanted = indicators_of(keys)
    check_can_measure(actor, area)
    if by is not None and by not in BY:
        raise BadInput("by", f"不能按“{by[:20]}”分组，可用：{'、'.join(BY)}。")
    reader = reader or Reader(actor, at)
    cut = cut_of(area) if area is not None else reader.cut
    question = Question(actor, period, at, population, area=area, handler_id=handler_id)
    groups = {(one.basis, one.kind) for one in wanted if not one.application}
    needed: dict[tuple[Basis, str], set[str]] = {group: set() for group in groups}
    for one in wanted:
        if not one.application:
            needed[one.basis, one.kind] |= {one.numerator, one.denominator or one.numerator}
    sums = {
        (basis, kind): reader.counted(question.on(basis), _by(by, basis), cut=cut, kind=kind, wanted=sorted(names))
        for (basis, kind), names in sorted(needed.items())
    }
    rows = []
    if by == "day" and step != "day":
        for name, span in steps_of(period, step):
            counts = {group: _of_span(part, span) for group, part in sums.items()}
            spanned = replace(question, period=span)
            rows.append(
                FigureRow(
                    span.first.isoformat(), name, {one.key: _value(one, counts, spanned, "", "") for one in wanted}
                )
            )
    elif by is not None:
        found = {key for part in sums.values() for key in part}
        for key, name in row_names(by, found, cut=cut, period=period).items():
            counts = {group: part.get(key, {}) for group, part in sums.items()}
            rows.append(FigureRow(key, name, {one.key: _value(one, counts, question, by, key) for one in wanted}))
    total = {group: total_of(part.values()) for group, part in sums.items()}
    return Figures(
        period=period,
        area=area,
        population=population,
        values={one.key: _value(one, total, question, "", "") for one in wanted},
        rows=rows,
        heading=heading_of(by, cut),
        as_of=reader.as_of,
    )


def check_can_measure(actor: Actor, area: Region | Organisation | None) -> None:
    """Figures are for staff; those of an organisation for who stands at it or above it.

    Raises:
        NotPermitted.
    """
    if not actor.is_system:
        readers.check_can_read_figures(actor)
    if not isinstance(area, Organisation) or sees_all(actor):
        return
    if not any(area.path.startswith(path) for path in actor.paths):
        raise NotPermitted("这个单位不在您的范围内，请从自己的单位或下级单位里选。")


def connect(application: str, source: Source, address: Address | None = None) -> None:
    """From now on this application counts its own indicators: (actor, key, period, area) → how many.

    `address` says where those that were counted are listed; rows of areas are counted too, rows of others are not.
    """
    _sources[application] = source, address


def is_connected(one: Indicator) -> bool:
    """Whether something counts this indicator."""
    return not one.application or one.application in _sources


def row_names(by: str, found: set[str], *, cut: Cut, period: Period) -> Mapping[str, str]:
    """Key → name of every row, in order; those that could have something come first."""
    if by == "area":
        names = cut.names(found)
    elif by == "handler":
        numbers = [int(key) for key in found if key.isdigit()]
        names = {str(each.pk): str(each) for each in Organisation.objects.filter(pk__in=numbers).order_by("path")}
        names |= {"": "未派单"} if "" in found else {}
    elif by == "grade":
        names = {grade.value: grade.title_zh for grade in Grade}
    elif by == "class":
        names = class_names()
    elif by == "category":
        names = category_names()
    elif by == "channel":
        names = dict(Channel.choices)
    else:
        days = [period.first + timedelta(days=number) for number in range((period.last - period.first).days + 1)]
        names = {day.isoformat(): f"{day.month}月{day.day}日" for day in days}
    return {**names, **{key: key for key in sorted(found - set(names))}}


def heading_of(by: str | None, cut: Cut) -> str:
    """What the rows are called."""
    words = {
        "handler": "承办单位",
        "category": "小类",
        "class": "大类",
        "grade": "等级",
        "channel": "渠道",
        "day": "日期",
    }
    return cut.heading if by == "area" else words.get(by or "", "")


def _of_span(days: Mapping[str, Counts], span: Period) -> Counts:
    keys = ((span.first + timedelta(days=number)).isoformat() for number in range((span.last - span.first).days + 1))
    return total_of(days[key] for key in keys if key in days)


def _by(by: str | None, basis: Basis) -> str | None:
    return "resolved_day" if by == "day" and basis is Basis.RESOLVED else by


def _value(one: Indicator, sums: Mapping[tuple[Basis, str], Counts], question: Question, by: str, key: str) -> Value:
    if one.application:
        return _counted_elsewhere(one, question, by, key)
    counts = sums[one.basis, one.kind]
    url = _address(one, question, by, key) if one.drill else ""
    if one.is_rate:
        whole = Figure(int(counts.get(one.numerator, 0)), int(counts.get(one.denominator or "", 0)))
        return Value(one, whole.hundredths, whole.numerator, whole.denominator, url=url)
    number = counts.get(one.numerator, 0)
    value = Decimal(number) / 100 if one.unit == "元" else number
    return Value(one, value, value, url=url)


def _counted_elsewhere(one: Indicator, question: Question, by: str, key: str) -> Value:
    """The value that its own application counts; a dash in rows that it cannot tell apart."""
    if one.application not in _sources:
        return Value(one, None, not_connected=True)
    source, address = _sources[one.application]
    area = question.area
    if by:
        area = Region.objects.filter(code=key).first() if by == "area" and key else None
        if area is None:
            return Value(one, None)
    given = (question.actor, one.key, question.period, area)
    number = source(*given)
    url = address(*given) if address and number else ""
    return Value(one, number, number, not_connected=number is None, url=url)


def _address(one: Indicator, question: Question, by: str, key: str) -> str:
    period, area = question.period, question.area
    given = {"period": period.name}
    if period.name == "custom":
        given |= {"from": period.first.isoformat(), "to": period.last.isoformat()}
    given |= {"population": question.population, "measure": one.drill, "group": by, "key": key}
    given |= {"kind": one.kind, "basis": one.basis.value}
    if area is not None:
        given["area"] = area.code if isinstance(area, Region) else f"o{area.pk}"
    if question.handler_id is not None:
        given["handler"] = str(question.handler_id)
    return f"/desk/figures/cases?{urlencode(given)}"
