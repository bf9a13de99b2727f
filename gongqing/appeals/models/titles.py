"""A title stands in lists, tables and notices: whatever was stored, nobody's number is read from it."""

from __future__ import annotations

import re
from typing import Any

from django.db import models

from gongqing.language.facts.personal import mask_personal

_MANY_DIGITS = re.compile(r"\d[\d \-.,，·]{5,}\d")
_CUT_NUMBER = re.compile(r"\d{7,}(?=…$)")


class MaskedTitle(models.CharField):  # type: ignore[type-arg]  # it takes none when it runs
    """Text whose phones and identity numbers are masked when it is read; a number that was cut at its end shows none.

    Titles have been masked before they are stored since they are made from the worker's words; this is for those of
    before, and for what comes by another way.
    """

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """To the data base it is plain text."""
        name, _, arguments, named = super().deconstruct()
        return name, "django.db.models.CharField", arguments, named

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        """The text as it may be shown."""
        if value is None or not _MANY_DIGITS.search(value):
            return value
        return _CUT_NUMBER.sub(lambda cut: "*" * len(cut.group()), mask_personal(value))
