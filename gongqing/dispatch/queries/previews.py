"""What would a rule change have done to the appeals of a past period?

Like with like: the rules in force and the changed ones are both run again over the same stored facts, the same
organisations and their load of today. What officers decided by hand at the time plays no part on either side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.queries.circumstances import circumstances_of, is_labour_settled
from gongqing.appeals.rules.grading import Grade, GradeRule, grading_of, rules_of
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import Clock, RuleChange, RuleKind
from gongqing.dispatch.queries import clocks, routing, rule_changes
from gongqing.dispatch.queries.recounting import calendar_under
from gongqing.dispatch.queries.rulebook import GRADE_WORDS, LEVEL_WORDS
from gongqing.dispatch.rules import clocks as clock_rules
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import ClockName, Limit, Policy, ceiling_of, limits_for
from gongqing.dispatch.rules.routing import Candidate, Matter, Route, Routes, choose_handler
from gongqing.language.facts import read_facts
from gongqing.lib.errors import BadInput
from gongqing.lib.times import day_of
from gongqing.lib.workdays import Calendar, start_of_day
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation

MOST = 1_000
MOST_GRADED = 300
MOST_LISTED = 200
USUAL_DAYS = 30
LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Period:
    """The days of receipt that a preview looks at, both included."""

    since: date
    until: date


def usual_period(today: date) -> Period:
    """The thirty days up to yesterday."""
    return Period(today - timedelta(days=USUAL_DAYS), today - timedelta(days=1))


def period_of(since: str, until: str, today: date) -> Period:
    """The period that is asked for, the usual one where nothing is said.

    Raises:
        BadInput: on `since` or `until`, what is no day, the wrong way round, or longer than a year.
    """
    usual, given = usual_period(today), {}
    for name, text in (("since", since), ("until", until)):
        try:
            given[name] = date.fromisoformat(text) if text else getattr(usual, name)
        except ValueError:
            raise BadInput(name, "日期要写成 2025-10-20 的样子。") from None
    if given["until"] < given["since"]:
        raise BadInput("until", "结束日期不能早于开始日期。")
    if (given["until"] - given["since"]).days > LONGEST_DAYS:
        raise BadInput("since", "预演最多看一年。")
    return Period(given["since"], given["until"])


def preview_of(change: RuleChange, *, period: Period, actor: Actor, at: datetime) -> dict[str, Any]:
    """What a change would have done otherwise than the version in force today."""
    today = day_of(at)
    before: Mapping[str, Any] = {}
    if change.kind != RuleKind.CALENDAR:
        before = rule_changes.content_of(change.kind, rule_changes.version_on(change.kind, today))
    return preview(change.kind, before, change.content, period=period, actor=actor, at=at)


def preview(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any], *, period: Period, actor: Actor, at: datetime
) -> dict[str, Any]:
    """What the content `after` would have done otherwise than `before`, as JSON that a change can keep.

    At most `MOST` appeals are looked at, evenly spread over the period; the answer says so.
    """
    most = MOST_GRADED if kind in (RuleKind.GRADING, RuleKind.CATEGORIES) else MOST
    found, count = _population(actor, period, most)
    made: dict[str, Any] = {
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "population": count,
        "looked": len(found),
        "made_at": at.isoformat(),
    }
    if kind == RuleKind.ROUTING:
        made["routing"] = _routing(found, _routes(before), _routes(after), day_of(at))
    elif kind == RuleKind.LIMITS:
        made["deadlines"] = _deadlines(found, _by_policy(_policy(before)), _by_policy(_policy(after)), at)
    elif kind == RuleKind.CALENDAR:
        was, now = _by_calendar(after, day_of(at))
        made["deadlines"] = _deadlines(found, was, now, at)
    elif kind == RuleKind.GRADING:
        made["grades"] = _grades(found, _graded_by(rules_of(before["rules"])), _graded_by(rules_of(after["rules"])))
    else:
        made |= _categories(found, before, after, at)
    return made


def _population(actor: Actor, period: Period, most: int) -> tuple[list[Appeal], int]:
    wanted = Appeal.objects.visible_to(actor).filter(
        received_at__gte=start_of_day(period.since),
        received_at__lt=start_of_day(period.until + timedelta(days=1)),
        category__isnull=False,
    )
    numbers = list(wanted.order_by("received_at", "id").values_list("id", flat=True))
    count = len(numbers)
    chosen = wanted
    if count > most:
        chosen = wanted.filter(pk__in=[numbers[place * count // most] for place in range(most)])
    found = chosen.select_related("category", "region", "employer__region").order_by("received_at", "id")
    return list(found), count


def _routes(content: Mapping[str, Any]) -> Routes:
    return Routes.from_json({"version": 0, "effective_from": "2020-01-01", "rows": content["rows"]})


class _City:
    """Facts of the organisations that many appeals share, looked up once."""

    def __init__(self, found: Sequence[Appeal], on: date) -> None:
        self.on = on
        people = {appeal.person_id for appeal in found if appeal.person_id is not None}
        self.members = registry.members_among(people, on)
        self._unions: dict[tuple[int | None, str], Organisation | None] = {}
        self._candidates: dict[tuple[int | None, str], list[Candidate]] = {}

    def matter(self, appeal: Appeal) -> tuple[Matter, list[Candidate]]:
        """The appeal as routing sees it, and who could have it."""
        employer = (appeal.employer_id, appeal.employer_name)
        if employer not in self._unions:
            self._unions[employer] = routing.own_union_of(appeal)
        union = self._unions[employer]
        place = routing.place_of(appeal, union)
        key = (union.pk if union else None, place.code if place else "")
        if key not in self._candidates:
            self._candidates[key] = routing.candidates_for(appeal, own_union=union, on=self.on)
        is_member = appeal.person_id in self.members
        matter = routing.matter_of(appeal, own_union=union, on=self.on, is_member=is_member)
        return matter, self._candidates[key]


def _routing(found: Sequence[Appeal], old: Routes, new: Routes, on: date) -> dict[str, Any]:
    return _moves(found, on, lambda matter: (old, matter), lambda matter: (new, matter))


Asked = Callable[[Matter], tuple[Routes, Matter]]


def _moves(found: Sequence[Appeal], on: date, old: Asked, new: Asked) -> dict[str, Any]:
    city, moves, loads = _City(found, on), Counter[tuple[str, str]](), Counter[str]()
    names: dict[str, str] = {}
    cases, beside = [], 0
    for appeal in found:
        matter, candidates = city.matter(appeal)
        was, now = (_asked(each(matter), candidates) for each in (old, new))
        if was == now:
            continue
        if (was.organisation_id, was.level) == (now.organisation_id, now.level):
            beside += was.assisting != now.assisting or was.supervising_level != now.supervising_level
            continue
        moves[(_level(was), _level(now))] += 1
        for route, count in ((was, -1), (now, 1)):
            loads[str(route.organisation_id)] += count
            names[str(route.organisation_id)] = _who(route)
        case = {"id": appeal.pk, "code": appeal.code, "from": _who(was), "to": _who(now), "rule": now.rule_id}
        cases.append(case)
    return {
        "of": len(found),
        "changed": len(cases),
        "beside": beside,
        "moves": [{"from": was, "to": now, "count": count} for (was, now), count in moves.most_common()],
        "loads": [
            {"name": names[key], "change": change} for key, change in sorted(loads.items(), key=_largest) if change
        ][:MOST_LISTED],
        "cases": cases[:MOST_LISTED],
    }


def _asked(given: tuple[Routes, Matter], candidates: Sequence[Candidate]) -> Route:
    routes, matter = given
    return choose_handler(matter, routes, candidates)


def _largest(pair: tuple[str, int]) -> tuple[int, str]:
    return -abs(pair[1]), pair[0]


def _level(route: Route) -> str:
    return LEVEL_WORDS.get(route.level, route.level)


def _who(route: Route) -> str:
    return route.organisation_name or f"{_level(route)}（没有可派的单位）"


@dataclass(frozen=True, slots=True)
class _Ruler:
    """What one side reckons by: a policy, the closing limits of the categories where they change, and a calendar."""

    policy: Policy
    days: Calendar
    category_days: Mapping[str, int]

    def limit(self, appeal: Appeal, clock: str) -> Limit | None:
        """The limit of an appeal's clock on this side; None when it asks for none."""
        category = appeal.category
        if category is None:
            return None
        limits = limits_for(
            self.policy,
            grade=appeal.grade,
            category_days=self.category_days.get(category.code, category.limit_working_days),
            category=category.code,
            rules=[reason["rule"] for reason in appeal.grade_reasons],
            channel=appeal.channel,
            hotline_kind=appeal.hotline_kind,
        )
        return limits.of(clock)

    def due_at(self, appeal: Appeal, clock: str, entries: Sequence[Entry], at: datetime) -> datetime | None:
        """The deadline on this side, under the legal ceiling."""
        limit = self.limit(appeal, clock)
        if limit is None:
            return None
        reckoning = clock_rules.reckon(limit, entries, self.days, at)
        ceiling = ceiling_of(
            self.policy,
            clock,
            received_at=appeal.received_at,
            is_extended=any(entry.kind is EntryKind.EXTEND for entry in entries),
            is_reopened=appeal.reopened_count > 0,
        )
        return clock_rules.standing(reckoning, at, ceiling=ceiling).due_at


