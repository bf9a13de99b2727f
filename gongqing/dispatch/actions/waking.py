"""Call whoever is on duty about a red matter, pass an unanswered call on, take the answer."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from gongqing.accounts import queries as accounts
from gongqing.accounts.models import User
from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Access, AccessReason, Appeal
from gongqing.appeals.rules.statuses import BEING_HANDLED, Status
from gongqing.appeals.rules.suspicion import HEARD_AGAIN, suspicion_of
from gongqing.audit import events, scope, writing
from gongqing.audit import queries as audit
from gongqing.audit.actor import ANONYMOUS, SYSTEM, Actor
from gongqing.dispatch import queries
from gongqing.dispatch.models import DutyCall, DutyLink
from gongqing.dispatch.queries import duty as rosters
from gongqing.dispatch.queries import duty_calls
from gongqing.dispatch.queries.hanging import Hanging, hangs
from gongqing.dispatch.rules import duty
from gongqing.dispatch.rules.duty import Turn
from gongqing.lib.errors import NotAllowed, NotFound, NotPermitted
from gongqing.lib.times import day_of, local
from gongqing.notices import actions as notices
from gongqing.registry.models import Organisation, sealing

UNTAKEN = frozenset({Status.CLASSIFIED, Status.DISPATCHED, Status.RETURNED, Status.REOPENED})
CALLED_FOR = UNTAKEN | BEING_HANDLED
MISSED_AFTER, MISSED_WITHIN = timedelta(minutes=2), timedelta(hours=1)
NOBODY_LEFT = "全部呼叫都没有人应答"


@transaction.atomic
def call_duty(*, appeal_id: int, by: Actor, at: datetime, is_taken_too: bool = False) -> DutyCall | None:
    """Begin to call about a red matter, or one with words of danger or a suspicion of it: whoever is on duty there.

    Nobody is called who was called about the same matter at the same place before, nor about one that somebody has
    taken already.

    Args:
        is_taken_too: call although it is being handled: it has become red in the meantime.

    Returns:
        the call that is open now; None when nobody needs to be called, or nobody is there.
    """
    appeal = _locked(appeal_id)
    with scope.elevated():
        open_call = duty_calls.open_call_of(appeal.pk)
        if not _needs_call(appeal):
            if open_call is not None:
                _stop(appeal, open_call, "不再需要应答", by=by, at=at)
            return None
        order = queries.main_order(appeal.pk)
        since = order.dispatched_at if order else appeal.entered_at
        if DutyCall.objects.filter(appeal=appeal, called_at__gte=since).exists():
            return open_call
        if appeal.status not in UNTAKEN | {Status.TRIAGE} and not is_taken_too:
            return None
        if open_call is not None:
            _stop(appeal, open_call, "已转到别的单位", by=by, at=at)
        last = DutyCall.objects.filter(appeal=appeal).order_by("-round").first()
        return _call_next(appeal, round_number=last.round + 1 if last else 1, by=by, at=at)


@transaction.atomic
def pass_call_on(*, call_id: int, by: Actor, at: datetime) -> DutyCall | None:
    """Call the next in line when a call ran out of time; the last of all stays open.

    Returns:
        the new call; None when there was nothing to do.
    """
    found = DutyCall.objects.filter(pk=call_id).values_list("appeal_id", flat=True).first()
    if found is None:
        return None
    appeal = _locked(found)
    with scope.elevated():
        call = DutyCall.objects.select_for_update(of=("self",)).select_related("organisation", "user").get(pk=call_id)
        if call.answered_at is not None or call.passed_on_at is not None or call.answer_by > at:
            return None
        if not _needs_call(appeal):
            _stop(appeal, call, "不再需要应答", by=by, at=at)
            return None
        return _call_next(appeal, round_number=call.round, by=by, at=at, unanswered=call)


def sweep_duty_calls(*, at: datetime) -> int:
    """Pass on every call that ran out of time, and call about what the queue may have lost; returns how many calls.

    Lost may be what came in, was passed to another place, turned red in somebody's hands or became suspected.
    """
    with scope.acting_as(SYSTEM):
        waiting = DutyCall.objects.filter(answered_at__isnull=True, passed_on_at__isnull=True, answer_by__lte=at)
        late = list(waiting.exclude(note=NOBODY_LEFT).order_by("answer_by").values_list("pk", flat=True))
        uncalled = duty_calls.uncalled(since=at - MISSED_WITHIN, until=at - MISSED_AFTER)
    made = 0
    # first: a call at the new place ends the one at the old, which is then not passed on
    for appeal_id, is_taken_too in uncalled.items():
        with scope.acting_as(SYSTEM):
            call = call_duty(appeal_id=appeal_id, by=SYSTEM, at=at, is_taken_too=is_taken_too)
        made += call is not None and call.called_at == at
    for call_id in late:
        with scope.acting_as(SYSTEM):
            made += pass_call_on(call_id=call_id, by=SYSTEM, at=at) is not None
    return made


@transaction.atomic
def answer_duty_call(*, call_id: int, by: Actor, at: datetime) -> DutyCall:
    """Somebody has heard and is at it (我已知晓，正在处理); a late answer to a call that passed on answers the next.

    Raises:
        NotFound, NotPermitted.
        NotAllowed: somebody answered before, or nobody needs to any more.
    """
    call = DutyCall.objects.select_related("organisation").filter(pk=call_id).first()
    if call is None:
        raise NotFound("没有这次呼叫，或者不在您能看的范围内。")
    appeal = appeal_queries.lock(call.appeal_id, by)
    if not duty_calls.may_answer(call, by):
        raise NotPermitted("这次呼叫由被叫到的单位或上级应答。")
    return _answer(appeal, call, by=by, at=at)


@transaction.atomic
def answer_by_link(*, token: str, at: datetime) -> DutyCall:
    """The answer of whoever holds the link of the short message; nothing of the case is shown for it.

    Raises:
        NotFound: no such link, or its holder has left.
        NotAllowed: as `answer_duty_call`.
    """
    with scope.elevated():
        link = duty_calls.link_with(duty_link_digest(token))
        if link is None:
            raise NotFound("这个链接不对，请从短信里重新点开，或登录后在“值班呼叫”里应答。")
        by = _holder(link, at)
        if by is ANONYMOUS:
            raise NotFound("您已不在被叫到的单位任职，不能用这个链接应答。")
        appeal = _locked(link.call.appeal_id)
        answered = _answer(appeal, link.call, by=by, at=at)
        link.used_at = at
        link.save(update_fields=["used_at"])
    return answered


@transaction.atomic(savepoint=False)
def end_duty_calls(*, appeal_id: int, by: Actor, at: datetime, taken: bool) -> None:
    """End the open call of a matter that somebody took in hand (`taken`), or that needs nobody any more.

    Part of what happened to the appeal; the system's own doing is no answer.
    """
    kept = writing.kept()
    if not hangs(appeal_id, Hanging.DUTY_CALL) or (kept is not None and ("uncalled", appeal_id) in kept):
        return
    with scope.elevated():
        call = duty_calls.open_call_of(appeal_id)
        if call is None:
            if kept is not None:
                kept["uncalled", appeal_id] = True
            return
        writing.write_now()
        appeal = Appeal.objects.get(pk=appeal_id)
        if taken and by.user_id is not None:
            _keep_answer(appeal, call, by=by, at=at)
        else:
            _stop(appeal, call, "已有结果，不再需要应答", by=by, at=at)


def duty_link_digest(token: str) -> str:
    """The keyed digest under which a link is kept."""
    return sealing.index_of("dispatch.duty_link", token).hex()


def _locked(appeal_id: int) -> Appeal:
    found = Appeal.objects.select_for_update(of=("self",)).select_related("handler__parent", "region")
    return found.get(pk=appeal_id)


def _needs_call(appeal: Appeal) -> bool:
    if appeal.status in HEARD_AGAIN and suspicion_of(appeal.grade_reasons) is not None:
        return True
    return (appeal.grade == "red" or appeal.needs_call_back) and Status(appeal.status) in CALLED_FOR


def _call_next(
    appeal: Appeal, *, round_number: int, by: Actor, at: datetime, unanswered: DutyCall | None = None
) -> DutyCall | None:
    """Whoever is next in line, in one row and one event; `unanswered` is closed by it."""
    made = list(DutyCall.objects.filter(appeal=appeal, round=round_number).order_by("id"))
    ladder = rosters.ladder_of(appeal, appeal.handler, at)
    turn = duty.next_in_line(ladder, duty_calls.called_in(made), queries.calendar(), at)
    if turn is None:
        _note_that_nobody_is_left(appeal, unanswered, by=by, at=at)
        return None
    if unanswered is not None:
        unanswered.passed_on_at, unanswered.note = at, "时限内没有应答，转呼下一位"
        unanswered.save(update_fields=["passed_on_at", "note"])
        data: dict[str, Any] = {"call": unanswered.pk}
        note = f"{_whom(unanswered)}没有应答，转呼下一位"
        events.record("appeal.duty_passed_on", subject=appeal, by=by, at=at, note=note, **data)
    for hole in turn.holes:
        events.record("appeal.duty_hole", subject=appeal, by=by, at=at, note=f"{hole}，呼叫上一级")
    return _call(appeal, turn, round_number=round_number, by=by, at=at)


def _call(appeal: Appeal, turn: Turn, *, round_number: int, by: Actor, at: datetime) -> DutyCall:
    place = Organisation.objects.get(pk=turn.organisation_id)
    call = DutyCall.objects.create(
        appeal=appeal,
        organisation=place,
        user_id=turn.user_id,
        rank=turn.rank,
        round=round_number,
        reason="；".join([turn.reason, *turn.holes])[:128],
        called_at=at,
        answer_by=at + timedelta(minutes=rosters.answer_minutes(place)),
    )
    seen = Access.objects.filter(appeal=appeal, until__isnull=True, path__startswith=place.path)
    if not seen.exists():
        appeals.grant_access(appeal=appeal, why=AccessReason.SUPERVISE, path=place.path, at=at)
    reached = _tell(appeal, call, place, by=by, at=at)
    note = f"{turn.reason}{'：' + call.user.name if call.user else ''}，请 {local(call.answer_by):%H:%M} 前应答"
    data: dict[str, Any] = {"call": call.pk, "rank": call.rank, "phones": reached}
    events.record("appeal.duty_called", subject=appeal, by=by, at=at, note=note, **data)
    return call


def _tell(appeal: Appeal, call: DutyCall, place: Organisation, *, by: Actor, at: datetime) -> int:
    """A notice and a short message to everybody whom the call is for; returns how many phones were reached."""
    reached = 0
    for user in _people(call, place, at):
        notices.notify(
            text=f"值班呼叫：{appeal.title}，请 {local(call.answer_by):%H:%M} 前应答",
            at=at,
            user_id=user.pk,
            subject_kind="appeal",
            subject_id=appeal.pk,
            link=f"/desk/appeals/{appeal.code}",
        )
        phone = accounts.phone_of(user)
        if not phone:
            continue
        token = secrets.token_urlsafe(18)
        DutyLink.objects.create(call=call, user=user, digest=duty_link_digest(token), made_at=at)
        values = {
            "code": appeal.code,
            "reason": _why(appeal),
            "answer_by": f"{local(call.answer_by):%H:%M}",
            "link": f"{settings.GONGQING.site_url}/d/{token}",
        }
        notices.send_message(
            phone=phone,
            template="duty",
            values=values,
            by=by,
            at=at,
            subject_kind="appeal",
            subject_id=appeal.pk,
            urgent=True,
        )
        reached += 1
    return reached


def _why(appeal: Appeal) -> str:
    if appeal.status == Status.TRIAGE:
        return "疑似有危险的诉求等人先看"
    return "红色诉求等待处理" if appeal.grade == "red" else "有危险言语的诉求等待处理"


def _people(call: DutyCall, place: Organisation, at: datetime) -> Sequence[User]:
    """Whom a call is for: the one on duty, else the whole desk; and whoever stands in for somebody of them today."""
    on = day_of(at)
    called = [call.user] if call.user is not None else rosters.duty_people(place.pk, on)
    deputies = [one for user in called for one in accounts.deputies_of(user.pk, on, organisation_id=place.pk)]
    return list({user.pk: user for user in [*called, *deputies]}.values())


def _answer(appeal: Appeal, call: DutyCall, *, by: Actor, at: datetime) -> DutyCall:
    with scope.elevated():
        current = duty_calls.open_call_of(appeal.pk)
        if current is None:
            raise NotAllowed(duty_calls.why_no_answer(call))
        return _keep_answer(appeal, current, by=by, at=at)


def _keep_answer(appeal: Appeal, call: DutyCall, *, by: Actor, at: datetime) -> DutyCall:
    call.answered_at, call.answered_by_name = at, by.name[:64]
    call.save(update_fields=["answered_at", "answered_by_name"])
    minutes = int((at - call.called_at).total_seconds() // 60)
    words = f"{minutes} 分钟" if minutes else "不到 1 分钟"
    note = f"{by.name}已知晓，正在处理；从呼叫到应答 {words}"
    data: dict[str, Any] = {"call": call.pk}
    events.record("appeal.duty_answered", subject=appeal, by=by, at=at, note=note, **data)
    return call


def _stop(appeal: Appeal, call: DutyCall, why: str, *, by: Actor, at: datetime) -> None:
    call.passed_on_at, call.note = at, why
    call.save(update_fields=["passed_on_at", "note"])
    data: dict[str, Any] = {"call": call.pk}
    events.record("appeal.duty_stopped", subject=appeal, by=by, at=at, note=why, **data)


def _note_that_nobody_is_left(appeal: Appeal, call: DutyCall | None, *, by: Actor, at: datetime) -> None:
    if call is not None:
        call.note = NOBODY_LEFT
        call.save(update_fields=["note"])
    elif audit.events_of("appeal", appeal.pk).filter(kind="appeal.duty_unanswered").exists():
        return
    note = NOBODY_LEFT if call is not None else "各级都没有可以呼叫的人"
    events.record("appeal.duty_unanswered", subject=appeal, by=by, at=at, note=note)


def _holder(link: DutyLink, at: datetime) -> Actor:
    """Whoever holds a link, acting where the call was for; a deputy as one."""
    on = day_of(at)
    here = [one for one in accounts.postings_of(link.user_id, on) if one.organisation_id == link.call.organisation_id]
    stands_in = [one for one in here if one.deputy_of and one.deputy_of.user_id == link.call.user_id]
    for posting in [*stands_in, *here]:
        return accounts.actor_of(link.user, posting, on=on)
    return ANONYMOUS


def _whom(call: DutyCall) -> str:
    return f"{call.organisation}{call.user.name if call.user else duty.RANK_WORDS.get(call.rank, '')}"
