"""How is each step of the desk carried out, and what is it called?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gongqing.accounts.middleware import ScopedRequest
from gongqing.appeals import actions as appeals
from gongqing.dispatch import actions
from gongqing.dispatch.queries.cases import organisation_given
from gongqing.dispatch.queries.hotline import town_given
from gongqing.lib import crypto

NOT_WRITTEN = ("csrfmiddlewaretoken", "back")
Given = Mapping[str, Any]
Run = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that can be done on a case.

    Attributes:
        label: the heading of its form; button: what one presses; told: what the page says afterwards.
        arguments: the form's values as the action takes them.
        key: the letter that presses it on the desk.
        confirm: the question asked before what cannot be taken back.
    """

    label: str
    button: str
    told: str
    run: Run
    arguments: Callable[[Given], Given] = dict
    key: str = ""
    confirm: str = ""


def _place(field: str, name: str) -> Callable[[Given], Given]:
    def arguments(given: Given) -> Given:
        rest = {key: value for key, value in given.items() if key != field}
        return {**rest, name: organisation_given(given[field], field=field)}

    return arguments


def _decided(name: str, words: str) -> Callable[[Given], Given]:
    return lambda given: {name: given["decision"] == "yes", words: given["note"]}


def _attached(given: Given) -> Given:
    return {"name": given["file"].name, "content": given["file"].read()}


def _judged(given: Given) -> Given:
    return {"satisfaction": given["satisfaction"], "text": given["text"]}


def _located(given: Given) -> Given:
    region = town_given(given["place"])
    return {"region_code": region.code if region else "", "reason": given["reason"]}


def _changed_handover(*, appeal_id: int, handover: int, **given: Any) -> object:
    return actions.record_handover(handover_id=handover, **given)


STEPS: dict[str, Step] = {
    "sign": Step("签收这件诉求", "签收", "已签收。", actions.sign_order, key="s"),
    "contact": Step("联系职工", "登记联系", "已登记联系。", actions.contact_worker, key="c"),
    "note": Step("记一笔", "记下", "已记下。", actions.add_note),
    "report": Step("写阶段报告", "交报告", "阶段报告已交。", actions.report_progress),
    "message": Step("给职工留言", "发给职工", "已发给职工。", appeals.add_material),
    "assisted": Step("协办完成", "协办完成", "协办已完成。", actions.finish_assisting),
    "resolve": Step("办结，答复职工", "提交办结", "已提交办结。", actions.resolve_order),
    "review": Step(
        "审核办结", "提交审核意见", "审核意见已记下。", actions.review_resolution, _decided("approve", "note")
    ),
    "extension-decision": Step(
        "审批延期", "提交决定", "延期申请已批复。", actions.decide_extension, _decided("approve", "answer")
    ),
    "return-decision": Step(
        "裁定退回", "提交裁定", "退回申请已裁定。", actions.decide_return, _decided("accept", "answer")
    ),
    "extend": Step("申请延期", "申请延期", "延期申请已送上级。", actions.request_extension),
    "pause": Step("暂停计时", "暂停", "已暂停计时。", actions.pause_order),
    "resume": Step("恢复计时", "恢复计时", "已恢复计时。", actions.resume_order),
    "return": Step(
        "退回", "退回", "已退回。", actions.return_order, confirm="退回后由派单上级改派，您的单位可能不再看到这件。"
    ),
    "transfer": Step("转交", "转交", "已转交。", actions.transfer_order, _place("organisation", "organisation_id")),
    "assist": Step(
        "请求协办", "请对方协办", "已请对方协办。", actions.ask_assistance, _place("organisation", "organisation_id")
    ),
    "hand-over": Step("转部门", "转给部门", "已转给部门。", actions.hand_over, _place("department", "department_id")),
    "handover-state": Step("部门办理情况", "记下", "部门办理情况已更新。", _changed_handover),
    "alert": Step("报告劳动监察", "报告", "已报告劳动监察。", actions.alert_inspection),
    "pass-up": Step(
        "超出本级，报上一级",
        "报上一级",
        "已报上一级办理。",
        actions.pass_up,
        confirm="报上一级后由上级主办，您的单位可能不再看到这件。办结期限接着算，不重新起算。",
    ),
    "answer-supervision": Step("回复督办单", "回复", "督办单已回复。", actions.answer_supervision),
    "urge": Step("催办", "催办", "已催办，转告了办理单位。", actions.urge_appeal),
    "supervise": Step("督办", "发督办单", "督办单已发出。", actions.supervise_appeal),
    "raise": Step("升级（提级办理）", "提到上一级", "已提到上一级办理。", actions.raise_appeal),
    "take-over": Step("接管", "由本单位接管", "已由您的单位接管。", actions.take_over_appeal),
    "classify": Step("确认分类定级", "确认", "分类定级已确认。", appeals.classify_appeal),
    "locate": Step("核定所在地", "核定", "所在地已核定。", appeals.locate_appeal, _located),
    "hotline-kind": Step("定热线件难易", "确定", "热线件难易已确定，期限已重算。", actions.set_hotline_kind),
    "dispatch": Step("派单", "派单", "已派单。", actions.dispatch_appeal, _place("organisation", "organisation_id")),
    "invalidate": Step(
        "判为无效", "判为无效", "已判为无效。", appeals.invalidate_appeal, confirm="判为无效后不再办理，不能恢复。"
    ),
    "withdraw": Step("代职工撤回", "撤回", "已撤回。", appeals.withdraw_appeal, confirm="撤回后不再办理，不能恢复。"),
    "evaluate": Step("代录评价", "记下评价", "评价已记下。", appeals.evaluate_appeal, _judged),
    "reopen": Step("退回重办", "退回重办", "已退回重办，升一级办理。", appeals.reopen_appeal),
    "call-back": Step("登记回访", "回访完成", "回访已登记。", actions.complete_call_back),
    "attach": Step("加附件", "上传", "附件已加上。", appeals.attach_file, _attached),
}


def take(name: str, given: Given, *, appeal_id: int, request: ScopedRequest) -> bool:
    """Carry out one step, once for each sending of its form; whether it was carried out now.

    Raises:
        NotPermitted, NotFound, NotAllowed, BadInput: as its action says.
    """
    step = STEPS[name]
    run = partial(step.run, appeal_id=appeal_id, **step.arguments(given))
    sending = sending_of(name, request)
    return actions.take_once(run, appeal_id=appeal_id, sending=sending, by=request.actor, at=request.at)


def sending_of(name: str, request: ScopedRequest) -> str:
    """The form's once-only number with what is written in it, as a digest; empty where a form brought no number.

    Other words under the same number are another sending, so that nothing is lost that was written after going back.
    """
    if not request.POST.get("sending", ""):
        return ""
    written = [(field, request.POST.getlist(field)) for field in sorted(request.POST) if field not in NOT_WRITTEN]
    files = [(field, one.name, one.size) for field in sorted(request.FILES) for one in request.FILES.getlist(field)]
    return crypto.digest(repr((name, request.actor.user_id, written, files)).encode(errors="surrogatepass"))[:32]
