"""Tell many reminders as few notices: one digest for an inbox at a time, red matters at once and singly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import queries
from gongqing.dispatch.models import Clock, Digest, Reminder, ReminderKind
from gongqing.dispatch.queries.ladder import UNANSWERED
from gongqing.dispatch.rules import ladder
from gongqing.notices import actions as notices

# the most urgent last; one case stands in a digest once, under its most urgent reminder
ORDER = (
    ReminderKind.HALF,
    ReminderKind.FIFTH,
    ReminderKind.PASSED_UP,
    ReminderKind.TOP,
    ReminderKind.OVERDUE,
    ReminderKind.NOTICE,
    ReminderKind.UNANSWERED,
    ReminderKind.SUPERVISE,
    ReminderKind.INTERVIEW,
)
OF_CLOCKS = (ReminderKind.HALF, ReminderKind.FIFTH, ReminderKind.OVERDUE)
KEPT = timedelta(days=60)


def reminder_of(
    appeal: Appeal,
    kind: ReminderKind,
    *,
    at: datetime,
    organisation_id: int | None = None,
    user_id: int | None = None,
    clock: str = "",
) -> Reminder:
    """A reminder to one account or one organisation, not yet written down; hints wait for the morning."""
    return Reminder(
        appeal=appeal,
        organisation_id=None if user_id else organisation_id,
        user_id=user_id,
        kind=kind,
        clock=clock,
        made_at=at,
        not_before=ladder.told_from(kind, at, queries.calendar()),
    )


def remind(lines: Iterable[Reminder]) -> None:
    """Let these reminders wait for the next digest; those of red matters are told at once, each by itself.

    Part of an action, which locks and records.
    """
    waiting = []
    for line in lines:
        if line.appeal.grade == "red" and line.kind != ReminderKind.HALF:
            notices.notify(
                text=f"【红色诉求】{ReminderKind(line.kind).label}：{line.appeal.title}"[:500],
                at=line.made_at,
                user_id=line.user_id,
                organisation_id=line.organisation_id,
                subject_kind="appeal",
                subject_id=line.appeal.pk,
                link=f"/desk/appeals/{line.appeal.code}",
            )
        else:
            waiting.append(line)
    Reminder.objects.bulk_create(waiting)


def send_digests(*, at: datetime) -> int:
    """Tell what waits: to each inbox one notice, and no second one within half an hour; returns how many were sent.

    What has been settled meanwhile is dropped, and told to nobody. Running it twice tells nothing twice.
    """
    with scope.acting_as(SYSTEM):
        waiting = Reminder.objects.filter(digest__isnull=True, not_before__lte=at)
        inboxes = list(waiting.order_by().values_list("organisation_id", "user_id").distinct())
    return sum(_send(organisation_id, user_id, at=at) for organisation_id, user_id in inboxes)


def forget_digests(*, at: datetime) -> int:
    """Take away digests of more than sixty days ago; the trace of the cases keeps what they told."""
    with scope.acting_as(SYSTEM):
        count, _ = Digest.objects.filter(at__lt=at - KEPT).delete()
    return count


def _send(organisation_id: int | None, user_id: int | None, *, at: datetime) -> bool:
    with transaction.atomic(), scope.acting_as(SYSTEM):
        inbox = {"organisation_id": organisation_id, "user_id": user_id}
        last = Digest.objects.filter(**inbox).order_by("-at").values_list("at", flat=True).first()
        if not ladder.may_tell_again(last, at):
            return False
        found = Reminder.objects.select_for_update(of=("self",), skip_locked=True).select_related("appeal")
        rows = list(found.filter(**inbox, digest__isnull=True, not_before__lte=at).defer("appeal__text").order_by("id"))
        kept = _standing(rows)
        Reminder.objects.filter(pk__in={row.pk for row in rows} - {row.pk for row in kept}).delete()
        if not kept:
            return False
        digest = Digest.objects.create(**inbox, at=at, count=len(kept))
        Reminder.objects.filter(pk__in=[row.pk for row in kept]).update(digest=digest)
        only = kept[0].appeal if len(kept) == 1 else None
        notices.notify(
            text=_words(kept),
            at=at,
            **inbox,
            subject_kind="appeal" if only else "digest",
            subject_id=only.pk if only else digest.pk,
            link=f"/desk/appeals/{only.code}" if only else f"/desk/digests/{digest.pk}",
        )
    return True


def _standing(rows: Sequence[Reminder]) -> list[Reminder]:
    """One reminder for each case that is still worth telling, the most urgent of the case."""
    numbers = {row.appeal_id for row in rows}
    running = Clock.objects.filter(appeal_id__in=numbers, ended_at__isnull=True).exclude(state="paused")
    open_clocks = set(running.values_list("appeal_id", "name"))
    kept: dict[int, Reminder] = {}
    for row in rows:
        if row.appeal.status not in UNANSWERED:
            continue
        if row.kind in OF_CLOCKS and (row.appeal_id, row.clock) not in open_clocks:
            continue
        held = kept.get(row.appeal_id)
        if held is None or _urgency(row) >= _urgency(held):
            kept[row.appeal_id] = row
    return list(kept.values())


def _urgency(row: Reminder) -> int:
    return ORDER.index(ReminderKind(row.kind))


def _words(rows: Sequence[Reminder]) -> str:
    if len(rows) == 1:
        return f"{ReminderKind(rows[0].kind).label}：{rows[0].appeal.title}"[:500]
    counted = Counter(ReminderKind(row.kind) for row in rows)
    parts = [f"{kind.label} {counted[kind]} 件" for kind in reversed(ORDER) if counted[kind]]
    return f"诉求提醒 {len(rows)} 件：{'，'.join(parts)}。"
