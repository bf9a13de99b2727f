"""Does the reply answer the appeal, and what should its writer look at once more before it goes?

`read_reply` lays an answer beside the words it answers: whether it speaks of the matter, which of the asked points it
touches, whether anything is left once courtesies and passing-on are taken away, which days it promises, what it gives
away about others, whether its sums agree, whether it says of the law what the law does not say, and how plainly it is
written. Pure, without a clock, linear in the length of both texts; the reader of categories is asked only where they
share next to nothing. The method and its measured quality are in `docs/methods/replies.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gongqing.language.classify import classify
from gongqing.language.facts.spans import Evidence, narrow
from gongqing.language.replies.amounts import amounts_found
from gongqing.language.replies.asking import Point, points_of
from gongqing.language.replies.emptiness import substance_of
from gongqing.language.replies.findings import Finding, Kind
from gongqing.language.replies.lawfulness import lawfulness_found
from gongqing.language.replies.plainness import style_of
from gongqing.language.replies.privacy import privacy_found
from gongqing.language.replies.promises import Promise, promises_found, promises_of
from gongqing.language.replies.touching import matter_of, relevance_of, touches
from gongqing.lib.workdays import Calendar

__all__ = ["Evidence", "Finding", "Kind", "Point", "Promise", "ReplyReading", "read_reply"]

LONGEST_APPEAL = 4000
LONGEST_REPLY = 5000
EMPTY_BELOW = 5
"""Characters that say something; a reply with fewer is empty."""
OFF_TOPIC_BELOW = 0.07
"""A reply that says something but shares less than this with the appeal may speak of something else."""

_USUAL = Calendar()


@dataclass(frozen=True, slots=True)
class ReplyReading:
    """What was read in one reply.

    Attributes:
        relevance: how much of the appeal's matter the reply speaks of, 0–1.
        completeness: the share of the asked points that it touches, 0–1; 1 where nothing in particular was asked.
        plainness: how plainly it is written, 0–1.
        is_empty: it acknowledges, thanks or passes on, and says nothing of the matter.
        points: what was asked, in the appeal's words.
        missed: the points that the reply does not touch.
        promises: the days that it promises, in the order of the text.
        findings: what to look at once more, the gravest first.
    """

    relevance: float
    completeness: float
    plainness: float
    is_empty: bool
    points: tuple[Point, ...]
    missed: tuple[Point, ...]
    promises: tuple[Promise, ...]
    findings: tuple[Finding, ...]

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that leave a worker without an answer or harm somebody; the rest are advice on wording."""
        return tuple(each for each in self.findings if each.is_warning)

    @property
    def promised_on(self) -> date | None:
        """The first day still to come that the reply promises."""
        return next((each.on for each in self.promises if each.on is not None and not each.is_past), None)


def read_reply(
    reply: str,
    *,
    asked: str,
    title: str = "",
    said_on: date,
    names: Iterable[str] = (),
    others: Iterable[str] = (),
    owed: Decimal | int | None = None,
    recovered: Decimal | int | None = None,
    add_workdays: Callable[[date, int], date] = _USUAL.add_workdays,
) -> ReplyReading:
    """Lay a reply beside the appeal that it answers; never raises on any string.

    Args:
        reply: as it would be sent; its first 5000 characters are read.
        asked: the appeal's own words; the first 4000 characters are read.
        said_on: the day on which the reply is written, from which its promises are counted.
        names: of people who are not to be named, the worker's own first of all.
        others: names of people among the many who read the same reply.
        owed: yuan that the appeal speaks of, when that is known.
        recovered: yuan that the answer's form says were recovered.
        add_workdays: the n-th working day after a day, in the city's calendar.
    """
    words, appeal = narrow(reply[:LONGEST_REPLY]), narrow(asked[:LONGEST_APPEAL])
    said = substance_of(words)
    is_empty = said.length < EMPTY_BELOW
    points = points_of(appeal, title)
    matter = matter_of(f"{title}\n{appeal}")
    told = matter_of(said.text)
    relevance = 0.0 if is_empty else relevance_of(matter, told)
    missed = tuple(each for each in points if is_empty or not touches(each, told, said.text, relevance))
    found_promises = promises_of(words, said_on=said_on, add_workdays=add_workdays)
    style = style_of(words)
    findings: list[Finding] = []
    if is_empty:
        findings.append(_empty(words, said.courtesies))
    elif relevance < OFF_TOPIC_BELOW and not _same_topic(appeal, title, said.text):
        findings.append(_off_topic(points))
    elif missed:
        findings.append(_incomplete(missed, points))
    findings += privacy_found(words, names, others)
    findings += amounts_found(words, owed=owed, recovered=recovered)
    findings += lawfulness_found(words)
    findings += promises_found(found_promises)
    findings += style.findings
    return ReplyReading(
        relevance=round(relevance, 3),
        completeness=round(1 - len(missed) / len(points), 3) if points else 1.0,
        plainness=round(style.score, 3),
        is_empty=is_empty,
        points=points,
        missed=missed,
        promises=found_promises,
        findings=tuple(sorted(findings, key=lambda each: not each.is_warning)),
    )


def _same_topic(appeal: str, title: str, said: str) -> bool:
    """Whether the reader of categories would put both in one of the same three: other words, the same matter."""
    asked = {code for code, _ in classify(appeal, title, explained=False).top}
    return any(code in asked for code, _ in classify(said, explained=False).top)


def _empty(words: str, courtesies: Sequence[Evidence]) -> Finding:
    if not words.strip():
        return Finding(Kind.EMPTY, "答复还没有写内容。写明查到什么、办成什么样、没办成的为什么、下一步找谁。", ())
    return Finding(
        Kind.EMPTY,
        "只说了收到、转办、谈过或感谢，没有说结果。写明查到什么、办成什么样；还没办完的，写谁在办、哪一天再答复。",
        tuple(courtesies[:4]),
    )


def _off_topic(points: Sequence[Point]) -> Finding:
    asked = f"职工问的是“{points[0].short}”" if points else "和职工说的事对不上"
    return Finding(Kind.OFF_TOPIC, f"答复和原话几乎没有相同的事：{asked}。请核对是不是答错了件，或先说职工问的事。", ())


def _incomplete(missed: Sequence[Point], points: Sequence[Point]) -> Finding:
    named = "；".join(f"“{each.short}”" for each in missed[:3])
    more = f"等 {len(missed)} 点" if len(missed) > 3 else ""
    return Finding(
        Kind.INCOMPLETE,
        f"职工问了 {len(points)} 点，这些好像还没有答到：{named}{more}。答不了的，写明为什么、可以找谁。",
        (),
        tuple(each.short for each in missed),
    )
