"""Issues of the weekly report."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("insight", "0001_rollups")]
    operations: ClassVar = []
