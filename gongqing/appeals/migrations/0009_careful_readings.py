"""What careful readings said of appeals that waited for a person."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

SEEN = "gq_sees_appeal(appeal_id)"
SQL = f"""
ALTER TABLE appeals_carefulreading ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON appeals_carefulreading USING ({SEEN}) WITH CHECK ({SEEN});
"""
BACK = """
DROP POLICY scope ON appeals_carefulreading;
ALTER TABLE appeals_carefulreading DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("appeals", "0008_overdue")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="CarefulReading",
            fields=[
                (
                    "appeal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="careful_reading",
                        serialize=False,
                        to="appeals.appeal",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("version", models.CharField(max_length=32)),
                ("top", models.JSONField()),
                ("second_code", models.CharField(blank=True, max_length=4)),
                ("words", models.JSONField(default=list)),
                (
                    "outcome",
                    models.CharField(choices=[("settled", "已定类"), ("suggested", "仍待人确认")], max_length=9),
                ),
            ],
        ),
        migrations.RunSQL(SQL, BACK),
    ]
