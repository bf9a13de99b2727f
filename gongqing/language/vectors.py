"""What is a text like, as numbers that can be kept, compared and looked up by the million?

A vector has two halves, both read from a text's first 420 characters. Its *wording* holds the weightiest pairs and
triples of neighbouring characters, hashed into 2^18 places: sublinear frequency × rarity, length one. Rare pieces weigh
most, so that two texts are near when they name the same matter in the same place. Its *meaning* is 64 numbers that a
singular value decomposition makes of single characters and pairs: near where different words say the same. Both are
fitted by `gongqing.language.fit_vectors` and shipped as numbers without any piece of text. Why these and no sentence
encoder is measured in `docs/methods/shared_needs.md`.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from gongqing.language.text import segments, whole_text

READ = 420
"""Characters of a message that are read."""
KEPT = 128
"""Pieces of a text that are kept, the weightiest."""
BITS = 18
"""Pieces are hashed into 2^BITS places."""
MEANINGS = 64
"""Numbers of a meaning."""
MARKS = 8
"""Pieces by which near texts are looked up."""
VERSION = "pieces-1"
"""Vectors of another version are not comparable."""

WEIGHTS = Path(__file__).parent / "weights" / "vectors.npz"
STEP = 16.0  # a shipped rarity is a sixteenth
_FULL = 255
_SIGNED = 127

Numbers = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vector:
    """What a text is like; everything is zero or empty for a text without words.

    Attributes:
        places: of the wording, 0 – 2^18 - 1, ascending.
        weights: of the wording, positive; their squares add up to one.
        meaning: shape (64,), length one.
    """

    places: Numbers
    weights: Floats
    meaning: Floats

    @property
    def is_empty(self) -> bool:
        """Were there no words?"""
        return not len(self.places)


@dataclass(frozen=True, slots=True)
class _Fitted:
    rarity: Floats  # of pairs and triples, by place
    row: Numbers  # of each place in `meanings`; -1 for none
    inverse: Floats  # rarity of single characters and pairs, by row
    meanings: Floats  # shape (rows, 64)
    mean: Floats


def vector_of(title: str, text: str) -> Vector:
    """The vector of a message; never raises."""
    runs = segments(whole_text(title, text)[:READ])
    counts = Counter(place_of(piece) for piece in pieces_of(runs, (2, 3)))
    if not counts:
        return Vector(np.empty(0, np.int32), np.empty(0, np.float32), np.zeros(MEANINGS, np.float32))
    places, weights = _weighed(counts, _fitted().rarity)
    if len(places) > KEPT:
        chosen = np.argpartition(-weights, KEPT)[:KEPT]
        places, weights = places[chosen], weights[chosen]
    return Vector(*_whole(places[weights > 0], weights[weights > 0]), _meaning(runs))


def pieces_of(runs: Sequence[str], sizes: Sequence[int]) -> list[str]:
    """All pieces of these numbers of characters inside the runs of a text, with repetitions."""
    return [run[start : start + size] for run in runs for size in sizes for start in range(len(run) - size + 1)]


def place_of(piece: str) -> int:
    """Where a piece is hashed to."""
    return zlib.crc32(piece.encode()) >> (32 - BITS)


def rarity_of(piece: str) -> float:
    """How rare a pair or triple of characters is: 0 for what stands everywhere, 10 for what was never seen."""
    return float(_fitted().rarity[place_of(piece)])


def wording_likeness(one: Vector, other: Vector) -> float:
    """How alike two texts are in their words, 0–1; 0 for a text without words."""
    _, here, there = np.intersect1d(one.places, other.places, assume_unique=True, return_indices=True)
    return float(one.weights[here] @ other.weights[there])


def meaning_likeness(one: Vector, other: Vector) -> float:
    """How alike two texts are in what they mean, -1–1; 0 for a text without words."""
    return float(one.meaning @ other.meaning)


def wordings(vectors: Sequence[Vector]) -> csr_matrix:
    """The wordings as the rows of a sparse matrix."""
    ends = np.cumsum([0, *(len(vector.places) for vector in vectors)])
    places = np.concatenate([vector.places for vector in vectors]) if vectors else np.empty(0, np.int32)
    weights = np.concatenate([vector.weights for vector in vectors]) if vectors else np.empty(0, np.float32)
    return csr_matrix((weights, places, ends), shape=(len(vectors), 1 << BITS), dtype=np.float32)


def packed(vector: Vector) -> bytes:
    """The vector in a byte a number of the meaning and four a piece; nothing for a text without words."""
    if vector.is_empty:
        return b""
    levels = np.maximum(1, np.rint(vector.weights / vector.weights.max() * _FULL)).astype(np.uint32)
    wording: bytes = ((vector.places.astype(np.uint32) << 8) | levels).astype("<u4").tobytes()
    meaning: bytes = np.rint(vector.meaning * _SIGNED).astype(np.int8).tobytes()
    return meaning + wording


def unpacked(content: bytes) -> Vector:
    """The vector that was packed, its numbers good to a hundredth.

    Raises:
        ValueError: the content is no packed vector.
    """
    return unpacked_all([content])[0]


def unpacked_all(contents: Sequence[bytes]) -> list[Vector]:
    """The vectors that were packed, one of each content; many at once take a fraction of the time of one by one.

    Raises:
        ValueError: a content is no packed vector.
    """
    lengths = np.fromiter(map(len, contents), np.int64, len(contents))
    is_said = lengths > 0
    if (is_said & ((lengths % 4 != 0) | (lengths <= MEANINGS))).any():
        raise ValueError("a packed vector has a byte a number of its meaning and four a piece")
    joined = b"".join(contents)
    starts = (np.cumsum(lengths) - lengths)[is_said]
    meanings = np.frombuffer(joined, np.int8)[starts[:, None] + np.arange(MEANINGS)].astype(np.int64)
    is_wording = np.ones(len(joined) // 4, np.bool_)
    is_wording[starts[:, None] // 4 + np.arange(MEANINGS // 4)] = False
    numbers = np.frombuffer(joined, "<u4")[is_wording]
    counts = (lengths[is_said] - MEANINGS) // 4
    ends = np.cumsum(counts)
    places, levels = (numbers >> 8).astype(np.int32), (numbers & _FULL).astype(np.int64)
    squares = np.add.reduceat(levels**2, ends - counts) if len(ends) else np.empty(0)
    weights = (levels / np.repeat(np.sqrt(squares), counts)).astype(np.float32)
    units = (meanings / np.sqrt(np.maximum(1, (meanings**2).sum(axis=1)))[:, None]).astype(np.float32)
    said = iter(
        Vector(places[end - count : end], weights[end - count : end], unit)
        for end, count, unit in zip(ends.tolist(), counts.tolist(), units, strict=True)
    )
    nothing = Vector(np.empty(0, np.int32), np.empty(0, np.float32), np.zeros(MEANINGS, np.float32))
    return [next(said) if has_words else nothing for has_words in is_said.tolist()]


def marks_of(vector: Vector) -> list[int]:
    """The places of the weightiest pieces, in ascending order: texts that share none of them are hardly near."""
    chosen = np.argsort(-vector.weights, kind="stable")[:MARKS]
    return sorted(int(place) for place in vector.places[chosen])


def _weighed(counts: Counter[int], rarity: Floats) -> tuple[Numbers, Floats]:
    places = np.fromiter(counts.keys(), np.int32, len(counts))
    times = np.fromiter(counts.values(), np.float32, len(counts))
    return places, ((1 + np.log(times)) * rarity[places]).astype(np.float32)


def _meaning(runs: Sequence[str]) -> Floats:
    fitted = _fitted()
    counts = Counter(row for piece in pieces_of(runs, (1, 2)) if (row := int(fitted.row[place_of(piece)])) >= 0)
    if not counts:
        return np.zeros(MEANINGS, np.float32)
    rows, weights = _weighed(counts, fitted.inverse)
    found = (weights / np.linalg.norm(weights)) @ fitted.meanings[rows]
    return _unit(_unit(found.astype(np.float32)) - fitted.mean)


def _unit(numbers: Floats) -> Floats:
    length = float(np.linalg.norm(numbers))
    return (numbers / length).astype(np.float32) if length else numbers.astype(np.float32)


def _whole(places: Numbers, weights: Floats) -> tuple[Numbers, Floats]:
    order = np.argsort(places)
    return places[order].astype(np.int32), _unit(weights[order])


@cache
def _fitted() -> _Fitted:
    with np.load(WEIGHTS, allow_pickle=False) as content:
        places, scale = content["places"], content["scale"]
        row = np.full(1 << BITS, -1, np.int32)
        row[places] = np.arange(len(places), dtype=np.int32)
        return _Fitted(
            rarity=(content["rarity"] / STEP).astype(np.float32),
            row=row,
            inverse=(content["inverse"] / STEP).astype(np.float32),
            meanings=(content["meanings"] * scale).astype(np.float32),
            mean=content["mean"].astype(np.float32),
        )
