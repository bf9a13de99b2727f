"""What is overdue is found without looking at everything in hand."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("appeals", "0007_readers")]
    operations: ClassVar = [
        migrations.AddIndex(
            "appeal", models.Index(fields=["received_at"], name="appeal_overdue", condition=Q(is_overdue=True))
        ),
    ]
