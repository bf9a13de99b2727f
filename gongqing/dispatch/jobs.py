"""What dispatch hears, and what it does by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from procrastinate.contrib.django import app

from gongqing.accounts import queries as accounts
from gongqing.accounts.models import Posting
from gongqing.appeals.models import Appeal
from gongqing.audit import events, scope, writing
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.audit.models import Event
from gongqing.dispatch import actions, queries
from gongqing.dispatch.queries.quality import last_month
from gongqing.dispatch.rules.duty import BECAME_WORSE, CALLED_AFTER
from gongqing.lib import times
from gongqing.lib.errors import NotAllowed
from gongqing.registry.models import Organisation

CALLS_LAST = timedelta(days=1)
RECOUNTS_FOR = timedelta(seconds=50)
SWEEP_LASTS = timedelta(seconds=20)


@events.on("appeal.classified", at_once=True, reads_back=False)
def dispatch_classified(event: Event) -> None:
    """A classified appeal is dispatched before the person gets an answer; with nobody to have it, it waits."""
    appeal = event.subject
    if not isinstance(appeal, Appeal):
        return
    try:
        if appeal._state.adding:
            actions.dispatch_new(appeal, by=SYSTEM, at=event.at)
        else:
            writing.write_now()
            actions.dispatch_appeal(appeal_id=appeal.pk, by=SYSTEM, at=event.at)
    except NotAllowed as nobody:
        events.record("appeal.dispatch_waits", subject=appeal, by=SYSTEM, at=event.at, note=str(nobody))


@events.on("appeal.reopened", at_once=True)
def dispatch_again(event: Event) -> None:
    """A reopened appeal goes one level up at once."""
    if event.subject_id is not None:
        actions.dispatch_reopened(appeal_id=event.subject_id, by=SYSTEM, at=event.at, reason=event.note)


@events.on("appeal.reclassified", at_once=True)
def follow_grade(event: Event) -> None:
    """A changed grade or category changes the limits of whoever handles the appeal."""
    if event.subject_id is not None:
        appeal = Appeal.objects.select_related("category", "handler").get(pk=event.subject_id)
        actions.follow_grade(appeal=appeal, by=SYSTEM, at=event.at, reason=event.note or "改类改级")


@events.on("appeal.located", at_once=True)
def follow_place(event: Event) -> None:
    """A settled place changes who handles an appeal that nobody has signed."""
    if event.subject_id is not None:
        appeal = Appeal.objects.select_related("category", "handler", "region").get(pk=event.subject_id)
        actions.follow_place(appeal=appeal, by=SYSTEM, at=event.at)


@events.on("appeal.withdrawn", "appeal.invalidated", at_once=True)
def stop_clocks(event: Event) -> None:
    """Nothing withdrawn or invalid ever warns: its clocks and orders end with it."""
    if event.subject_id is not None:
        appeal = Appeal.objects.get(pk=event.subject_id)
        actions.end_orders(appeal=appeal, by=SYSTEM, at=event.at, reason="诉求已撤回或无效")


def _has_worker(event: Event) -> bool:
    """Whether there is somebody to be told."""
    return getattr(event.subject, "person_id", 0) is not None


def _may_wake(event: Event) -> bool:
    """Whether somebody may have to be called, or a call be taken back; a change of grade may do both."""
    matter = event.subject
    if event.kind in ("appeal.reclassified", "appeal.suspected") or not isinstance(matter, Appeal):
        return True
    return matter.grade == "red" or matter.needs_call_back


_NEWS = {
    "appeal.received": actions.News.RECEIPT,
    "appeal.dispatched": actions.News.HANDLER,
    "appeal.tracked": actions.News.ANSWER,
    "appeal.resolved": actions.News.EVALUATION,
}


@events.on_groups("appeal.received", "appeal.dispatched", "appeal.tracked", when=_has_worker)
@events.on_groups("appeal.resolved")
def tell_workers(found: Sequence[Event]) -> None:
    """The worker reads on the phone that the matter was taken in, who has it and by when, or that it goes on outside.

    Of an answer the worker is asked to judge it, by a link that needs no sign-in.
    """
    news = [(event.subject_id, _NEWS[event.kind]) for event in found if event.subject_id is not None]
    actions.tell_workers(news=news, by=SYSTEM, at=times.now())


@events.on("appeal.resolved", at_once=True, reads_back=False)
def plan_call_back(event: Event) -> None:
    """A matter of the hotline is rung about on the next working day after its answer."""
    if isinstance(event.subject, Appeal):
        actions.plan_call_back(appeal=event.subject, by=SYSTEM, at=event.at)


@events.on("appeal.evaluated", "appeal.archived", at_once=True)
def drop_call_back(event: Event) -> None:
    """What was judged, or archived without a judgement, needs no ringing any more."""
    if event.subject_id is not None:
        appeal = Appeal.objects.get(pk=event.subject_id)
        reason = "职工已作评价" if event.kind == "appeal.evaluated" else "已归档"
        actions.drop_call_back(appeal=appeal, by=SYSTEM, at=event.at, reason=reason)


@app.periodic(cron="20 6 1 * *")
@app.task(name="dispatch.draw_quality_checks", queue="sweeps", queueing_lock="draw_quality_checks")
def draw_quality_checks(timestamp: int) -> None:
    """On the first of every month: draw last month's closed matters of every hotline, unless somebody has."""
    at = times.now()
    with scope.acting_as(SYSTEM):
        lines = list(Organisation.objects.filter(kind="hotline", is_active=True).order_by("pk"))
    for line in lines:
        with scope.acting_as(SYSTEM), suppress(NotAllowed):
            actions.draw_quality_checks(hotline_id=line.pk, month=last_month(at), by=SYSTEM, at=at)


