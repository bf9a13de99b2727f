"""Sums of what is in hand, and single appeals by whom they are seen.

What an appeal was counted as may be read by who is granted it, so that those who see little count over it;
`gq_granted_appeals` answers what the acting person is granted. The sums are built anew by the next run, and figures are counted until then.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

EMPTIED = "TRUNCATE insight_dailysum, insight_countedappeal, insight_sumsmark"
POLICY = """
CREATE FUNCTION gq_granted_appeals() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER ROWS 10000
SET search_path = public AS $$
SELECT a.appeal_id FROM unnest(gq_paths()) p CROSS JOIN LATERAL (
  SELECT g.appeal_id FROM appeals_access g
  WHERE g.until IS NULL AND g.path >= p AND g.path < left(p, -1) || '0' OFFSET 0) a
UNION ALL SELECT a.appeal_id FROM appeals_access a WHERE a.until IS NULL AND a.user_id = gq_user()
UNION ALL SELECT a.appeal_id FROM appeals_access a WHERE a.until IS NULL AND a.person_id = gq_person()
$$;
CREATE POLICY seen ON insight_countedappeal FOR SELECT
  USING (CASE WHEN (SELECT gq_all()) THEN true ELSE appeal_id IN (SELECT gq_granted_appeals()) END);
"""
NO_POLICY = "DROP POLICY seen ON insight_countedappeal; DROP FUNCTION gq_granted_appeals();"


def _added(model: str, name: str, field: models.Field) -> migrations.AddField:  # type: ignore[type-arg]
    return migrations.AddField(model, name, field, preserve_default=field.null)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("insight", "0003_live"), ("dispatch", "0013_reading_paths")]
    operations: ClassVar = [
        migrations.RunSQL(EMPTIED, EMPTIED),
        _added("countedappeal", "urgent", models.BooleanField(default=False)),
        _added("countedappeal", "paused", models.BooleanField(default=False)),
        _added("countedappeal", "reporter_id", models.BigIntegerField(null=True)),
        _added("countedappeal", "person_id", models.BigIntegerField(null=True)),
        _added("dailysum", "urgent", models.IntegerField(default=0)),
        _added("dailysum", "paused", models.IntegerField(default=0)),
        migrations.AddIndex("countedappeal", models.Index(fields=["received_on"], name="counted_received")),
        migrations.AddIndex(
            "countedappeal",
            models.Index(fields=["resolved_on"], name="counted_resolved", condition=Q(resolved_on__isnull=False)),
        ),
        migrations.AddIndex(
            "countedappeal", models.Index(fields=["appeal_id"], name="counted_open", condition=Q(open=True))
        ),
        migrations.AddIndex(
            "countedappeal", models.Index(fields=["handler", "received_on"], name="counted_handler")
        ),
        migrations.AddIndex(
            "countedappeal",
            models.Index(
                fields=["reporter_id", "received_on"], name="counted_reporter", condition=Q(reporter_id__isnull=False)
            ),
        ),
        migrations.RunSQL(POLICY, NO_POLICY),
    ]
