from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("dispatch", "0012_row_scope_of_groups"), ("audit", "0002_chain"),
    ]

    operations: list = []
