"""How is the model fitted that says which signs of danger are not meant? Letters that a person has read teach it.

Letters that nearly repeat each other stand on the same side of every fold; the threshold is set on letters that the
model did not learn from, so that of the letters of danger which the rules grade at most `LOSS` would lose their last
sign, and of the invented signs that are meant no larger share. Weights go to kinds of words and to n-grams of invented
texts alone: no n-gram comes from a letter. The same inputs in any order of rows give the same file. Needs
scikit-learn.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from gongqing.language import danger
from gongqing.language.facts import Flag, read_facts
from gongqing.language.facts.flags import read_flags
from gongqing.language.facts.meant import ASKED, WEIGHTS, features, gram_of
from gongqing.language.facts.signs import DANGERS
from gongqing.language.facts.spans import book_titles, narrow
from gongqing.language.fit_danger import RARE, invented_cases
from gongqing.language.material import LABELS, letter_digest, near_duplicate_groups, read_rows
from gongqing.language.text import whole_text
from gongqing.language.traditional import simplified
from gongqing.lib.errors import BadInput

TABLES = ("messages.csv", "hot_topics.csv", "replies.csv")
LETTERS = ("danger_real.csv", "danger_real2.csv", "danger_real3.csv", "danger_blind3.csv")
LOSS = 0.02
C, INVENTED_WEIGHT, RARE_FEATURE = 5.0, 0.2, 3
FOLDS, ROUNDS = 10, 3
NEAR = 60
"""A sign so many characters from the words that a reader marked is the danger that was meant."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Letter:
    """A letter that was read: its row of labels and what the rules find in it.

    Attributes:
        asked: the signs the model may doubt, as kind, start and end.
        firm: it holds a sign that is never doubted.
    """

    row: Mapping[str, str]
    text: str
    asked: tuple[tuple[Flag, int, int], ...]
    firm: bool

    @property
    def is_danger(self) -> bool:
        """Whether the reader found danger."""
        return self.row["danger"] == "1"

    @property
    def is_sure(self) -> bool:
        """Whether the reader did not waver."""
        return self.row["doubt"] != "1"


@dataclass(frozen=True)
class Signs:
    """Signs with what the model is told of them.

    Attributes:
        told: the features of each; letter: which letter it stands in, −1 for an invented text.
        meant: what is to be learnt; taught: whether it is.
    """

    told: list[set[str]]
    letter: npt.NDArray[np.int64]
    meant: Flags
    taught: Flags


def fit_meant(data: Path, out: Path = WEIGHTS, labels: Path = LABELS) -> dict[str, float]:
    """Write the model's file; returns how large it is, its threshold and what it would do by cross-validation.

    Raises:
        BadInput: a table is missing, has other columns, or is not the one that was labelled.
    """
    letters = read_letters(data, labels)
    vocabulary = invented_grams()
    signs = signs_of(letters, vocabulary)
    scores = unseen_scores(letters, signs)
    least = threshold(letters, signs, scores)
    names, pulls, constant = _learnt(signs, np.ones(len(signs.told), bool))
    body = "".join(f"{name}\t{pull:.4f}\n" for name, pull in zip(names, pulls, strict=True) if abs(pull) >= 5e-5)
    head = f"{constant:.4f}\t{least:.4f}"
    out.write_text(f"{head}\t{danger.digest_of(body)}\n{body}", encoding="utf-8")
    spared = highest(letters, signs, scores) < least
    graded = np.array([bool(letter.asked) or letter.firm for letter in letters])
    meant = np.array([letter.is_danger for letter in letters])
    return {
        "features": len(names),
        "letters": len(letters),
        "least": least,
        "lost": float(spared[graded & meant].mean()),
        "spared": float(spared[graded & ~meant].mean()),
    }


def read_letters(data: Path, labels: Path = LABELS, names: Sequence[str] = LETTERS) -> list[Letter]:
    """Every letter that the tables of labels name, in the order of the digests."""
    rows = [
        row for name in names for row in read_rows(labels / name, ("digest", "danger", "doubt", "stratum", "weight"))
    ]
    wanted = {row["digest"]: row for row in rows}
    texts: dict[str, str] = {}
    for name in TABLES:
        for row in read_rows(data / name, ("title", "text")):
            digest = letter_digest(row["title"], row["text"])
            if digest in wanted:
                texts[digest] = narrow(whole_text(row["title"], row["text"]))
    missing = wanted.keys() - texts.keys()
    if missing:
        raise BadInput("digest", f"有 {len(missing)} 封标注过的来信在数据里找不到，不是标注时的那份数据")
    return [_letter(wanted[digest], texts[digest]) for digest in sorted(texts)]


def _letter(row: Mapping[str, str], text: str) -> Letter:
    evidence = read_facts(text).evidence
    found = [
        (flag, span.start, span.end)
        for flag in sorted(DANGERS | {Flag.SELF_HARM, Flag.HARM_OTHERS})
        for span in evidence.get(flag, ())
    ]
    return Letter(
        row, text, tuple(one for one in found if one[0] in ASKED), any(flag not in ASKED for flag, _, _ in found)
    )


def invented_signs() -> list[dict[str, str]]:
    """The invented texts of danger, and those of `written/meant` with its signs at work, meant and not."""
    file = resources.files("gongqing.language").joinpath("written", "meant", "signs.csv")
    return [*invented_cases(), *csv.DictReader(file.read_text(encoding="utf-8").splitlines())]


