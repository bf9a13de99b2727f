"""Is every name that the trade must know in the glossary?"""

from __future__ import annotations

import re

from django.apps import apps

from gongqing.audit.actor import Role
from tests.architecture.sources import ROOT

WORDS = set(re.findall(r"`([A-Za-z_]+)`", (ROOT / "docs/glossary.md").read_text(encoding="utf-8")))


def test_every_table_is_explained() -> None:
    named = {model.__name__ for model in apps.get_models() if model.__module__.startswith("gongqing.")}
    assert named - WORDS == set()


def test_every_role_is_explained() -> None:
    assert {role.value for role in Role} - WORDS == set()
