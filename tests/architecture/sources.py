"""Which source files are ours, and what stands in them?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "gongqing"


@cache
def modules() -> tuple[Path, ...]:
    """Every Python file of the product, without migrations and tests, relative to the root."""
    found = (path.relative_to(ROOT) for path in PACKAGE.rglob("*.py"))
    return tuple(sorted(path for path in found if not {"migrations", "tests"} & set(path.parts)))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax of one file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


def templates() -> list[Path]:
    """Every template, relative to the root."""
    return sorted(path.relative_to(ROOT) for path in PACKAGE.rglob("templates/**/*.html"))


def kind(path: Path) -> str:
    """What a module is inside its package: `actions`, `rules`, `queries`, …; "" for the package itself."""
    inner = path.parts[2:]
    return inner[0].removesuffix(".py") if inner and inner != ("__init__.py",) else ""


def dotted(node: ast.AST) -> str:
    """The name of what is called or read: `a.objects.filter.update`; calls and subscripts are looked through."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Subscript):
        return dotted(node.value)
    return node.id if isinstance(node, ast.Name) else ""


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every call in a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, dotted(node.func)