def invented_grams() -> frozenset[str]:
    """The n-grams that may have a weight."""
    counts = Counter(gram for case in invented_signs() for gram in danger.grams(simplified(narrow(case["text"]))))
    return frozenset(gram for gram, count in counts.items() if count >= RARE)


def signs_of(letters: Sequence[Letter], vocabulary: Collection[str]) -> Signs:
    """The signs of letters and of invented texts.

    Not taught: signs of a letter of danger away from the words that its reader marked, and signs of a letter without
    danger of which the reader was in doubt.
    """
    told, place, meant, taught = list[set[str]](), list[int](), list[bool](), list[bool]()
    for number, letter in enumerate(letters):
        for flag, start, end in letter.asked:
            told.append(_told(letter.text, flag, start, end, vocabulary))
            place.append(number)
            meant.append(letter.is_danger)
            taught.append(_is_marked(letter.row, start) if letter.is_danger else letter.is_sure)
    for case in invented_signs():
        text = simplified(narrow(case["text"]))
        for flag, spans in read_flags(text, book_titles(text)).items():
            for span in spans if flag in ASKED else ():
                told.append(_told(text, flag, span.start, span.end, vocabulary))
                place.append(-1)
                meant.append(case["rule"] != "none")
                taught.append(True)
    return Signs(told, np.array(place), np.array(meant), np.array(taught))


def _told(text: str, flag: Flag, start: int, end: int, vocabulary: Collection[str]) -> set[str]:
    return {name for name in features(text, flag, start, end) if not (gram := gram_of(name)) or gram in vocabulary}


def _is_marked(row: Mapping[str, str], place: int) -> bool:
    if not row.get("start"):
        return True
    return int(row["start"]) - NEAR <= place <= int(row["end"]) + NEAR


def unseen_scores(letters: Sequence[Letter], signs: Signs) -> Floats:
    """What models that did not learn from a letter, nor from one near it, say of each of its signs."""
    groups = near_duplicate_groups([letter.text for letter in letters])
    found = np.zeros((ROUNDS, len(signs.told)))
    for turn in range(ROUNDS):
        dealt = np.random.default_rng(turn)
        folds, invented = dealt.integers(0, FOLDS, groups.max() + 1), dealt.integers(0, FOLDS, len(signs.told))
        own = np.where(signs.letter >= 0, folds[groups[signs.letter]], invented)
        for fold in range(FOLDS):
            asked = own == fold
            if asked.any():
                names, pulls, constant = _learnt(signs, ~asked)
                found[turn, asked] = _said([signs.told[at] for at in np.flatnonzero(asked)], names, pulls, constant)
    return np.asarray(found.mean(axis=0), np.float64)


def _learnt(signs: Signs, allowed: Flags) -> tuple[list[str], Floats, float]:
    """Features, their pulls and the constant, learnt from the allowed signs; a letter's signs share its weight."""
    chosen = np.flatnonzero(signs.taught & allowed)
    cutter = CountVectorizer(analyzer=sorted, min_df=RARE_FEATURE, binary=True)
    cutter.fit([signs.told[at] for at in chosen if signs.letter[at] >= 0])
    table = _scaled(cutter.transform([signs.told[at] for at in chosen]))
    counts = Counter(signs.letter.tolist())
    weight = [INVENTED_WEIGHT if place < 0 else counts[place] ** -0.5 for place in signs.letter[chosen].tolist()]
    model = LogisticRegression(C=C, solver="liblinear", random_state=0, max_iter=2000)
    model.fit(table, signs.meant[chosen], sample_weight=weight)
    return cutter.get_feature_names_out().tolist(), model.coef_[0], float(model.intercept_[0])


def _said(told: Sequence[set[str]], names: Sequence[str], pulls: Floats, constant: float) -> Floats:
    cutter = CountVectorizer(analyzer=sorted, vocabulary=names, binary=True)
    return np.asarray(_scaled(cutter.transform(told)) @ pulls + constant, np.float64)


def _scaled(table: csr_matrix) -> csr_matrix:
    sizes = np.maximum(np.asarray(table.sum(axis=1), np.float64), 1)
    return csr_matrix(table.multiply(1 / np.sqrt(sizes)))


def highest(letters: Sequence[Letter], signs: Signs, scores: Floats) -> Floats:
    """The highest score of each letter's signs; infinite where it holds a firm one or none."""
    found = np.full(len(letters), -np.inf)
    inside = signs.letter >= 0
    np.maximum.at(found, signs.letter[inside], scores[inside])
    firm = np.array([letter.firm or not letter.asked for letter in letters])
    return np.where(firm, np.inf, found)


def threshold(letters: Sequence[Letter], signs: Signs, scores: Floats, loss: float = LOSS) -> float:
    """The highest score under which at most a share `loss` of the graded letters of danger has all its signs.

    Nor more than that share of the signs of invented texts that are meant.
    """
    graded = np.array([letter.is_danger and (bool(letter.asked) or letter.firm) for letter in letters])
    invented = scores[(signs.letter < 0) & signs.meant]
    return min(_exceeded(highest(letters, signs, scores)[graded], loss), _exceeded(invented, loss))


def _exceeded(scores: Floats, loss: float) -> float:
    """A score below which at most a share of them lies; none of those that are not finite."""
    ordered = np.sort(scores)
    known = ordered[np.isfinite(ordered)]
    return float(known[min(int(loss * len(ordered)), len(known) - 1)]) if len(known) else float("-inf")
