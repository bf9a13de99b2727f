"""The calls to whoever is on duty: what waits for an answer, what was answered and how fast."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.audit.actor import Role
from gongqing.dispatch import actions
from gongqing.dispatch.queries import duty_calls as queries
from gongqing.dispatch.queries import duty_pages
from gongqing.dispatch.rules import duty
from gongqing.lib.errors import NotAllowed, NotPermitted


@staff_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """The open calls, those of the last thirty days, and their figures."""
    if request.actor.role is Role.ADMINISTRATOR:
        raise NotPermitted("系统管理员不看诉求，也不应答值班呼叫。")
    context = {
        "open": queries.open_calls(request.actor, request.at),
        "recent": queries.recent_calls(request.actor, request.at),
        "figures": queries.figures(request.actor, request.at),
        "days": queries.FIGURE_DAYS,
        "answer_minutes": duty.ANSWER_MINUTES,
        "now": request.at,
        "tabs": duty_pages.tabs(request.actor, "desk-duty-calls"),
    }
    return render(request, "dispatch/desk/duty_calls.html", context)


@staff_page
@require_POST
def answer(request: ScopedRequest, call_id: int) -> HttpResponse:
    """I have heard and am at it."""
    try:
        actions.answer_duty_call(call_id=call_id, by=request.actor, at=request.at)
    except NotAllowed as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, "已应答。请尽快联系职工，并在诉求里签收、登记联系。")
    given = request.POST.get("back", "")
    is_ours = given.startswith("/desk") and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return redirect(given if is_ours else "desk-duty-calls")


urlpatterns = [
    path("duty/calls", listing, name="desk-duty-calls"),
    path("duty/calls/<int:call_id>/answer", answer, name="desk-duty-answer"),
]
