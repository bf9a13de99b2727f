"""What do people's corrections teach, and does it make the reader better?

The shipped texts are not in the house of a city, so nothing is fitted anew: weights over n-grams are found that, added
to what the shipped models say of the corrected texts, make the people's choices likeliest, held near nought by their
square. Whether that is better is asked of corrections that neither reader has seen. The same material gives the same
version. `docs/operations/reader.md` says what was measured; the settings here were chosen on other texts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from gongqing.language.adjusting import LEAST, Adjustment, digest_of, features_of, log_odds
from gongqing.language.classify import VERSION, shipped_shares, shipped_vocabulary
from gongqing.language.fit import invented_messages, near_duplicate_groups
from gongqing.language.lessons import LEAST_MATERIAL, MOST, Figures, Lesson
from gongqing.language.taxonomy import categories
from gongqing.language.text import ngram_counts, whole_text
from gongqing.language.titles import own_title

Numbers = npt.NDArray[np.float64]

FOLDS = 5
HELD_NEAR_NOUGHT = 0.003
"""How strongly the square of the weights is held down; chosen on the public messages, see the module's docstring."""
REMINDED = 0.5
"""What a shipped invented message weighs beside a correction: it is learnt along, so that it is not forgotten."""
LEAST_LABOUR = 30
"""Labour relevance is learnt from this many judgements on, of which both answers were given."""
LEAST_GAIN = 0.01
"""The share right has to grow by this much."""
AT_MOST_BY_CHANCE = 0.05
"""And chance alone would do as well in at most this share of cases (one-sided sign test over what changed sides)."""
LABOUR_MAY_LOSE = 0.01
SHIPPED_MAY_LOSE = 0.02
"""Of the invented messages of all 32 categories that are shipped, so many more may be read wrong."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The new reader against the running one, on the same corrections.

    Attributes:
        gained, lost: texts that only the new one, only the old one had right.
        chance: how often chance alone would do as well.
        refusals: why the new one is not promoted, in Chinese; empty when it may be.
    """

    before: Figures
    after: Figures
    gained: int
    lost: int
    chance: float
    refusals: tuple[str, ...]

    def as_row(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Trained:
    """A version that was fitted on everything, how it compares, and what it has seen."""

    adjustment: Adjustment
    comparison: Comparison
    seen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """Lessons as numbers."""

    counts: list[Counter[str]]
    scores: Numbers  # ln of what the shipped models say, (texts, classes)
    odds: Numbers  # of labour relevance, (texts,)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a reader says of texts: probabilities of the classes, and of labour relevance."""

    shares: Numbers
    related: Numbers


def classes() -> tuple[str, ...]:
    """The 32 categories in the order of the columns."""
    return tuple(categories())


def fit_adjustment(lessons: Sequence[Lesson]) -> Adjustment:
    """Learn from these corrections, all of them; the same lessons in the same order give the same adjustment."""
    return _fitted(_read(lessons), lessons, *_reminders())


def train(lessons: Sequence[Lesson], *, running: Adjustment | None, seen: frozenset[int]) -> Trained:
    """Fit a version on the newest `MOST` lessons, and compare it with the running reader.

    Five folds that keep near-duplicates together: each judges texts by what was learnt from the other four. Only texts
    are counted whose whole group the running reader has not been trained on.

    Args:
        running: the adjustment that is in force; None for the shipped reader.
        seen: the corrections that it was trained on.

    Raises:
        ValueError: no lesson can be read.
    """
    lessons = [one for one in lessons[-MOST:] if shipped_shares(one.text, one.title) is not None]
    if not lessons:
        raise ValueError("no readable lesson")
    read = _read(lessons)
    groups = near_duplicate_groups([whole_text(one.title, one.text) for one in lessons])
    reminders, reminded = _reminders()
    judged, kept = _held_out(read, lessons, groups, reminders, reminded)
    known = {int(group) for group, one in zip(groups, lessons, strict=True) if one.number in seen}
    unseen = [place for place, group in enumerate(groups) if int(group) not in known]
    fresh = _fitted(read, lessons, reminders, reminded)
    before = _figures(_judged(read, running), lessons, unseen, _right(_judged(reminders, running), reminded))
    after = _figures(judged, lessons, unseen, _right(kept, reminded))
    gained, lost = _changed(_judged(read, running), judged, lessons, unseen)
    chance = by_chance(gained, lost)
    refusals = refusals_of(before, after, chance=chance)
    comparison = Comparison(before, after, gained, lost, round(chance, 4), refusals)
    return Trained(fresh, comparison, tuple(sorted(one.number for one in lessons)))


def by_chance(gained: int, lost: int) -> float:
    """The probability that, of so many texts that changed sides, at least `gained` turn right by the toss of a coin."""
    changed = gained + lost
    return float(sum(math.comb(changed, wins) for wins in range(gained, changed + 1)) / 2**changed)


def refusals_of(before: Figures, after: Figures, *, chance: float) -> tuple[str, ...]:
    """Why a new version is not promoted; empty when it is better and nothing else got worse."""
    if after.count < LEAST_MATERIAL:
        return (f"可用来比较的更正只有 {after.count} 条，至少要 {LEAST_MATERIAL} 条（要没有参加过训练的）",)
    found = []
    if after.right - before.right < LEAST_GAIN:
        found.append(f"第一类判对的比例从 {before.right:.1%} 到 {after.right:.1%}，没有提高 {LEAST_GAIN:.0%} 以上")
    elif chance > AT_MOST_BY_CHANCE:
        found.append(f"提高可能只是碰巧（概率 {chance:.1%}，应不超过 {AT_MOST_BY_CHANCE:.0%}）")
    if after.surprise > before.surprise:
        found.append("给正确类别的把握总体变小了")
    if after.labour_count and before.labour_right - after.labour_right > LABOUR_MAY_LOSE:
        found.append(f"涉劳动关系判对的比例从 {before.labour_right:.1%} 降到 {after.labour_right:.1%}")
    if before.shipped_right - after.shipped_right > SHIPPED_MAY_LOSE:
        found.append(f"随附例句判对的比例从 {before.shipped_right:.1%} 降到 {after.shipped_right:.1%}，旧知识丢得太多")
    return tuple(found)


def _read(lessons: Sequence[Lesson]) -> _Read:
    wanted = classes()
    scores = np.full((len(lessons), len(wanted)), math.log(1 / len(wanted)))
    odds = np.zeros(len(lessons))
    for place, one in enumerate(lessons):
        said = shipped_shares(one.text, one.title)
        if said is not None:
            shares = dict(zip(said[0], said[1].tolist(), strict=True))
            scores[place] = [math.log(max(shares.get(code, 0.0), LEAST)) for code in wanted]
            odds[place] = log_odds(said[2])
    return _Read([ngram_counts(whole_text(own_title(one.title, one.text), one.text)) for one in lessons], scores, odds)


@cache
def _reminders() -> tuple[_Read, tuple[Lesson, ...]]:
    """The invented messages that are shipped, a few of every category."""
    found = [message for message in invented_messages() if message.origin == "written"]
    lessons = tuple(Lesson(0, message.title, message.text, message.code) for message in found)
    return _read(lessons), lessons


def _fitted(
    read: _Read,
    lessons: Sequence[Lesson],
    reminders: _Read,
    reminded: Sequence[Lesson],
    *,
    places: Sequence[int] | None = None,
    reminded_places: Sequence[int] | None = None,
) -> Adjustment:
    chosen = list(range(len(lessons))) if places is None else list(places)
    along = list(range(len(reminded))) if reminded_places is None else list(reminded_places)
    held = Counter(gram for place in chosen for gram in read.counts[place])
    shipped = shipped_vocabulary()
    vocabulary = {gram: row for row, gram in enumerate(sorted(gram for gram in held if gram in shipped))}
    count = len(chosen)
    rarity = np.array([math.log((count + 1) / (held[gram] + 1)) + 1 for gram in vocabulary], np.float32)
    unknown = math.log(count + 1) + 1
    table = _table([read.counts[place] for place in chosen], vocabulary, rarity, unknown)
    beside = _table([reminders.counts[place] for place in along], vocabulary, rarity, unknown)
    wanted = classes()
    codes = [*(lessons[place].code for place in chosen), *(reminded[place].code for place in along)]
    both, right = vstack([table, beside]).tocsr(), np.array([wanted.index(code) for code in codes])
    scores = np.vstack([read.scores[chosen], reminders.scores[along]])
    weights = both.T @ _duals(both, right, scores, np.array([1.0] * len(chosen) + [REMINDED] * len(along)))
    labour = _labour_weights(table, [lessons[place].labour for place in chosen], read.odds[chosen])
    unnamed = Adjustment(
        version="",
        fitted_on=VERSION,
        classes=wanted,
        vocabulary=vocabulary,
        rarity=rarity,
        unknown=unknown,
        weights=np.ascontiguousarray(weights, np.float32),
        intercepts=np.zeros(len(wanted), np.float32),
        labour_weights=labour.astype(np.float32),
        labour_intercept=0.0,
    )
    return Adjustment(**{**unnamed.__dict__, "version": f"{VERSION}+{digest_of(unnamed)}"})


def _table(
    counts: Sequence[Counter[str]], vocabulary: dict[str, int], rarity: npt.NDArray[np.float32], unknown: float
) -> csr_matrix:
    places: list[int] = []
    rows: list[int] = []
    values: list[float] = []
    for place, each in enumerate(counts):
        known, given = features_of(each, vocabulary, rarity, unknown)
        places += [place] * len(known)
        rows += known.tolist()
        values += given.tolist()
    return csr_matrix((values, (places, rows)), shape=(len(counts), len(vocabulary)), dtype=np.float64)


def _duals(table: csr_matrix, right: npt.NDArray[np.int64], scores: Numbers, weighs: Numbers) -> Numbers:
    """Weights of the texts, (texts, classes), of the likeliest multinomial model with these scores as its start."""
    count, width = scores.shape
    alike = (table @ table.T).toarray()
    truth = np.zeros((count, width))
    truth[np.arange(count), right] = 1

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        duals = flat.reshape(count, width)
        moved = alike @ duals
        total = scores + moved
        highest = total.max(1, keepdims=True)
        norms = highest[:, 0] + np.log(np.exp(total - highest).sum(1))
        value = (weighs * (norms - (total * truth).sum(1))).sum() + HELD_NEAR_NOUGHT / 2 * float((duals * moved).sum())
        missed = weighs[:, None] * (np.exp(total - norms[:, None]) - truth)
        slope = alike @ (missed + HELD_NEAR_NOUGHT * duals)
        return float(value), slope.ravel()

    # one thread: on a machine that serves pages several wait for each other far longer than they compute
    with threadpool_limits(1):
        found = minimize(loss, np.zeros(count * width), jac=True, method="L-BFGS-B", options={"maxiter": 80})
    return np.asarray(found.x, np.float64).reshape(count, width)


def _labour_weights(table: csr_matrix, said: Sequence[bool | None], odds: Numbers) -> Numbers:
    """As `_duals`, of yes or no; nought while too few have said or all said the same."""
    places = [place for place, each in enumerate(said) if each is not None]
    truth = np.array([float(bool(said[place])) for place in places])
    if len(places) < LEAST_LABOUR or truth.min() == truth.max():
        return np.zeros(table.shape[1])
    rows, start = table[places], odds[places]

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        total = start + rows @ weights
        value = float((np.logaddexp(0, total) - truth * total).sum() + HELD_NEAR_NOUGHT / 2 * (weights @ weights))
        slope = rows.T @ (1 / (1 + np.exp(-total)) - truth) + HELD_NEAR_NOUGHT * weights
        return value, slope

    found = minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 80})
    return np.asarray(found.x, np.float64)


