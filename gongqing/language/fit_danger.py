"""How is the model of danger fitted? Invented texts teach what danger is, real messages what it is not.

Half of the real messages teach; the other half alone sets the threshold, so that a given share of them at most would be
taken for danger beside what the rules find. Messages in which people or rules found danger are in neither half. The
same inputs give the same file. Needs scikit-learn.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from gongqing.language import danger
from gongqing.language.crisis import found_by_rules, simplified
from gongqing.language.facts.spans import narrow
from gongqing.language.material import LABELS, invented_messages, read_rows, real_messages
from gongqing.language.text import whole_text

FALSE_SHARE = 0.005
"""Of the real messages without danger, this share at most is taken for danger."""
RARE, SEED = 2, 3
C = 20.0
REAL_WEIGHT = 0.3
UNSETTLING = ("SC02",)
"""Categories whose invented messages may speak of harm."""
ROUNDS, HARDEST = 3, 1500
"""The real sentences that look most like danger are taught in rounds, so many in each."""


def fit_danger(data: Path, out: Path = danger.WEIGHTS, labels: Path = LABELS) -> dict[str, float]:
    """Write the model's file; returns how large it is and what it takes for danger among messages it never saw.

    Raises:
        BadInput: a table is missing or has other columns.
    """
    cases = invented_cases()
    words = [_plain(case["text"]) for case in cases]
    is_danger = np.array([case["rule"] != "none" for case in cases])
    counts = Counter(gram for each in words for gram in danger.grams(each))
    vocabulary = {gram: at for at, gram in enumerate(sorted(g for g, count in counts.items() if count >= RARE))}
    teaching, judging = calm_messages(data, labels)
    sentences = [text[a:b] for text in teaching for a, b in danger.pieces(text)]
    invented, real = _table(words, vocabulary), _table(sentences, vocabulary)
    rng = np.random.default_rng(SEED)
    chosen = rng.permutation(len(sentences))[:HARDEST]
    for step in range(ROUNDS):
        learnt = LogisticRegression(C=C, max_iter=1000).fit(
            vstack([invented, real[chosen]]),
            np.r_[is_danger, np.zeros(len(chosen), bool)],
            sample_weight=np.r_[np.ones(len(words)), np.full(len(chosen), REAL_WEIGHT)],
        )
        if step < ROUNDS - 1:
            chosen = np.unique(np.r_[chosen, np.argsort(-learnt.decision_function(real), kind="stable")[:HARDEST]])
    parts = [[text[a:b] for a, b in danger.pieces(text)] for text in judging]
    highest = np.array([learnt.decision_function(_table(part, vocabulary)).max() for part in parts if part])
    least = float(np.quantile(highest, 1 - FALSE_SHARE))
    others = LogisticRegression(C=C, max_iter=1000).fit(
        invented[is_danger], [case["rule"] == "G12" for case in cases if case["rule"] != "none"]
    )
    rows = (f"{gram}\t{learnt.coef_[0, at]:.3f}\t{others.coef_[0, at]:.3f}\n" for gram, at in vocabulary.items())
    body = "".join(rows)
    numbers = f"{learnt.intercept_[0]:.4f}\t{least:.4f}\t{others.intercept_[0]:.4f}"
    out.write_text(f"{numbers}\t{danger.digest_of(body)}\n{body}", encoding="utf-8")
    taken = float((highest >= least).mean())
    return {"ngrams": len(vocabulary), "taught": len(words), "judged": len(judging), "taken_for_danger": taken}


def invented_cases() -> list[dict[str, str]]:
    """The invented texts of `written/danger` that threaten oneself or others (G11, G12), and those that do not.

    The calm ones of the reader's invented messages stand with the latter.
    """
    folder = resources.files("gongqing.language").joinpath("written", "danger")
    found: list[dict[str, str]] = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
        found += [row for row in rows if row["rule"] in ("G11", "G12", "none")]
    calm = [message.text for message in invented_messages() if message.code not in UNSETTLING]
    return found + [{"rule": "none", "text": text} for text in calm if not found_by_rules(_plain(text))]


def calm_messages(data: Path, labels: Path = LABELS) -> tuple[list[str], list[str]]:
    """Real messages in which neither a person nor a rule found danger: those that teach, and those that judge."""
    marked = {message.text for message in real_messages(data, labels) if message.crisis}
    rows = read_rows(data / "messages.csv", ("title", "text"))
    texts = [_plain(whole_text(row["title"], row["text"])) for row in rows if row["text"] not in marked]
    calm = [text for text in texts if not found_by_rules(text)]
    order = np.random.default_rng(SEED).permutation(len(calm))
    half = len(calm) // 2
    return [calm[at] for at in order[:half]], [calm[at] for at in order[half:]]


def _plain(text: str) -> str:
    return simplified(narrow(text))


def _table(texts: Sequence[str], vocabulary: dict[str, int]) -> csr_matrix:
    columns: list[int] = []
    ends, values = [0], list[npt.NDArray[np.float64]]()
    for text in texts:
        known = sorted(vocabulary[gram] for gram in danger.grams(text) if gram in vocabulary)
        columns += known
        ends.append(len(columns))
        values.append(np.full(len(known), 1 / max(len(known), 1) ** 0.5))
    filled = np.concatenate(values) if values else np.zeros(0)
    return csr_matrix((filled, columns, ends), shape=(len(texts), len(vocabulary)))
