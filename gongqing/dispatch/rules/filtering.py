"""When does an appeal go one level up, and who may send it there? (梯次过滤: 基层 → 片区 → 镇街 → 县 → 市)

Up by a word of the handler that it is beyond the own level, or by itself after three working days without a contact, a
report or a granted extension. Never down again by itself, and never beyond the city. Signing and contact begin anew for
the new handler; the closing clock runs on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from gongqing.appeals.rules.statuses import BEING_HANDLED, Status
from gongqing.dispatch.rules.levels import LADDER, Level, level_above, rank
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.times import day_of
from gongqing.lib.workdays import Calendar, end_of_day

IDLE_DAYS = 3  # working days
SHORTEST_REASON = 4
MOVABLE = BEING_HANDLED | {Status.DISPATCHED, Status.REOPENED}
# events after which the three days begin anew; a note that nobody but staff reads is none of them
STEPS = (
    *("appeal.signed", "appeal.contacted", "appeal.contacted_again", "appeal.reported"),
    *("appeal.extension_granted", "appeal.extension_refused", "appeal.resumed", "appeal.review_refused"),
    *("appeal.return_refused", "appeal.handover_changed", "appeal.unmerged", "appeal.filter_reached_top"),
)
STANDING_STILL = {
    Status.PAUSED: "正在暂停计时，请先恢复，再报上一级。",
    Status.TRACKED: "已经转到外部办理，不用报上一级。",
    Status.IN_REVIEW: "已经送审，等审核意见，不能报上一级。",
}


def check_can_pass_up(*, status: str, level: str, order_status: str) -> None:
    """Refuse a step up that makes no sense where the appeal stands.

    Raises:
        NotAllowed: it stands still, waits for a decision, lies with a department, or with the city already.
    """
    if (words := STANDING_STILL.get(Status(status))) is not None:
        raise NotAllowed(words)
    if status not in MOVABLE:
        raise NotAllowed("这件诉求现在没有在办，不能报上一级。")
    if order_status == "return_asked":
        raise NotAllowed("退回申请正在等上级裁定，暂不能报上一级。")
    if level == Level.DEPARTMENT:
        raise NotAllowed("部门办理的事项不走梯次过滤，办不了请退回，由工会改派。")
    if level_above(level) is None:
        raise NotAllowed("市级是最高一级，没有再上一级；需要部门办的请用“转部门”。")


def check_reason(reason: str) -> None:
    """Refuse a step up without a word on why.

    Raises:
        BadInput: on `reason`.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput("reason", "请写明为什么超出本级、已经做了什么、希望上级做什么。")


def rung_above(level: str) -> Level:
    """The level that gets it next; the city for what stands on no rung."""
    return level_above(level) or Level.CITY


def goes_by_itself(*, status: str, level: str, order_status: str, waits_for_others: bool) -> bool:
    """Whether a matter at which nothing happens is moved up by the clock.

    Args:
        waits_for_others: an extension is being decided, or a department has it in hand.
    """
    return (
        status in MOVABLE
        and level in LADDER
        and order_status not in ("return_asked", "paused")
        and not waits_for_others
    )


def is_top(level: str) -> bool:
    """Whether nobody stands above: the city, which is told instead."""
    return rank(level) == len(LADDER) - 1


def idle_since(calendar: Calendar, at: datetime) -> datetime:
    """Whatever has had no step at or after this moment has stood still for three whole working days."""
    day = day_of(at)
    while calendar.end_of_workday(day, IDLE_DAYS) > at:
        day -= timedelta(days=1)
    return end_of_day(day)
