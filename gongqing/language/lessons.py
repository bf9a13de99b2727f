"""What is a training of the reader given, and what does it say of itself?

Apart from `training`, so that whoever shows it need not load scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST = 2_000
"""The newest corrections that one version learns from."""
LEAST_MATERIAL = 100
"""Fewer corrections than these teach chance, not rules."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One masked text and what a person said that it is.

    Attributes:
        number: of the correction, by which a version remembers what it has seen.
        code: the person's category; second_code the second one, where one was named.
        labour: the person's word on labour relevance; None where nobody said.
    """

    number: int
    title: str
    text: str
    code: str
    second_code: str = ""
    labour: bool | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """How a reader did on held-out corrections.

    Attributes:
        count: corrections judged.
        right: share whose first category is the person's; right_or_second counts the person's second one too.
        top3: share whose three likeliest hold it.
        surprise: mean −ln of the probability given to the person's category.
        calibration: expected calibration error over ten bins.
        labour_count, labour_right: judgements on labour relevance, and the share that agrees.
        shipped_right: share right of the shipped invented messages; of a new version, by what was learnt without them.
    """

    count: int
    right: float
    right_or_second: float
    top3: float
    surprise: float
    calibration: float
    labour_count: int
    labour_right: float
    shipped_right: float
