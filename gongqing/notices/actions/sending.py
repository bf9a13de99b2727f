"""Short messages to phones: queued with the work that they tell of, handed to the gateway, tried again."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from gongqing.accounts import client
from gongqing.audit import events, scope, writing
from gongqing.audit.actor import Actor
from gongqing.lib import crypto, masks
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.notices import queries
from gongqing.notices.models import PHONE, Message, State
from gongqing.notices.rules import leaving, permissions, templates
from gongqing.registry import queries as registry
from gongqing.registry.models import sealing
from gongqing.registry.rules import check_mobile, plain

LONGEST_FAULT = 200
MOST_AGAIN = 500
UNDELIVERED = "运营商回执：没有送达"
NO_CONSENT = "本人已撤回短信联系的同意，没有发送"
UNREADABLE = "号码无法解密，密钥与当时的不同"
LEAVING = ("state", "sent_at", "not_before", "attempts", "last_fault", "gateway_id")


@dataclass(frozen=True, slots=True)
class Draft:
    """A short message in the words of a template, to be sent with others; see `send_message`."""

    phone: str
    template: str
    values: Mapping[str, str]
    subject_kind: str
    subject_id: int
    urgent: bool = False


@transaction.atomic
def send_message(
    *,
    phone: str,
    by: Actor,
    at: datetime,
    text: str = "",
    template: str = "",
    values: Mapping[str, str] | None = None,
    subject_kind: str = "",
    subject_id: int | None = None,
    urgent: bool = False,
) -> Message:
    """Queue a short message to a phone; it leaves soon after this transaction is saved, and is tried again if need be.

    Args:
        text: the words themselves, for what no template fits; or instead:
        template: which template in force gives the words (`notices.rules.templates.TEMPLATES`), with
        values: what stands in its places.
        urgent: red matters and calls to those on duty; they leave in quiet hours too, and are sent to a worker who has
            withdrawn the consent to be contacted.

    Returns:
        the message; `cancelled` when the worker of this phone has withdrawn the consent to be contacted.

    Raises:
        BadInput: on `phone` (a masked one is none), `text`, `template` or `values`.
    """
    number = check_mobile(phone)
    if bool(text.strip()) == bool(template):
        raise BadInput("text", "短信要么直接写内容，要么用一个模板。")
    words = templates.check_length(plain(text)) if text.strip() else _worded(template, values or {})
    with scope.elevated():
        message = _message(number, words, at, is_wanted=urgent or registry.may_contact(number), is_urgent=urgent)
        message.template, message.subject_kind, message.subject_id = template, subject_kind, subject_id
        return _queued(message, by=by, at=at)


@transaction.atomic
def send_messages(*, drafts: Sequence[Draft], by: Actor, at: datetime) -> list[Message]:
    """Queue several short messages, as `send_message` does one, with few questions to the database.

    Raises:
        BadInput: as there; then none is queued.
    """
    numbers = [check_mobile(draft.phone) for draft in drafts]
    texts = queries.texts_in_force({draft.template for draft in drafts})
    found = []
    with scope.elevated():
        refusing = registry.refusing(
            {number for number, draft in zip(numbers, drafts, strict=True) if not draft.urgent}
        )
        for number, draft in zip(numbers, drafts, strict=True):
            words = plain(templates.rendered(draft.template, texts[draft.template], draft.values))
            is_wanted = draft.urgent or number not in refusing
            message = _message(number, words, at, is_wanted=is_wanted, is_urgent=draft.urgent)
            message.template, message.subject_kind, message.subject_id = (
                draft.template,
                draft.subject_kind,
                draft.subject_id,
            )
            found.append(_queued(message, by=by, at=at))
    return found


@transaction.atomic
def deliver_due_messages(*, at: datetime, most: int, seconds: float) -> int:
    """Hand what may leave now to the gateway, the oldest first, as `deliver_message` does; answers how many were tried.

    What another process is at is left to it. All of it is saved together: a process that dies before tries these again,
    and the gateway recognises them by their numbers.

    Args:
        seconds: after which no further message is begun, so that few are at stake.
    """
    until = time.monotonic() + seconds
    due = list(queries.due_messages(at).select_for_update(skip_locked=True)[:most])
    numbers = {message.pk: _number(message) for message in due}
    refusing = registry.refusing(
        {number for message in due if not message.is_urgent and (number := numbers[message.pk])}
    )
    outside = queries.gateway_templates_of({message.template for message in due if message.template})
    tried = 0
    with writing.together("messages.leave"):
        for message in due:
            number = numbers[message.pk]
            is_wanted = message.is_urgent or number not in refusing
            _leave(message, number, outside.get(message.template, ""), is_wanted=is_wanted, at=at)
            writing.save(message, LEAVING)
            tried += 1
            if time.monotonic() > until:
                break
    return tried


@transaction.atomic
def deliver_message(*, message_id: int, at: datetime) -> Message:
    """Hand a queued message to the gateway, once its moment has come; one that has left already is left alone.

    A gateway that cannot take it is tried again after 1, 5, 25, 125 and 625 minutes, outside quiet hours; after the
    sixth attempt, or when the gateway refuses this message for good, it is `failed`. The fault is kept.
    """
    message = Message.objects.select_for_update().get(id=message_id)
    if message.state != State.QUEUED or message.phone_sealed is None:
        return message
    if message.not_before is not None and at < message.not_before:
        return message
    number = _number(message)
    is_wanted = message.is_urgent or number is None or registry.may_contact(number)
    outside = queries.gateway_templates_of({message.template} - {""})
    _leave(message, number, outside.get(message.template, ""), is_wanted=is_wanted, at=at)
    message.save(update_fields=LEAVING)
    return message


@transaction.atomic
def send_again(*, by: Actor, at: datetime, message_id: int | None = None) -> int:
    """Try a message that failed, or waits for its next try, anew and now; without an id every failed one.

    Quiet hours hold for it as for any other. Returns how many were queued.

    Raises:
        NotPermitted: neither an administrator nor the city's supervisor.
        NotFound: no such message. NotAllowed: it has left, or was cancelled.
    """
    permissions.check_can_keep_messages(by)
    with scope.elevated():
        found = Message.objects.select_for_update().filter(phone_sealed__isnull=False)
        if message_id is None:
            chosen = list(found.filter(state=State.FAILED).order_by("id")[:MOST_AGAIN])
        else:
            chosen = list(found.filter(id=message_id))
            if not chosen:
                raise NotFound("没有这条短信。")
            if not leaving.may_go_again(chosen[0].state, chosen[0].attempts):
                raise NotAllowed("这条短信不用再发：只有没有发出的，或者发送出错正在等待重试的，才能再发一次。")
        for message in chosen:
            leaves_at = leaving.may_leave_at(at, quiet=settings.GONGQING.quiet_hours, is_urgent=message.is_urgent)
            message.state, message.attempts = State.QUEUED, 0
            message.not_before = leaves_at if leaves_at > at else None
            message.save(update_fields=["state", "attempts", "not_before"])
            events.record("message.sent_again", subject=message, by=by, at=at, note=message.last_fault)
    return len(chosen)


@transaction.atomic
def note_receipt(
    *,
    is_delivered: bool,
    by: Actor,
    at: datetime,
    message_id: int | None = None,
    gateway_id: str = "",
    delivered_at: datetime | None = None,
    fault: str = "",
) -> bool:
    """Write down what the gateway says became of a message, known by our number or by the gateway's.

    A message that has reached the phone stays delivered, whatever comes later; the same receipt twice changes nothing.

    Returns:
        False when no message that has left bears this number.

    Raises:
        NotPermitted: the key was not issued for receipts.
    """
    permissions.check_can_report_receipts(by)
    if message_id is None and not gateway_id.strip():
        return False
    known = {"id": message_id} if message_id is not None else {"gateway_id": gateway_id}
    with scope.elevated():
        message = (
            Message.objects.select_for_update()
            .filter(**known, sent_at__isnull=False, state__in=[State.SENT, State.DELIVERED, State.FAILED])
            .order_by("-id")
            .first()
        )
        if message is None:
            return False
        if message.state == State.DELIVERED:
            return True
        if is_delivered:
            message.state, message.delivered_at, message.last_fault = State.DELIVERED, delivered_at or at, ""
        else:
            message.state, message.last_fault = State.FAILED, plain(fault)[:LONGEST_FAULT] or UNDELIVERED
        message.save(update_fields=["state", "delivered_at", "last_fault"])
        kind = "message.delivered" if is_delivered else "message.undelivered"
        events.record(kind, subject=message, by=by, at=at, note=message.last_fault)
    return True


@transaction.atomic
def forget_messages(*, subject_kind: str, subject_ids: Collection[int]) -> int:
    """Delete the short messages about these things; part of `dispatch.actions.anonymise_person`.

    Returns how many there were. What was sent when stays in the trace, without words and numbers.
    """
    about = Message.objects.filter(
        subject_kind=subject_kind, subject_id__in=subject_ids, phone_sealed__isnull=False
    ).exclude(template="duty")
    count, _ = about.delete()
    return count


@transaction.atomic
def forget_old_messages(*, before: datetime, by: Actor, at: datetime) -> int:
    """Delete the short messages to phones that were queued before a moment; returns how many."""
    with scope.elevated():
        old = Message.objects.filter(phone_sealed__isnull=False, created_at__lt=before).exclude(state=State.QUEUED)
        count, _ = old.delete()
        if count:
            events.record("messages.forgotten", subject=_Outbox(), subject_kind="message", by=by, at=at, count=count)
    return count


class _Outbox:
    pk = None


def _worded(template: str, values: Mapping[str, str]) -> str:
    return plain(templates.rendered(template, queries.text_in_force(template), values))


def _message(number: str, words: str, at: datetime, *, is_wanted: bool, is_urgent: bool) -> Message:
    leaves_at = leaving.may_leave_at(at, quiet=settings.GONGQING.quiet_hours, is_urgent=is_urgent)
    return Message(
        phone_sealed=sealing.seal(number, PHONE),
        phone_mask=masks.mask_phone(number),
        text=words,
        is_urgent=is_urgent,
        not_before=leaves_at if leaves_at > at else None,
        state=State.QUEUED if is_wanted else State.CANCELLED,
        last_fault="" if is_wanted else NO_CONSENT,
        created_at=at,
    )


def _queued(message: Message, *, by: Actor, at: datetime) -> Message:
    is_wanted = message.state == State.QUEUED
    writing.insert(message)
    kind = "message.queued" if is_wanted else "message.cancelled"
    about = [message.subject_kind, message.subject_id]
    events.record(kind, subject=message, by=by, at=at, about=about, template=message.template)
    if is_wanted and message.is_urgent:
        _hurry(message)
    return message


def _number(message: Message) -> str | None:
    """The number in clear; None when no key of the ring opens it."""
    try:
        return sealing.open_sealed(message.phone_sealed or b"", PHONE)
    except crypto.CannotDecrypt:
        return None


def _leave(message: Message, number: str | None, outside: str, *, is_wanted: bool, at: datetime) -> None:
    """Try it once, and note on the message what came of it."""
    if not is_wanted:  # withdrawn since it was queued
        message.state, message.last_fault = State.CANCELLED, NO_CONSENT
        return
    message.attempts += 1
    if number is None:
        _note_fault(message, UNREADABLE, wait=False, at=at)
        return
    try:
        message.gateway_id = client.send(number, message.text, message_id=message.pk, template=outside)
    except client.Refused as refused:
        _note_fault(message, str(refused), wait=False, at=at)
    except Exception as fault:  # of whatever kind: others of the same transaction may have left
        _note_fault(message, str(fault) or type(fault).__name__, wait=True, at=at)
    else:
        message.state, message.sent_at, message.not_before, message.last_fault = State.SENT, at, None, ""


def _note_fault(message: Message, fault: str, *, wait: bool, at: datetime) -> None:
    message.last_fault = plain(fault)[:LONGEST_FAULT]
    pause = leaving.wait_after(message.attempts) if wait else None
    if pause is None:
        message.state, message.not_before = State.FAILED, None
        return
    quiet = settings.GONGQING.quiet_hours
    message.not_before = leaving.may_leave_at(at + pause, quiet=quiet, is_urgent=message.is_urgent)


def _hurry(message: Message) -> None:
    """What is urgent leaves at once; everything else with the next round of `jobs.deliver_due`."""
    app.configure_task("notices.deliver").defer(message_id=message.pk)
