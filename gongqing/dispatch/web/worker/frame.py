"""What do all of the worker's pages share: the frame, the bar, who may come in?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from gongqing.accounts.middleware import CODE_HOLDER, ScopedRequest
from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal
from gongqing.audit.actor import ANONYMOUS, Actor, Role
from gongqing.lib.errors import NotPermitted
from gongqing.registry import queries as registry

Page = Callable[..., HttpResponseBase]
CODE_PROOF = "code_holder_password_digest"


def shown(
    request: ScopedRequest, template: str, *, current: str = "", status: int = 200, **context: Any
) -> HttpResponse:
    """A page of the worker's in its frame.

    Args:
        template: its name under `dispatch/worker/`, without ending.
        current: which item of the bar is this page: `home`, `mine` or `me`.
    """
    union = registry.city_union()
    frame = {
        "service_worker_url": "/sw.js",
        "place_name": str(union) if union else "工会",
        "is_worker": request.actor.role is Role.WORKER,
        "is_holder": request.actor.role is Role.CODE_HOLDER,
        "is_staff": request.actor.is_staff,
        "now": request.at,
        "bar_items": _bar(current, is_staff=request.actor.is_staff),
    }
    return render(request, f"dispatch/worker/{template}.html", {**frame, **context}, status=status)


def _bar(current: str, *, is_staff: bool) -> list[dict[str, Any]]:
    """The bar below; staff who look at a worker's page are not shown what would refuse them."""
    items = [
        {"name": "首页", "url": "/", "icon": "home", "current": current == "home"},
        {"name": "我的事", "url": "/mine", "icon": "list", "current": current == "mine"},
        {"name": "我", "url": "/me", "icon": "person", "current": current == "me"},
    ]
    return [item for item in items if not (is_staff and item["url"] == "/mine")]


def sender_of(request: ScopedRequest) -> Actor:
    """Who speaks: the signed-in worker, else nobody known.

    Raises:
        NotPermitted: signed in as staff, whose door is the desk.
    """
    if request.actor.role is Role.WORKER:
        return request.actor
    if request.actor.role in (Role.CODE_HOLDER, Role.ANONYMOUS):
        return ANONYMOUS
    raise NotPermitted("您现在用的是工作账号。职工自己说事，请先退出工作账号；替职工登记，请到工作台。")


def hold_code(request: ScopedRequest, appeal: Appeal) -> None:
    """From now on this session opens the appeal, as long as its query password stays the same."""
    request.session[CODE_HOLDER], request.session[CODE_PROOF] = appeal.pk, appeal.query_password_digest


def holds_still(request: ScopedRequest) -> bool:
    """False for a session that was opened with a query password which was replaced since; it ends here."""
    appeal_id = request.actor.appeal_id
    if request.actor.role is not Role.CODE_HOLDER or appeal_id is None:
        return True
    if appeals.opens_still(appeal_id, request.session.get(CODE_PROOF, "")):
        return True
    request.session.flush()
    return False


def holder_page(view: Page) -> Page:
    """A page of one appeal: for the worker and for whoever has shown code and password; others look it up first."""

    @wraps(view)
    def guarded(request: ScopedRequest, code: str, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.actor.role is Role.ANONYMOUS or not holds_still(request):
            if request.headers.get("HX-Request"):
                answer = HttpResponse(status=401)
                answer["HX-Redirect"] = f"/lookup?code={quote(code)}"
                return answer
            return redirect(f"/lookup?code={quote(code)}")
        if request.actor.is_staff and request.method == "GET":
            return redirect(f"/desk/appeals/{quote(code)}")
        if request.actor.is_staff:
            raise NotPermitted("这一页供职工本人使用；工作账号请在工作台上办理。")
        return view(request, code, *args, **kwargs)

    return guarded
