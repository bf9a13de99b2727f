"""Everything that can be done to an appeal through the API; each answers the appeal as it then stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.audit.standing import standing_rules
from gongqing.dispatch import actions
from gongqing.dispatch.api import bodies
from gongqing.dispatch.api.access import scoped
from gongqing.dispatch.api.answers import REFUSALS, AppealAnswer, ResolvedAnswer
from gongqing.dispatch.api.fields import Code, sent
from gongqing.dispatch.queries import cases
from gongqing.lib.errors import BadInput

router = Router(tags=["verbs 办理"])
CONTACTED = "已电话联系职工"
View = Callable[..., Any]


def _verb(path: str, summary: str) -> Callable[[View], View]:
    """A POST on an appeal, answering the appeal."""
    name = path.replace("/", "_").replace("-", "_")
    return router.post(
        f"/appeals/{{code}}/{path}",
        response={200: AppealAnswer, **REFUSALS},
        summary=summary,
        operation_id=f"{name}_appeal",
    )


def _done(request: HttpRequest, code: str, action: Callable[..., object], /, **given: Any) -> HttpResponse:
    by, at = scoped(request).actor, scoped(request).at
    appeal_id = cases.case_id(code, by)
    action(appeal_id=appeal_id, by=by, at=at, **given)
    return sent(AppealAnswer.of_case(cases.case_after(appeal_id, by, at)))


def _left(request: HttpRequest, code: str, action: Callable[..., Appeal], /, **given: Any) -> HttpResponse:
    """As `_done`, of an action that answers the appeal as it and its listeners have left it."""
    by, at = scoped(request).actor, scoped(request).at
    with standing_rules(scoped(request).rule_stamp):
        appeal = action(appeal_id=cases.case_id(code, by), by=by, at=at, **given)
        return sent(AppealAnswer.of_case(cases.case_as_left(appeal, by, at)))


@_verb("classify", "定类定级 · Classify")
def classify(request: HttpRequest, code: Code, body: bodies.ClassifyBody) -> Any:
    """待分类的诉求由人确定类别后自动派单；以后也可更正类别，或凭原因调整等级。"""
    return _done(
        request,
        code,
        appeals.classify_appeal,
        code=body.category or "",
        grade=body.grade or "",
        kind=body.kind or "",
        second_code=body.second_category or "",
        labour=body.labour,
        reason=body.reason,
    )


@_verb("locate", "核定所在地 · Settle the place")
def locate(request: HttpRequest, code: Code, body: bodies.LocateBody) -> Any:
    """核定事情发生在哪个县区、镇街；没有签收的按规则改派，编号不变。 Unsigned appeals follow the routing rules."""
    try:
        return _done(request, code, appeals.locate_appeal, region_code=body.region_code, reason=body.reason)
    except BadInput as refused:
        field = "region_code" if refused.field == "place" else refused.field
        raise BadInput(field, refused.message) from refused


@_verb("dispatch", "派单 · Dispatch")
def dispatch(request: HttpRequest, code: Code, body: bodies.DispatchBody | None = None) -> Any:
    """不写单位按规则派；未签收时可改派，派给同一单位不变。 Again on an unsigned appeal re-dispatches."""
    given = body or bodies.DispatchBody()
    with standing_rules(scoped(request).rule_stamp):
        chosen = cases.organisation_given(given.organisation, field="organisation")
        return _left(request, code, actions.dispatch_appeal, organisation_id=chosen, note=given.note)


@_verb("sign", "签收 · Sign")
def sign(request: HttpRequest, code: Code, body: bodies.SignBody | None = None) -> Any:
    """主办单位或其上级签收，签收时限到此为止。"""
    return _done(request, code, actions.sign_order, note=body.note if body else "")


@_verb("contact", "登记联系 · Contact")
def contact(request: HttpRequest, code: Code, body: bodies.ContactBody | None = None) -> Any:
    """已与职工联系；第一次联系到此满足首次联系时限。"""
    note = body.note if body else ""
    return _done(request, code, actions.contact_worker, note=note or CONTACTED)


@_verb("report", "阶段报告 · Report")
def report(request: HttpRequest, code: Code, body: bodies.ReportBody) -> Any:
    """交一份阶段报告，下一份重新起算。"""
    return _done(request, code, actions.report_progress, note=body.note)


@_verb("note", "办理记录 · Note")
def note(request: HttpRequest, code: Code, body: bodies.NoteBody) -> Any:
    """主办、协办或上级的工作记录，职工看不到。 For staff alone."""
    return _done(request, code, actions.add_note, note=body.note)


@_verb("assist-done", "协办办完 · Assisting done")
def assist_done(request: HttpRequest, code: Code, body: bodies.NoteBody) -> Any:
    """协办单位办完自己那一份。"""
    return _done(request, code, actions.finish_assisting, note=body.note)


@_verb("extend", "申请延期 · Ask for more time")
def extend(request: HttpRequest, code: Code, body: bodies.ExtendBody) -> Any:
    """绿色由镇街、黄橙由区县、红色由市审批。"""
    return _done(request, code, actions.request_extension, working_days=body.working_days, reason=body.reason)


@_verb("extend/decision", "审批延期 · Decide an extension")
def decide_extension(request: HttpRequest, code: Code, body: bodies.DecisionBody) -> Any:
    """同意后按工作日顺延办结期限。"""
    return _done(request, code, actions.decide_extension, approve=body.approve, answer=body.note)


@_verb("pause", "暂停计时 · Pause")
def pause(request: HttpRequest, code: Code, body: bodies.PauseBody) -> Any:
    """只有三种情形可以暂停；转法律程序的变为 tracked。"""
    return _done(request, code, actions.pause_order, reason=body.reason, note=body.note)


@_verb("resume", "恢复计时 · Resume")
def resume(request: HttpRequest, code: Code, body: bodies.ResumeBody | None = None) -> Any:
    """暂停的净时间加到期限上。"""
    return _done(request, code, actions.resume_order, note=body.note if body else "")


@_verb("return", "退回 · Return")
def give_back(request: HttpRequest, code: Code, body: bodies.ReasonBody) -> Any:
    """不归本单位办的退回；第二次退回由派单上级裁定。"""
    return _done(request, code, actions.return_order, reason=body.reason)


@_verb("return/decision", "裁定退回 · Decide a return")
def decide_return(request: HttpRequest, code: Code, body: bodies.ReturnDecisionBody) -> Any:
    """同意即退回改派，不同意则由原单位继续办。"""
    return _done(request, code, actions.decide_return, accept=body.accept, answer=body.note)


@_verb("transfer", "转交 · Transfer")
def transfer(request: HttpRequest, code: Code, body: bodies.TransferBody) -> Any:
    """签收后换单位办；签收和联系重新起算，办结期限不变。"""
    chosen = cases.organisation_given(body.organisation, field="organisation")
    return _done(request, code, actions.transfer_order, organisation_id=chosen, reason=body.reason)


@router.post(
    "/appeals/{code}/resolve",
    response={200: ResolvedAnswer, **REFUSALS},
    summary="办结 · Resolve",
    operation_id="resolve_appeal",
)
def resolve(request: HttpRequest, code: Code, body: bodies.ResolveBody) -> Any:
    """绿、黄变为 resolved，橙、红变为 in_review 由上级审核；warnings 是对答复的提醒，不拦答复。"""
    by, at = scoped(request).actor, scoped(request).at
    with standing_rules(scoped(request).rule_stamp):
        appeal = actions.resolve_order(
            appeal_id=cases.case_id(code, by),
            result=body.result,
            outcome=body.outcome or "",
            people=body.people,
            amount=body.amount,
            evidence=body.evidence,
            resource=body.resource,
            by=by,
            at=at,
        )
        return sent(ResolvedAnswer.of_answer(cases.case_as_left(appeal, by, at)))


@_verb("review", "审核办结 · Review an answer")
def review(request: HttpRequest, code: Code, body: bodies.DecisionBody) -> Any:
    """同意即办结；不同意则退回继续办。"""
    return _done(request, code, actions.review_resolution, approve=body.approve, note=body.note)


@_verb("evaluate", "评价 · Evaluate")
def evaluate(request: HttpRequest, code: Code, body: bodies.EvaluateBody) -> Any:
    """满意、基本满意归档；不满意重办一次。 Dissatisfied reopens once, one level up."""
    return _done(
        request,
        code,
        appeals.evaluate_appeal,
        satisfaction=body.satisfaction,
        reason=body.reason,
        text=body.text,
    )


@_verb("reopen", "退回重办 · Reopen")
def reopen(request: HttpRequest, code: Code, body: bodies.ReasonBody) -> Any:
    """热线或督办岗位把已答复的诉求退回重办，只能一次。"""
    return _done(request, code, appeals.reopen_appeal, reason=body.reason)


@_verb("urge", "催办 · Urge")
def urge(request: HttpRequest, code: Code, body: bodies.UrgeBody | None = None) -> Any:
    """职工本人、登记人或督办岗位催一催，四小时内只能一次。"""
    return _done(request, code, actions.urge_appeal, note=body.note if body else "")


@_verb("supervise", "督办 · Supervise")
def supervise(request: HttpRequest, code: Code, body: bodies.SuperviseBody) -> Any:
    """向主办单位发督办单。"""
    return _done(request, code, actions.supervise_appeal, note=body.note)


@_verb("raise", "提级办理 · Raise one level")
def raise_one_level(request: HttpRequest, code: Code, body: bodies.ReasonBody) -> Any:
    """由办理单位的上一级主办，原单位协办；办结期限接着算，不重新起算。"""
    return _done(request, code, actions.raise_appeal, reason=body.reason)


@_verb("pass-up", "报上一级 · Pass up one level")
def pass_up(request: HttpRequest, code: Code, body: bodies.ReasonBody) -> Any:
    """办理单位说明超出本级，由上一级主办（梯次过滤）；办结期限接着算，不重新起算。"""
    return _done(request, code, actions.pass_up, reason=body.reason)


@_verb("answer-supervision", "回复督办单 · Answer a supervision order")
def answer_supervision(request: HttpRequest, code: Code, body: bodies.SuperviseBody) -> Any:
    """办理单位回复等待回复的督办单。"""
    return _done(request, code, actions.answer_supervision, answer=body.note)


@_verb("take-over", "接管 · Take over")
def take_over(request: HttpRequest, code: Code, body: bodies.ReasonBody) -> Any:
    """由督办人所在的单位主办，原单位协办；办结期限接着算，不重新起算。"""
    return _done(request, code, actions.take_over_appeal, reason=body.reason)


@_verb("withdraw", "撤回 · Withdraw")
def withdraw(request: HttpRequest, code: Code, body: bodies.WithdrawBody | None = None) -> Any:
    """职工本人或登记人撤回，时限全部停止。"""
    return _done(request, code, appeals.withdraw_appeal, reason=body.reason if body else "")


@_verb("handover", "转部门 · Hand over to a department")
def hand_over(request: HttpRequest, code: Code, body: bodies.HandOverBody) -> Any:
    """部门办它那一份，工会继续跟踪。"""
    return _done(
        request,
        code,
        actions.hand_over,
        department_id=cases.organisation_given(body.department, field="department"),
        reason=body.reason,
        outside_number=body.outside_number,
        partner=body.partner,
    )


@_verb("alert-inspection", "报告劳动监察 · Alert labour inspection")
def alert_inspection(request: HttpRequest, code: Code, body: bodies.ReasonBody) -> Any:
    """橙色、红色的诉求可直接报告，不必先请示。"""
    return _done(request, code, actions.alert_inspection, reason=body.reason)


@_verb("call-back", "回访 · Call back")
def call_back(request: HttpRequest, code: Code, body: bodies.CallBackBody) -> Any:
    """记下回访的情况，回访任务完成。"""
    return _done(request, code, actions.complete_call_back, result=body.result)
