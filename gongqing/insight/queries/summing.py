"""What is each appeal counted as, and which sums follow? The SQL of the daily sums.

What an appeal is counted as comes from the same conditions that count and list everywhere (`counting.measures`), so the
sums cannot mean something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, Left, TruncDate

from gongqing.appeals.models import Access, Appeal
from gongqing.insight.models import CountedAppeal
from gongqing.insight.queries.counting import measures, with_closing
from gongqing.insight.rules.rollups import FLAGS, ROLLED
from gongqing.lib.times import SHANGHAI, now

COLUMNS = tuple(one.attname for one in CountedAppeal._meta.concrete_fields)
KEYS = ("scope", "kind", "basis", "by", "day", "key")
_PERSONAL: Mapping[str, Any] = {"appeal": OuterRef("pk"), "until__isnull": True, "user_id__isnull": False}
Statement = tuple[str, tuple[Any, ...]]

# the sights that an appeal stands in: what is one level below the city, departments, and the narrow ones that are kept
_SCOPES = """
ARRAY(SELECT DISTINCT seen.scope FROM (
  SELECT substring(a.path FROM '^/[^/]+/[^/]+/') COLLATE "C" AS scope
  FROM appeals_access a WHERE a.appeal_id = "appeals_appeal"."id" AND a.until IS NULL
  UNION ALL
  SELECT s.key FROM appeals_access a
  CROSS JOIN LATERAL (SELECT left(a.path, n) COLLATE "C" AS head FROM generate_series(6, length(a.path)) n
                      WHERE substr(a.path, n, 1) = '/') heads
  JOIN insight_sightpath s ON s.path = heads.head
  WHERE a.appeal_id = "appeals_appeal"."id" AND a.until IS NULL) seen
WHERE seen.scope IS NOT NULL ORDER BY 1)
"""
IS_NARROW = "s.scope ~ '^([+]|/[^/]+/[^/]+/[^/]+)'"

# an appeal's places in the sums; departments, hotlines and narrow sights are divided by who handles, counties by towns
_PLACES = """
SELECT s.scope, f.kind, b.basis, d.by, {day} AS day, d.key, {counts}
FROM {facts} f
CROSS JOIN LATERAL (VALUES ('received', f.received_on), ('resolved', f.resolved_on)) b(basis, day)
CROSS JOIN LATERAL unnest(CASE WHEN f.county = '' THEN ARRAY['']::text[]
                               ELSE ARRAY['', f.county]::text[] END || f.scopes) s(scope)
LEFT JOIN registry_organisation o ON s.scope <> '' AND o.path = s.scope
CROSS JOIN LATERAL (VALUES ('total', ''), ('county', f.county), ('town', f.town), ('handler', f.handler),
                           ('category', f.category), ('grade', f.grade), ('channel', f.channel)) d(by, key)
WHERE b.day IS NOT NULL{within}
  AND (d.by <> 'county' OR s.scope = '')
  AND (d.by <> 'handler' OR (s.scope ~ '^[/+]' AND coalesce(o.level, '') <> 'county'))
  AND (d.by <> 'town' OR s.scope !~ '^[/+]' OR o.level = 'county'){kept}
GROUP BY 1, 2, 3, 4, 5, 6
"""
_DAY, _MONTH = "b.day", "date_trunc('month', b.day)::date"
_KEPT = {_DAY: f" AND (d.by = 'total' OR NOT {IS_NARROW})", _MONTH: ""}
_ADDED_UP = f"""
SELECT s.scope, s.kind, s.basis, s.by, date_trunc('month', s.day)::date, s.key,
       {", ".join(f"sum(s.{name})::bigint" for name in ROLLED)}
FROM insight_dailysum s WHERE s.day BETWEEN %s::date AND %s::date AND NOT {IS_NARROW} GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608
SIGHTED = f"""
SELECT s.scope, f.appeal_id, f.received_on, f.resolved_on, f.open
FROM {{facts}} f CROSS JOIN LATERAL unnest(f.scopes) s(scope) WHERE {IS_NARROW}
"""  # noqa: S608
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
    annotated = with_closing(
        Appeal.objects.all()
    ).annotate(
        received_on=TruncDate("received_at", tzinfo=SHANGHAI),
        resolved_on=Case(When(answered, then=TruncDate("resolved_at", tzinfo=SHANGHAI))),
        scopes=RawSQL(_SCOPES, (), output_field=ArrayField(TextField())),  # noqa: S611
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


def sums_of(facts: str, *, sign: str = "", by_month: bool = False) -> str:
    """The SQL of the sums of these facts by day or by month: a table, or a query in brackets."""
    day = _MONTH if by_month else _DAY
    return _PLACES.format(facts=facts, counts=_COUNTS.format(sign=sign), within="", day=day, kept=_KEPT[day])


def sums_within(first: date, last: date, *, by_month: bool = False) -> Statement:
    """The sums of all days from the first to the last, both included; by month, these are whole months."""
    day = _MONTH if by_month else _DAY
    return _within(first, last, day, _KEPT[day])


def months_within(first: date, last: date) -> Statement:
    """The sums of these whole months, where those of their days are there: what is wide is added up from them."""
    narrow, given = _within(first, last, _MONTH, f" AND {IS_NARROW}")
    return f"{narrow} UNION ALL {_ADDED_UP}", (*given, first, last)


def _within(first: date, last: date, day: str, kept: str) -> Statement:
    span = "BETWEEN %s::date AND %s::date"
    facts = f"(SELECT * FROM insight_countedappeal WHERE received_on {span} OR resolved_on {span})"  # noqa: S608
    counts, within = _COUNTS.format(sign=""), f" AND b.day {span}"
    return _PLACES.format(facts=facts, counts=counts, within=within, day=day, kept=kept), (first, last) * 3


def _sum(condition: Q, amount: Any) -> Case:
    return Case(When(condition, then=Cast(amount, BigIntegerField())), default=Value(0), output_field=BigIntegerField())


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
