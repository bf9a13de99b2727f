"""Let a process beside this one read the rows of a sheet that come next, while this one takes in those before them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime

from gongqing.appeals.rules.intake import Intake
from gongqing.language.adjusting import Adjustment
from gongqing.language.beside import Answer, Beside, Said
from gongqing.lib.times import day_of

_beside = Beside()  # of the one load that runs in this process
_coming: list[Said] = []


def said_in(intake: Intake) -> Said:
    """What is read of a row."""
    return said_of(intake.text, intake.title, intake.received_at)


def said_of(text: str, title: str, received_at: datetime | None) -> Said:
    """What is read of words that were said at a moment."""
    return text, title, day_of(received_at) if received_at else None


def comes_next(said: Sequence[Said]) -> None:
    """Say which texts will probably be asked for after the next ones."""
    _coming[:] = said if len(os.sched_getaffinity(0)) > 1 else []


def read_ahead(said: Sequence[Said], learnt: Adjustment | None) -> Mapping[Said, Answer]:
    """What the other process has read of these, and let it go on with what comes next."""
    answers = _beside.read(said, learnt)
    _beside.begin(_coming, learnt)
    _coming.clear()
    return answers


def stop_reading() -> None:
    """End the other process."""
    _coming.clear()
    _beside.end()


def reading_process() -> int | None:
    """The number of the other process; None while there is none."""
    return _beside.pid