def _policy(content: Mapping[str, Any]) -> Policy:
    return Policy.from_json({**content, "version": 0, "effective_from": "2020-01-01", "effective_to": None})


def _by_policy(policy: Policy, category_days: Mapping[str, int] | None = None) -> _Ruler:
    return _Ruler(policy, clocks.calendar(), category_days or {})


def _by_calendar(content: Mapping[str, Any], today: date) -> tuple[_Ruler, _Ruler]:
    ruler = _by_policy(clocks.policy_on(today))
    return ruler, replace(ruler, days=calendar_under(content))


def _deadlines(found: Sequence[Appeal], old: _Ruler, new: _Ruler, at: datetime) -> dict[str, Any]:
    by_id = {appeal.pk: appeal for appeal in found}
    tables = {name.value: Counter[str]() for name in ClockName}
    cases: list[dict[str, Any]] = []
    touched: set[int] = set()
    for clock in Clock.objects.filter(appeal_id__in=by_id).prefetch_related("entries").order_by("appeal_id", "id"):
        appeal, table = by_id[clock.appeal_id], tables[clock.name]
        entries = _round_of(clock.name, clocks.entries_from(clock.entries.all()))
        if not entries or entries[-1].kind is EntryKind.CANCEL:
            continue
        was, now = (side.due_at(appeal, clock.name, entries, at) for side in (old, new))
        if was is None or now is None:
            continue
        table["looked"] += 1
        if was == now:
            continue
        touched.add(appeal.pk)
        table["moved"] += 1
        table["earlier" if now < was else "later"] += 1
        ended = entries[-1].at if entries[-1].kind is EntryKind.STOP else at
        verdict = {(False, True): "newly_late", (True, False): "newly_in_time"}.get((ended > was, ended > now), "")
        if verdict:
            table[verdict] += 1
            cases.append(
                {
                    "id": appeal.pk,
                    "code": appeal.code,
                    "clock": ClockName.label_of(clock.name),
                    "from": was.isoformat(),
                    "to": now.isoformat(),
                    "verdict": verdict,
                }
            )
    words = ("looked", "moved", "earlier", "later", "newly_late", "newly_in_time")
    return {
        "of": len(found),
        "changed": len(touched),
        "clocks": [
            {"clock": ClockName.label_of(name), **{word: table[word] for word in words}}
            for name, table in tables.items()
            if table["looked"]
        ],
        "crossed": len(cases),
        "cases": cases[:MOST_LISTED],
    }


