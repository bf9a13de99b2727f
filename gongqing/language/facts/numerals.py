"""How much is 两百多, 十来, 三四, 5万8千 or 3w?

A number as people write it, read as its lower bound: 三四 is 3, 十几 is 10, 几十 is 20, a bare 几 is 3.
"""

from __future__ import annotations

import re
from typing import NamedTuple

DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
} | dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True))
UNITS = {"十": 10, "百": 100, "千": 1000, "k": 1000, "K": 1000, "拾": 10, "佰": 100, "仟": 1000}
MYRIADS = {"万": 10_000, "w": 10_000, "W": 10_000, "亿": 100_000_000}
VAGUE = "几数"
FILLERS = "多余来上近把约好"
CHARACTERS = "零〇一二两三四五六七八九十百千万亿几数壹贰叁肆伍陆柒捌玖拾佰仟廿"
"""The characters of a written number, to be put into a character class beside `\\d`."""

_ARABIC = re.compile(r"\d+(?:[,，]\d{3}){0,4}(?:\.\d{1,4})?")
_LIMIT = 10**13


class Quantity(NamedTuple):
    """A number read from words; `approximate` when the words gave only a lower bound."""

    value: float
    approximate: bool


class _Reader:
    """Reads one number from left to right: 5万 then 8千."""

    def __init__(self) -> None:
        self.total = 0.0
        self.section = 0.0
        self.number: float | None = None
        self.unit = 0
        self.after_zero = False
        self.approximate = False
        self.seen = False

    def take_digit(self, digit: float) -> None:
        """一 … 九: alone, positional (二〇一六) or a range of neighbours (三四)."""
        self.seen = True
        if digit == 0 and self.number is None:
            self.after_zero = True
            return
        if self.number is None:
            self.number = digit
        elif digit == self.number + 1 and self.number < 10:
            self.approximate = True
        else:
            self.number = self.number * 10 + digit

    def take_vague(self, *, before_unit: bool) -> None:
        """几 and 数: two of a following unit, nothing after 十, else three."""
        self.seen = self.approximate = True
        if self.number is None:
            self.number = 2 if before_unit else (0 if self.unit else 3)

    def take_unit(self, unit: int) -> None:
        """十 百 千."""
        self.seen = True
        self.section += (1 if self.number is None else self.number) * unit
        self.number, self.unit, self.after_zero = None, unit, False

    def take_myriad(self, unit: int) -> None:
        """万 亿: what stands before it, times the unit."""
        self.seen = True
        held = self.section + (self.number or 0)
        self.total = (self.total + held) * unit if unit > 10_000 and self.total else self.total + (held or 1) * unit
        self.section, self.number, self.unit, self.after_zero = 0.0, None, unit, False

    def value(self) -> float:
        """The sum; a last digit straight after 百 千 万 counts the next unit down (一万二 is 12,000)."""
        tail = self.number or 0
        if self.unit >= 100 and not self.after_zero and 0 < tail < 10 and tail == int(tail):
            tail *= self.unit / 10
        return self.total + self.section + tail


def read_number(words: str) -> Quantity | None:
    """The number that `words` writes, or None when they write none or one beyond 10^13."""
    words = words.replace("廿", "二十")
    reader, place = _Reader(), 0
    while place < len(words):
        arabic = _ARABIC.match(words, place)
        if arabic:
            reader.number, reader.seen = float(re.sub("[,，]", "", arabic.group())), True
            place = arabic.end()
            continue
        character = words[place]
        place += 1
        if character in DIGITS:
            reader.take_digit(DIGITS[character])
        elif character in UNITS:
            reader.take_unit(UNITS[character])
        elif character in MYRIADS:
            reader.take_myriad(MYRIADS[character])
        elif character in VAGUE:
            following = words[place : place + 1]
            reader.take_vague(before_unit=following in UNITS or following in MYRIADS)
        elif character in FILLERS:
            reader.approximate = True
    value = reader.value()
    if not reader.seen or value >= _LIMIT:
        return None
    return Quantity(value, reader.approximate)


def read_count(words: str) -> Quantity | None:
    """Like `read_number`, for things that are counted whole; None below 1."""
    quantity = read_number(words)
    if quantity is None or quantity.value < 1:
        return None
    return Quantity(float(int(quantity.value)), quantity.approximate)
