"""What dispatch hears, and what it does by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from gongqing.appeals.models import Appeal
from gongqing.audit import events
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch import actions
from gongqing.lib import times
from gongqing.lib.errors import NotAllowed


@events.on("appeal.classified", at_once=True)
def dispatch_classified(event: Event) -> None:
    """A classified appeal is dispatched before the person gets an answer; with nobody to have it, it waits."""
    if event.subject_id is None:
        return
    try:
        actions.dispatch_appeal(appeal_id=event.subject_id, by=SYSTEM, at=event.at)
    except NotAllowed as nobody:
        appeal = Appeal.objects.get(pk=event.subject_id)
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


@events.on("appeal.withdrawn", "appeal.invalidated", at_once=True)
def stop_clocks(event: Event) -> None:
    """Nothing withdrawn or invalid ever warns: its clocks and orders end with it."""
    if event.subject_id is not None:
        appeal = Appeal.objects.get(pk=event.subject_id)
        actions.end_orders(appeal=appeal, by=SYSTEM, at=event.at, reason="诉求已撤回或无效")


@events.on("appeal.received")
def tell_it_came_in(event: Event) -> None:
    """The worker reads on the phone the code of the matter and where to look."""
    if event.subject_id is not None:
        actions.announce_receipt(appeal_id=event.subject_id, by=SYSTEM, at=times.now())


@events.on("appeal.tracked")
def tell_of_the_answer(event: Event) -> None:
    """The worker hears that the matter goes on outside the union, and where to read why."""
    if event.subject_id is not None:
        actions.announce_answer(appeal_id=event.subject_id, by=SYSTEM, at=times.now())


@events.on("appeal.dispatched")
def tell_who_handles_it(event: Event) -> None:
    """The worker reads on the phone who has the matter and by when."""
    if event.subject_id is not None:
        actions.announce_handler(appeal_id=event.subject_id, by=SYSTEM, at=times.now())


@events.on("appeal.resolved")
def ask_for_judgement(event: Event) -> None:
    """The worker is asked to judge the answer, by a link that needs no sign-in."""
    if event.subject_id is not None:
        actions.ask_evaluation(appeal_id=event.subject_id, by=SYSTEM, at=times.now())


@app.periodic(cron="* * * * *")
@app.task(name="dispatch.sweep_clocks", queue="sweeps", queueing_lock="sweep_clocks")
def sweep_clocks(timestamp: int) -> None:
    """Every minute: warn, mark overdue, escalate."""
    actions.sweep_clocks(at=times.now())


@app.periodic(cron="17 * * * *")
@app.task(name="dispatch.sweep_unevaluated", queue="sweeps", queueing_lock="sweep_unevaluated")
def sweep_unevaluated(timestamp: int) -> None:
    """Every hour: archive what nobody judged in time."""
    actions.sweep_unevaluated(at=times.now())
