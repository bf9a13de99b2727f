"""How is the reader fitted, and what does it say of messages that it never saw?

Settings are fixed here; most were chosen on the first 1,353 labelled messages. What is left to find on data (factors,
the weight of the title) is found for each fold on the held-out scores of the other four. Their models have learnt from
the judged fold, so what passes to the figures is what a dozen numbers can hold. Near-duplicates never stand on both
sides. The same inputs give the same weights. Needs scikit-learn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median_low

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from gongqing.language.encoder import WIDTH
from gongqing.language.fit_material import Material, Places
from gongqing.language.linear import LinearModel
from gongqing.language.material import Message, invented_messages, near_duplicate_groups, read_rows
from gongqing.language.taxonomy import MISCELLANEOUS
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

FOLDS = 5
SEED = 7
RARE = 3
"""An n-gram enters a vocabulary when at least this many unrelated messages hold it."""
NGRAM_C, ENCODER_C = 1.0, 5.0
TOLERANCE = 0.1
"""When the linear models stop, as liblinear has it: scores within 0.01 of those of a thousandth of it."""
TITLE_TIMES = (1, 6)
"""How often the n-grams of the title may count; which it is, is chosen on held-out messages."""
QUESTION_WEIGHT = 0.5
"""A legal question teaches labour relevance half as much as a message."""
UNTITLED_WEIGHT = 0.5
"""A message teaches once more without its title, half as much: most appeals on the platform have none."""
JOIN_BELOW = 0.85
"""The encoder joins where n-grams alone are less sure than this of category or labour relevance."""

NEED_CODES = frozenset({"CD01", "CD03", "OT02", "OT03", *(code for code in CODES if code.startswith("SC"))})
"""Categories whose invented messages count as needs, by the rules of the domain."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Learnt:
    """What both models learnt: n-grams, and weights over the encoder's numbers, shape (1024, answers)."""

    ngrams: LinearModel
    columns: Places
    title_times: int
    encoder_weights: Floats
    encoder_intercepts: Floats


@dataclass(frozen=True)
class Scores:
    """What both models say, each of shape (messages, answers)."""

    ngrams: Floats
    encoder: Floats

    def of(self, rows: Places) -> Scores:
        """Those of some rows."""
        return Scores(self.ngrams[rows], self.encoder[rows])


@dataclass(frozen=True)
class Held:
    """Held-out scores of messages, for each of `TITLE_TIMES`, with their titles and without; the fold of each."""

    fold: Places
    titled: dict[int, Scores]
    untitled: dict[int, Scores]


@dataclass(frozen=True)
class Judged:
    """What is said of messages that were not trained on, and when the encoder joined.

    Attributes:
        quick: by n-grams alone; careful: with the encoder always; cascade: with the encoder where n-grams are unsure.
        joined: where the encoder joined in the cascade.
        scores: raw scores, from which everything else follows.
        untitled: the three of the texts without their titles, in the same order.
        chosen_times: how often the title counted in each fold, as the others chose.
    """

    messages: list[Message]
    quick: Said
    careful: Said
    cascade: Said
    joined: npt.NDArray[np.bool_]
    scores: Scores
    untitled: tuple[Said, Said, Said]
    chosen_times: tuple[int, ...]

    @property
    def title_times(self) -> int:
        """How often the title counts in what is fitted on everything: the middle of what the folds chose."""
        return median_low(self.chosen_times)


def learn(material: Material, places: Places, title_times: int) -> Learnt:
    """Fit every answer on these messages alone: vocabulary, rarities and weights."""
    ngrams_, columns = _learn_ngrams(material, places, title_times)
    return Learnt(ngrams_, columns, title_times, *_learn_encoder(material, places))


