"""How many appeals came in, where do they stand, and which rates follow?

Every measure is one condition, used to count and to list, so a number and the list behind it cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from gongqing.appeals.models import Appeal, Channel, Kind
from gongqing.appeals.queries import appeals_for
from gongqing.appeals.rules.grading import Grade
from gongqing.dispatch.queries.desk import ListItem, items_of
from gongqing.insight.queries.catalogue import row_names
from gongqing.insight.queries.counting import (
    ON_CLOCK,
    POPULATION_WORDS,
    Counts,
    Question,
    appeals_of,
    falling_due,
    measures,
    of_row,
    with_closing,
)
from gongqing.insight.queries.names import class_names
from gongqing.insight.queries.places import Cut, cut_for, cut_of
from gongqing.insight.queries.reading import Reader
from gongqing.insight.rules.indicators import MEASURES, Basis, total_of
from gongqing.lib.paging import Cursor, encode_cursor

__all__ = ["POPULATION_WORDS", "Overview", "Question", "Row", "cases_behind", "measures", "overview", "row_name"]

GROUPS = {"place": "area", "area": "area", "grade": "grade", "class": "class", "channel": "channel"}
GROUPS |= {"category": "category", "handler": "handler", "day": "day"}
FEW = ("received", "answered")  # what the smaller tables show
PAGE = 40
LISTED = {**MEASURES, "due_today": "今天到期", "due_this_week": "本周到期"}  # what can be listed, in words


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its key in the address, its name and its counts by measure."""

    key: str
    name: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of one question; the rows of every table add up to the total.

    Attributes:
        needs: the needs (需求) of the period, counted apart, by measure.
        recovered: yuan won back, of the appeals that are answered.
        helped: people helped, likewise.
    """

    cut: Cut
    places: list[Row]
    grades: list[Row]
    classes: list[Row]
    channels: list[Row]
    total: Mapping[str, int]
    needs: Mapping[str, int]
    recovered: Decimal
    helped: int


def overview(question: Question) -> Overview:
    """Everything that the page of figures shows."""
    reader = Reader(question.actor, question.at)
    counted = reader.counted
    cut = cut_of(question.area) if question.area is not None else cut_for(question.actor)
    by_place = counted(question, "area", cut=cut)
    total = dict.fromkeys((*measures(question.at), "recovered", "helped"), 0) | total_of(by_place.values())
    needs = counted(question, kind=Kind.NEED)
    return Overview(
        cut=cut,
        places=_rows(by_place, cut.names(set(by_place))),
        grades=_rows(counted(question, "grade", wanted=FEW), {grade.value: grade.title_zh for grade in Grade}),
        classes=_rows(counted(question, "class", wanted=FEW), class_names()),
        channels=_rows(counted(question, "channel", wanted=FEW), dict(Channel.choices)),
        total=total,
        needs={**dict.fromkeys(measures(question.at), 0), **needs.get("", {})},
        recovered=Decimal(total["recovered"]) / 100,
        helped=total["helped"],
    )


def cases_behind(
    question: Question, *, kind: str, measure: str, group: str, key: str, after: Cursor | None
) -> tuple[list[ListItem], int, str | None]:
    """The cases that one number counts, newest first: a page, how many in all, and the cursor of the next page."""
    numbers = behind(question, kind=kind, measure=measure, group=group, key=key)
    total = numbers.count()
    rows, later = page_of(numbers, after, size=PAGE)
    return items_of(rows, question.at), total, later


def behind(question: Question, *, kind: str, measure: str, group: str, key: str) -> QuerySet[Appeal]:
    """The cases that one number counts, with what every list shows."""
    found = appeals_of(question, kind=kind)
    if measure in ON_CLOCK:
        found = with_closing(found)
    found = found.filter((measures(question.at) | falling_due(question.at))[measure])
    if group in GROUPS:
        by = "resolved_day" if group == "day" and question.basis is Basis.RESOLVED else GROUPS[group]
        cut = cut_of(question.area) if question.area is not None else cut_for(question.actor)
        found = of_row(found, by, key, cut)
    return appeals_for(question.actor).filter(pk__in=found.values("pk"))


def page_of(numbers: QuerySet[Appeal], after: Cursor | None, *, size: int) -> tuple[list[Appeal], str | None]:
    """So many cases, newest first, and the cursor of the next page."""
    if after is not None:
        numbers = numbers.filter(Q(received_at__lt=after.moment) | Q(received_at=after.moment, pk__lt=after.id))
    rows = list(numbers.order_by("-received_at", "-id")[: size + 1])
    later = encode_cursor(rows[size - 1].received_at, rows[size - 1].pk) if len(rows) > size else None
    return rows[:size], later


def row_name(question: Question, group: str, key: str) -> str:
    """What the row of a table with this key is called; the key itself when nothing bears it."""
    if group not in GROUPS:
        return key
    cut = cut_of(question.area) if question.area is not None else cut_for(question.actor)
    return row_names(GROUPS[group], {key}, cut=cut, period=question.period).get(key, key)


def _rows(counts: Mapping[str, Counts], names: Mapping[str, str]) -> list[Row]:
    """A row for every name, empty ones too, then whatever bears no name; with counts of cases alone."""
    keys = [*names, *(key for key in counts if key not in names)]
    cases = {key: {name: n for name, n in part.items() if name in MEASURES} for key, part in counts.items()}
    return [Row(key, names.get(key, key), cases.get(key, {})) for key in keys]
