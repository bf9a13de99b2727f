"""The notices that nobody has read, which every page of the desk counts, are found by indexes of their own.

An index of all that ever came to an inbox was read beside the one of the reader. The policy asks for the reader once in
a statement now, where it read the settings for every row; it lets through what it did.
"""

from django.db import migrations, models
from django.db.models import Q

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
    dependencies = [("notices", "0004_fewer_indexes"), ("dispatch", "0021_open_grants")]
    operations = [
        migrations.AddIndex(
            "message",
            models.Index(
                fields=["user"],
                include=["organisation"],
                name="message_unread_user",
                condition=Q(state="inbox", read_at__isnull=True, user__isnull=False),
            ),
        ),
        migrations.AddIndex(
            "message",
            models.Index(
                fields=["organisation"],
                include=["user"],
                name="message_unread_place",
                condition=Q(state="inbox", read_at__isnull=True, organisation__isnull=False),
            ),
        ),
        migrations.RunSQL(SCOPE, BEFORE),
    ]
