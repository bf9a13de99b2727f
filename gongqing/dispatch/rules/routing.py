"""Which level, and which organisation there, handles an appeal first; who helps, follows and watches?

Routing rows (派单规则) are data, one version in force at a time, read from top to bottom: the first matching row that
names a level sets it, every matching row may raise it, name helpers and watchers. Two things are no rows, for no city
may switch them off: a shielded appeal never reaches the employer's own union, and a grassroots union only handles its
own. The first version is `first_routes.FIRST_ROUTES`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from gongqing.dispatch.rules.levels import LADDER, Level, is_at_least, level_above, rank

SHIELDED_CATEGORIES = frozenset({"LE10", "DP05"})
SHIELDED_RULES = frozenset({"G17"})
BY_CATEGORY = "类别"
ROLES = {
    Level.GRASSROOTS: "grassroots_officer",
    Level.ZONE: "zone_worker",
    Level.TOWN: "town_supervisor",
    Level.COUNTY: "county_supervisor",
    Level.CITY: "city_supervisor",
    Level.DEPARTMENT: "department_liaison",
}


@dataclass(frozen=True, slots=True)
class Matter:
    """What routing needs to know of an appeal.

    Attributes:
        grade: green, yellow, orange or red.
        category: its code.
        category_level: the first handler that the category names.
        county, town: region codes, or "" when not known.
        own_union: path of the employer's own union; None when there is none or the employer is not known.
        is_member: whether the worker is known as a member of a union.
        anonymous_to_employer: the worker asked that the employer does not learn of it.
        against: whom the worker complains of: "employer", "own_union" or "".
        rules: the grading rules that were hit; G17 covers retaliation.
        channel, kind: how it came, and whether it is an appeal or a need.
    """

    grade: str
    category: str
    category_level: str
    county: str = ""
    town: str = ""
    own_union: str | None = None
    is_member: bool = False
    anonymous_to_employer: bool = False
    against: str = ""
    rules: frozenset[str] = frozenset()
    channel: str = ""
    kind: str = "appeal"

    @property
    def is_shielded(self) -> bool:
        """Whether the employer's own union must not see it (domain 3.2)."""
        return (
            self.anonymous_to_employer
            or self.against == "own_union"
            or self.category in SHIELDED_CATEGORIES
            or not self.rules.isdisjoint(SHIELDED_RULES)
        )

    @property
    def has_own_union(self) -> bool:
        """Whether a union of the employer may count the worker as its own."""
        return self.is_member and self.own_union is not None


CONDITIONS = frozenset(each.name for each in fields(Matter)) - {"own_union", "rules"} | {"is_shielded", "has_own_union"}


@dataclass(frozen=True, slots=True)
class RoutingRow:
    """One rule of routing.

    Attributes:
        id: as the page names it, `R-12`.
        when: field of `Matter` → the values that match; every field must match; empty matches all.
        note: the reason that the page shows, in Chinese.
        level: the level that handles.
        at_least: the level below which it must not be handled.
        supervising: the level that watches.
        assisting: levels whose organisation helps.
        following: the level whose union keeps following a matter that a department handles.
        organisation_id: an organisation by name, where the row names one.
        role: to whom it is addressed there; "" for the usual one of the level.
    """

    id: str
    note: str
    when: Mapping[str, tuple[str | bool, ...]] = field(default_factory=dict)
    level: str = ""
    at_least: str = ""
    supervising: str = ""
    assisting: tuple[str, ...] = ()
    following: str = ""
    organisation_id: int | None = None
    role: str = ""

    def __post_init__(self) -> None:
        unknown = set(self.when) - CONDITIONS
        if unknown:
            raise ValueError(f"unknown conditions: {sorted(unknown)}")
        named = {self.level, self.at_least, self.supervising, self.following, *self.assisting} - {""}
        if named - {level.value for level in Level}:
            raise ValueError(f"unknown levels: {sorted(named)}")

    def matches(self, matter: Matter) -> bool:
        """Whether the row speaks of this matter."""
        return all(getattr(matter, name) in values for name, values in self.when.items())


