"""What runs by itself: loads in slices, and once a night the forgetting of what nobody needs any more."""

from __future__ import annotations

import logging
from datetime import timedelta
from time import monotonic

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from gongqing.accounts import actions, queries
from gongqing.audit import events, scope
from gongqing.audit.actor import ANONYMOUS, SYSTEM, Actor
from gongqing.audit.models import Event
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotFound, NotPermitted
from gongqing.lib.times import day_of, now
from gongqing.registry.actions import loads
from gongqing.registry.models import Load, LoadState

SLICE = 20.0
QUIET = timedelta(seconds=60)
BEHIND_OTHERS = -10
LOADS = "loads"
UNDER_WAY = (LoadState.RUNNING, LoadState.UNDOING)
BROKEN = "系统没有处理成功，已停在这里，没有丢数据；请联系管理员查看日志后再点“继续”。"

_log = logging.getLogger(__name__)


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.forget", queue="periodic", queueing_lock="accounts.forget")
def forget(timestamp: int) -> None:
    """Delete what no limit counts any more, first passwords that ran out, and files of loads nobody went on with."""
    with scope.acting_as(SYSTEM):
        actions.forget_old_attempts(at=now())
        actions.wipe_expired_first_passwords(at=now())
        loads.forget_old_loads(at=now())


@events.on("load.started", "load.undo_started", at_once=True)
def queue_load(event: Event) -> None:
    """A load that was started is dealt with by a job, unless a command is at it."""
    if event.subject_id is not None and not event.data.get("in_hand"):
        queue_slice(event.subject_id)


@app.task(name="accounts.run_load", queue=LOADS, lock=LOADS, priority=BEHIND_OTHERS)
def run_load(load_id: int) -> None:
    """Deal with the rows of a load for some seconds, then queue the rest behind whoever waits.

    One load runs at a time, behind all other jobs, so that messages and clocks never wait for it.
    """
    until = monotonic() + SLICE
    while monotonic() < until:
        if not _advance(load_id):
            return
    queue_slice(load_id)


@app.periodic(cron="* * * * *")
@app.task(name="accounts.revive_loads", queue="periodic", queueing_lock="accounts.revive_loads")
def revive_loads(timestamp: int) -> None:
    """Every minute: what was being loaded when its worker died goes on where it stood."""
    with scope.acting_as(SYSTEM):
        queued = ProcrastinateJob.objects.filter(task_name=run_load.name, status__in=["todo", "doing"])
        waiting = {job.args["load_id"] for job in queued}
        for load in Load.objects.filter(state__in=UNDER_WAY).exclude(pk__in=waiting):
            if loads.last_step_of(load) < now() - QUIET:
                queue_slice(load.pk)


def queue_slice(load_id: int) -> None:
    """Queue the next slice of a load, once."""
    try:
        with transaction.atomic():
            run_load.configure(queueing_lock=f"load-{load_id}").defer(load_id=load_id)
    except AlreadyEnqueued:
        return


def loader_of(load: Load) -> Actor:
    """Who made the load, as he or she is posted today; ANONYMOUS when the posting has ended."""
    if load.by_user_id is None:
        return SYSTEM
    user = queries.user_numbered(load.by_user_id)
    if user is None:
        return ANONYMOUS
    on = day_of(now())
    for posting in queries.postings_of(user.pk, on):
        actor = queries.actor_of(user, posting, on=on)
        if posting.organisation_id == load.organisation_id and load.kind in loads.kinds_for(actor):
            return actor
    return ANONYMOUS


def _advance(load_id: int) -> bool:
    """One more chunk; False when there is nothing left to do, or it cannot go on."""
    fault = ""
    try:
        with scope.acting_as(SYSTEM):
            load = Load.objects.filter(pk=load_id).first()
            by = loader_of(load) if load else ANONYMOUS
        if load is None or load.state not in UNDER_WAY:
            return False
        if by is ANONYMOUS:
            fault = f"{load.by_name}已不在原岗位，不能继续导入；请由现任人员重新上传。"
        else:
            with scope.acting_as(by):
                return loads.advance_load(load_id=load_id, by=by, at=now()).state in UNDER_WAY
    except (BadInput, BadInputs, NotAllowed, NotFound, NotPermitted) as refused:
        fault = str(refused)
    except Exception:
        _log.exception("load %s broke", load_id)
        fault = BROKEN
    with scope.acting_as(SYSTEM):
        loads.fail_load(load_id=load_id, fault=fault, by=SYSTEM, at=now())
    return False
