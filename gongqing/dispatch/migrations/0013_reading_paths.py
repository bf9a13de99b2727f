"""Row-level security and search that stay quick at a million appeals; who sees what is not changed.

- Whether the actor sees everything is asked once a statement, not once a row.
- A grant to oneself is known by its own row. Looking up the grants of an appeal costs half: who acts is read once a
  call, not once a grant, and the plan is kept.
- Search reads the grams in buckets of 8,192 appeals, the newest first, and stops when it has enough: a word that stands
  in a third of all appeals costs as little as one that stands in three.
"""

from django.db import migrations

FUNCTIONS = """
CREATE OR REPLACE FUNCTION gq_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('gongqing.all', true), '') = 'on';
CREATE OR REPLACE FUNCTION gq_paths() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN string_to_array(nullif(current_setting('gongqing.paths', true), ''), ',');
CREATE OR REPLACE FUNCTION gq_person() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('gongqing.person', true), '')::bigint;
CREATE OR REPLACE FUNCTION gq_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('gongqing.user', true), '')::bigint;
CREATE OR REPLACE FUNCTION gq_code_appeal() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('gongqing.appeal', true), '')::bigint;

CREATE OR REPLACE FUNCTION gq_sees_appeal(wanted bigint) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public AS $$
DECLARE
  own_user CONSTANT bigint := gq_user();
  own_person CONSTANT bigint := gq_person();
  own_paths CONSTANT text[] := gq_paths();
BEGIN
  IF gq_all() OR wanted = gq_code_appeal() THEN RETURN true; END IF;
  RETURN EXISTS (
    SELECT 1 FROM appeals_access a
    WHERE a.appeal_id = wanted AND a.until IS NULL
      AND (a.user_id = own_user OR a.person_id = own_person OR a.path ^@ ANY (own_paths)));
END $$;
CREATE OR REPLACE FUNCTION gq_sees_person(wanted bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
RETURN gq_all() OR wanted = gq_person() OR EXISTS (
  SELECT 1 FROM appeals_appeal a WHERE a.person_id = wanted AND gq_sees_appeal(a.id));
ALTER FUNCTION gq_sees_person(bigint) RESET ALL;
"""

OWN_GRANT = (
    "until IS NULL AND (user_id = (SELECT gq_user()) OR person_id = (SELECT gq_person())"
    " OR path ^@ ANY ((SELECT gq_paths())::text[]))"
)
BY_APPEAL = [
    "appeals_message",
    "appeals_attachment",
    "appeals_evaluation",
    "appeals_evaluationlink",
    "appeals_categorychoice",
    "appeals_searchtext",
    "dispatch_order",
    "dispatch_handover",
    "dispatch_supervision",
    "dispatch_callback",
    "dispatch_clock",
    "dispatch_dutycall",
    "dispatch_passonitem",
    "dispatch_qualitycheck",
    "dispatch_letter",
]
SEEN = {
    "appeals_appeal": "gq_sees_appeal(id)",
    "appeals_access": f"({OWN_GRANT}) OR gq_sees_appeal(appeal_id)",
    **dict.fromkeys(BY_APPEAL, "gq_sees_appeal(appeal_id)"),
    "dispatch_extension": "EXISTS (SELECT 1 FROM dispatch_order o WHERE o.id = order_id)",
    "dispatch_clockentry": "EXISTS (SELECT 1 FROM dispatch_clock c WHERE c.id = clock_id)",
    "registry_person": "gq_sees_person(id)",
    "audit_event": "user_id = (SELECT gq_user()) OR (subject_kind = 'appeal' AND gq_sees_appeal(subject_id))",
    "audit_accesslog": "user_id = (SELECT gq_user())",
}

