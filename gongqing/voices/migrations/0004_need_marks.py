"""Which needs may concern whom is kept in rows of their own, so that a town does not look through every voice of the city.

`NeedMark` has whatever the live grants of a need's voices have named, and keeps it when they end: it says where a look
is worth while, and `gq_heard_needs` looks as before, until the first voice that is granted now. A grant and a voice
that are written at the same moment do not see each other; `gq_mark_needs` finds them at the next hearing.
"""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

KEPT = """
CREATE FUNCTION gq_mark_needs() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  INSERT INTO voices_needmark (mark, need_id)
  SELECT DISTINCT m, v.need_id
  FROM voices_needvoice v JOIN appeals_access a ON a.appeal_id = v.appeal_id AND a.until IS NULL,
    gq_marks_of(a.path, a.user_id, a.person_id) m
  WHERE v.left_at IS NULL
  ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION gq_mark_voice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO voices_needmark (mark, need_id)
  SELECT DISTINCT m, NEW.need_id FROM appeals_access a, gq_marks_of(a.path, a.user_id, a.person_id) m
  WHERE a.appeal_id = NEW.appeal_id AND a.until IS NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE FUNCTION gq_mark_granted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO voices_needmark (mark, need_id)
  SELECT m, v.need_id FROM voices_needvoice v, gq_marks_of(NEW.path, NEW.user_id, NEW.person_id) m
  WHERE v.appeal_id = NEW.appeal_id
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_voice AFTER INSERT OR UPDATE OF need_id, left_at ON voices_needvoice
  FOR EACH ROW WHEN (NEW.left_at IS NULL) EXECUTE FUNCTION gq_mark_voice();
CREATE TRIGGER mark_granted AFTER INSERT OR UPDATE OF path, user_id, person_id, until ON appeals_access
  FOR EACH ROW WHEN (NEW.until IS NULL) EXECUTE FUNCTION gq_mark_granted();
ALTER TABLE voices_needvoice ENABLE ALWAYS TRIGGER mark_voice;
ALTER TABLE appeals_access ENABLE ALWAYS TRIGGER mark_granted;
SELECT gq_mark_needs();
"""
# nobody but the triggers writes, and nobody but the function below reads
SCOPE = """
ALTER TABLE voices_needmark ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON voices_needmark FOR SELECT USING ((SELECT gq_all()));
"""
HEARD = """
CREATE OR REPLACE FUNCTION gq_heard_needs(paths text[], account bigint, worker bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = public AS $$
WITH own AS MATERIALIZED (
  SELECT array(
    SELECT p FROM unnest(paths) p
    WHERE gq_all() OR EXISTS (SELECT 1 FROM unnest(gq_paths()) q WHERE p >= q AND p < left(q, -1) || '0')) AS within,
  CASE WHEN gq_all() OR account = gq_user() THEN account END AS account,
  CASE WHEN gq_all() OR worker = gq_person() THEN worker END AS worker),
marked AS MATERIALIZED (
  SELECT m.need_id FROM own, unnest(own.within) p JOIN voices_needmark m ON m.mark >= p AND m.mark < left(p, -1) || '0'
  UNION SELECT m.need_id FROM voices_needmark m
  WHERE m.mark = ANY (ARRAY(SELECT gq_marks_of('', own.account, own.worker) FROM own)))
SELECT n.need_id FROM marked n WHERE EXISTS (
  SELECT 1 FROM voices_needvoice v JOIN appeals_access a ON a.appeal_id = v.appeal_id AND a.until IS NULL
  WHERE v.need_id = n.need_id AND v.left_at IS NULL AND (
    a.path ^@ ANY ((SELECT within FROM own)::text[])
    OR a.user_id = (SELECT o.account FROM own o) OR a.person_id = (SELECT o.worker FROM own o)))
UNION ALL SELECT v.need_id FROM voices_needvoice v WHERE v.left_at IS NULL AND v.appeal_id = gq_code_appeal()
$$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("voices", "0003_heard"), ("dispatch", "0021_open_grants")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="NeedMark",
            fields=[
                ("mark", models.TextField(db_collation="C")),
                (
                    "need",
                    models.ForeignKey(
                        to="voices.sharedneed",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        db_constraint=False,
                        db_index=False,
                        related_name="+",
                    ),
                ),
                ("pk", models.CompositePrimaryKey("mark", "need", blank=True, editable=False, serialize=False)),
            ],
        ),
        migrations.RunSQL(SCOPE),
        migrations.RunSQL(KEPT),
        migrations.RunSQL(HEARD),
    ]