@dataclass(frozen=True, slots=True)
class Routes:
    """One version of the routing rows; `effective_to` is the first day it no longer holds."""

    version: int
    effective_from: date
    rows: tuple[RoutingRow, ...]
    effective_to: date | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, from which `from_json` makes equal routes."""
        until = self.effective_to
        return {
            "version": self.version,
            "effective_from": self.effective_from.isoformat(),
            "effective_to": until.isoformat() if until else None,
            "rows": [
                {**asdict(row), "when": {name: list(values) for name, values in row.when.items()}} for row in self.rows
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Routes:
        """The routes of a stored version.

        Raises:
            ValueError, KeyError, TypeError: when they are not routes; unknown conditions and levels are refused.
        """
        until = stored.get("effective_to")
        return cls(
            version=stored["version"],
            effective_from=date.fromisoformat(stored["effective_from"]),
            effective_to=date.fromisoformat(until) if until else None,
            rows=tuple(_row_from_json(row) for row in stored["rows"]),
        )


def is_by_rule(rule: str) -> bool:
    """Whether the rule that stands on an order is the table's own choice, and not a person's or a later step's."""
    return rule == BY_CATEGORY or rule.startswith("R-")


def routes_in_force(versions: Iterable[Routes], day: date) -> Routes:
    """The version that holds on a day: of those in force, the highest.

    Raises:
        ValueError: when none holds.
    """
    held = [
        each for each in versions if each.effective_from <= day and (not each.effective_to or day < each.effective_to)
    ]
    if not held:
        raise ValueError(f"no routes in force on {day}")
    return max(held, key=lambda each: each.version)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An organisation of the place that could handle the appeal.

    Attributes:
        categories: of a department: the categories it answers for; empty: all.
        load_of: counts the open orders per person when it comes to that, in place of the two numbers.
    """

    organisation_id: int
    level: str
    path: str
    name: str
    open_orders: int = 0
    staff_count: int = 1
    categories: frozenset[str] = frozenset()
    load_of: Callable[[int], float] | None = None

    @property
    def load(self) -> float:
        """Open orders per person."""
        return self.load_of(self.organisation_id) if self.load_of else self.open_orders / max(self.staff_count, 1)


@dataclass(frozen=True, slots=True)
class Part:
    """An organisation that helps (`assist`) or keeps following (`follow`)."""

    organisation_id: int
    level: str
    name: str
    part: str


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """What the rows say before any organisation is looked at."""

    level: Level
    supervising: Level
    assisting: tuple[str, ...]
    following: str
    rule_id: str
    organisation_id: int | None
    role: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Who handles, and why. `organisation_id` is None only when no candidate may have it."""

    level: Level
    organisation_id: int | None
    organisation_name: str
    role: str
    assisting: tuple[Part, ...]
    supervising_level: Level
    rule_id: str
    reasons: tuple[str, ...]


def choose_level(matter: Matter, routes: Routes, *, at_least: str = "") -> LevelChoice:
    """The level that handles, by the rows.

    Args:
        at_least: a level from outside the rows, for a reopening or an escalation one level up (梯次).

    Raises:
        ValueError: when the category's level is not known.
    """
    if matter.category_level not in ROLES:
        raise ValueError(f"unknown level: {matter.category_level!r}")
    rows = [row for row in routes.rows if row.matches(matter)]
    level, rule_id = matter.category_level, BY_CATEGORY
    reasons = [f"{matter.category} 的首办层级是{Level.label_of(level)}"]
    setting = next((row for row in rows if row.level), None)
    if setting:
        level, rule_id = setting.level, setting.id
        reasons.append(setting.note)
    for row in rows:
        if row.at_least and not _stands(level, row.at_least):
            level, rule_id = row.at_least, row.id
            reasons.append(row.note)
    if at_least and not _stands(level, at_least):
        level, rule_id = at_least, "升级"
        reasons.append(f"升到{Level.label_of(at_least)}办理")
    supervising = max((row.supervising for row in rows if row.supervising), key=rank, default="")
    named = next((row for row in rows if row.organisation_id is not None and row.level == level), None)
    return LevelChoice(
        level=_level(level),
        supervising=watching_level(level, supervising),
        assisting=tuple(dict.fromkeys(each for row in rows for each in row.assisting if each != level)),
        following=next((row.following for row in rows if row.following), "") if level == Level.DEPARTMENT else "",
        rule_id=named.id if named else rule_id,
        organisation_id=named.organisation_id if named else None,
        role=next((row.role for row in rows if row.role and row.level == level), ""),
        reasons=tuple(reasons),
    )


