"""What did the reader think an appeal is about, on which words, and why does it ask a person?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal, CarefulReading, Category
from gongqing.appeals.queries.careful_reading import as_reading, careful_reading_of
from gongqing.appeals.queries.reader import read_words
from gongqing.appeals.rules.suspicion import suspicion_of
from gongqing.language.classify import TRIAGE_BELOW, Reading
from gongqing.language.taxonomy import MISCELLANEOUS
from gongqing.lib.times import day_of


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category that the machine would choose, with its probability.

    Attributes:
        is_second: it is likely enough to be a second matter beside the first.
    """

    category: Category
    probability: float
    is_second: bool = False


@dataclass(frozen=True, slots=True)
class Triage:
    """What the one who confirms a category is told.

    Attributes:
        suggestions: the three likeliest, likeliest first.
        words: pieces of the text that carried the first of them, strongest first.
        why: why the machine does not decide by itself, in a sentence.
        version: of the reader that has read it.
        read_at: when it was read carefully; None where it was not.
    """

    suggestions: Sequence[Suggestion]
    words: Sequence[str]
    why: str
    version: str
    read_at: datetime | None


def triage_of(appeal: Appeal) -> Triage:
    """What the version of the reader that speaks now reads in an appeal, for whoever confirms its category.

    What it has read carefully it does not read again.
    """
    known = {category.code: category for category in appeals.categories(day_of(appeal.entered_at))}
    kept = careful_reading_of(appeal)
    reading = as_reading(kept, appeal) if kept is not None else read_words(appeal.text, appeal.title)
    found = [
        Suggestion(known[code], share, code == reading.second_code) for code, share in reading.top if code in known
    ]
    is_suspected = suspicion_of(appeal.grade_reasons) is not None
    why = _why(reading, kept, is_suspected=is_suspected)
    return Triage(found, reading.words, why, reading.version, kept.at if kept is not None else None)


def evidence_of_category(appeal: Appeal) -> Sequence[str]:
    """The words on which the machine has settled the category; none where a person has."""
    return [] if appeal.category_by_person else [word for word in appeal.category_words if isinstance(word, str)]


def places_of(words: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Where pieces that the reader names stand in a text; it reads capitals as small letters."""
    found: list[tuple[int, int]] = []
    for word in words:
        found += [match.span() for match in re.finditer(re.escape(word), text, re.IGNORECASE)]
    return found


def _why(reading: Reading, kept: CarefulReading | None, *, is_suspected: bool) -> str:
    if len(reading.top) < 2:
        return "原话太短，或没有机器认得的字，看不出是哪一类。"
    first, second = reading.top[0][1], reading.top[1][1]
    if reading.code == MISCELLANEOUS:
        return "看着不像前面三十一类里的任何一类，归“其他”的都由人确认。"
    if first - second < 0.1:
        return f"前两类差不多（{first:.0%} 和 {second:.0%}），要人来分。"
    if first < TRIAGE_BELOW:
        return f"最像的一类只有 {first:.0%} 的把握，低于 {TRIAGE_BELOW:.0%} 就由人确认。"
    if is_suspected:
        return f"机器有 {first:.0%} 的把握，只因话里疑似有危险，才请您先看再确认。"
    if kept is not None:
        return f"细读后有 {first:.0%} 的把握，但已经有人经手或补充过内容，不自动定类，请您确认。"
    return f"机器现在有 {first:.0%} 的把握，收到时没有这么确定，请看一眼再确认。"
