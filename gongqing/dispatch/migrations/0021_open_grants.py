"""To whom each open appeal is granted, in rows of their own, so that an index finds what somebody sees.

Until now `OpenAppeal.seen` held it as a text, which every count of a town or a county had to read of everything open.
The triggers also fire for what is copied with `session_replication_role = replica`, which left rows out before; so both
tables are made anew here. There is no way back: what the text held is gone.
"""

import django.db.models.deletion
from django.db import migrations, models

GRANTED = """
CREATE FUNCTION gq_marks_of(path text, account bigint, worker bigint) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT mark FROM (VALUES (nullif(path, '')), ('u' || account), ('p' || worker)) given(mark) WHERE mark IS NOT NULL
$$;
-- Each mark from a low to below its high; they come reckoned, for what is reckoned here PostgreSQL holds back from an
-- index. So few rows and so little cost are promised that each appeal is looked up by its number: the planner would
-- charge every look anew for what is found once, and read everything open instead.
CREATE FUNCTION gq_granted_open(lows text[], highs text[]) RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL SAFE COST 1 ROWS 200 SET search_path = public AS $$
  SELECT g.appeal_id FROM unnest(lows, highs) given(low, high)
  JOIN dispatch_opengrant g ON g.mark >= given.low AND g.mark < given.high
$$;
CREATE FUNCTION gq_open_to_me() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER COST 1 ROWS 10 SET search_path = public AS $$
  SELECT g.appeal_id FROM unnest(gq_paths()) p JOIN dispatch_opengrant g ON g.mark >= p AND g.mark < left(p, -1) || '0'
  UNION ALL SELECT g.appeal_id FROM dispatch_opengrant g
  WHERE g.mark = ANY (ARRAY(SELECT gq_marks_of('', gq_user(), gq_person())))
$$;
"""
# nobody but the triggers writes: there is no policy for it
SCOPE = """
ALTER TABLE dispatch_opengrant ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON dispatch_opengrant FOR SELECT USING (
  (SELECT gq_all()) OR appeal_id IN (SELECT mine FROM gq_open_to_me() mine));
DROP POLICY scope ON dispatch_openappeal;
CREATE POLICY scope ON dispatch_openappeal FOR SELECT USING (
  (SELECT gq_all()) OR appeal_id IN (SELECT mine FROM gq_open_to_me() mine) OR appeal_id = (SELECT gq_code_appeal()));
DROP FUNCTION gq_marks();
"""

FILL = """
ALTER TABLE dispatch_opengrant SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000);
TRUNCATE dispatch_openappeal, dispatch_closing;
INSERT INTO dispatch_openappeal (appeal_id, received_at, next_due_at, unsigned_since, reporter_user_id, worker_count,
  reopened_count, is_overdue, asks_extension, is_extended, status, grade, amount, category_id, handler_id)
SELECT a.id, a.received_at, a.next_due_at, o.dispatched_at, a.reporter_user_id, a.worker_count, a.reopened_count,
  a.is_overdue, gq_asks_extension(a.id), gq_is_extended(a.id), a.status, a.grade, a.amount, a.category_id, a.handler_id
FROM appeals_appeal a
LEFT JOIN dispatch_order o ON o.appeal_id = a.id AND o.role = 'handle' AND o.status = 'dispatched'
WHERE a.status NOT IN ('archived', 'merged', 'withdrawn', 'invalid') ORDER BY a.id;
INSERT INTO dispatch_opengrant (mark, appeal_id)
SELECT DISTINCT m, a.appeal_id
FROM dispatch_openappeal k JOIN appeals_access a ON a.appeal_id = k.appeal_id AND a.until IS NULL,
  gq_marks_of(a.path, a.user_id, a.person_id) m;
INSERT INTO dispatch_closing (clock_id, ended_at, state, handler_id, grade, category_id)
SELECT c.id, c.ended_at, c.state, a.handler_id, a.grade, a.category_id
FROM dispatch_clock c JOIN appeals_appeal a ON a.id = c.appeal_id
WHERE c.name = 'close' AND c.ended_at IS NOT NULL AND c.state IN ('met', 'overdue') ORDER BY c.ended_at;
"""

