"""How are figures read quickly? From the daily sums where there are some, counted as they stand where there are none.

Sums exist for the whole city, for what happened in a county, for what an organisation one level below the city, or a
department, sees, and for narrow sights: a town's and a zone's. Whole months are read from sums of the month, the days
beside them from those of the day, or, of narrow sights, from single appeals.

Appeals that moved since the sums were last whole (the tail) are counted now and their old share is taken off, so a
figure is never older than the moment it is asked for; when too many moved at once, the figures speak of the moment of
the last run and say so. Everything else is counted as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, cast

from django.db import connection
from django.db.models import Q

from gongqing.appeals.models import Kind
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.insight.models import CountedAppeal, DailySum, MonthSum, SumsMark
from gongqing.insight.queries import sighted, sights, summing
from gongqing.insight.queries.counting import Counts, Question, counted, overdue
from gongqing.insight.queries.names import classes_by_code
from gongqing.insight.queries.places import Cut, Division, cut_for
from gongqing.insight.rules.indicators import Basis, total_of
from gongqing.insight.rules.rollups import (
    LIVE,
    MOST_EVENTS,
    MOST_TAIL,
    ROLLED,
    STOCK,
    Parts,
    is_narrow,
    is_of_grants,
    parts_of,
    scopes_of,
)
from gongqing.registry.models import Level, Organisation, Region

TRIES = 3
_SUMS = """
SELECT m.generation, s.* FROM insight_sumsmark m LEFT JOIN (
  SELECT {key} AS row_key, {sums} FROM ({parts}) parts GROUP BY 1) s ON true
"""
_PART = """
SELECT key, day, {columns} FROM {table}
WHERE scope = %s::text AND kind = %s::text AND basis = %s::text AND by = %s::text
  AND day >= %s::date AND day <= %s::date
"""
_MARK = "SELECT generation, NULL FROM insight_sumsmark"
_KEPT = ", ".join(f"sum({name})::bigint" for name in ROLLED)
# in the order of their numbers: told to stop at so many appeals, PostgreSQL walks all of the index by appeal instead
MOVED = """
SELECT count(*), coalesce(array_agg(DISTINCT subject_id), '{}') FROM (
  SELECT subject_id FROM audit_event
  WHERE id > %s AND subject_kind = 'appeal' AND subject_id IS NOT NULL ORDER BY id LIMIT %s) moved
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

    @property
    def ids(self) -> set[int]:
        """The appeals that moved."""
        return {row["appeal_id"] for _, row in self.signed}


