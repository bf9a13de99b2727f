"""Are the names in the house's style?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import modules, tree

MODULES = {"utils", "util", "helpers", "helper", "manager", "managers", "service", "services", "base", "common", "misc"}
# one helper is a person: 片区辅助人员, or the organisation that assists
IDENTIFIERS = (MODULES | {"info", "tmp", "foo"}) - {"helper"}
CLASS = re.compile(r"(Manager|Service|Helper|Utils|Base|Info)$|^(Base|Common)[A-Z]")
FUNCTION = re.compile(r"^_?(process|do|handle)_")
NUMBERED = re.compile(r"^[a-z]+_?\d$")

# names that a framework asks for
ALLOWED = {"process_exception", "process_view", "process_request", "process_response", "UserManager", "handle_noargs"}
# a figure or a standard that bears its number
NUMBERED_WORDS = {"sm3", "sm4", "top1", "top3", "f1", "s2", "l1", "l2", "sha1", "md5"}


def named(path: Path) -> Iterator[tuple[int, str]]:
    """Every name that a file gives: line and name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg


def is_banned(name: str) -> bool:
    """Does the name say nothing?"""
    if name in ALLOWED or name in NUMBERED_WORDS:
        return False
    return bool(
        name.strip("_") in IDENTIFIERS or CLASS.search(name) or FUNCTION.match(name) or NUMBERED.match(name.strip("_"))
    )


def test_no_module_has_a_banned_name() -> None:
    found = [str(path) for path in modules() if {*path.parts[:-1], path.stem} & MODULES]
    assert found == ["gongqing/audit/postgresql/base.py"], "where Django looks for a backend"


def test_nothing_in_the_code_has_a_banned_name() -> None:
    assert [f"{path}:{line} {name}" for path in modules() for line, name in named(path) if is_banned(name)] == []


def test_actions_have_names_of_their_own() -> None:
    places: dict[str, list[str]] = {}
    for path in modules():
        if "actions" in path.parts or path.stem == "actions":
            for node in tree(path).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    places.setdefault(node.name, []).append(str(path))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
