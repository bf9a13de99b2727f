"""Under which address do the cases behind a number of the weekly report stand, within the reader's own view?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from gongqing.insight.rules.catalogue import CATALOGUE
from gongqing.insight.rules.report_words import Figures

CASES = "/desk/figures/cases"
Drills = Mapping[tuple[int, int], str]


def drill(figures: Figures, key: str, *, group: str = "", row: str = "") -> str:
    """The address of the cases that an indicator counts in the week; empty where it counts none."""
    one = CATALOGUE[key]
    if not one.drill:
        return ""
    given = {"period": "custom", "from": figures["first"], "to": figures["last"], "population": "all"}
    given |= {"measure": one.drill, "group": group, "key": row, "kind": one.kind, "basis": one.basis.value}
    if figures["level"] != "city":
        given["area"] = figures["place_code"]
    return f"{CASES}?{urlencode(given)}"


def column_drills(
    figures: Figures, rows: Sequence[Mapping[str, Any]], columns: Iterable[tuple[int, str]], *, group: str
) -> Drills:
    """(line, column) → address, for the columns that count an indicator of each row."""
    places = list(columns)
    return {
        (number, column): address
        for number, row in enumerate(rows)
        for column, key in places
        if (address := drill(figures, key, group=group, row=row["key"]))
    }
