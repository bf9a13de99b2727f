from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("dispatch", "0011_settling_lists"), ("appeals", "0004_groups"),
    ]

    operations: list = []
