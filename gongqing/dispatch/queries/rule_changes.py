"""Which versions of the rules are there, what stands in each, and which changes are on their way?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from gongqing.accounts import queries as accounts
from gongqing.accounts.models import User
from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Category, Channel, GradePolicy, Kind
from gongqing.audit.actor import Role
from gongqing.dispatch.models import CalendarDay, ChangeState, ClockPolicy, RoutingPolicy, RuleChange, RuleKind
from gongqing.dispatch.queries.rule_words import Difference, Names, RowWords, differences, in_words
from gongqing.dispatch.rules import changes as rules
from gongqing.dispatch.rules.first_policy import FIRST_POLICY
from gongqing.dispatch.rules.rule_faults import Known
from gongqing.lib.errors import NotFound
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation, Region

DATED = ("version", "effective_from", "effective_to")
CALENDAR_LOOKS_BACK = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the history: when it holds, and the change that made it; None for what was loaded."""

    version: int
    since: date
    until: date | None
    state: str
    change: RuleChange | None
    source: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A change with what it alters, and the whole of it in words."""

    change: RuleChange
    kind: RuleKind
    rows: list[RowWords]
    differences: list[Difference]
    names: Names

    @property
    def brings_forward(self) -> date | None:
        """The first day of the version it was drafted from, when that has not come on the change's own first day."""
        if self.is_rollback or self.kind == RuleKind.CALENDAR:
            return None
        begins = dict(versions_of(self.kind)).get(self.change.based_on)
        return begins if begins is not None and begins > self.change.effective_from else None

    @property
    def is_rollback(self) -> bool:
        """Does it bring an earlier version back?"""
        return self.change.rolls_back_to is not None


def changes() -> QuerySet[RuleChange]:
    """All changes of the rules, newest first."""
    return RuleChange.objects.order_by("-id")


def change_numbered(change_id: int) -> RuleChange:
    """The change with this number.

    Raises:
        NotFound: there is none.
    """
    found = RuleChange.objects.filter(pk=change_id).first()
    if found is None:
        raise NotFound("没有这份规则修订。")
    return found


def open_change(kind: str) -> RuleChange | None:
    """The draft or submitted change of a kind; there is at most one."""
    return RuleChange.objects.filter(kind=kind, state__in=sorted(rules.OPEN_STATES)).first()


def newest_version(kind: str) -> int:
    """The highest version of a kind, also one that does not hold yet; 0 for none."""
    return max((version for version, _ in versions_of(kind)), default=0)


def version_on(kind: str, day: date) -> int:
    """The version of a kind that holds on a day; 0 when none does."""
    return max((version for version, since in versions_of(kind) if since <= day), default=0)


def versions_of(kind: str) -> list[tuple[int, date]]:
    """Every version with its first day, oldest first; of the calendar its approved changes."""
    if kind == RuleKind.CATEGORIES:
        return list(Category.objects.order_by("version").values_list("version", "effective_from").distinct())
    if kind == RuleKind.CALENDAR:
        made = RuleChange.objects.filter(kind=kind, state=ChangeState.APPROVED, version__isnull=False)
        return [
            (version or 0, day) for version, day in made.order_by("version").values_list("version", "effective_from")
        ]
    table: Any = {"routing": RoutingPolicy, "limits": ClockPolicy, "grading": GradePolicy}[kind]
    return list(table.objects.order_by("version").values_list("version", "effective_from"))


def history_of(kind: str, today: date) -> list[VersionLine]:
    """The versions of a kind, newest first, each with who made and approved it."""
    made = {
        change.version: change
        for change in RuleChange.objects.filter(kind=kind, state=ChangeState.APPROVED, version__isnull=False)
    }
    sources: Mapping[int, str] = {}
    if kind in ("routing", "limits", "grading"):
        table: Any = {"routing": RoutingPolicy, "limits": ClockPolicy, "grading": GradePolicy}[kind]
        sources = dict(table.objects.values_list("version", "source"))
    return [
        VersionLine(
            span.version,
            span.since,
            span.until,
            span.state(today),
            made.get(span.version),
            sources.get(span.version, ""),
        )
        for span in rules.spans_of(versions_of(kind))
    ]


def content_of(kind: str, version: int) -> dict[str, Any]:
    """What stands in one version.

    Raises:
        NotFound: there is no such version; the calendar has none, each of its changes sets single days.
    """
    if kind == RuleKind.CATEGORIES:
        rows = [_category_row(category) for category in appeals.categories_in_version(version)]
        if rows:
            return {"rows": rows}
    elif kind == RuleKind.GRADING:
        policy = GradePolicy.objects.filter(version=version).first()
        if policy is not None:
            return {"rules": policy.rules}
    elif kind != RuleKind.CALENDAR:
        table: Any = RoutingPolicy if kind == RuleKind.ROUTING else ClockPolicy
        stored = table.objects.filter(version=version).values_list("rows", flat=True).first()
        if stored is not None:
            return {name: value for name, value in stored.items() if name not in DATED}
    raise NotFound(f"没有第 {version} 版。")


