"""What can an appeal be about? The 32 categories, as data.

The rows are `taxonomy.csv` beside this module: five classes (劳动经济, 民主政治, 精神文化, 职业发展, 其他) and their
categories, each with its boundary against its neighbours, its first handler, its default grade and its closing limit.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

MISCELLANEOUS = "OT06"


@dataclass(frozen=True)
class Category:
    """One of the 32 categories.

    Attributes:
        code: two letters of the class and two digits, `LE01`.
        identifier: the category's name in code.
        boundary: in Chinese, which neighbouring matters belong to which other code.
        phrases: how workers say it, invented.
        level: the level that handles it first, in Chinese (基层, 片区, 镇街, 县, 横向部门).
        grade: default grade, `green`, `yellow`, `orange` or `red`.
        limit_working_days: closing limit in Chinese working days.
    """

    code: str
    class_zh: str
    class_en: str
    name_zh: str
    identifier: str
    definition: str
    boundary: str
    phrases: tuple[str, ...]
    level: str
    grade: str
    limit_working_days: int


@cache
def categories() -> dict[str, Category]:
    """All categories by code, in the order of the table."""
    table = resources.files("gongqing.language").joinpath("taxonomy.csv").read_text(encoding="utf-8")
    return {row["code"]: _category(row) for row in csv.DictReader(table.splitlines())}


def _category(row: dict[str, str]) -> Category:
    return Category(
        code=row["code"],
        class_zh=row["class_zh"],
        class_en=row["class_en"],
        name_zh=row["name_zh"],
        identifier=row["identifier"],
        definition=row["definition"],
        boundary=row["boundary"],
        phrases=tuple(row["phrases"].split(";")),
        level=row["level"],
        grade=row["grade"],
        limit_working_days=int(row["limit_working_days"]),
    )


def category(code: str) -> Category:
    """The category with this code; `KeyError` when there is none."""
    return categories()[code]
