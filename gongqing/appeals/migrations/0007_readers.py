"""Versions of the reader, and what people corrected."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("appeals", "0006_words_grams")]
    operations: ClassVar = []