KEPT = """
CREATE OR REPLACE FUNCTION gq_keep_open() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE is_new CONSTANT boolean := TG_OP = 'INSERT';
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM dispatch_openappeal WHERE appeal_id = OLD.id;
    DELETE FROM dispatch_opengrant WHERE appeal_id = OLD.id;
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
      DELETE FROM dispatch_opengrant WHERE appeal_id = NEW.id;
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
    reopened_count, is_overdue, asks_extension, is_extended, status, grade, amount, category_id, handler_id)
  VALUES (NEW.id, NEW.received_at, NEW.next_due_at,
    CASE WHEN NOT is_new THEN (SELECT o.dispatched_at FROM dispatch_order o
      WHERE o.appeal_id = NEW.id AND o.role = 'handle' AND o.status = 'dispatched') END,
    NEW.reporter_user_id, NEW.worker_count, NEW.reopened_count, NEW.is_overdue,
    NOT is_new AND gq_asks_extension(NEW.id), NOT is_new AND gq_is_extended(NEW.id),
    NEW.status, NEW.grade, NEW.amount, NEW.category_id, NEW.handler_id);
  IF NOT is_new THEN PERFORM gq_grant_open(NEW.id); END IF;
  RETURN NULL;
END $$;

-- the lock keeps an appeal from closing between the look at it and the row
CREATE FUNCTION gq_grant_open(wanted bigint) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  INSERT INTO dispatch_opengrant (mark, appeal_id)
  SELECT DISTINCT m, k.appeal_id
  FROM (SELECT appeal_id FROM dispatch_openappeal WHERE appeal_id = wanted FOR KEY SHARE) k
    JOIN appeals_access a ON a.appeal_id = k.appeal_id AND a.until IS NULL,
    gq_marks_of(a.path, a.user_id, a.person_id) m
  ON CONFLICT DO NOTHING
$$;

CREATE OR REPLACE FUNCTION gq_keep_seen() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO dispatch_opengrant (mark, appeal_id)
    SELECT m, k.appeal_id
    FROM (SELECT appeal_id FROM dispatch_openappeal WHERE appeal_id = NEW.appeal_id FOR KEY SHARE) k,
      gq_marks_of(NEW.path, NEW.user_id, NEW.person_id) m
    ON CONFLICT DO NOTHING;
    RETURN NULL;
  END IF;
  DELETE FROM dispatch_opengrant g WHERE g.appeal_id = OLD.appeal_id AND NOT EXISTS (
    SELECT 1 FROM appeals_access a, gq_marks_of(a.path, a.user_id, a.person_id) m
    WHERE a.appeal_id = g.appeal_id AND a.until IS NULL AND m = g.mark);
  IF TG_OP = 'UPDATE' THEN PERFORM gq_grant_open(NEW.appeal_id); END IF;
  RETURN NULL;
END $$;
DROP FUNCTION gq_seen_by(bigint); DROP FUNCTION gq_mark(text, bigint, bigint);
"""

# whoever changes what: also a loader that copies without the triggers of others
ALWAYS = "".join(
    f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger};\n"
    for table, triggers in {
        "appeals_appeal": ("keep_open", "keep_open_changed"),
        "appeals_access": ("keep_seen", "keep_seen_changed", "keep_seen_gone"),
        "dispatch_order": ("keep_order", "keep_order_changed"),
        "dispatch_extension": ("keep_extension",),
        "dispatch_clock": ("keep_closing", "keep_closing_changed"),
    }.items()
    for trigger in triggers
)


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0020_open_appeals")]

    operations = [
        migrations.CreateModel(
            name="OpenGrant",
            fields=[
                ("mark", models.TextField(db_collation="C")),
                (
                    "appeal",
                    models.ForeignKey(
                        to="appeals.appeal",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        db_constraint=False,
                        related_name="+",
                    ),
                ),
                ("pk", models.CompositePrimaryKey("mark", "appeal", blank=True, editable=False, serialize=False)),
            ],
        ),
        migrations.RunSQL(GRANTED),
        migrations.RunSQL(SCOPE),
        migrations.RemoveField("openappeal", "seen"),
        migrations.RunSQL(FILL),
        migrations.RunSQL(KEPT),
        migrations.RunSQL(ALWAYS),
        migrations.AddIndex("openappeal", models.Index(fields=["handler"], name="open_handler")),
        migrations.AddIndex("openappeal", models.Index(fields=["status"], name="open_status")),
        migrations.AddIndex(
            "openappeal", models.Index(fields=["next_due_at", "received_at", "appeal"], name="open_due_first")
        ),
        migrations.AddIndex(
            "openappeal",
            models.Index(fields=["appeal"], condition=models.Q(is_overdue=True), name="open_overdue"),
        ),
    ]
