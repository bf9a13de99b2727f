"""Versions of the reader, what people corrected, and what the second reader was asked.

The choices of category that were kept so far become corrections. A version that begins to run draws a new stamp of the
rules, so that every process asks which one runs.
"""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

SEEN = "gq_sees_appeal(appeal_id)"
SQL = f"""
ALTER TABLE appeals_readercall ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON appeals_readercall USING ({SEEN}) WITH CHECK ({SEEN});
CREATE TRIGGER stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON appeals_readerversion
FOR EACH STATEMENT EXECUTE FUNCTION gq_stamp();
"""
BACK = """
DROP TRIGGER stamp ON appeals_readerversion;
DROP POLICY scope ON appeals_readercall;
ALTER TABLE appeals_readercall DISABLE ROW LEVEL SECURITY;
"""


def to_category(*, null: bool = True) -> models.ForeignKey:
    return models.ForeignKey(
        null=null, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="appeals.category"
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("appeals", "0006_words_grams"), ("dispatch", "0014_rule_stamp")]
    operations: ClassVar = [
        migrations.RenameModel("CategoryChoice", "ReaderCorrection"),
        migrations.AlterField(
            "readercorrection",
            "appeal",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="appeals.appeal"
            ),
        ),
        migrations.AlterField("readercorrection", "chosen", to_category()),
        migrations.AddField("readercorrection", "suggested_second", to_category()),
        migrations.AddField("readercorrection", "chosen_second", to_category()),
        migrations.AddField("readercorrection", "suggested_labour", models.BooleanField(null=True)),
        migrations.AddField("readercorrection", "chosen_labour", models.BooleanField(null=True)),
        *(
            migrations.AddField(
                "readercorrection", name, models.CharField(blank=True, default="", max_length=6), preserve_default=False
            )
            for name in ("suggested_grade", "chosen_grade", "suggested_kind", "chosen_kind")
        ),
        migrations.AddIndex("readercorrection", models.Index(fields=["at"], name="correction_at")),
        migrations.CreateModel(
            name="ReaderVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32, unique=True)),
                ("fitted_on", models.CharField(max_length=32)),
                ("digest", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "运行中"), ("retired", "已换下"), ("refused", "没有通过比较")],
                        max_length=8,
                    ),
                ),
                ("correction_count", models.PositiveIntegerField()),
                ("last_correction_id", models.BigIntegerField()),
                ("comparison", models.JSONField()),
                ("follows", models.CharField(blank=True, max_length=32)),
                ("made_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("changed_by", models.CharField(max_length=64)),
                ("reason", models.CharField(blank=True, max_length=400)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")), fields=("state",), name="reader_one_runs"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="ReaderCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("model", models.CharField(max_length=64)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("answered", "已答"),
                            ("malformed", "答非所问"),
                            ("late", "超时"),
                            ("unreachable", "连不上"),
                            ("refused", "被拒绝"),
                            ("outside", "不在内网，没有问"),
                            ("over_budget", "超出当日上限，没有问"),
                            ("resting", "连续失败，暂停没有问"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("tokens_in", models.PositiveIntegerField(default=0)),
                ("tokens_out", models.PositiveIntegerField(default=0)),
                ("cost", models.DecimalField(decimal_places=6, default=0, max_digits=12)),
                ("milliseconds", models.PositiveIntegerField(default=0)),
                ("code", models.CharField(blank=True, max_length=4)),
                ("second_code", models.CharField(blank=True, max_length=4)),
                ("labour", models.BooleanField(null=True)),
                ("grade", models.CharField(blank=True, max_length=6)),
                ("evidence", models.JSONField(default=list)),
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reader_calls", to="appeals.appeal"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="reader_call_at")],
                "constraints": [models.UniqueConstraint(fields=("appeal",), name="reader_call_once")],
            },
        ),
        migrations.RunSQL(SQL, BACK),
    ]
