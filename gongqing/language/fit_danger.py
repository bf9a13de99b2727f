"""How are the models of danger fitted? Invented texts teach what danger is, real messages what it is not.

Half of the real messages teach; the other half alone sets the thresholds, so that given shares of them at most would be
taken for danger beside what the rules find. Each text's own digest says in which half it is, so none ever changes
sides. Messages in which people or rules found danger are in neither half. The same inputs in any order of rows give the
same file. Needs scikit-learn.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from gongqing.language import danger, danger_meaning
from gongqing.language.crisis import found_by_rules
from gongqing.language.encoder import embed
from gongqing.language.facts.flags import read_flags
from gongqing.language.facts.signs import DANGERS
from gongqing.language.facts.spans import narrow
from gongqing.language.material import LABELS, invented_messages, read_rows, real_messages
from gongqing.language.text import whole_text
from gongqing.language.traditional import simplified

SURE_SHARE, DOUBTFUL_SHARE, MORE_SHARE = 0.002, 0.02, 0.005
"""Of the real messages without danger, these shares at most are taken for danger: surely; surely or perhaps; perhaps
for one of the other dangers."""
PERSON = ("G11", "G12")
MORE = ("COLLECTIVE", "DEATH", "FORCED", "VIOLENCE")
RARE, SEED = 2, 3
C = 20.0
REAL_WEIGHT = 0.3
UNSETTLING = ("SC02",)
"""Categories whose invented messages may speak of harm."""
ASKED_SHARE = 0.3
"""The encoder is asked about this share of the real messages without danger, those that come nearest."""
MEANING_MORE = 0.0035
"""Of them this share of all at most is suspected besides what the n-grams suspect."""
MEANING_C, MEANING_SHARE = 30.0, 0.6
ROUNDS, HARDEST = 3, 1500
"""The real sentences that look most like danger are taught in rounds, so many in each."""


@dataclass(frozen=True)
class _Taught:
    """What both models are taught: pieces of text, of each which rule it belongs to, and calm real sentences."""

    pieces: csr_matrix
    rules: npt.NDArray[np.str_]
    calm: csr_matrix


def fit_danger(data: Path, out: Path = danger.WEIGHTS, labels: Path = LABELS) -> dict[str, float]:
    """Write the models' file; returns how large it is and what it takes for danger among messages it never saw.

    Raises:
        BadInput: a table is missing or has other columns.
    """
    cases = invented_cases()
    teaching, judging = calm_messages(data, labels)
    found, numbers, highest = fitted(cases, teaching, judging)
    body = "".join(f"{gram}\t{a:.3f}\t{b:.3f}\t{c:.3f}\n" for gram, (a, b, c) in found.items())
    head = "\t".join(f"{number:.4f}" for number in numbers)
    out.write_text(f"{head}\t{danger.digest_of(body)}\n{body}", encoding="utf-8")
    meant, heard = fitted_meaning(cases, teaching, judging, _margins_of(found, numbers))
    write_meaning(meant, out.with_name(danger_meaning.WEIGHTS.name))
    _, _, _, sure, doubtful, more = numbers
    person, other = highest
    return {
        "ngrams": len(found),
        "taught": len(cases),
        "judged": len(judging),
        "taken_for_danger": float((person >= sure).mean()),
        "suspected": float(((person >= doubtful) | (other >= more)).mean()),
        "suspected_with_encoder": heard,
    }


Floats = npt.NDArray[np.float64]


def fitted(
    cases: Sequence[dict[str, str]], teaching: Sequence[str], judging: Sequence[str]
) -> tuple[dict[str, tuple[float, float, float]], tuple[float, ...], tuple[Floats, Floats]]:
    """The pulls of every n-gram, the constants and thresholds, and the highest scores of the judging messages."""
    counts = Counter(gram for case in cases for gram in danger.grams(_plain(case["text"])))
    vocabulary = {gram: at for at, gram in enumerate(sorted(g for g, count in counts.items() if count >= RARE))}
    words, rules = _instances(cases)
    calm = [text[a:b] for text in teaching for a, b in danger.pieces(text)]
    taught = _Taught(_table(words, vocabulary), np.array(rules), _table(calm, vocabulary))
    person, more = _learnt(taught, PERSON, MORE), _learnt(taught, MORE, PERSON)
    is_person = np.isin(taught.rules, PERSON)
    others = LogisticRegression(C=C, max_iter=1000).fit(taught.pieces[is_person], taught.rules[is_person] == "G12")
    parts = [[text[a:b] for a, b in danger.pieces(text)] for text in judging]
    tables = [_table(part, vocabulary) for part in parts if part]
    highest = [np.array([model.decision_function(table).max() for table in tables]) for model in (person, more)]
    thresholds = (
        float(np.quantile(highest[0], 1 - SURE_SHARE)),
        float(np.quantile(highest[0], 1 - DOUBTFUL_SHARE)),
        float(np.quantile(highest[1], 1 - MORE_SHARE)),
    )
    constants = tuple(float(model.intercept_[0]) for model in (person, others, more))
    pulls = np.stack([model.coef_[0] for model in (person, others, more)], axis=1)
    found = {gram: tuple(map(float, pulls[at])) for gram, at in vocabulary.items()}
    return found, (*constants, *thresholds), (highest[0], highest[1])  # type: ignore[return-value]


@dataclass(frozen=True)
class Meant:
    """The model of the encoder's numbers: scores are a piece's margin plus `share` times what its numbers say."""

    weights: Floats
    constant: float
    lowest: float
    least: float


Margins = Callable[[str], list[tuple[str, float]]]
"""The pieces of a text with their margins below a suspicion."""


def fitted_meaning(
    cases: Sequence[dict[str, str]], teaching: Sequence[str], judging: Sequence[str], margins: Margins
) -> tuple[Meant, float]:
    """What the encoder's numbers say of danger, and which share of the judging messages it suspects besides.

    Taught by the invented pieces and by those of calm real messages that come nearest; `lowest` and `least` are set on
    the judging messages, whose n-grams taught nothing.
    """
    words, rules = _instances(cases)
    near = [sorted(margins(text), key=lambda each: -each[1])[: danger_meaning.MOST_PIECES] for text in judging]
    best = np.array([pieces[0][1] if pieces else -np.inf for pieces in near])
    lowest = float(np.quantile(best, 1 - ASKED_SHARE))
    taught = [sorted(margins(text), key=lambda each: -each[1])[: danger_meaning.MOST_PIECES] for text in teaching]
    calm = [piece for pieces in taught for piece, _ in pieces if pieces[0][1] >= lowest]
    numbers = np.concatenate([_meanings(words), _meanings(calm)])
    is_danger = np.r_[np.array(rules) != "none", np.zeros(len(calm), bool)]
    weight = np.r_[np.ones(len(words)), np.full(len(calm), REAL_WEIGHT)]
    model = LogisticRegression(C=MEANING_C, max_iter=2000).fit(numbers, is_danger, sample_weight=weight)
    scores = np.full(len(judging), -np.inf)
    for at, pieces in enumerate(near):
        asked = [each for each in pieces if each[1] >= lowest]
        if asked and best[at] < 0:
            said = model.decision_function(_meanings([piece for piece, _ in asked]))
            scores[at] = max(margin + MEANING_SHARE * one for (_, margin), one in zip(asked, said, strict=True))
    least = _exceeded_by(scores, MEANING_MORE)
    return Meant(model.coef_[0], float(model.intercept_[0]), lowest, least), float((scores >= least).mean())


def _exceeded_by(scores: Floats, share: float) -> float:
    """The score that about this share of them reaches; the highest where fewer were asked, none where nobody was."""
    if np.isneginf(np.quantile(scores, 1 - share, method="lower")):
        return float(scores.max()) if np.isfinite(scores).any() else float(np.inf)
    return float(np.quantile(scores, 1 - share))


def write_meaning(meant: Meant, out: Path) -> None:
    """Write the file that `danger_meaning` reads."""
    body = "".join(f"{number:.4f}\n" for number in meant.weights)
    head = "\t".join(f"{number:.4f}" for number in (meant.constant, MEANING_SHARE, meant.lowest, meant.least))
    out.write_text(f"{head}\t{danger.digest_of(body)}\n{body}", encoding="utf-8")


def _meanings(pieces: Sequence[str]) -> Floats:
    rows = [embed(piece)[: danger_meaning.NUMBERS] for piece in pieces]
    return np.array(rows, np.float64).reshape(len(rows), danger_meaning.NUMBERS)


def _margins_of(pulls: Mapping[str, tuple[float, float, float]], numbers: Sequence[float]) -> Margins:
    """The margins of pieces by models that are just fitted."""
    constant, _, more_constant, _, doubtful, more = numbers

    def margins(text: str) -> list[tuple[str, float]]:
        found = []
        for start, end in danger.pieces(text):
            known = [pulls[gram] for gram in danger.grams(text[start:end]) if gram in pulls]
            root = max(len(known), danger.FEWEST) ** 0.5
            person = constant + sum(row[0] for row in known) / root - doubtful
            other = more_constant + sum(row[2] for row in known) / root - more
            if known:
                found.append((text[start:end], max(person, other)))
        return found

    return margins


def _instances(cases: Sequence[dict[str, str]]) -> tuple[list[str], list[str]]:
    """A threat is taught whole, a calm text piece by piece."""
    words, rules = [], []
    for case in cases:
        text = _plain(case["text"])
        pieces = [text] if case["rule"] != "none" else [text[a:b] for a, b in danger.pieces(text)]
        words += pieces
        rules += [case["rule"]] * len(pieces)
    return words, rules


def _learnt(taught: _Taught, wanted: Sequence[str], unasked: Sequence[str]) -> LogisticRegression:
    """A model of the wanted rules against what is calm; real sentences that look most like danger come in in rounds."""
    kept = ~np.isin(taught.rules, unasked)
    invented, is_danger = taught.pieces[kept], np.isin(taught.rules[kept], wanted)
    chosen = np.random.default_rng(SEED).permutation(taught.calm.shape[0])[:HARDEST]
    for step in range(ROUNDS):
        learnt = LogisticRegression(C=C, max_iter=1000).fit(
            vstack([invented, taught.calm[chosen]]),
            np.r_[is_danger, np.zeros(len(chosen), bool)],
            sample_weight=np.r_[np.ones(len(is_danger)), np.full(len(chosen), REAL_WEIGHT)],
        )
        if step < ROUNDS - 1:
            hardest = np.argsort(-learnt.decision_function(taught.calm), kind="stable")[:HARDEST]
            chosen = np.unique(np.r_[chosen, hardest])
    return learnt


def invented_cases() -> list[dict[str, str]]:
    """The invented texts of `written/danger`: those that threaten or tell of danger, and those that do not.

    The calm ones of the reader's invented messages stand with the latter.
    """
    folder = resources.files("gongqing.language").joinpath("written", "danger")
    found: list[dict[str, str]] = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
        found += rows
    calm = [message.text for message in invented_messages() if message.code not in UNSETTLING]
    return found + [{"rule": "none", "text": text} for text in calm if not found_by_rules(_plain(text))]


def calm_messages(data: Path, labels: Path = LABELS) -> tuple[list[str], list[str]]:
    """Real messages in which neither a person nor a rule found danger: those that teach, and those that judge.

    Both in the order of their digests. Nor any of the circumstances that the rules of grading take for danger.
    """
    marked = {message.text for message in real_messages(data, labels) if message.crisis}
    rows = read_rows(data / "messages.csv", ("title", "text"))
    texts = [_plain(whole_text(row["title"], row["text"])) for row in rows if row["text"] not in marked]
    calm = [text for text in texts if not found_by_rules(text) and not DANGERS & read_flags(text, []).keys()]
    by_digest = sorted(set(calm), key=_digest)
    return [text for text in by_digest if teaches(text)], [text for text in by_digest if not teaches(text)]


def teaches(text: str) -> bool:
    """Whether a real text is on the side that teaches; its digest alone decides, whatever else is there."""
    return int(_digest(text)[:8], 16) % 2 == 0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(text: str) -> str:
    return simplified(narrow(text))


def _table(texts: Sequence[str], vocabulary: dict[str, int]) -> csr_matrix:
    columns: list[int] = []
    ends, values = [0], list[npt.NDArray[np.float64]]()
    for text in texts:
        known = sorted(vocabulary[gram] for gram in danger.grams(text) if gram in vocabulary)
        columns += known
        ends.append(len(columns))
        values.append(np.full(len(known), 1 / max(len(known), danger.FEWEST) ** 0.5))
    filled = np.concatenate(values) if values else np.zeros(0)
    return csr_matrix((filled, columns, ends), shape=(len(texts), len(vocabulary)))
