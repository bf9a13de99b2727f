"""How far the appeals were heard again for words of danger."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("appeals", "0010_fewer_indexes")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="ListeningMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("upto_appeal_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
