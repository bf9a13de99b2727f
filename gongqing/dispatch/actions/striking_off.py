"""Settle what stands on a list: claim with evidence, strike off by a second person, send back, withdraw (销号)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import tidy_text
from gongqing.appeals.rules.statuses import ANSWERED, STATUS_WORDS, Status
from gongqing.audit import events, scope, writing
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.sealing import File, judged_files, keep_files
from gongqing.dispatch.models import EntryDocument, EntryState, ListEntry
from gongqing.dispatch.queries import settling as queries
from gongqing.dispatch.queries.hanging import Hanging, hangs
from gongqing.dispatch.rules import settling as rules
from gongqing.lib.errors import NotAllowed
from gongqing.lib.times import day_of
from gongqing.notices import actions as notices
from gongqing.registry.models import Organisation, sealed_files

DOCUMENT = "settling.document"


@transaction.atomic
def claim_settlement(
    *,
    entry_id: int,
    evidence: str,
    by: Actor,
    at: datetime,
    helped_count: int | str | None = None,
    recovered_amount: Decimal | str | None = None,
    figures_reason: str = "",
    files: Sequence[File] = (),
    no_documents: str = "",
) -> ListEntry:
    """Whoever is asked says that the matter is settled: how many people, how many yuan, on what evidence.

    People and yuan left out are those of the answered appeal. `no_documents` is one of `rules.NO_DOCUMENTS`, needed
    where no file comes with the claim and none came with an earlier one.

    Raises:
        NotPermitted, NotFound, NotAllowed: claimed already, or its appeal is not answered. BadInput: names the field.
    """
    entry = _locked(entry_id, by)
    rules.check_can_claim(by, queries.place_of(entry.organisation), state=entry.state)
    answered = _answered(entry)
    evidence = tidy_text(evidence)
    documents = entry.documents.count() + len(files)
    rules.check_evidence(evidence, documents)
    people = rules.people_of(answered[0] if helped_count in (None, "") else helped_count)
    yuan = rules.yuan_of(answered[1] if recovered_amount in (None, "") else recovered_amount)
    reason = rules.check_figures_reason(
        tidy_text(figures_reason), people=people, yuan=yuan, answered_people=answered[0], answered_yuan=answered[1]
    )
    judged = judged_files(files, field="documents")
    evidence = rules.evidence_kept(evidence, documents, no_documents)
    with scope.elevated():
        kept = entry.documents.all()
        keep_files(kept, judged, kind=DOCUMENT, usual_name="材料", by=by, at=at, entry=entry)
        entry.helped_count, entry.recovered_amount, entry.figures_reason = people, yuan, reason
        entry.evidence, entry.remark = evidence, ""
        entry.state, entry.claimed_at = EntryState.CLAIMED, at
        entry.claimed_by_user_id, entry.claimed_by_name = by.user_id, by.name
        entry.save()
        _tell(entry, entry.list.organisation, f"{entry.organisation}报请销号，请核对：{entry.title}", at=at)
        note = f"{people} 人，挽回 {yuan} 元。{evidence}"
        events.record("list_entry.claimed", subject=entry, by=by, at=at, note=note, people=people, yuan=str(yuan))
    return entry


@transaction.atomic
def strike_off_entry(*, entry_id: int, by: Actor, at: datetime, note: str = "") -> ListEntry:
    """A second person at the owner's level has looked at the evidence and strikes the matter off.

    Raises:
        NotPermitted: also for the person who claimed. NotFound. NotAllowed: not claimed, its appeal was reopened, or
            there is neither a file nor a reason why there is none.
    """
    entry = _locked(entry_id, by)
    _check_decides(entry, by)
    _answered(entry)
    rules.check_is_proven(entry.evidence, entry.documents.count())
    with scope.elevated():
        entry.state, entry.struck_off_at = EntryState.STRUCK_OFF, at
        entry.struck_off_by_user_id, entry.struck_off_by_name = by.user_id, by.name
        entry.remark = tidy_text(note)[:500]
        entry.save()
        _tell(entry, entry.organisation, f"已销号：{entry.title}", at=at)
        events.record("list_entry.struck_off", subject=entry, by=by, at=at, note=entry.remark)
        if entry.appeal is not None:
            words = f"{entry.list.title}，第 {entry.number} 项"
            events.record("appeal.struck_off", subject=entry.appeal, by=by, at=at, note=words, entry=entry.pk)
    return entry


@transaction.atomic
def send_back_entry(*, entry_id: int, reason: str, by: Actor, at: datetime) -> ListEntry:
    """The evidence does not do: the matter stands open again, with the reason.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: on `reason`.
    """
    entry = _locked(entry_id, by)
    _check_decides(entry, by)
    reason = rules.check_said("reason", tidy_text(reason), "退回时")
    with scope.elevated():
        entry.state, entry.remark = EntryState.OPEN, reason
        entry.save(update_fields=["state", "remark"])
        _tell(entry, entry.organisation, f"销号被退回：{entry.title}。{reason}", at=at)
        events.record("list_entry.sent_back", subject=entry, by=by, at=at, note=reason)
    return entry


@transaction.atomic
def withdraw_entry(*, entry_id: int, reason: str, by: Actor, at: datetime) -> ListEntry:
    """Take a matter off the list that does not belong on it; it counts no more.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: on `reason`.
    """
    entry = _locked(entry_id, by)
    rules.check_can_withdraw_entry(by, queries.place_of(entry.list.organisation), state=entry.state)
    reason = rules.check_said("reason", tidy_text(reason), "撤出清单时")
    with scope.elevated():
        _withdraw(entry, reason, by=by, at=at)
        _tell(entry, entry.organisation, f"已从“{entry.list.title}”撤出：{entry.title}。{reason}", at=at)
    return entry


@transaction.atomic
def reschedule_entry(*, entry_id: int, due_on: date, reason: str, by: Actor, at: datetime) -> ListEntry:
    """The owner gives a matter another day, and says why.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: on `due_on` or `reason`.
    """
    entry = _locked(entry_id, by)
    rules.check_can_withdraw_entry(by, queries.place_of(entry.list.organisation), state=entry.state)
    rules.check_due(due_on, opened_on=entry.list.opened_on, today=day_of(at))
    reason = rules.check_said("reason", tidy_text(reason), "改期时")
    before, entry.due_on = entry.due_on, due_on
    with scope.elevated():
        entry.save(update_fields=["due_on"])
        _tell(entry, entry.organisation, f"销号期限改为{due_on.month}月{due_on.day}日：{entry.title}。{reason}", at=at)
        events.record("list_entry.rescheduled", subject=entry, by=by, at=at, note=reason, before=before.isoformat())
    return entry


@transaction.atomic
def return_entries(*, appeal_id: int, by: Actor, at: datetime, reason: str) -> int:
    """Whatever was struck off or claimed for a reopened appeal stands open again, and closed lists with it.

    Returns:
        how many entries came back.
    """
    with scope.elevated():
        settled = [EntryState.STRUCK_OFF, EntryState.CLAIMED]
        entries = list(queries.locked_entries_of(appeal_id).filter(state__in=settled))
        for entry in entries:
            before = entry.get_state_display()
            entry.state, entry.came_back_at = EntryState.OPEN, at
            entry.struck_off_at = entry.struck_off_by_user_id = None
            entry.struck_off_by_name = ""
            entry.remark = f"诉求退回重办，自动回到清单（原来{before}）：{reason}"[:500]
            entry.save()
            if entry.list.closed_on is not None:
                entry.list.closed_on = None
                entry.list.save(update_fields=["closed_on"])
                events.record("settling_list.reopened", subject=entry.list, by=by, at=at, note=entry.remark)
            for told in {entry.organisation, entry.list.organisation}:
                _tell(entry, told, f"诉求退回重办，回到“{entry.list.title}”：{entry.title}", at=at)
            events.record("list_entry.came_back", subject=entry, by=by, at=at, note=entry.remark)
        if entries:
            follow_handler(appeal_id=appeal_id, by=by, at=at)
    return len(entries)


@transaction.atomic
def drop_entries(*, appeal_id: int, by: Actor, at: datetime, reason: str) -> int:
    """An appeal that was withdrawn or found invalid leaves the lists on which it was not settled; returns how many."""
    with scope.elevated():
        entries = list(queries.locked_entries_of(appeal_id).filter(state__in=[EntryState.OPEN, EntryState.CLAIMED]))
        for entry in entries:
            _withdraw(entry, reason, by=by, at=at)
    return len(entries)


@transaction.atomic(savepoint=False)
def follow_handler(*, appeal_id: int, by: Actor, at: datetime) -> int:
    """What the former handler was asked to settle is asked of the new one, where the owner stands above it."""
    if not hangs(appeal_id, Hanging.LIST_ENTRY):
        return 0
    with scope.elevated():
        asked = queries.open_entries_of(appeal_id)
        if not asked:
            return 0
        writing.write_now()
        appeal = Appeal.objects.select_related("handler").get(pk=appeal_id)
        handler, moved = appeal.handler, 0
        if handler is None:
            return 0
        for entry in (each for each in asked if each.organisation_id != handler.pk):
            owner = entry.list.organisation
            below = handler.level == "department" or handler.path.startswith(owner.path)
            before, entry.organisation = entry.organisation, handler if below else owner
            if before == entry.organisation:
                continue
            entry.save(update_fields=["organisation"])
            moved += 1
            _tell(
                entry, entry.organisation, f"转来的诉求在“{entry.list.title}”上，请办结后报请销号：{entry.title}", at=at
            )
            note = f"{before}转给{entry.organisation}"
            events.record("list_entry.reassigned", subject=entry, by=by, at=at, note=note)
    return moved


@transaction.atomic
def open_entry_document(
    *, entry_id: int, document_id: int, by: Actor, at: datetime, address: str | None = None
) -> tuple[EntryDocument, bytes]:
    """A file of a matter in clear; the look is written down.

    Raises:
        NotPermitted, NotFound.
    """
    document = queries.document_numbered(entry_id, document_id, by)
    events.record_access(
        "entry_document.opened",
        subject_kind="listentry",
        subject_id=entry_id,
        by=by,
        at=at,
        reason=document.name,
        address=address,
    )
    return document, sealed_files.open_kept(document.file_key, DOCUMENT)


def _locked(entry_id: int, by: Actor) -> ListEntry:
    queries.entry_numbered(entry_id, by)
    with scope.elevated():
        waiting = ListEntry.objects.select_for_update(of=("self",))
        return waiting.select_related("list__organisation", "organisation", "appeal").get(pk=entry_id)


def _check_decides(entry: ListEntry, by: Actor) -> None:
    owner = queries.place_of(entry.list.organisation)
    rules.check_can_decide_claim(by, owner, claimed_by=entry.claimed_by_user_id, state=entry.state)


def _answered(entry: ListEntry) -> tuple[int | None, Decimal | None]:
    """People and yuan of the entry's appeal, which must be answered; nothing for a matter from outside."""
    if entry.appeal is None:
        return None, None
    if Status(entry.appeal.status) not in ANSWERED:
        here = STATUS_WORDS[Status(entry.appeal.status)]
        raise NotAllowed(f"这件诉求现在是“{here}”，办结答复职工以后才能销号。")
    return queries.answered_figures(entry.appeal)


def _withdraw(entry: ListEntry, reason: str, *, by: Actor, at: datetime) -> None:
    entry.state, entry.remark = EntryState.WITHDRAWN, reason
    entry.save(update_fields=["state", "remark"])
    events.record("list_entry.withdrawn", subject=entry, by=by, at=at, note=reason)


def _tell(entry: ListEntry, organisation: Organisation, text: str, *, at: datetime) -> None:
    notices.notify(
        text=text[:500],
        at=at,
        organisation_id=organisation.pk,
        subject_kind="listentry",
        subject_id=entry.pk,
        link=f"/desk/lists/entries/{entry.pk}",
    )
