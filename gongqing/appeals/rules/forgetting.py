"""How do words read without the person who is in them?"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from gongqing.language.facts.personal import identity_spans, mask_personal, phone_spans
from gongqing.lib.masks import mask_name

SHORTEST_NAME = 2
Reading = Callable[[str], str]
_SIGNS = re.compile(r"[^0-9A-Za-z]")


def without_person(text: str, names: Collection[str]) -> str:
    """The text with every phone and identity number masked, and these names as `周**`; one sign is no name."""
    masked = mask_personal(text)
    for name in sorted(names, key=len, reverse=True):
        if len(name.strip()) >= SHORTEST_NAME:
            masked = masked.replace(name.strip(), mask_name(name))
    return masked


def reading_without(name: str, *, numbers: Collection[str], others: Collection[str]) -> Reading:
    """How words that others said read without one person: the name as `周**`, the person's own numbers masked.

    Names and numbers of others stay; a name that another of them bears too, or that is part of theirs, is theirs.

    Args:
        numbers: the person's phone and identity number.
        others: the names of the others of the same case.
    """
    own, wanted = name.strip(), {_SIGNS.sub("", each).upper() for each in numbers if each}
    theirs = {each.strip() for each in others}
    named = own if len(own) >= SHORTEST_NAME and own not in theirs else ""
    longer = sorted((each for each in theirs if named and named in each), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, [*longer, named]))) if named else None

    def read(words: str) -> str:
        for span in sorted([*phone_spans(words), *identity_spans(words)], key=lambda one: one.start, reverse=True):
            found = words[span.start : span.end]
            if _SIGNS.sub("", found).upper() in wanted:
                words = words[: span.start] + mask_personal(found) + words[span.end :]
        if pattern is None:
            return words
        return pattern.sub(lambda found: mask_name(named) if found.group() == named else found.group(), words)

    return read
