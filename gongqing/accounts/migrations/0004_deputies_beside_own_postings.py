"""Somebody may hold a post and stand in for a colleague in the same one; nobody has two deputies on the same day.

The first constraint is that of 0003 with the deputised posting added; ranges of one value stand for equality.
"""

from django.db import migrations

ADD = """
ALTER TABLE accounts_posting DROP CONSTRAINT posting_never_overlaps;
ALTER TABLE accounts_posting ADD CONSTRAINT posting_never_overlaps EXCLUDE USING gist (
  int8range(user_id, user_id, '[]') WITH &&,
  int8range(coalesce(organisation_id, 0), coalesce(organisation_id, 0), '[]') WITH &&,
  int8range(hashtext(role)::bigint, hashtext(role)::bigint, '[]') WITH &&,
  int8range(coalesce(deputy_of_id, 0), coalesce(deputy_of_id, 0), '[]') WITH &&,
  daterange(since, until) WITH &&
);
ALTER TABLE accounts_posting ADD CONSTRAINT one_deputy_a_day EXCLUDE USING gist (
  int8range(deputy_of_id, deputy_of_id, '[]') WITH &&,
  daterange(since, until) WITH &&
) WHERE (deputy_of_id IS NOT NULL)
"""
BACK = """
ALTER TABLE accounts_posting DROP CONSTRAINT one_deputy_a_day;
ALTER TABLE accounts_posting DROP CONSTRAINT posting_never_overlaps;
ALTER TABLE accounts_posting ADD CONSTRAINT posting_never_overlaps EXCLUDE USING gist (
  int8range(user_id, user_id, '[]') WITH &&,
  int8range(coalesce(organisation_id, 0), coalesce(organisation_id, 0), '[]') WITH &&,
  int8range(hashtext(role)::bigint, hashtext(role)::bigint, '[]') WITH &&,
  daterange(since, until) WITH &&
)
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_posting_never_overlaps")]
    operations = [migrations.RunSQL(ADD, BACK)]
