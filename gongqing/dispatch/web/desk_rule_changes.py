"""Change the rules on pages (规则修订): the list, one change with its preview and decision, the form of one row."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.dispatch import actions
from gongqing.dispatch.forms.rule_forms import form_for, is_new
from gongqing.dispatch.forms.rule_rows import Offered, RowForm, TermsForm
from gongqing.dispatch.models import RuleKind
from gongqing.dispatch.queries import previews, recounting, rule_changes
from gongqing.dispatch.queries.cases import organisation_given
from gongqing.dispatch.queries.rule_changes import ChangePage
from gongqing.dispatch.rules import changes as rules
from gongqing.dispatch.rules import rule_contents
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotFound, NotPermitted, passes
from gongqing.lib.sheets import csv_of
from gongqing.lib.times import day_of
from gongqing.ui.answers import saved_as

ADDED = {
    "routing": ("new", "加一条派单规则"),
    "calendar": ("new", "加一天"),
    "limits": ("special:new", "加一个更短的时限"),
}
RULES_PAGES = {
    RuleKind.ROUTING: "desk-rules-routing",
    RuleKind.LIMITS: "desk-rules",
    RuleKind.GRADING: "desk-rules-grading",
    RuleKind.CATEGORIES: "desk-rules-categories",
    RuleKind.CALENDAR: "desk-rules",
}
STEPS = {"up": -1, "down": 1}
RECENT = 60


@staff_page
@require_GET
def listed(request: ScopedRequest) -> HttpResponse:
    """Every change, those on their way first, and where a new one begins."""
    found = list(rule_changes.changes()[:RECENT])
    context = {
        "open": [change for change in found if change.state in rules.OPEN_STATES],
        "past": [change for change in found if change.state not in rules.OPEN_STATES],
        "kinds": RuleKind.choices,
        "taken": {change.kind for change in found if change.state in rules.OPEN_STATES},
        "can_change": passes(rules.check_can_change_rules, request.actor),
        "today": day_of(request.at),
    }
    return render(request, "dispatch/desk/rule_changes.html", context)


@staff_page
@require_POST
def start(request: ScopedRequest) -> HttpResponse:
    """A new draft, of the newest version or of an earlier one."""
    version = request.POST.get("version", "")
    back = int(version) if version.isascii() and version.isdigit() and len(version) < 6 else None
    kind = request.POST.get("kind", "")
    try:
        change = actions.start_rule_change(kind=kind, rolls_back_to=back, by=request.actor, at=request.at)
    except NotAllowed as refused:
        messages.error(request, str(refused))
        return redirect("desk-rule-changes")
    return redirect("desk-rule-change", change_id=change.pk)


@staff_page
@require_GET
def page(request: ScopedRequest, change_id: int) -> HttpResponse:
    """One change: what it alters, what it would have done, and who says what to it."""
    return _shown(request, change_id)


@staff_page
@require_POST
def terms(request: ScopedRequest, change_id: int) -> HttpResponse:
    """From when and why; with `submit` it goes to a second person, with its preview."""
    form = TermsForm(request.POST)
    if not form.is_valid():
        rule_changes.change_numbered(change_id)
        rules.check_can_change_rules(request.actor)
        return _shown(request, change_id, status=422, form=form)
    given: dict[str, Any] = {"change_id": change_id, "by": request.actor, "at": request.at, **form.cleaned_data}
    if request.POST.get("press") == "submit":
        given |= {name: request.POST.get(name, "") for name in ("since", "until")}
        told = "已提交，等另一位同事批准。"
        return _taken(request, change_id, lambda: actions.submit_rule_change(**given), told, form)
    return _taken(request, change_id, lambda: actions.edit_rule_change(**given), "草稿已保存。", form)


@staff_page
@require_POST
def decision(request: ScopedRequest, change_id: int) -> HttpResponse:
    """A second person approves or refuses."""
    answer = request.POST.get("answer", "").replace("\x00", "").replace("\r\n", "\n")
    given: dict[str, Any] = {"change_id": change_id, "answer": answer, "by": request.actor, "at": request.at}
    if request.POST.get("decision") == "approve":
        return _taken(request, change_id, lambda: actions.approve_rule_change(**given), "已批准，新的一版按期生效。")
    return _taken(request, change_id, lambda: actions.refuse_rule_change(**given), "已退给起草人，规则不变。")


@staff_page
@require_POST
def withdrawal(request: ScopedRequest, change_id: int) -> HttpResponse:
    """Take it back before it is decided."""
    given: dict[str, Any] = {"change_id": change_id, "by": request.actor, "at": request.at}
    return _taken(request, change_id, lambda: actions.withdraw_rule_change(**given), "已撤回，规则不变。")


@staff_page
@require_GET
def open_clocks(request: ScopedRequest, change_id: int) -> HttpResponse:
    """Every open clock that the change would move, as a csv file."""
    if request.actor.role not in rules.READERS_OF_CASES:
        raise NotPermitted("在办期限的预演清单由市级督办岗位和审计员下载。")
    change = rule_changes.change_numbered(change_id)
    if not recounting.reaches_open_clocks(change) or change.state not in rules.OPEN_STATES:
        raise NotAllowed("只有还没批准、会重算在办期限的修订才有预演清单。")
    rows = recounting.moved_rows(change, request.actor, request.at)
    words = f"规则修订第 {change.pk} 号，在办期限预演"
    actions.record_export(
        count=len(rows) - 1, filters=words, by=request.actor, at=request.at, address=request.address or None
    )
    name = f"在办期限预演{request.at:%Y%m%d%H%M}.csv"
    return saved_as(name, codecs.BOM_UTF8 + csv_of(rows), "text/csv; charset=utf-8")


@staff_page
@require_GET
def recount(request: ScopedRequest, change_id: int) -> HttpResponse:
    """How far the open clocks have been reckoned anew, for the page to ask again."""
    change = rule_changes.change_numbered(change_id)
    return render(request, "dispatch/desk/rule_recount.html", {"change": change})


@staff_page
@require_http_methods(["GET", "POST"])
def row(request: ScopedRequest, change_id: int, key: str) -> HttpResponse:
    """The form of one row; what is wrong stands beside its field, and what was typed stays."""
    change = rule_changes.change_numbered(change_id)
    rules.check_can_edit(request.actor, made_by=change.made_by_user_id, state=change.state)
    if is_new(key) and not rule_contents.grows(change.kind, key):
        raise NotFound("这张表的行是固定的。")
    stored = {} if is_new(key) else rule_contents.row_of(change.kind, change.content, key)
    offered = Offered(**rule_changes.choices_now(day_of(request.at)))
    form = form_for(
        change.kind, key, stored=stored, offered=offered, data=request.POST if request.method == "POST" else None
    )
    if request.method == "POST" and form.is_valid() and _put(request, change_id, key, form):
        messages.success(request, "这一行已改好，提交批准后才生效。")
        return redirect("desk-rule-change", change_id=change_id)
    title = "新的一行" if is_new(key) else _title(change_id, key, request)
    context = {"change": change, "form": form, "key": key, "title": title, "kind": RuleKind(change.kind)}
    if change.kind == RuleKind.ROUTING:
        context["places"] = list(offered.organisations.values())
    return render(request, "dispatch/desk/rule_row.html", context, status=422 if form.errors else 200)


@staff_page
@require_POST
def row_step(request: ScopedRequest, change_id: int, key: str) -> HttpResponse:
    """Move a row up or down, or take it out."""
    wanted = request.POST.get("step", "")
    given: dict[str, Any] = {"change_id": change_id, "key": key, "by": request.actor, "at": request.at}
    if wanted in STEPS:
        return _taken(request, change_id, lambda: actions.move_rule_row(**given, step=STEPS[wanted]), "")
    if wanted == "remove":
        return _taken(request, change_id, lambda: actions.remove_rule_row(**given), "")
    raise NotFound("没有这一步。")


def _put(request: ScopedRequest, change_id: int, key: str, form: RowForm) -> bool:
    try:
        made = form.row()
        if "organisation" in form.fields:
            place = organisation_given(form.cleaned_data["organisation"], field="organisation")
            made["organisation_id"] = place
        actions.edit_rule_row(change_id=change_id, key=key, row=made, by=request.actor, at=request.at)
    except BadInputs as refused:
        for error in refused.errors:
            form.refuse(error)
        return False
    except BadInput as refused:
        form.refuse(refused)
        return False
    except NotAllowed as refused:
        form.add_error(None, str(refused))
        return False
    return True


def _title(change_id: int, key: str, request: ScopedRequest) -> str:
    rows = rule_changes.change_page(change_id, day_of(request.at)).rows
    return next((each.title for each in rows if each.key == key), key)


def _taken(
    request: ScopedRequest, change_id: int, run: Callable[[], object], told: str, form: TermsForm | None = None
) -> HttpResponse:
    """Carry out one step; a refusal comes back with the page, in words."""
    try:
        run()
    except (BadInput, BadInputs) as refused:
        if form is not None:
            for error in refused.errors if isinstance(refused, BadInputs) else [refused]:
                form.refuse(error)
            return _shown(request, change_id, status=422, form=form)
        return _shown(request, change_id, status=422, refusal=str(refused))
    except (NotAllowed, NotPermitted) as refused:
        status = 409 if isinstance(refused, NotAllowed) else 403
        return _shown(request, change_id, status=status, refusal=str(refused), form=form)
    if told:
        messages.success(request, told)
    return redirect("desk-rule-change", change_id=change_id)


def _shown(
    request: ScopedRequest, change_id: int, *, status: int = 200, form: TermsForm | None = None, refusal: str = ""
) -> HttpResponse:
    today = day_of(request.at)
    found = rule_changes.change_page(change_id, today)
    change, actor = found.change, request.actor
    state = {"made_by": change.made_by_user_id, "state": change.state}
    can_edit = passes(rules.check_can_edit, actor, **state)
    first = {
        "effective_from": max(change.effective_from, rules.earliest_day(change.kind, today)),
        "reason": change.reason,
        "applies_to_open": change.applies_to_open,
    }
    preview, period_error = _preview(request, found, can_edit=can_edit)
    context = {
        "found": found,
        "change": change,
        "title": f"{found.kind.label}修订第 {change.pk} 号",
        "can_edit": can_edit,
        "can_edit_rows": can_edit and not found.is_rollback,
        "can_decide": passes(rules.check_can_decide, actor, **state),
        "can_withdraw": passes(rules.check_can_withdraw, actor, **state),
        "is_maker": rules.is_maker(actor, change.made_by_user_id),
        "form": form or TermsForm(initial=first),
        "refusal": refusal,
        "answer": request.POST.get("answer", "") if refusal else "",
        "added": ADDED.get(change.kind),
        "growing": {each.key for each in found.rows if rule_contents.grows(change.kind, each.key)},
        "preview": preview,
        "preview_error": period_error,
        "asked": _asked(request, today),
        "shows_cases": actor.role in rules.READERS_OF_CASES,
        "today": today,
        "is_coming": change.state == "approved" and change.effective_from > today,
        "is_calendar": change.kind == RuleKind.CALENDAR,
        "is_limits": change.kind == RuleKind.LIMITS,
        "reaches_open": recounting.reaches_open_clocks(change),
        "rules_page": RULES_PAGES[RuleKind(change.kind)],
    }
    return render(request, "dispatch/desk/rule_change.html", context, status=status)


def _asked(request: ScopedRequest, today: date) -> dict[str, str]:
    """The days of the preview as the page asks for them, the usual ones at first."""
    usual = asdict(previews.usual_period(today))
    given = {**request.GET.dict(), **request.POST.dict()}
    return {name: str(given.get(name) or day) for name, day in usual.items()}


def _preview(request: ScopedRequest, found: ChangePage, *, can_edit: bool) -> tuple[dict[str, Any] | None, str]:
    """What is stored with a change that was submitted; of a draft what its drafter asks for."""
    kept = previews.read_back(found.change.preview) if found.change.preview else None
    if not can_edit or not request.GET.get("preview") or not found.differences:
        return kept, ""
    days = {name: request.GET.get(name, "") for name in ("since", "until")}
    try:
        period = previews.period_of(**days, today=day_of(request.at))
    except BadInput as refused:
        return None, refused.message
    made = previews.preview_of(found.change, period=period, actor=request.actor, at=request.at)
    if recounting.reaches_open_clocks(found.change):
        made["open"] = recounting.open_clocks_preview(found.change, actor=request.actor, at=request.at)
    return previews.read_back(made), ""


def history_context(request: ScopedRequest, kind: str) -> dict[str, Any]:
    """The versions of a kind for the page that shows it, and whether this person may change them."""
    today: date = day_of(request.at)
    return {
        "history": rule_changes.history_of(kind, today),
        "history_kind": kind,
        "open_change": rule_changes.open_change(kind),
        "can_change": passes(rules.check_can_change_rules, request.actor),
        "newest": rule_changes.newest_version(kind),
    }


urlpatterns = [
    path("rules/changes", listed, name="desk-rule-changes"),
    path("rules/changes/start", start, name="desk-rule-change-start"),
    path("rules/changes/<int:change_id>", page, name="desk-rule-change"),
    path("rules/changes/<int:change_id>/terms", terms, name="desk-rule-change-terms"),
    path("rules/changes/<int:change_id>/decision", decision, name="desk-rule-change-decision"),
    path("rules/changes/<int:change_id>/withdrawal", withdrawal, name="desk-rule-change-withdrawal"),
    path("rules/changes/<int:change_id>/open-clocks.csv", open_clocks, name="desk-rule-open-clocks"),
    path("rules/changes/<int:change_id>/recount", recount, name="desk-rule-recount"),
    path("rules/changes/<int:change_id>/rows/<str:key>", row, name="desk-rule-row"),
    path("rules/changes/<int:change_id>/rows/<str:key>/step", row_step, name="desk-rule-row-step"),
]
