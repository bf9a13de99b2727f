"""Which messages of a stream speak of the same matter?

Messages come in the order of time and are placed at once: each joins the group to whose two nearest members it is
nearest, or begins one. Two messages are near by their words; from the same place, also by what they mean, and a
little by the place itself and by their category: people say one thing in many ways, and where and what about holds them
together. After each batch groups that are near on average become one. What has left the window is forgotten;
the rest keeps its group.

All of that is one inner product: words, place × meaning, place and category are columns beside each other, and the mean
nearness of two groups is the product of their mean rows. Messages are held as numbers beside each other, and by their
words as well, so that only those are looked at that share a word; 2.6 KiB each at most, what is common left out. A
city's nine weeks fit beside a job process.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from gongqing.language.vectors import BITS, MEANINGS, Vector

COMMON, COMMON_AT_LEAST = 0.04, 20
"""What more than this share of the messages at hand say, and more than so many, brings nobody together."""
_SLICE = 2_048  # messages of which a copy is made in one go
_CELLS = 1_000_000  # numbers of nearness that are held at once
LOOKED_UP = 8
"""To look a word's messages up costs so much more a message than to go through all words of all of them."""

Labels = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
ALIKE = 9
"""Places after the point in which nearness is compared; what lies beyond depends on the order of adding."""


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


def grouped(voices: Iterable[Voice], nearness: Nearness | None = None, *, above: int = -1) -> list[int]:
    """The group of every voice, in the given order, which is the order of time.

    Voices that have a group keep it, unless two groups become one: then the smaller number stands for both. New groups
    get numbers above every given one and above `above`. A voice without words stays alone. The same voices give equal
    groups: what is nearer by rounding alone is as near, and the older group comes first. The voices are read once, one
    after the other, and not kept.
    """
    placed = _Placing(_Messages(voices, nearness or Nearness()))
    placed.place()
    placed.merge()
    return placed.numbers(above)


