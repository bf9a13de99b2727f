"""Take calls at a seat of the hotline: begin, register, urge, add, give a crisis number, end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.actions.intake import Received
from gongqing.appeals.models import Appeal, HotlineKind
from gongqing.appeals.rules.intake import Intake, tidy_text
from gongqing.appeals.rules.permissions import CLASSIFIERS
from gongqing.appeals.rules.statuses import Status, check_open
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor, Role
from gongqing.dispatch.actions.supervising import urge_appeal
from gongqing.dispatch.actions.timekeeping import relimit_clocks
from gongqing.dispatch.models import Call, CallDirection
from gongqing.dispatch.models.hotline import CALLER
from gongqing.dispatch.rules import hotline as rules
from gongqing.dispatch.rules.hotline import CallOutcome
from gongqing.lib import masks
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.registry.models import sealing
from gongqing.registry.models.people import PHONE
from gongqing.registry.rules import check_phone, mobile_or_line


@dataclass(frozen=True, slots=True)
class Told:
    """What a seat writes down while somebody speaks; `phone` is empty for the caller's own number."""

    text: str
    employer: str = ""
    region_code: str = ""
    name: str = ""
    phone: str = ""
    hotline_kind: str = HotlineKind.ORDINARY
    anonymous_to_employer: bool = False
    category: str = ""


@transaction.atomic
def begin_call(*, phone: str, by: Actor, at: datetime) -> Call:
    """Take a call. A seat leads one call at a time: while one is open it is the answer, and nothing changes.

    Args:
        phone: the caller's number; empty when it is not shown.

    Raises:
        NotPermitted: no seat of a hotline. BadInput: on `phone`.
    """
    rules.check_is_seat(by)
    number = check_phone(phone) if phone.strip() else ""
    going_on = Call.objects.filter(seat_user_id=by.user_id or 0, direction=CallDirection.IN, ended_at__isnull=True)
    if found := going_on.select_for_update().order_by("-id").first():
        return found
    call = Call(
        organisation_id=by.organisation_id or 0,
        path=by.path,
        seat_user_id=by.user_id or 0,
        seat_name=by.name,
        direction=CallDirection.IN,
        started_at=at,
    )
    _seal(call, number)
    call.save()
    events.record("call.begun", subject=call, by=by, at=at)
    return call


@transaction.atomic
def note_caller(*, call_id: int, phone: str, by: Actor, at: datetime) -> Call:
    """Keep the number of the one who is speaking, also when another was kept before.

    Raises:
        NotPermitted, NotFound, NotAllowed, BadInput.
    """
    call = _lock_call(call_id, by)
    _seal(call, check_phone(phone))
    call.save(update_fields=["phone_sealed", "phone_index", "phone_mask"])
    events.record("call.number_noted", subject=call, by=by, at=at)
    return call


@transaction.atomic
def register_from_call(*, call_id: int, told: Told, by: Actor, at: datetime) -> Received:
    """Register what the caller says, once a call: sending it again gives the same appeal.

    What the machine is not sure of is classified by the seat's own choice, where it made one.

    Raises:
        NotPermitted, NotFound, NotAllowed, BadInput: as `receive_appeal` and `classify_appeal`.
    """
    call = _lock_call(call_id, by)
    if call.appeal_id is not None and call.outcome == CallOutcome.REGISTERED:
        with scope.elevated():
            return Received(Appeal.objects.get(pk=call.appeal_id or 0), is_new=False, query_password=None)
    if told.hotline_kind not in HotlineKind.values:
        raise BadInput("hotline_kind", "热线件请选一般、难点或特别复杂。")
    mobile, line = mobile_or_line(told.phone) if told.phone.strip() else _own_number(call)
    received = appeals.receive_appeal(
        Intake(
            source=rules.SOURCE,
            external_id=f"call-{call.pk}",
            channel="hotline_12351",
            text=told.text,
            region_code=told.region_code,
            employer=told.employer,
            person_name=told.name,
            person_phone=mobile,
            person_line=line,
            anonymous_to_employer=told.anonymous_to_employer,
            received_at=call.started_at,
            hotline_kind=told.hotline_kind,
        ),
        by=by,
        at=at,
    )
    appeal = received.appeal
    chosen = told.category.strip().upper()
    if chosen and (appeal.status == Status.TRIAGE or appeal.category is None or appeal.category.code != chosen):
        appeals.classify_appeal(appeal_id=appeal.pk, code=chosen, reason="坐席通话中确认", by=by, at=at)
        with scope.elevated():
            appeal.refresh_from_db()
    call.appeal, call.outcome = appeal, CallOutcome.REGISTERED
    call.save(update_fields=["appeal", "outcome"])
    if call.crisis_number:
        _tell_of_number(call, by=by, at=at)
    return received


