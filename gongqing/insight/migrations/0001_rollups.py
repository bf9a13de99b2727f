"""The sums that figures are read from.

An organisation"s sums are read by who stands at that organisation, the city"s and the counties" by those who see
everything; what each appeal was counted as is the system"s alone. How far the counting has come concerns nobody.
"""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.fields
from django.db import migrations, models

POLICIES = """
ALTER TABLE insight_dailysum ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON insight_dailysum FOR SELECT
  USING ((SELECT gq_all()) OR scope = ANY ((SELECT gq_paths())::text[]));
CREATE POLICY kept ON insight_dailysum USING ((SELECT gq_all())) WITH CHECK ((SELECT gq_all()));
ALTER TABLE insight_countedappeal ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON insight_countedappeal USING ((SELECT gq_all())) WITH CHECK ((SELECT gq_all()));
"""
OPENED = """
DROP POLICY scope ON insight_countedappeal;
ALTER TABLE insight_countedappeal DISABLE ROW LEVEL SECURITY;
DROP POLICY kept ON insight_dailysum;
DROP POLICY seen ON insight_dailysum;
ALTER TABLE insight_dailysum DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("dispatch", "0015_people_stamp")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="CountedAppeal",
            fields=[
                ("appeal_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=6)),
                ("received_on", models.DateField()),
                ("resolved_on", models.DateField(null=True)),
                ("scopes", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("county", models.CharField(max_length=6)),
                ("town", models.CharField(max_length=9)),
                ("handler", models.CharField(max_length=20)),
                ("category", models.CharField(max_length=4)),
                ("grade", models.CharField(max_length=6)),
                ("channel", models.CharField(max_length=16)),
                ("handled", models.BooleanField()),
                ("answered", models.BooleanField()),
                ("open", models.BooleanField()),
                ("ended", models.BooleanField()),
                ("timed", models.BooleanField()),
                ("on_time", models.BooleanField()),
                ("local", models.BooleanField()),
                ("told", models.BooleanField()),
                ("judged", models.BooleanField()),
                ("content", models.BooleanField()),
                ("satisfied", models.BooleanField()),
                ("basically", models.BooleanField()),
                ("dissatisfied", models.BooleanField()),
                ("reopened", models.BooleanField()),
                ("labour", models.BooleanField()),
                ("recovered", models.BigIntegerField()),
                ("helped", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="DailySum",
            fields=[
                ("pk", models.CompositePrimaryKey("scope", "kind", "basis", "by", "day", "key", blank=True, editable=False, primary_key=True, serialize=False)),
                ("scope", models.CharField(db_collation="C", max_length=200)),
                ("kind", models.CharField(max_length=6)),
                ("basis", models.CharField(max_length=8)),
                ("by", models.CharField(max_length=8)),
                ("day", models.DateField()),
                ("key", models.CharField(max_length=20)),
                ("received", models.IntegerField()),
                ("handled", models.IntegerField()),
                ("answered", models.IntegerField()),
                ("open", models.IntegerField()),
                ("ended", models.IntegerField()),
                ("timed", models.IntegerField()),
                ("on_time", models.IntegerField()),
                ("local", models.IntegerField()),
                ("told", models.IntegerField()),
                ("judged", models.IntegerField()),
                ("content", models.IntegerField()),
                ("satisfied", models.IntegerField()),
                ("basically", models.IntegerField()),
                ("dissatisfied", models.IntegerField()),
                ("reopened", models.IntegerField()),
                ("labour", models.IntegerField()),
                ("recovered", models.BigIntegerField()),
                ("helped", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SumsMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("built_at", models.DateTimeField()),
                ("refreshed_at", models.DateTimeField()),
                ("upto_event_id", models.BigIntegerField()),
                ("seen_event_id", models.BigIntegerField()),
                ("next_event_id", models.BigIntegerField(null=True)),
                ("next_after", models.BigIntegerField(null=True)),
                ("generation", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(POLICIES, OPENED),
    ]