@dataclass
class Reader:
    """Reads the figures of one page; what moved is looked at once for all of them."""

    actor: Actor
    at: datetime
    read: dict[tuple[Question, str, object], dict[tuple[str, Basis], sighted.Divided]] = field(default_factory=dict)

    @cached_property
    def cut(self) -> Cut:
        """What lies one level below the viewer."""
        return cut_for(self.actor)

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
            cursor.execute(MOVED, [mark.upto_event_id, MOST_EVENTS + 1])
            count, ids = cursor.fetchone() or (0, [])
            if count > MOST_EVENTS or len(ids) > MOST_TAIL:
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
        how = _how(by, cut)
        if self.mark is None or how is None or not sighted.can_answer(question):
            return counted(question, by, cut=cut, kind=kind)
        found: dict[str, dict[str, int]] | None = None
        whose = self._scope_of(question, how)
        if whose is not None and (question.basis is not Basis.NOW or (wanted and set(wanted) <= {*STOCK, *LIVE})):
            found = self._summed(question, whose, how, kind)
        result = _named(self._single(question, kind, how)[how] if found is None else found, by, cut)
        if question.basis is not Basis.RESOLVED and (not wanted or set(wanted) & set(LIVE)):
            _add(result, overdue(question, by, cut=cut, kind=kind))
        return result

    def _summed(self, question: Question, whose: str, how: str, kind: str) -> dict[str, dict[str, int]] | None:
        """From the daily sums; None when they go on moving."""
        for _ in range(TRIES):
            try:
                found = self._rolled(question, whose, how, kind)
                break
            except Moved:
                for known in ("mark", "tail", "_own"):
                    self.__dict__.pop(known, None)
                self.read.clear()
        else:
            return None
        if is_of_grants(whose) and question.area is None and self._own:
            _add(found, self._divided(question, kind, Q(pk__in=self._own), how)[how])
        if question.basis is Basis.NOW:
            found = {
                key: {name: cell[name] for name in STOCK} | {"received": cell["open"]} for key, cell in found.items()
            }
        return {key: cell for key, cell in found.items() if any(cell.values())}

    def _single(self, question: Question, kind: str, how: str) -> sighted.Divided:
        """From what each appeal was counted as, and from what moved as it is now; divided at least in this way."""
        sight = self._sight_of(question.actor)
        found = self._divided(question, kind, sight, how)
        now = [row for sign, row in self.tail.signed if sign > 0 and row["kind"] == kind]
        moved = sighted.among(question, now) if now else []
        result = {how: dict(cells) for how, cells in found.items()} if moved else found
        for row in moved:
            day = _day_in(question, row)
            for how in result if day is not None else ():
                key = _key_of(row, how, cast("date", day))
                result[how][key] = _with(result[how].get(key), row, 1)
        return result

    def _divided(self, question: Question, kind: str, sight: Q | str | None, how: str) -> sighted.Divided:
        """What did not move; one read answers on every basis where few are looked at, and for the days within it."""
        whole = replace(question, basis=Basis.RECEIVED) if sighted.is_small(question, sight) else question
        asked = (whole, str(sight), None)
        if asked not in self.read:
            for (known, seen, beside), found in self.read.items() if how in ("total", "day") else ():
                is_same = (seen, beside) == asked[1:] and replace(known, period=whole.period) == whole
                if is_same and known.period.first <= whole.period.first and whole.period.last <= known.period.last:
                    return _of_days(found[str(kind), question.basis], question)
            self.read[asked] = sighted.divided(question, sight=sight, without=sorted(self.tail.ids))
        return self.read[asked][str(kind), question.basis]

    def _beside(self, question: Question, kind: str, key: str, days: Sequence[sighted.Span]) -> sighted.Divided:
        """What a narrow sight counted on these days, beside whole months; what moved since is in it as it was."""
        whole = replace(question, basis=Basis.RECEIVED, area=None)  # the key says whose sight it is
        asked = (whole, key, tuple(days))
        if asked not in self.read:
            self.read[asked] = sighted.divided(whole, sight=key, days=days)
        return self.read[asked][str(kind), question.basis]

    def _sight_of(self, actor: Actor) -> Q | str | None:
        """What the actor sees, by what is kept with each appeal; None where that says too little."""
        if sees_all(actor):
            return Q()
        if self.sight is None or actor.person_id is not None:
            return None
        return self.sight if is_narrow(self.sight) else Q(scopes__contains=[self.sight]) | sighted.own(actor)

    @cached_property
    def sight(self) -> str | None:
        """Under which key the sums of what the actor is granted are kept; None where they are not."""
        return self._kept(self.actor.path, self.actor.paths)

    def _kept(self, path: str, paths: Sequence[str]) -> str | None:
        if len(paths) == 1 and _is_second(paths[0]):
            return paths[0]
        return sights.key_for(path, paths) if paths else None

    @cached_property
    def _own(self) -> list[int]:
        """What the actor sees as a person and the organisation does not: taken in here, handled elsewhere."""
        return sighted.own_beside(self.actor, self.sight) if self.sight is not None else []

    def _rolled(self, question: Question, whose: str, how: str, kind: str) -> dict[str, dict[str, int]]:
        tail = self.tail
        found = self._of_parts(question, whose, how, kind)
        own = self.actor.user_id if is_of_grants(whose) and question.area is None else None
        for sign, row in tail.signed:
            day = _day_in(question, row)
            seen = whose in scopes_of(row) or (sign > 0 and own is not None and row["reporter_id"] == own)
            if day is not None and seen and row["kind"] == kind:
                key = _key_of(row, how, day)
                found[key] = _with(found.get(key), row, sign)
        return found

    def _of_parts(self, question: Question, whose: str, how: str, kind: str) -> dict[str, dict[str, int]]:
        """The sums as they are kept: of whole months, and of the days beside them."""
        is_now, period = question.basis is Basis.NOW, question.period
        span = (date.min, date.max) if is_now else (period.first, period.last)
        if how == "day":
            parts = Parts(None, [span])
        else:
            parts = Parts(span, []) if is_now else parts_of(*span)
        beside: Mapping[str, Counts] = {}
        if parts.days and how not in ("day", "total") and is_narrow(whose):
            beside = self._beside(question, kind, whose, parts.days)[how]
            parts = Parts(parts.months, [])
        tables = [(MonthSum._meta.db_table, parts.months)] if parts.months is not None else []
        tables += [(DailySum._meta.db_table, days) for days in parts.days]
        basis = Basis.RECEIVED if is_now else question.basis
        column, stored = ("day::text", "total") if how == "day" else ("key", how)
        given = [part for _, days in tables for part in (whose, str(kind), basis.value, stored, *days)]
        union = " UNION ALL ".join(_PART.format(columns=", ".join(ROLLED), table=table) for table, _ in tables)
        text = _SUMS.format(key=column, sums=_KEPT, parts=union) if tables else _MARK
        with connection.cursor() as cursor:
            cursor.execute(text, given)
            rows = cursor.fetchall()
        if not rows or rows[0][0] != self.tail.generation:
            raise Moved
        found = {row[1]: dict(zip(ROLLED, row[2:], strict=True)) for row in rows if row[1] is not None}
        _add(found, beside)
        return found

    def _scope_of(self, question: Question, how: str) -> str | None:
        """Whose sums answer the question in this division; None when none does."""
        whose = self._sums_of(question)
        if whose is None or (how == "county" and whose != ""):
            return None
        if how == "handler" and (not is_of_grants(whose) or whose in self._counties):
            return None
        if how == "town" and is_of_grants(whose) and whose not in self._counties:
            return None
        return whose

    @cached_property
    def _counties(self) -> frozenset[str]:
        """Paths of the counties' unions, whose sums are divided by town; all others are divided by who handles."""
        return frozenset(Organisation.objects.filter(level=Level.COUNTY).values_list("path", flat=True))

    def _sums_of(self, question: Question) -> str | None:
        if question.population != "all" and question.basis is not Basis.NOW:
            return None
        if question.handler_id is not None or question.actor is not self.actor:
            return None
        area = question.area
        if sees_all(self.actor):
            if area is None:
                return ""
            if isinstance(area, Region):
                return area.code if area.level == Level.COUNTY else None
            return self._kept(area.path, [area.path])
        if area is None or (isinstance(area, Organisation) and self.actor.paths == (area.path,)):
            return self.sight
        return None


