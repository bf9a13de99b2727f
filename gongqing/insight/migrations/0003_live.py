"""What the cockpit is told of as it happens, and the outlines on its map.

A statement that records events sends one notice, and at most about one a second leaves the whole database: notices make
transactions wait for each other at their end, so most of them stay silent. The second of the last notice stands in a
sequence, which takes no lock that lasts and leaves no dead rows; who listens looks again a little later.
"""

import django.db.models.deletion
from django.db import migrations, models

NOTICE = """
CREATE SEQUENCE gq_live_second;
CREATE FUNCTION gq_tell_live() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE this_second bigint := extract(epoch FROM clock_timestamp())::bigint;
BEGIN
  IF this_second <> (SELECT last_value FROM public.gq_live_second) THEN
    PERFORM setval('public.gq_live_second', this_second), pg_notify('gongqing_live', '');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER live AFTER INSERT ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION gq_tell_live();
"""
NO_NOTICE = """
DROP TRIGGER live ON audit_event; DROP FUNCTION gq_tell_live(); DROP SEQUENCE gq_live_second;
"""


class Migration(migrations.Migration):
    dependencies = [("insight", "0002_reports"), ("registry", "0004_organisation_letter_mark"), ("audit", "0002_chain")]
    operations = [
        migrations.CreateModel(
            name="Outline",
            fields=[
                (
                    "region",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="registry.region",
                    ),
                ),
                ("polygons", models.JSONField()),
                ("source", models.CharField(max_length=128)),
                ("loaded_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(NOTICE, NO_NOTICE),
    ]
