"""Group cases: parts of a lead case, matters found different, teams, what each worker is owed, and what came back."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("appeals", "0003_hotline"),
        ("registry", "0004_organisation_letter_mark"),
    ]

    operations = [
        migrations.AlterField(
            model_name='access',
            name='why',
            field=models.CharField(choices=[('party', '本人'), ('reporter', '登记人'), ('handler', '主办'), ('assist', '协办'), ('supervise', '督办'), ('follow', '跟踪'), ('triage', '分类派单'), ('intake', '归集'), ('group', '并案')], max_length=12),
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_on', models.DateField()),
                ('ended_on', models.DateField()),
                ('payable', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('paid', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('owed', models.DecimalField(decimal_places=2, max_digits=12)),
                ('basis', models.TextField(blank=True)),
                ('is_disputed', models.BooleanField(default=False)),
                ('dispute_note', models.TextField(blank=True)),
                ('agreed', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('checked_at', models.DateTimeField(null=True)),
                ('checked_by_name', models.CharField(blank=True, max_length=64)),
                ('recovered', models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ('entered_at', models.DateTimeField()),
                ('entered_by_name', models.CharField(max_length=64)),
                ('removed_at', models.DateTimeField(null=True)),
                ('removed_reason', models.TextField(blank=True)),
                ('appeal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='appeals.appeal')),
                ('checked_with', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.person')),
                ('part', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='appeals.appeal')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.person')),
            ],
        ),
        migrations.CreateModel(
            name='ClaimCorrection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=16)),
                ('before', models.CharField(blank=True, max_length=128)),
                ('after', models.CharField(blank=True, max_length=128)),
                ('reason', models.TextField()),
                ('with_leader', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('by_name', models.CharField(max_length=64)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='appeals.claim')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('employer_name', models.CharField(max_length=128)),
                ('name', models.CharField(blank=True, max_length=64)),
                ('appeal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='appeals.appeal')),
                ('employer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.enterprise')),
                ('leader', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.person')),
            ],
        ),
        migrations.AddField(
            model_name='claim',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='appeals.team'),
        ),
        migrations.CreateModel(
            name='Distinction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('by_name', models.CharField(max_length=64)),
                ('one', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='appeals.appeal')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='appeals.appeal')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('one', 'other'), name='distinction_once'), models.CheckConstraint(condition=models.Q(('one__lt', models.F('other'))), name='distinction_in_order')],
            },
        ),
        migrations.CreateModel(
            name='GroupMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('merged_at', models.DateTimeField()),
                ('merged_by_name', models.CharField(max_length=64)),
                ('reason', models.TextField()),
                ('before', models.JSONField(default=dict)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by_name', models.CharField(blank=True, max_length=64)),
                ('ended_reason', models.TextField(blank=True)),
                ('appeal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='appeals.appeal')),
                ('lead', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='appeals.appeal')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('appeal',), name='part_of_one_case'), models.CheckConstraint(condition=models.Q(('appeal', models.F('lead')), _negated=True), name='part_is_not_its_lead')],
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12)),
                ('paid_on', models.DateField()),
                ('voucher', models.CharField(max_length=200)),
                ('over_reason', models.CharField(blank=True, max_length=200)),
                ('batch', models.CharField(max_length=32)),
                ('at', models.DateTimeField()),
                ('by_name', models.CharField(max_length=64)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('cancelled_by_name', models.CharField(blank=True, max_length=64)),
                ('cancelled_reason', models.CharField(blank=True, max_length=200)),
                ('attachment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='appeals.attachment')),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='appeals.claim')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payment_is_positive')],
            },
        ),
        migrations.AddConstraint(
            model_name='team',
            constraint=models.UniqueConstraint(fields=('appeal', 'employer_name', 'name'), name='team_once'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.UniqueConstraint(condition=models.Q(('removed_at__isnull', True)), fields=('team', 'person', 'started_on', 'ended_on'), name='claim_once'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('owed__gte', 0)), name='claim_owed_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('recovered__gte', 0)), name='claim_recovered_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('ended_on__gte', models.F('started_on'))), name='claim_period_forward'),
        ),
    ]
