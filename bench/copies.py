"""How do the rows of one appeal become the rows of another?

`Pattern` holds every row that an appeal's actions left, table by table, with places where a copy has its own number,
code, name, words, day and minute. Nothing here knows what the tables mean: they are found by the models' own links.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from random import Random
from typing import Any

from django.db.models import ForeignKey

from bench import words
from bench.rows import SUBJECTS, linked_models
from gongqing.appeals.rules.intake import grams_of, searchable
from gongqing.audit import rules
from gongqing.language.vectors import marks_of, packed, vector_of
from gongqing.lib import crypto
from gongqing.lib.codes import appeal_code
from gongqing.registry.models import Person

MINUTES = 30  # copies of one day differ by so many minutes at most
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})([ T])(\d{2}):(\d{2})(:\d{2}(?:\.\d+)?\+08(?::00)?)")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_NUMBER = re.compile(r'"(\w+)":( ?)(\d+)')
_PLACE = re.compile("\ue000(\\d+)\ue001")
_ABOUT = re.compile(r'\["(appeal|person)",( ?)(\d+)\]')
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


@dataclass(frozen=True, slots=True)
class Copy:
    """Which copy: of what, how many days and minutes away, and its own numbers."""

    pattern: int
    days: int
    minutes: int
    serial: int
    number: int


@dataclass(slots=True)
class Block:
    """The rows of one table as a text with places, and which values go there."""

    table: str
    columns: tuple[str, ...]
    count: int
    template: str
    values: Callable[[Sequence[Any]], Any]


@dataclass(slots=True)
class Digested:
    """A row of the trace: the forms over which its digests are reckoned, with places, and where the digests go."""

    aside: tuple[str, list[int]]
    form: tuple[str, list[int]]
    salt: int
    aside_digest: int
    previous: int | None
    digest: int
    is_chained: bool


@dataclass(slots=True)
class Pattern:
    """One appeal's rows.

    Attributes:
        trace: its events and looks, in the order of their numbers.
        head: where the digest of its chain's end goes.
        makers: what fills each place of a copy, in order.
        day: the day it was received.
        last: the last day that any of its rows names.
    """

    ending: str
    blocks: list[Block] = field(default_factory=list)
    makers: list[tuple[Any, ...]] = field(default_factory=list)
    day: date = date.min
    last: date = date.min
    county: str = ""
    tail_length: int = 0
    trace: list[Digested] = field(default_factory=list)
    head: int | None = None


class Weaver:
    """Makes a pattern of an appeal's rows."""

    def __init__(
        self, kept: dict[str, tuple[tuple[str, ...], list[list[Any]]]], *, tail: str, name: str, brand: str, ending: str
    ) -> None:
        self.kept, self.ending, self.tail = kept, ending, tail
        columns, rows = kept["appeals_appeal"]
        self.appeal = dict(zip(columns, rows[0], strict=True))
        self.places: dict[tuple[Any, ...], int] = {}
        self.models = {table: model for table, (model,) in linked_models().items()}
        self.numbers = {
            table: {row[columns.index("id")]: place for place, row in enumerate(rows)}
            for table, (columns, rows) in kept.items()
            if "id" in columns
        }
        self.tokens = [(tail, ("tail",)), (self.appeal["code"], ("code",)), (self.appeal["external_id"], ("external",))]
        self.tokens += [(brand, ("brand",))] if brand else []
        self.tokens += [(name, ("name",))] if name else []
        self.last = date.min
        self.trace: list[Digested] = []

    def woven(self) -> Pattern:
        """The pattern; its blocks stand in the order in which the rows may be written."""
        blocks = [self._block(table, *found) for table, found in self.kept.items()]
        return Pattern(
            ending=self.ending,
            blocks=blocks,
            makers=list(self.places),
            day=date.fromisoformat(self.appeal["received_at"][:10]),
            last=self.last,
            county=self.appeal["code"][2:8],
            tail_length=len(self.tail),
            trace=self.trace,
            head=self.places.get(("head",)),
        )

    def _block(self, table: str, columns: tuple[str, ...], rows: list[list[Any]]) -> Block:
        used: list[int] = []
        lines = []
        for number, row in enumerate(rows):
            if table in ("audit_event", "audit_accesslog"):
                self.trace.append(self._digested(table, number, dict(zip(columns, row, strict=True))))
            about = row[columns.index("subject_kind")] if "subject_kind" in columns else ""
            cells = [self._cell(table, name, value, number, about) for name, value in zip(columns, row, strict=True)]
            text = "\t".join(cells).replace("%", "%%") + "\n"
            used += [int(each) for each in _PLACE.findall(text)]
            lines.append(_PLACE.sub("%s", text))
        getter = (
            itemgetter(*used) if len(used) > 1 else (lambda values, only=used: tuple(values[each] for each in only))
        )
        return Block(table, columns, len(rows), "".join(lines), getter)

    def _digested(self, table: str, number: int, row: dict[str, Any]) -> Digested:
        """The row's forms as `audit.rules` writes them, made of a row with places."""
        is_event = table == "audit_event"
        parts = [row["name"], row["organisation_name"], row["note"] if is_event else row["reason"]]
        parts += [] if is_event else [rules.address_text((row["address"] or "").partition("/")[0])]
        aside = f"\ue002\n{rules._bytes(rules.ASIDE_FORM, [self._with_places(part) for part in parts]).decode()}"
        day, _, hour, minute, rest = _MOMENT.fullmatch(row["at"]).groups()  # type: ignore[union-attr]
        second, _, micro = rest.removesuffix("+08").removeprefix(":").partition(".")
        moment = self._placed(("moment", day, f"T{hour}:{minute}:{second}.{micro:0<6}+08:00"))
        shared = {name: int(row[name]) if row[name] else None for name in ("user_id", "organisation_id", "key_id")}
        shared |= {name: row[name] for name in ("role", "kind", "subject_kind")} | {
            "at": datetime(2000, 1, 1, tzinfo=UTC),
            "subject_id": -7,
        }
        if is_event:
            form = rules.event_form(
                **shared, data={"\ue003": 1}, aside_digest="\ue004", previous_digest="\ue005"
            ).decode()
            data = json.dumps(
                rules.plain(json.loads(row["data"])), ensure_ascii=False, sort_keys=True, separators=(",", ":")
            )
            form = form.replace('{"\ue003":1}', self._with_places(data))
        else:
            form = rules.access_form(**shared, count=int(row["count"]), aside_digest="\ue004").decode()
        form = re.sub(r'"at":"[^"]*"', f'"at":"{moment}"', form, count=1)
        own = (
            self._own_number(table, "subject_id", row["subject_id"], row["subject_kind"]) if row["subject_id"] else None
        )
        form = form.replace(",-7]", f",{self._placed(own) if own else row['subject_id'] or 'null'}]")
        is_chained = is_event and row["subject_kind"] in rules.CHAINED
        places = {
            name: self._number_of((name, table, number))
            for name in ("salt", "aside_digest", "previous_digest", "digest")
        }
        form = form.replace("\ue004", self._placed(("aside_digest", table, number)))
        form = form.replace("\ue005", self._placed(("previous_digest", table, number)))
        aside = aside.replace("\ue002", self._placed(("salt", table, number)))
        return Digested(
            aside=_template(aside),
            form=_template(form),
            salt=places["salt"],
            aside_digest=places["aside_digest"],
            previous=places["previous_digest"] if is_event else None,
            digest=places["digest"],
            is_chained=is_chained,
        )

    def _cell(self, table: str, name: str, value: str | None, number: int, about: str) -> str:
        if value is None:
            return "\\N"
        if table in ("audit_event", "audit_accesslog") and name in (
            "salt",
            "aside_digest",
            "previous_digest",
            "digest",
        ):
            return self._placed((name, table, number))
        if table == "audit_chainhead" and name == "digest":
            return self._placed(("head",))
        if (place := self._own_number(table, name, value, about)) is not None:
            return self._placed(place)
        if table == "appeals_searchtext" and name in ("body", "grams"):
            return self._placed((name, self._with_places(self._said())))
        if table == "voices_textvector" and name in ("content", "marks"):
            title, text = (self._with_places(self.appeal[each] or "") for each in ("title", "text"))
            return self._placed((name, f"{title}\ue006{text}"))
        if name == "phone_index" or name == "id_number_index":
            return self._placed(("index", len(value)))
        if _DAY.match(value):
            return self._placed(("day", value))
        return self._with_places(value, escaped=True)

    def _own_number(self, table: str, name: str, value: str, about: str) -> tuple[Any, ...] | None:
        """The place of a number that a copy has for itself."""
        if name == "id" and table in self.numbers:
            return ("number", table, self.numbers[table][value])
        model = self.models.get(table)
        target = None
        if model is not None:
            linked = next((each for each in model._meta.local_fields if each.column == name), None)
            if isinstance(linked, ForeignKey):
                target = linked.related_model._meta.db_table  # type: ignore[union-attr]
        if name == "person_id":
            target = Person._meta.db_table
        if name == "subject_id":
            target = SUBJECTS.get(about)
        if target in self.numbers and value in self.numbers[target]:
            return ("number", target, self.numbers[target][value])
        return None

    def _said(self) -> str:
        return " ".join(self.appeal[each] or "" for each in ("title", "text", "employer_name", "place", "code"))

    def _with_places(self, value: str, *, escaped: bool = False) -> str:
        if value.startswith(("{", "[")):
            value = _ABOUT.sub(self._subject_in_json, _NUMBER.sub(self._number_in_json, value))
        for token, place in self.tokens:
            if token and token in value:
                value = value.replace(token, self._placed(place))
        value = _DIGEST.sub(lambda found: self._placed(("digest", found.group())), value)
        value = _MOMENT.sub(self._moment, value)
        return value.translate(_ESCAPES) if escaped else value

    def _number_in_json(self, found: re.Match[str]) -> str:
        name, blank, number = found.groups()
        for table, numbers in self.numbers.items():
            if table.rsplit("_", 1)[-1] == name and number in numbers:
                return f'"{name}":{blank}{self._placed(("number", table, numbers[number]))}'
        return found.group()

    def _subject_in_json(self, found: re.Match[str]) -> str:
        kind, blank, number = found.groups()
        place = self._own_number("", "subject_id", number, kind)
        return f'["{kind}",{blank}{self._placed(place)}]' if place else found.group()

    def _moment(self, found: re.Match[str]) -> str:
        day, joint, hour, minute, rest = found.groups()
        self.last = max(self.last, date.fromisoformat(day)) if joint == " " else self.last
        return self._placed(("moment", day, f"{joint}{hour}:{minute}{rest}"))

    def _placed(self, place: tuple[Any, ...]) -> str:
        return f"\ue000{self._number_of(place)}\ue001"

    def _number_of(self, place: tuple[Any, ...]) -> int:
        return self.places.setdefault(place, len(self.places))


