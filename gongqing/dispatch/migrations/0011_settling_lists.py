"""Lists to settle, who sees them, and how far a change of the rules has been carried to the open clocks.

A list is seen by those who see its owner, and by those whose organisation is asked for one of its matters; a matter by
the owner's side and by the side that is asked.
"""

import django.db.models.deletion
from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION gq_sees_organisation(wanted bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT gq_all() OR EXISTS (
  SELECT 1 FROM registry_organisation o, unnest(gq_paths()) p
  WHERE o.id = wanted AND o.path >= p AND o.path < left(p, -1) || '0') $$;
CREATE FUNCTION gq_keeps_list(wanted bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public AS $$
  SELECT gq_all() OR EXISTS (
    SELECT 1 FROM dispatch_settlinglist l WHERE l.id = wanted AND gq_sees_organisation(l.organisation_id))
$$;
CREATE FUNCTION gq_is_asked_for_list(wanted bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public AS $$
  SELECT EXISTS (
    SELECT 1 FROM dispatch_listentry e WHERE e.list_id = wanted AND gq_sees_organisation(e.organisation_id))
$$;
"""
POLICIES = {
    "dispatch_settlinglist": (
        "gq_sees_organisation(organisation_id) OR gq_is_asked_for_list(id)",
        "gq_sees_organisation(organisation_id)",
    ),
    "dispatch_listentry": (
        "gq_sees_organisation(organisation_id) OR gq_keeps_list(list_id)",
        "gq_sees_organisation(organisation_id) OR gq_keeps_list(list_id)",
    ),
    "dispatch_entrydocument": (
        "EXISTS (SELECT 1 FROM dispatch_listentry e WHERE e.id = entry_id)",
        "EXISTS (SELECT 1 FROM dispatch_listentry e WHERE e.id = entry_id)",
    ),
}
ADD = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; CREATE POLICY scope ON {table} USING ({seen}) WITH CHECK ({kept});"
)
DROP = "DROP POLICY scope ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
NO_FUNCTIONS = """
DROP FUNCTION gq_is_asked_for_list(bigint); DROP FUNCTION gq_keeps_list(bigint);
DROP FUNCTION gq_sees_organisation(bigint);
"""


def lines(command: str) -> str:
    return "\n".join(command.format(table=table, seen=seen, kept=kept) for table, (seen, kept) in POLICIES.items())


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0010_ladder"),
        ("appeals", "0003_hotline"),
        ("registry", "0004_organisation_letter_mark"),
    ]
    operations = [
        migrations.AddField(
            model_name="clockpolicy",
            name="reaches_back_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="rulechange",
            name="applies_to_open",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="rulechange",
            name="recount",
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name="SettlingList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("disputes", "劳动争议"),
                            ("wages", "欠薪"),
                            ("collective", "集体性风险"),
                            ("safety", "劳动安全卫生"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                    ),
                ),
                ("title", models.CharField(max_length=100)),
                ("note", models.TextField(blank=True)),
                ("opened_on", models.DateField()),
                ("due_on", models.DateField()),
                ("closed_on", models.DateField(null=True)),
                ("made_at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=64)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settling_lists",
                        to="registry.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ListEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "待销号"),
                            ("claimed", "报请销号"),
                            ("struck_off", "已销号"),
                            ("withdrawn", "已撤出"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("added_at", models.DateTimeField()),
                ("added_by_name", models.CharField(max_length=64)),
                ("helped_count", models.PositiveIntegerField(null=True)),
                ("recovered_amount", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ("figures_reason", models.CharField(blank=True, max_length=200)),
                ("evidence", models.TextField(blank=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("claimed_by_user_id", models.BigIntegerField(null=True)),
                ("claimed_by_name", models.CharField(blank=True, max_length=64)),
                ("struck_off_at", models.DateTimeField(null=True)),
                ("struck_off_by_user_id", models.BigIntegerField(null=True)),
                ("struck_off_by_name", models.CharField(blank=True, max_length=64)),
                ("came_back_at", models.DateTimeField(null=True)),
                ("remark", models.CharField(blank=True, max_length=500)),
                (
                    "appeal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="list_entries",
                        to="appeals.appeal",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="list_entries",
                        to="registry.organisation",
                    ),
                ),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="dispatch.settlinglist"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EntryDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=128)),
                ("media_type", models.CharField(max_length=128)),
                ("size", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("file_key", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=64)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="dispatch.listentry"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("entry", "digest"), name="entry_document_once")],
            },
        ),
        migrations.AddIndex(
            model_name="settlinglist",
            index=models.Index(fields=["organisation", "-opened_on"], name="settling_list_recent"),
        ),
        migrations.AddConstraint(
            model_name="settlinglist",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gte", models.F("opened_on"))), name="settling_list_due_after_opening"
            ),
        ),
        migrations.AddConstraint(
            model_name="settlinglist",
            constraint=models.UniqueConstraint(fields=("organisation", "title"), name="settling_list_title_once"),
        ),
        migrations.AddIndex(
            model_name="listentry",
            index=models.Index(fields=["state", "due_on"], name="list_entry_due"),
        ),
        migrations.AddIndex(
            model_name="listentry",
            index=models.Index(fields=["organisation", "state"], name="list_entry_held"),
        ),
        migrations.AddConstraint(
            model_name="listentry",
            constraint=models.UniqueConstraint(fields=("list", "number"), name="list_entry_number_once"),
        ),
        migrations.AddConstraint(
            model_name="listentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "withdrawn"), _negated=True),
                fields=("list", "appeal"),
                name="appeal_once_on_a_list",
            ),
        ),
        migrations.AddConstraint(
            model_name="listentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "struck_off"), _negated=True),
                    models.Q(
                        ("claimed_by_user_id__isnull", False),
                        ("helped_count__isnull", False),
                        ("recovered_amount__isnull", False),
                        ("struck_off_at__isnull", False),
                        ("struck_off_by_user_id__isnull", False),
                        models.Q(("evidence", ""), _negated=True),
                        models.Q(("struck_off_by_user_id", models.F("claimed_by_user_id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="striking_off_needs_evidence_and_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="listentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "struck_off"), ("struck_off_at__isnull", True), _connector="OR"),
                name="list_entry_struck_off_or_not",
            ),
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(lines(ADD), lines(DROP)),
    ]
