from django.db import migrations

import gongqing.appeals.models.appeals


class Migration(migrations.Migration):
    """Make the column known that `dispatch.0002_row_scope` has added; the table stays as it is."""

    dependencies = [("appeals", "0005_reading_paths")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    model_name="searchtext",
                    name="grams",
                    field=gongqing.appeals.models.appeals.GramsField(),
                ),
            ]
        )
    ]
