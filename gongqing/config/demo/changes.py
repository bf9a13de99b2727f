"""Which changes of the rules does the demonstration show: one in force, one that waits for a second person?"""

from __future__ import annotations

from datetime import datetime, timedelta

from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.config.demo.cast import Cast
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.models import RuleChange
from gongqing.dispatch.rules.rule_contents import row_of
from gongqing.lib.times import day_of

WATCHED = {
    "id": "R-23",
    "note": "女职工权益和打击报复的诉求由区县督办",
    "when": {"category": ["LE10", "DP05"]},
    "supervising": "county",
}
PAST_REASON = "市总工会年初部署：须保密的诉求一律由区县督办，防止在单位周边处理。"
WAITING_REASON = "三季度橙级件镇街平均签收慢，拟改由区县主办、镇街协办，先看预演再定。"


def show_past_rule_change(cast: Cast, *, at: datetime) -> RuleChange:
    """A row of routing that two supervisors of the city brought in, in force since before the first appeal."""
    maker, second = cast.named["city"], cast.named["city-2"]
    change = _started(maker, at=at - timedelta(days=2))
    dispatch.edit_rule_row(change_id=change.pk, key="new", row=WATCHED, by=maker, at=at - timedelta(days=2))
    _submitted(change, PAST_REASON, maker, at=at - timedelta(days=2))
    with scope.acting_as(second):
        return dispatch.approve_rule_change(change_id=change.pk, answer="同意", by=second, at=at - timedelta(days=1))


def show_rule_change(cast: Cast, *, at: datetime) -> RuleChange:
    """A change that waits, with its preview on the appeals of the last weeks; the standing account may decide it."""
    maker, moment = cast.named["city-2"], at - timedelta(hours=20)
    change = _started(maker, at=moment)
    raised = {**row_of("routing", change.content, "R-12"), "note": "橙级由区县以上办理", "at_least": "county"}
    raised["assisting"] = ["town", "zone"]
    dispatch.edit_rule_row(change_id=change.pk, key="R-12", row=raised, by=maker, at=moment)
    first_day = day_of(at) + timedelta(days=7)
    dispatch.edit_rule_change(change_id=change.pk, effective_from=first_day, by=maker, at=moment)
    return _submitted(change, WAITING_REASON, maker, at=moment)


def _started(maker: Actor, *, at: datetime) -> RuleChange:
    with scope.acting_as(maker):
        return dispatch.start_rule_change(kind="routing", by=maker, at=at)


def _submitted(change: RuleChange, reason: str, maker: Actor, *, at: datetime) -> RuleChange:
    with scope.acting_as(maker):
        return dispatch.submit_rule_change(change_id=change.pk, reason=reason, by=maker, at=at)
