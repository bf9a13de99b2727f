"""A second stamp, of everything that says who an API key is: keys, accounts, postings, organisations and zones.

It stands in the slots after those of the first.
"""

from django.db import migrations

TABLES = ["accounts_apikey", "accounts_user", "accounts_posting", "registry_organisation", "registry_zonelink"]
STAMP = """
INSERT INTO audit_stamp SELECT slot, gen_random_uuid() FROM generate_series(64, 127) slot;
CREATE FUNCTION gq_stamp_people() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  UPDATE audit_stamp SET value = gen_random_uuid() WHERE slot = 64 + pg_backend_pid() % 64;
  RETURN NULL;
END $$;
CREATE FUNCTION gq_stamps() RETURNS TABLE (rules text, people text) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT md5(string_agg(value::text, ',' ORDER BY slot) FILTER (WHERE slot < 64)),
         md5(string_agg(value::text, ',' ORDER BY slot) FILTER (WHERE slot >= 64))
  FROM audit_stamp;
END;
"""


def sql() -> str:
    return STAMP + "\n".join(
        f"CREATE TRIGGER stamp_people AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION gq_stamp_people();"
        for table in TABLES
    )


def back() -> str:
    drops = "\n".join(f"DROP TRIGGER stamp_people ON {table};" for table in TABLES)
    return (
        f"{drops}\nDROP FUNCTION gq_stamps();\nDROP FUNCTION gq_stamp_people();"
        "\nDELETE FROM audit_stamp WHERE slot >= 64;"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0014_rule_stamp"),
        ("accounts", "0004_deputies_beside_own_postings"),
    ]
    operations = [migrations.RunSQL(sql(), back())]
