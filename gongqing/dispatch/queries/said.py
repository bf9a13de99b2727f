"""Which days and places does the worker name, and where does it seem to be when nobody chose a place?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gongqing.appeals.models import Appeal
from gongqing.language.facts.dates import read_dates
from gongqing.language.facts.places import only_division, read_places, read_sites
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
        region: the one division that fits the words, where the appeal has none; only ever a suggestion.
        region_words: the words that it rests on.
    """

    days: Sequence[SaidDay]
    places: Sequence[str]
    region: Region | None = None
    region_words: str = ""


def said_in(appeal: Appeal) -> SaidWhenWhere:
    """Read the days and places of an appeal's own words, days as reckoned from the day it came in."""
    days = [
        SaidDay(one.evidence.words, one.first, one.last)
        for one in read_dates(appeal.text, day_of(appeal.received_at))[:SHOWN]
    ]
    divisions = read_places(appeal.text, registry.divisions())
    named = sorted((*divisions, *read_sites(appeal.text)), key=lambda place: place.evidence.start)
    words = tuple(dict.fromkeys(place.evidence.words for place in named))[:SHOWN]
    only = only_division(divisions) if appeal.region_id is None else None
    if only is None:
        return SaidWhenWhere(days, words)
    return SaidWhenWhere(days, words, registry.region_of(only.code), only.evidence.words)
