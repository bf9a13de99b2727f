"""What do lists to settle add up to, and which entries does a number stand for?

Totals count a matter once: an appeal that stands on several lists is represented by the entry that was struck off
first, else by one that is claimed, else by the oldest. So the rows of a table add up to its total, and every number
leads to just as many entries.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber

from gongqing.audit.actor import Actor
from gongqing.dispatch.models import EntryState, ListEntry, ListKind, SettlingList
from gongqing.dispatch.rules import settling as rules
from gongqing.lib.workdays import start_of_day
from gongqing.registry.models import Level, Organisation

NOTHING = Decimal("0.00")
CITY, DEPARTMENTS = "city", "departments"
SHOWN = {
    "": "在册",
    "late": "逾期未销",
    "open": "待销号",
    "claimed": "报请销号",
    "struck_off": "已销号",
    "withdrawn": "已撤出",
}
UNSETTLED = (EntryState.OPEN, EntryState.CLAIMED)


@dataclass(frozen=True, slots=True)
class EntryFilters:
    """What is asked for; empty values ask for nothing.

    Attributes:
        year: what was on a list in that year; struck off means struck off in it.
        county: the number of a county's organisation, `city` or `departments`.
        list_id: one list, every entry of it; without it each appeal is counted once.
        show: one of `SHOWN`.
    """

    year: int | None = None
    kind: str = ""
    county: str = ""
    list_id: int | None = None
    show: str = ""

    def url(self, **more: Any) -> str:
        """The filters with changes, as the query of an address."""
        asked = replace(self, **more)
        given = {"year": asked.year, "kind": asked.kind, "county": asked.county, "list": asked.list_id}
        kept = {name: value for name, value in (given | {"show": asked.show}).items() if value}
        return urlencode(kept)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a group of entries adds up to: how many, how many struck off, late ones, people and yuan."""

    count: int = 0
    struck_off: int = 0
    late: int = 0
    people: int = 0
    yuan: Decimal = NOTHING

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.count + other.count,
            self.struck_off + other.struck_off,
            self.late + other.late,
            self.people + other.people,
            self.yuan + other.yuan,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table of totals, with the query that leads to its entries."""

    name: str
    sums: Sums
    filters: EntryFilters

    @property
    def links(self) -> dict[str, str]:
        """The address of each number."""
        return {show or "all": self.filters.url(show=show) for show in SHOWN}


@dataclass(frozen=True, slots=True)
class Overview:
    """What all lists in view add up to."""

    total: Row
    by_kind: list[Row]
    by_county: list[Row]


def overview(actor: Actor, filters: EntryFilters, today: date) -> Overview:
    """Totals over all lists in view, each appeal counted once, by kind and by county.

    Raises:
        NotPermitted.
    """
    rules.check_can_read_lists(actor)
    wanted = replace(filters, list_id=None, show="")
    known = counties()
    once = each_matter_once(actor, wanted, known)
    kinds = {row["list__kind"]: sums_of_row(row) for row in summed(once.values("list__kind"), today, wanted.year)}
    by_kind = [Row(kind.label, kinds[kind], replace(wanted, kind=kind.value)) for kind in ListKind if kind in kinds]
    places: dict[str, Sums] = {}
    for row in summed(once.annotate(place=_county_key()).values("place"), today, wanted.year):
        key = row["place"]
        key = DEPARTMENTS if key == "d" else key if key in known else CITY
        places[key] = places.get(key, Sums()) + sums_of_row(row)
    order = [*known, CITY, DEPARTMENTS]
    by_county = [
        Row(_county_name(key, known), places[key], replace(wanted, county=key)) for key in order if key in places
    ]
    total = sum(kinds.values(), Sums())
    return Overview(Row("合计", total, wanted), by_kind, by_county)


def years_in_view(actor: Actor, today: date) -> list[int]:
    """The years that totals can be asked for, newest first."""
    first = ListEntry.objects.visible_to(actor).aggregate(first=Min("added_at"))["first"]
    return list(range(today.year, (first.year if first else today.year) - 1, -1))


def counties_in_words() -> list[tuple[str, str]]:
    """What entries can be filtered by: every county, the city itself, the departments."""
    known = counties()
    return [(key, _county_name(key, known)) for key in [*known, CITY, DEPARTMENTS]]


def filters_in_words(filters: EntryFilters, actor: Actor) -> str:
    """What is asked for, as the page names it; empty when nothing is."""
    lists = SettlingList.objects.visible_to(actor).filter(pk=filters.list_id) if filters.list_id else ()
    given = {
        "年份": str(filters.year or ""),
        "种类": ListKind(filters.kind).label if filters.kind else "",
        "区县": dict(counties_in_words())[filters.county] if filters.county else "",
        "清单": "".join(str(one) for one in lists),
        "状态": SHOWN[filters.show] if filters.show else "",
    }
    return "，".join(f"{name}：{value}" for name, value in given.items() if value)


def each_matter_once(actor: Actor, filters: EntryFilters, known: dict[str, Organisation]) -> QuerySet[ListEntry]:
    """Each matter once, under the filters of year, kind and county."""
    matter = Coalesce("appeal_id", ExpressionWrapper(F("id") * -1, output_field=BigIntegerField()))
    rank = Case(
        When(state=EntryState.STRUCK_OFF, then=Value(0)),
        When(state=EntryState.CLAIMED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    place = Window(
        RowNumber(),
        partition_by=[matter],
        order_by=[rank.asc(), F("struck_off_at").asc(), F("added_at").asc(), F("id").asc()],
    )
    seen = ListEntry.objects.visible_to(actor).exclude(state=EntryState.WITHDRAWN).annotate(place=place)
    once = seen.filter(place=1).values("pk")
    return narrowed(ListEntry.objects.filter(pk__in=once), filters, known)


def narrowed(found: QuerySet[ListEntry], filters: EntryFilters, known: dict[str, Organisation]) -> QuerySet[ListEntry]:
    """The entries under the filters of year, kind and county; `known` are the counties by their numbers."""
    if filters.year is not None:
        begins, ends = _span(filters.year)
        found = found.filter(added_at__lt=ends).exclude(state=EntryState.STRUCK_OFF, struck_off_at__lt=begins)
    if filters.kind:
        found = found.filter(list__kind=filters.kind)
    if filters.county == CITY:
        for county in known.values():
            found = found.exclude(organisation__path__startswith=county.path)
        found = found.exclude(organisation__path__startswith="/d/")
    elif filters.county == DEPARTMENTS:
        found = found.filter(organisation__path__startswith="/d/")
    elif filters.county:
        chosen = known.get(filters.county)
        found = found.none() if chosen is None else found.filter(organisation__path__startswith=chosen.path)
    return found


def summed(grouped: Any, today: date, year: int | None) -> Any:
    """The grouped rows with what `sums_of_row` reads."""
    struck = struck_off_in(year)
    return grouped.order_by().annotate(
        count=Count("pk"),
        struck_off=Count("pk", filter=struck),
        late=Count("pk", filter=late_on(today)),
        people=Sum("helped_count", filter=struck),
        yuan=Sum("recovered_amount", filter=struck),
    )


def sums_of_row(row: dict[str, Any]) -> Sums:
    """One row of `summed`."""
    return Sums(row["count"], row["struck_off"], row["late"], row["people"] or 0, row["yuan"] or NOTHING)


def struck_off_in(year: int | None) -> Q:
    """Was it struck off in this year; without a year, ever?"""
    found = Q(state=EntryState.STRUCK_OFF)
    if year is None:
        return found
    begins, ends = _span(year)
    return found & Q(struck_off_at__gte=begins, struck_off_at__lt=ends)


def late_on(today: date) -> Q:
    """Is it not struck off though its day is over?"""
    return Q(state__in=UNSETTLED, due_on__lt=today)


def _span(year: int) -> tuple[datetime, datetime]:
    return start_of_day(date(year, 1, 1)), start_of_day(date(year + 1, 1, 1))


def _county_key() -> Func:
    """The part of the responsible organisation's path that says under which county it stands; `d` for departments."""
    second = Func(F("organisation__path"), Value("/"), Value(3), function="split_part", output_field=CharField())
    return Case(When(organisation__path__startswith="/d/", then=Value("d")), default=second, output_field=CharField())  # type: ignore[return-value]


def counties() -> dict[str, Organisation]:
    """The unions of the counties, and those of industries beside them, by their numbers as text."""
    found = Organisation.objects.filter(level=Level.COUNTY, parent__level=Level.CITY).order_by("code")
    return {str(one.pk): one for one in found.exclude(kind="mediation_room")}


def _county_name(key: str, known: dict[str, Organisation]) -> str:
    return {CITY: "市本级", DEPARTMENTS: "横向部门"}.get(key) or str(known[key])
