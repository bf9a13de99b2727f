"""No posting overlaps itself: one account holds one role at one place at most once on any day.

Ranges of one value stand for equality, so that the index needs no extension; 0 stands for "nowhere in particular".
"""

from django.db import migrations

ADD = """
ALTER TABLE accounts_posting ADD CONSTRAINT posting_never_overlaps EXCLUDE USING gist (
  int8range(user_id, user_id, '[]') WITH &&,
  int8range(coalesce(organisation_id, 0), coalesce(organisation_id, 0), '[]') WITH &&,
  int8range(hashtext(role)::bigint, hashtext(role)::bigint, '[]') WITH &&,
  daterange(since, until) WITH &&
)
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_first_passwords_and_deputies")]
    operations = [migrations.RunSQL(ADD, "ALTER TABLE accounts_posting DROP CONSTRAINT posting_never_overlaps")]
