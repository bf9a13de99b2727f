"""What is the content of a rule change made of, and how is one row of it found, put, moved and taken out?

The content is plain JSON, one whole set of rules: `rows` of routing and of categories, `rules` of grading, `days` of
the calendar, and the tables of the limits. Each row has a key that the pages put into addresses: `R-12`, `G07`, `LE01`,
`2025-10-20`, `grade:orange`, `hotline:difficult`, `special:contact:G11,G12`, `pause:waiting_for_material`, `other`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongqing.lib.errors import NotAllowed, NotFound

Row = dict[str, Any]
Content = dict[str, Any]

LISTS: Mapping[str, tuple[str, str]] = {
    "routing": ("rows", "id"),
    "grading": ("rules", "id"),
    "categories": ("rows", "code"),
    "calendar": ("days", "day"),
}
LIMIT_TABLES: Mapping[str, tuple[str, str]] = {
    "grade": ("grades", "grade"),
    "hotline": ("hotline", "kind"),
    "pause": ("pauses", "reason"),
    "special": ("specials", ""),
}
OTHER = ("return_within", "ceiling_days", "ceiling_extension_days", "extensions_at_most")
GROWING = frozenset({"routing", "calendar", "limits"})
NEW = "new"


def rows_of(kind: str, content: Mapping[str, Any]) -> list[tuple[str, Row]]:
    """Every row with its key, in order."""
    if kind != "limits":
        table, name = LISTS[kind]
        return [(str(row.get(name, "")), row) for row in content.get(table, [])]
    found = []
    for part, (table, name) in LIMIT_TABLES.items():
        for row in content.get(table, []):
            found.append((special_key(row) if part == "special" else f"{part}:{row.get(name, '')}", row))
    return [*found, ("other", {name: content.get(name) for name in OTHER})]


def row_of(kind: str, content: Mapping[str, Any], key: str) -> Row:
    """The row with this key.

    Raises:
        NotFound: no row has it.
    """
    for known, row in rows_of(kind, content):
        if known == key:
            return row
    raise NotFound(f"没有“{key}”这一行，可能已经删掉。")


def special_key(row: Mapping[str, Any]) -> str:
    """What a shorter limit is known by: its clock, and the rules and channels it is for."""
    return f"special:{row.get('clock', '')}:{','.join([*row.get('rules', ()), *row.get('channels', ())])}"


def part_of(kind: str, key: str) -> str:
    """Which form a row has: the kind itself, or the table of the limits."""
    return key.partition(":")[0] if kind == "limits" else kind


def with_row(kind: str, content: Mapping[str, Any], key: str, row: Mapping[str, Any]) -> Content:
    """The content with the row of this key replaced, or added at the end when the key is `new` (`special:new`).

    Raises:
        NotFound: no row has the key. NotAllowed: this table takes no further row.
    """
    made: Content = _copied(content)
    if key == "other":
        return {**made, **row}
    table = made.setdefault(_table(kind, key), [])
    if key.rpartition(":")[2] == NEW:
        if not grows(kind, key):
            raise NotAllowed("这张表的行是固定的，只能改，不能加。")
        table.append(dict(row))
    else:
        table[_place(kind, made, key)] = dict(row)
    return made


def without_row(kind: str, content: Mapping[str, Any], key: str) -> Content:
    """The content without the row.

    Raises:
        NotFound: no row has the key. NotAllowed: its table is fixed.
    """
    if not grows(kind, key):
        raise NotAllowed("这一行不能删，只能改。")
    made: Content = _copied(content)
    del made[_table(kind, key)][_place(kind, made, key)]
    return made


def moved(kind: str, content: Mapping[str, Any], key: str, step: int) -> Content:
    """The content with a row of routing one place up (-1) or down (1); at the edge it stays.

    Raises:
        NotFound: no row has the key. NotAllowed: the order of this table says nothing.
    """
    if kind != "routing":
        raise NotAllowed("这张表不分先后。")
    made: Content = _copied(content)
    table, here = made["rows"], _place(kind, made, key)
    there = min(max(here + (1 if step > 0 else -1), 0), len(table) - 1)
    table.insert(there, table.pop(here))
    return made


def grows(kind: str, key: str) -> bool:
    """May rows be added to and taken from this table?"""
    return kind in GROWING and (kind != "limits" or part_of(kind, key) == "special")


def changed_days(content: Mapping[str, Any]) -> tuple[list[Row], list[str]]:
    """The days that a change of the calendar sets, and those that it gives back to the published calendar.

    Only what differs from the days at the time of drafting: a day that somebody set meanwhile stays.
    """
    before = {row["day"]: row for row in content.get("base", [])}
    after = {row["day"]: row for row in content.get("days", [])}
    return [row for day, row in after.items() if row != before.get(day)], [day for day in before if day not in after]


def _table(kind: str, key: str) -> str:
    name = LIMIT_TABLES.get(part_of(kind, key), ("", ""))[0] if kind == "limits" else LISTS[kind][0]
    if not name:
        raise NotFound(f"没有“{key}”这一行。")
    return name


def _place(kind: str, content: Mapping[str, Any], key: str) -> int:
    keys = [known for known, _ in rows_of(kind, content) if part_of(kind, known) == part_of(kind, key)]
    if key not in keys:
        raise NotFound(f"没有“{key}”这一行，可能已经删掉。")
    return keys.index(key)


def _copied(value: Any) -> Any:
    """A copy of plain JSON; tuples come out as lists."""
    if isinstance(value, Mapping):
        return {name: _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list | tuple) else value
