"""What is a matter called that nobody gave a title, and does a title say more than its text?"""

from __future__ import annotations

import re

from gongqing.language.facts.personal import mask_personal

LONGEST = 40
_READ = 200
_SENTENCE = re.compile(r"[^。！？!?\n；;]+")


def title_of(text: str) -> str:
    """A title made of the first sentence, at most 40 characters; masked, for lists show it."""
    return _cut(mask_personal(_first_sentence(text)))


def own_title(title: str, text: str) -> str:
    """The title, but none where it was only cut from the text: it says nothing more."""
    if not title or len(title) > LONGEST:
        return title
    first = _first_sentence(text)
    return "" if title == _cut(first) or title == _cut(mask_personal(first)) else title


def _first_sentence(text: str) -> str:
    return next((words for match in _SENTENCE.finditer(text) if (words := match.group().strip())), text)[:_READ]


def _cut(first: str) -> str:
    return first if len(first) <= LONGEST else first[: LONGEST - 1] + "…"
