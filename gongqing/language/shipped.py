"""Which fitted numbers ship with the platform, and are they whole?

`card.json` names every file with its SHA-256. What is missing or was changed is refused with the reason, in Chinese, by
whoever starts the platform.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from gongqing.language import danger, danger_meaning, linear
from gongqing.language.linear import Floats, LinearModel
from gongqing.language.weighing import ANSWERS, CODES, Weighing
from gongqing.lib.errors import BadInput

WEIGHTS = Path(__file__).parent / "weights"
CARD, MEANINGS, WORDS, VECTORS = "card.json", "meanings.npz", "words.txt", "vectors.npz"
FILES = (linear.NUMBERS, linear.GRAMS, MEANINGS, WORDS)
_NEEDED = frozenset({"version", "triage_below", "second_at_least", "join_below", "title_times", "weighing", "files"})


@dataclass(frozen=True)
class Shipped:
    """Everything that reads.

    Attributes:
        ngrams: the model over n-grams.
        meaning_weights: shape (1024, answers), over the encoder's numbers; meaning_intercepts: shape (answers,).
        quick: how the n-grams' scores become probabilities; careful: those of both.
        words: Chinese words and how surely a piece of text is one (logarithm of its share).
    """

    ngrams: LinearModel
    meaning_weights: Floats
    meaning_intercepts: Floats
    quick: Weighing
    careful: Weighing
    words: dict[str, float]


def read_card(folder: Path = WEIGHTS) -> dict[str, Any]:
    """What is known about the weights of a folder.

    Raises:
        BadInput: there is none, or it is not whole.
    """
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except OSError as fault:
        raise _refused(f"缺少文件 {CARD}") from fault
    except ValueError as fault:
        raise _refused(f"{CARD} 读不懂") from fault
    if not isinstance(card, dict) or not card.keys() >= _NEEDED:
        raise _refused(f"{CARD} 里缺少内容")
    return card


def check_weights(folder: Path = WEIGHTS) -> None:
    """Refuse weights that are not whole, before anybody is read with them.

    Raises:
        BadInput: what is wrong, in Chinese.
    """
    opened(folder)
    for file, check in (
        (danger.WEIGHTS, danger.check_danger),
        (danger_meaning.WEIGHTS, danger_meaning.check_danger_meaning),
    ):
        try:
            check()
        except (OSError, ValueError) as fault:
            raise _refused(f"{file.name} 缺少、损坏或被改动过") from fault
    _check_vectors(folder / VECTORS)


def _check_vectors(path: Path) -> None:
    """Read the file through once and keep nothing: only who looks for similar cases holds it."""
    try:
        with zipfile.ZipFile(path) as parts:
            damaged = parts.testzip()
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError) as fault:
        raise _refused(f"{path.name} 缺少或损坏") from fault
    if damaged:
        raise _refused(f"{path.name} 损坏")


@cache
def opened(folder: Path = WEIGHTS) -> Shipped:
    """The weights of a folder, every file compared with its SHA-256 first.

    Raises:
        BadInput: a file is missing, was changed, or holds no weights.
    """
    card = read_card(folder)
    for name in FILES:
        if digest_of(folder / name) != card["files"].get(name):
            raise _refused(f"{name} 的校验值不对，文件损坏或被改动过")
    try:
        model = linear.load(folder)
        with np.load(folder / MEANINGS, allow_pickle=False) as numbers:
            weights, intercepts = numbers["weights"].astype(np.float32), numbers["intercepts"]
        found = Shipped(model, weights, intercepts, *_weighings(card["weighing"]), _words(folder))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise _refused(f"文件读不懂（{type(fault).__name__}：{fault}）") from fault
    if model.answers != ANSWERS or found.meaning_weights.shape[1:] != (len(ANSWERS),):
        raise _refused("它的小类和平台的小类不一致")
    return found


def digest_of(path: Path) -> str:
    """SHA-256 of a file.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as fault:
        raise _refused(f"缺少文件 {path.name}") from fault


def as_card(quick: Weighing, careful: Weighing) -> dict[str, Any]:
    """Both weighings as the card holds them."""
    return {"quick": asdict(quick), "careful": asdict(careful)}


def _weighings(card: dict[str, Any]) -> tuple[Weighing, Weighing]:
    quick, careful = (Weighing(**{key: tuple(card[name][key]) for key in card[name]}) for name in ("quick", "careful"))
    for weighing in (quick, careful):
        if len(weighing.labour_shares) != len(CODES) or len(weighing.need_shares) != len(CODES):
            raise ValueError("weighing")
    return quick, careful


def _words(folder: Path) -> dict[str, float]:
    rows = [line.split("\t") for line in (folder / WORDS).read_text(encoding="utf-8").splitlines()]
    counts = {word: int(count) for word, count in rows}
    total = float(np.log(sum(counts.values())))
    return {word: float(np.log(count)) - total for word, count in counts.items()}


def _refused(reason: str) -> BadInput:
    return BadInput("weights", f"随附的分类模型不能用：{reason}。请重新安装这一版本的程序。")


def main(arguments: Sequence[str]) -> int:
    """Check the weights in a process that ends with its answer: 0 whole, 2 not, with the reason on standard error.

    Args:
        arguments: none, or a folder of weights that are not shipped.
    """
    try:
        check_weights(*map(Path, arguments[:1]))
    except BadInput as refused:
        sys.stderr.write(f"{refused.message}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
