"""What does a file of regions say?"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO

from gongqing.lib.errors import BadInput, BadInputs
from gongqing.registry.rules.values import plain

LEVEL_OF_LENGTH = {4: "city", 6: "county", 9: "town"}
MOST_ERRORS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One official division as the file gives it.

    Attributes:
        parents: codes the parent may have, nearest first.
    """

    code: str
    name: str
    level: str
    parents: tuple[str, ...]


def region_rows(text: str, *, within: str = "") -> list[RegionRow]:
    """The divisions in a CSV file with a header: `code,name` and, where known, `areaCode,cityCode`.

    The files cities.csv, areas.csv and streets.csv of china-division are such files, and so is their concatenation.
    Codes may have 4, 6, 9 or, ending in zeros, 12 digits.

    Args:
        within: keep only divisions whose code begins so; wrong rows elsewhere are still named.

    Raises:
        BadInputs: every wrong row with its line number, the first twenty.
    """
    reader = csv.DictReader(StringIO(text.lstrip("\ufeff")))
    if not {"code", "name"} <= set(reader.fieldnames or ()):
        raise BadInput("file", "第 1 行应是表头，至少有 code 和 name 两列。")
    rows: list[RegionRow] = []
    errors: list[BadInput] = []
    lines: dict[str, int] = {}
    for row in reader:
        if row["code"] == "code":  # the header of the next file in a concatenation
            continue
        try:
            rows.append(_region_row(row, lines, reader.line_num))
        except BadInput as error:
            errors.append(error)
    if errors:
        raise BadInputs(errors[:MOST_ERRORS_SHOWN])
    return [row for row in rows if row.code.startswith(within)]


def _region_row(row: Mapping[str, str | None], lines: dict[str, int], line: int) -> RegionRow:
    written, name = plain(row["code"] or ""), plain(row["name"] or "")
    code = short_region_code(written)
    if len(code) not in LEVEL_OF_LENGTH or not re.fullmatch(r"\d+", code, re.ASCII):
        raise BadInput("file", f"第 {line} 行：区划代码“{written}”应为 4、6、9 或 12 位数字。")
    if not name or len(name) > 64:
        raise BadInput("file", f"第 {line} 行：代码 {code} 的名称为空或超过 64 字。")
    if code in lines:
        raise BadInput("file", f"第 {line} 行：代码 {code} 与第 {lines[code]} 行重复。")
    lines[code] = line
    written_parents = [short_region_code((row.get(column) or "").strip()) for column in ("areaCode", "cityCode")]
    parents = dict.fromkeys([*written_parents, code[:6], code[:4]])
    return RegionRow(
        code, name, LEVEL_OF_LENGTH[len(code)], tuple(one for one in parents if one and len(one) < len(code))
    )


def short_region_code(code: str) -> str:
    """`330203001000` as `330203001`, `330200` as `3302`: an official code without the zeros that pad it."""
    if len(code) == 12 and code.endswith("000"):
        code = code[:9]
        code = code[:6] if code.endswith("000") else code
    return code[:4] if len(code) == 6 and code.endswith("00") else code


def parents_first(rows: Iterable[RegionRow]) -> list[RegionRow]:
    """The rows so that no row stands before its parent."""
    return sorted(rows, key=lambda row: (len(row.code), row.code))
