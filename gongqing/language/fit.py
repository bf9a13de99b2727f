"""How is the reader fitted, and what does it say of messages that it never saw?

Settings are fixed here; they were chosen on the first 1,353 labelled messages. What is left to find on data (factors,
thresholds) is found on messages held out inside the training part, so that figures of the outer folds stand on messages
that neither training nor choosing saw. Near-duplicates never stand on both sides. The same inputs give the same
weights. Needs scikit-learn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from gongqing.language.encoder import WIDTH, embed
from gongqing.language.linear import LinearModel
from gongqing.language.material import Message, invented_messages, near_duplicate_groups, read_rows
from gongqing.language.names import may_name_person, names_in
from gongqing.language.taxonomy import MISCELLANEOUS
from gongqing.language.text import ngrams
from gongqing.language.weighing import (
    ANSWERS,
    CODE_COLUMNS,
    CODES,
    LABOUR_COLUMN,
    NEED_COLUMN,
    PURPOSE_COLUMNS,
    PURPOSES,
    Said,
    Weighing,
    honest,
    odds_of_codes,
    shares_of,
    weigh,
)

__all__ = [
    "Judged",
    "Material",
    "held_out",
    "invented_messages",
    "learn",
    "near_duplicate_groups",
    "read_rows",
    "scores_of",
]

FOLDS, INNER_FOLDS = 5, 4
SEED = 7
RARE = 3
"""An n-gram enters a vocabulary when at least this many unrelated messages hold it."""
NGRAM_C, ENCODER_C = 1.0, 5.0
QUESTION_WEIGHT = 0.5
"""A legal question teaches labour relevance half as much as a message."""
JOIN_BELOW = 0.85
"""The encoder joins where n-grams alone are less sure than this of category or labour relevance."""

NEED_CODES = frozenset({"CD01", "CD03", "OT02", "OT03", *(code for code in CODES if code.startswith("SC"))})
"""Categories whose invented messages count as needs, by the rules of the domain."""

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Material:
    """All messages as numbers.

    Attributes:
        counts: how often each n-gram stands in each message; n-grams that may name a person are not among them.
        grams: the n-grams in the order of the columns.
        meanings: shape (messages, 1024), of the encoder.
        groups: near-duplicates share a number.
    """

    messages: list[Message]
    counts: csr_matrix
    grams: list[str]
    meanings: npt.NDArray[np.float32]
    groups: Places

    @classmethod
    def of(cls, messages: Sequence[Message]) -> Material:
        """Count and embed the messages; some ten minutes of one core for ten thousand."""
        texts = [message.words for message in messages]
        counter = CountVectorizer(analyzer=ngrams, min_df=2, dtype=np.float32)
        counts = counter.fit_transform(texts).tocsr()
        names = names_in(texts)
        grams = counter.get_feature_names_out().tolist()
        kept = [column for column, gram in enumerate(grams) if not may_name_person(gram, names)]
        meanings = np.array([embed(message.text, message.title) for message in messages])
        kept_grams = [grams[column] for column in kept]
        return cls(list(messages), counts[:, kept].tocsr(), kept_grams, meanings, near_duplicate_groups(texts))

    def places(self, *origins: str) -> Places:
        """Where messages of these origins stand."""
        found = [place for place, message in enumerate(self.messages) if message.origin in origins]
        return np.array(found, np.int64)


@dataclass(frozen=True)
class Learnt:
    """What both models learnt: n-grams, and weights over the encoder's numbers, shape (1024, answers)."""

    ngrams: LinearModel
    columns: Places
    encoder_weights: Floats
    encoder_intercepts: Floats


@dataclass(frozen=True)
class Scores:
    """What both models say, each of shape (messages, answers)."""

    ngrams: Floats
    encoder: Floats


@dataclass(frozen=True)
class Judged:
    """What is said of messages that were not trained on, and when the encoder joined.

    Attributes:
        quick: by n-grams alone; careful: with the encoder always; cascade: with the encoder where n-grams are unsure.
        joined: where the encoder joined in the cascade.
        scores: raw scores, from which everything else follows.
    """

    messages: list[Message]
    quick: Said
    careful: Said
    cascade: Said
    joined: npt.NDArray[np.bool_]
    scores: Scores


