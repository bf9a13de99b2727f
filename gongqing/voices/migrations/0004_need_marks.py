"""To whom each voice of a need is granted, in rows of their own, so that a town does not look through a whole city's.

`NeedMark` has the grants that a need's voices have had, and keeps them when they end: it says where a look is worth
while. `gq_heard_needs` then looks for a voice that belongs to the need and is granted now, until the first. A grant and
a voice that are written at the same moment do not see each other; `gq_mark_needs` finds them at the next hearing.
"""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

KEPT = """
CREATE FUNCTION gq_mark_needs() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  INSERT INTO voices_needmark (need_id, mark, appeal_id)
  SELECT DISTINCT v.need_id, m, v.appeal_id
  FROM voices_needvoice v JOIN appeals_access a ON a.appeal_id = v.appeal_id AND a.until IS NULL,
    gq_marks_of(a.path, a.user_id, a.person_id) m
  WHERE v.left_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM voices_needmark k WHERE k.need_id = v.need_id AND k.mark = m AND k.appeal_id = v.appeal_id)
  ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION gq_mark_voice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO voices_needmark (need_id, mark, appeal_id)
  SELECT DISTINCT NEW.need_id, m, NEW.appeal_id
  FROM appeals_access a, gq_marks_of(a.path, a.user_id, a.person_id) m
  WHERE a.appeal_id = NEW.appeal_id AND a.until IS NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE FUNCTION gq_mark_granted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO voices_needmark (need_id, mark, appeal_id)
  SELECT v.need_id, m, v.appeal_id FROM voices_needvoice v, gq_marks_of(NEW.path, NEW.user_id, NEW.person_id) m
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
  CASE WHEN gq_all() OR worker = gq_person() THEN worker END AS worker)
SELECT n.id FROM own o, voices_sharedneed n
WHERE (SELECT true FROM unnest(o.within) p, LATERAL (
         SELECT k.mark, k.appeal_id FROM voices_needmark k
         WHERE k.need_id = n.id AND k.mark >= p AND k.mark < left(p, -1) || '0' OFFSET 0) m
       WHERE (SELECT true FROM voices_needvoice v
              WHERE v.appeal_id = m.appeal_id AND v.need_id = n.id AND v.left_at IS NULL)
         AND (SELECT true FROM appeals_access a
              WHERE a.appeal_id = m.appeal_id AND a.path = m.mark AND a.until IS NULL LIMIT 1) LIMIT 1)
  OR (SELECT true FROM voices_needmark m WHERE m.need_id = n.id AND m.mark = 'u' || o.account
        AND (SELECT true FROM voices_needvoice v
              WHERE v.appeal_id = m.appeal_id AND v.need_id = n.id AND v.left_at IS NULL)
        AND (SELECT true FROM appeals_access a
             WHERE a.appeal_id = m.appeal_id AND a.user_id = o.account AND a.until IS NULL LIMIT 1) LIMIT 1)
  OR (SELECT true FROM voices_needmark m WHERE m.need_id = n.id AND m.mark = 'p' || o.worker
        AND (SELECT true FROM voices_needvoice v
              WHERE v.appeal_id = m.appeal_id AND v.need_id = n.id AND v.left_at IS NULL)
        AND (SELECT true FROM appeals_access a
             WHERE a.appeal_id = m.appeal_id AND a.person_id = o.worker AND a.until IS NULL LIMIT 1) LIMIT 1)
UNION ALL SELECT v.need_id FROM voices_needvoice v WHERE v.left_at IS NULL AND v.appeal_id = gq_code_appeal()
$$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("voices", "0003_heard"), ("dispatch", "0021_open_grants")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="NeedMark",
            fields=[
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
                ("mark", models.TextField(db_collation="C")),
                (
                    "appeal",
                    models.ForeignKey(
                        to="appeals.appeal",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        db_constraint=False,
                        db_index=False,
                        related_name="+",
                    ),
                ),
                (
                    "pk",
                    models.CompositePrimaryKey("need", "mark", "appeal", blank=True, editable=False, serialize=False),
                ),
            ],
        ),
        migrations.RunSQL(SCOPE),
        migrations.RunSQL(KEPT),
        migrations.RunSQL(HEARD),
    ]
