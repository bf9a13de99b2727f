"""Which column of somebody's sheet holds what?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gongqing.lib.errors import BadInput, BadInputs
from gongqing.lib.sheets import plain_name


@dataclass(frozen=True, slots=True)
class Column:
    """Something that a row tells us.

    Attributes:
        name: how the code calls it.
        title: how the page and the pattern sheet call it.
        synonyms: other names that sheets give it.
        is_required: whether a sheet without it cannot be read.
        hint: what belongs into it, in Chinese.
    """

    name: str
    title: str
    synonyms: tuple[str, ...] = ()
    is_required: bool = False
    hint: str = ""


Mapped = dict[str, str]
"""Column name → the title that the sheet's header gives it."""


def known_names(columns: Sequence[Column]) -> set[str]:
    """Every name under which a sheet may hold one of the columns."""
    return {name for column in columns for name in (column.title, *column.synonyms)}


def guessed_mapping(header: Sequence[str], columns: Sequence[Column], remembered: Mapping[str, str]) -> Mapped:
    """What each column of the sheet probably holds: as remembered from the last time, else by its name.

    Every title of the header is used once; titles that nothing is known of stay out.
    """
    titles = [title for title in dict.fromkeys(header) if title]
    free = {plain_name(title): title for title in reversed(titles)}
    found: Mapped = {}
    for column in columns:
        wanted = remembered.get(column.name, "")
        if wanted and free.get(plain_name(wanted)):
            found[column.name] = free.pop(plain_name(wanted))
    for column in columns:
        if column.name in found or remembered.get(column.name) == "":
            continue
        for name in (column.title, *column.synonyms):
            if title := free.pop(plain_name(name), ""):
                found[column.name] = title
                break
    return found


def check_mapping(mapping: Mapping[str, str], header: Sequence[str], columns: Sequence[Column]) -> None:
    """Refuse a mapping by which the rows cannot be read.

    Raises:
        BadInputs: a required column is missing, a title is not in the header, or one is used twice.
    """
    faults: list[BadInput] = []
    used: dict[str, str] = {}
    for column in columns:
        title = mapping.get(column.name, "")
        if not title:
            if column.is_required:
                faults.append(BadInput(column.name, f"没有找到“{column.title}”这一列，请选一列对应它。"))
        elif title not in header:
            faults.append(BadInput(column.name, f"表头里没有“{title}”这一列。"))
        elif title in used:
            faults.append(BadInput(column.name, f"“{title}”已经对应“{used[title]}”，不能再对应“{column.title}”。"))
        else:
            used[title] = column.title
    if faults:
        raise BadInputs(faults)


def cells_of(row: Sequence[str], header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row by column name; a missing cell is empty."""
    places = {title: number for number, title in reversed(list(enumerate(header)))}
    return {name: row[place] if (place := places[title]) < len(row) else "" for name, title in mapping.items() if title}
