"""Are rules, language and lib functions of their arguments alone?"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.sources import calls, dotted, kind, modules, tree

FORBIDDEN = {"django", "ninja", "procrastinate", "httpx", "psycopg"}
CLOCK = re.compile(r"(^|\.)(now|today|utcnow|time\.time|time\.monotonic|localtime|time_ns)$")
CHANCE = re.compile(r"^(random|secrets|uuid)\.\w+$|(^|\.)(urandom|uuid4|token_\w+)$")
PASSED_IN = re.compile(r"^random\.(Random)$")

# the one clock, and what cannot be secret without chance
ALLOWED = {
    "gongqing/lib/times.py": "the one clock, called at the edge",
    "gongqing/lib/crypto.py": "nonces and keys are random by nature",
    "gongqing/lib/codes.py": "query passwords are random by nature",
}


def pure() -> list[Path]:
    """The modules that must be pure."""
    return [
        path
        for path in modules()
        if path.parts[1] in {"lib", "language"} or kind(path) in {"rules", "linkage", "expressions"}
    ]


def imported(path: Path) -> set[str]:
    """The first part of everything a file imports."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_pure_modules_import_no_framework() -> None:
    assert [str(path) for path in pure() if imported(path) & FORBIDDEN] == []


def test_pure_modules_read_no_clock_and_no_chance() -> None:
    found = [
        f"{path}:{line} {name}"
        for path in pure()
        if str(path) not in ALLOWED
        for line, name in calls(path)
        if CLOCK.search(name) or (CHANCE.search(name) and not PASSED_IN.match(name))
    ]
    assert found == [], "pass the moment as `at` and the generator as `rng`"


def test_nobody_else_has_a_clock_of_their_own() -> None:
    found = [
        f"{path}:{node.lineno} {dotted(node.func)}"
        for path in modules()
        if path.parts[1] not in {"config"} and str(path) not in ALLOWED
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and re.search(r"(datetime|date|timezone)\.(now|today|utcnow)$", dotted(node.func))
    ]
    assert found == [], "use gongqing.lib.times.now()"