def learn(material: Material, places: Places) -> Learnt:
    """Fit every answer on these messages alone: vocabulary, rarities and weights."""
    counts = material.counts[places]
    columns = _frequent(counts, material.groups[places])
    idf = np.log((1 + len(places)) / (1 + (counts[:, columns] > 0).sum(axis=0).A1)) + 1
    values = features(counts[:, columns], idf)
    weights, intercepts = np.zeros((len(columns), len(ANSWERS))), np.zeros(len(ANSWERS))
    meant, meant_intercepts = np.zeros((WIDTH, len(ANSWERS))), np.zeros(len(ANSWERS))
    for task in _tasks([material.messages[place] for place in places]):
        svm = LinearSVC(C=NGRAM_C, class_weight=task.class_weight, random_state=SEED)
        svm.fit(values[task.rows], task.labels, sample_weight=task.row_weight)
        _put(weights, intercepts, task, svm.classes_, svm.coef_, svm.intercept_)
        logistic = LogisticRegression(C=ENCODER_C, class_weight=task.class_weight, max_iter=200, tol=1e-3)
        logistic.fit(material.meanings[places[task.rows]], task.labels, sample_weight=task.row_weight)
        _put(meant, meant_intercepts, task, logistic.classes_, logistic.coef_, logistic.intercept_)
    model = LinearModel(
        vocabulary={material.grams[column]: row for row, column in enumerate(columns)},
        idf=idf.astype(np.float32),
        weights=weights.astype(np.float32),
        intercepts=intercepts.astype(np.float32),
        answers=ANSWERS,
    )
    return Learnt(model, columns, meant, meant_intercepts)


@dataclass(frozen=True)
class _Task:
    """One question asked of texts: which rows have an answer, which, and what each weighs."""

    rows: Places
    labels: list[str]
    class_weight: dict[str, float] | str
    row_weight: Floats


def _tasks(messages: Sequence[Message]) -> list[_Task]:
    tasks = [
        _task([message.code if message.code else None for message in messages]),
        _task([str(int(message.labour)) for message in messages], balanced=True),
        _task([message.purpose or None for message in messages]),
        _task([_need_of(message) for message in messages]),
    ]
    for row, message in enumerate(messages):
        if message.origin == "question":
            tasks[1].row_weight[row] = QUESTION_WEIGHT
    return [task for task in tasks if len(set(task.labels)) > 1]


def _need_of(message: Message) -> str | None:
    if message.need is not None:
        return f"need{int(message.need)}"
    return f"need{int(message.code in NEED_CODES)}" if message.origin == "written" else None


def _task(labels: Sequence[str | None], *, balanced: bool = False) -> _Task:
    rows = np.array([row for row, label in enumerate(labels) if label is not None], np.int64)
    said = [label for label in labels if label is not None]
    counts = Counter(said)
    roots = {label: (len(said) / count / len(counts)) ** 0.5 for label, count in counts.items()}
    return _Task(rows, said, "balanced" if balanced else roots, np.ones(len(rows)))


def _put(
    weights: Floats, intercepts: Floats, task: _Task, classes: Sequence[str], found: Floats, constants: Floats
) -> None:
    """Write what one question learnt into its columns; a class that was never seen stays unlikely."""
    if set(classes) == {"0", "1"}:
        weights[:, LABOUR_COLUMN], intercepts[LABOUR_COLUMN] = found[0], constants[0]
    elif set(classes) == {"need0", "need1"}:
        weights[:, NEED_COLUMN], intercepts[NEED_COLUMN] = found[0], constants[0]
    else:
        block = PURPOSE_COLUMNS if set(classes) <= set(PURPOSES) else CODE_COLUMNS
        intercepts[block] = constants.min() - 1
        if len(classes) == 2:
            found, constants = np.vstack([-found, found]), np.concatenate([-constants, constants])
        for row, label in enumerate(classes):
            weights[:, ANSWERS.index(label)], intercepts[ANSWERS.index(label)] = found[row], constants[row]


def _frequent(counts: csr_matrix, groups: Places) -> Places:
    """Columns of the n-grams held by at least `RARE` groups of messages; near-duplicates count once."""
    _, numbers = np.unique(groups, return_inverse=True)
    by_group = csr_matrix((np.ones(len(groups)), (numbers, np.arange(len(groups)))))
    held = ((by_group @ (counts > 0).astype(np.float64)) > 0).sum(axis=0).A1
    return np.asarray(np.where(held >= RARE)[0], np.int64)