SEARCH = """
CREATE FUNCTION gq_bucketed(grams tsvector, appeal_id bigint) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(ARRAY(SELECT to_hex(appeal_id >> 13) || g FROM unnest(tsvector_to_array(grams)) g));
CREATE INDEX searchtext_bucketed ON appeals_searchtext
  USING gin (gq_bucketed(grams, appeal_id)) WITH (fastupdate = off);
DROP INDEX appeals_searchtext_grams;
DROP FUNCTION gq_search(text[], text[], integer);

CREATE FUNCTION gq_own_appeals(most integer) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
RETURN ARRAY(
  SELECT found.appeal_id FROM (
    (SELECT a.appeal_id FROM appeals_access a WHERE a.until IS NULL AND a.user_id = gq_user() LIMIT most)
    UNION
    (SELECT a.appeal_id FROM appeals_access a WHERE a.until IS NULL AND a.person_id = gq_person() LIMIT most)
    UNION
    (SELECT a.appeal_id FROM unnest(gq_paths()) p CROSS JOIN LATERAL (
       SELECT g.appeal_id FROM appeals_access g
       WHERE g.until IS NULL AND g.path >= p AND g.path < left(p, -1) || '0' LIMIT most) a LIMIT most)
    UNION SELECT gq_code_appeal()
  ) found WHERE found.appeal_id IS NOT NULL ORDER BY 1 DESC);

CREATE FUNCTION gq_search(wanted_grams text[], phrases text[], most integer, before bigint) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public SET enable_seqscan = off AS $$
DECLARE
  few CONSTANT integer := 8000;
  sees_all CONSTANT boolean := gq_all();
  long_phrases CONSTANT text[] := ARRAY(SELECT p FROM unnest(phrases) p WHERE length(p) > 2);
  top CONSTANT bigint := (SELECT max(s.appeal_id) FROM appeals_searchtext s);
  newest CONSTANT bigint := least(top, before - 1) >> 13;
  own bigint[];
  wanted tsquery;
  candidate bigint;
  bucket bigint;
  here integer;
  found integer := 0;
BEGIN
  FOR bucket IN REVERSE newest..0 LOOP
    wanted := (SELECT string_agg(quote_literal(to_hex(bucket) || g), ' & ') FROM unnest(wanted_grams) g)::tsquery;
    IF NOT sees_all AND bucket = newest THEN
      own := gq_own_appeals(few);
      -- who sees little reads the words of that, unless the words are rarer still
      IF cardinality(own) < few THEN
        here := (SELECT count(*) FROM appeals_searchtext s WHERE gq_bucketed(s.grams, s.appeal_id) @@ wanted);
        IF cardinality(own) < 500 OR here * (top / 8192 + 1) > 2000 THEN
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
    END IF;
    FOR candidate IN
      SELECT s.appeal_id FROM appeals_searchtext s
      WHERE gq_bucketed(s.grams, s.appeal_id) @@ wanted AND s.appeal_id < before ORDER BY s.appeal_id DESC
    LOOP
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

# from the wishes of the boards; each is small, for it holds what is open or waiting alone
INDEXES = """
CREATE INDEX clock_near ON dispatch_clock (appeal_id) WHERE ended_at IS NULL AND state = 'running' AND warned = 'fifth';
CREATE INDEX clock_open ON dispatch_clock (appeal_id) WHERE ended_at IS NULL;
CREATE INDEX order_open ON dispatch_order (organisation_id, role, status) INCLUDE (appeal_id, dispatched_at)
  WHERE status IN ('dispatched', 'signed', 'in_progress', 'paused', 'in_review', 'return_asked');
CREATE INDEX order_return_asked ON dispatch_order (appeal_id) WHERE status = 'return_asked';
CREATE INDEX extension_granted ON dispatch_extension (order_id) WHERE approved;
CREATE INDEX supervision_waiting ON dispatch_supervision (appeal_id)
  WHERE answered_at IS NULL AND kind IN ('supervise', 'escalate');
CREATE INDEX clock_close ON dispatch_clock (appeal_id) INCLUDE (state, started_at, ended_at, due_at)
  WHERE name = 'close';
CREATE INDEX clock_closed ON dispatch_clock (ended_at) INCLUDE (state, appeal_id)
  WHERE name = 'close' AND ended_at IS NOT NULL;
CREATE INDEX clockentry_pauses ON dispatch_clockentry (clock_id) WHERE kind IN ('pause', 'resume');
"""
NO_INDEXES = """
DROP INDEX clock_near, clock_open, order_open, order_return_asked, extension_granted, supervision_waiting, clock_close,
  clock_closed, clockentry_pauses;
"""


def policies() -> str:
    return "\n".join(
        f"ALTER POLICY scope ON {table} USING ((SELECT gq_all()) OR {seen});" for table, seen in SEEN.items()
    )


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0012_row_scope_of_groups"), ("appeals", "0005_reading_paths")]

    operations = [
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(policies(), migrations.RunSQL.noop),
        migrations.RunSQL(SEARCH, migrations.RunSQL.noop),
        migrations.RunSQL(INDEXES, NO_INDEXES),
    ]
