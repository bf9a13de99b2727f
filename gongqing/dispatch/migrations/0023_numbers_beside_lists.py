"""What every page of the desk counts: what is open in one's sight, and the notices that nobody has read.

What is granted was looked up twice, by the actor's marks and by those of whom PostgreSQL knows to act, and then each
appeal by itself. As a rule both are the same marks: then it is looked up once, and the numbers come as one array, which
walks the index of appeals from one end to the other.

Of notices an index of all that ever came to an inbox was read beside the one of the reader. Their policy asks for the
reader once in a statement now, where it read the settings for every row; it lets through what it did.

What was closed in thirty days is counted from indexes alone: the whole city's, and an organisation's with those under it.
"""

from django.db import migrations, models

COUNTED = """
CREATE FUNCTION gq_counted_open(lows text[], highs text[]) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER COST 1 SET search_path = public AS $$
  SELECT ARRAY(
    SELECT granted FROM gq_granted_open(lows, highs) granted
    WHERE (
        SELECT lows = gq_paths() || selves
          AND highs = ARRAY(SELECT left(p, -1) || '0' FROM unnest(gq_paths()) p) || ARRAY(SELECT s || '!' FROM unnest(selves) s)
        FROM (SELECT ARRAY(SELECT gq_marks_of('', gq_user(), gq_person()))) held(selves))
      OR granted IN (SELECT mine FROM gq_open_to_me() mine) OR granted = (SELECT gq_code_appeal()))
$$;
"""
UNREAD = """
CREATE INDEX message_unread_user ON notices_message (user_id) INCLUDE (organisation_id)
  WHERE user_id IS NOT NULL AND read_at IS NULL AND state = 'inbox';
CREATE INDEX message_unread_place ON notices_message (organisation_id) INCLUDE (user_id)
  WHERE organisation_id IS NOT NULL AND read_at IS NULL AND state = 'inbox';
"""
SCOPE = """
DROP POLICY scope ON notices_message;
CREATE POLICY scope ON notices_message USING (
  (SELECT gq_all()) OR user_id = (SELECT gq_user()) OR organisation_id IN (
    SELECT o.id FROM unnest(gq_paths()) p JOIN registry_organisation o ON o.path >= p AND o.path < left(p, -1) || '0'));
"""
BEFORE = """
DROP POLICY scope ON notices_message;
CREATE POLICY scope ON notices_message USING (
  coalesce(current_setting('gongqing.all', true), '') = 'on'
  OR user_id = nullif(current_setting('gongqing.user', true), '')::bigint
  OR EXISTS (
    SELECT 1 FROM registry_organisation o,
                  unnest(string_to_array(nullif(current_setting('gongqing.paths', true), ''), ',')) p
    WHERE o.id = organisation_id AND o.path >= p AND o.path < left(p, -1) || '0'));
"""


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0022_fewer_clock_indexes"), ("notices", "0004_fewer_indexes")]
    operations = [
        migrations.RunSQL(COUNTED, "DROP FUNCTION gq_counted_open(text[], text[]);"),
        migrations.RunSQL(UNREAD, "DROP INDEX message_unread_place; DROP INDEX message_unread_user;"),
        migrations.RunSQL(SCOPE, BEFORE),
        migrations.RemoveIndex("closing", "closing_ended"),
        migrations.AddIndex("closing", models.Index(fields=["ended_at"], include=["state"], name="closing_ended")),
        migrations.AddIndex(
            "closing", models.Index(fields=["handler", "ended_at"], include=["state"], name="closing_handler")
        ),
    ]
