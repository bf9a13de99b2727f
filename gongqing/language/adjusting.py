"""What has this city's reader learnt beside the shipped one?

An adjustment is what people's corrections taught: weights over n-grams that are added to the logarithms of what the
shipped models say. It knows no n-gram that the shipped vocabulary does not hold, so that it can name nobody. It is one
folder of three files without any code in them, each with its SM3 in `card.json`.
"""

from __future__ import annotations

import json
import math
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gongqing.language.linear import Floats, Rows, softmax
from gongqing.lib import crypto

CARD, NUMBERS, GRAMS = "card.json", "adjustment.npz", "adjustment.vocabulary.txt"
FILES = (NUMBERS, GRAMS)
LEAST = 1e-4  # no probability counts as smaller: nothing is so sure that corrections could not change it
NAME = re.compile(r"[a-z][a-z0-9.-]{0,20}\+[0-9a-f]{8}")


class Unusable(Exception):
    """The files of an adjustment cannot be used; the text says why, in Chinese, for an administrator."""


@dataclass(frozen=True)
class Adjustment:
    """Weights that corrections taught.

    Attributes:
        version: the name of the whole reader, shipped weights and adjustment together.
        fitted_on: the shipped version beneath; it fits no other.
        classes: the categories in the order of the columns.
        vocabulary: row of each n-gram.
        rarity: shape (n-grams,); `unknown` is that of an n-gram which is not among them.
        weights: shape (n-grams, classes).
        intercepts: shape (classes,).
        labour_weights: shape (n-grams,).
        labour_intercept: added to the log-odds of labour relevance.
    """

    version: str
    fitted_on: str
    classes: tuple[str, ...]
    vocabulary: Mapping[str, int]
    rarity: Floats
    unknown: float
    weights: Floats
    intercepts: Floats
    labour_weights: Floats
    labour_intercept: float

    def adjusted(
        self, classes: tuple[str, ...], shares: Floats, related: float, counts: Counter[str]
    ) -> tuple[Floats, float]:
        """Probabilities of the categories, in the same order, and of labour relevance, as corrections moved them."""
        rows, values = self.features(counts)
        moved = values @ self.weights[rows] + self.intercepts
        moves = dict(zip(self.classes, moved.tolist(), strict=True))
        scores = np.log(np.maximum(shares, LEAST)) + np.array([moves.get(code, 0.0) for code in classes], np.float32)
        odds = log_odds(related) + float(values @ self.labour_weights[rows]) + self.labour_intercept
        return softmax(scores.astype(np.float32)), 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))

    def features(self, counts: Counter[str]) -> tuple[Rows, Floats]:
        """Rows and values of the n-grams that it knows; what it does not know counts for the length alone."""
        return features_of(counts, self.vocabulary, self.rarity, self.unknown)


def features_of(
    counts: Mapping[str, int], vocabulary: Mapping[str, int], rarity: Floats, unknown: float
) -> tuple[Rows, Floats]:
    """Sublinear frequency × rarity of the known n-grams, scaled by the length over all n-grams of the text."""
    known = [(row, count) for gram, count in counts.items() if (row := vocabulary.get(gram)) is not None]
    if not known:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    rows = np.array([row for row, _ in known], np.int64)
    values = (1 + np.log(np.array([count for _, count in known], np.float64))) * rarity[rows]
    others = sum((1 + math.log(count)) ** 2 for gram, count in counts.items() if gram not in vocabulary)
    length = math.sqrt(float(values @ values) + others * unknown**2)
    return rows, (values / length).astype(np.float32)


def log_odds(probability: float) -> float:
    """ln(p / (1 − p)) of a probability that is never quite 0 or 1."""
    safe = min(max(probability, LEAST), 1 - LEAST)
    return math.log(safe / (1 - safe))


def write(adjustment: Adjustment, folder: Path, card: Mapping[str, Any]) -> str:
    """Write the three files into a new folder; answers the SM3 of the card, which holds those of the others.

    Args:
        card: what is known about this version; the names of base, version and files are added.
    """
    folder.mkdir(parents=True, mode=0o700)
    grams = sorted(adjustment.vocabulary, key=adjustment.vocabulary.__getitem__)
    (folder / GRAMS).write_text("".join(f"{gram}\n" for gram in grams), encoding="utf-8")
    np.savez_compressed(
        folder / NUMBERS,
        classes=np.array(adjustment.classes),
        rarity=adjustment.rarity.astype(np.float32),
        weights=adjustment.weights.astype(np.float32),
        intercepts=adjustment.intercepts.astype(np.float32),
        labour_weights=adjustment.labour_weights.astype(np.float32),
        scalars=np.array([adjustment.unknown, adjustment.labour_intercept], np.float64),
    )
    files = {name: crypto.digest((folder / name).read_bytes()) for name in FILES}
    content = {**card, "version": adjustment.version, "fitted_on": adjustment.fitted_on, "files": files}
    (folder / CARD).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return crypto.digest((folder / CARD).read_bytes())