@events.on(*CALLED_AFTER, when=_may_wake)
def call_duty(event: Event) -> None:
    """Whoever is on duty is called about a red matter as soon as it lies somewhere; not about yesterday's."""
    at = times.now()
    if event.subject_id is not None and at - event.at < CALLS_LAST:
        actions.call_duty(appeal_id=event.subject_id, by=SYSTEM, at=at, is_taken_too=event.kind == BECAME_WORSE)


@events.on(
    "appeal.signed", "appeal.contacted", "appeal.contacted_again", "appeal.reported", at_once=True, reads_back=False
)
def count_as_answer(event: Event) -> None:
    """Whoever takes a red matter in hand has answered its call."""
    _end_duty_calls(event, taken=True)


@events.on(
    *("appeal.resolved", "appeal.tracked", "appeal.archived"),
    *("appeal.withdrawn", "appeal.invalidated", "appeal.merged"),
    at_once=True,
    reads_back=False,
)
def stop_duty_calls(event: Event) -> None:
    """Nobody is called about what has ended."""
    _end_duty_calls(event, taken=False)


def _end_duty_calls(event: Event, *, taken: bool) -> None:
    if event.subject_id is not None:
        actions.end_duty_calls(appeal_id=event.subject_id, by=_who(event), at=event.at, taken=taken)


def _who(event: Event) -> Actor:
    return Actor(
        role=Role(event.role),
        name=event.name,
        user_id=event.user_id,
        organisation_id=event.organisation_id,
        organisation_name=event.organisation_name,
    )


@events.on("organisation.moved", at_once=True)
def carry_calls(event: Event) -> None:
    """The calls taken at a hotline follow it to its new place in the tree."""
    before, after = event.data["path"]
    actions.carry_calls(before=before, after=after)


@app.periodic(cron="* * * * *")
@app.task(name="dispatch.sweep_duty_calls", queue="sweeps", queueing_lock="sweep_duty_calls")
def sweep_duty_calls(timestamp: int) -> None:
    """Every minute: an unanswered call passes to the next in line, and one that was never made is made."""
    actions.sweep_duty_calls(at=times.now())


@app.periodic(cron="23 * * * *")
@app.task(name="dispatch.warn_of_roster_holes", queue="sweeps", queueing_lock="warn_of_roster_holes")
def warn_of_roster_holes(timestamp: int) -> None:
    """Every hour: whoever makes a roster reads of its holes three days and a day ahead."""
    actions.warn_of_roster_holes(at=times.now())