class _Messages:
    """All messages as columns of numbers.

    Attributes:
        words: a row for each message, to be multiplied by `scale` to length one.
        said_by: the same, a row for each piece of a word.
    """

    def __init__(self, voices: Iterable[Voice], nearness: Nearness) -> None:
        self.nearness = nearness
        pieces, weights, meaning, ends = array("i"), array("f"), array("f"), array("i", [0])
        places, categories = _Codes(), _Codes()
        self.groups: list[int | None] = []
        said = bytearray()
        for voice in voices:
            pieces.frombytes(voice.vector.places.tobytes())
            weights.frombytes(voice.vector.weights.tobytes())
            meaning.frombytes(voice.vector.meaning.tobytes())
            ends.append(len(pieces))
            places.add(voice.place)
            categories.add(voice.category)
            said.append(not voice.vector.is_empty)
            self.groups.append(voice.group)
        self.count = len(said)
        self.said = np.frombuffer(said, np.bool_)
        self.places, self.categories = places.numbers(), categories.numbers()
        self.meaning = np.frombuffer(meaning, np.float32).reshape(self.count, MEANINGS)
        columns, starts = np.frombuffer(pieces, np.int32), np.frombuffer(ends, np.int32)
        values = np.frombuffer(weights, np.float32)
        self.words = csr_matrix((values, columns, starts), shape=(self.count, 1 << BITS), copy=False)
        self._leave_out_common()
        self.scale = np.concatenate([_scale(part) for _, part in self._parts()] or [np.empty(0)])
        self.said_by = self.words.T.tocsr()
        self.of_place, self.of_category = _rows_of(self.places), _rows_of(self.categories)

    def _leave_out_common(self) -> None:
        """Set to nothing what is said everywhere here (来电人反映…)."""
        limit = max(COMMON_AT_LEAST, COMMON * self.count)
        held = np.zeros(1 << BITS, np.int64)
        for _, part in self._parts():
            held += np.bincount(part.indices, minlength=1 << BITS)
        is_common = held > limit
        for start, part in self._parts():
            first = self.words.indptr[start]
            self.words.data[first : first + part.nnz][is_common[part.indices]] = 0
        self.words.eliminate_zeros()

    def _parts(self) -> Iterator[tuple[int, csr_matrix]]:
        """The words of some messages at once, and where these begin; nothing is copied."""
        words, bounds = self.words, self.words.indptr
        for start in range(0, self.count, _SLICE):
            ends = bounds[start : start + _SLICE + 1]
            held, shape = slice(ends[0], ends[-1]), (len(ends) - 1, 1 << BITS)
            yield start, csr_matrix((words.data[held], words.indices[held], ends - ends[0]), shape, copy=False)

    def near(self, shares: csr_matrix) -> Iterator[Floats]:
        """How near every message is to each mixture of messages; the mixtures are rows of shares of the messages."""
        asked = csr_matrix(shares.multiply(self.scale[None, :]))
        used = np.unique(shares.indices)
        mixed = csr_matrix(asked[:, used] @ self.words[used].astype(np.float64))
        for number in range(shares.shape[0]):
            held = slice(mixed.indptr[number], mixed.indptr[number + 1])
            found = self._near_words(mixed.indices[held], mixed.data[held])
            found *= self.scale
            held = slice(shares.indptr[number], shares.indptr[number + 1])
            self._add_places(found, shares.indices[held], shares.data[held])
            yield found

    def _near_words(self, pieces: Labels, weights: Floats) -> Floats:
        """The inner product of every message's words and these; a few words are looked up, many are gone through."""
        starts, ends = self.said_by.indptr[pieces], self.said_by.indptr[pieces + 1]
        said = ends - starts
        if said.sum() * LOOKED_UP > self.words.nnz:
            whole = np.zeros(1 << BITS)
            whole[pieces] = weights
            return np.concatenate([part @ whole for _, part in self._parts()])
        found = np.zeros(self.count)
        for some in self._little(said):
            spans = [slice(start, end) for start, end in zip(starts[some], ends[some], strict=True)]
            rows = np.concatenate([self.said_by.indices[span] for span in spans])
            values = np.concatenate([self.said_by.data[span] for span in spans])
            found += np.bincount(rows, values * np.repeat(weights[some], said[some]), minlength=self.count)
        return found

    def _little(self, said: Labels) -> Iterator[slice]:
        """Words, so many at once as are said `_CELLS` times together."""
        sums = np.cumsum(said)
        ends = np.searchsorted(sums, np.arange(_CELLS, said.sum(), _CELLS))
        yield from (slice(start, end) for start, end in pairwise(np.unique([0, *ends, len(said)])))

    def _add_places(self, found: Floats, rows: Labels, shares: Floats) -> None:
        """Add what the same place, its meanings and the same category bring."""
        for place in np.unique(self.places[rows]):
            if place < 0:
                continue
            is_here = self.places[rows] == place
            there, weights = self.of_place[place], shares[is_here]
            mean = weights @ self.meaning[rows[is_here]].astype(np.float64)
            found[there] += self.nearness.meaning * (self.meaning[there] @ mean)
            found[there] += self.nearness.place * float(weights @ self.said[rows[is_here]]) * self.said[there]
        for category in np.unique(self.categories[rows]):
            if category < 0:
                continue
            is_here = self.categories[rows] == category
            there = self.of_category[category]
            share = float(shares[is_here] @ self.said[rows[is_here]])
            found[there] += self.nearness.category * share * self.said[there]