@transaction.atomic
def urge_from_call(*, call_id: int, appeal_id: int, note: str, by: Actor, at: datetime) -> Appeal:
    """The caller asks to hurry with a matter of his or her own; the trace names the call.

    Raises:
        NotPermitted, NotFound: neither the caller's nor in the seat's view. NotAllowed: answered, or just urged.
    """
    call = _lock_call(call_id, by)
    appeal = _callers_appeal(call, appeal_id, by)
    with scope.acting_as(_speaker(by, appeal)):
        urge_appeal(appeal_id=appeal.pk, note=tidy_text(note) or "职工来电催办", by=_speaker(by, appeal), at=at)
    return _linked(call, appeal, CallOutcome.URGED)


@transaction.atomic
def supplement_from_call(*, call_id: int, appeal_id: int, text: str, by: Actor, at: datetime) -> Appeal:
    """The caller adds something to a matter of his or her own.

    Raises:
        NotPermitted, NotFound, NotAllowed: it has ended. BadInput: nothing said.
    """
    call = _lock_call(call_id, by)
    appeal = _callers_appeal(call, appeal_id, by)
    if not text.strip():
        raise BadInput("note", "请写下来电人补充了什么。")
    with scope.acting_as(_speaker(by, appeal)):
        appeals.add_material(appeal_id=appeal.pk, text=text, by=_speaker(by, appeal), at=at)
    return _linked(call, appeal, CallOutcome.SUPPLEMENTED)


@transaction.atomic
def transfer_caller(*, call_id: int, number: str, by: Actor, at: datetime) -> Call:
    """Note that the caller was put through to, or given, a number of help (110, 120, 12356).

    Raises:
        NotPermitted, NotFound, NotAllowed, BadInput.
    """
    call = _lock_call(call_id, by)
    rules.check_crisis_number(number)
    call.crisis_number, call.transferred_at = number, at
    call.save(update_fields=["crisis_number", "transferred_at"])
    events.record("call.transferred", subject=call, by=by, at=at, number=number)
    if call.appeal_id is not None:
        _tell_of_number(call, by=by, at=at)
    return call


@transaction.atomic
def end_call(
    *, call_id: int, outcome: str, by: Actor, at: datetime, note: str = "", appeal_id: int | None = None
) -> Call:
    """Hang up and say how it ended; a call that was ended already stays as it is.

    Args:
        appeal_id: a matter that the call was about and that it is not linked with yet.

    Raises:
        NotPermitted, NotFound, BadInput.
    """
    call = _lock_call(call_id, by, may_be_over=True)
    if call.ended_at is not None:
        return call
    if appeal_id is not None:
        call.appeal = _callers_appeal(call, appeal_id, by)
    is_done = call.appeal_id is not None and call.outcome != ""
    rules.check_ending(
        outcome, note=note, has_appeal=is_done or call.appeal_id is not None, has_number=bool(call.crisis_number)
    )
    call.outcome, call.ended_at, call.note = outcome, at, tidy_text(note)
    call.save(update_fields=["outcome", "ended_at", "note", "appeal"])
    events.record("call.ended", subject=call, by=by, at=at, outcome=outcome)
    return call


