"""What the cockpit is told of as it happens."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("insight", "0002_reports")]
    operations: ClassVar = []
