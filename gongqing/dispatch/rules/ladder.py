"""How far up the ladder is a clock, when comes the next rung, and what does each rung ask for?

Half of the time left: a hint (提示). A fifth left: a warning (预警，黄牌). Past the deadline: the red card (红牌) and a
supervision order to the level that the grade names. Two working days later: a line in the weekly notice (通报). Five
working days later: a talk that is put on record (约谈). Each rung is climbed once in each opening of a clock; what is
paused or has ended never climbs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from gongqing.dispatch.rules.clocks import (
    FIFTH,
    HALF,
    ClockState,
    Reckoning,
    Standing,
    WarningLevel,
    end_of,
    moment_of_share,
)
from gongqing.dispatch.rules.limits import ClockName
from gongqing.lib.choices import Choice
from gongqing.lib.times import SHANGHAI, day_of, local
from gongqing.lib.workdays import Calendar


class Rung(Choice):
    """The rungs in order; the value is what `Clock.warned` holds."""

    NONE = "", "还没有到提示"
    HALF = "half", "提示：时限过半"
    FIFTH = "fifth", "预警（黄牌）：只剩两成时间"
    OVERDUE = "overdue", "超时（红牌）：已发督办"
    NOTICE = "notice", "通报：写进周报"
    INTERVIEW = "interview", "约谈：等约谈记录"

    @property
    def short(self) -> str:
        """The rung in a word or two."""
        return self.label.partition("：")[0]


RUNGS = tuple(Rung)
CARDED = RUNGS.index(Rung.OVERDUE)
NOTICE_AFTER, INTERVIEW_AFTER, INTERVIEW_WITHIN = 2, 5, 5  # working days
ANSWER_WITHIN = {"green": 2, "yellow": 2, "orange": 1, "red": 1}  # working days
LOOK_AT_LEAST = timedelta(days=7)
MORNING = time(8, 40)
BETWEEN_DIGESTS = timedelta(minutes=30)
_INSTANT = timedelta(microseconds=1)
_BY_WARNING = {
    WarningLevel.NONE: Rung.NONE,
    WarningLevel.HALF: Rung.HALF,
    WarningLevel.FIFTH: Rung.FIFTH,
    WarningLevel.OVERDUE: Rung.OVERDUE,
}


def height(rung: str) -> int:
    """0 for none to 5 for the interview."""
    return RUNGS.index(Rung(rung))


def rung_of(stands: Standing, calendar: Calendar, at: datetime, *, carded_at: datetime | None) -> Rung:
    """The rung on which a clock stands now.

    Args:
        carded_at: when this opening of the clock got its red card; without it nothing stands higher than that.
    """
    found = _BY_WARNING[stands.warning]
    if found is not Rung.OVERDUE or carded_at is None:
        return found
    if at > moment_after(stands.due_at, INTERVIEW_AFTER, calendar, carded_at=carded_at):
        return Rung.INTERVIEW
    if at > moment_after(stands.due_at, NOTICE_AFTER, calendar, carded_at=carded_at):
        return Rung.NOTICE
    return Rung.OVERDUE


def moment_after(
    due_at: datetime, working_days: int, calendar: Calendar, *, carded_at: datetime | None = None
) -> datetime:
    """24:00 of the n-th working day after a deadline.

    Where the red card came later than the working day after the deadline (an appeal that was entered late), the days
    are counted from the card, for nobody may be reported before having been warned.
    """
    since = day_of(due_at - _INSTANT)
    if carded_at is not None and carded_at > calendar.end_of_workday(since, 1):
        since = day_of(carded_at)
    return calendar.end_of_workday(since, working_days)


def lowered(warned: str, stands: Standing, calendar: Calendar, at: datetime, *, carded_at: datetime | None) -> str:
    """What a clock has climbed once its ledger was written to.

    More time brings it down to where it stands, so that it climbs anew; a pause leaves it where it was. Going up is for
    the sweep alone, which sets going what each rung asks for.
    """
    if stands.state is ClockState.PAUSED or not warned:
        return warned
    now = rung_of(stands, calendar, at, carded_at=carded_at)
    return min(Rung(warned), now, key=height).value


def next_rung_at(
    found: Reckoning, stands: Standing, calendar: Calendar, at: datetime, *, carded_at: datetime | None
) -> tuple[Rung, datetime] | None:
    """The next rung and the moment at which it is climbed, if nothing happens before; None when there is none.

    What is paused climbs nothing; once its pause runs out it does.
    """
    if found.ended is not None or stands.state is ClockState.PAUSED:
        return None
    here = rung_of(stands, calendar, at, carded_at=carded_at)
    return next(_later(here, found, stands, calendar, carded_at or at), None)


def _later(
    here: Rung, found: Reckoning, stands: Standing, calendar: Calendar, carded_at: datetime
) -> Iterator[tuple[Rung, datetime]]:
    late = stands.due_at + _INSTANT
    match here:
        case Rung.NONE:
            half = moment_of_share(found, HALF, calendar)
            yield (Rung.HALF, half) if half < late else (Rung.OVERDUE, late)
        case Rung.HALF:
            fifth = moment_of_share(found, FIFTH, calendar)
            yield (Rung.FIFTH, fifth) if fifth < late else (Rung.OVERDUE, late)
        case Rung.FIFTH:
            yield Rung.OVERDUE, late
        case Rung.OVERDUE:
            yield Rung.NOTICE, moment_after(stands.due_at, NOTICE_AFTER, calendar, carded_at=carded_at) + _INSTANT
        case Rung.NOTICE:
            yield Rung.INTERVIEW, moment_after(stands.due_at, INTERVIEW_AFTER, calendar, carded_at=carded_at) + _INSTANT


def next_look_at(
    found: Reckoning, stands: Standing, calendar: Calendar, at: datetime, *, carded_at: datetime | None
) -> datetime | None:
    """When anything about this clock changes by itself: its next rung, or the end of a pause that runs out.

    At least once a week, so that nothing is ever forgotten; None for a clock that has ended.
    """
    if found.ended is not None:
        return None
    latest = at + LOOK_AT_LEAST
    if stands.state is ClockState.PAUSED:
        runs_out = _runs_out(found, calendar)
        return min(latest, max(runs_out, at + _INSTANT)) if runs_out else latest
    later = next_rung_at(found, stands, calendar, at, carded_at=carded_at)
    return min(latest, max(later[1], at + _INSTANT)) if later else latest


def _runs_out(found: Reckoning, calendar: Calendar) -> datetime | None:
    pause = found.pauses[-1]
    return end_of(pause.entry.limit, pause.start, calendar) if pause.entry.limit else None


def asks_for_supervision(clock: str, grade: str) -> bool:
    """Does a late clock bring the case before the level above? Signing and closing always; of orange and red, each."""
    return clock in (ClockName.SIGN, ClockName.CLOSE) or grade in ("orange", "red")


def answer_due(grade: str, at: datetime, calendar: Calendar) -> datetime:
    """By when the handler answers a supervision order of this moment."""
    return calendar.end_of_workday(day_of(at), ANSWER_WITHIN.get(grade, 2))


def interview_due(at: datetime, calendar: Calendar) -> datetime:
    """By when a talk that is called now must have been held."""
    return calendar.end_of_workday(day_of(at), INTERVIEW_WITHIN)


def told_from(rung: str, at: datetime, calendar: Calendar) -> datetime:
    """From when on a reminder may be told: a hint waits for the next morning of a working day, all else for nothing."""
    if rung != Rung.HALF:
        return at
    day = calendar.first_workday(day_of(at))
    morning = datetime.combine(day, MORNING, SHANGHAI)
    if morning <= local(at):
        morning = datetime.combine(calendar.next_workday(day), MORNING, SHANGHAI)
    return morning


def may_tell_again(last_at: datetime | None, at: datetime) -> bool:
    """Whether an inbox may get another digest: the first at once, then one in half an hour."""
    return last_at is None or at - last_at >= BETWEEN_DIGESTS
