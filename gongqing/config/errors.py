"""What does a person see when a page cannot be shown?"""

from __future__ import annotations

import errno
import sys
from contextlib import suppress
from urllib.parse import urlsplit

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import is_valid_path
from psycopg import errors as postgres

from gongqing.accounts.middleware import STAFF_DOOR, WORKER_DOOR
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotFound, NotPermitted, TooManyTries


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came from a page that is too old or not ours."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def fault(request: HttpRequest) -> HttpResponse:
    """What broke: 503 when it comes back by itself or needs room on a disk, 500 when we have to mend it."""
    raised = sys.exc_info()[1]
    if raised is not None and _is_full(raised):
        return _unavailable(request, FULL)
    if isinstance(raised, OperationalError | InterfaceError) and _comes_back(raised):
        with suppress(Exception):
            drop_broken_connections()
        return _unavailable(request, AWAY)
    page = render(request, "500.html", status=500)
    return _as_json(page) if _is_api(request) else page


def drop_broken_connections() -> None:
    """Let go of what the pool still holds of a database that went away, so that the next request gets a live one."""
    pool = connection.pool  # type: ignore[attr-defined]
    if pool:
        pool.check()


def _comes_back(raised: BaseException) -> bool:
    """Whether the database is away, short of something or stopped this work for another: not a fault of the request."""
    state = getattr(raised.__cause__, "sqlstate", None)
    return state is None or state[:2] in ("08", "40", "53", "57")


def _is_full(raised: BaseException) -> bool:
    """Whether a disk, here or the database's, has no room left."""
    if isinstance(raised, OSError):
        return raised.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return isinstance(raised.__cause__, postgres.DiskFull)


def _unavailable(request: HttpRequest, message: str) -> HttpResponse:
    """A page that asks for nothing from the database."""
    if _is_api(request):
        answer: HttpResponse = JsonResponse({"errors": [{"field": "", "message": message}]}, status=503)
    else:
        answer = HttpResponse(render_to_string("503.html", {"message": message}), status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


RETRY_SECONDS = 10
HOMES = ("/desk", "/me")
AWAY = "平台正在恢复，刚才这一次没有办成，也没有留下半截。请稍等片刻再试一次。"
FULL = "平台的磁盘满了，刚才提交的内容没有保存，已经有的都在。请把这句话告诉管理员，腾出空间后再试一次。"
API_MESSAGES = {
    400: "请求读不懂，请检查地址和正文。",
    404: "没有这个地址，请对照 /api/v1/openapi.json。",
    405: "这个地址不接受这种方法，请对照 /api/v1/openapi.json。",
}


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _as_json(page: HttpResponse) -> HttpResponse:
    """What a program reads in place of a page: `{"errors": [{"field", "message"}]}`."""
    message = API_MESSAGES.get(page.status_code, "平台出了差错，已记录；请稍后再试。")
    answer = JsonResponse({"errors": [{"field": "", "message": message}]}, status=page.status_code)
    if page.has_header("Allow"):
        answer["Allow"] = page["Allow"]
    return answer


def _page_above(request: HttpRequest) -> str:
    """The page on which the form of this address stands: the nearest address above it; empty for none but the first.

    A refused form is shown under its own address. Whoever is signed out there comes back from the door by GET.
    """
    address = request.path.rstrip("/")
    while address.count("/") > 1:
        address = address.rpartition("/")[0]
        if address not in HOMES and is_valid_path(address):
            return address
    return ""


def _came_through_a_door(request: HttpRequest) -> bool:
    came_from = urlsplit(request.headers.get("Referer", ""))
    return came_from.netloc == request.get_host() and came_from.path in (STAFF_DOOR, WORKER_DOOR)


def _as_words(request: HttpRequest, page: HttpResponse) -> HttpResponse:
    """What a person reads who opens an address that only takes forms: by the address bar, a bookmark, an old tab."""
    message = "这个地址只接收按按钮送来的表单，不能直接打开。"
    next_step = "刚才要是按过按钮，先看看是不是已经办成了；没有办成，请回到那一页再按一次。"
    next_url = "/desk/" if request.path.startswith("/desk") else "/"
    context = {"title": "不能直接打开", "message": message, "next_step": next_step, "next_url": next_url}
    answer = render(request, "ui/refused.html", context, status=page.status_code)
    answer["Allow"] = page["Allow"]
    return answer


class RefusalMiddleware:
    """Turns the platform's own refusals into pages with their message, and every page under `/api/` into JSON."""

    def __init__(self, get_response: object) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)  # type: ignore[operator]
        if response.status_code == 405 and not response.content and not _is_api(request):
            above = _page_above(request) if request.method == "GET" and _came_through_a_door(request) else ""
            return redirect(above) if above else _as_words(request, response)
        is_page = not response.get("Content-Type", "").startswith("application/json")
        return _as_json(response) if is_page and response.status_code >= 400 and _is_api(request) else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page for the refusals that we expect; None for faults."""
        match exception:
            case NotPermitted():
                status, template, message = 403, "403.html", str(exception)
            case NotFound():
                status, template, message = 404, "404.html", str(exception)
            case NotAllowed():
                status, template, message = 409, "409.html", str(exception)
            case BadInput() | BadInputs():
                status, template, message = 422, "422.html", str(exception)
            case TooManyTries():
                status, template, message = 429, "ui/refused.html", str(exception)
            case _:
                return None
        title = "请稍后再试" if status == 429 else ""
        return render(request, template, {"title": title, "message": message}, status=status)
