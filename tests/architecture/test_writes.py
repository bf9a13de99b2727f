"""Do only the actions write to the database?"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.sources import calls, kind, modules, tree

ALWAYS = {"bulk_create", "bulk_update", "get_or_create", "update_or_create", "abulk_create", "acreate", "asave"}
ON_ROWS = {"save", "create", "update", "delete"}
QUERY = re.compile(r"(objects|filter|exclude|all|select_for_update|visible_to)\.(\w+\.)*(create|update|delete)$")
RAW = re.compile(r"^\s*(INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|TRUNCATE|MERGE\s+INTO)\b", re.IGNORECASE)

# what looks like a write and is none of the domain's
ALLOWED = {
    "gongqing/accounts/middleware.py": "the session row is Django's; signing in itself is an action",
    "gongqing/dispatch/documents/__init__.py": "a Word file is saved into memory",
    "gongqing/insight/documents/weekly.py": "a Word file is saved into memory",
}
NOT_ROWS = re.compile(r"(^|\.)(session|storage|digest|hasher|cache|cookies)\.\w+$|^(hash\w*|\w*digest|\w*mac)\.update$")


def writes(path: Path) -> list[str]:
    """Every place in a file that writes to the database, or looks so much like it that it needs another name."""
    found = []
    for line, name in calls(path):
        last = name.rpartition(".")[2]
        if "." not in name or NOT_ROWS.search(name):
            continue
        if last in ALWAYS or last == "save" or QUERY.search(name) or (last == "delete" and last in ON_ROWS):
            found.append(f"{path}:{line} {name}")
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and RAW.match(node.value):
            found.append(f"{path}:{node.lineno} {node.value.strip()[:40]!r}")
    return found


def test_only_actions_and_the_trace_write() -> None:
    found = [
        line
        for path in modules()
        if kind(path) != "actions" and path.parts[1] != "audit" and str(path) not in ALLOWED
        for line in writes(path)
    ]
    assert found == [], "only `actions` (and `audit`) may write to the database"


@pytest.mark.parametrize("path", sorted(ALLOWED))
def test_the_list_of_exceptions_is_not_longer_than_needed(path: str) -> None:
    assert Path(path) in modules(), f"{path} is gone: drop it from the list"


@pytest.mark.parametrize(
    ("source", "is_write"),
    [
        ("appeal.save()", True),
        ("Appeal.objects.filter(id=1).update(x=1)", True),
        ("appeal.messages.create(text='')", False),
        ("Appeal.objects.create()", True),
        ("rows.filter(x=1).delete()", True),
        ("answers.update({1: 2})", False),
        ("cursor.execute('DELETE FROM appeals_appeal')", True),
        ("cursor.execute('SELECT 1')", False),
    ],
)
def test_the_test_itself(source: str, is_write: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = ast.parse(source)
    for module in ("tests.architecture.sources.tree", "tests.architecture.test_writes.tree"):
        monkeypatch.setattr(module, lambda path: parsed)
    assert bool(writes(Path("x.py"))) is is_write
