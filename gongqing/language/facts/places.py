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
_TOWN_WORDS = r"(?=街道|镇|乡|工业|开发|园区|这边|那边|附近|有?一?家|某[厂店公工])"
_TOWN = re.compile(r"(?:街道|[镇乡])$")
# a town's name of two signs is often a word, a person's name or a firm's: alone it needs a word of place before it
_AT = r"(?:(?<=在)|(?<=到)|(?<=去)|(?<=来)|(?<=从)|(?<=于)|(?<=[去到来]了)|(?<=[：:])|\A{counties})"
_ENDS = r"(?=\s*\Z|[^\u4e00-\u9fff]|一|这|那|的|上班|打工|工作|务工|做|干|有|开|某|当|送|租|住|被|里|工地|厂)"
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
    places: dict[str, Place] = {}
    for found in _hits(text, divisions):
        if len(found) == 1:
            places.setdefault(found[0].code, found[0])
    return list(places.values())


def open_choice(text: str, divisions: Sequence[tuple[str, str]]) -> list[Place]:
    """The divisions that share the one name that the text says, in their order; none where it names another as well."""
    hits = _hits(text, divisions) if divisions else []
    kinds = {tuple(place.code for place in found) for found in hits}
    return hits[0] if len(kinds) == 1 and len(hits[0]) > 1 else []


def _hits(text: str, divisions: Sequence[tuple[str, str]]) -> list[list[Place]]:
    """Each naming with the divisions that it may mean: those of the counties that it names, if any."""
    pattern, codes = _compiled(tuple(divisions))
    found = [(match, codes[match.group()]) for match in pattern.finditer(text)]
    counties = {code for _, named in found for code in named if len(code) == 6}
    hits = []
    for match, named in found:
        fitting = [code for code in named if code[:6] in counties] if len(named) > 1 else named
        evidence = evidence_at(text, *match.span())
        hits.append([Place(code, evidence) for code in fitting or named])
    return hits


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
    counties = {word for code, name in divisions if len(code) == 6 for word in (name, _ENDINGS.sub("", name))}
    at = _AT.format(counties="".join(rf"|(?<={re.escape(word)})" for word in sorted(counties)))
    for code, name in divisions:
        patterns[name] = re.escape(name)
        codes.setdefault(name, []).append(code)
        stem = _ENDINGS.sub("", name)
        if len(stem) >= 2 and stem != name:
            patterns.setdefault(stem, _short(stem, name, at=at, is_county=len(code) == 6))
            if code not in codes.setdefault(stem, []):
                codes[stem].append(code)
    longest_first = sorted(patterns, key=len, reverse=True)
    return re.compile("|".join(patterns[name] for name in longest_first)), codes


def _short(stem: str, name: str, *, at: str, is_county: bool) -> str:
    """The pattern of a division's name without its ending."""
    word = re.escape(stem)
    if is_county:
        return word + _NO_DIVISION
    if not _TOWN.search(name):
        return word + _TOWN_WORDS
    return word + _NO_DIVISION if len(stem) > 2 else f"{word}{_TOWN_WORDS}|{at}{word}{_ENDS}"
