from django.db import migrations, models

KINDS = [
    ("routing", "派单规则"),
    ("limits", "期限"),
    ("grading", "分级规则"),
    ("categories", "分类"),
    ("calendar", "日历"),
]


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0007_letter_reference")]

    operations = [
        migrations.AlterField(
            model_name="rulechange", name="kind", field=models.CharField(choices=KINDS, max_length=10)
        ),
        migrations.RemoveConstraint(model_name="rulechange", name="change_needs_a_second_person"),
        migrations.AddConstraint(
            model_name="rulechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "approved"), _negated=True),
                    models.Q(
                        ("decided_by_user_id__isnull", False),
                        models.Q(("decided_by_user_id", models.F("made_by_user_id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="change_needs_a_second_person",
            ),
        ),
    ]
