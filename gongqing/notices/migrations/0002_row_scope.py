"""Row-level security of messages: one's own, and those to organisations at or under one's paths.

What `visible_to(actor)` shows is never more than this. A scope with everything writes to other people's inboxes.
"""

from django.db import migrations

SQL = """
ALTER TABLE notices_message ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON notices_message USING (
  coalesce(current_setting('gongqing.all', true), '') = 'on'
  OR user_id = nullif(current_setting('gongqing.user', true), '')::bigint
  OR EXISTS (
    SELECT 1 FROM registry_organisation o,
                  unnest(string_to_array(nullif(current_setting('gongqing.paths', true), ''), ',')) p
    WHERE o.id = organisation_id AND o.path >= p AND o.path < left(p, -1) || '0'
  )
);
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]
    operations = [migrations.RunSQL(SQL, "ALTER TABLE notices_message DISABLE ROW LEVEL SECURITY")]
