"""Digests, chains, heads and seals; what was recorded before is chained as it stands."""

import secrets

from django.db import migrations, models

from gongqing.audit import rules
from gongqing.lib import crypto

CHUNK = 5_000

POLICIES = """
ALTER TABLE audit_chainhead ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON audit_chainhead FOR SELECT
  USING (gq_all() OR (subject_kind = 'appeal' AND gq_sees_appeal(subject_id)));
CREATE POLICY laid ON audit_chainhead FOR INSERT WITH CHECK (gq_all());
CREATE POLICY moved ON audit_chainhead FOR UPDATE USING (gq_all()) WITH CHECK (gq_all());
"""

# each does one thing that the bound role may not do by itself, and no more
FUNCTIONS = """
CREATE FUNCTION gq_last_event() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public SET lock_timeout = '3s' AS $$
BEGIN
  LOCK TABLE audit_event IN SHARE MODE;
  RETURN (SELECT coalesce(max(id), 0) FROM audit_event);
END $$;
CREATE FUNCTION gq_last_access() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public SET lock_timeout = '3s' AS $$
BEGIN
  LOCK TABLE audit_accesslog IN SHARE MODE;
  RETURN (SELECT coalesce(max(id), 0) FROM audit_accesslog);
END $$;
CREATE FUNCTION gq_erase_events(wanted bigint[], moment timestamptz) RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path = public AS $$
  WITH erased AS (
    UPDATE audit_event SET note = '', salt = '', erased_at = moment,
      name = CASE WHEN role IN ('worker', 'code_holder') THEN '' ELSE name END
    WHERE id = ANY(wanted) AND erased_at IS NULL AND gq_all() RETURNING 1)
  SELECT count(*) FROM erased
$$;
CREATE FUNCTION gq_erase_looks(wanted bigint[], moment timestamptz) RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path = public AS $$
  WITH erased AS (
    UPDATE audit_accesslog SET reason = '', salt = '', erased_at = moment,
      address = CASE WHEN role IN ('worker', 'code_holder') THEN NULL ELSE address END,
      name = CASE WHEN role IN ('worker', 'code_holder') THEN '' ELSE name END
    WHERE id = ANY(wanted) AND erased_at IS NULL AND gq_all() RETURNING 1)
  SELECT count(*) FROM erased
$$;
"""
NO_FUNCTIONS = """
DROP FUNCTION gq_last_event(); DROP FUNCTION gq_last_access();
DROP FUNCTION gq_erase_events(bigint[], timestamptz); DROP FUNCTION gq_erase_looks(bigint[], timestamptz);
"""

FILL_EVENTS = """
UPDATE audit_event e SET salt = r.salt, aside_digest = r.aside, previous_digest = r.previous, digest = r.digest
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[]) r(id, salt, aside, previous, digest)
WHERE e.id = r.id
"""
FILL_LOOKS = """
UPDATE audit_accesslog e SET salt = r.salt, aside_digest = r.aside, digest = r.digest
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) r(id, salt, aside, digest) WHERE e.id = r.id
"""
FILL_HEADS = """
INSERT INTO audit_chainhead (subject_kind, subject_id, length, digest)
SELECT * FROM unnest(%s::text[], %s::bigint[], %s::integer[], %s::text[])
"""
SHARED = ("at", "role", "user_id", "organisation_id", "key_id", "kind", "subject_kind", "subject_id")


def chain(apps, schema_editor):
    """Give every event its digest, in the order of the numbers, and every chain its head."""
    filled, heads = [], []
    key, length, last = None, 0, ""
    rows = apps.get_model("audit", "Event").objects.order_by("subject_kind", "subject_id", "id")
    for row in rows.iterator(chunk_size=CHUNK):
        subject = (row.subject_kind, row.subject_id)
        if subject[0] not in rules.CHAINED or subject[1] is None:
            subject = None
        if subject is None or subject != key:
            if key is not None:
                heads.append((*key, length, last))
            key, length, last = subject, 0, ""
        salt = secrets.token_hex(16)
        aside = rules.aside_digest(salt, row.name, row.organisation_name, row.note)
        form = rules.event_form(
            **{name: getattr(row, name) for name in SHARED}, data=row.data, aside_digest=aside, previous_digest=last
        )
        digest = crypto.digest(form)
        filled.append((row.pk, salt, aside, last, digest))
        if subject is not None:
            length, last = length + 1, digest
        if len(filled) >= CHUNK:
            fill(schema_editor, FILL_EVENTS, filled)
        if len(heads) >= CHUNK:
            fill(schema_editor, FILL_HEADS, heads)
    if key is not None:
        heads.append((*key, length, last))
    fill(schema_editor, FILL_EVENTS, filled)
    fill(schema_editor, FILL_HEADS, heads)


def digest_looks(apps, schema_editor):
    """Give every look its digest."""
    filled = []
    for row in apps.get_model("audit", "AccessLog").objects.order_by("id").iterator(chunk_size=CHUNK):
        salt = secrets.token_hex(16)
        place = rules.address_text(row.address)
        aside = rules.aside_digest(salt, row.name, row.organisation_name, row.reason, place)
        form = rules.access_form(**{name: getattr(row, name) for name in SHARED}, count=row.count, aside_digest=aside)
        filled.append((row.pk, salt, aside, crypto.digest(form)))
        if len(filled) >= CHUNK:
            fill(schema_editor, FILL_LOOKS, filled)
    fill(schema_editor, FILL_LOOKS, filled)


def fill(schema_editor, statement, rows):
    if rows:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        rows.clear()


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("dispatch", "0002_row_scope"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChainHead",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject_kind", "subject_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject_kind", models.CharField(max_length=32)),
                ("subject_id", models.BigIntegerField()),
                ("length", models.PositiveIntegerField()),
                ("digest", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="DailySeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True)),
                ("made_at", models.DateTimeField()),
                ("last_event_id", models.BigIntegerField()),
                ("last_access_id", models.BigIntegerField()),
                ("event_count", models.BigIntegerField()),
                ("access_count", models.BigIntegerField()),
                ("blocks", models.JSONField()),
                ("root", models.CharField(max_length=64)),
                ("previous_digest", models.CharField(blank=True, max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=64)),
            ],
            options={"ordering": ["day"]},
        ),
        *(
            migrations.AddField(model_name=model, name=name, field=field)
            for model in ("event", "accesslog")
            for name, field in (
                ("salt", models.CharField(blank=True, max_length=32)),
                ("aside_digest", models.CharField(blank=True, max_length=64)),
                ("erased_at", models.DateTimeField(null=True)),
            )
        ),
        migrations.AddField("accesslog", "digest", models.CharField(blank=True, max_length=64)),
        migrations.RunPython(chain, migrations.RunPython.noop),
        migrations.RunPython(digest_looks, migrations.RunPython.noop),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
    ]
