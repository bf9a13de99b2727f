"""What an account took in is found with the sights it stands in, from the index alone."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("insight", "0006_narrow_sights")]
    operations: ClassVar = [
        migrations.RemoveIndex("countedappeal", "counted_reporter"),
        migrations.AddIndex(
            "countedappeal",
            models.Index(
                fields=["reporter_id", "received_on"],
                include=["appeal_id", "scopes"],
                name="counted_reporter",
                condition=Q(reporter_id__isnull=False),
            ),
        ),
    ]
