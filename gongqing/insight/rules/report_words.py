"""How does the weekly report say a number, a rate, a change and a sum of money?

A figure whose application does not exist yet is 未接入, one of a time before the platform ran is 无数据; neither is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from gongqing.insight.rules.catalogue import CATALOGUE, NOT_CONNECTED, NOTHING
from gongqing.lib.times import local

NO_DATA = "无数据"
FEW = "＊"
COMPARED_FROM = 10  # of fewer before, a change in per cent says nothing
FEW_BEFORE = f"对比期不足{COMPARED_FROM}件的，只列增减数。"
OVERVIEW_NOTE = f"率的下面是分子/分母。受理和归集件的办结率按取数时的状态，其余按期间内的办结。{FEW_BEFORE}"
TOTAL, COMPARED = "合计", ("now", "before", "year")
WAN = Decimal(10_000)
Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One figure of a snapshot.

    Attributes:
        part, whole: a rate is part over whole; a count has no whole, what is not connected has no part either.
        unit: of the catalogue.
    """

    part: Decimal | None
    whole: int | None
    unit: str

    @property
    def number(self) -> int:
        """The count; 0 where there is none."""
        return int(self.part or 0)

    @property
    def per_cent(self) -> Decimal | None:
        """The rate in per cent, two decimals; None of what is no rate or has nothing to divide."""
        if not self.whole or self.part is None:
            return None
        return (self.part * 100 / self.whole).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    @property
    def cell(self) -> str:
        """As it stands in a table: `98.31%（13768/14004）`, `37`, `12.6万元`."""
        if self.part is None:
            return NOT_CONNECTED
        if self.whole is not None:
            return f"{trimmed(self.per_cent)}%（{self.number}/{self.whole}）" if self.whole else f"{NOTHING}（0/0）"
        return money(self.part) if self.unit == "元" else str(self.number)

    @property
    def stacked(self) -> str:
        """As `cell`, a rate's fraction on a line of its own, for narrow columns."""
        return self.cell.replace("（", "\n").removesuffix("）")

    @property
    def words(self) -> str:
        """As it stands in a sentence, with its unit."""
        return self.cell if self.part is None or self.whole is not None or self.unit == "元" else self.cell + self.unit


def said(values: Figures | None, key: str) -> Said:
    """One figure of a part of the snapshot."""
    given = (values or {}).get(key) or {}
    part = given.get("n")
    return Said(None if part is None else Decimal(str(part)), given.get("d"), CATALOGUE[key].unit)


def trimmed(number: Decimal | None) -> str:
    """`98.3` of 98.30, `100` of 100.00."""
    text = f"{number or Decimal(0):.2f}"
    return text.rstrip("0").rstrip(".")


def money(amount: Decimal | str | None) -> str:
    """`5000元`, `12.6万元`."""
    yuan = Decimal(str(amount or 0))
    if yuan < WAN:
        return f"{trimmed(yuan)}元"
    return f"{trimmed((yuan / WAN).quantize(Decimal('0.01'), rounding=ROUND_HALF_UP))}万元"


def share(part: int, whole: int) -> str:
    """`48.6%`; a dash over nothing."""
    if not whole:
        return NOTHING
    return f"{(Decimal(part) * 100 / whole).quantize(Decimal('0.1'), rounding=ROUND_HALF_UP)}%"


def change_words(now: int, before: int | None, against: str, unit: str = "件") -> str:
    """`比上周增加12件，增长21.1%`; `与上周持平`; without earlier data that is said."""
    if before is None:
        return f"{against}{NO_DATA}"
    if now == before:
        return f"与{against}持平"
    word, rate = ("增加", "增长") if now > before else ("减少", "下降")
    if not before:
        return f"{against}为0，{word}{now}{unit}"
    return f"比{against}{word}{abs(now - before)}{unit}，{rate}{share(abs(now - before), before)}"


def change_cell(now: Said, before: Said | None) -> str:
    """`+21.1%`, `−3.2个百分点`, `持平`; of few before, `+8件`; a dash where there is nothing to compare."""
    if before is None or now.part is None or before.part is None:
        return NOTHING
    if now.whole is not None:
        if now.per_cent is None or before.per_cent is None:
            return NOTHING
        points = now.per_cent - before.per_cent
        return "持平" if not points else f"{_sign(points)}{trimmed(abs(points))}个百分点"
    step = now.part - before.part
    if not step:
        return "持平"
    if now.unit != "元" and before.part < COMPARED_FROM:
        return f"{_sign(step)}{abs(step)}{now.unit}"
    if not before.part:
        return NOTHING
    return f"{_sign(step)}{(abs(step) * 100 / before.part).quantize(Decimal('0.1'), rounding=ROUND_HALF_UP)}%"


def change_of_counts(now: int, before: int) -> str:
    """As `change_cell`, of two plain numbers."""
    return change_cell(Said(Decimal(now), None, "件"), Said(Decimal(before), None, "件"))


def total_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The line below rows of one table that adds them up."""
    return {"key": "", "name": TOTAL, **{span: sum(row.get(span, 0) for row in rows) for span in COMPARED}}


def listed(rows: Sequence[Mapping[str, Any]], *, most: int, unit: str = "件") -> str:
    """`北仑区总工会3件、新碶街道总工会2件等5个单位` of rows with `name` and `n`."""
    shown = "、".join(f"{row['name']}{row['n']}{unit}" for row in rows[:most])
    return shown if len(rows) <= most else f"{shown}等{len(rows)}个"


def day_words(text: str) -> str:
    """`11月23日` of `2026-11-23`."""
    if not text:
        return NOTHING
    day = date.fromisoformat(text)
    return f"{day.month}月{day.day}日"


def moment_words(text: str) -> str:
    """`2026年11月23日6时00分`."""
    here = local(datetime.fromisoformat(text))
    return f"{here.year}年{here.month}月{here.day}日{here.hour}时{here.minute:02d}分"


def _sign(number: Decimal) -> str:
    return "+" if number > 0 else "−"