def _template(text: str) -> tuple[str, list[int]]:
    """A text with places as a format, and which values it takes."""
    return _PLACE.sub("%s", text.replace("%", "%%")), [int(each) for each in _PLACE.findall(text)]


def moved_clock(clock: str) -> list[str]:
    """`" 09:12:33+08"` so many minutes earlier; the stroke of midnight stays."""
    joint, hour, minute, rest = clock[0], int(clock[1:3]), int(clock[4:6]), clock[6:]
    if hour == 0:
        return [clock] * MINUTES
    minutes = [hour * 60 + minute - back for back in range(MINUTES)]
    return [f"{joint}{each // 60:02d}:{each % 60:02d}{rest}" for each in minutes]


class Copier:
    """Writes the copies of patterns as text for COPY."""

    def __init__(self, patterns: Sequence[Pattern], *, seed: int) -> None:
        self.patterns, self.seed = patterns, seed
        self._days: dict[tuple[str, int], str] = {}
        self._fill = [self._compiled(pattern) for pattern in patterns]

    def _compiled(self, pattern: Pattern) -> list[tuple[Any, ...]]:
        compiled: list[tuple[Any, ...]] = []
        for maker in pattern.makers:
            if maker[0] == "moment":
                compiled.append(("moment", maker[1], moved_clock(maker[2])))
            elif maker[0] in LATE:
                compiled.append((maker[0], *_template(maker[1])))
            else:
                compiled.append(maker)
        # what search reads is made of the other values, so it comes last
        return compiled

    def write(self, copies: Iterable[Copy], first: dict[str, int]) -> dict[str, list[str]]:
        """Table → the rows of these copies; their own numbers begin at `first`."""
        made: dict[str, list[str]] = {}
        running = dict(first)
        for copy in copies:
            pattern = self.patterns[copy.pattern]
            values = self._values(copy, pattern, self._fill[copy.pattern], running)
            for block in pattern.blocks:
                made.setdefault(block.table, []).append(block.template % block.values(values))
                running[block.table] = running.get(block.table, 0) + block.count
        return made

    def _values(  # noqa: C901  # one case for each kind of place
        self, copy: Copy, pattern: Pattern, makers: list[tuple[Any, ...]], running: dict[str, int]
    ) -> list[Any]:
        rng = Random(self.seed * 1_000_003 + copy.number)
        values: list[Any] = [None] * len(makers)
        late = []
        for place, maker in enumerate(makers):
            match maker[0]:
                case "moment":
                    values[place] = self._day(maker[1], copy.days) + maker[2][copy.minutes]
                case "number":
                    values[place] = running.get(maker[1], 0) + maker[2]
                case "digest":
                    values[place] = f"{rng.getrandbits(256):064x}"
                case "index":
                    values[place] = "\\\\x" + f"{rng.getrandbits((maker[1] - 2) * 4):0{maker[1] - 2}x}"
                case "day":
                    values[place] = self._day(maker[1], copy.days)
                case "code":
                    values[place] = appeal_code(pattern.county, pattern.day + timedelta(days=copy.days), copy.serial)
                case "external":
                    values[place] = f"copy-{copy.number:09d}"
                case "tail":
                    values[place] = words.tail(rng, at_least=pattern.tail_length)
                case "brand":
                    values[place] = words.brand(rng)
                case "name":
                    values[place] = words.person_name(rng)
                case kind if kind in LATE:
                    late.append((place, maker))
        self._digest(pattern, values, rng)
        made: dict[str, str] = {}
        for place, maker in late:
            if maker[0] not in made:
                made |= LATE[maker[0]](maker[1] % tuple(values[each] for each in maker[2]))
            values[place] = made[maker[0]]
        return values

    def _digest(self, pattern: Pattern, values: list[Any], rng: Random) -> None:
        """The digests of the copy's own events and looks, chained as theirs are."""
        end = ""
        for row in pattern.trace:
            values[row.salt] = f"{rng.getrandbits(128):032x}"
            values[row.aside_digest] = crypto.digest(
                (row.aside[0] % tuple(values[each] for each in row.aside[1])).encode()
            )
            if row.previous is not None:
                values[row.previous] = end if row.is_chained else ""
            values[row.digest] = crypto.digest((row.form[0] % tuple(values[each] for each in row.form[1])).encode())
            if row.is_chained:
                end = values[row.digest]
        if pattern.head is not None:
            values[pattern.head] = end

    def _day(self, day: str, days: int) -> str:
        known = self._days.get((day, days))
        if known is None:
            known = self._days[day, days] = (date.fromisoformat(day) + timedelta(days=days)).isoformat()
        return known


def _sought(said: str) -> dict[str, str]:
    lexemes = " ".join("'" + gram.replace("'", "''") + "'" for gram in grams_of(said))
    return {"body": searchable(said).translate(_ESCAPES), "grams": lexemes.translate(_ESCAPES)}


def _vector(told: str) -> dict[str, str]:
    """As `voices.actions.read_texts` makes it of title and text."""
    vector = vector_of(*told.split("\ue006"))
    return {"content": "\\\\x" + packed(vector).hex(), "marks": "{" + ",".join(map(str, marks_of(vector))) + "}"}


# columns that are made of the other values, so they come last → what makes them, a pair at a time
LATE = {"body": _sought, "grams": _sought, "content": _vector, "marks": _vector}
