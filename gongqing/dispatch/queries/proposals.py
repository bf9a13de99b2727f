"""Which place does a form propose while nobody has chosen one? A person takes it by a press; nothing is silent.

Where several towns share the name that was said, all of them are offered and none is preferred.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from gongqing.appeals.queries.places import PlaceSeen, place_seen, places_open
from gongqing.registry import queries as registry
from gongqing.registry.models import Level


@dataclass(frozen=True, slots=True)
class PlaceProposed:
    """A division that fits what is written so far.

    Attributes:
        name: the division with its county.
        words: what it rests on.
        fill: the fields of the form with their values, as the page's script sets them.
    """

    name: str
    words: str
    fill: str


def for_pickers(text: str, *, employer: str, county: str) -> list[PlaceProposed]:
    """For the two pickers of the phone; nothing where a county is chosen already."""
    if county:
        return []
    return [_proposed(seen, {"county": seen.region.county_code, "town": _town(seen)}) for seen in _seen(text, employer)]


def for_line(text: str, *, employer: str, place: str) -> list[PlaceProposed]:
    """For the one line of the seat; nothing where something is written in it already."""
    return [] if place.strip() else [_proposed(seen, {"place": seen.name}) for seen in _seen(text, employer)]


def for_towns(text: str, *, employer: str, region_code: str) -> list[PlaceProposed]:
    """For the one list of towns at the desk; nothing where one is chosen, or where a county alone is seen."""
    if region_code:
        return []
    return [_proposed(seen, {"region_code": _town(seen)}) for seen in _seen(text, employer) if _town(seen)]


def _seen(text: str, employer: str) -> list[PlaceSeen]:
    """The one place, or those of one name for the person to choose from."""
    name = employer.strip()
    only = place_seen(text, employer=registry.employer_named(name) if name else None)
    return [only] if only else places_open(text)


def _town(seen: PlaceSeen) -> str:
    return seen.region.code if seen.region.level == Level.TOWN else ""


def _proposed(seen: PlaceSeen, fields: dict[str, str]) -> PlaceProposed:
    return PlaceProposed(seen.name, seen.words, json.dumps(fields, ensure_ascii=False))
