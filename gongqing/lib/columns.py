"""Which column of somebody's sheet holds what?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gongqing.lib import masks
from gongqing.lib.errors import BadInput, BadInputs
from gongqing.lib.sheets import plain_name

_LONG_NUMBER = re.compile(r"\+?\d[\d\- ]{5,}\d[xX]?")
_OF_PEOPLE = re.compile(r"姓名|来电人|诉求人|联系人|反映人|投诉人|负责人|主席")
_MASKS: dict[str, Callable[[str], str]] = {
    "name": masks.mask_name,
    "phone": masks.mask_phone,
    "id": masks.mask_id,
    "address": masks.mask_address,
}


@dataclass(frozen=True, slots=True)
class Column:
    """Something that a row tells us.

    Attributes:
        name: how the code calls it.
        title: how the page and the pattern sheet call it.
        synonyms: other names that sheets give it.
        is_required: whether a sheet without it cannot be read.
        hint: what belongs into it, in Chinese.
        mask: how a page shows it: `name`, `phone`, `id`, `address`; empty for what is no personal data.
        example: what the pattern sheet shows as an example; invented.
    """

    name: str
    title: str
    synonyms: tuple[str, ...] = ()
    is_required: bool = False
    hint: str = ""
    mask: str = ""
    example: str = ""


Mapped = dict[str, str]
"""Column name → the title that the sheet's header gives it."""


def known_names(columns: Sequence[Column]) -> set[str]:
    """Every name under which a sheet may hold one of the columns."""
    return {name for column in columns for name in (column.title, *column.synonyms)}


def distinct_titles(header: Sequence[str]) -> list[str]:
    """The header with every title told apart: the second `电话` in the fifth column becomes `电话（第 5 列）`."""
    seen: set[str] = set()
    made = []
    for number, title in enumerate(header, 1):
        own = f"{title}（第 {number} 列）" if title in seen else title
        if title:
            seen |= {title, own}
        made.append(own)
    return made


def repeated_titles(header: Sequence[str]) -> list[str]:
    """The titles that stand over several columns, in the order of the header."""
    return [title for title in dict.fromkeys(header) if title and list(header).count(title) > 1]


def guessed_mapping(header: Sequence[str], columns: Sequence[Column], remembered: Mapping[str, str]) -> Mapped:
    """What each column of the sheet probably holds: as remembered from the last time, else by its name.

    Every title of the header is used once; titles that nothing is known of stay out.
    """
    titles = [title for title in dict.fromkeys(header) if title]
    free = {plain_name(title): title for title in reversed(titles)}
    found: Mapped = {}
    for column in columns:
        wanted = remembered.get(column.name, "")
        if wanted in titles and wanted not in found.values() and wanted not in free.values():
            found[column.name] = wanted  # one of several columns of the same name, chosen before
        elif wanted and free.get(plain_name(wanted)):
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


def shown_cell(column: Column, text: str, *, most: int = 80) -> str:
    """A cell as a page shows it: people masked, long words cut."""
    mask = _MASKS.get(column.mask)
    return _cut(mask(text) if mask else text, most)


def shown_example(title: str, text: str, *, most: int = 24) -> str:
    """A cell of a column that nobody has said anything of yet: names and long numbers are masked by guess."""
    if _OF_PEOPLE.search(title) and len(text) <= 12:
        return _LONG_NUMBER.sub(lambda found: masks.mask_phone(found.group()), masks.mask_name(text))
    return _cut(_LONG_NUMBER.sub(lambda found: masks.mask_phone(found.group()), text), most)


def _cut(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"