def _learn_ngrams(material: Material, places: Places, title_times: int) -> tuple[LinearModel, Places]:
    counts = material.counted(title_times)[places]
    columns = _frequent(counts, material.groups[places])
    idf = np.log((1 + len(places)) / (1 + (counts[:, columns] > 0).sum(axis=0).A1)) + 1
    values, untitled = (features(each[:, columns], idf) for each in (counts, material.untitled[places]))
    weights, intercepts = np.zeros((len(columns), len(ANSWERS))), np.zeros(len(ANSWERS))
    for task in _tasks([material.messages[place] for place in places]):
        svm = LinearSVC(C=NGRAM_C, class_weight=task.class_weight, tol=TOLERANCE, random_state=SEED)
        svm.fit(vstack([values[task.rows], untitled[task.copied]]), task.labels, sample_weight=task.weights)
        _put(weights, intercepts, task, svm.classes_, svm.coef_, svm.intercept_)
    model = LinearModel(
        vocabulary={material.grams[column]: row for row, column in enumerate(columns)},
        idf=idf.astype(np.float32),
        weights=weights.astype(np.float32),
        intercepts=intercepts.astype(np.float32),
        answers=ANSWERS,
    )
    return model, columns


def _learn_encoder(material: Material, places: Places) -> tuple[Floats, Floats]:
    weights, intercepts = np.zeros((WIDTH, len(ANSWERS))), np.zeros(len(ANSWERS))
    for task in _tasks([material.messages[place] for place in places]):
        logistic = LogisticRegression(C=ENCODER_C, class_weight=task.class_weight, max_iter=200, tol=1e-3)
        whole, untitled = material.meanings[places[task.rows]], material.untitled_meanings[places[task.copied]]
        logistic.fit(np.vstack([whole, untitled]), task.labels, sample_weight=task.weights)
        _put(weights, intercepts, task, logistic.classes_, logistic.coef_, logistic.intercept_)
    return weights, intercepts


@dataclass(frozen=True)
class _Task:
    """One question asked of texts.

    Attributes:
        rows: of the messages that have an answer; copied: of those that are read without their title as well.
        labels, weights: the answers and what each weighs, first of the rows, then of the copies.
    """

    rows: Places
    copied: Places
    labels: list[str]
    weights: Floats
    class_weight: dict[str, float] | str


def _tasks(messages: Sequence[Message]) -> list[_Task]:
    tasks = [
        _task(messages, [message.code or None for message in messages]),
        _task(messages, [str(int(message.labour)) for message in messages], balanced=True),
        _task(messages, [message.purpose or None for message in messages]),
        _task(messages, [_need_of(message) for message in messages]),
    ]
    return [task for task in tasks if len(set(task.labels)) > 1]


def _need_of(message: Message) -> str | None:
    if message.need is not None:
        return f"need{int(message.need)}"
    return f"need{int(message.code in NEED_CODES)}" if message.origin == "written" else None


def _task(messages: Sequence[Message], labels: Sequence[str | None], *, balanced: bool = False) -> _Task:
    rows = np.array([row for row, label in enumerate(labels) if label is not None], np.int64)
    copied = np.array([row for row in rows if messages[row].title], np.int64)
    said = [label for label in labels if label is not None]
    counts = Counter(said)
    roots = {label: (len(said) / count / len(counts)) ** 0.5 for label, count in counts.items()}
    weights = [QUESTION_WEIGHT if messages[row].origin == "question" else 1.0 for row in rows]
    return _Task(
        rows,
        copied,
        [*said, *(str(labels[row]) for row in copied)],
        np.array([*weights, *([UNTITLED_WEIGHT] * len(copied))]),
        "balanced" if balanced else roots,
    )


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


def scores_of(learnt: Learnt, material: Material, places: Places, *, untitled: bool = False) -> Scores:
    """What both models say of these messages, with their titles or without."""
    counts = material.untitled if untitled else material.counted(learnt.title_times)
    meanings = material.untitled_meanings if untitled else material.meanings
    meant = meanings[places] @ learnt.encoder_weights + learnt.encoder_intercepts
    return Scores(_ngram_scores(learnt.ngrams, counts[places][:, learnt.columns]), meant)


def _ngram_scores(model: LinearModel, counts: csr_matrix) -> Floats:
    values = features(counts, model.idf.astype(np.float64))
    scores: Floats = values @ model.weights.astype(np.float64) + model.intercepts
    return scores