def _of_days(found: sighted.Divided, question: Question) -> sighted.Divided:
    """Everything and by day, of the days of this question alone; what is in hand now is so on any day."""
    if question.basis is Basis.NOW:
        return found
    first, last = question.period.first.isoformat(), question.period.last.isoformat()
    days = {day: cell for day, cell in found["day"].items() if first <= day <= last}
    return {"total": {"": total_of(days.values())} if days else {}, "day": days}


def _is_second(path: str) -> bool:
    return path.count("/") == 3  # /city/county/ or /d/department/


def _how(by: str | None, cut: Cut | None) -> str | None:
    """Under which name these rows are kept; None when there are none."""
    if by == "area":
        divisions = {Division.COUNTIES: "county", Division.TOWNS: "town", Division.HANDLERS: "handler"}
        return divisions[cut.division] if cut is not None else None
    names = {None: "total", "class": "category", "day": "day", "resolved_day": "day"}
    return names.get(by, by)


def _day_in(question: Question, row: Mapping[str, Any]) -> date | None:
    """The day by which this row falls into the question's period; None when it does not."""
    if question.basis is Basis.NOW:
        return cast("date", row["received_on"]) if row["open"] else None
    day: date | None = row["received_on" if question.basis is Basis.RECEIVED else "resolved_on"]
    return day if day is not None and question.period.first <= day <= question.period.last else None


def _with(cell: Counts | None, row: Mapping[str, Any], sign: int) -> dict[str, int]:
    """A cell with this row added, or taken off."""
    known = cell or dict.fromkeys(ROLLED, 0)
    return {name: known[name] + sign * (1 if name == "received" else int(row[name])) for name in ROLLED}


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
