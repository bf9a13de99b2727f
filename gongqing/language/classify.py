"""What is a message about, is it a matter of workers' rights, and how sure are we?

Two linear models over character n-grams, shipped under `weights/`, fitted by `gongqing language fit`. Nothing is
fetched, nothing is random; the method and its measured quality are in `docs/methods/classification.md`.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from gongqing.language.adjusting import Adjustment
from gongqing.language.linear import Floats, LinearModel, Rows, load, softmax
from gongqing.language.taxonomy import MISCELLANEOUS
from gongqing.language.text import ngram_counts, segments, whole_text

WEIGHTS = Path(__file__).parent / "weights"
_CARD = json.loads((WEIGHTS / "card.json").read_text(encoding="utf-8"))

VERSION: str = _CARD["version"]
"""Which fitted weights answer; it changes with every training."""

TRIAGE_BELOW: float = _CARD["triage_below"]
"""A first choice less sure than this waits for a person; chosen on held-out messages."""

SECOND_AT_LEAST: float = _CARD["second_at_least"]
"""A second category is named from this probability on; chosen on held-out messages."""

_UNREADABLE = 0.05
_WORDS = 5
_LONGEST_WORD = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """What the models read in one message.

    Attributes:
        code: the first choice among the 32 categories.
        confidence: calibrated probability that `code` is right, 0–1.
        second_code: a second category, when it is likely enough to be named.
        labour_related: whether it concerns employment or workers' rights (涉劳动关系/职工权益).
        labour_confidence: calibrated probability that `labour_related` is right, 0.5–1.
        top: the three likeliest categories with their probabilities, likeliest first.
        words: at most five pieces of the text that carried the first choice, strongest first.
        version: of the weights.
    """

    code: str
    confidence: float
    second_code: str | None
    labour_related: bool
    labour_confidence: float
    top: tuple[tuple[str, float], ...]
    words: tuple[str, ...]
    version: str

    @property
    def needs_person(self) -> bool:
        """Whether the choice waits for a person: OT06 always does, any other below `TRIAGE_BELOW`."""
        return self.code == MISCELLANEOUS or self.confidence < TRIAGE_BELOW


def classify(text: str, title: str = "", *, learnt: Adjustment | None = None) -> Reading:
    """Read one message; never raises on any string.

    With `learnt`, as this city's corrections moved it; without, as shipped.

    Only the first 4000 characters of title and text are read. A text without one known n-gram (empty, emoji only)
    is OT06 with a confidence of 0.05. The same text gives the same reading in every thread and process.
    """
    words = whole_text(title, text)
    counts = ngram_counts(words)
    codes, labour = _models()
    rows, values = codes.features(counts)
    if not len(rows):
        return _unreadable()
    shares, related = _shares(codes, labour, rows, values, counts)
    if learnt is not None:
        shares, related = learnt.adjusted(codes.classes, shares, related, counts)
    order = np.argsort(-shares, kind="stable")[:3]
    top = tuple((codes.classes[place], round(float(shares[place]), 4)) for place in order)
    second = next((code for code, share in top[1:] if share >= SECOND_AT_LEAST and code != MISCELLANEOUS), None)
    return Reading(
        code=top[0][0],
        confidence=top[0][1],
        second_code=second,
        labour_related=related >= 0.5,
        labour_confidence=round(max(related, 1 - related), 4),
        top=top,
        words=_carrying(words, codes, rows, values, int(order[0])),
        version=learnt.version if learnt else VERSION,
    )


def shipped_shares(text: str, title: str = "") -> tuple[tuple[str, ...], Floats, float] | None:
    """What the shipped models alone say: classes, their probabilities, and that of labour relevance.

    None for a text without one known n-gram. What corrections teach is added to this (`language.adjusting`).
    """
    counts = ngram_counts(whole_text(title, text))
    codes, labour = _models()
    rows, values = codes.features(counts)
    return (codes.classes, *_shares(codes, labour, rows, values, counts)) if len(rows) else None


def shipped_vocabulary() -> Collection[str]:
    """The n-grams that the shipped model of categories knows; none of them names anybody."""
    return _models()[0].vocabulary.keys()


def classify_many(texts: Iterable[str]) -> list[Reading]:
    """`classify` for each text, in order."""
    return [classify(text) for text in texts]


def _shares(
    codes: LinearModel, labour: LinearModel, rows: Rows, values: Floats, counts: Counter[str]
) -> tuple[Floats, float]:
    related = 1 / (1 + math.exp(-float(labour.logits(*labour.features(counts))[0])))
    return softmax(codes.logits(rows, values)), related


@cache
def _models() -> tuple[LinearModel, LinearModel]:
    return load(WEIGHTS, "codes"), load(WEIGHTS, "labour")


def _unreadable() -> Reading:
    return Reading(
        code=MISCELLANEOUS,
        confidence=_UNREADABLE,
        second_code=None,
        labour_related=False,
        labour_confidence=0.5,
        top=((MISCELLANEOUS, _UNREADABLE),),
        words=(),
        version=VERSION,
    )


def _carrying(text: str, model: LinearModel, rows: Rows, values: Floats, choice: int) -> tuple[str, ...]:
    """The stretches of the text under which most of the pull towards the choice lies."""
    pulls = model.pull(rows, values, choice)
    stretches: dict[str, float] = {}
    for run in segments(text):
        weight = _weight_of_characters(run, pulls, model.vocabulary)
        for start, end in _hills(run, weight):
            stretches[run[start:end]] = max(stretches.get(run[start:end], 0.0), sum(weight[start:end]))
    ranked = sorted(stretches.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(words for words, _ in ranked[:_WORDS])


def _weight_of_characters(run: str, pulls: dict[int, float], vocabulary: dict[str, int]) -> list[float]:
    weight = [0.0] * len(run)
    for size in (2, 3):
        for start in range(len(run) - size + 1):
            pull = pulls.get(vocabulary.get(run[start : start + size], -1), 0.0) / size
            for place in range(start, start + size):
                weight[place] += pull
    return weight


def _hills(run: str, weight: list[float]) -> list[tuple[int, int]]:
    """Where two to eight characters in a row weigh at least half of the run's heaviest."""
    height = max(weight, default=0.0) / 2
    found: list[tuple[int, int]] = []
    start = None
    for place in range(len(run) + 1):
        high = place < len(run) and height > 0 and weight[place] >= height and run[place] != "0"
        if high and start is None:
            start = place
        if start is not None and (not high or place - start == _LONGEST_WORD):
            if place - start >= 2:
                found.append((start, place))
            start = place if high else None
    return found
