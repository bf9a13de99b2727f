"""How are figures read quickly? From the daily sums where there are some, counted as they stand where there are none.

Sums exist for the whole city, for what happened in a county, and for what an organisation one level below the city, or
a department, sees. Appeals that moved since the sums were last whole (the tail) are counted now and their old share is
taken off, so a figure is never older than the moment it is asked for; when too many moved at once, the figures speak of
the moment of the last run and say so. Everything else is counted as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from gongqing.appeals.models import Access, Kind
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.insight.models import CountedAppeal, SumsMark
from gongqing.insight.queries import summing
from gongqing.insight.queries.counting import Counts, Question, counted, counted_by_all
from gongqing.insight.queries.names import classes_by_code
from gongqing.insight.queries.places import Cut, Division
from gongqing.insight.rules.indicators import Basis, total_of
from gongqing.insight.rules.rollups import LIVE, MOST_TAIL, ROLLED, scopes_of
from gongqing.registry.models import Level, Organisation, Region

TRIES = 3
_SUMS = """
SELECT m.generation, s.* FROM insight_sumsmark m LEFT JOIN (
  SELECT {key} AS row_key, {sums} FROM insight_dailysum
  WHERE scope = %s::text AND kind = %s::text AND basis = %s::text AND by = %s::text
    AND day >= %s::date AND day <= %s::date GROUP BY 1) s ON true
"""
_KEPT = ", ".join(f"sum({name})::bigint" for name in ROLLED)
_MOVED = """
SELECT DISTINCT subject_id FROM audit_event
WHERE id > %s AND subject_kind = 'appeal' AND subject_id IS NOT NULL LIMIT %s
"""


class Moved(Exception):
    """The sums changed between two reads of one figure."""


@dataclass(frozen=True, slots=True)
class Tail:
    """What moved since the sums were last whole.

    Attributes:
        signed: (-1 for what it was counted as, 1 for what it is now, the row by column).
        as_of: the moment of which the figures speak, when there is too much to count while somebody waits.
    """

    generation: int
    signed: Sequence[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    as_of: datetime | None = None


@dataclass
class Reader:
    """Reads the figures of one page; what moved is looked at once for all of them."""

    actor: Actor
    at: datetime
    read: dict[tuple[Question, str], list[tuple[dict[str, str], Counts]]] = field(default_factory=dict)

    @cached_property
    def mark(self) -> SumsMark | None:
        """How far the sums have come; None before they were built."""
        return SumsMark.objects.first()

    @property
    def as_of(self) -> datetime:
        """The moment of which the figures speak."""
        return (self.tail.as_of if self.mark is not None else None) or self.at

    @cached_property
    def tail(self) -> Tail:
        """What moved since; read elevated, for only numbers leave."""
        mark = self.mark
        if mark is None:
            return Tail(0)
        with scope.elevated(), connection.cursor() as cursor:
            cursor.execute(_MOVED, [mark.upto_event_id, MOST_TAIL + 1])
            ids = [number for (number,) in cursor.fetchall()]
            if len(ids) > MOST_TAIL:
                return Tail(mark.generation, as_of=mark.refreshed_at)
            if not ids:
                return Tail(mark.generation)
            kept = CountedAppeal.objects.filter(pk__in=ids).values_list(*summing.COLUMNS)
            signed = [(-1, dict(zip(summing.COLUMNS, row, strict=True))) for row in kept]
            signed += [(1, dict(zip(summing.COLUMNS, row, strict=True))) for row in summing.facts_now(ids)]
        return Tail(mark.generation, signed)

    def counted(
        self,
        question: Question,
        by: str | None = None,
        *,
        cut: Cut | None = None,
        kind: str = Kind.APPEAL,
        wanted: Sequence[str] = (),
    ) -> Mapping[str, Counts]:
        """As `counting.counted`; `wanted` measures alone, where fewer are needed than all."""
        whose = self._scope_of(question)
        if whose is None and self._sees_little(question):
            return self._from_all(question, by, cut, kind)
        how = _how(by, cut, whose)
        if whose is None or how is None or self.mark is None:
            return counted(question, by, cut=cut, kind=kind)
        for _ in range(TRIES):
            try:
                found = self._rolled(question, whose, how, kind)
                break
            except Moved:
                self.__dict__.pop("mark", None)
                self.__dict__.pop("tail", None)
        else:
            return counted(question, by, cut=cut, kind=kind)
        result = _named(found, by, cut)
        if whose.startswith("/") and question.area is None:
            _add(result, self._own(question, by, cut, kind))
        if not wanted or set(wanted) & set(LIVE):
            _add(result, self._hourly(question, by, cut, kind))
        return result

    def _sees_little(self, question: Question) -> bool:
        """Whether reading every combination of keys at once is cheap: towns and below, and one's own handling."""
        if question.handler_id is not None:
            return True
        return not sees_all(self.actor) and not any(_is_second(path) or _is_city(path) for path in self.actor.paths)

    def _from_all(self, question: Question, by: str | None, cut: Cut | None, kind: str) -> Mapping[str, Counts]:
        asked = (question, str(kind))
        if asked not in self.read:
            self.read[asked] = counted_by_all(question, kind)
        classes = classes_by_code() if by == "class" else {}
        grouped: dict[str, list[Counts]] = {}
        for keys, counts in self.read[asked]:
            grouped.setdefault(_row_of(keys, by, cut, classes), []).append(counts)
        return {key: total_of(parts) for key, parts in grouped.items()}

    def _rolled(self, question: Question, whose: str, how: str, kind: str) -> dict[str, dict[str, int]]:
        first, last = question.period.first, question.period.last
        column = "day::text" if how == "day" else "key"
        stored = "total" if how == "day" else how
        tail = self.tail
        with connection.cursor() as cursor:
            given = [whose, str(kind), question.basis.value, stored, first, last]
            cursor.execute(_SUMS.format(key=column, sums=_KEPT), given)
            rows = cursor.fetchall()
        if not rows or rows[0][0] != tail.generation:
            raise Moved
        found = {key: dict(zip(ROLLED, sums, strict=True)) for _, key, *sums in rows if key is not None}
        for sign, row in tail.signed:
            day: date | None = row["received_on" if question.basis is Basis.RECEIVED else "resolved_on"]
            if day is None or not first <= day <= last or row["kind"] != kind or whose not in scopes_of(row):
                continue
            cell = found.setdefault(_key_of(row, how, day), dict.fromkeys(ROLLED, 0))
            for name in ROLLED:
                cell[name] += sign * (1 if name == "received" else int(row[name]))
        return {each: cell for each, cell in found.items() if any(cell.values())}

    def _hourly(self, question: Question, by: str | None, cut: Cut | None, kind: str) -> Mapping[str, Counts]:
        """What changes with the hour, of those in hand: they alone can have it."""
        if question.basis is Basis.RESOLVED:
            return {}
        found = counted(question, by, cut=cut, kind=kind, in_hand=True)
        return {key: {name: counts[name] for name in LIVE} for key, counts in found.items()}

    @cached_property
    def own_ids(self) -> list[int]:
        """Appeals that the actor sees as a person and the organisation does not: taken in here, handled elsewhere."""
        if self.actor.user_id is None:
            return []
        granted, path = Access.objects.filter(until__isnull=True), self.actor.paths[0]
        theirs = granted.filter(appeal_id=OuterRef("appeal_id"), path__gte=path, path__lt=path[:-1] + "0")
        mine = granted.filter(~Exists(theirs), user_id=self.actor.user_id)
        with scope.elevated():
            return sorted(set(mine.values_list("appeal_id", flat=True)))

    def _own(self, question: Question, by: str | None, cut: Cut | None, kind: str) -> Mapping[str, Counts]:
        if not self.own_ids:
            return {}
        found = counted(question, by, cut=cut, kind=kind, among=Q(pk__in=self.own_ids))
        return {key: {name: n for name, n in counts.items() if name not in LIVE} for key, counts in found.items()}

    def _scope_of(self, question: Question) -> str | None:
        """Whose sums answer the question; None when it must be counted."""
        if question.population != "all" or question.basis is Basis.NOW or question.handler_id is not None:
            return None
        if question.actor is not self.actor:
            return None
        area, paths = question.area, self.actor.paths
        if sees_all(self.actor):
            if area is None:
                return ""
            if isinstance(area, Region):
                return area.code if area.level == Level.COUNTY else None
            return area.path if _is_second(area.path) else None
        if len(paths) != 1 or not _is_second(paths[0]):
            return None
        if area is None or (isinstance(area, Organisation) and area.path == paths[0]):
            return paths[0]
        return None


