"""Sums by the month, and sums for the sights of towns and zones.

Who reads the sums of a narrow sight is held by row-level security: whoever sees each of the paths that it was counted
for. The sums are built anew by the next run, and figures are counted until then.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

EMPTIED = "TRUNCATE insight_dailysum, insight_countedappeal, insight_sumsmark"
OPENED = """
CREATE FUNCTION gq_sights() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT gq_paths() || ARRAY(
  SELECT s.key FROM insight_sightpath s
  WHERE s.key IN (SELECT k.key FROM insight_sightpath k WHERE k.path = ANY (gq_paths()))
  GROUP BY s.key HAVING bool_and(s.path = ANY (gq_paths())))::text[]
$$;
DROP POLICY seen ON insight_dailysum;
CREATE POLICY seen ON insight_dailysum FOR SELECT
  USING ((SELECT gq_all()) OR scope = ANY ((SELECT gq_sights())::text[]));
ALTER TABLE insight_monthsum ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON insight_monthsum FOR SELECT
  USING ((SELECT gq_all()) OR scope = ANY ((SELECT gq_sights())::text[]));
CREATE POLICY kept ON insight_monthsum USING ((SELECT gq_all())) WITH CHECK ((SELECT gq_all()));
ALTER TABLE insight_sightedappeal ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON insight_sightedappeal FOR SELECT
  USING ((SELECT gq_all()) OR scope = ANY ((SELECT gq_sights())::text[]));
CREATE POLICY kept ON insight_sightedappeal USING ((SELECT gq_all())) WITH CHECK ((SELECT gq_all()));
"""
CLOSED = """
DROP POLICY seen ON insight_dailysum;
CREATE POLICY seen ON insight_dailysum FOR SELECT
  USING ((SELECT gq_all()) OR scope = ANY ((SELECT gq_paths())::text[]));
DROP POLICY kept ON insight_monthsum;
DROP POLICY seen ON insight_monthsum;
DROP POLICY kept ON insight_sightedappeal;
DROP POLICY seen ON insight_sightedappeal;
DROP FUNCTION gq_sights();
"""
COUNTS = (
    *("received", "handled", "answered", "open", "ended", "timed", "on_time", "local", "told", "judged"),
    *("content", "satisfied", "basically", "dissatisfied", "reopened", "labour", "urgent", "paused"),
)
KEYS = ("scope", "kind", "basis", "by", "day", "key")


def _together(*names: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*names, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("insight", "0005_granted")]
    operations: ClassVar = [
        migrations.RunSQL(EMPTIED, EMPTIED),
        migrations.CreateModel(
            name="MonthSum",
            fields=[
                *((name, models.IntegerField()) for name in COUNTS),
                ("recovered", models.BigIntegerField()),
                ("helped", models.BigIntegerField()),
                ("pk", _together(*KEYS)),
                ("scope", models.CharField(db_collation="C", max_length=200)),
                ("kind", models.CharField(max_length=6)),
                ("basis", models.CharField(max_length=8)),
                ("by", models.CharField(max_length=8)),
                ("day", models.DateField()),
                ("key", models.CharField(max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name="SightPath",
            fields=[
                ("pk", _together("key", "path")),
                ("key", models.CharField(db_collation="C", max_length=200)),
                ("path", models.CharField(db_collation="C", max_length=200)),
            ],
            options={"indexes": [models.Index(fields=["path"], name="sight_path")]},
        ),
        migrations.CreateModel(
            name="SightedAppeal",
            fields=[
                ("pk", _together("scope", "appeal_id")),
                ("scope", models.CharField(db_collation="C", max_length=200)),
                ("appeal_id", models.BigIntegerField()),
                ("received_on", models.DateField()),
                ("resolved_on", models.DateField(null=True)),
                ("open", models.BooleanField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["scope"], include=["appeal_id"], name="sighted_open", condition=Q(open=True)
                    ),
                    models.Index(fields=["scope", "received_on"], include=["appeal_id"], name="sighted_received"),
                    models.Index(
                        fields=["scope", "resolved_on"],
                        include=["appeal_id"],
                        name="sighted_resolved",
                        condition=Q(resolved_on__isnull=False),
                    ),
                ]
            },
        ),
        migrations.RunSQL(OPENED, CLOSED),
    ]
