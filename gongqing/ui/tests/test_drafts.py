"""When does an answer say that the draft of a form may go?"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import RequestFactory

from gongqing.ui.drafts import COOKIE, DraftMiddleware

KEY = "7:/desk/needs/1/adopt#adopt-plan"


def answered(
    response: HttpResponse, *, key: str = KEY, warning: str = "", told: str = "", **headers: Any
) -> tuple[HttpRequest, HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        if warning:
            messages.warning(request, warning)
        if told:
            messages.success(request, told)
        return response

    request = RequestFactory().post("/desk/needs/1/adopt", {"draft": key, "plan": "先摸底"}, headers=headers)
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request, DraftMiddleware(view)(request)  # type: ignore[return-value]


@pytest.mark.parametrize("response", [HttpResponseRedirect("/desk/needs/1"), HttpResponse("改好了")])
def test_what_was_taken_is_named(response):
    _, answer = answered(response, told="已记下。")
    assert answer.cookies[COOKIE].value == "7%3A%2Fdesk%2Fneeds%2F1%2Fadopt%23adopt-plan"
    assert answer.cookies[COOKIE]["samesite"] == "Lax"


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (HttpResponse("哪里不对", status=422), {}),
        (HttpResponse("没有权限", status=403), {}),
        (HttpResponseRedirect("/desk/sign-in"), {"warning": "登录已过期，刚才的没有发出去。"}),
        (HttpResponse("先看看有没有漏的"), {"HX-Request": "true"}),
        (HttpResponseRedirect("/desk/needs/1"), {"key": ""}),
        (HttpResponseRedirect("/desk/needs/1"), {"key": "长" * 301}),
    ],
)
def test_what_was_not_taken_is_kept(response, said):
    assert COOKIE not in answered(response, **said)[1].cookies


def test_what_is_told_is_still_told_by_the_next_page():
    request, _ = answered(HttpResponseRedirect("/desk/needs/1"), told="已记下。")
    assert not messages.get_messages(request).used
    assert [str(each) for each in messages.get_messages(request)] == ["已记下。"]
