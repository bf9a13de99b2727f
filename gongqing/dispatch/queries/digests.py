"""What did a digest tell, and how does each case stand now?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import STATUS_WORDS, Status
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import Digest, Reminder, ReminderKind
from gongqing.dispatch.rules.limits import ClockName
from gongqing.lib.errors import NotFound

LONGEST = 300
ORDER = (
    ReminderKind.INTERVIEW,
    ReminderKind.SUPERVISE,
    ReminderKind.UNANSWERED,
    ReminderKind.NOTICE,
    ReminderKind.OVERDUE,
    ReminderKind.TOP,
    ReminderKind.PASSED_UP,
    ReminderKind.FIFTH,
    ReminderKind.HALF,
)


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One case of a digest as it stands now."""

    appeal: Appeal
    status: str
    clock: str
    is_late: bool
    late_by: timedelta | None


@dataclass(frozen=True, slots=True)
class DigestGroup:
    """The cases that were told for one reason."""

    kind: ReminderKind
    lines: Sequence[DigestLine]


@dataclass(frozen=True, slots=True)
class DigestPage:
    """A digest with its cases in groups, the most urgent first; at most three hundred cases."""

    digest: Digest
    groups: Sequence[DigestGroup]
    shown: int


def digest_page(digest_id: int, actor: Actor, at: datetime) -> DigestPage:
    """One digest of the actor's own inbox or of the organisation of the posting.

    Raises:
        NotFound.
    """
    digest = Digest.objects.visible_to(actor).filter(pk=digest_id).first()
    if digest is None:
        raise NotFound("没有这份提醒，或者它不是发给您和您单位的；两个月以前的提醒已经清理。")
    rows = Reminder.objects.filter(digest=digest, appeal__in=Appeal.objects.visible_to(actor))
    rows = rows.select_related("appeal").defer("appeal__text").order_by("appeal__next_due_at", "id")
    lines: dict[str, list[DigestLine]] = {}
    for row in rows[:LONGEST]:
        lines.setdefault(row.kind, []).append(_line(row, at))
    groups = [DigestGroup(kind, lines[kind]) for kind in ORDER if kind in lines]
    return DigestPage(digest, groups, sum(len(group.lines) for group in groups))


def _line(row: Reminder, at: datetime) -> DigestLine:
    due = row.appeal.next_due_at
    return DigestLine(
        appeal=row.appeal,
        status=STATUS_WORDS[Status(row.appeal.status)],
        clock=ClockName.label_of(row.clock) if row.clock else "",
        is_late=due is not None and due < at,
        late_by=at - due if due is not None else None,
    )