def digest_of(adjustment: Adjustment) -> str:
    """Eight hexadecimal digits of what it says: the same corrections on the same shipped weights have the same name."""
    parts = [adjustment.weights, adjustment.intercepts, adjustment.labour_weights, adjustment.rarity]
    numbers = b"".join(np.ascontiguousarray(each, np.float32).tobytes() for each in parts)
    grams = "\n".join(sorted(adjustment.vocabulary, key=adjustment.vocabulary.__getitem__)).encode()
    scalars = f"{adjustment.unknown!r} {adjustment.labour_intercept!r} {adjustment.fitted_on}".encode()
    return crypto.digest(numbers + grams + scalars)[:8]


def read(folder: Path, *, fitted_on: str, digest: str = "") -> Adjustment:
    """The adjustment in a folder, read without pickle, every file compared with its SM3 first.

    Args:
        fitted_on: the shipped version that stands beneath it now.
        digest: the SM3 that the card must have; empty compares the files with the card alone.

    Raises:
        Unusable: a file is missing, was changed, is no adjustment, or was fitted on other shipped weights.
    """
    card = _card(folder, digest)
    for name in FILES:
        if crypto.digest(_content(folder / name)) != card["files"].get(name):
            raise Unusable(f"{name} 的校验值不对，文件损坏或被改动过")
    if card["fitted_on"] != fitted_on:
        raise Unusable(f"它是在随附模型 {card['fitted_on']} 上训练的，现在的随附模型是 {fitted_on}，请重新训练")
    try:
        return _adjustment(folder, card)
    except (OSError, ValueError, KeyError, IndexError, TypeError, UnicodeDecodeError, zipfile.BadZipFile) as fault:
        raise Unusable(f"文件读不懂（{type(fault).__name__}）") from fault


def seen_by(folder: Path) -> frozenset[int]:
    """The corrections that the version in a folder was trained on.

    Raises:
        Unusable: its card cannot be read.
    """
    return frozenset(number for number in _card(folder, "").get("seen", []) if isinstance(number, int))


def _card(folder: Path, digest: str) -> dict[str, Any]:
    content = _content(folder / CARD)
    if digest and crypto.digest(content) != digest:
        raise Unusable(f"{CARD} 的校验值和登记的不一样，文件损坏或被改动过")
    try:
        card = json.loads(content)
    except ValueError as fault:
        raise Unusable(f"{CARD} 读不懂") from fault
    if not isinstance(card, dict) or not isinstance(card.get("files"), dict) or "fitted_on" not in card:
        raise Unusable(f"{CARD} 里缺少内容")
    return card


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise Unusable(f"缺少文件 {path.name}") from fault


def _adjustment(folder: Path, card: Mapping[str, Any]) -> Adjustment:
    grams = (folder / GRAMS).read_text(encoding="utf-8").splitlines()
    with np.load(folder / NUMBERS, allow_pickle=False) as numbers:
        found = Adjustment(
            version=str(card["version"]),
            fitted_on=str(card["fitted_on"]),
            classes=tuple(str(code) for code in numbers["classes"].tolist()),
            vocabulary={gram: row for row, gram in enumerate(grams)},
            rarity=numbers["rarity"],
            unknown=float(numbers["scalars"][0]),
            weights=numbers["weights"],
            intercepts=numbers["intercepts"],
            labour_weights=numbers["labour_weights"],
            labour_intercept=float(numbers["scalars"][1]),
        )
    shapes = (found.weights.shape, found.intercepts.shape, found.labour_weights.shape, found.rarity.shape)
    wide, tall = len(found.classes), len(found.vocabulary)
    if shapes != ((tall, wide), (wide,), (tall,), (tall,)) or not _is_finite(found):
        raise ValueError("shapes or numbers")
    return found


def _is_finite(found: Adjustment) -> bool:
    parts = (found.weights, found.intercepts, found.labour_weights, found.rarity)
    return all(bool(np.isfinite(each).all()) for each in parts) and math.isfinite(
        found.unknown + found.labour_intercept
    )
