"""Does the encoder hear danger in what lies just below a suspicion?

A linear model over the 512 numbers of a piece of text, added to what the n-grams of `language.danger` say of it. It is
asked only about pieces whose n-grams come near a suspicion, and not while an appeal is taken in: the encoder is heavy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from gongqing.language import danger
from gongqing.language.crisis import settled_places
from gongqing.language.encoder import Floats
from gongqing.language.facts.spans import HIDDEN, Evidence, evidence_at, narrow

WEIGHTS = Path(__file__).parent / "weights" / "danger_meaning.txt"
NUMBERS = 512
"""Of a piece; the encoder's numbers for a message begin with them."""
MOST_PIECES = 3
"""So many pieces of a text are asked about, the nearest first."""


@dataclass(frozen=True, slots=True)
class Near:
    """A piece of a text that sounds a little like danger: its words, and how far below a suspicion (negative)."""

    evidence: Evidence
    plain: str
    margin: float


@dataclass(frozen=True)
class _Model:
    constant: float
    share: float
    lowest: float
    least: float
    weights: Floats


def near_pieces(text: str) -> list[Near]:
    """The pieces of a text that the encoder should be asked about, nearest first; none where danger is suspected.

    Never raises on any string; spans are places of the text as it is.
    """
    model = _opened()
    places = [place for place, char in enumerate(text) if not HIDDEN.match(char)]
    plain = narrow("".join(text[place] for place in places))
    margins = danger.margins(plain, silent=settled_places(plain))
    if any(margin >= 0 for _, _, margin in margins):
        return []
    near = sorted((each for each in margins if each[2] >= model.lowest), key=lambda each: -each[2])[:MOST_PIECES]
    return [
        Near(evidence_at(text, places[start], places[end - 1] + 1), plain[start:end], margin)
        for start, end, margin in near
    ]


def suspected(near: Sequence[Near], meanings: Floats) -> list[Near]:
    """Those of the pieces that are suspected with the encoder; `meanings` has a row for each."""
    if not near:
        return []
    model = _opened()
    heard = meanings[:, :NUMBERS] @ model.weights + model.constant
    return [
        each for each, said in zip(near, heard.tolist(), strict=True) if each.margin + model.share * said >= model.least
    ]


def check_danger_meaning() -> None:
    """Read the model's file.

    Raises:
        OSError, ValueError: it is missing, or is not what was written.
    """
    _opened()


@cache
def _opened(path: Path = WEIGHTS) -> _Model:
    head, _, body = path.read_text(encoding="utf-8").partition("\n")
    *numbers, digest = head.split("\t")
    if digest != danger.digest_of(body):
        raise ValueError("digest")
    constant, share, lowest, least = map(float, numbers)
    weights = np.array([float(row) for row in body.split()], np.float32)
    if weights.shape != (NUMBERS,):
        raise ValueError("numbers")
    return _Model(constant, share, lowest, least, weights)
