"""How does a linear model over n-grams score a text, and which words carried the score?

A model is two files without any code in them: `NAME.npz` (numbers only, read with `allow_pickle=False`) and
`NAME.vocabulary.txt` (one n-gram a line). Scoring needs numpy alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LinearModel:
    """Weights over n-grams: sublinear term frequency × inverse document frequency, length one, times weights.

    Attributes:
        vocabulary: row of each n-gram.
        idf: shape (n-grams,).
        weights: shape (n-grams, classes).
        intercepts: shape (classes,).
        scale: what scores are multiplied by before they become probabilities, found on held-out messages.
        shift: what is added after `scale`; zero for more than one class.
    """

    vocabulary: dict[str, int]
    idf: Floats
    weights: Floats
    intercepts: Floats
    classes: tuple[str, ...]
    scale: float
    shift: float

    def features(self, counts: Counter[str]) -> tuple[Rows, Floats]:
        """Rows and values of the n-grams that the model knows; both empty when it knows none."""
        known = [(row, count) for gram, count in counts.items() if (row := self.vocabulary.get(gram)) is not None]
        if not known:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        rows = np.array([row for row, _ in known], np.int64)
        values = (1 + np.log(np.array([count for _, count in known], np.float32))) * self.idf[rows]
        return rows, (values / np.linalg.norm(values)).astype(np.float32)

    def logits(self, rows: Rows, values: Floats) -> Floats:
        """Calibrated scores, shape (classes,)."""
        scores: Floats = values @ self.weights[rows] + self.intercepts
        return (scores * self.scale + self.shift).astype(np.float32)

    def pull(self, rows: Rows, values: Floats, choice: int) -> dict[int, float]:
        """How far each row spoke for one class rather than for the others, by row."""
        weights = self.weights[rows]
        against = weights.mean(axis=1) if weights.shape[1] > 1 else 0.0
        pulls = values * (weights[:, choice] - against)
        return dict(zip(rows.tolist(), pulls.tolist(), strict=True))


def softmax(scores: Floats) -> Floats:
    """Probabilities of scores, summing to one."""
    powers = np.exp(scores - scores.max())
    shares: Floats = (powers / powers.sum()).astype(np.float32)
    return shares


def save(model: LinearModel, folder: Path, name: str) -> None:
    """Write both files of a model; the same model always gives the same bytes of vocabulary and numbers."""
    grams = sorted(model.vocabulary, key=model.vocabulary.__getitem__)
    (folder / f"{name}.vocabulary.txt").write_text("\n".join(grams) + "\n", encoding="utf-8")
    np.savez_compressed(
        folder / f"{name}.npz",
        idf=model.idf.astype(np.float16),
        weights=model.weights.astype(np.float16),
        intercepts=model.intercepts.astype(np.float32),
        classes=np.array(model.classes),
        calibration=np.array([model.scale, model.shift], np.float64),
    )


def load(folder: Path, name: str) -> LinearModel:
    """Read a model; `FileNotFoundError` or `ValueError` when its files are absent or not a model."""
    grams = (folder / f"{name}.vocabulary.txt").read_text(encoding="utf-8").splitlines()
    with np.load(folder / f"{name}.npz", allow_pickle=False) as numbers:
        return LinearModel(
            vocabulary={gram: row for row, gram in enumerate(grams)},
            idf=numbers["idf"].astype(np.float32),
            weights=numbers["weights"].astype(np.float32),
            intercepts=numbers["intercepts"],
            classes=tuple(numbers["classes"].tolist()),
            scale=float(numbers["calibration"][0]),
            shift=float(numbers["calibration"][1]),
        )