def choose_handler(
    matter: Matter,
    routes: Routes,
    candidates: Sequence[Candidate],
    *,
    at_least: str = "",
    excluded: Collection[int] = (),
) -> Route:
    """The organisation that handles, its helpers and the level that watches.

    Promises, whatever the rows say: a shielded appeal never reaches the employer's own union or anything below it, as
    handler or as helper; a grassroots union handles only its own; where the chosen level has nobody, the next level
    up gets it, never one below; among equals the one with the fewest open orders per person, then the lowest id.

    Args:
        candidates: organisations of the place, from the grassroots to the city, and its departments.
        at_least: as in `choose_level`.
        excluded: organisations that may not get it, such as the one that returned it.
    """
    choice = choose_level(matter, routes, at_least=at_least)
    allowed = [each for each in candidates if each.organisation_id not in excluded and _may_have(each, matter)]
    reasons = list(choice.reasons)
    level: Level | None = choice.level
    while level is not None:
        here = [each for each in allowed if each.level == level]
        named = [each for each in here if each.organisation_id == choice.organisation_id]
        if here:
            return _route(matter, choice, level, _least_loaded(named or here), allowed, reasons, len(named or here))
        above = level_above(level)
        if above:
            reasons.append(f"{level.label}没有可派的单位，转{above.label}")
        level = above
    reasons.append("各级都没有可派的单位，请人工派单")
    return Route(choice.level, None, "", "", (), choice.supervising, choice.rule_id, tuple(reasons))


def _route(
    matter: Matter,
    choice: LevelChoice,
    level: Level,
    handler: Candidate,
    allowed: Sequence[Candidate],
    reasons: list[str],
    equals: int,
) -> Route:
    if matter.is_shielded:
        reasons.append("对单位保密，不派本单位工会")
    if equals > 1:
        reasons.append(f"同级 {equals} 家里人均在办最少")
    parts = [_part(each, allowed, handler, "assist") for each in choice.assisting]
    if level == Level.DEPARTMENT and choice.following:
        parts.append(_part(choice.following, allowed, handler, "follow"))
    unique = {part.organisation_id: part for part in parts if part}
    return Route(
        level=level,
        organisation_id=handler.organisation_id,
        organisation_name=handler.name,
        role=choice.role if choice.role and level == choice.level else ROLES[level],
        assisting=tuple(unique.values()),
        supervising_level=watching_level(level, choice.supervising),
        rule_id=choice.rule_id,
        reasons=tuple(reasons),
    )


def _part(level: str, allowed: Sequence[Candidate], handler: Candidate, part: str) -> Part | None:
    """The organisation of a level that helps; for a follower the next level up when there is none."""
    rungs = LADDER[rank(level) :] if part == "follow" else (level,)
    for rung in rungs:
        here = [each for each in allowed if each.level == rung and each.organisation_id != handler.organisation_id]
        if here:
            found = _least_loaded(here)
            return Part(found.organisation_id, found.level, found.name, part)
    return None


def _may_have(candidate: Candidate, matter: Matter) -> bool:
    own = matter.own_union
    if own and matter.is_shielded and candidate.path.startswith(own):
        return False
    if candidate.level == Level.GRASSROOTS:
        return own is not None and candidate.path == own
    return not candidate.categories or matter.category in candidate.categories


def _least_loaded(candidates: Sequence[Candidate]) -> Candidate:
    if len(candidates) == 1:
        return candidates[0]
    return min(candidates, key=lambda each: (each.load, each.organisation_id))


def _stands(level: str, least: str) -> bool:
    """Whether a level satisfies a least one; a department stands on no rung and never does."""
    return level == least or (level != Level.DEPARTMENT and is_at_least(level, least))


def watching_level(level: str, supervising: str) -> Level:
    """Who watches: the level that the rows name, but never below the one above the handler."""
    above = level_above(level) or Level.CITY
    return max(above, _level(supervising) if supervising else above, key=rank)


def _level(value: str) -> Level:
    return next(level for level in Level if level == value)


def _row_from_json(row: Mapping[str, Any]) -> RoutingRow:
    when = {name: tuple(values) for name, values in row.get("when", {}).items()}
    return RoutingRow(**{**row, "when": when, "assisting": tuple(row.get("assisting", ()))})
