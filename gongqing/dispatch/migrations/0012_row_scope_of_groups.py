"""Row-level security of group cases: staff see what belongs to the cases that they see, a worker the own claims alone."""

from django.db import migrations, models

STAFF = "(gq_person() IS NULL AND gq_code_appeal() IS NULL)"
POLICIES = {
    "appeals_groupmember": f"gq_all() OR gq_sees_appeal(appeal_id) OR ({STAFF} AND gq_sees_appeal(lead_id))",
    "appeals_distinction": f"gq_all() OR ({STAFF} AND (gq_sees_appeal(one_id) OR gq_sees_appeal(other_id)))",
    "appeals_team": f"gq_all() OR ({STAFF} AND gq_sees_appeal(appeal_id))",
    "appeals_claim": f"gq_all() OR person_id = gq_person() OR ({STAFF} AND gq_sees_appeal(appeal_id))",
    "appeals_claimcorrection": "EXISTS (SELECT 1 FROM appeals_claim c WHERE c.id = claim_id)",
    "appeals_payment": "EXISTS (SELECT 1 FROM appeals_claim c WHERE c.id = claim_id)",
}
ADD = "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; CREATE POLICY scope ON {table} USING ({seen}) WITH CHECK ({seen});"
DROP = "DROP POLICY scope ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"


def lines(command: str) -> str:
    return "\n".join(command.format(table=table, seen=seen) for table, seen in POLICIES.items())


class Migration(migrations.Migration):

    dependencies = [
        ("dispatch", "0011_settling_lists"), ("appeals", "0004_groups"),
    ]

    operations = [
        migrations.RunSQL(lines(ADD), lines(DROP)),
        migrations.AlterField(
            model_name="order",
            name="status",
            field=models.CharField(
                choices=[
                    ("dispatched", "待签收"),
                    ("signed", "已签收"),
                    ("in_progress", "办理中"),
                    ("paused", "暂停"),
                    ("in_review", "待审核"),
                    ("return_asked", "申请退回"),
                    ("done", "办完"),
                    ("returned", "已退回"),
                    ("passed_on", "已转交"),
                    ("cancelled", "已取消"),
                    ("merged", "已并案"),
                ],
                default="dispatched",
                max_length=14,
            ),
        ),
    ]
