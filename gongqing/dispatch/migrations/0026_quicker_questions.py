"""What every request and every search asks takes the data base less time.

The stamps are the values of their slots joined by exclusive or, in place of a digest of all of them written out: as each
value is drawn at random, two states that differ are alike no more often than two values are. A search keeps its plans,
which were made anew for every bucket: numbers are compared as what is reckoned, so no plan can walk by them.
"""

from typing import ClassVar

from django.db import migrations

STAMPS = """
CREATE OR REPLACE FUNCTION gq_stamps() RETURNS TABLE (rules text, people text) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT bit_xor(uuid_hash_extended(value, 0)) FILTER (WHERE slot < 64)::text,
         bit_xor(uuid_hash_extended(value, 0)) FILTER (WHERE slot >= 64)::text
  FROM audit_stamp;
END;
"""
_STAMPS_BEFORE = """
CREATE OR REPLACE FUNCTION gq_stamps() RETURNS TABLE (rules text, people text) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT md5(string_agg(value::text, ',' ORDER BY slot) FILTER (WHERE slot < 64)),
         md5(string_agg(value::text, ',' ORDER BY slot) FILTER (WHERE slot >= 64))
  FROM audit_stamp;
END;
"""
_SEARCH = "ALTER FUNCTION gq_search(text[], text[], integer, bigint)"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("dispatch", "0025_in_hand"), ("appeals", "0012_far_from_the_top")]
    operations: ClassVar = [
        migrations.RunSQL(STAMPS, _STAMPS_BEFORE),
        migrations.RunSQL(f"{_SEARCH} SET plan_cache_mode = force_generic_plan;", f"{_SEARCH} RESET plan_cache_mode;"),
    ]
