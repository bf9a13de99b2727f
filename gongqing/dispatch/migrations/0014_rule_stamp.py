"""A stamp that changes with everything that `@remembered` questions are about, so that processes may keep the answers.

Sixty-four rows instead of one: writers at the same time seldom meet on one and wait for each other.
"""

from django.db import migrations

TABLES = [
    "appeals_category",
    "appeals_gradepolicy",
    "dispatch_clockpolicy",
    "dispatch_routingpolicy",
    "dispatch_calendarday",
    "registry_region",
    "registry_organisation",
    "registry_zonelink",
]
STAMP = """
CREATE TABLE audit_stamp (slot smallint PRIMARY KEY, value uuid NOT NULL);
INSERT INTO audit_stamp SELECT slot, gen_random_uuid() FROM generate_series(0, 63) slot;
CREATE FUNCTION gq_stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  UPDATE audit_stamp SET value = gen_random_uuid() WHERE slot = pg_backend_pid() % 64;
  RETURN NULL;
END $$;
"""


def sql() -> str:
    return STAMP + "\n".join(
        f"CREATE TRIGGER stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION gq_stamp();"
        for table in TABLES
    )


def back() -> str:
    drops = "\n".join(f"DROP TRIGGER stamp ON {table};" for table in TABLES)
    return f"{drops}\nDROP FUNCTION gq_stamp();\nDROP TABLE audit_stamp;"


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0013_reading_paths")]
    operations = [migrations.RunSQL(sql(), back())]
