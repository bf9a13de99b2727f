"""The link of a duty call's short message: it answers the call, needs no sign-in and shows nothing of the case."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gongqing.accounts import actions as accounts
from gongqing.accounts.middleware import ScopedRequest
from gongqing.dispatch import actions
from gongqing.dispatch.actions.waking import duty_link_digest
from gongqing.dispatch.queries import duty_calls
from gongqing.lib.errors import NotAllowed, NotFound, TooManyTries

OPENED_PER_ADDRESS = ((60, timedelta(minutes=10)),)


@never_cache
@require_http_methods(["GET", "POST"])
def link(request: ScopedRequest, token: str) -> HttpResponse:
    """Opening the link asks; only the button answers, so that no scanner of messages answers for anybody."""
    try:
        accounts.count_attempt(door="duty_link", key=request.address, limits=OPENED_PER_ADDRESS, at=request.at)
    except TooManyTries as refused:
        return _shown(request, 429, title="请稍后再试", text=str(refused))
    found = duty_calls.link_with(duty_link_digest(token))
    if found is None:
        text = "请从短信里重新点开，或登录后在“值班呼叫”里应答。"
        return _shown(request, 404, title="这个链接不对", text=text)
    if request.method == "POST":
        return _answer(request, token)
    if over := duty_calls.why_no_answer(found.call):
        return _shown(request, 200, title="不用再应答", text=over)
    return _shown(request, 200, call=found.call, person=found.user.name)


def _answer(request: ScopedRequest, token: str) -> HttpResponse:
    try:
        call = actions.answer_by_link(token=token, at=request.at)
    except NotFound as refused:
        return _shown(request, 404, title="不能用这个链接应答", text=str(refused))
    except NotAllowed as refused:
        return _shown(request, 409, title="不用再应答", text=str(refused))
    text = f"{call.answered_by_name}已应答。请尽快登录处理：签收、联系职工。"
    return _shown(request, 200, title="已记下", text=text)


def _shown(request: ScopedRequest, status: int, **context: object) -> HttpResponse:
    return render(request, "dispatch/duty_link.html", context, status=status)


urlpatterns = [path("d/<str:token>", link, name="duty-link")]
