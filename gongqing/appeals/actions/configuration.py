"""Load what a city sets: categories and grading rules, as versions that never overwrite each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from gongqing.appeals.models import Category, GradePolicy
from gongqing.appeals.rules.grading import FIRST_RULES, GradeRule
from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.language.taxonomy import categories
from gongqing.lib.errors import BadInput

FIRST_DAY = date(2020, 1, 1)
LEVEL_OF = {
    "市": "city",
    "县": "county",
    "镇街": "town",
    "片区": "zone",
    "基层": "grassroots",
    "横向部门": "department",
}


@transaction.atomic
def load_categories(*, by: Actor, at: datetime) -> int:
    """Put the shipped taxonomy in as version 1; what is there stays. Returns how many were added."""
    known = set(Category.objects.filter(version=1).values_list("code", flat=True))
    fresh = [
        Category(
            code=category.code,
            version=1,
            class_name=category.class_zh,
            name=category.name_zh,
            identifier=category.identifier,
            definition=category.definition,
            boundary=category.boundary,
            level=LEVEL_OF.get(category.level, category.level),
            grade=category.grade,
            limit_working_days=category.limit_working_days,
            effective_from=FIRST_DAY,
        )
        for category in categories().values()
        if category.code not in known
    ]
    Category.objects.bulk_create(fresh)
    if fresh:
        events.record("taxonomy.loaded", subject=Category.objects.order_by("id")[0], by=by, at=at, count=len(fresh))
    return len(fresh)


@transaction.atomic
def load_category_version(
    *, rows: Sequence[Mapping[str, Any]], effective_from: date, by: Actor, at: datetime, source: str = ""
) -> int:
    """Put a new version of all categories in force from a day; codes, classes and names in code stay. Returns it.

    Raises:
        BadInput: the codes are not those of the version before.
    """
    before = {category.code: category for category in Category.objects.filter(version=_newest_category_version())}
    if {row["code"] for row in rows} != set(before):
        raise BadInput("code", "分类编码是固定的，不能增删。")
    version = _newest_category_version() + 1
    made = [
        Category(
            code=row["code"],
            version=version,
            class_name=before[row["code"]].class_name,
            name=row["name"],
            identifier=before[row["code"]].identifier,
            definition=row["definition"],
            boundary=row.get("boundary", ""),
            level=row["level"],
            grade=row["grade"],
            limit_working_days=row["limit_working_days"],
            effective_from=effective_from,
        )
        for row in rows
    ]
    Category.objects.bulk_create(made)
    events.record("taxonomy.loaded", subject=made[0], by=by, at=at, count=len(made), version=version, note=source)
    return version


def _newest_category_version() -> int:
    return Category.objects.aggregate(Max("version"))["version__max"] or 0


@transaction.atomic
def load_grade_policy(
    *,
    by: Actor,
    at: datetime,
    rows: list[dict[str, Any]] | None = None,
    effective_from: date = FIRST_DAY,
    source: str = "",
) -> GradePolicy:
    """Put a new version of the grading rules in force from a day; without rows the shipped first version, once.

    Raises:
        BadInput: a row that the rules cannot read.
    """
    if rows is None:
        first = GradePolicy.objects.filter(version=1).first()
        if first is not None:
            return first
        rows = [rule.as_row() for rule in FIRST_RULES]
    for row in rows:
        GradeRule.from_row(row)
    last = GradePolicy.objects.order_by("-version").first()
    policy = GradePolicy.objects.create(
        version=last.version + 1 if last else 1, rules=rows, effective_from=effective_from, source=source
    )
    events.record("grade_policy.loaded", subject=policy, by=by, at=at, version=policy.version)
    return policy
