"""Which characters change how the words around them are read?"""

from __future__ import annotations

import re

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Would show words in another order than they were written in."""
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def upright(text: str) -> str:
    """The text without characters that turn the order of what is around them; for whatever leaves as a file."""
    return _TURNS.sub("", text)
