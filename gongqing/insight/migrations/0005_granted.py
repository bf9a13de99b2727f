"""What is granted is read from its index alone, once for the condition of sight and once for row-level security.

`gq_granted_among` answers the appeals granted to these paths, this account and this worker, as far as they are the
acting person's own: what is asked for narrows, never widens.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FUNCTION = """
CREATE FUNCTION gq_granted_among(paths text[], account bigint, worker bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER ROWS 10000 SET search_path = public AS $$
SELECT a.appeal_id FROM (
  SELECT p FROM unnest(paths) p
  WHERE gq_all() OR EXISTS (SELECT 1 FROM unnest(gq_paths()) q WHERE p >= q AND p < left(q, -1) || '0') OFFSET 0) asked
CROSS JOIN LATERAL (
  SELECT g.appeal_id FROM appeals_access g
  WHERE g.until IS NULL AND g.path >= p AND g.path < left(p, -1) || '0' OFFSET 0) a
UNION ALL SELECT a.appeal_id FROM appeals_access a
  WHERE a.until IS NULL AND a.user_id = account AND (gq_all() OR account = gq_user())
UNION ALL SELECT a.appeal_id FROM appeals_access a
  WHERE a.until IS NULL AND a.person_id = worker AND (gq_all() OR worker = gq_person())
$$;
"""
NO_FUNCTION = "DROP FUNCTION gq_granted_among(text[], bigint, bigint);"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("insight", "0004_in_hand")]
    operations: ClassVar = [migrations.RunSQL(FUNCTION, NO_FUNCTION)]
