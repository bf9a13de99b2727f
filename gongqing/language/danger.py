"""Which sentences speak of harm in words that no rule foresaw?

A linear model over n-grams of one to three characters. Its n-grams are those of invented texts alone; real messages
taught it only what is no danger. It stands beside the rules of `language.crisis` and never takes a threat back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights" / "danger.txt"

LONGEST_WHOLE, LONGEST_PIECE = 60, 40
"""A sentence up to the first is read whole, a longer one in pieces of clauses up to the second."""
_LEAST = 4
_SENTENCE = re.compile(r"[^。！？!?；;…\n]+")
_DROPPED = re.compile(r"[ \t·.\-*_/~“”\"‘’'《》()（）:：、]+")
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Danger:
    """A piece of text that speaks of harm; `to_others` when rather to others than to the speaker or one spoken of."""

    start: int
    end: int
    to_others: bool


@dataclass(frozen=True)
class _Model:
    constant: float
    least: float
    others_constant: float
    weights: dict[str, tuple[float, float]]


def dangers(text: str, *, silent: Collection[int] = ()) -> list[Danger]:
    """The pieces of a text that speak of harm, in order; pieces around a `silent` place say nothing.

    `text` is narrow and in simplified characters. Never raises on any string; time is linear in its length.
    """
    model = _opened()
    found = []
    for start, end in pieces(text):
        known = [pair for pair in map(model.weights.get, grams(text[start:end])) if pair is not None]
        if not known:
            continue
        root = len(known) ** 0.5
        if model.constant + sum(pair[0] for pair in known) / root < model.least:
            continue
        if any(start <= place < end for place in silent):
            continue
        found.append(Danger(start, end, model.others_constant + sum(pair[1] for pair in known) / root > 0))
    return found


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text stand, long ones in pieces that end with a clause where there are clauses."""
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        while end - start > LONGEST_WHOLE:
            mark = text.rfind("，", start + _LEAST, start + LONGEST_PIECE)
            cut = mark + 1 if mark >= 0 else start + LONGEST_PIECE
            yield start, cut
            start = cut
        if end - start >= _LEAST:
            yield start, end


def grams(piece: str) -> set[str]:
    """The different n-grams of a piece; what people put between characters is left out, digits are one `0`."""
    plain = _DIGITS.sub("0", _DROPPED.sub("", piece)).lower()
    found = set(plain)
    found.update(map("".join, pairwise(plain)))
    found.update(map("".join, zip(plain, plain[1:], plain[2:], strict=False)))
    return found


def digest_of(body: str) -> str:
    """SHA-256 of what follows the first line of the file."""
    return hashlib.sha256(body.encode()).hexdigest()


def check_danger() -> None:
    """Read the model's file.

    Raises:
        OSError, ValueError: it is missing, or is not what was written.
    """
    _opened()


@cache
def _opened(path: Path = WEIGHTS) -> _Model:
    head, _, body = path.read_text(encoding="utf-8").partition("\n")
    *numbers, digest = head.split("\t")
    if digest != digest_of(body):
        raise ValueError("digest")
    constant, least, others = map(float, numbers)
    weights = {}
    for row in body.splitlines():
        gram, danger, to_others = row.split("\t")
        weights[gram] = (float(danger), float(to_others))
    return _Model(constant, least, others, weights)
