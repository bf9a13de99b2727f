"""How do words read without the person who is in them?"""

from __future__ import annotations

from collections.abc import Collection

from gongqing.language.facts.personal import mask_personal
from gongqing.lib.masks import mask_name

SHORTEST_NAME = 2


def without_person(text: str, names: Collection[str]) -> str:
    """The text with every phone and identity number masked, and these names as `周**`; one sign is no name."""
    masked = mask_personal(text)
    for name in sorted(names, key=len, reverse=True):
        if len(name.strip()) >= SHORTEST_NAME:
            masked = masked.replace(name.strip(), mask_name(name))
    return masked
