"""What was withdrawn, merged or invalid is one in thirty: a list of it is read by an index of its own.

Until now it was looked for from the newest appeal of the city down, which took seconds where one sees little of it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appeals", "0012_far_from_the_top")]
    operations = [
        migrations.AddIndex(
            "appeal",
            models.Index(
                fields=["status", "-received_at", "-id"],
                name="appeal_ended_newest",
                condition=models.Q(status__in=["invalid", "merged", "withdrawn"]),
            ),
        )
    ]
