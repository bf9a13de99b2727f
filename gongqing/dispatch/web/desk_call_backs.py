"""Ringing back: whom my organisation owes a call, by when, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.audit import events
from gongqing.dispatch import actions
from gongqing.dispatch.forms.seat import CallBackOutcomeForm
from gongqing.dispatch.queries import call_backs as queries
from gongqing.dispatch.queries.call_backs import Task
from gongqing.dispatch.queries.desk_case import may_reveal
from gongqing.dispatch.rules.hotline import CallOutcome, check_rings_back
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.registry import actions as registry

TOLD = {
    CallOutcome.REACHED: "回访已登记。",
    CallOutcome.REFUSED: "已登记职工不愿接受回访。",
    CallOutcome.NOT_REACHED: "已记下没有打通；没满三次的，两个工时后再打。",
}


@staff_page
@require_GET
def call_backs(request: ScopedRequest) -> HttpResponse:
    """The tasks in bands by the nearest hour, and the one that is chosen beside them."""
    check_rings_back(request.actor)
    chosen = request.GET.get("call", "")
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 16):
        return _page(request, None)
    try:
        task = queries.call_back_numbered(int(chosen), request.actor, request.at)
    except NotFound as missing:
        return _page(request, None, missing=str(missing))
    _write_look(request, task)
    return _page(request, task)


@staff_page
@require_POST
def ring(request: ScopedRequest, call_back_id: int) -> HttpResponse:
    """The phone in clear, once, to dial it; the look is written down with its reason."""
    check_rings_back(request.actor)
    task = queries.call_back_numbered(call_back_id, request.actor, request.at)
    if task.appeal.person_id is None:
        raise NotFound("这件没有留电话。")
    phone = registry.reveal_person(
        person_id=task.appeal.person_id,
        field="phone",
        reason=f"{task.row.reason}（{task.appeal.code}）",
        by=request.actor,
        at=request.at,
        may=lambda actor, person_id: may_reveal(task.appeal, actor),
        address=request.address or None,
    )
    return _page(request, task, phone=phone)


@staff_page
@require_POST
def record(request: ScopedRequest, call_back_id: int) -> HttpResponse:
    """What came of the call."""
    check_rings_back(request.actor)
    task = queries.call_back_numbered(call_back_id, request.actor, request.at)
    form = CallBackOutcomeForm(request.POST, can_judge=task.can_judge)
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.record_call_back(
                call_back_id=call_back_id,
                outcome=given["outcome"],
                note=given["note"],
                satisfaction=given.get("satisfaction", ""),
                by=request.actor,
                at=request.at,
            )
        except BadInput as refused:
            form.refuse(refused)
        except (NotAllowed, NotPermitted) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, TOLD[CallOutcome(given["outcome"])])
            return redirect("desk-call-backs")
    return _page(request, task, form=form, status=422)


def _write_look(request: ScopedRequest, task: Task) -> None:
    events.record_access(
        "appeal.opened",
        subject_kind="appeal",
        subject_id=task.appeal.pk,
        by=request.actor,
        at=request.at,
        address=request.address or None,
    )


def _page(
    request: ScopedRequest,
    task: Task | None,
    *,
    form: CallBackOutcomeForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    bands = queries.call_back_bands(request.actor, request.at)
    context = {
        "bands": bands,
        "total": sum(len(band.items) for band in bands),
        "task": task,
        "form": form or (CallBackOutcomeForm(can_judge=task.can_judge) if task else None),
        **more,
    }
    return render(request, "dispatch/desk/call_backs.html", context, status=status)


urlpatterns = [
    path("call-backs", call_backs, name="desk-call-backs"),
    path("call-backs/<int:call_back_id>/phone", ring, name="desk-call-back-phone"),
    path("call-backs/<int:call_back_id>", record, name="desk-call-back-record"),
]
