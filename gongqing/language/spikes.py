"""Is more being said than usual, or does it only look so?

The usual level is what the weeks before say. Weekly numbers scatter more than chance alone would have it, so that the
number to expect is negative binomial; with few weeks or small numbers behind it, it is uncertain, and that counts too.
Of many tests at once only so many are believed that at most one in twenty is wrong (Benjamini and Hochberg).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

FALSE_SHARE = 0.05
"""The share of spikes that may be false."""
_BEFORE = 0.5  # what is known before any week was counted: half a message


@dataclass(frozen=True, slots=True)
class Level:
    """How the present week stands to those before it.

    Attributes:
        usual: the number of messages to expect in a week.
        high: what nineteen weeks in twenty stay below or equal.
        chance: the probability of as many as now, or more, at the usual level.
    """

    usual: float
    high: int
    chance: float


def level_of(now: int, weeks: Sequence[int]) -> Level:
    """How many there are now, against the weeks before, all of equal length.

    Raises:
        ValueError: no week to compare with.
    """
    if not weeks:
        raise ValueError("a spike is seen against weeks before")
    counts = np.asarray(weeks, np.float64)
    total = float(counts.sum()) + _BEFORE
    usual = total / len(counts)
    scatter = float(counts.var(ddof=1)) / float(counts.mean()) if len(counts) > 1 and counts.mean() else 1.0
    # the mean stays, what is known shrinks with the scatter
    size = total / max(1.0, scatter)
    share = size / (size + usual)
    return Level(
        usual=float(counts.mean()),
        high=_highest(1 - FALSE_SHARE, size, share),
        chance=float(betainc(now, size, 1 - share)) if now > 0 else 1.0,
    )


def _highest(portion: float, size: float, share: float) -> int:
    """The smallest number that a negative binomial one reaches or stays below in this portion of cases."""
    low, high = -1, 1
    while betainc(size, high + 1, share) < portion:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if betainc(size, middle + 1, share) < portion:
            low = middle
        else:
            high = middle
    return high


def believed(chances: Sequence[float], *, false_share: float = FALSE_SHARE) -> list[bool]:
    """Which of several tests at once are believed, so that at most this share of those is expected to be false."""
    order = np.argsort(chances, kind="stable")
    limits = false_share * (np.arange(len(chances)) + 1) / max(1, len(chances))
    passed = np.flatnonzero(np.asarray(chances)[order] <= limits)
    answers = np.zeros(len(chances), bool)
    if len(passed):
        answers[order[: passed[-1] + 1]] = True
    return [bool(answer) for answer in answers]
