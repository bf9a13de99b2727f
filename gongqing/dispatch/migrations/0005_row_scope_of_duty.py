"""Row-level security of loads, consents, calls, letters and duty: the same lines that `visible_to(actor)` reads."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION gq_sees_path(wanted text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT gq_all() OR EXISTS (SELECT 1 FROM unnest(gq_paths()) p WHERE wanted >= p AND wanted < left(p, -1) || '0') $$;
"""

POLICIES = {
    "registry_load": "gq_sees_path(path) OR by_user_id = gq_user()",
    "registry_loadrow": "gq_all() OR EXISTS (SELECT 1 FROM registry_load l WHERE l.id = load_id)",
    "registry_consent": "gq_sees_person(person_id)",
    "registry_datarequest": "gq_sees_person(person_id)",
    "accounts_firstpassword": "gq_all()",
    "dispatch_dutycall": "gq_sees_appeal(appeal_id)",
    "dispatch_passonitem": "gq_sees_appeal(appeal_id)",
    "dispatch_call": "gq_sees_path(path) OR seat_user_id = gq_user()",
    "dispatch_qualitycheck": "gq_sees_appeal(appeal_id)",
    "dispatch_letter": "gq_sees_appeal(appeal_id)",
}


def lines(command: str) -> str:
    return "\n".join(command.format(table=table, seen=seen) for table, seen in POLICIES.items())


ADD = "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; CREATE POLICY scope ON {table} USING ({seen}) WITH CHECK ({seen});"
DROP = "DROP POLICY scope ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0004_people_on_duty"),
        ("accounts", "0002_first_passwords_and_deputies"),
        ("notices", "0003_delivery"),
        ("registry", "0003_loads_and_consents"),
    ]
    operations = [
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION gq_sees_path(text)"),
        migrations.RunSQL(lines(ADD), lines(DROP)),
    ]
