"""Which place does a form propose while nobody has chosen one? A person takes it by a press; nothing is silent."""

from __future__ import annotations

import json
from dataclasses import dataclass

from gongqing.appeals.queries.places import PlaceSeen, place_seen
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


def for_pickers(text: str, *, employer: str, county: str) -> PlaceProposed | None:
    """For the two pickers of the phone; None where a county is chosen already."""
    seen = None if county else _seen(text, employer)
    if seen is None:
        return None
    town = seen.region.code if seen.region.level == Level.TOWN else ""
    return _proposed(seen, {"county": seen.region.county_code, "town": town})


def for_line(text: str, *, employer: str, place: str) -> PlaceProposed | None:
    """For the one line of the seat; None where something is written in it already."""
    seen = None if place.strip() else _seen(text, employer)
    return _proposed(seen, {"place": seen.name}) if seen else None


def for_towns(text: str, *, employer: str, region_code: str) -> PlaceProposed | None:
    """For the one list of towns at the desk; None where one is chosen, or where a county alone is seen."""
    seen = None if region_code else _seen(text, employer)
    if seen is None or seen.region.level != Level.TOWN:
        return None
    return _proposed(seen, {"region_code": seen.region.code})


def _seen(text: str, employer: str) -> PlaceSeen | None:
    name = employer.strip()
    return place_seen(text, employer=registry.employer_named(name) if name else None)


def _proposed(seen: PlaceSeen, fields: dict[str, str]) -> PlaceProposed:
    return PlaceProposed(seen.name, seen.words, json.dumps(fields, ensure_ascii=False))
