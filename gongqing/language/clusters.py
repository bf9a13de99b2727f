"""Which messages of a stream speak of the same matter?

Messages come in the order of time and are placed at once: each joins the group to whose two nearest members it is
nearest, or begins one. Two messages are near by their words; from the same place, also by what they mean, and a
little by the place itself and by their category: people say one thing in many ways, and where and what about holds them
together. After each batch groups that are near on average become one. What has left the window is forgotten;
the rest keeps its group.

All of that is one inner product: words, place × meaning, place and category are columns beside each other, and the mean
nearness of two groups is the product of their mean rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags, hstack

from gongqing.language.vectors import MEANINGS, Vector, meanings, wordings

COMMON, COMMON_AT_LEAST = 0.04, 20
"""What more than this share of the messages at hand say, and more than so many, brings nobody together."""
_ROWS = 1_000  # messages whose nearness to all others is worked out in one go

Labels = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Voice:
    """One message as grouping needs it.

    Attributes:
        place: where, in words or numbers that are equal for the same place; empty when unknown.
        category: its code; empty when unknown.
        group: the group it was placed in before; None for a new one.
    """

    vector: Vector
    place: str = ""
    category: str = ""
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Nearness:
    """From where on messages stand together; chosen on half of the labelled topics (`bench/needs.py`).

    Attributes:
        joins: nearness to the two nearest members from which a message joins a group.
        merges: mean nearness from which two groups become one.
        meaning: what equal meaning adds within a place.
        place: what the same place adds.
        category: what the same category adds.
    """

    joins: float = 0.2
    merges: float = 0.16
    meaning: float = 0.16
    place: float = 0.02
    category: float = 0.02


def grouped(voices: Sequence[Voice], nearness: Nearness | None = None, *, above: int = -1) -> list[int]:
    """The group of every voice, in the given order, which is the order of time.

    Voices that have a group keep it, unless two groups become one: then the smaller number stands for both. New groups
    get numbers above every given one and above `above`. A voice without words stays alone. The same voices give equal
    groups.
    """
    placed = _Placing(voices, nearness or Nearness())
    for start in range(0, len(placed.new), _ROWS):
        placed.place(placed.new[start : start + _ROWS])
    placed.merge()
    return placed.numbers(above)


class _Placing:
    """Groups while they grow. Inside, groups count from 0; `known` holds the numbers that the caller gave."""

    def __init__(self, voices: Sequence[Voice], nearness: Nearness) -> None:
        self.joins, self.merges = nearness.joins, nearness.merges
        self.features = features_of(voices, nearness)
        self.turned = self.features.T.tocsr()
        self.known = sorted({voice.group for voice in voices if voice.group is not None})
        inner = {group: number for number, group in enumerate(self.known)}
        self.labels: Labels = np.array([-1 if v.group is None else inner[v.group] for v in voices], np.int64)
        self.new = [number for number, voice in enumerate(voices) if voice.group is None]
        self.sizes = np.zeros(len(self.known) + len(self.new), np.float64)
        np.add.at(self.sizes, self.labels[self.labels >= 0], 1.0)
        self.count = len(self.known)
        self.touched: set[int] = set()

    def place(self, rows: Sequence[int]) -> None:
        """Place these voices, one after the other."""
        nearness = (self.features[list(rows)] @ self.turned).tocsr()
        for row, (start, end) in zip(rows, pairwise(nearness.indptr), strict=True):
            chosen = self._nearest(nearness.indices[start:end], nearness.data[start:end])
            self.count = max(self.count, chosen + 1)
            self.labels[row] = chosen
            self.sizes[chosen] += 1
            self.touched.add(chosen)

    def _nearest(self, others: Labels, values: Floats) -> int:
        """The group that is near enough and nearest; else the number of a new one."""
        labels = self.labels[others]
        is_placed = labels >= 0
        if not is_placed.any():
            return self.count
        labels, values = labels[is_placed], values[is_placed]
        order = np.lexsort((-values, labels))
        labels, values = labels[order], values[order]
        groups, starts = np.unique(labels, return_index=True)
        second = np.minimum(starts + 1, len(values) - 1)
        has_second = (second > starts) & (labels[second] == groups)
        scores = (values[starts] + np.where(has_second, values[second], 0.0)) / np.minimum(self.sizes[groups], 2)
        best = int(scores.argmax())
        return int(groups[best]) if scores[best] >= self.joins else self.count

    def merge(self) -> None:
        """Put groups together that have grown towards each other, until none are near enough."""
        touched = self.touched
        while touched:
            pairs = self._near_pairs(sorted(touched))
            touched, changed = set(), set[int]()
            for one, other in pairs:
                if one in changed or other in changed:
                    continue
                keep, leave = min(one, other), max(one, other)
                self.labels[self.labels == leave] = keep
                self.sizes[keep] += self.sizes[leave]
                self.sizes[leave] = 0
                changed |= {leave, keep}  # how near others are has changed: seen in the next round
                touched.add(keep)

    def _near_pairs(self, touched: Sequence[int]) -> list[tuple[int, int]]:
        """Pairs of groups that are near enough, the nearest first."""
        live = np.flatnonzero(self.sizes[: self.count])
        position = np.full(self.count, -1, np.int64)
        position[live] = np.arange(len(live))
        rows = np.flatnonzero(self.labels >= 0)
        shares = 1.0 / self.sizes[self.labels[rows]]
        members = csr_matrix((shares, (position[self.labels[rows]], rows)), shape=(len(live), len(self.labels)))
        means = (members @ self.features).tocsr()
        asked = position[[group for group in touched if self.sizes[group]]]
        near = (means[asked] @ means.T).tocoo()
        kept = (near.data >= self.merges) & (asked[near.row] != near.col)
        order = np.argsort(-near.data[kept], kind="stable")
        ones, others = live[asked[near.row[kept]]][order], live[near.col[kept]][order]
        return [(int(one), int(other)) for one, other in zip(ones, others, strict=True)]

    def numbers(self, above: int) -> list[int]:
        """The groups under the numbers that the caller knows; new ones above them."""
        first = max([above, *self.known[-1:]]) + 1
        new = sorted({int(label) for label in self.labels if label >= len(self.known)})
        outer = [*self.known, *([0] * (self.count - len(self.known)))]
        for number, label in enumerate(new):
            outer[label] = first + number
        return [outer[int(label)] for label in self.labels]


def features_of(voices: Sequence[Voice], nearness: Nearness) -> csr_matrix:
    """Rows whose inner products are the nearness of two voices; nothing in the row of a voice without words."""
    said = np.array([not voice.vector.is_empty for voice in voices], np.float64)
    places, categories = _coded([voice.place for voice in voices]), _coded([voice.category for voice in voices])
    vectors = [voice.vector for voice in voices]
    parts = [
        _without_common(wordings(vectors)),
        _meanings_at(places, meanings(vectors) * np.sqrt(nearness.meaning)),
        _indicator(places, said * np.sqrt(nearness.place)),
        _indicator(categories, said * np.sqrt(nearness.category)),
    ]
    features = hstack(parts, format="csr", dtype=np.float64)
    features.eliminate_zeros()
    return features


def _without_common(words: csr_matrix) -> csr_matrix:
    """The wordings without what is said everywhere here (来电人反映…), each of length one again."""
    limit = max(COMMON_AT_LEAST, COMMON * words.shape[0])
    held = np.bincount(words.indices, minlength=words.shape[1])
    kept = words.copy()
    kept.data[held[kept.indices] > limit] = 0
    kept.eliminate_zeros()
    lengths = np.sqrt(np.asarray(kept.multiply(kept).sum(axis=1))).ravel()
    return csr_matrix(diags(1 / np.maximum(lengths, 1e-9)) @ kept)


def _coded(words: Sequence[str]) -> Labels:
    """Equal numbers for equal words; -1 for none."""
    numbers = {word: number for number, word in enumerate(dict.fromkeys(word for word in words if word))}
    return np.array([numbers.get(word, -1) for word in words], np.int64)


def _indicator(codes: Labels, weights: Floats) -> csr_matrix:
    rows = np.flatnonzero(codes >= 0)
    return csr_matrix((weights[rows], (rows, codes[rows])), shape=(len(codes), int(codes.max(initial=0)) + 1))


def _meanings_at(places: Labels, values: npt.NDArray[np.float32]) -> csr_matrix:
    """The meanings, those of each place in columns of their own."""
    rows = np.flatnonzero(places >= 0)
    columns = (places[rows, None] * MEANINGS + np.arange(MEANINGS)).ravel()
    shape = (len(places), (int(places.max(initial=0)) + 1) * MEANINGS)
    return csr_matrix((values[rows].ravel(), (np.repeat(rows, MEANINGS), columns)), shape=shape)
