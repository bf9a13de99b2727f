"""Search asks the index of words alone.

Kept plans know neither words nor numbers, and read the appeals one after another by number rather than a bucket of the
index. What is computed cannot be taken from the index of numbers.
"""

import re
from importlib import import_module

from django.db import migrations

_FIRST = import_module("gongqing.dispatch.migrations.0013_reading_paths").SEARCH
_SEARCH = _FIRST[_FIRST.index("CREATE FUNCTION gq_search(") :].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
_BY_NUMBER = "AND s.appeal_id < before ORDER BY s.appeal_id DESC"
_COMPUTED = "AND s.appeal_id + 0 < before ORDER BY s.appeal_id + 0 DESC"


def search() -> str:
    """The function, with what is computed in the place of the number; it must stand there once."""
    replaced, count = re.subn(re.escape(_BY_NUMBER), _COMPUTED, _SEARCH)
    if count != 1:
        raise RuntimeError("gq_search reads otherwise than this migration expects")
    return replaced


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0016_reply_check")]

    operations = [migrations.RunSQL(search(), _SEARCH)]
