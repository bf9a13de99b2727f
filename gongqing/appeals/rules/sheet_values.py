"""How are moments, phones, marks and places written in sheets, by people and by systems?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gongqing.lib.times import SHANGHAI

HOTLINE_WORDS = {
    "特别复杂": "very_complex",
    "复杂": "very_complex",
    "难点": "difficult",
    "疑难": "difficult",
    "一般": "ordinary",
}
CHANNEL_WORDS = (("12345", "hotline_12345"), ("12351", "hotline_12351"), ("治理", "governance"))
EARLIEST_SERIAL, LATEST_SERIAL = 30_000, 60_000
_EXCEL_DAY_ZERO = datetime(1899, 12, 30, tzinfo=SHANGHAI)
_MOMENT = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[T ]*(?P<half>上午|下午|晚上|中午|凌晨|早上|am|pm)? *(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_MOBILE = re.compile(r"(?<!\d)(?:\+|00)?(?:86)?(1[3-9]\d{9})(?!\d)", re.ASCII)
_LINE = re.compile(r"(?<!\d)(?:\+?86)?(0\d{2,3})?(\d{7,8})(?!\d)", re.ASCII)
_MOST_FOUND = 2_000
_YES = frozenset({"是", "y", "yes", "1", "true", "√", "保密", "匿名", "要", "需要", "对", "有"})
_AFTERNOON = frozenset({"下午", "晚上", "pm"})
_ENDINGS = re.compile(r"(街道办事处|街道|镇|乡|区|县|市)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A division as the sheet may name it: code of 6 or 9 digits and official name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class _Named:
    """A division with its name whole and without its ending."""

    name: str
    stem: str
    code: str

    def stands_in(self, text: str, *, is_loose: bool) -> bool:
        return self.name in text or (is_loose and len(self.stem) >= 2 and self.stem in text)


@dataclass(slots=True)
class Gazetteer:
    """The city's divisions, found by code or by name however it is written."""

    places: Sequence[Place]
    city_name: str = ""
    _counties: list[_Named] = field(init=False)
    _towns: list[_Named] = field(init=False)
    _names: dict[str, str] = field(init=False)
    _found: dict[str, str] = field(init=False, default_factory=dict)  # many rows name the same county and town

    def __post_init__(self) -> None:
        self._names = {place.code: place.name for place in self.places}
        named = [_Named(place.name, _stem_of(place.name), place.code) for place in self.places]
        self._counties = [one for one in named if len(one.code) == 6]
        self._towns = [one for one in named if len(one.code) == 9]

    def code_of(self, county: str, town: str, place: str = "") -> str:
        """The code of the town, else of the county, else empty."""
        for digits in re.findall(r"\d{6,12}", _narrow(f"{town} {county}"), re.ASCII):
            for size in (9, 6):
                code: str = digits[:size]
                if code in self._names:
                    return code
        named = _narrow(f"{county} {town}")
        if named not in self._found:
            if len(self._found) >= _MOST_FOUND:
                self._found.clear()
            self._found[named] = self._named(named, is_loose=True)
        if found := self._found[named]:
            return found
        return self._named(_narrow(place), is_loose=False)

    def words_of(self, code: str) -> str:
        """`北仑区新碶街道`; empty for the whole city."""
        return "".join(self._names.get(one, "") for one in dict.fromkeys((code[:6], code)))

    def is_whole_city(self, text: str) -> bool:
        """Whether a cell says no more than the city, or nothing."""
        said = _narrow(text)
        return not said or said in {self.city_name, _stem_of(self.city_name), "全市", "市级", "市本级"}

    def _named(self, text: str, *, is_loose: bool) -> str:
        if not text:
            return ""
        county = _first(self._counties, text, is_loose=is_loose)
        towns = [one for one in self._towns if not county or one.code.startswith(county)]
        matching = {one.code for one in towns if one.stands_in(text, is_loose=is_loose)}
        whole = {one.code for one in towns if one.name in text}
        for found in (whole, matching):
            if len(found) == 1:
                return next(iter(found))
        return county


