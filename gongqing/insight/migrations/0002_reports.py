"""Issues of the weekly report, the snapshots behind them, who sees them, and that neither changes afterwards.

A report is seen by those who see its organisation, and once it is issued by those who stand under it; a snapshot by
those who see its organisation, and by those who see a report that was made from it.
"""

import django.db.models.deletion
from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION gq_stands_under(wanted bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT gq_all() OR EXISTS (
  SELECT 1 FROM registry_organisation o, unnest(gq_paths()) p
  WHERE o.id = wanted AND p >= o.path AND p < left(o.path, -1) || '0') $$;
CREATE FUNCTION gq_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% % is kept as it is', TG_TABLE_NAME, OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER issued_stays BEFORE UPDATE OR DELETE ON insight_weeklyreport
FOR EACH ROW WHEN (OLD.state = 'issued') EXECUTE FUNCTION gq_refuse_change();
CREATE TRIGGER snapshot_stays BEFORE UPDATE OR DELETE ON insight_reportsnapshot
FOR EACH ROW EXECUTE FUNCTION gq_refuse_change();
"""
NO_FUNCTIONS = """
DROP TRIGGER snapshot_stays ON insight_reportsnapshot; DROP TRIGGER issued_stays ON insight_weeklyreport;
DROP FUNCTION gq_refuse_change(); DROP FUNCTION gq_stands_under(bigint);
"""
POLICIES = {
    "insight_weeklyreport": (
        "gq_sees_organisation(organisation_id) OR (state = 'issued' AND gq_stands_under(organisation_id))",
        "gq_sees_organisation(organisation_id)",
    ),
    "insight_reportsnapshot": (
        "gq_sees_organisation(organisation_id)"
        " OR EXISTS (SELECT 1 FROM insight_weeklyreport r WHERE r.snapshot_id = insight_reportsnapshot.id)",
        "gq_sees_organisation(organisation_id)",
    ),
}
ADD = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; CREATE POLICY scope ON {table} USING ({seen}) WITH CHECK ({kept});"
)
DROP = "DROP POLICY scope ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"


def lines(command: str) -> str:
    return "\n".join(command.format(table=table, seen=seen, kept=kept) for table, (seen, kept) in POLICIES.items())


class Migration(migrations.Migration):
    dependencies = [("insight", "0001_rollups"), ("registry", "0004_organisation_letter_mark")]
    operations = [
        migrations.CreateModel(
            name="ReportSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_on", models.DateField()),
                ("name", models.CharField(max_length=40, unique=True)),
                ("digest", models.CharField(max_length=64)),
                ("figures", models.JSONField()),
                ("taken_at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=64)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="report_snapshots",
                        to="registry.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WeeklyReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "草稿"), ("signed", "已签发"), ("issued", "已编发")],
                        default="draft",
                        max_length=6,
                    ),
                ),
                ("figures_asked_at", models.DateTimeField(null=True)),
                ("correction", models.PositiveSmallIntegerField(default=0)),
                ("correction_reason", models.CharField(blank=True, max_length=300)),
                ("addressees", models.CharField(max_length=300)),
                ("copies", models.CharField(blank=True, max_length=300)),
                ("words", models.JSONField(default=dict)),
                ("editor_ids", models.JSONField(default=list)),
                ("edited_by_user_id", models.BigIntegerField(null=True)),
                ("edited_by_name", models.CharField(blank=True, max_length=64)),
                ("made_at", models.DateTimeField()),
                ("made_by_name", models.CharField(max_length=64)),
                ("changed_at", models.DateTimeField()),
                ("signed_at", models.DateTimeField(null=True)),
                ("signed_by_user_id", models.BigIntegerField(null=True)),
                ("signed_by_name", models.CharField(blank=True, max_length=64)),
                ("year", models.PositiveSmallIntegerField(null=True)),
                ("number", models.PositiveIntegerField(null=True)),
                ("issued_at", models.DateTimeField(null=True)),
                ("issued_by_name", models.CharField(blank=True, max_length=64)),
                ("file_key", models.CharField(blank=True, max_length=64)),
                ("file_digest", models.CharField(blank=True, max_length=64)),
                (
                    "corrects",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="insight.weeklyreport",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="weekly_reports",
                        to="registry.organisation",
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="insight.reportsnapshot",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="reportsnapshot",
            index=models.Index(fields=["organisation", "first_on"], name="report_snapshot_week"),
        ),
        migrations.AddIndex(
            model_name="weeklyreport",
            index=models.Index(fields=["-first_on", "organisation"], name="report_recent"),
        ),
        migrations.AddConstraint(
            model_name="weeklyreport",
            constraint=models.UniqueConstraint(
                fields=("organisation", "first_on", "correction"), name="report_once_a_week"
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklyreport",
            constraint=models.UniqueConstraint(
                fields=("organisation", "year", "number", "correction"), name="report_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklyreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "draft"),
                    models.Q(
                        ("signed_at__isnull", False), ("signed_by_user_id__isnull", False), ("snapshot__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="report_signed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklyreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("edited_by_user_id__isnull", True),
                    ("signed_by_user_id__isnull", True),
                    models.Q(("signed_by_user_id", models.F("edited_by_user_id")), _negated=True),
                    _connector="OR",
                ),
                name="report_needs_a_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklyreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "issued"), _negated=True),
                    models.Q(
                        ("issued_at__isnull", False),
                        ("number__isnull", False),
                        ("year__isnull", False),
                        models.Q(("file_key", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="report_issued_with_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklyreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("correction", 0), ("corrects__isnull", True)),
                    models.Q(("correction__gt", 0), ("corrects__isnull", False)),
                    _connector="OR",
                ),
                name="report_correction_of_one",
            ),
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(lines(ADD), lines(DROP)),
    ]
