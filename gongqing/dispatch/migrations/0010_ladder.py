from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("dispatch", "0009_pass_on_as_often_as_needed"),
    ]

    operations: list = []