def features(counts: csr_matrix, idf: Floats) -> csr_matrix:
    """Sublinear frequency × rarity, rows of length one."""
    values = counts.astype(np.float64).tocsr().copy()
    values.data = 1 + np.log(values.data)
    values = values.multiply(idf).tocsr()
    lengths = np.sqrt(values.multiply(values).sum(axis=1)).A1
    lengths[lengths == 0] = 1
    return diags(1 / lengths) @ values


def scores_of(learnt: Learnt, material: Material, places: Places) -> Scores:
    """What both models say of these messages."""
    values = features(material.counts[places][:, learnt.columns], learnt.ngrams.idf.astype(np.float64))
    ngram_scores = values @ learnt.ngrams.weights.astype(np.float64) + learnt.ngrams.intercepts
    return Scores(ngram_scores, material.meanings[places] @ learnt.encoder_weights + learnt.encoder_intercepts)


def folds_of(material: Material, places: Places, folds: int) -> Iterator[tuple[Places, Places]]:
    """Places to learn from and to judge; near-duplicates stay on one side, categories are spread evenly."""
    codes = [material.messages[place].code for place in places]
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=SEED)
    for learning, judging in splitter.split(codes, codes, material.groups[places]):
        yield places[learning], places[judging]


def held_scores(material: Material, places: Places, teaching: Places, folds: int) -> Scores:
    """Scores of these messages, each by models that never saw it; `teaching` only teaches."""
    ngram_scores, encoder = np.zeros((len(places), len(ANSWERS))), np.zeros((len(places), len(ANSWERS)))
    where = {int(place): row for row, place in enumerate(places)}
    for learning, judging in folds_of(material, places, folds):
        said = scores_of(learn(material, np.concatenate([learning, teaching])), material, judging)
        rows = [where[int(place)] for place in judging]
        ngram_scores[rows], encoder[rows] = said.ngrams, said.encoder
    return Scores(ngram_scores, encoder)


def weighings(material: Material, places: Places, scores: Scores) -> tuple[Weighing, Weighing]:
    """The factors that make held-out real messages likeliest: by n-grams alone, and with the encoder."""
    rows = np.array([row for row, place in enumerate(places) if material.messages[place].origin == "real"])
    messages = [material.messages[place] for place in places]
    return _weighing(messages, rows, scores, careful=False), _weighing(messages, rows, scores, careful=True)


def _weighing(messages: Sequence[Message], rows: Places, scores: Scores, *, careful: bool) -> Weighing:
    other = scores.encoder if careful else np.zeros_like(scores.encoder)
    real = [messages[row] for row in rows]
    truth = np.array([CODES.index(message.code) for message in real])
    codes = _factors(scores.ngrams[rows][:, CODE_COLUMNS], other[rows][:, CODE_COLUMNS], truth, careful)
    asked = np.array([row for row in rows if messages[row].purpose], np.int64)
    purposes = (1.0, 0.0)
    if len(asked):
        said = np.array([PURPOSES.index(messages[row].purpose) for row in asked])
        purposes = _factors(scores.ngrams[asked][:, PURPOSE_COLUMNS], other[asked][:, PURPOSE_COLUMNS], said, careful)
    labour_shares = _shares_by_code([(message.code, message.labour) for message in messages], _is_labour_class)
    needs = [(message.code, bool(message.need)) for message in real if message.need is not None]
    need_shares = _shares_by_code(needs, lambda code: float(code in NEED_CODES))
    likely = shares_of(codes, scores.ngrams[:, CODE_COLUMNS], other[:, CODE_COLUMNS])
    sureness = _sureness(likely[rows], truth)
    likely = honest(sureness, likely)
    labour = _yes_factors(
        scores.ngrams[rows, LABOUR_COLUMN],
        other[rows, LABOUR_COLUMN],
        odds_of_codes(likely[rows], labour_shares),
        [message.labour for message in real],
    )
    wished = np.array([row for row in rows if messages[row].need is not None], np.int64)
    need = _yes_factors(
        scores.ngrams[wished, NEED_COLUMN],
        other[wished, NEED_COLUMN],
        odds_of_codes(likely[wished], need_shares),
        [bool(messages[row].need) for row in wished],
    )
    return Weighing(codes, sureness, purposes, labour, need, labour_shares, need_shares)


def _is_labour_class(code: str) -> float:
    return float(not code.startswith("OT"))


def _shares_by_code(answers: Sequence[tuple[str, bool]], expected: Callable[[str], float]) -> tuple[float, ...]:
    """How often each category is a yes; one imagined message of what is expected stands with each."""
    yes, all_ = Counter(code for code, answer in answers if answer), Counter(code for code, _ in answers)
    return tuple(round((yes[code] + expected(code)) / (all_[code] + 1), 4) for code in CODES)


