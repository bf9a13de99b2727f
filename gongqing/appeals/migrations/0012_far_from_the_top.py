"""Lists and search that do not hang on how far below the newest appeal of the city one's own begin.

What is open is listed by its state in the order of receipt. A search that looked at hits in vain asks what of the next
8,192 numbers is granted at all, before it looks for words there.
"""

from __future__ import annotations

from importlib import import_module
from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

IS_OPEN = Q(
    status__in=[
        "awaiting_evaluation",
        "classified",
        "dispatched",
        "in_progress",
        "in_review",
        "paused",
        "reopened",
        "resolved",
        "returned",
        "signed",
        "tracked",
        "triage",
    ]
)

# what acts decides what it reads: each path is one look into the index of grants
HELD = """
CREATE FUNCTION gq_paths_held(given text[], most integer) RETURNS text[] LANGUAGE sql STABLE AS $$
WITH RECURSIVE held(path, below) AS (
  SELECT (SELECT min(a.path) FROM appeals_access a
          WHERE a.until IS NULL AND a.path >= p AND a.path < left(p, -1) || '0'), left(p, -1) || '0'
  FROM unnest(given) p
  UNION ALL
  SELECT (SELECT min(a.path) FROM appeals_access a
          WHERE a.until IS NULL AND a.path > h.path AND a.path < h.below), h.below
  FROM held h WHERE h.path IS NOT NULL)
SELECT ARRAY(SELECT h.path FROM held h WHERE h.path IS NOT NULL LIMIT most)
$$;
"""

# grants are counted, not appeals: several of the same appeal must not make a list that was cut off look whole
SEARCH = """
CREATE OR REPLACE FUNCTION gq_search(wanted_grams text[], phrases text[], most integer, before bigint)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public SET enable_seqscan = off AS $$
DECLARE
  very_few CONSTANT integer := 500;
  few CONSTANT integer := 1000;
  patience CONSTANT integer := 500;
  most_paths CONSTANT integer := 200;
  sees_all CONSTANT boolean := gq_all();
  own_user CONSTANT bigint := gq_user();
  own_person CONSTANT bigint := gq_person();
  long_phrases CONSTANT text[] := ARRAY(SELECT p FROM unnest(phrases) p WHERE length(p) > 2);
  top CONSTANT bigint := (SELECT max(s.appeal_id) FROM appeals_searchtext s);
  below bigint := before;
  bucket bigint := least(top, before - 1) >> 13;
  held text[];
  own bigint[];
  is_impatient boolean := false;
  is_among boolean := false;
  is_whole boolean;
  wanted tsquery;
  candidate bigint;
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
  WHILE bucket >= 0 LOOP
    IF NOT sees_all AND NOT is_impatient AND looked_at - found >= patience THEN
      is_impatient := true;
      held := gq_paths_held(gq_paths(), most_paths + 1);
    END IF;
    IF is_impatient AND cardinality(held) <= most_paths THEN
      own := ARRAY(
        SELECT a.appeal_id FROM (
          SELECT g.appeal_id FROM unnest(held) h CROSS JOIN LATERAL (
            SELECT a.appeal_id FROM appeals_access a
            WHERE a.until IS NULL AND a.path = h AND a.appeal_id >= bucket << 13 AND a.appeal_id < bucket + 1 << 13
            LIMIT few) g
          UNION ALL SELECT a.appeal_id FROM appeals_access a
            WHERE a.until IS NULL AND a.user_id = own_user
              AND a.appeal_id >= bucket << 13 AND a.appeal_id < bucket + 1 << 13
          UNION ALL SELECT a.appeal_id FROM appeals_access a
            WHERE a.until IS NULL AND a.person_id = own_person
              AND a.appeal_id >= bucket << 13 AND a.appeal_id < bucket + 1 << 13
          UNION ALL SELECT gq_code_appeal() WHERE gq_code_appeal() >> 13 = bucket) a LIMIT few);
      IF cardinality(own) = 0 THEN
        bucket := bucket - 1;
        CONTINUE;
      END IF;
      is_among := cardinality(own) < few;
    END IF;
    wanted := gq_bucket_query(bucket, wanted_grams);
    is_whole := true;
    FOR candidate IN
      SELECT f FROM gq_found_among(wanted, own) f WHERE is_among AND f < below
      UNION ALL
      (SELECT s.appeal_id FROM appeals_searchtext s
       WHERE NOT is_among AND gq_bucketed(s.grams, s.appeal_id) @@ wanted AND s.appeal_id + 0 < below
       ORDER BY s.appeal_id + 0 DESC)
    LOOP
      IF NOT sees_all AND NOT is_impatient AND looked_at - found >= patience THEN
        is_whole := false;
        EXIT;
      END IF;
      below := candidate;
      looked_at := looked_at + 1;
      CONTINUE WHEN NOT sees_all AND NOT gq_sees_appeal(candidate);
      CONTINUE WHEN cardinality(long_phrases) > 0 AND NOT (
        SELECT bool_and(position(p IN s.body) > 0) FROM appeals_searchtext s, unnest(long_phrases) p
        WHERE s.appeal_id = candidate);
      RETURN NEXT candidate;
      found := found + 1;
      IF found >= most THEN RETURN; END IF;
    END LOOP;
    IF is_whole THEN bucket := bucket - 1; END IF;
  END LOOP;
END $$;
"""
_SEARCH_BEFORE = import_module("gongqing.dispatch.migrations.0019_search_among_few").SEARCH


class Migration(migrations.Migration):
    dependencies: ClassVar = [("appeals", "0011_listening"), ("dispatch", "0023_numbers_beside_lists")]
    operations: ClassVar = [
        migrations.RemoveIndex("appeal", "appeal_open_status"),
        migrations.AddIndex(
            "appeal",
            models.Index(fields=["status", "-received_at", "-id"], name="appeal_open_newest", condition=IS_OPEN),
        ),
        migrations.RunSQL(HELD, "DROP FUNCTION gq_paths_held(text[], integer);"),
        migrations.RunSQL(SEARCH, _SEARCH_BEFORE),
    ]
