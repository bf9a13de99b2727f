"""Which words do several texts share that are not said everywhere?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gongqing.language.cutting import words_of
from gongqing.language.text import segments
from gongqing.language.vectors import READ, pieces_of, rarity_of

LEAST = 3
"""A word stands in at least so many texts."""
LEAST_SHARE = 0.3
_NOT_SAID = 1.0  # rarity of a piece that says nothing


def typical_words(texts: Sequence[str], *, most: int = 6) -> list[str]:
    """At most so many words of two characters or more, each in three texts and three in ten at least, best first.

    Empty when fewer than three texts are given.
    """
    held: Counter[str] = Counter()
    for text in texts:
        runs = segments(text[:READ])
        held.update({word for run in runs for word in words_of(run) if len(word) >= 2 and not word.isascii()})
    least = max(LEAST, LEAST_SHARE * len(texts))
    scores = {word: count * _rarity(word) for word, count in held.items() if count >= least}
    chosen = sorted(scores, key=lambda word: (-scores[word], word))
    return [word for word in chosen if scores[word] > 0 and not _stands_inside(word, chosen)][:most]


def _rarity(word: str) -> float:
    rarities = [rarity_of(piece) for piece in pieces_of([word], (2,))]
    return max(0.0, sum(rarities) / len(rarities) - _NOT_SAID)


def _stands_inside(word: str, chosen: Sequence[str]) -> bool:
    return any(word != other and word in other for other in chosen)
