"""Which division does an appeal seem to lie in when nobody has said one?"""

from __future__ import annotations

from dataclasses import dataclass

from gongqing.appeals.rules.sheet_values import Gazetteer, Place
from gongqing.language.facts.places import only_division, open_choice, read_places
from gongqing.lib.remembering import remembered
from gongqing.registry import queries as registry
from gongqing.registry.models import Enterprise, Level, Region


@dataclass(frozen=True, slots=True)
class PlaceSeen:
    """A division, and the words or the employer that it rests on."""

    region: Region
    words: str

    @property
    def name(self) -> str:
        """The division with its county, as it is chosen at the desk."""
        county = self.region.parent if self.region.level == Level.TOWN else None
        return f"{county} {self.region}" if county else str(self.region)


@remembered
def gazetteer() -> Gazetteer:
    """The city's counties and towns, each after its county, to find them as sheets write them."""
    places = []
    for county in registry.region_tree():
        places.append(Place(county["code"], county["name"]))
        places += [Place(town["code"], town["name"]) for town in county["towns"]]
    city = registry.city()
    return Gazetteer(places, city.name if city else "")


def place_seen(text: str, *, employer: Enterprise | None = None) -> PlaceSeen | None:
    """The one division that the words name, else the one in which the employer is registered; None in doubt.

    Words that name several divisions leave it open, even where the employer's is among them.
    """
    named = read_places(text, registry.divisions())
    only = only_division(named)
    region = registry.region_of(only.code) if only else None
    if only and region:
        return PlaceSeen(region, only.evidence.words)
    if named or employer is None or employer.region is None:
        return None
    return PlaceSeen(employer.region, employer.name)


def places_open(text: str) -> list[PlaceSeen]:
    """The divisions that share the one name that the words say, for a person to choose from; none otherwise."""
    seen = [(registry.region_of(place.code), place.evidence.words) for place in open_choice(text, registry.divisions())]
    return [PlaceSeen(region, words) for region, words in seen if region]
