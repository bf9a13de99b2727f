"""Are the files short, and do they say what they promise?"""

from __future__ import annotations

import ast
import itertools

from tests.architecture.sources import PACKAGE, ROOT, kind, modules, tree

LONGEST = 450
PROMISING = {"actions", "rules", "queries"}
GIVEN = {"vendor", "migrations"}


def test_no_file_is_long() -> None:
    ours = itertools.chain(
        PACKAGE.rglob("*.py"),
        PACKAGE.rglob("templates/**/*.html"),
        PACKAGE.rglob("static/**/*.js"),
        (ROOT / "tests").rglob("*.py"),
        (ROOT / "bench").rglob("*.py"),
    )
    long = {
        str(path.relative_to(ROOT)): count
        for path in ours
        if not GIVEN & set(path.parts) and (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_every_package_and_module_says_what_it_is() -> None:
    silent = [
        str(path)
        for path in modules()
        if tree(path).body and not ast.get_docstring(tree(path)) and kind(path) not in {"management"}
    ]
    empty = [
        str(path)
        for path in modules()
        if path.name == "__init__.py" and not tree(path).body and kind(path) not in {"management", "templatetags"}
    ]
    assert silent + empty == []


def test_every_public_function_makes_a_promise() -> None:
    silent = [
        f"{path}:{node.lineno} {node.name}"
        for path in modules()
        if kind(path) in PROMISING or path.parts[1] in {"lib", "language"}
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_nothing_is_left_for_later() -> None:
    words = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")
    found = [
        f"{path}:{number}"
        for path in modules()
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
        if any(word in line for word in words)
    ]
    assert found == []
