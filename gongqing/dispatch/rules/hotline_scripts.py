"""What should a seat ask, say and not say about a matter of this category? (接听要点)"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gongqing.language.taxonomy import MISCELLANEOUS

_FILE = Path(__file__).parent / "data" / "hotline_scripts.json"


@dataclass(frozen=True, slots=True)
class Script:
    """The hints of one category, each a sentence that can be said aloud.

    Attributes:
        ask: 要问清的, three to five questions.
        tell: 可以先告诉职工的, what the law or the procedure says, plainly.
        avoid: 不要说的.
    """

    code: str
    ask: tuple[str, ...]
    tell: tuple[str, ...]
    avoid: tuple[str, ...]


def script_of(code: str) -> Script:
    """The hints of a category; those of 其他诉求 for one that has none of its own."""
    known = scripts()
    return known.get(code) or known[MISCELLANEOUS]


@cache
def scripts() -> dict[str, Script]:
    """The hints of every category, by code."""
    rows = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        code: Script(code, tuple(row["ask"]), tuple(row["tell"]), tuple(row["avoid"])) for code, row in rows.items()
    }
