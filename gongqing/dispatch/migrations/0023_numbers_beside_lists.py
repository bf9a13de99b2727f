"""What every page of the desk counts: what is open in one's sight, and what was closed.

What is granted was looked up twice, by the actor's marks and by those of whom PostgreSQL knows to act, and then each
appeal by itself. As a rule both are the same marks: then it is looked up once, and the numbers come as one array, which
walks the index of appeals from one end to the other.

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


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0022_fewer_clock_indexes")]
    operations = [
        migrations.RunSQL(COUNTED, "DROP FUNCTION gq_counted_open(text[], text[]);"),
        migrations.RemoveIndex("closing", "closing_ended"),
        migrations.AddIndex("closing", models.Index(fields=["ended_at"], include=["state"], name="closing_ended")),
        migrations.AddIndex(
            "closing", models.Index(fields=["handler", "ended_at"], include=["state"], name="closing_handler")
        ),
    ]
