"""What was found about an answer; seen by whoever sees the appeal, never by the worker's side."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

TABLE = "dispatch_replycheck"
SEEN = "gq_all() OR (gq_person() IS NULL AND gq_code_appeal() IS NULL AND gq_sees_appeal(appeal_id))"
ADD = f"""
ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON {TABLE} USING ({SEEN}) WITH CHECK ({SEEN});
"""
DROP = f"DROP POLICY scope ON {TABLE}; ALTER TABLE {TABLE} DISABLE ROW LEVEL SECURITY;"
SHARES = ("relevance", "completeness", "plainness")


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("dispatch", "0015_people_stamp"),
        ("appeals", "0007_readers"),
        ("registry", "0004_organisation_letter_mark"),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="ReplyCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                *((name, models.FloatField()) for name in SHARES),
                ("is_empty", models.BooleanField(default=False)),
                ("warning_count", models.PositiveSmallIntegerField(default=0)),
                ("findings", models.JSONField(default=list)),
                ("promised_on", models.DateField(null=True)),
                ("promise", models.CharField(blank=True, max_length=200)),
                ("reminded_at", models.DateTimeField(null=True)),
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reply_checks",
                        to="appeals.appeal",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="registry.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["at"], name="reply_check_at"),
                    models.Index(
                        condition=Q(promised_on__isnull=False, reminded_at__isnull=True),
                        fields=["promised_on"],
                        name="reply_check_promised",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(relevance__gte=0, relevance__lte=1, completeness__gte=0, completeness__lte=1)
                        & Q(plainness__gte=0, plainness__lte=1),
                        name="reply_check_shares",
                    ),
                    models.CheckConstraint(
                        condition=Q(reminded_at__isnull=True) | Q(promised_on__isnull=False),
                        name="reply_check_reminds_of_a_day",
                    ),
                ],
            },
        ),
        migrations.RunSQL(ADD, DROP),
    ]