class _Placing:
    """Groups while they grow. Inside, groups count from 0; `known` holds the numbers that the caller gave."""

    def __init__(self, messages: _Messages) -> None:
        self.messages = messages
        given = messages.groups
        self.known = sorted({group for group in given if group is not None})
        inner = {group: number for number, group in enumerate(self.known)}
        self.labels: Labels = np.array([-1 if group is None else inner[group] for group in given], np.int64)
        self.new = np.flatnonzero(self.labels < 0)
        self.sizes = np.zeros(len(self.known) + len(self.new), np.float64)
        np.add.at(self.sizes, self.labels[self.labels >= 0], 1.0)
        self.count = len(self.known)
        self.touched: set[int] = set()
        self.together = max(1, min(512, _CELLS // max(1, messages.count)))

    def place(self) -> None:
        """Place the new voices, one after the other."""
        for start in range(0, len(self.new), self.together):
            rows = self.new[start : start + self.together]
            alone = csr_matrix((np.ones(len(rows)), rows, np.arange(len(rows) + 1)), (len(rows), self.messages.count))
            for row, near in zip(rows, self.messages.near(alone), strict=True):
                chosen = self._nearest(near)
                self.count = max(self.count, chosen + 1)
                self.labels[row] = chosen
                self.sizes[chosen] += 1
                self.touched.add(chosen)

    def _nearest(self, near: Floats) -> int:
        """The group that is near enough and nearest; else the number of a new one."""
        joins = self.messages.nearness.joins
        close = self.labels[near >= joins]
        asked = np.unique(close[close >= 0])  # the mean of two is never above the nearer one
        if not len(asked):
            return self.count
        is_asked = np.zeros(self.count + 1, np.bool_)  # the last place is for label -1
        is_asked[asked] = True
        others = np.flatnonzero(is_asked[self.labels] & (near != 0))
        labels, values = self.labels[others], near[others]
        order = np.lexsort((-values, labels))
        labels, values = labels[order], values[order]
        groups, starts = np.unique(labels, return_index=True)
        second = np.minimum(starts + 1, len(values) - 1)
        has_second = (second > starts) & (labels[second] == groups)
        both = values[starts] + np.where(has_second, values[second], 0.0)
        scores = np.round(both / np.minimum(self.sizes[groups], 2), ALIKE)
        best = int(scores.argmax())
        return int(groups[best]) if scores[best] >= joins else self.count

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
        asked = np.array([group for group in touched if self.sizes[group]], np.int64)
        order = np.argsort(self.labels, kind="stable")
        starts = np.searchsorted(self.labels[order], np.arange(self.count + 1))
        sizes = np.maximum(self.sizes[: self.count], 1.0)
        pairs: list[tuple[float, int, int]] = []
        for start in range(0, len(asked), self.together):
            groups = asked[start : start + self.together]
            members = [order[starts[group] : starts[group + 1]] for group in groups]
            ends = np.cumsum([0, *map(len, members)])
            shares = np.repeat(1.0 / self.sizes[groups], np.diff(ends))
            means = csr_matrix((shares, np.concatenate(members), ends), (len(groups), self.messages.count))
            for group, near in zip(groups, self.messages.near(means), strict=True):
                sums = np.bincount(self.labels, near, minlength=self.count) / sizes
                close = np.flatnonzero(sums >= self.messages.nearness.merges - 10.0**-ALIKE)
                for other, value in zip(close.tolist(), np.round(sums[close], ALIKE).tolist(), strict=True):
                    if other != group and value >= self.messages.nearness.merges:
                        pairs.append((-value, int(group), other))
        return [(one, other) for _, one, other in sorted(pairs)]

    def numbers(self, above: int) -> list[int]:
        """The groups under the numbers that the caller knows; new ones above them."""
        first = max([above, *self.known[-1:]]) + 1
        new = sorted({int(label) for label in self.labels if label >= len(self.known)})
        outer = [*self.known, *([0] * (self.count - len(self.known)))]
        for number, label in enumerate(new):
            outer[label] = first + number
        return [outer[int(label)] for label in self.labels]


class _Codes:
    """Equal numbers for equal words; -1 for none."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self.given = array("i")

    def add(self, word: str) -> None:
        self.given.append(self.known.setdefault(word, len(self.known)) if word else -1)

    def numbers(self) -> npt.NDArray[np.int32]:
        return np.frombuffer(self.given, np.int32)


def _scale(part: csr_matrix) -> Floats:
    """What each row is multiplied by to become one long."""
    squares = np.concatenate([[0.0], np.cumsum(part.data.astype(np.float64) ** 2)])
    lengths = [squares[end] - squares[start] for start, end in pairwise(part.indptr)]
    return np.asarray(1 / np.maximum(np.sqrt(lengths), 1e-9), np.float64)


def _rows_of(codes: npt.NDArray[np.int32]) -> list[Labels]:
    """For each code the rows that have it."""
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(int(codes.max(initial=-1)) + 2))
    return [order[start:end] for start, end in pairwise(ends)]