def _round_of(clock: str, entries: Sequence[Entry]) -> list[Entry]:
    """The round to compare, without limits of its own: of reports the first, of the others the last one."""
    starts = [place for place, entry in enumerate(entries) if entry.kind is EntryKind.START]
    if not starts:
        return []
    if clock == ClockName.REPORT:
        entries = entries[starts[0] : starts[1] if len(starts) > 1 else None]
    else:
        entries = entries[starts[-1] :]
    return [
        replace(entry, amount=None, unit=None) if entry.kind is EntryKind.START else entry
        for entry in entries
        if entry.kind is not EntryKind.RELIMIT
    ]


Graded = Callable[[Appeal, Any, Any], str]


def _graded_by(rules: tuple[GradeRule, ...], grades: Mapping[str, str] | None = None) -> Graded:
    def grade(appeal: Appeal, facts: Any, seen: Any) -> str:
        category = appeal.category
        own = Grade((grades or {}).get(category.code, category.grade)) if category else Grade.GREEN
        return grading_of(facts, category_grade=own, circumstances=seen, rules=rules).grade.value

    return grade


def _grades(found: Sequence[Appeal], old: Graded, new: Graded) -> dict[str, Any]:
    matrix, cases = Counter[tuple[str, str]](), []
    for appeal in found:
        if appeal.category is None:
            continue
        facts = read_facts(appeal.text, said_on=day_of(appeal.received_at))
        settled = is_labour_settled(appeal, appeal.category)
        labour = appeal.labour_related
        seen = circumstances_of(appeal, appeal.category, facts, labour_related=labour, labour_settled=settled)
        was, now = old(appeal, facts, seen), new(appeal, facts, seen)
        matrix[(was, now)] += 1
        if was != now:
            cases.append({"id": appeal.pk, "code": appeal.code, "from": GRADE_WORDS[was], "to": GRADE_WORDS[now]})
    order = [grade.value for grade in Grade]
    raised = sum(count for (was, now), count in matrix.items() if order.index(now) > order.index(was))
    return {
        "of": len(found),
        "changed": len(cases),
        "raised": raised,
        "lowered": len(cases) - raised,
        "matrix": [{"from": was, "counts": [matrix[(was, now)] for now in order]} for was in order],
        "cases": cases[:MOST_LISTED],
    }