@events.on("appeal.reopened", at_once=True)
def return_to_lists(event: Event) -> None:
    """What was struck off a list for an appeal that is reopened stands on it again."""
    if event.subject_id is not None:
        actions.return_entries(appeal_id=event.subject_id, by=SYSTEM, at=event.at, reason=event.note or "退回重办")


@events.on("appeal.withdrawn", "appeal.invalidated", at_once=True)
def leave_lists(event: Event) -> None:
    """Nothing withdrawn or invalid is settled any more."""
    if event.subject_id is not None:
        reason = "诉求已撤回" if event.kind == "appeal.withdrawn" else "诉求判为无效"
        actions.drop_entries(appeal_id=event.subject_id, by=SYSTEM, at=event.at, reason=reason)


@events.on("appeal.redispatched", "appeal.transferred", "appeal.passed_up", at_once=True, reads_back=False)
def ask_new_handler(event: Event) -> None:
    """A matter on a list is asked of whoever has the appeal now."""
    if event.subject_id is not None:
        actions.follow_handler(appeal_id=event.subject_id, by=SYSTEM, at=event.at)


@events.on("posting.ended", "deputy.ended", at_once=True)
def pass_on_work(event: Event) -> None:
    """Whoever leaves a posting today leaves the open work to the successor, or to the organisation."""
    posting = Posting.objects.filter(pk=event.subject_id or 0).first()
    if posting is not None and posting.until is not None and posting.until <= times.day_of(event.at):
        _pass_on(posting, event)


@events.on("user.deactivated", at_once=True)
def pass_on_all_work(event: Event) -> None:
    """An account out of use works nowhere: what lay with it passes on from each of its postings."""
    for posting in accounts.postings_of(event.subject_id or 0, times.day_of(event.at)):
        _pass_on(posting, event, note="账号停用")


def _pass_on(posting: Posting, event: Event, note: str = "") -> None:
    actions.pass_on_work(
        posting_id=posting.pk,
        successor_id=event.data.get("successor"),
        note=event.note or note,
        by=_who(event),
        at=event.at,
    )


@app.periodic(cron="4 0 * * *")
@app.task(name="dispatch.pass_on_ended", queue="sweeps", queueing_lock="pass_on_ended")
def pass_on_ended(timestamp: int) -> None:
    """After midnight: the work of those whose posting ended with the day that was."""
    at = times.now()
    with scope.acting_as(SYSTEM):
        today = times.day_of(at)
        ended = Posting.objects.filter(until__lte=today, until__gt=today - timedelta(days=7)).order_by("pk")
        for posting in ended:
            told = Event.objects.filter(kind="posting.ended", subject_id=posting.pk).order_by("-id").first()
            actions.pass_on_work(
                posting_id=posting.pk,
                successor_id=told.data.get("successor") if told else None,
                note=told.note if told else "任职到期",
                by=SYSTEM,
                at=at,
            )


@events.on("appeal.redispatched", "appeal.transferred", "appeal.passed_up", at_once=True, reads_back=False)
def settle_supervisions(event: Event) -> None:
    """Whoever supervised a matter and now handles it owes itself no answer."""
    if isinstance(event.subject, Appeal):
        actions.settle_supervisions(appeal=event.subject, at=event.at)


@app.periodic(cron="* * * * *")
@app.task(name="dispatch.sweep_clocks", queue="sweeps", queueing_lock="sweep_clocks", lock="sweep_clocks")
def sweep_clocks(timestamp: int) -> None:
    """Every minute: warn, climb the ladder, send digests; what is too much for one run goes on in the next."""
    actions.sweep_clocks(at=times.now(), budget=SWEEP_LASTS)


@app.periodic(cron="41 * * * *")
@app.task(name="dispatch.filter_stalled", queue="sweeps", queueing_lock="filter_stalled")
def filter_stalled(timestamp: int) -> None:
    """Every hour of working time: what nobody has touched for three working days goes one level up."""
    at = times.now()
    if queries.calendar().is_working_time(at):
        actions.filter_stalled(at=at)


