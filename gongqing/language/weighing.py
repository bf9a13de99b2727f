"""How do scores of n-grams and of the encoder become probabilities?

The factors are found by likelihood on held-out real messages. Labour relevance and need lean on the category as well:
the readers decided them by it wherever the text leaves it open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gongqing.language.taxonomy import categories

Floats = npt.NDArray[np.float64]

PURPOSES = ("consult", "request", "suggest", "praise")
"""咨询, 求决, 意见建议, 表扬."""
CODES = tuple(categories())
ANSWERS = (*CODES, "labour", *PURPOSES, "need")
"""What the columns of every model stand for."""
CODE_COLUMNS = slice(0, len(CODES))
LABOUR_COLUMN = len(CODES)
PURPOSE_COLUMNS = slice(LABOUR_COLUMN + 1, LABOUR_COLUMN + 1 + len(PURPOSES))
NEED_COLUMN = PURPOSE_COLUMNS.stop

_LEAST = 1e-3


@dataclass(frozen=True)
class Weighing:
    """Factors of scores; those of the encoder are zero where n-grams speak alone.

    Attributes:
        codes, purposes: factors of the n-grams' scores and of the encoder's.
        sureness: a constant and a factor of the log-odds of the first category, which make its probability honest.
        labour, need: a constant and factors of the n-grams' score, the encoder's, and the log-odds that the category
            speaks for it.
        labour_shares, need_shares: how often each category's messages are labour-related, and wish for a service.
    """

    codes: tuple[float, float]
    sureness: tuple[float, float]
    purposes: tuple[float, float]
    labour: tuple[float, float, float, float]
    need: tuple[float, float, float, float]
    labour_shares: tuple[float, ...]
    need_shares: tuple[float, ...]


@dataclass(frozen=True)
class Said:
    """Probabilities, a row for each text: shapes (texts, 32), (texts,), (texts, 4), (texts,)."""

    codes: Floats
    labour: Floats
    purposes: Floats
    need: Floats


def weigh(weighing: Weighing, ngrams: Floats, encoder: Floats | None = None) -> Said:
    """Probabilities of scores, both of shape (texts, answers)."""
    other = np.zeros_like(ngrams) if encoder is None else encoder
    codes = honest(weighing.sureness, shares_of(weighing.codes, ngrams[:, CODE_COLUMNS], other[:, CODE_COLUMNS]))
    purposes = shares_of(weighing.purposes, ngrams[:, PURPOSE_COLUMNS], other[:, PURPOSE_COLUMNS])
    labour = _yes(weighing.labour, ngrams[:, LABOUR_COLUMN], other[:, LABOUR_COLUMN], codes, weighing.labour_shares)
    need = _yes(weighing.need, ngrams[:, NEED_COLUMN], other[:, NEED_COLUMN], codes, weighing.need_shares)
    return Said(codes, labour, purposes, need)


def shares_of(factors: tuple[float, float], ngrams: Floats, encoder: Floats) -> Floats:
    """Softmax of the weighted sum of both scores, row by row."""
    scores = factors[0] * ngrams + factors[1] * encoder
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def honest(sureness: tuple[float, float], shares: Floats) -> Floats:
    """The same order, with first shares that are right as often as they say."""
    first = np.clip(shares.max(axis=1), _LEAST, 1 - _LEAST / 10)
    wanted = 1 / (1 + np.exp(-(sureness[0] + sureness[1] * np.log(first / (1 - first)))))
    return with_first(shares, np.clip(wanted, 2 / shares.shape[1], 1 - _LEAST))


def with_first(shares: Floats, wanted: Floats) -> Floats:
    """The same order, with these probabilities of the first: surer at the others' cost, less sure by equal shares."""
    first, equal = shares.max(axis=1), 1 / shares.shape[1]
    kept = np.where(wanted < first, (wanted - equal) / np.maximum(first - equal, 1e-9), 1.0)[:, None]
    moved = shares * kept + equal * (1 - kept)
    smaller = np.where(wanted > first, (1 - wanted) / np.maximum(1 - first, 1e-9), 1.0)[:, None]
    places = np.arange(len(shares)), shares.argmax(axis=1)
    moved = moved * smaller
    moved[places] = np.where(wanted > first, wanted, moved[places])
    result: Floats = moved
    return result


def odds_of_codes(codes: Floats, shares: tuple[float, ...]) -> Floats:
    """Log-odds that a text is a yes, by its categories alone."""
    likely = codes @ np.array(shares)
    odds: Floats = np.log((likely + _LEAST) / (1 - likely + _LEAST))
    return odds


def _yes(
    factors: tuple[float, float, float, float],
    ngrams: Floats,
    encoder: Floats,
    codes: Floats,
    shares: tuple[float, ...],
) -> Floats:
    odds = factors[0] + factors[1] * ngrams + factors[2] * encoder + factors[3] * odds_of_codes(codes, shares)
    likely: Floats = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return likely