def newest_content(kind: str, today: date) -> dict[str, Any]:
    """What a new draft begins with: the newest version, or the calendar's days of now."""
    if kind == RuleKind.CALENDAR:
        days = calendar_rows(today - CALENDAR_LOOKS_BACK)
        return {"days": days, "base": days}
    content = content_of(kind, newest_version(kind))
    return _whole_limits(content) if kind == RuleKind.LIMITS else content


def calendar_rows(since: date) -> list[dict[str, Any]]:
    """The days from one on that this city counts differently, as a change keeps them."""
    found = CalendarDay.objects.filter(day__gte=since).order_by("day")
    return [
        {"day": row.day.isoformat(), "is_workday": row.is_workday, "note": row.note, "source": row.source}
        for row in found
    ]


def known_now(kind: str, today: date) -> Known:
    """What the rows of a change may speak of today."""
    regions = registry.region_tree()
    return Known(
        kinds=frozenset(each.value for each in Kind),
        channels=frozenset(each.value for each in Channel),
        categories=frozenset(appeals.categories(today).values_list("code", flat=True)),
        counties=frozenset(county["code"] for county in regions),
        towns=frozenset(town["code"] for county in regions for town in county["towns"]),
        organisations=dict(Organisation.objects.filter(is_active=True).values_list("id", "level")),
        rules=frozenset(str(row["id"]) for row in appeals.grade_policy(today).rules),
        first=newest_content(kind, today),
    )


def names_now(today: date, *, organisations: frozenset[int] = frozenset()) -> Names:
    """How categories, regions and the organisations that are named are called."""
    return Names(
        categories={category.code: category.name for category in appeals.categories(today)},
        regions=dict(Region.objects.values_list("code", "name")),
        organisations={one.pk: str(one) for one in Organisation.objects.filter(pk__in=organisations)},
    )


def choices_now(today: date) -> dict[str, Any]:
    """What the forms of rows offer: categories, places, grading rules, and organisations by id."""
    regions = registry.region_tree()
    return {
        "categories": [(category.code, str(category)) for category in appeals.categories(today)],
        "counties": [(county["code"], county["name"]) for county in regions],
        "towns": [
            (county["name"], [(town["code"], town["name"]) for town in county["towns"]])
            for county in regions
            if county["towns"]
        ],
        "rules": [(str(row["id"]), f"{row['id']} {row['title_zh']}") for row in appeals.grade_policy(today).rules],
        "organisations": {one.pk: str(one) for one in Organisation.objects.filter(is_active=True).exclude(level="")},
    }


def change_page(change_id: int, today: date) -> ChangePage:
    """Everything that stands in a change, and what it alters against the version it was drafted from.

    Raises:
        NotFound.
    """
    change = change_numbered(change_id)
    names = names_now(today, organisations=_named(change.content))
    return ChangePage(
        change=change,
        kind=RuleKind(change.kind),
        rows=in_words(change.kind, change.content, names),
        differences=differences_of(change, names),
        names=names,
    )


def differences_of(change: RuleChange, names: Names) -> list[Difference]:
    """What a change alters, in words."""
    before = {} if change.kind == RuleKind.CALENDAR else content_of(change.kind, change.based_on)
    return differences(change.kind, before, change.content, names)


def other_city_supervisors(user_id: int, on: date) -> list[User]:
    """The colleagues who may decide what this person drafted."""
    city = registry.city_union()
    if city is None:
        return []
    held = accounts.holders(city.pk, on, roles=frozenset({Role.CITY_SUPERVISOR}))
    return [user for user in held if user.pk != user_id]


def _whole_limits(stored: dict[str, Any]) -> dict[str, Any]:
    """Limits of a version before the hotline had its own are offered with the first ones, so that they can be set."""
    if stored.get("hotline"):
        return stored
    return {**stored, "hotline": FIRST_POLICY.to_json().get("hotline", [])}


def _category_row(category: Category) -> dict[str, Any]:
    names = ("code", "name", "definition", "boundary", "level", "grade", "limit_working_days")
    return {name: getattr(category, name) for name in names}


def _named(content: Mapping[str, Any]) -> frozenset[int]:
    rows = content.get("rows", [])
    return frozenset(row["organisation_id"] for row in rows if row.get("organisation_id") is not None)
