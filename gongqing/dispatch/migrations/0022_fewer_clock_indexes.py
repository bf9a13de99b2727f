"""Two indexes of clocks that nothing reads by: each look at a clock wrote a line into both.

`clock_due` was for questions about state and deadline, which boards now ask of `OpenAppeal`; `clock_open` holds what the
unique `one_open_clock_of_a_name` holds as well.
"""

from django.db import migrations

OPEN = "CREATE INDEX clock_open ON dispatch_clock (appeal_id) WHERE ended_at IS NULL;"


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0021_open_grants")]
    operations = [
        migrations.RemoveIndex(model_name="clock", name="clock_due"),
        migrations.RunSQL("DROP INDEX clock_open;", OPEN),
    ]
