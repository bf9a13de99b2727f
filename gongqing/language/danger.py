"""Which sentences speak of harm in words that no rule foresaw?

Two linear models over n-grams of one to three characters: harm to oneself or others, and what else the rules of grading
call danger (blockades, deaths, people held or beaten). The n-grams are those of invented texts alone; real messages
taught only what is no danger. They stand beside the rules of `language.crisis` and never take a threat back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights" / "danger.txt"

LONGEST_WHOLE, LONGEST_PIECE = 60, 40
"""A sentence up to the first is read whole, a longer one in pieces of clauses up to the second."""
_LEAST = 4
FEWEST = 20
"""A piece with fewer known n-grams counts as if it had so many: a few words are weak evidence."""
_SENTENCE = re.compile(r"[^。！？!?；;…\n]+")
_DROPPED = re.compile(r"[ \t·.\-*_/~“”\"‘’'《》()（）:：、]+")
_DIGITS = re.compile(r"[0-9]+")
# 等着 is taught by threats (你等着) alone; who is owed pay and is made to wait threatens nobody and is not threatened
_PAY = re.compile(r"工资|工钱|薪|血汗钱|劳务费|报酬|提成|加班费|奖金|欠[^，。！？!?；;\n]{0,8}[钱款元块]")
_ASKING = (
    r"(?:每次|天天|现在|结果|我们?|去|问了?|起来|说|也|都|就是?"
    r"|老板|公司|厂[里长]|人事|财务|会计|经理|领导|包?工头|单位|他们?|她)"
)
_ALWAYS = r"(?:就是?|只会?|只能|总是?|老是?|还是?|一直|都|又|光)"
_WAITING = re.compile(
    rf"{_ASKING}{{0,6}}{_ALWAYS}{{0,3}}[让叫要喊](?:我们?|大家|工人)(?:再|先|在家里?|回家|回去){{0,2}}等[着等]?[了呢吧]?"
    rf"|(?:我们?|大家)(?:现在)?{_ALWAYS}{{0,3}}在?等着?[了呢]?|我们?(?:实在|真的?|也)?等不起了?"
)
_CLAUSE = re.compile(r"[^，,]+")


class Kind(StrEnum):
    """What a piece of text speaks of."""

    SELF = "G11"
    OTHERS = "G12"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Danger:
    """A piece of text that speaks of harm: `is_sure`, or so likely that a person should look first."""

    start: int
    end: int
    kind: Kind
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which scores on a piece is taken for harm: surely, perhaps, and perhaps for one of the other dangers."""

    sure: float
    doubtful: float
    more: float


@dataclass(frozen=True)
class _Model:
    constant: float
    others_constant: float
    more_constant: float
    least: Thresholds
    weights: dict[str, tuple[float, float, float]]


def dangers(text: str, *, silent: Collection[int] = ()) -> list[Danger]:
    """The pieces of a text that speak of harm, in order; pieces around a `silent` place say nothing.

    `text` is narrow and in simplified characters. Never raises on any string; time is linear in its length.
    """
    is_owed = bool(_PAY.search(text))
    return [
        heard
        for start, end in pieces(text)
        if not _holds(start, end, silent) and (heard := _heard(text[start:end], start, end, is_owed=is_owed))
    ]


def _heard(piece: str, start: int, end: int, *, is_owed: bool) -> Danger | None:
    """What a piece speaks of; a doubt must stand without the clauses that only tell of waiting for pay."""
    model = _opened()
    known = _known(model, piece)
    if not known:
        return None
    root = max(len(known), FEWEST) ** 0.5
    score = model.constant + sum(row[0] for row in known) / root
    is_harm = score >= model.least.doubtful
    if not is_harm and model.more_constant + sum(row[2] for row in known) / root < model.least.more:
        return None
    if score < model.least.sure and is_owed and not _is_suspected(_without_waiting(piece)):
        return None
    if not is_harm:
        return Danger(start, end, Kind.MORE, is_sure=False)
    to_others = model.others_constant + sum(row[1] for row in known) / root > 0
    return Danger(start, end, Kind.OTHERS if to_others else Kind.SELF, is_sure=score >= model.least.sure)


def _without_waiting(piece: str) -> str:
    """A piece without its clauses that only tell of waiting."""
    return "，".join(clause for clause in _CLAUSE.findall(piece) if not _WAITING.fullmatch(clause.strip()))


def _is_suspected(piece: str) -> bool:
    margin = _margin(piece)
    return margin is not None and margin >= 0


def _margin(piece: str) -> float | None:
    """How far a piece is above a suspicion; None without known n-grams."""
    said, least = scores(piece), _opened().least
    return None if said is None else max(said[0] - least.doubtful, said[1] - least.more)


def scores(piece: str) -> tuple[float, float] | None:
    """How much a piece sounds like harm to a person, and like one of the other dangers; None without known n-grams."""
    model = _opened()
    known = _known(model, piece)
    if not known:
        return None
    root = max(len(known), FEWEST) ** 0.5
    return (
        model.constant + sum(row[0] for row in known) / root,
        model.more_constant + sum(row[2] for row in known) / root,
    )


def margins(text: str, *, silent: Collection[int] = ()) -> list[tuple[int, int, float]]:
    """Start, end and margin of every piece around no `silent` place; from a margin of 0 on it is suspected at least."""
    found, is_owed = [], bool(_PAY.search(text))
    for start, end in pieces(text):
        piece = text[start:end]
        margin, rest = _margin(piece), _margin(_without_waiting(piece) if is_owed else piece)
        if margin is not None and rest is not None and not _holds(start, end, silent):
            found.append((start, end, min(margin, rest)))
    return found


def _known(model: _Model, piece: str) -> list[tuple[float, float, float]]:
    return [row for row in map(model.weights.get, grams(piece)) if row is not None]


def _holds(start: int, end: int, places: Collection[int]) -> bool:
    return any(start <= place < end for place in places)


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
    constant, others, more, sure, doubtful, more_least = map(float, numbers)
    weights = {}
    for row in body.splitlines():
        gram, *pulls = row.split("\t")
        weights[gram] = (float(pulls[0]), float(pulls[1]), float(pulls[2]))
    return _Model(constant, others, more, Thresholds(sure, doubtful, more_least), weights)
