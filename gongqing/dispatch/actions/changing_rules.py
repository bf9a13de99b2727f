"""Change the rules by two persons: draft, submit with a preview, approve or refuse, withdraw, roll back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from gongqing.appeals import actions as appeals
from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.configuration import load_clock_policy, load_routing_policy, revise_calendar
from gongqing.dispatch.actions.recounting import plan_recount
from gongqing.dispatch.models import ChangeState, RuleChange, RuleKind
from gongqing.dispatch.queries import previews
from gongqing.dispatch.queries import rule_changes as queries
from gongqing.dispatch.queries.recounting import open_clocks_preview, reaches_open_clocks
from gongqing.dispatch.rules import changes as rules
from gongqing.dispatch.rules import rule_contents
from gongqing.dispatch.rules.limits import Policy
from gongqing.dispatch.rules.routing import Routes
from gongqing.dispatch.rules.rule_contents import Content
from gongqing.dispatch.rules.rule_faults import check_content
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.times import day_of
from gongqing.notices import actions as notices


@transaction.atomic
def start_rule_change(*, kind: str, by: Actor, at: datetime, rolls_back_to: int | None = None) -> RuleChange:
    """Begin a draft with a copy of the newest version, or with an earlier one that shall come back.

    Raises:
        NotPermitted: not a supervisor of the city. BadInput: on `kind`. NotFound: no such version to go back to.
        NotAllowed: a change of this kind is on its way, or the version to go back to holds anyway.
    """
    rules.check_can_change_rules(by)
    if kind not in RuleKind:
        raise BadInput("kind", "请选要修订的规则：派单规则、期限、分级规则、分类或日历。")
    label, today = RuleKind(kind).label, day_of(at)
    if found := queries.open_change(kind):
        state = rules.STATE_WORDS[found.state]
        raise NotAllowed(f"{label}已有一份修订在办（{found.made_by_name}，{state}），办完才能再起草。")
    newest = queries.newest_version(kind)
    if rolls_back_to is None:
        content, reason = queries.newest_content(kind, today), ""
    else:
        if rolls_back_to == newest:
            raise NotAllowed(f"第 {newest} 版就是最新的一版，不用退回。")
        content, reason = queries.content_of(kind, rolls_back_to), f"退回第 {rolls_back_to} 版。"
    try:
        with transaction.atomic():
            change = RuleChange.objects.create(
                kind=kind,
                based_on=newest,
                content=content,
                effective_from=rules.earliest_day(kind, today),
                reason=reason,
                rolls_back_to=rolls_back_to,
                made_by_user_id=by.user_id or 0,
                made_by_name=by.name,
                made_at=at,
                changed_at=at,
            )
    except IntegrityError:
        raise NotAllowed(f"{label}刚刚有人开始修订，请刷新后再看。") from None
    events.record("rule_change.started", subject=change, by=by, at=at, note=f"{label}：{reason or '起草修订'}", of=kind)
    return change


@transaction.atomic
def edit_rule_change(
    *,
    change_id: int,
    by: Actor,
    at: datetime,
    content: Content | None = None,
    effective_from: date | None = None,
    reason: str | None = None,
    applies_to_open: bool | None = None,
) -> RuleChange:
    """Write in a draft; what is not given stays. Content is judged whole, every row by its real parser.

    Raises:
        NotPermitted, NotAllowed: not the drafter, no draft, or a roll-back, whose content is fixed.
        BadInputs, BadInput: each fault under its row and field.
    """
    change = _locked(change_id)
    rules.check_can_edit(by, made_by=change.made_by_user_id, state=change.state)
    today = day_of(at)
    if content is not None:
        if change.rolls_back_to is not None:
            raise NotAllowed("退回旧版本的修订不能改内容；要改，请撤回后另外起草。")
        check_content(change.kind, content, queries.known_now(change.kind, today), on=today)
        change.content = content
    if effective_from is not None:
        rules.check_effective_from(change.kind, effective_from, today)
        change.effective_from = effective_from
    if reason is not None:
        change.reason = reason.strip()[:1000]
    _set_reach(change, applies_to_open)
    change.changed_at = at
    change.save()
    events.record("rule_change.edited", subject=change, by=by, at=at, of=change.kind)
    return change


@transaction.atomic
def edit_rule_row(*, change_id: int, key: str, row: Mapping[str, Any], by: Actor, at: datetime) -> RuleChange:
    """Put one row into a draft, in place of the one with this key or, under `new`, as another one.

    Raises:
        as `edit_rule_change`; NotFound: no row has the key.
    """
    change = _locked(change_id)
    rules.check_can_edit(by, made_by=change.made_by_user_id, state=change.state)
    content = rule_contents.with_row(change.kind, change.content, key, row)
    return edit_rule_change(change_id=change_id, content=content, by=by, at=at)


@transaction.atomic
def remove_rule_row(*, change_id: int, key: str, by: Actor, at: datetime) -> RuleChange:
    """Take one row out of a draft.

    Raises:
        as `edit_rule_row`; NotAllowed: its table is fixed.
    """
    change = _locked(change_id)
    rules.check_can_edit(by, made_by=change.made_by_user_id, state=change.state)
    content = rule_contents.without_row(change.kind, change.content, key)
    return edit_rule_change(change_id=change_id, content=content, by=by, at=at)


@transaction.atomic
def move_rule_row(*, change_id: int, key: str, step: int, by: Actor, at: datetime) -> RuleChange:
    """Move one row of routing up (-1) or down (1): the first row that names a level sets it.

    Raises:
        as `edit_rule_row`.
    """
    change = _locked(change_id)
    rules.check_can_edit(by, made_by=change.made_by_user_id, state=change.state)
    content = rule_contents.moved(change.kind, change.content, key, step)
    return edit_rule_change(change_id=change_id, content=content, by=by, at=at)


@transaction.atomic
def submit_rule_change(
    *,
    change_id: int,
    by: Actor,
    at: datetime,
    effective_from: date | None = None,
    reason: str | None = None,
    applies_to_open: bool | None = None,
    since: str = "",
    until: str = "",
) -> RuleChange:
    """Hand a draft to a second person, with the preview that the decision rests on; colleagues get a notice.

    Args:
        effective_from, reason, applies_to_open: written into the draft first, where given.
        since, until: the days of receipt of the appeals that the preview runs over; the last thirty days by default.

    Raises:
        NotPermitted, NotAllowed: not the drafter, no draft, nothing changed.
        BadInput: no reason, a first day in the past, a period that is none. BadInputs: faults in the content.
    """
    change = _locked(change_id)
    rules.check_can_edit(by, made_by=change.made_by_user_id, state=change.state)
    change.effective_from = effective_from or change.effective_from
    change.reason = change.reason if reason is None else reason.strip()
    _set_reach(change, applies_to_open)
    today = day_of(at)
    rules.check_reason(change.reason)
    rules.check_effective_from(change.kind, change.effective_from, today)
    check_content(change.kind, change.content, queries.known_now(change.kind, today), on=today)
    altered = queries.differences_of(change, queries.names_now(today))
    if not altered:
        raise NotAllowed("和现在的规则一样，没有可提交的改动。")
    change.preview = previews.preview_of(change, period=previews.period_of(since, until, today), actor=by, at=at)
    if reaches_open_clocks(change):
        change.preview["open"] = open_clocks_preview(change, actor=by, at=at)
    change.state, change.submitted_at, change.changed_at = ChangeState.SUBMITTED, at, at
    change.save()
    events.record("rule_change.submitted", subject=change, by=by, at=at, note=change.reason, of=change.kind)
    label = RuleKind(change.kind).label
    for user in queries.other_city_supervisors(change.made_by_user_id, today):
        _tell(change, user.pk, f"{by.name}提交了{label}的修订，请您审批。", at=at)
    return change


@transaction.atomic
def approve_rule_change(*, change_id: int, by: Actor, at: datetime, answer: str = "") -> RuleChange:
    """A second supervisor of the city lets the new version hold from its day on; the maker is told.

    An approval after the planned day holds from the first day that is still to come.

    Raises:
        NotPermitted: the drafter, or nobody who changes rules. NotAllowed: not submitted, or overtaken by another
        version. BadInput: on `answer`, when it is too long. BadInputs: what the rows speak of is gone meanwhile.
    """
    change = _locked(change_id)
    rules.check_can_decide(by, made_by=change.made_by_user_id, state=change.state)
    rules.check_answer(answer)
    rules.check_is_based_on_newest(change.based_on, queries.newest_version(change.kind))
    today = day_of(at)
    check_content(change.kind, change.content, queries.known_now(change.kind, today), on=today)
    change.effective_from = max(change.effective_from, rules.earliest_day(change.kind, today))
    change.version = change.based_on + 1
    source = f"规则修订第 {change.pk} 号，{change.made_by_name}起草，{by.name}批准：{change.reason}"[:200]
    _put_in_force(change, source=source, by=by, at=at)
    _decide(change, ChangeState.APPROVED, answer, by=by, at=at)
    plan_recount(change, by=by, at=at)
    change.save(update_fields=["recount"])
    events.record(
        "rule_change.approved",
        subject=change,
        by=by,
        at=at,
        note=answer.strip() or change.reason,
        of=change.kind,
        version=change.version,
        effective_from=change.effective_from.isoformat(),
    )
    label, day = RuleKind(change.kind).label, change.effective_from
    _tell(change, change.made_by_user_id, f"{by.name}批准了{label}的修订，{day.month}月{day.day}日起生效。", at=at)
    return change


@transaction.atomic
def refuse_rule_change(*, change_id: int, by: Actor, at: datetime, answer: str) -> RuleChange:
    """A second supervisor of the city says no, and why; the maker is told.

    Raises:
        NotPermitted, NotAllowed: as `approve_rule_change`. BadInput: on `answer`, when nothing or too much is said.
    """
    change = _locked(change_id)
    rules.check_can_decide(by, made_by=change.made_by_user_id, state=change.state)
    rules.check_answer(answer)
    if len(answer.strip()) < 2:
        raise BadInput("answer", "不批准时请写明理由，起草人会看到。")
    _decide(change, ChangeState.REFUSED, answer, by=by, at=at)
    events.record("rule_change.refused", subject=change, by=by, at=at, note=answer, of=change.kind)
    _tell(change, change.made_by_user_id, f"{by.name}没有批准{RuleKind(change.kind).label}的修订：{answer}", at=at)
    return change


@transaction.atomic
def withdraw_rule_change(*, change_id: int, by: Actor, at: datetime, note: str = "") -> RuleChange:
    """Take a change back before it is decided; a draft of somebody else may be cleared away too.

    Raises:
        NotPermitted, NotAllowed.
    """
    change = _locked(change_id)
    rules.check_can_withdraw(by, made_by=change.made_by_user_id, state=change.state)
    change.state, change.changed_at = ChangeState.WITHDRAWN, at
    change.save(update_fields=["state", "changed_at"])
    events.record("rule_change.withdrawn", subject=change, by=by, at=at, note=note, of=change.kind)
    if not rules.is_maker(by, change.made_by_user_id):
        _tell(change, change.made_by_user_id, f"{by.name}撤掉了您起草的{RuleKind(change.kind).label}修订。", at=at)
    return change


def _set_reach(change: RuleChange, applies_to_open: bool | None) -> None:
    """Only limits may reach back to what is open; the calendar always does."""
    if applies_to_open is not None:
        change.applies_to_open = applies_to_open and change.kind == RuleKind.LIMITS


def _locked(change_id: int) -> RuleChange:
    change = RuleChange.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise NotFound("没有这份规则修订。")
    return change


def _decide(change: RuleChange, state: ChangeState, answer: str, *, by: Actor, at: datetime) -> None:
    change.state, change.answer = state, answer.strip()
    change.decided_by_user_id, change.decided_by_name = by.user_id, by.name
    change.decided_at = change.changed_at = at
    change.save()


def _put_in_force(change: RuleChange, *, source: str, by: Actor, at: datetime) -> None:
    dated = {
        "version": change.version,
        "effective_from": change.effective_from.isoformat(),
        "effective_to": None,
    }
    if change.kind == RuleKind.ROUTING:
        load_routing_policy(routes=Routes.from_json({**change.content, **dated}), source=source, by=by, at=at)
    elif change.kind == RuleKind.LIMITS:
        load_clock_policy(policy=Policy.from_json({**change.content, **dated}), source=source, by=by, at=at)
    elif change.kind == RuleKind.GRADING:
        rows, day = change.content["rules"], change.effective_from
        appeals.load_grade_policy(rows=rows, effective_from=day, source=source, by=by, at=at)
    elif change.kind == RuleKind.CATEGORIES:
        rows, day = change.content["rows"], change.effective_from
        appeals.load_category_version(rows=rows, effective_from=day, source=source, by=by, at=at)
    else:
        days, given_back = rule_contents.changed_days(change.content)
        gone = [date.fromisoformat(day) for day in given_back]
        revise_calendar(days=days, given_back=gone, source=source, by=by, at=at)


def _tell(change: RuleChange, user_id: int, text: str, *, at: datetime) -> None:
    notices.notify(
        text=text[:500],
        at=at,
        user_id=user_id,
        subject_kind="rulechange",
        subject_id=change.pk,
        link=f"/desk/rules/changes/{change.pk}",
    )
