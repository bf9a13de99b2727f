"""What is open, and what was closed in time, in narrow tables of their own, kept by triggers.

A board reads every open appeal. Those lie scattered over the table of all appeals (24,000 on 9,400 pages at a million),
and a county's were looked up in the grants one by one. Their few columns lie side by side here, with the grants.
Rows are written in the transaction of the change and under the lock of its appeal, so they are never older than it.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

MARKS = """
CREATE FUNCTION gq_mark(path text, account bigint, worker bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN path = '' THEN '' ELSE path || '|' END || coalesce('u' || account || '|', '')
  || coalesce('p' || worker || '|', '');
CREATE FUNCTION gq_seen_by(wanted bigint) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
RETURN (SELECT '|' || coalesce(string_agg(DISTINCT gq_mark(a.path, a.user_id, a.person_id), ''), '')
        FROM appeals_access a WHERE a.appeal_id = wanted AND a.until IS NULL);
CREATE FUNCTION gq_marks() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN ARRAY(SELECT '%|' || p || '%' FROM unnest(gq_paths()) p
             UNION ALL SELECT '%|u' || gq_user() || '|%' WHERE gq_user() IS NOT NULL
             UNION ALL SELECT '%|p' || gq_person() || '|%' WHERE gq_person() IS NOT NULL);
"""
NO_MARKS = """
DROP FUNCTION gq_marks(); DROP FUNCTION gq_seen_by(bigint); DROP FUNCTION gq_mark(text, bigint, bigint);
"""

EXTENDED = """
CREATE FUNCTION gq_asks_extension(wanted bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public
RETURN EXISTS (SELECT 1 FROM dispatch_order o JOIN dispatch_extension e ON e.order_id = o.id
               WHERE o.appeal_id = wanted AND e.approved IS NULL);
CREATE FUNCTION gq_is_extended(wanted bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public
RETURN EXISTS (SELECT 1 FROM dispatch_order o JOIN dispatch_extension e ON e.order_id = o.id
               WHERE o.appeal_id = wanted AND e.approved AND o.role = 'handle' AND o.status IN
                 ('dispatched', 'signed', 'in_progress', 'paused', 'in_review', 'return_asked'));
"""
NOT_EXTENDED = "DROP FUNCTION gq_is_extended(bigint); DROP FUNCTION gq_asks_extension(bigint);"

# nobody but the triggers writes: there is no policy for it
SCOPE = """
ALTER TABLE dispatch_openappeal ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON dispatch_openappeal FOR SELECT USING (
  (SELECT gq_all()) OR seen LIKE ANY ((SELECT gq_marks())::text[]) OR appeal_id = (SELECT gq_code_appeal()));
ALTER TABLE dispatch_closing ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON dispatch_closing FOR SELECT USING ((SELECT gq_all()));
"""

FILL = """
ALTER TABLE dispatch_openappeal SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000);
INSERT INTO dispatch_openappeal (appeal_id, received_at, next_due_at, unsigned_since, reporter_user_id, worker_count,
  reopened_count, is_overdue, asks_extension, is_extended, status, grade, amount, category_id, handler_id, seen)
SELECT a.id, a.received_at, a.next_due_at, o.dispatched_at, a.reporter_user_id, a.worker_count, a.reopened_count,
  a.is_overdue, gq_asks_extension(a.id), gq_is_extended(a.id), a.status, a.grade, a.amount, a.category_id,
  a.handler_id, gq_seen_by(a.id)
FROM appeals_appeal a
LEFT JOIN dispatch_order o ON o.appeal_id = a.id AND o.role = 'handle' AND o.status = 'dispatched'
WHERE a.status NOT IN ('archived', 'merged', 'withdrawn', 'invalid') ORDER BY a.id;
INSERT INTO dispatch_closing (clock_id, ended_at, state, handler_id, grade, category_id)
SELECT c.id, c.ended_at, c.state, a.handler_id, a.grade, a.category_id
FROM dispatch_clock c JOIN appeals_appeal a ON a.id = c.appeal_id
WHERE c.name = 'close' AND c.ended_at IS NOT NULL AND c.state IN ('met', 'overdue') ORDER BY c.ended_at;
"""

KEPT = """
CREATE FUNCTION gq_keep_open() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE is_new CONSTANT boolean := TG_OP = 'INSERT';
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM dispatch_openappeal WHERE appeal_id = OLD.id;
    RETURN NULL;
  END IF;
  IF NOT is_new AND (NEW.handler_id, NEW.grade, NEW.category_id) IS DISTINCT FROM
                    (OLD.handler_id, OLD.grade, OLD.category_id) THEN
    UPDATE dispatch_closing SET handler_id = NEW.handler_id, grade = NEW.grade, category_id = NEW.category_id
    WHERE clock_id IN (SELECT c.id FROM dispatch_clock c
                       WHERE c.appeal_id = NEW.id AND c.name = 'close' AND c.ended_at IS NOT NULL);
  END IF;
  IF NEW.status IN ('archived', 'merged', 'withdrawn', 'invalid') THEN
    IF NOT is_new AND OLD.status NOT IN ('archived', 'merged', 'withdrawn', 'invalid') THEN
      DELETE FROM dispatch_openappeal WHERE appeal_id = NEW.id;
    END IF;
    RETURN NULL;
  END IF;
  IF NOT is_new THEN
    UPDATE dispatch_openappeal SET received_at = NEW.received_at, next_due_at = NEW.next_due_at,
      reporter_user_id = NEW.reporter_user_id, worker_count = NEW.worker_count, reopened_count = NEW.reopened_count,
      is_overdue = NEW.is_overdue, status = NEW.status, grade = NEW.grade, amount = NEW.amount,
      category_id = NEW.category_id, handler_id = NEW.handler_id
    WHERE appeal_id = NEW.id;
    IF FOUND THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO dispatch_openappeal (appeal_id, received_at, next_due_at, unsigned_since, reporter_user_id, worker_count,
    reopened_count, is_overdue, asks_extension, is_extended, status, grade, amount, category_id, handler_id, seen)
  VALUES (NEW.id, NEW.received_at, NEW.next_due_at,
    CASE WHEN NOT is_new THEN (SELECT o.dispatched_at FROM dispatch_order o
      WHERE o.appeal_id = NEW.id AND o.role = 'handle' AND o.status = 'dispatched') END,
    NEW.reporter_user_id, NEW.worker_count, NEW.reopened_count, NEW.is_overdue,
    NOT is_new AND gq_asks_extension(NEW.id), NOT is_new AND gq_is_extended(NEW.id),
    NEW.status, NEW.grade, NEW.amount, NEW.category_id, NEW.handler_id, CASE WHEN is_new THEN '|' ELSE gq_seen_by(NEW.id) END);
  RETURN NULL;
END $$;

CREATE FUNCTION gq_keep_seen() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE mark CONSTANT text := CASE WHEN TG_OP = 'INSERT' THEN gq_mark(NEW.path, NEW.user_id, NEW.person_id) END;
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE dispatch_openappeal SET seen = seen || mark
    WHERE appeal_id = NEW.appeal_id AND position('|' || mark IN seen) = 0;
    RETURN NULL;
  END IF;
  UPDATE dispatch_openappeal SET seen = gq_seen_by(appeal_id)
  WHERE appeal_id = OLD.appeal_id OR (TG_OP = 'UPDATE' AND appeal_id = NEW.appeal_id);
  RETURN NULL;
END $$;

CREATE FUNCTION gq_keep_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  since timestamptz := NEW.dispatched_at;
  extended boolean := false;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    since := (SELECT o.dispatched_at FROM dispatch_order o
              WHERE o.appeal_id = NEW.appeal_id AND o.role = 'handle' AND o.status = 'dispatched');
    extended := gq_is_extended(NEW.appeal_id);
  END IF;
  UPDATE dispatch_openappeal SET unsigned_since = since, is_extended = extended
  WHERE appeal_id = NEW.appeal_id AND (unsigned_since IS DISTINCT FROM since OR is_extended <> extended);
  RETURN NULL;
END $$;

CREATE FUNCTION gq_keep_extension() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE given CONSTANT bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.order_id ELSE NEW.order_id END;
BEGIN
  UPDATE dispatch_openappeal SET asks_extension = gq_asks_extension(appeal_id), is_extended = gq_is_extended(appeal_id)
  WHERE appeal_id = (SELECT o.appeal_id FROM dispatch_order o WHERE o.id = given);
  RETURN NULL;
END $$;

CREATE FUNCTION gq_keep_closing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NEW.ended_at IS NULL OR NEW.state NOT IN ('met', 'overdue') THEN
    DELETE FROM dispatch_closing WHERE clock_id = NEW.id;
    RETURN NULL;
  END IF;
  INSERT INTO dispatch_closing (clock_id, ended_at, state, handler_id, grade, category_id)
  SELECT NEW.id, NEW.ended_at, NEW.state, a.handler_id, a.grade, a.category_id
  FROM appeals_appeal a WHERE a.id = NEW.appeal_id
  ON CONFLICT (clock_id) DO UPDATE SET ended_at = excluded.ended_at, state = excluded.state;
  RETURN NULL;
END $$;

CREATE TRIGGER keep_open AFTER INSERT OR DELETE ON appeals_appeal FOR EACH ROW EXECUTE FUNCTION gq_keep_open();
CREATE TRIGGER keep_open_changed AFTER UPDATE ON appeals_appeal FOR EACH ROW WHEN (
  (OLD.status, OLD.handler_id, OLD.grade, OLD.category_id, OLD.next_due_at, OLD.is_overdue, OLD.received_at,
   OLD.worker_count, OLD.amount, OLD.reopened_count, OLD.reporter_user_id) IS DISTINCT FROM
  (NEW.status, NEW.handler_id, NEW.grade, NEW.category_id, NEW.next_due_at, NEW.is_overdue, NEW.received_at,
   NEW.worker_count, NEW.amount, NEW.reopened_count, NEW.reporter_user_id)) EXECUTE FUNCTION gq_keep_open();
CREATE TRIGGER keep_seen AFTER INSERT ON appeals_access FOR EACH ROW WHEN (NEW.until IS NULL)
  EXECUTE FUNCTION gq_keep_seen();
CREATE TRIGGER keep_seen_changed AFTER UPDATE ON appeals_access FOR EACH ROW WHEN (
  (OLD.appeal_id, OLD.path, OLD.user_id, OLD.person_id, OLD.until IS NULL) IS DISTINCT FROM
  (NEW.appeal_id, NEW.path, NEW.user_id, NEW.person_id, NEW.until IS NULL)) EXECUTE FUNCTION gq_keep_seen();
CREATE TRIGGER keep_seen_gone AFTER DELETE ON appeals_access FOR EACH ROW WHEN (OLD.until IS NULL)
  EXECUTE FUNCTION gq_keep_seen();
CREATE TRIGGER keep_order AFTER INSERT ON dispatch_order FOR EACH ROW
  WHEN (NEW.role = 'handle' AND NEW.status = 'dispatched') EXECUTE FUNCTION gq_keep_order();
CREATE TRIGGER keep_order_changed AFTER UPDATE ON dispatch_order FOR EACH ROW WHEN (
  'handle' IN (OLD.role, NEW.role)
  AND (OLD.role, OLD.status, OLD.dispatched_at) IS DISTINCT FROM (NEW.role, NEW.status, NEW.dispatched_at)
  AND (OLD.role <> NEW.role OR OLD.status = 'dispatched' OR NEW.status = 'dispatched'
       OR (OLD.status IN ('signed', 'in_progress', 'paused', 'in_review', 'return_asked'))
       <> (NEW.status IN ('signed', 'in_progress', 'paused', 'in_review', 'return_asked'))))
  EXECUTE FUNCTION gq_keep_order();
CREATE TRIGGER keep_extension AFTER INSERT OR UPDATE OR DELETE ON dispatch_extension FOR EACH ROW
  EXECUTE FUNCTION gq_keep_extension();
CREATE TRIGGER keep_closing AFTER INSERT ON dispatch_clock FOR EACH ROW
  WHEN (NEW.name = 'close' AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION gq_keep_closing();
CREATE TRIGGER keep_closing_changed AFTER UPDATE ON dispatch_clock FOR EACH ROW WHEN (
  NEW.name = 'close' AND (OLD.ended_at IS NOT NULL OR NEW.ended_at IS NOT NULL)
  AND (OLD.ended_at, OLD.state) IS DISTINCT FROM (NEW.ended_at, NEW.state)) EXECUTE FUNCTION gq_keep_closing();
"""
NOT_KEPT = """
DROP TRIGGER keep_closing_changed ON dispatch_clock; DROP TRIGGER keep_closing ON dispatch_clock;
DROP TRIGGER keep_extension ON dispatch_extension;
DROP TRIGGER keep_order_changed ON dispatch_order; DROP TRIGGER keep_order ON dispatch_order;
DROP TRIGGER keep_seen_gone ON appeals_access; DROP TRIGGER keep_seen_changed ON appeals_access;
DROP TRIGGER keep_seen ON appeals_access;
DROP TRIGGER keep_open_changed ON appeals_appeal; DROP TRIGGER keep_open ON appeals_appeal;
DROP FUNCTION gq_keep_closing(); DROP FUNCTION gq_keep_extension(); DROP FUNCTION gq_keep_order();
DROP FUNCTION gq_keep_seen(); DROP FUNCTION gq_keep_open();
"""

# what closings were counted from until now; nothing else reads it
NO_INDEX = "DROP INDEX clock_closed;"
INDEX = """
CREATE INDEX clock_closed ON dispatch_clock (ended_at) INCLUDE (state, appeal_id)
  WHERE name = 'close' AND ended_at IS NOT NULL;
"""


def _key_of(target: str) -> Any:
    return models.OneToOneField(
        to=target,
        primary_key=True,
        serialize=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )


def _beside(target: str) -> Any:
    return models.ForeignKey(
        to=target,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("appeals", "0011_listening"),
        ("dispatch", "0019_search_among_few"),
        ("registry", "0004_organisation_letter_mark"),
    ]

    operations = [
        migrations.CreateModel(
            name="OpenAppeal",
            fields=[
                ("appeal", _key_of("appeals.appeal")),
                ("received_at", models.DateTimeField()),
                ("reopened_count", models.PositiveSmallIntegerField()),
                ("is_overdue", models.BooleanField()),
                ("asks_extension", models.BooleanField()),
                ("is_extended", models.BooleanField()),
                ("status", models.CharField(max_length=20)),
                ("grade", models.CharField(max_length=6)),
                ("handler", _beside("registry.organisation")),
                ("category", _beside("appeals.category")),
                ("next_due_at", models.DateTimeField(null=True)),
                ("unsigned_since", models.DateTimeField(null=True)),
                ("reporter_user_id", models.BigIntegerField(null=True)),
                ("worker_count", models.PositiveIntegerField(null=True)),
                ("amount", models.FloatField(null=True)),
                ("seen", models.TextField(db_collation="C")),
            ],
        ),
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("clock", _key_of("dispatch.clock")),
                ("ended_at", models.DateTimeField()),
                ("handler", _beside("registry.organisation")),
                ("category", _beside("appeals.category")),
                ("grade", models.CharField(max_length=6)),
                ("state", models.CharField(max_length=8)),
            ],
        ),
        migrations.RunSQL(MARKS, NO_MARKS),
        migrations.RunSQL(EXTENDED, NOT_EXTENDED),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex("closing", models.Index(fields=["ended_at"], name="closing_ended")),
        migrations.RunSQL(SCOPE, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, NOT_KEPT),
        migrations.RunSQL(NO_INDEX, INDEX),
    ]
