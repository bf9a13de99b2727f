"""What may be written into a clock's ledger, and what does each turn of an appeal write?

A ledger is append-only. A start opens a round, a stop (done) or a cancel (no longer asked for) ends it; pause, resume,
extension and a changed limit stand between. A recount says that a changed calendar moved the deadline, and moves
nothing itself. `clocks` reckons from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongqing.dispatch.rules.limits import ClockName, Limit, Limits, Unit
from gongqing.lib.choices import Choice
from gongqing.lib.errors import NotAllowed


class EntryKind(Choice):
    """What a line of the ledger does."""

    START = "start", "起算"
    PAUSE = "pause", "暂停"
    RESUME = "resume", "恢复"
    EXTEND = "extend", "延期"
    RELIMIT = "relimit", "改时限"
    RECOUNT = "recount", "重算"
    STOP = "stop", "完成"
    CANCEL = "cancel", "停用"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ledger.

    Attributes:
        amount, unit: of a start or relimit: the limit of this round, when it is not the clock's own; of a pause: its
            longest duration, after which the clock runs on by itself; of an extension: the time it adds.
        reason: why, in Chinese.
        source: the law or policy it rests on, in Chinese.
    """

    kind: EntryKind
    at: datetime
    amount: float | None = None
    unit: Unit | None = None
    reason: str = ""
    source: str = ""

    @property
    def limit(self) -> Limit | None:
        """The time the entry speaks of; None when it speaks of none."""
        if self.amount is None or self.unit is None:
            return None
        return Limit(self.amount, self.unit, self.source)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Entry:
        """The entry of a stored row with the fields of this class; an empty unit means none.

        Raises:
            ValueError: when kind or unit is not known.
        """
        kind = _KINDS.get(row["kind"])
        unit = _UNITS.get(row.get("unit") or "")
        if kind is None or (unit is None and row.get("unit")):
            raise ValueError(f"not an entry: {row}")
        return cls(kind, row["at"], row.get("amount"), unit, row.get("reason", ""), row.get("source", ""))


_KINDS = {each.value: each for each in EntryKind}
_UNITS = {each.value: each for each in Unit}


def is_open(entries: Sequence[Entry]) -> bool:
    """Whether the last round has begun and not ended, running, paused or overdue."""
    for entry in reversed(entries):
        if entry.kind in (EntryKind.STOP, EntryKind.CANCEL):
            return False
        if entry.kind is EntryKind.START:
            return True
    return False


def last_round(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries from the last start on.

    Raises:
        ValueError: when there is no start.
    """
    for place in range(len(entries) - 1, -1, -1):
        if entries[place].kind is EntryKind.START:
            return entries[place:]
    raise ValueError("a clock's ledger begins with a start")


def opening_entries(
    limits: Limits, *, received_at: datetime, entered_at: datetime, source: str = "", is_closed: bool = False
) -> dict[ClockName, tuple[Limit, Entry]]:
    """The clocks that begin when an appeal is dispatched, each with its limit and its first entry.

    The closing clock starts at receipt, also when that is past; the others when the appeal was entered. An appeal
    that is imported closed has no clocks.
    """
    if is_closed:
        return {}
    found: dict[ClockName, tuple[Limit, Entry]] = {}
    for name in ClockName:
        limit = limits.of(name)
        if limit is not None:
            start = min(received_at, entered_at) if name is ClockName.CLOSE else entered_at
            found[name] = (limit, Entry(EntryKind.START, start, reason="收到，起算", source=source))
    return found


def reported_entries(every: Limit | None, *, at: datetime, reason: str = "已交阶段报告") -> list[Entry]:
    """What a phase report writes: the round is met, and the next begins when the grade asks for another."""
    stop = Entry(EntryKind.STOP, at, reason=reason)
    if every is None:
        return [stop]
    return [stop, Entry(EntryKind.START, at, every.amount, every.unit, "起算下一次阶段报告", every.basis)]


def reassigned_entries(name: ClockName, entries: Sequence[Entry], *, at: datetime, reason: str) -> list[Entry]:
    """What a new handler changes: sign begins anew, contact too while it is owed, report and closing run on."""
    if name not in (ClockName.SIGN, ClockName.CONTACT) or (name is ClockName.CONTACT and not is_open(entries)):
        return []
    ended = [Entry(EntryKind.CANCEL, at, reason=reason)] if is_open(entries) else []
    return [*ended, Entry(EntryKind.START, at, reason=reason)]


def reopened_entries(entries: Sequence[Entry], *, at: datetime, reason: str) -> list[Entry]:
    """What a reopening writes: a new round with the whole limit; the old round keeps its result."""
    ended = [Entry(EntryKind.CANCEL, at, reason=reason)] if is_open(entries) else []
    return [*ended, Entry(EntryKind.START, at, reason=reason)]


def check_can_append(entries: Sequence[Entry], entry: Entry) -> None:
    """Refuse an entry that the ledger cannot take.

    Raises:
        NotAllowed: when the clock is not running, already paused, not paused, or the entry lies before the last one.
    """
    if entries and entry.at < entries[-1].at and entry.kind is not EntryKind.START:
        raise NotAllowed("时间早于上一条计时记录，请刷新后再试。")
    if entry.kind is EntryKind.START:
        if is_open(entries):
            raise NotAllowed("这个时钟正在计时，不能重复起算。")
        return
    if not is_open(entries):
        raise NotAllowed("这个时钟已经不再计时。")
    if entry.kind is EntryKind.PAUSE and has_open_pause(entries):
        raise NotAllowed("已经暂停计时，请先恢复。")
    if entry.kind is EntryKind.RESUME and not has_open_pause(entries):
        raise NotAllowed("现在没有暂停，不用恢复。")


def has_open_pause(entries: Sequence[Entry]) -> bool:
    """Whether the last pause of the last round has no resume yet, also when its longest duration is over."""
    marks = [entry.kind for entry in entries if entry.kind in (EntryKind.START, EntryKind.PAUSE, EntryKind.RESUME)]
    return bool(marks) and marks[-1] is EntryKind.PAUSE and is_open(entries)
