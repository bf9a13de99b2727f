"""Row-level security: the same grants that `visible_to(actor)` reads, held by PostgreSQL.

The bound role sees nothing until `audit.scope.bind` has named the actor. The owner, who migrates, is not held.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION gq_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('gongqing.all', true), '') = 'on' $$;
CREATE FUNCTION gq_paths() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT string_to_array(nullif(current_setting('gongqing.paths', true), ''), ',') $$;
CREATE FUNCTION gq_person() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('gongqing.person', true), '')::bigint $$;
CREATE FUNCTION gq_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('gongqing.user', true), '')::bigint $$;
CREATE FUNCTION gq_code_appeal() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('gongqing.appeal', true), '')::bigint $$;

CREATE FUNCTION gq_sees_appeal(wanted bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public AS $$
  SELECT gq_all() OR wanted = gq_code_appeal() OR EXISTS (
    SELECT 1 FROM appeals_access a
    WHERE a.appeal_id = wanted AND a.until IS NULL AND (
      a.user_id = gq_user() OR a.person_id = gq_person()
      OR EXISTS (SELECT 1 FROM unnest(gq_paths()) p WHERE a.path >= p AND a.path < left(p, -1) || '0')))
$$;
CREATE FUNCTION gq_sees_person(wanted bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public AS $$
  SELECT gq_all() OR wanted = gq_person() OR EXISTS (
    SELECT 1 FROM appeals_appeal a WHERE a.person_id = wanted AND gq_sees_appeal(a.id))
$$;
"""

SEARCH = """
CREATE SEQUENCE appeals_serial;
ALTER TABLE appeals_searchtext ADD COLUMN grams tsvector NOT NULL;
CREATE INDEX appeals_searchtext_grams ON appeals_searchtext USING gin (grams) WITH (fastupdate = off);
CREATE FUNCTION gq_search(wanted_grams text[], phrases text[], most integer) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT s.appeal_id FROM appeals_searchtext s
  WHERE s.grams @@ (SELECT string_agg(quote_literal(g), ' & ') FROM unnest(wanted_grams) g)::tsquery
    AND (SELECT bool_and(position(p IN s.body) > 0) FROM unnest(phrases) p)
    AND gq_sees_appeal(s.appeal_id)
  ORDER BY s.appeal_id DESC LIMIT most
$$;
"""

BY_APPEAL = [
    "appeals_message",
    "appeals_attachment",
    "appeals_evaluation",
    "appeals_evaluationlink",
    "appeals_categorychoice",
    "appeals_access",
    "dispatch_order",
    "dispatch_handover",
    "dispatch_supervision",
    "dispatch_callback",
    "dispatch_clock",
]
POLICIES = {
    "appeals_appeal": "gq_sees_appeal(id)",
    **{table: "gq_sees_appeal(appeal_id)" for table in BY_APPEAL},
    "appeals_searchtext": "gq_sees_appeal(appeal_id)",
    "dispatch_extension": "EXISTS (SELECT 1 FROM dispatch_order o WHERE o.id = order_id)",
    "dispatch_clockentry": "EXISTS (SELECT 1 FROM dispatch_clock c WHERE c.id = clock_id)",
    "registry_person": "gq_sees_person(id)",
    "audit_event": "gq_all() OR user_id = gq_user() OR (subject_kind = 'appeal' AND gq_sees_appeal(subject_id))",
}
# anyone who acts leaves a trace, though not all may read it
APPEND = {"audit_accesslog": "gq_all() OR user_id = gq_user()"}


def sql() -> str:
    lines = [FUNCTIONS, SEARCH]
    for table, seen in POLICIES.items():
        lines.append(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;")
        lines.append(f"CREATE POLICY scope ON {table} USING ({seen}) WITH CHECK ({seen});")
    for table, seen in APPEND.items():
        lines.append(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;")
        lines.append(f"CREATE POLICY scope ON {table} FOR SELECT USING ({seen});")
        lines.append(f"CREATE POLICY append ON {table} FOR INSERT WITH CHECK (true);")
    return "\n".join(lines)


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0001_initial"),
        ("audit", "0001_initial"),
        ("registry", "0001_initial"),
    ]
    operations = [migrations.RunSQL(sql(), migrations.RunSQL.noop)]