@app.periodic(cron="40 8 * * *")
@app.task(name="dispatch.remind_of_promises", queue="sweeps", queueing_lock="remind_of_promises")
def remind_of_promises(timestamp: int) -> None:
    """Every morning: handlers read of the days that their answers promised and that have come."""
    actions.remind_of_promises(at=times.now())


@app.periodic(cron="52 3 * * *")
@app.task(name="dispatch.forget_digests", queue="sweeps", queueing_lock="forget_digests")
def forget_digests(timestamp: int) -> None:
    """Every night: digests of long ago are taken away."""
    actions.forget_digests(at=times.now())


@app.periodic(cron="* * * * *")
@app.task(name="dispatch.recount_clocks", queue="sweeps", queueing_lock="recount_clocks")
def recount_clocks(timestamp: int) -> None:
    """Every minute: carry changes of calendar and limits on to the open clocks, a slice at a time."""
    until = times.now() + RECOUNTS_FOR
    with_more = True
    while with_more and times.now() < until:
        with scope.acting_as(SYSTEM):
            with_more = actions.recount_slice(at=times.now())


@app.periodic(cron="17 * * * *")
@app.task(name="dispatch.sweep_unevaluated", queue="sweeps", queueing_lock="sweep_unevaluated")
def sweep_unevaluated(timestamp: int) -> None:
    """Every hour: archive what nobody judged in time."""
    actions.sweep_unevaluated(at=times.now())


@events.on(
    *("appeal.dispatched", "appeal.redispatched", "appeal.transferred", "appeal.returned"),
    *("appeal.assistance_asked", "appeal.escalated", "appeal.reclassified", "appeal.passed_up"),
    at_once=True,
    reads_back=False,
)
def follow_lead(event: Event) -> None:
    """The parts of a case follow their lead to whoever has it now."""
    if event.kind == "appeal.escalated" and not event.data.get("is_granted"):
        return  # whoever supervises it saw it before; the sweep may tell of thousands at once
    lead = event.subject
    if isinstance(lead, Appeal) and not lead._state.adding:
        actions.follow_lead(lead=lead, by=SYSTEM, at=event.at)


@events.on("appeal.resolved", at_once=True, reads_back=False)
def answer_parts(event: Event) -> None:
    """With the lead every part is answered, and each worker is asked to judge."""
    if isinstance(event.subject, Appeal) and "with_lead" not in event.data:
        actions.answer_parts(lead=event.subject, by=_who(event), at=event.at)


@events.on("appeal.reopened", at_once=True)
def free_reopened_part(event: Event) -> None:
    """Whoever is dissatisfied has his own matter handled again, not the whole case."""
    if isinstance(event.subject, Appeal):
        actions.free_part(appeal=event.subject, by=SYSTEM, at=event.at, reason="职工不满意，单独重办")


@events.on("appeal.withdrawn", "appeal.invalidated", at_once=True)
def free_parts(event: Event) -> None:
    """What ends by itself leaves its case; the parts of a lead that ends go on by themselves."""
    if isinstance(event.subject, Appeal):
        reason = "本件已撤回或无效"
        if not actions.free_part(appeal=event.subject, by=SYSTEM, at=event.at, reason=reason):
            actions.free_parts(lead=event.subject, by=SYSTEM, at=event.at, reason="主件已撤回或无效，各件接着办")


@events.on("appeal.material_added", "appeal.file_attached", at_once=True)
def pass_words_on(event: Event) -> None:
    """What a part's worker adds reaches whoever handles the case."""
    if isinstance(event.subject, Appeal) and event.role in (Role.WORKER, Role.CODE_HOLDER):
        actions.pass_words_on(part=event.subject, by=SYSTEM, at=event.at)


@events.on("appeal.claims_entered", "appeal.claim_corrected", at_once=True)
def regrade_lead(event: Event) -> None:
    """What the sheet says of people and money may raise the grade of the case."""
    if isinstance(event.subject, Appeal):
        actions.regrade_lead(lead=event.subject, by=SYSTEM, at=event.at)
