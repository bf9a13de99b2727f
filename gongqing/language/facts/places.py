"""Which divisions of the city, and which roads and parks, does the text name?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from gongqing.language.facts.employers import beginning_of
from gongqing.language.facts.spans import Evidence, evidence_at


class Place(NamedTuple):
    """A division by its code and the words that name it; `code` is empty for a road or a park."""

    code: str
    evidence: Evidence


_ENDINGS = re.compile(r"(?:街道|[区县市镇乡])$")
_NO_DIVISION = r"(?!路|街(?!道)|大道|巷|桥|籍|人[，。])"
_TOWN_WORDS = r"(?=街道|镇|乡|工业|开发|园区|这边|那边)"
_SITE = re.compile(
    r"(?P<park>工业园区?|工业区|产业园区?|科技园区?|软件园|经济技术开发区|经济开发区|开发区|高新区|保税区|物流园区?|商业广场|广场|码头)"
    r"|(?P<road>大道|(?<![跑网道公铁线思出走马死退一半生活回修上断在路])路)(?=\s?\d{1,5}\s?号|口|上|附近|[与和][^，。]{1,6}路|边)"
)
_GENERAL = re.compile(r"(?:各|某|个|本|整个|我们|市|区|县|城市|国家|经济|高新|保税|大|小|这|那)*")
_MOST = 12


def read_places(text: str, divisions: Sequence[tuple[str, str]]) -> list[Place]:
    """The divisions that the text names, in its order, each once; a town's name that several bear needs its county.

    Args:
        divisions: code (6 digits a county, 9 a town) and name of each division of the city.
    """
    if not divisions:
        return []
    pattern, codes = _compiled(tuple(divisions))
    hits = [(match, codes[match.group()]) for match in pattern.finditer(text)]
    counties = {code for _, found in hits for code in found if len(code) == 6}
    places: dict[str, Place] = {}
    for match, found in hits:
        fitting = [code for code in found if code[:6] in counties] if len(found) > 1 else found
        if len(fitting) == 1:
            places.setdefault(fitting[0], Place(fitting[0], evidence_at(text, *match.span())))
    return list(places.values())


def only_division(places: Sequence[Place]) -> Place | None:
    """The one division in which the places lie, as narrow as the text says; None when they lie apart or nowhere."""
    narrowest = [
        place
        for place in places
        if place.code and not any(other.code != place.code and other.code.startswith(place.code) for other in places)
    ]
    return narrowest[0] if len(narrowest) == 1 else None


def read_sites(text: str) -> list[Place]:
    """The roads (where a number, a crossing or a side follows), industrial parks and squares that the text names."""
    found: dict[str, Place] = {}
    for match in _SITE.finditer(text):
        start = beginning_of(text, match.start())
        stem = text[start : match.start()]
        if not 2 <= len(stem) <= 12 or _GENERAL.fullmatch(stem):
            continue
        place = Place("", evidence_at(text, start, match.end()))
        found.setdefault(place.evidence.words, place)
        if len(found) == _MOST:
            break
    return list(found.values())


@lru_cache(maxsize=4)
def _compiled(divisions: tuple[tuple[str, str], ...]) -> tuple[re.Pattern[str], dict[str, list[str]]]:
    codes: dict[str, list[str]] = {}
    patterns: dict[str, str] = {}
    for code, name in divisions:
        patterns[name] = re.escape(name)
        codes.setdefault(name, []).append(code)
        stem = _ENDINGS.sub("", name)
        if len(stem) >= 2 and stem != name:
            patterns.setdefault(stem, re.escape(stem) + (_NO_DIVISION if len(code) == 6 else _TOWN_WORDS))
            if code not in codes.setdefault(stem, []):
                codes[stem].append(code)
    longest_first = sorted(patterns, key=len, reverse=True)
    return re.compile("|".join(patterns[name] for name in longest_first)), codes
