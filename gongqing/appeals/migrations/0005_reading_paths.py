from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("appeals", "0004_groups"),
    ]

    operations: list = []
