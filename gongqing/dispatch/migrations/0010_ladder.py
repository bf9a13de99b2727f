"""The ladder: when a clock is next looked at, answers to supervision orders, digests, interviews, steps up.

Open clocks of before have no next look, so the first sweep reckons them all.
"""

import django.db.models.deletion
from django.db import migrations, models


POLICIES = {
    "dispatch_digest": """gq_all() OR user_id = gq_user() OR EXISTS (
        SELECT 1 FROM registry_organisation o WHERE o.id = organisation_id AND gq_sees_path(o.path))""",
    "dispatch_reminder": "gq_sees_appeal(appeal_id)",
    "dispatch_interview": "gq_sees_appeal(appeal_id)",
    "dispatch_filterstep": "gq_sees_appeal(appeal_id)",
}
ADD = "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; CREATE POLICY scope ON {table} USING ({seen}) WITH CHECK ({seen});"
DROP = "DROP POLICY scope ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"


def lines(command: str) -> str:
    return "\n".join(command.format(table=table, seen=seen) for table, seen in POLICIES.items())


class Migration(migrations.Migration):

    dependencies = [
        ("appeals", "0003_hotline"),
        ("dispatch", "0009_pass_on_as_often_as_needed"),
        ("registry", "0004_organisation_letter_mark"),
    ]

    operations = [
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_id', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('count', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='FilterStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_level', models.CharField(choices=[('city', '市'), ('county', '区县市'), ('town', '镇街'), ('zone', '片区'), ('grassroots', '基层'), ('department', '横向部门')], max_length=10)),
                ('level', models.CharField(choices=[('city', '市'), ('county', '区县市'), ('town', '镇街'), ('zone', '片区'), ('grassroots', '基层'), ('department', '横向部门')], max_length=10)),
                ('why', models.CharField(choices=[('declared', '超出本级能力'), ('stalled', '三个工作日没有进展')], max_length=10)),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('by_name', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Interview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('held_at', models.DateTimeField(null=True)),
                ('people', models.CharField(blank=True, max_length=200)),
                ('said', models.TextField(blank=True)),
                ('agreed', models.TextField(blank=True)),
                ('recorded_at', models.DateTimeField(null=True)),
                ('by_name', models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_id', models.BigIntegerField(null=True)),
                ('kind', models.CharField(choices=[('half', '时限过半'), ('fifth', '黄牌，只剩两成时间'), ('overdue', '红牌，已超时'), ('supervise', '自动督办'), ('unanswered', '督办单没有按时回复'), ('notice', '超时通报'), ('interview', '待约谈'), ('passed_up', '报上来的'), ('top', '三个工作日没有进展')], max_length=10)),
                ('clock', models.CharField(blank=True, max_length=8)),
                ('made_at', models.DateTimeField()),
                ('not_before', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='clock',
            name='next_look_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='supervision',
            name='answer',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='supervision',
            name='answered_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='supervision',
            name='answered_by_name',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='supervision',
            name='clocks',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='supervision',
            name='copied_to',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='supervision',
            name='due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='supervision',
            name='late_told_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='clock',
            name='warned',
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AlterField(
            model_name='supervision',
            name='kind',
            field=models.CharField(choices=[('urge', '催办'), ('supervise', '督办'), ('escalate', '升级'), ('notice', '通报')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='clock',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['next_look_at'], name='clock_next_look'),
        ),
        migrations.AddIndex(
            model_name='supervision',
            index=models.Index(condition=models.Q(('answered_at__isnull', True), ('due_at__isnull', False)), fields=['due_at'], name='supervision_unanswered'),
        ),
        migrations.AddIndex(
            model_name='supervision',
            index=models.Index(condition=models.Q(('kind', 'notice')), fields=['at'], name='supervision_notice'),
        ),
        migrations.AddField(
            model_name='digest',
            name='organisation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='registry.organisation'),
        ),
        migrations.AddField(
            model_name='filterstep',
            name='appeal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='filter_steps', to='appeals.appeal'),
        ),
        migrations.AddField(
            model_name='filterstep',
            name='from_organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.organisation'),
        ),
        migrations.AddField(
            model_name='filterstep',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.organisation'),
        ),
        migrations.AddField(
            model_name='interview',
            name='appeal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interviews', to='appeals.appeal'),
        ),
        migrations.AddField(
            model_name='interview',
            name='held_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interviews_held', to='registry.organisation'),
        ),
        migrations.AddField(
            model_name='interview',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interviews', to='registry.organisation'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='appeal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='appeals.appeal'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='digest',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='dispatch.digest'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='organisation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='registry.organisation'),
        ),
        migrations.AddIndex(
            model_name='digest',
            index=models.Index(fields=['organisation', 'at'], name='digest_organisation'),
        ),
        migrations.AddIndex(
            model_name='digest',
            index=models.Index(condition=models.Q(('user_id__isnull', False)), fields=['user_id', 'at'], name='digest_user'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.CheckConstraint(condition=models.Q(('user_id__isnull', False), ('organisation__isnull', False), _connector='OR'), name='digest_to_somebody'),
        ),
        migrations.AddIndex(
            model_name='interview',
            index=models.Index(fields=['held_by', 'recorded_at'], name='interview_held_by'),
        ),
        migrations.AddConstraint(
            model_name='interview',
            constraint=models.UniqueConstraint(condition=models.Q(('recorded_at__isnull', True)), fields=('appeal',), name='one_open_interview'),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('digest__isnull', True)), fields=['not_before'], name='reminder_waiting'),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('digest__isnull', False)), fields=['digest'], name='reminder_told'),
        ),
        migrations.RunSQL(lines(ADD), lines(DROP)),
    ]
