"""The sums that figures are read from."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("dispatch", "0015_people_stamp")]
    operations: ClassVar = []