@transaction.atomic
def set_hotline_kind(*, appeal_id: int, kind: str, reason: str, by: Actor, at: datetime) -> Appeal:
    """Say how hard a hotline matter is; its open clocks run by that kind's limit from the start that they had.

    Raises:
        NotPermitted, NotAllowed: ended, or no matter of a hotline. BadInput: on `kind` or `reason`.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    if by.role not in CLASSIFIERS:
        raise NotPermitted("热线件的难易由热线坐席或派单督办岗位确定。")
    check_open(appeal.status)
    if appeal.channel not in rules.HOTLINE_CHANNELS:
        raise NotAllowed("只有热线来的诉求分一般、难点、特别复杂。")
    if kind not in HotlineKind.values:
        raise BadInput("kind", "请选一般、难点或特别复杂。")
    if kind == appeal.hotline_kind:
        raise NotAllowed(f"这件已经是“{HotlineKind(kind).label}”。")
    if len(reason.strip()) < rules.SHORTEST_NOTE:
        raise BadInput("reason", "请写明为什么这样定。")
    with scope.elevated():
        appeals.place_appeal(appeal, hotline_kind=kind)
        words = f"热线件定为“{HotlineKind(kind).label}”：{reason.strip()}"
        relimit_clocks(appeal, by=by, at=at, reason=words[:200])
        events.record("appeal.hotline_kind_set", subject=appeal, by=by, at=at, note=words, hotline_kind=kind)
    return appeal


def _lock_call(call_id: int, by: Actor, *, may_be_over: bool = False) -> Call:
    rules.check_is_seat(by)
    call = Call.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=call_id).first()
    if call is None:
        raise NotFound("没有这通电话，或者不在您能看的范围内。")
    rules.check_is_own_call(by, seat_user_id=call.seat_user_id)
    if not may_be_over:
        rules.check_is_open(call.ended_at)
    return call


def _seal(call: Call, number: str) -> None:
    """One index finds the caller among people and among calls."""
    if not number:
        return
    call.phone_sealed, call.phone_index = sealing.seal(number, CALLER), sealing.index_of(PHONE, number)
    call.phone_mask = masks.mask_phone(number)


def _own_number(call: Call) -> tuple[str, str]:
    """The caller's own number as a mobile or a land line, both empty when it was not shown."""
    return mobile_or_line(sealing.open_sealed(call.phone_sealed, CALLER) if call.phone_sealed else "")


def _callers_appeal(call: Call, appeal_id: int, by: Actor) -> Appeal:
    """A matter of the one who is speaking, or one that the seat sees anyway."""
    is_seen = appeal_queries.is_visible(appeal_id, by)
    with scope.elevated():
        appeal = Appeal.objects.select_related("person").filter(pk=appeal_id).first()
    known = bytes(call.phone_index) if call.phone_index else None
    theirs = bytes(appeal.person.phone_index) if appeal and appeal.person and appeal.person.phone_index else None
    if appeal is None or not (is_seen or (known is not None and known == theirs)):
        raise NotFound("没有这件诉求，或者不是这个号码的。")
    return appeal


def _speaker(by: Actor, appeal: Appeal) -> Actor:
    """The caller, who speaks through the seat: sees this one matter, and the trace keeps the seat's account."""
    name = f"职工来电（{by.organisation_name}）"
    return replace(by, role=Role.CODE_HOLDER, name=name[:64], appeal_id=appeal.pk, paths=(), path="")


def _linked(call: Call, appeal: Appeal, outcome: CallOutcome) -> Appeal:
    if call.outcome != CallOutcome.REGISTERED:
        call.appeal, call.outcome = appeal, outcome
        call.save(update_fields=["appeal", "outcome"])
    return appeal


def _tell_of_number(call: Call, *, by: Actor, at: datetime) -> None:
    words = f"{rules.CRISIS_NUMBERS[call.crisis_number]} {call.crisis_number}"
    with scope.elevated():
        appeal = Appeal.objects.get(pk=call.appeal_id or 0)
        events.record(
            "appeal.caller_transferred", subject=appeal, by=by, at=at, note=f"通话中已转接或告知{words}", call=call.pk
        )