def folds_of(material: Material, places: Places, folds: int) -> Iterator[tuple[Places, Places]]:
    """Places to learn from and to judge; near-duplicates stay on one side, categories are spread evenly."""
    codes = [material.messages[place].code for place in places]
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=SEED)
    for learning, judging in splitter.split(codes, codes, material.groups[places]):
        yield places[learning], places[judging]


def held_scores(material: Material, places: Places, teaching: Places) -> Held:
    """Scores of these messages by models that never saw them; `teaching` only teaches, what nearly repeats them not."""
    shape = (len(places), len(ANSWERS))
    held = Held(np.zeros(len(places), np.int64), {}, {})
    for times in TITLE_TIMES:
        held.titled[times] = Scores(np.zeros(shape), np.zeros(shape))
        held.untitled[times] = Scores(np.zeros(shape), np.zeros(shape))
    where = {int(place): row for row, place in enumerate(places)}
    for number, (learning, judging) in enumerate(folds_of(material, places, FOLDS)):
        apart = teaching[~np.isin(material.groups[teaching], material.groups[judging])]
        known, rows = np.concatenate([learning, apart]), [where[int(place)] for place in judging]
        held.fold[rows] = number
        encoder = _learn_encoder(material, known)
        for times in TITLE_TIMES:
            learnt = Learnt(*_learn_ngrams(material, known, times), times, *encoder)
            for said, untitled in ((held.titled[times], False), (held.untitled[times], True)):
                found = scores_of(learnt, material, judging, untitled=untitled)
                said.ngrams[rows], said.encoder[rows] = found.ngrams, found.encoder
    return held


def best_times(material: Material, places: Places, held: dict[int, Scores]) -> int:
    """How often the title should count: held-out real messages are likeliest so, by n-grams alone."""
    messages = [material.messages[place] for place in places]
    real = np.array([row for row, message in enumerate(messages) if message.origin == "real"])
    truth = [CODES.index(messages[row].code) for row in real]

    def surprise(times: int) -> float:
        quick = _weighing(messages, real, held[times], careful=False)
        shares = weigh(quick, held[times].ngrams[real]).codes[np.arange(len(real)), truth]
        return float(-np.log(shares + 1e-9).mean())

    return min(held, key=surprise)


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
    """Judge messages by models that never saw them, weighed by what was found on the other folds' messages alone."""
    return judged_by(material, places, held_scores(material, places, teaching))


def judged_by(material: Material, places: Places, held: Held) -> Judged:
    """The judgements of held-out scores: each fold by the title's weight and the factors that suit the other folds."""
    parts: list[tuple[list[int], Readers]] = []
    untitled: list[tuple[list[int], Readers]] = []
    joined = np.zeros(len(places), bool)
    chosen: list[int] = []
    for number in range(FOLDS):
        others, rows = np.flatnonzero(held.fold != number), np.flatnonzero(held.fold == number)
        elsewhere = {times: scores.of(others) for times, scores in held.titled.items()}
        times = best_times(material, places[others], elsewhere)
        quick, careful = weighings(material, places[others], elsewhere[times])
        parts.append((rows.tolist(), said_of(held.titled[times].of(rows), quick, careful)))
        untitled.append((rows.tolist(), said_of(held.untitled[times].of(rows), quick, careful)))
        joined[rows] = parts[-1][1][3]
        chosen.append(times)
    whole, without = _all_together(parts, len(places)), _all_together(untitled, len(places))
    messages = [material.messages[place] for place in places]
    return Judged(messages, *whole, joined, held.titled[median_low(chosen)], without, tuple(chosen))


def _all_together(parts: Sequence[tuple[list[int], Readers]], count: int) -> tuple[Said, Said, Said]:
    return _together(parts, 0, count), _together(parts, 1, count), _together(parts, 2, count)


def _together(parts: Sequence[tuple[list[int], Readers]], which: int, count: int) -> Said:
    whole = Said(np.zeros((count, len(CODES))), np.zeros(count), np.zeros((count, len(PURPOSES))), np.zeros(count))
    for rows, said in parts:
        part = (said[0], said[1], said[2])[which]
        whole.codes[rows], whole.labour[rows] = part.codes, part.labour
        whole.purposes[rows], whole.need[rows] = part.purposes, part.need
    return whole
