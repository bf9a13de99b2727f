"""Closings are counted from an index alone, as long as their pages are known to be seen by all.

At a million rows PostgreSQL would look after them once in two hundred thousand, half a year of a city: the last thirty
days, which are what boards count, were then looked up one by one.
"""

from django.db import migrations

OFTEN = """
ALTER TABLE dispatch_closing SET (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 5000);
"""
SELDOM = """
ALTER TABLE dispatch_closing RESET (autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold);
"""


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0023_numbers_beside_lists")]
    operations = [migrations.RunSQL(OFTEN, SELDOM)]
