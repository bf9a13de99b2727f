"""Search for who sees some thousands of a million appeals: what is granted is looked up once, not hit by hit.

A word that stands in every twentieth text, but in few of those in sight, had the grants of fifty thousand hits looked up
for a page of twenty. After so many hits in vain (`patience`) the numbers in sight are read once, unless they are too
many, and each bucket gives only what is in both. Grants are counted, not appeals: several grants of the same appeal made
a list that was cut off look whole.
"""

from importlib import import_module

from django.db import migrations

_LAID = import_module("gongqing.dispatch.migrations.0013_reading_paths").SEARCH
_OWN_BEFORE = _LAID[_LAID.index("CREATE FUNCTION gq_own_appeals(") : _LAID.index("CREATE FUNCTION gq_search(")]
_SEARCH_BEFORE = import_module("gongqing.dispatch.migrations.0017_search_in_buckets").search()
_NO_COST = "ALTER FUNCTION gq_bucketed(tsvector, bigint) COST 100;"
# what an index holds must never be computed row by row because the planner takes that for cheap
_COST = "ALTER FUNCTION gq_bucketed(tsvector, bigint) COST 10000;"

OWN = """
DROP FUNCTION gq_own_appeals(integer);
CREATE FUNCTION gq_granted(fewer_than integer) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public
RETURN (WITH granted AS MATERIALIZED (
    (SELECT a.appeal_id FROM appeals_access a WHERE a.until IS NULL AND a.user_id = gq_user() LIMIT fewer_than)
    UNION ALL
    (SELECT a.appeal_id FROM appeals_access a WHERE a.until IS NULL AND a.person_id = gq_person() LIMIT fewer_than)
    UNION ALL
    (SELECT a.appeal_id FROM unnest(gq_paths()) p CROSS JOIN LATERAL (
       SELECT g.appeal_id FROM appeals_access g
       WHERE g.until IS NULL AND g.path >= p AND g.path < left(p, -1) || '0' LIMIT fewer_than) a LIMIT fewer_than)
    UNION ALL SELECT gq_code_appeal() WHERE gq_code_appeal() IS NOT NULL)
  SELECT CASE WHEN (SELECT count(*) FROM granted) < fewer_than
    THEN ARRAY(SELECT DISTINCT g.appeal_id FROM granted g ORDER BY 1 DESC) END);
"""

AMONG = """
CREATE FUNCTION gq_bucket_query(bucket bigint, wanted_grams text[]) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT string_agg(quote_literal(to_hex(bucket) || g), ' & ') FROM unnest(wanted_grams) g)::tsquery;

CREATE FUNCTION gq_found_among(wanted tsquery, own bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SET enable_indexscan = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY SELECT s.appeal_id FROM appeals_searchtext s
    WHERE gq_bucketed(s.grams, s.appeal_id) @@ wanted AND s.appeal_id = ANY (own) ORDER BY s.appeal_id + 0 DESC;
END $$;
"""

SEARCH = """
CREATE OR REPLACE FUNCTION gq_search(wanted_grams text[], phrases text[], most integer, before bigint)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public SET enable_seqscan = off AS $$
DECLARE
  very_few CONSTANT integer := 500;
  few CONSTANT integer := 25000;
  patience CONSTANT integer := 2000;
  sees_all CONSTANT boolean := gq_all();
  long_phrases CONSTANT text[] := ARRAY(SELECT p FROM unnest(phrases) p WHERE length(p) > 2);
  top CONSTANT bigint := (SELECT max(s.appeal_id) FROM appeals_searchtext s);
  newest CONSTANT bigint := least(top, before - 1) >> 13;
  own bigint[];
  is_among boolean := false;
  is_looked_up boolean := sees_all;
  next_own integer := 1;
  from_own integer;
  wanted tsquery;
  candidate bigint;
  bucket bigint;
  looked_at integer := 0;
  found integer := 0;
BEGIN
  IF NOT sees_all THEN
    own := gq_granted(very_few);
    IF own IS NOT NULL THEN
      FOR candidate IN SELECT unnest(own) LOOP
        CONTINUE WHEN candidate >= before;
        CONTINUE WHEN NOT (SELECT bool_and(position(p IN s.body) > 0) FROM appeals_searchtext s, unnest(phrases) p
                           WHERE s.appeal_id = candidate);
        CONTINUE WHEN NOT gq_sees_appeal(candidate);
        RETURN NEXT candidate;
        found := found + 1;
        EXIT WHEN found >= most;
      END LOOP;
      RETURN;
    END IF;
  END IF;
  FOR bucket IN REVERSE newest..0 LOOP
    wanted := gq_bucket_query(bucket, wanted_grams);
    IF NOT is_looked_up AND looked_at >= patience THEN
      own := gq_granted(few);
      is_among := own IS NOT NULL;
      is_looked_up := true;
    END IF;
    IF is_among THEN
      WHILE own[next_own] >> 13 > bucket LOOP next_own := next_own + 1; END LOOP;
      from_own := next_own;
      WHILE own[next_own] >> 13 = bucket LOOP next_own := next_own + 1; END LOOP;
      CONTINUE WHEN next_own = from_own;
    END IF;
    FOR candidate IN
      SELECT f FROM gq_found_among(wanted, own[from_own:next_own - 1]) f WHERE is_among AND f < before
      UNION ALL
      (SELECT s.appeal_id FROM appeals_searchtext s
       WHERE NOT is_among AND gq_bucketed(s.grams, s.appeal_id) @@ wanted AND s.appeal_id + 0 < before
       ORDER BY s.appeal_id + 0 DESC)
    LOOP
      looked_at := looked_at + 1;
      CONTINUE WHEN NOT sees_all AND NOT gq_sees_appeal(candidate);
      CONTINUE WHEN cardinality(long_phrases) > 0 AND NOT (
        SELECT bool_and(position(p IN s.body) > 0) FROM appeals_searchtext s, unnest(long_phrases) p
        WHERE s.appeal_id = candidate);
      RETURN NEXT candidate;
      found := found + 1;
      IF found >= most THEN RETURN; END IF;
    END LOOP;
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0018_fewer_indexes")]

    operations = [
        migrations.RunSQL(_COST, _NO_COST),
        migrations.RunSQL(OWN, f"DROP FUNCTION gq_granted(integer); {_OWN_BEFORE}"),
        migrations.RunSQL(
            AMONG,
            "DROP FUNCTION gq_found_among(tsquery, bigint[]); DROP FUNCTION gq_bucket_query(bigint, text[]);",
        ),
        migrations.RunSQL(SEARCH, _SEARCH_BEFORE),
    ]
