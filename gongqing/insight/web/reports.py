"""The weekly report on the desk: the list, one report, writing in it, signing, issuing, correcting, its Word file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.insight import actions
from gongqing.insight.documents.weekly import MEDIA_TYPE
from gongqing.insight.forms.reports import ReasonForm, WordsForm
from gongqing.insight.models import WeeklyReport
from gongqing.insight.queries import reports as queries
from gongqing.insight.rules import reporting as rules
from gongqing.insight.rules.report_paper import ASKED, SECTIONS
from gongqing.insight.rules.weeks import week_named, week_of
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotFound, NotPermitted
from gongqing.ui.answers import saved_as


@staff_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """The reports that the viewer may read, and what is still to be drafted."""
    place = request.GET.get("place", "")
    found = queries.report_list(request.actor, request.at, place=place)
    lines = [
        {
            "report": report,
            "week": week_of(report.first_on),
            "number": _number(report),
            "state": rules.STATE_WORDS[report.state],
        }
        for report in found.reports
    ]
    return render(request, "insight/reports.html", {"found": found, "lines": lines, "place": place})


@staff_page
@require_POST
def start(request: ScopedRequest) -> HttpResponse:
    """Begin the own report of a week; its figures come by a job."""
    queries.report_list(request.actor, request.at)
    mine = queries.own_union(request.actor)
    if mine is None:
        raise NotPermitted("周报由市、区县（市）派单督办岗位起草。")
    try:
        week = week_named(request.POST.get("week", ""), at=request.at)
    except BadInput as refused:
        messages.error(request, refused.message)
        return redirect("reports")
    report = actions.start_report(organisation_id=mine.pk, week=week, by=request.actor, at=request.at)
    return redirect("report", report.pk)


@staff_page
@require_GET
def page(request: ScopedRequest, report_id: int) -> HttpResponse:
    """One report as it reads, and what the viewer may do with it."""
    return _page(request, report_id)


@staff_page
@require_http_methods(["GET", "POST"])
def edit(request: ScopedRequest, report_id: int) -> HttpResponse:
    """What people write into a draft, each field beside what the system says there."""
    found = queries.report_page(request.actor, report_id)
    report, status = found.report, 200
    rules.check_can_edit(request.actor, path=report.organisation.path)
    rules.check_is_draft(report.state)
    stands = {**report.words, "addressees": report.addressees, "copies": report.copies}
    form, refusal = WordsForm(initial=stands), ""
    if request.method == "POST":
        form, status = WordsForm(request.POST), 422
        if form.is_valid():
            try:
                _save(request, report_id, form)
            except BadInputs as refused:
                for fault in refused.errors:
                    form.refuse(fault)
            except NotAllowed as refused:
                refusal, status = str(refused), 409
            else:
                messages.success(request, "已保存。")
                return redirect("report", report_id)
    said = {section.key: section.computed for section in found.paper.sections} if found.paper else {}
    parts = [
        {
            "key": key,
            "title": SECTIONS[key],
            "box": form.box(key),
            "blocks": said.get(key, []),
            "stands": stands.get(key, "") if refusal and form.data.get(key, "").strip() != stands.get(key, "") else "",
        }
        for key in ASKED
    ]
    context = {
        "found": found,
        "report": report,
        "form": form,
        "parts": parts,
        "number": _number(report),
        "refusal": refusal,
        "seen": rules.mark_of(report.words, report.addressees, report.copies),
    }
    return render(request, "insight/report_edit.html", context, status=status)


@staff_page
@require_POST
def step(request: ScopedRequest, report_id: int) -> HttpResponse:
    """Take figures anew, sign, send back, issue, or begin a correction."""
    press = request.POST.get("press", "")
    if press not in _STEPS:
        raise NotFound("没有这一步。")
    form = ReasonForm(request.POST, verb=press)
    reason = request.POST.get("reason", "")
    try:
        report, said = _STEPS[press](request, report_id, reason)
    except BadInput as refused:
        form.full_clean()
        if "reason" not in form.errors:
            form.refuse_with(refused)
        return _page(request, report_id, forms={press: form}, status=422)
    except NotAllowed as refused:
        return _page(request, report_id, refusal=str(refused), status=409)
    messages.success(request, said)
    return redirect("report", report.pk)


@staff_page
@require_GET
def file(request: ScopedRequest, report_id: int) -> HttpResponse:
    """The report as a Word file."""
    name, content = actions.open_report_file(
        report_id=report_id, by=request.actor, at=request.at, address=request.address or None
    )
    return saved_as(name, content, MEDIA_TYPE)


def _page(
    request: ScopedRequest,
    report_id: int,
    *,
    forms: dict[str, ReasonForm] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    found = queries.report_page(request.actor, report_id)
    given = forms or {}
    context: dict[str, Any] = {
        "found": found,
        "report": found.report,
        "week": found.week,
        "number": _number(found.report),
        "state": rules.STATE_WORDS[found.report.state],
        "is_waiting": found.report.figures_asked_at is not None,
        "is_over": found.week.ends_at <= request.at,
        "refusal": refusal,
        "send_back": given.get("send_back") or ReasonForm(verb="send_back"),
        "correct": given.get("correct") or ReasonForm(verb="correct"),
        "newest_number": _number(found.newest) if found.newest else "",
        "first_number": _number(found.report.corrects) if found.report.corrects else "",
    }
    return render(request, "insight/report.html", context, status=status)


def _save(request: ScopedRequest, report_id: int, form: WordsForm) -> None:
    given = form.cleaned_data
    actions.edit_report(
        report_id=report_id,
        words=form.by_section,
        addressees=given["addressees"],
        copies=given["copies"],
        seen=request.POST.get("seen", ""),
        by=request.actor,
        at=request.at,
    )


def _number(report: WeeklyReport) -> str:
    """Its number, of a draft the week; of a draft correction what it corrects."""
    of = report.corrects or report
    if of.number is None:
        return week_of(report.first_on).title
    return rules.number_words(of.year, of.number, report.correction)


def _ask(request: ScopedRequest, report_id: int, _: str) -> tuple[WeeklyReport, str]:
    report = actions.ask_for_figures(report_id=report_id, by=request.actor, at=request.at)
    return report, "正在重新取数，取完自动显示。"


def _sign(request: ScopedRequest, report_id: int, _: str) -> tuple[WeeklyReport, str]:
    return actions.sign_report(report_id=report_id, by=request.actor, at=request.at), "已签发，可以编发了。"


def _send_back(request: ScopedRequest, report_id: int, reason: str) -> tuple[WeeklyReport, str]:
    report = actions.send_report_back(report_id=report_id, reason=reason, by=request.actor, at=request.at)
    return report, "已退回修改。"


def _issue(request: ScopedRequest, report_id: int, _: str) -> tuple[WeeklyReport, str]:
    report = actions.issue_report(report_id=report_id, by=request.actor, at=request.at)
    return report, f"已编发，{_number(report)}。"


def _correct(request: ScopedRequest, report_id: int, reason: str) -> tuple[WeeklyReport, str]:
    report = actions.correct_report(report_id=report_id, reason=reason, by=request.actor, at=request.at)
    return report, "已起草更正，原期不变。"


_STEPS: dict[str, Callable[[ScopedRequest, int, str], tuple[WeeklyReport, str]]] = {
    "figures": _ask,
    "sign": _sign,
    "send_back": _send_back,
    "issue": _issue,
    "correct": _correct,
}

urlpatterns = [
    path("reports", listing, name="reports"),
    path("reports/start", start, name="report-start"),
    path("reports/<int:report_id>", page, name="report"),
    path("reports/<int:report_id>.docx", file, name="report-file"),
    path("reports/<int:report_id>/words", edit, name="report-edit"),
    path("reports/<int:report_id>/step", step, name="report-step"),
]
