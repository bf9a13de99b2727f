"""One need may be a part of another, and can be taken apart again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('appeals', '0007_readers'),
        ('registry', '0004_organisation_letter_mark'),
        ('voices', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='needvoice',
            name='came_from',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='given_away', to='voices.sharedneed'),
        ),
        migrations.AddField(
            model_name='sharedneed',
            name='merged_into',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='voices.sharedneed'),
        ),
        migrations.AddField(
            model_name='sharedneed',
            name='state_before',
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AlterField(
            model_name='sharedneed',
            name='state',
            field=models.CharField(choices=[('proposed', '待研判'), ('taken_up', '已采纳'), ('answered', '已答复'), ('done', '已办成'), ('fed_back', '已反馈'), ('dismissed', '不成立'), ('merged', '已并入')], default='proposed', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='sharedneed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('merged_into__isnull', False), ('state', 'merged')), models.Q(models.Q(('state', 'merged'), _negated=True), ('merged_into__isnull', True)), _connector='OR'), name='shared_need_merged_into_one'),
        ),
    ]
