"""The page of one appeal, and what the worker can do there."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest
from gongqing.appeals import actions as appeals
from gongqing.appeals.actions.additions import file_path
from gongqing.appeals.rules.attachments import IMAGES
from gongqing.audit import events
from gongqing.audit.actor import Role
from gongqing.dispatch import actions
from gongqing.dispatch.forms.worker import EvaluationForm, SupplementForm, refuse
from gongqing.dispatch.queries import worker as queries
from gongqing.dispatch.web.worker.frame import holder_page, holds_still, shown
from gongqing.lib.errors import BadInput, NotAllowed, NotFound


@never_cache
@holder_page
@require_GET
def case(request: ScopedRequest, code: str) -> HttpResponse:
    """How the matter stands."""
    found = queries.case_of_worker(code, request.actor, request.at)
    _log(request, found.appeal.pk)
    return _page(request, found)


@holder_page
@require_POST
def add(request: ScopedRequest, code: str) -> HttpResponse:
    """More words, photos, a recording."""
    found = queries.case_of_worker(code, request.actor, request.at)
    form = SupplementForm(request.POST, request.FILES)
    files = form.read_files() if form.is_valid() else []
    if form.errors:
        return _page(request, found, 422, supplement=form)
    try:
        actions.supplement_appeal(
            appeal_id=found.appeal.pk, text=form.cleaned_data["text"], files=files, by=request.actor, at=request.at
        )
    except BadInput as refused:
        refuse(form, refused)
        return _page(request, found, 422, supplement=form)
    messages.success(request, "加上了，办的人看得到。")
    return _back(found, "?done=add")


@holder_page
@require_POST
def urge(request: ScopedRequest, code: str) -> HttpResponse:
    """Ask to hurry."""
    found = queries.case_of_worker(code, request.actor, request.at)
    try:
        actions.urge_appeal(appeal_id=found.appeal.pk, note="", by=request.actor, at=request.at)
    except NotAllowed as refused:
        return _page(request, found, 409, refused=str(refused))
    messages.success(request, "已经替您催了，办的人马上看得到。")
    return _back(found)


@holder_page
@require_POST
def withdraw(request: ScopedRequest, code: str) -> HttpResponse:
    """Take the matter back."""
    found = queries.case_of_worker(code, request.actor, request.at)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:200]
    appeals.withdraw_appeal(appeal_id=found.appeal.pk, reason=reason or "职工自己撤回", by=request.actor, at=request.at)
    messages.success(request, "好的，这件事不再往下办。以后有事随时再说。")
    return _back(found)


@holder_page
@require_POST
def evaluate(request: ScopedRequest, code: str) -> HttpResponse:
    """Judge the answer."""
    found = queries.case_of_worker(code, request.actor, request.at)
    form = EvaluationForm(request.POST)
    if not form.is_valid():
        return _page(request, found, 422, evaluation=form)
    try:
        judged = appeals.evaluate_appeal(
            appeal_id=found.appeal.pk, by=request.actor, at=request.at, **form.cleaned_data
        )
    except BadInput as refused:
        refuse(form, refused)
        return _page(request, found, 422, evaluation=form)
    messages.success(request, thanks_for(judged.satisfaction, reopened=judged.status == "reopened"))
    return _back(found)


@require_GET
def attached_file(request: ScopedRequest, code: str, attachment_id: int) -> HttpResponseBase:
    """One file; pictures are shown, everything else is saved."""
    if not holds_still(request):
        return redirect(f"/lookup?code={quote(code)}")
    attachment = queries.file_of_worker(code, attachment_id, request.actor)
    path = file_path(attachment.digest)
    if not path.exists():
        raise NotFound("这个附件的文件不见了，请打 12351 告诉我们。")
    if request.actor.is_staff:
        _log(request, attachment.appeal_id)
    answer = FileResponse(
        path.open("rb"),
        content_type=attachment.media_type,
        as_attachment=attachment.media_type not in IMAGES,
        filename=attachment.name,
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def thanks_for(satisfaction: str, *, reopened: bool) -> str:
    """What is said after a judgement."""
    if reopened:
        return "收到了。这件事换上一级工会再办一次，会有人给您回电话。"
    if satisfaction == "not":
        return "收到了，您的话我们记下了。这件事已经重办过一次，还有难处请打 12351。"
    return "谢谢您。这件事办完了，以后有事随时再说。"


def _page(request: ScopedRequest, found: queries.WorkerCase, status: int = 200, **given: Any) -> HttpResponse:
    is_worker = request.actor.role is Role.WORKER
    context: dict[str, Any] = {
        "case": found,
        "supplement": SupplementForm(),
        "evaluation": EvaluationForm(),
        "back_url": "/mine" if is_worker else "/",
        "back_label": "我的事" if is_worker else "首页",
        **given,
    }
    return shown(request, "case", current="mine", status=status, **context)


def _back(found: queries.WorkerCase, query: str = "") -> HttpResponse:
    answer = redirect("worker-case", code=found.appeal.code)
    answer["Location"] += query
    return answer


def _log(request: ScopedRequest, appeal_id: int) -> None:
    events.record_access(
        "appeal.opened",
        subject_kind="appeal",
        subject_id=appeal_id,
        by=request.actor,
        at=request.at,
        address=request.address,
    )
