"""Is a table written in an encoding that nothing here reads, though its bytes could pass for GB18030?"""

from __future__ import annotations

_LEVEL_ONE_GB = range(0xB0, 0xD8)
_LEVEL_ONE_BIG5 = range(0xA4, 0xC7)
_MARKS = range(0xA1, 0xA4)
"""First bytes of the everyday characters of each encoding, and of punctuation in both."""
_READ = 20_000
_FEWEST = 4
_TOO_RARE, _PLAUSIBLE = 0.75, 0.9


def looks_like_big5(content: bytes) -> bool:
    """Whether bytes that decode as GB18030 give too few everyday characters there, while they give them in Big5.

    False for fewer than four characters: too little to tell.
    """
    head = content[:_READ]
    as_gb = _share(head, "gb2312", "gb18030", _LEVEL_ONE_GB)
    return as_gb < _TOO_RARE and _share(head, "big5", "big5", _LEVEL_ONE_BIG5) >= _PLAUSIBLE


def _share(content: bytes, narrow: str, wide: str, everyday: range) -> float:
    """Which share of the characters is everyday; 0 when the bytes are not of this encoding, 1 when there are few."""
    words = content.decode(wide, "ignore" if len(content) == _READ else "replace")
    characters = [character for character in words if character > "\x7f"]
    if len(characters) < _FEWEST:
        return 1.0
    known = 0
    for character in characters:
        code = character.encode(narrow, "ignore")
        known += len(code) == 2 and (code[0] in everyday or code[0] in _MARKS)
    return known / len(characters)
