"""Which draft of a form may the browser let go of?"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.contrib.messages import WARNING, get_messages
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE, LONGEST_KEY = "draft_taken", 300  # read and removed by draft.js
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class DraftMiddleware:
    """Names the draft of a form whose words were taken: answered with a page, or sent on without a warning."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "POST" and request.content_type in _FORMS and _is_taken(request, response):
            key = request.POST.get("draft", "")
            if 0 < len(key) <= LONGEST_KEY:
                named, is_secure = quote(key, safe=""), request.is_secure()
                response.set_cookie(COOKIE, named, max_age=600, samesite="Lax", secure=is_secure)
        return response


def _is_taken(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the words arrived; part of a page is not the answer to its form, and a warning says that they did not."""
    if response.status_code >= 400 or request.headers.get("HX-Request"):
        return False
    if response.status_code < 300:
        return True
    told = get_messages(request)
    is_warned = any(message.level >= WARNING for message in told)
    if isinstance(told, BaseStorage):
        told.used = False  # looked at, not shown: the next page shows them
    return not is_warned
