"""What is each appeal counted as, and which sums follow? The SQL of the daily sums.

What an appeal is counted as comes from the same conditions that count and list everywhere (`counting.measures`), so the
sums cannot mean something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Left, TruncDate

from gongqing.appeals.models import Access, Appeal
from gongqing.insight.models import CountedAppeal
from gongqing.insight.queries.counting import measures, with_closing
from gongqing.insight.rules.rollups import FLAGS
from gongqing.lib.times import SHANGHAI, now

COLUMNS = tuple(one.attname for one in CountedAppeal._meta.concrete_fields)
SECOND_LEVEL = "^/[^/]+/[^/]+/"  # one level below the city, or a department
KEYS = ("scope", "kind", "basis", "by", "day", "key")
_PERSONAL: Mapping[str, Any] = {"appeal": OuterRef("pk"), "until__isnull": True, "user_id__isnull": False}
Statement = tuple[str, tuple[Any, ...]]

# an appeal's places in the sums; departments and hotlines are divided by who handles, counties by their towns
_PLACES = """
SELECT s.scope, f.kind, b.basis, d.by, b.day, d.key, {counts}
FROM {facts} f
CROSS JOIN LATERAL (VALUES ('received', f.received_on), ('resolved', f.resolved_on)) b(basis, day)
CROSS JOIN LATERAL unnest(CASE WHEN f.county = '' THEN ARRAY['']::text[]
                               ELSE ARRAY['', f.county]::text[] END || f.scopes) s(scope)
LEFT JOIN registry_organisation o ON s.scope <> '' AND o.path = s.scope
CROSS JOIN LATERAL (VALUES ('total', ''), ('county', f.county), ('town', f.town), ('handler', f.handler),
                           ('category', f.category), ('grade', f.grade), ('channel', f.channel)) d(by, key)
WHERE b.day IS NOT NULL{within}
  AND (d.by <> 'county' OR s.scope = '')
  AND (d.by <> 'handler' OR (o.id IS NOT NULL AND o.level <> 'county'))
  AND (d.by <> 'town' OR s.scope NOT LIKE '/%%' OR o.level = 'county')
GROUP BY 1, 2, 3, 4, 5, 6
"""
_COUNTS = ", ".join(
    ["{sign}count(*) AS received"]
    + [f"{{sign}}count(*) FILTER (WHERE f.{name}) AS {name}" for name in FLAGS]
    + [f"{{sign}}coalesce(sum(f.{name}), 0)::bigint AS {name}" for name in ("recovered", "helped")]
)


def facts_now(ids: Sequence[int] | None = None) -> QuerySet[Appeal, tuple[Any, ...]]:
    """What appeals would be counted as now, in the columns of `CountedAppeal`; all of them without `ids`."""
    conditions = measures(now())
    flags = {f"is_{name}": _flag(conditions[name]) for name in FLAGS}
    answered = conditions["answered"]
    paths = Access.objects.filter(appeal=OuterRef("pk"), until__isnull=True, path__regex=SECOND_LEVEL)
    second = Func(F("path"), Value(SECOND_LEVEL), function="substring", output_field=TextField())
    annotated = with_closing(Appeal.objects.all()).annotate(
        received_on=TruncDate("received_at", tzinfo=SHANGHAI),
        resolved_on=Case(When(answered, then=TruncDate("resolved_at", tzinfo=SHANGHAI))),
        scopes=ArraySubquery(paths.annotate(second=second).values("second").distinct().order_by("second")),
        county=Left(Coalesce(F("region_id"), Value("")), 6),
        town=Left(Coalesce(F("region_id"), Value("")), 9),
        handler_key=Coalesce(Cast("handler_id", CharField()), Value("")),
        category_key=Coalesce(F("category__code"), Value(""), output_field=CharField()),
        fen=_sum(answered & Q(recovered_amount__isnull=False), F("recovered_amount") * Value(Decimal(100))),
        people=_sum(answered & Q(helped_count__isnull=False), F("helped_count")),
        seen_by=Subquery(Access.objects.filter(**_PERSONAL).order_by("user_id").values("user_id")[:1]),
        **flags,
    )
    found = annotated if ids is None else annotated.filter(pk__in=ids)
    return found.values_list(
        *("pk", "kind", "received_on", "resolved_on", "scopes", "county", "town", "handler_key", "category_key"),
        *("grade", "channel", *flags, "fen", "people", "seen_by", "person_id"),
    )


def statement_of(found: QuerySet[Any, Any]) -> Statement:
    """A query as SQL with its parameters."""
    return found.query.sql_with_params()


def sums_of(facts: str, *, sign: str = "") -> str:
    """The SQL of the sums of these facts: a table, or a query in brackets."""
    return _PLACES.format(facts=facts, counts=_COUNTS.format(sign=sign), within="")


def sums_within(first: date, last: date) -> Statement:
    """The sums of all days from the first to the last, both included."""
    span = "BETWEEN %s::date AND %s::date"
    facts = f"(SELECT * FROM insight_countedappeal WHERE received_on {span} OR resolved_on {span})"  # noqa: S608
    text = _PLACES.format(facts=facts, counts=_COUNTS.format(sign=""), within=f" AND b.day {span}")
    return text, (first, last) * 3


def _sum(condition: Q, amount: Any) -> Case:
    return Case(When(condition, then=Cast(amount, BigIntegerField())), default=Value(0), output_field=BigIntegerField())


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
