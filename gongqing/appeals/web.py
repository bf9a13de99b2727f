"""The page of the reader: its versions, what people corrected of it, and the second reader."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, administrator_page, staff_page
from gongqing.appeals import actions
from gongqing.appeals.forms import RunForm
from gongqing.appeals.queries.reader_page import PERIODS, reader_page
from gongqing.appeals.rules.readers import KEEPERS, SHIPPED, check_can_watch_reader
from gongqing.language.classify import VERSION
from gongqing.lib.errors import BadInput, NotAllowed, NotFound

USUAL_DAYS = 90


@staff_page
@require_GET
def page(request: ScopedRequest) -> HttpResponse:
    """The whole page over the days of the address."""
    check_can_watch_reader(request.actor)
    return _page(request)


@administrator_page
@require_POST
def train(request: ScopedRequest) -> HttpResponse:
    """Queue a training."""
    try:
        count = actions.ask_training(by=request.actor, at=request.at)
    except NotAllowed as refused:
        return _page(request, refusal=str(refused), status=409)
    messages.success(request, f"已开始用 {count} 条更正训练，一两分钟后刷新这一页看结果。")
    return redirect("reader")


@administrator_page
@require_POST
def run(request: ScopedRequest) -> HttpResponse:
    """Put another version in force; a refusal comes back with the page and what was typed."""
    form, refusal, status = RunForm(request.POST), "", 422
    if form.is_valid():
        try:
            changed = actions.run_reader(**form.cleaned_data, by=request.actor, at=request.at)
        except BadInput as refused:
            form.add_error("reason", refused.message)
        except (NotAllowed, NotFound) as refused:
            refusal, status = str(refused), 409 if isinstance(refused, NotAllowed) else 404
        else:
            messages.success(request, f"现在用的是 {changed.name if changed else f'随附模型 {VERSION}'}。")
            return redirect("reader")
    return _page(request, form=form, refusal=refusal, status=status)


def _page(request: ScopedRequest, *, form: RunForm | None = None, refusal: str = "", status: int = 200) -> HttpResponse:
    wanted = request.GET.get("days", "")
    days = int(wanted) if wanted in {str(each) for each in PERIODS} else USUAL_DAYS
    seen = reader_page(days=days, at=request.at)
    may_keep = request.actor.role in KEEPERS
    context = {
        "seen": seen,
        "may_keep": may_keep,
        "lines": [
            (line, _form_for(line.row.name, form) if may_keep and line.may_run else None) for line in seen.versions
        ],
        "shipped_form": _form_for(SHIPPED, form) if may_keep and seen.running else None,
        "refusal": refusal or (form.errors.get("version", [""])[0] if form is not None else ""),
        "tabs": [
            {"name": f"近 {each} 天", "url": f"?days={each}#corrections", "current": each == days} for each in PERIODS
        ],
    }
    return render(request, "appeals/reader.html", context, status=status)


def _form_for(name: str, sent: RunForm | None) -> RunForm:
    """The form that puts this version in force; the one that was sent where it was this version's."""
    if sent is not None and sent.data.get("version") == name:
        return sent
    return RunForm(initial={"version": name}, auto_id=f"{name}-%s")


urlpatterns = [
    path("reader", page, name="reader"),
    path("reader/train", train, name="reader-train"),
    path("reader/run", run, name="reader-run"),
]