def _judged(read: _Read, by: Adjustment | None, places: Sequence[int] | None = None) -> _Judged:
    chosen = list(range(len(read.counts))) if places is None else list(places)
    scores, odds = read.scores[chosen], read.odds[chosen]
    if by is not None:
        table = _table([read.counts[place] for place in chosen], dict(by.vocabulary), by.rarity, by.unknown)
        columns = [by.classes.index(code) for code in classes()]
        scores = scores + table @ by.weights[:, columns].astype(np.float64) + by.intercepts[columns]
        odds = odds + table @ by.labour_weights.astype(np.float64) + by.labour_intercept
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return _Judged(powers / powers.sum(1, keepdims=True), 1 / (1 + np.exp(-odds)))


def _held_out(
    read: _Read,
    lessons: Sequence[Lesson],
    groups: npt.NDArray[np.int64],
    reminders: _Read,
    reminded: Sequence[Lesson],
) -> tuple[_Judged, _Judged]:
    """Every lesson, and every shipped message, judged by what was learnt from the other folds."""
    fold = _folds(groups)
    ours = [place % FOLDS for place in range(len(reminded))]
    found = _Judged(np.zeros(read.scores.shape), np.zeros(len(lessons)))
    kept = _Judged(np.zeros(reminders.scores.shape), np.zeros(len(reminded)))
    for number in range(FOLDS):
        learnt = _fitted(
            read,
            lessons,
            reminders,
            reminded,
            places=[place for place, each in enumerate(fold) if each != number],
            reminded_places=[place for place, each in enumerate(ours) if each != number],
        )
        for judged, of, folds in ((found, read, fold), (kept, reminders, ours)):
            places = [place for place, each in enumerate(folds) if each == number]
            if places:
                said = _judged(of, learnt, places)
                judged.shares[places], judged.related[places] = said.shares, said.related
    return found, kept


