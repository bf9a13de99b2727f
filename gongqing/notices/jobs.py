"""Sends what is queued."""

from __future__ import annotations

from procrastinate.contrib.django import app

from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.jobs import RETRIES
from gongqing.audit.models import Event
from gongqing.lib.times import now
from gongqing.notices import actions

MOST_SWEPT = 1_000  # messages of one round
MOST_TOGETHER = 100  # of one transaction
LEAVES_FOR = 0.5  # seconds of one transaction


@app.task(name="notices.deliver", queue="messages", retry=RETRIES)
def deliver(*, message_id: int) -> None:
    """Hand an urgent message to the gateway; `deliver_due` sees to the next try."""
    with scope.acting_as(SYSTEM):
        actions.deliver_message(message_id=message_id, at=now())


@app.periodic(cron="* * * * * */10")
@app.task(name="notices.deliver_due", queue="messages", queueing_lock="notices.deliver_due")
def deliver_due(timestamp: int) -> None:
    """Every ten seconds: what may leave now, some in a transaction; also urgent messages whose own job was lost."""
    tried, done = 1, 0
    while tried and done < MOST_SWEPT:
        with scope.acting_as(SYSTEM):
            tried = actions.deliver_due_messages(at=now(), most=MOST_TOGETHER, seconds=LEAVES_FOR)
        done += tried


@events.on("recovery_code.used", at_once=True)
def tell_of_recovery_code(event: Event) -> None:
    """Whoever's recovery code was used reads of it: a stranger may have found the list."""
    left = event.data["left"]
    actions.notify(
        user_id=event.subject_id,
        text=f"有人用恢复码代替动态口令验证了您的账号，还剩 {left} 个。不是您本人，请马上改密码并联系系统管理员。",
        subject_kind="user",
        subject_id=event.subject_id,
        link="/desk/account/second-factor",
        at=event.at,
    )
