"""Who waits to hear of what happened."""

import django.db.models.functions.datetime
from django.db import migrations, models

# rows come and go all day: what is gone is cleared away before the next reader has to step over it
CLEARED = """
ALTER TABLE audit_delivery SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000)
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_chain")]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_id", models.BigIntegerField()),
                ("listeners", models.JSONField()),
                ("queued_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.RunSQL(CLEARED, migrations.RunSQL.noop),
    ]