def _folds(groups: npt.NDArray[np.int64]) -> list[int]:
    """A fold for each text: whole groups, the largest first, each into the fold that holds least."""
    sizes = Counter(int(group) for group in groups)
    held = [0] * FOLDS
    fold_of: dict[int, int] = {}
    for group, size in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])):
        fold_of[group] = held.index(min(held))
        held[fold_of[group]] += size
    return [fold_of[int(group)] for group in groups]


def _figures(judged: _Judged, lessons: Sequence[Lesson], places: Sequence[int], kept: float) -> Figures:
    from gongqing.language.quality import calibration_error

    wanted = classes()
    if not places:
        return Figures(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0.0, kept)
    chosen = [lessons[place] for place in places]
    shares = judged.shares[list(places)]
    order = np.argsort(-shares, axis=1, kind="stable")
    first = [wanted[place] for place in order[:, 0]]
    right = np.array([code == one.code for code, one in zip(first, chosen, strict=True)])
    near = [code in (one.code, one.second_code) for code, one in zip(first, chosen, strict=True)]
    three = [one.code in {wanted[c] for c in row[:3]} for row, one in zip(order, chosen, strict=True)]
    truth = np.array([wanted.index(one.code) for one in chosen])
    asked = [(place, lessons[place].labour) for place in places if lessons[place].labour is not None]
    agree = [(judged.related[place] >= 0.5) == said for place, said in asked]
    return Figures(
        count=len(chosen),
        right=_share(right.tolist()),
        right_or_second=_share(near),
        top3=_share(three),
        surprise=round(float(-np.log(shares[np.arange(len(chosen)), truth] + 1e-9).mean()), 4),
        calibration=round(calibration_error(shares.max(1), right), 4),
        labour_count=len(asked),
        labour_right=_share(agree),
        shipped_right=kept,
    )


def _right(judged: _Judged, lessons: Sequence[Lesson]) -> float:
    """Share of the texts whose likeliest category is theirs."""
    wanted = classes()
    return _share([wanted[row.argmax()] == one.code for row, one in zip(judged.shares, lessons, strict=True)])


def _changed(before: _Judged, after: _Judged, lessons: Sequence[Lesson], places: Sequence[int]) -> tuple[int, int]:
    wanted = classes()
    gained = lost = 0
    for place in places:
        was = wanted[before.shares[place].argmax()] == lessons[place].code
        now = wanted[after.shares[place].argmax()] == lessons[place].code
        gained, lost = gained + (now and not was), lost + (was and not now)
    return gained, lost


def _share(answers: Sequence[bool]) -> float:
    return round(sum(bool(each) for each in answers) / len(answers), 4) if answers else 0.0