def moment_of(text: str) -> datetime | None:
    """The moment in Shanghai that a cell says; None when it says none. A day alone is its beginning."""
    said = unicodedata.normalize("NFKC", text).strip()
    if not said:
        return None
    try:
        if said.endswith("Z") or re.search(r"T.*[+-]\d{2}:?\d{2}$", said):
            return datetime.fromisoformat(said).astimezone(SHANGHAI)
        if _SERIAL.fullmatch(said):
            days = float(said)
            whole = timedelta(seconds=round(days * 86_400))
            return _EXCEL_DAY_ZERO + whole if EARLIEST_SERIAL <= days <= LATEST_SERIAL else None
        if found := _DIGITS.fullmatch(said):
            parts = [int(part or 0) for part in found.groups()]
            return datetime(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], tzinfo=SHANGHAI)
        return _written_moment(said)
    except (ValueError, OverflowError):
        return None


def phone_of(text: str) -> tuple[str, str]:
    """`(mobile, land line)` of a cell, each empty when there is none; the first of several counts."""
    said = re.sub(r"(?<=\d)[\s\-()—_.]+(?=\d)|\s+", "", unicodedata.normalize("NFKC", text))
    if mobile := _MOBILE.search(said):
        return mobile.group(1), ""
    line = _LINE.search(re.sub(r"^\((0\d{2,3})\)", r"\1", said))
    return "", "".join(part or "" for part in line.groups()) if line else ""


def is_yes(text: str) -> bool:
    """Whether a mark says yes: 是, 保密, Y, 1, √ …; `否`, `不保密`, `公开` and an empty cell do not."""
    said = unicodedata.normalize("NFKC", text).strip().lower()
    return said in _YES or (("保密" in said or "匿名" in said) and not re.search(r"不|否|无|非", said))


def hotline_kind_of(text: str) -> str:
    """How hard the 12351 hotline calls a matter; empty when it does not say."""
    return next((kind for word, kind in HOTLINE_WORDS.items() if word in text), "")


def channel_of(source: str) -> str:
    """The channel that a source speaks for."""
    return next((channel for word, channel in CHANNEL_WORDS if word in source), "import")


def _written_moment(said: str) -> datetime | None:
    found = _MOMENT.fullmatch(said) or _MOMENT.fullmatch(_in_figures(said))
    if found is None:
        return None
    year, month, day, half, hour, minute, second = (found.group(place) for place in range(1, 8))
    hours = int(hour or 0)
    if half and half.lower() in _AFTERNOON and hours < 12:
        hours += 12
    extra = timedelta(days=1) if hours == 24 else timedelta()
    moment = datetime(
        int(year),
        int(month),
        int(day),
        hours % 24 if extra else hours,
        int(minute or 0),
        int(second or 0),
        tzinfo=SHANGHAI,
    )
    return moment + extra


def _in_figures(said: str) -> str:
    """A moment without the words between its figures."""
    tidy = re.sub(r"(星期|周|礼拜)[一二三四五六日天]", " ", said)
    tidy = re.sub(r"[年月]", "-", tidy)
    tidy = re.sub(r"[日号]", " ", tidy)
    tidy = re.sub(r"[时点]", ":", tidy)
    tidy = re.sub(r"[分]", ":", tidy).replace("秒", "")
    return re.sub(r"\s+", " ", re.sub(r":\s*$", "", tidy.strip())).strip(" :")


def _narrow(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def _first(named: Iterable[_Named], text: str, *, is_loose: bool) -> str:
    found = [
        (text.find(one.stem if is_loose else one.name), one.code)
        for one in named
        if one.stands_in(text, is_loose=is_loose)
    ]
    return min(found)[1] if found else ""


def _stem_of(name: str) -> str:
    return _ENDINGS.sub("", name)
