"""What proves a payment is kept apart from the files of the case, which more people see; nothing ever wrote this."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("appeals", "0013_ended_newest")]
    operations: ClassVar = [migrations.RemoveField("payment", "attachment")]