def _is_second(path: str) -> bool:
    return path.count("/") == 3  # /city/county/ or /d/department/


def _is_city(path: str) -> bool:
    return path.count("/") < 3  # /city/


def _row_of(keys: Mapping[str, str], by: str | None, cut: Cut | None, classes: Mapping[str, str]) -> str:
    """The row in which appeals with these keys stand; as `counting.keyed` says it."""
    if by == "area" and cut is not None:
        return keys["handler"] if cut.division is Division.HANDLERS else cut.key_of(keys["region"])
    if by == "class":
        return classes.get(keys["category"], "")
    return keys.get(by, "") if by else ""


def _how(by: str | None, cut: Cut | None, whose: str | None) -> str | None:
    """Under which name the sums of these rows are kept; None when there are none."""
    if by == "area" and cut is not None:
        kept = {Division.COUNTIES: "county", Division.TOWNS: "town", Division.HANDLERS: "handler"}[cut.division]
        if kept == "county" and whose != "":
            return None
        return None if kept == "handler" and not (whose or "").startswith("/") else kept
    names = {None: "total", "class": "category", "category": "category", "grade": "grade", "channel": "channel"}
    if by in ("day", "resolved_day"):
        return "day"
    return names.get(by)


def _key_of(row: Mapping[str, Any], how: str, day: date) -> str:
    if how == "total":
        return ""
    return day.isoformat() if how == "day" else str(row[how])


def _named(found: Mapping[str, dict[str, int]], by: str | None, cut: Cut | None) -> dict[str, dict[str, int]]:
    """The sums under the keys of the rows that are shown."""
    if by == "area" and cut is not None and cut.division is not Division.HANDLERS:
        return _regrouped(found, cut.key_of)
    if by == "class":
        classes = classes_by_code()
        return _regrouped(found, lambda code: classes.get(code, ""))
    return dict(found)


def _regrouped(found: Mapping[str, dict[str, int]], key_of: Any) -> dict[str, dict[str, int]]:
    grouped: dict[str, list[dict[str, int]]] = {}
    for key, counts in found.items():
        grouped.setdefault(key_of(key), []).append(counts)
    return {key: total_of(parts) for key, parts in grouped.items()}


def _add(result: dict[str, dict[str, int]], more: Mapping[str, Counts]) -> None:
    for key, counts in more.items():
        result[key] = total_of([result.get(key, {}), counts])
