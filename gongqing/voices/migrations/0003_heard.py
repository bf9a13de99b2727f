"""Who hears of a need is asked for all needs at once, until the first voice of each.

`gq_heard_needs` answers the needs in which an appeal speaks that is granted to these paths, this account or this worker,
as far as they are the acting person's own: what is asked for narrows, never widens.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION gq_heard_needs(paths text[], account bigint, worker bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = public AS $$
WITH own AS MATERIALIZED (
  SELECT array(
    SELECT p FROM unnest(paths) p
    WHERE gq_all() OR EXISTS (SELECT 1 FROM unnest(gq_paths()) q WHERE p >= q AND p < left(q, -1) || '0')) AS within,
  CASE WHEN gq_all() OR account = gq_user() THEN account END AS account,
  CASE WHEN gq_all() OR worker = gq_person() THEN worker END AS worker)
SELECT n.id FROM voices_sharedneed n WHERE EXISTS (
  SELECT 1 FROM voices_needvoice v JOIN appeals_access a ON a.appeal_id = v.appeal_id AND a.until IS NULL
  WHERE v.need_id = n.id AND v.left_at IS NULL AND (
    a.path ^@ ANY ((SELECT within FROM own)::text[])
    OR a.user_id = (SELECT o.account FROM own o) OR a.person_id = (SELECT o.worker FROM own o)))
UNION ALL SELECT v.need_id FROM voices_needvoice v WHERE v.left_at IS NULL AND v.appeal_id = gq_code_appeal()
$$;
ALTER POLICY scope ON voices_sharedneed USING (
  gq_sees_organisation(organisation_id)
  OR id IN (SELECT gq_heard_needs(gq_paths(), gq_user(), gq_person())));
DROP FUNCTION gq_hears_need(bigint);
"""
NO_FUNCTIONS = """
CREATE FUNCTION gq_hears_need(wanted bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public AS $$
  SELECT EXISTS (
    SELECT 1 FROM voices_needvoice v
    WHERE v.need_id = wanted AND v.left_at IS NULL AND gq_sees_appeal(v.appeal_id))
$$;
ALTER POLICY scope ON voices_sharedneed USING (gq_sees_organisation(organisation_id) OR gq_hears_need(id));
DROP FUNCTION gq_heard_needs(text[], bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("voices", "0002_merging"), ("dispatch", "0015_people_stamp")]
    operations: ClassVar = [migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS)]
