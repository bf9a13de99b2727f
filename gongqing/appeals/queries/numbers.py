"""Are the people and the money of an appeal claimed by its words, or only good enough to look at?

Grading takes a lower bound of what may be meant (`language.facts.sureness`); a page that others answer for must not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from gongqing.appeals.models import Appeal
from gongqing.language.facts import read_facts
from gongqing.lib.times import day_of


@dataclass(frozen=True, slots=True)
class NumbersSaid:
    """For how many people and for how much an appeal speaks, as it was read; None where it says nothing.

    Attributes:
        workers_sure, amount_sure: whether its words claim just this; what is unsure is shown as 约, 待核 and
            is in no sum.
    """

    workers: int | None
    amount: Decimal | None
    workers_sure: bool
    amount_sure: bool

    @property
    def sure_workers(self) -> int | None:
        """The people who may be counted."""
        return self.workers if self.workers_sure else None

    @property
    def sure_amount(self) -> Decimal | None:
        """The money that may be added up."""
        return self.amount if self.amount_sure else None

    @property
    def is_unsure(self) -> bool:
        """Is a number left out of sums?"""
        return self.sure_workers != self.workers or self.sure_amount != self.amount


def numbers_said(appeal: Appeal) -> NumbersSaid:
    """Read the words again, about a millisecond the first time; without a number on the appeal nothing is read."""
    workers, amount = appeal.worker_count, appeal.amount
    if workers is None and amount is None:
        return NumbersSaid(None, None, workers_sure=False, amount_sure=False)
    said_workers, said_amount = _claimed(appeal.text, day_of(appeal.received_at))
    return NumbersSaid(
        workers,
        amount,
        workers_sure=said_workers is not None and said_workers == workers,
        amount_sure=said_amount is not None and said_amount == amount,
    )


@lru_cache(maxsize=512)  # the same few stand on top of a board all day
def _claimed(text: str, said_on: date) -> tuple[int | None, int | None]:
    """For how many people and how much money these words speak surely."""
    facts = read_facts(text, said_on=said_on)
    return facts.workers if "workers" in facts.sure else None, facts.amount if "amount" in facts.sure else None
