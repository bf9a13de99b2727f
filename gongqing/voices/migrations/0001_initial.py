"""What texts are like, shared needs and their voices, and who sees them.

A shared need is seen by those who see its union, and by those who see one of the appeals in it; a voice and a vector by
those who see the appeal. `gq_alike` looks up near texts by their marks: the operator of its index is not leakproof, so
that row-level security would read the whole table, and the function asks for every row that it answers instead.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION gq_hears_need(wanted bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public AS $$
  SELECT EXISTS (
    SELECT 1 FROM voices_needvoice v
    WHERE v.need_id = wanted AND v.left_at IS NULL AND gq_sees_appeal(v.appeal_id))
$$;
CREATE FUNCTION gq_alike(wanted integer[], most integer) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
DECLARE
  sees_all CONSTANT boolean := gq_all();
BEGIN
  RETURN QUERY
  SELECT near.appeal_id FROM (
    SELECT v.appeal_id, (SELECT count(*) FROM unnest(v.marks) m WHERE m = ANY (wanted)) AS shared
    FROM voices_textvector v WHERE v.marks && wanted
    ORDER BY shared DESC, v.appeal_id DESC LIMIT 3000) near
  WHERE sees_all OR gq_sees_appeal(near.appeal_id)
  ORDER BY near.shared DESC, near.appeal_id DESC LIMIT most;
END $$;
"""
NO_FUNCTIONS = "DROP FUNCTION gq_alike(integer[], integer); DROP FUNCTION gq_hears_need(bigint);"
BY_APPEAL = "(SELECT gq_all()) OR gq_sees_appeal(appeal_id)"
POLICIES = {
    "voices_textvector": (BY_APPEAL, BY_APPEAL),
    "voices_needvoice": (BY_APPEAL, BY_APPEAL),
    "voices_sharedneed": (
        "gq_sees_organisation(organisation_id) OR gq_hears_need(id)",
        "gq_sees_organisation(organisation_id)",
    ),
}
ADD = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; CREATE POLICY scope ON {table} USING ({seen}) WITH CHECK ({kept});"
)
DROP = "DROP POLICY scope ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"


def lines(command: str) -> str:
    return "\n".join(command.format(table=table, seen=seen, kept=kept) for table, (seen, kept) in POLICIES.items())


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('appeals', '0007_readers'),
        ('registry', '0004_organisation_letter_mark'),
        ('dispatch', '0015_people_stamp'),
    ]

    operations = [
        migrations.CreateModel(
            name='SharedNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=100)),
                ('words', models.JSONField(default=list)),
                ('group', models.BigIntegerField(null=True, unique=True)),
                ('state', models.CharField(choices=[('proposed', '待研判'), ('taken_up', '已采纳'), ('answered', '已答复'), ('done', '已办成'), ('fed_back', '已反馈'), ('dismissed', '不成立')], default='proposed', max_length=10)),
                ('suggested_route', models.CharField(max_length=12)),
                ('route', models.CharField(blank=True, choices=[('activity', '办一场服务，大家都来'), ('motion', '提请人大代表建议、政协提案'), ('department', '转请主管部门答复办理')], max_length=12)),
                ('partner', models.CharField(blank=True, max_length=128)),
                ('plan', models.CharField(blank=True, max_length=500)),
                ('answer', models.CharField(blank=True, max_length=500)),
                ('answered_by', models.CharField(blank=True, max_length=128)),
                ('result', models.CharField(blank=True, max_length=500)),
                ('done_on', models.DateField(null=True)),
                ('feedback', models.CharField(blank=True, max_length=500)),
                ('found_at', models.DateTimeField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('voice_count', models.PositiveIntegerField()),
                ('person_count', models.PositiveIntegerField()),
                ('employer_count', models.PositiveIntegerField()),
                ('week_count', models.PositiveIntegerField()),
                ('usual', models.FloatField()),
                ('high', models.PositiveIntegerField()),
                ('chance', models.FloatField()),
                ('heard_at', models.DateTimeField()),
                ('category', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='appeals.category')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shared_needs', to='registry.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='NeedVoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('joined_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(null=True)),
                ('left_because', models.CharField(blank=True, max_length=200)),
                ('told_at', models.DateTimeField(null=True)),
                ('appeal', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='need_voice', to='appeals.appeal')),
                ('need', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='voices', to='voices.sharedneed')),
            ],
        ),
        migrations.CreateModel(
            name='TextVector',
            fields=[
                ('appeal', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='text_vector', serialize=False, to='appeals.appeal')),
                ('version', models.CharField(max_length=16)),
                ('content', models.BinaryField()),
                ('marks', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('town', models.CharField(blank=True, max_length=12)),
                ('received_at', models.DateTimeField()),
                ('group', models.BigIntegerField(null=True)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['marks'], name='text_vector_marks'), models.Index(fields=['received_at'], name='text_vector_window'), models.Index(fields=['town', '-appeal'], name='text_vector_town'), models.Index(condition=models.Q(('group__isnull', False)), fields=['group'], name='text_vector_group')],
            },
        ),
        migrations.AddIndex(
            model_name='sharedneed',
            index=models.Index(fields=['organisation', 'state', '-last_at'], name='shared_need_of_union'),
        ),
        migrations.AddConstraint(
            model_name='sharedneed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['taken_up', 'answered', 'done', 'fed_back']), _negated=True), models.Q(('route', ''), _negated=True), _connector='OR'), name='shared_need_taken_up_has_route'),
        ),
        migrations.AddConstraint(
            model_name='sharedneed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['done', 'fed_back']), _negated=True), models.Q(models.Q(('result', ''), _negated=True), ('done_on__isnull', False)), _connector='OR'), name='shared_need_done_has_result'),
        ),
        migrations.AddConstraint(
            model_name='sharedneed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'fed_back'), _negated=True), models.Q(('feedback', ''), _negated=True), _connector='OR'), name='shared_need_fed_back_has_words'),
        ),
        migrations.AddIndex(
            model_name='needvoice',
            index=models.Index(fields=['need', 'appeal'], name='need_voice_of_need'),
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(lines(ADD), lines(DROP)),
    ]