def _categories(
    found: Sequence[Appeal], before: Mapping[str, Any], after: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    old, new = ({row["code"]: row for row in content["rows"]} for content in (before, after))
    changed = {code for code in new if new[code] != old.get(code)}
    touched = [appeal for appeal in found if appeal.category and appeal.category.code in changed]
    counts = Counter(appeal.category.code for appeal in touched if appeal.category)
    made: dict[str, Any] = {
        "touched": [{"code": code, "name": new[code]["name"], "count": counts[code]} for code in sorted(changed)]
    }
    on = day_of(at)

    def differ(name: str) -> bool:
        return any(new[code][name] != old[code][name] for code in changed)

    def side(rows: Mapping[str, Mapping[str, Any]]) -> Asked:
        routes = routing.routes_on(on)
        return lambda matter: (
            routes,
            replace(matter, category_level=rows[matter.category]["level"]) if matter.category in rows else matter,
        )

    if differ("level"):
        made["routing"] = _moves(touched, on, side(old), side(new))
    if differ("limit_working_days"):
        policy = clocks.policy_on(on)
        was, now = (
            _by_policy(policy, {code: row["limit_working_days"] for code, row in rows.items()}) for rows in (old, new)
        )
        made["deadlines"] = _deadlines(touched, was, now, at)
    if differ("grade"):
        rules = appeals.grade_rules(on)
        graded = [_graded_by(rules, {code: row["grade"] for code, row in rows.items()}) for rows in (old, new)]
        made["grades"] = _grades(touched, graded[0], graded[1])
    return made


def read_back(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored preview with its days and moments as values, for a page."""
    made = dict(stored)
    for name in ("since", "until"):
        made[name] = date.fromisoformat(stored[name])
    made["made_at"] = datetime.fromisoformat(stored["made_at"])
    if "deadlines" in stored:
        made["deadlines"] = {**stored["deadlines"], "cases": _moments(stored["deadlines"]["cases"])}
    if "open" in stored:
        made["open"] = {**stored["open"], **{name: _moments(stored["open"][name]) for name in ("losing", "gaining")}}
    return made


def _moments(cases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**case, **{name: datetime.fromisoformat(case[name]) for name in ("from", "to")}} for case in cases]