def _factors(ngrams_: Floats, encoder: Floats, truth: Places, careful: bool) -> tuple[float, float]:
    def surprise(logs: Floats) -> float:
        factors = (float(np.exp(logs[0])), float(np.exp(logs[1])) if careful else 0.0)
        return float(-np.log(shares_of(factors, ngrams_, encoder)[np.arange(len(truth)), truth] + 1e-9).mean())

    found = minimize(surprise, np.array([0.7, -0.3]), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-6}).x
    return round(float(np.exp(found[0])), 4), round(float(np.exp(found[1])), 4) if careful else 0.0


def _sureness(shares: Floats, truth: Places) -> tuple[float, float]:
    first = np.clip(shares.max(axis=1), 1e-3, 1 - 1e-4)
    right = shares.argmax(axis=1) == truth
    if right.all() or not right.any():
        return 0.0, 1.0
    fitted = LogisticRegression(C=100.0).fit(np.log(first / (1 - first)).reshape(-1, 1), right)
    return round(float(fitted.intercept_[0]), 4), round(float(fitted.coef_[0, 0]), 4)


def _yes_factors(
    ngrams_: Floats, encoder: Floats, odds: Floats, truth: Sequence[bool]
) -> tuple[float, float, float, float]:
    if len(set(truth)) < 2:
        return 0.0, 0.0, 0.0, 1.0
    table = np.stack([ngrams_, encoder, odds], axis=1)
    fitted = LogisticRegression(C=10.0, max_iter=1000).fit(table, truth)
    first, second, third = (round(float(each), 4) for each in fitted.coef_[0])
    return round(float(fitted.intercept_[0]), 4), first, second, third


Readers = tuple[Said, Said, Said, npt.NDArray[np.bool_]]


def said_of(scores: Scores, quick: Weighing, careful: Weighing) -> Readers:
    """What n-grams alone say, what both say, what the cascade says, and where the encoder joined it."""
    alone, both = weigh(quick, scores.ngrams), weigh(careful, scores.ngrams, scores.encoder)
    joined = (alone.codes.max(axis=1) < JOIN_BELOW) | (np.maximum(alone.labour, 1 - alone.labour) < JOIN_BELOW)
    joined |= alone.codes.argmax(axis=1) == CODES.index(MISCELLANEOUS)
    wide = joined[:, None]
    cascade = Said(
        np.where(wide, both.codes, alone.codes),
        np.where(joined, both.labour, alone.labour),
        np.where(wide, both.purposes, alone.purposes),
        np.where(joined, both.need, alone.need),
    )
    return alone, both, cascade, joined


def held_out(material: Material, places: Places, teaching: Places) -> Judged:
    """Judge messages by models, factors and all, that never saw them: an inner split inside every outer fold."""
    scores = Scores(np.zeros((len(places), len(ANSWERS))), np.zeros((len(places), len(ANSWERS))))
    parts: list[tuple[list[int], Readers]] = []
    where = {int(place): row for row, place in enumerate(places)}
    for learning, judging in folds_of(material, places, FOLDS):
        inner = held_scores(material, learning, teaching, INNER_FOLDS)
        quick, careful = weighings(material, learning, inner)
        said = scores_of(learn(material, np.concatenate([learning, teaching])), material, judging)
        rows = [where[int(place)] for place in judging]
        scores.ngrams[rows], scores.encoder[rows] = said.ngrams, said.encoder
        parts.append((rows, said_of(said, quick, careful)))
    messages = [material.messages[place] for place in places]
    joined = np.zeros(len(places), bool)
    for rows, (_, _, _, part) in parts:
        joined[rows] = part
    quick_said, careful_said, cascade = (_together(parts, which, len(places)) for which in range(3))
    return Judged(messages, quick_said, careful_said, cascade, joined, scores)


def _together(parts: Sequence[tuple[list[int], Readers]], which: int, count: int) -> Said:
    whole = Said(np.zeros((count, len(CODES))), np.zeros(count), np.zeros((count, len(PURPOSES))), np.zeros(count))
    for rows, said in parts:
        part = (said[0], said[1], said[2])[which]
        whole.codes[rows], whole.labour[rows] = part.codes, part.labour
        whole.purposes[rows], whole.need[rows] = part.purposes, part.need
    return whole
