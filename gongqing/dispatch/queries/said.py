"""Which days, places and numbers does the worker name, and where does it seem to be when nobody chose a place?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gongqing.appeals.models import Appeal
from gongqing.appeals.queries.places import place_seen
from gongqing.language.facts import Facts, read_facts
from gongqing.language.facts.dates import read_dates
from gongqing.language.facts.places import read_places, read_sites
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry
from gongqing.registry.models import Region

SHOWN = 8
"""How many days and how many places are shown at most."""


@dataclass(frozen=True, slots=True)
class SaidDay:
    """Words that name a day or a stretch of time, with what they come to."""

    words: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class SaidWhenWhere:
    """What an appeal says of days and places.

    Attributes:
        workers: for how many people the words speak, where that is sure; else None, and nothing is claimed.
        workers_words: the words that it rests on.
        numbers: words that name what is owed and for how long; only quoted, for too many of them are misread.
        region: the one division that fits the words or the employer, where the appeal has none; only ever a suggestion.
        region_name, region_words: its name with its county, and what it rests on.
    """

    days: Sequence[SaidDay]
    places: Sequence[str]
    workers: int | None = None
    workers_words: str = ""
    numbers: Sequence[str] = ()
    region: Region | None = None
    region_name: str = ""
    region_words: str = ""


def said_in(appeal: Appeal) -> SaidWhenWhere:
    """Read the days, places and numbers of an appeal's own words, days as reckoned from the day it came in."""
    on = day_of(appeal.received_at)
    days = [SaidDay(one.evidence.words, one.first, one.last) for one in read_dates(appeal.text, on)[:SHOWN]]
    facts = read_facts(appeal.text, said_on=on)
    divisions = read_places(appeal.text, registry.divisions())
    named = sorted((*divisions, *read_sites(appeal.text)), key=lambda place: place.evidence.start)
    words = tuple(dict.fromkeys(place.evidence.words for place in named))[:SHOWN]
    seen = place_seen(appeal.text, employer=appeal.employer) if appeal.region_id is None else None
    is_sure = "workers" in facts.sure
    return SaidWhenWhere(
        days,
        words,
        workers=facts.workers if is_sure else None,
        workers_words=facts.spans("workers")[0].words if is_sure else "",
        numbers=_numbers(facts),
        region=seen.region if seen else None,
        region_name=seen.name if seen else "",
        region_words=seen.words if seen else "",
    )


def _numbers(facts: Facts) -> tuple[str, ...]:
    named = {span for name in ("amount", "amount_per_person", "months_owed") for span in facts.spans(name)}
    return tuple(dict.fromkeys(span.words for span in sorted(named, key=lambda span: span.start)))[:SHOWN]
