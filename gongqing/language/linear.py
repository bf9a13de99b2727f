"""How do linear models over n-grams score a text, and which words carried a score?

All questions asked of a text (its category, labour relevance, purpose, need) share one vocabulary and one matrix with a
column for each answer, so that a text is counted once. A model is two files without any code in them: `ngrams.npz`
(numbers only, read with `allow_pickle=False`) and `ngrams.vocabulary.txt` (one n-gram a line). Scoring needs numpy
alone.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

NUMBERS, GRAMS = "ngrams.npz", "ngrams.vocabulary.txt"


@dataclass(frozen=True)
class LinearModel:
    """Weights over n-grams: sublinear term frequency × inverse document frequency, length one, times weights.

    Attributes:
        vocabulary: row of each n-gram.
        idf: shape (n-grams,).
        weights: shape (n-grams, answers).
        intercepts: shape (answers,).
        answers: what each column stands for.
    """

    vocabulary: dict[str, int]
    idf: Floats
    weights: Floats
    intercepts: Floats
    answers: tuple[str, ...]

    def known(self, counts: Mapping[str, int]) -> dict[str, int]:
        """The row of each n-gram of a text that the model knows."""
        row_of = self.vocabulary.get
        return {gram: row for gram in counts if (row := row_of(gram)) is not None}

    def features(self, counts: Mapping[str, int], known: Mapping[str, int]) -> tuple[Rows, Floats]:
        """Rows and values of the known n-grams of a text; both empty when it knows none."""
        if not known:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        rows = np.fromiter(known.values(), np.int64, len(known))
        values = (1 + np.log(np.array([counts[gram] for gram in known], np.float32))) * self.idf[rows]
        return rows, (values / np.linalg.norm(values)).astype(np.float32)

    def scores(self, rows: Rows, values: Floats) -> Floats:
        """Scores of all answers, shape (answers,)."""
        scores: Floats = (values @ self.weights[rows] + self.intercepts).astype(np.float32)
        return scores

    def pull(self, rows: Rows, values: Floats, choice: int, rivals: slice) -> Floats:
        """How far each row spoke for one answer rather than for the mean of its rivals."""
        weights = self.weights[rows]
        pulls: Floats = values * (weights[:, choice] - weights[:, rivals].mean(axis=1))
        return pulls


def softmax(scores: Floats) -> Floats:
    """Probabilities of scores, summing to one."""
    powers = np.exp(scores - scores.max())
    shares: Floats = (powers / powers.sum()).astype(np.float32)
    return shares


def save(model: LinearModel, folder: Path) -> None:
    """Write both files of a model; the same model always gives the same vocabulary and numbers."""
    grams = sorted(model.vocabulary, key=model.vocabulary.__getitem__)
    (folder / GRAMS).write_text("\n".join(grams) + "\n", encoding="utf-8")
    np.savez_compressed(
        folder / NUMBERS,
        idf=model.idf.astype(np.float16),
        weights=model.weights.astype(np.float16),
        intercepts=model.intercepts.astype(np.float32),
        answers=np.array(model.answers),
    )


def load(folder: Path) -> LinearModel:
    """Read a model; `OSError` or `ValueError` when its files are absent, damaged or not a model."""
    grams = (folder / GRAMS).read_text(encoding="utf-8").splitlines()
    try:
        with np.load(folder / NUMBERS, allow_pickle=False) as numbers:
            model = LinearModel(
                vocabulary={gram: row for row, gram in enumerate(grams)},
                idf=numbers["idf"].astype(np.float32),
                weights=numbers["weights"].astype(np.float32),
                intercepts=numbers["intercepts"],
                answers=tuple(numbers["answers"].tolist()),
            )
    except (KeyError, EOFError, zipfile.BadZipFile) as fault:
        raise ValueError(f"{NUMBERS}: {type(fault).__name__}") from fault
    tall, wide = len(model.vocabulary), len(model.answers)
    shapes = (model.idf.shape, model.weights.shape, model.intercepts.shape)
    if shapes != ((tall,), (tall, wide), (wide,)) or len(grams) != tall:
        raise ValueError(f"{NUMBERS}: {shapes} does not fit {tall} n-grams and {wide} answers")
    if not all(np.isfinite(each).all() for each in (model.idf, model.weights, model.intercepts)):
        raise ValueError(f"{NUMBERS}: not a number")
    return model
