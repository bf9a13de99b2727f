"""Look one matter up by its code and query password, without signing in."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gongqing.accounts import actions as accounts
from gongqing.accounts.middleware import ScopedRequest
from gongqing.appeals import queries as appeals
from gongqing.appeals.actions.intake import password_digest
from gongqing.appeals.models import Appeal
from gongqing.audit.actor import Role
from gongqing.dispatch.forms.worker import LookupForm, refuse
from gongqing.dispatch.web.worker.frame import hold_code, shown
from gongqing.lib.codes import check_appeal_code
from gongqing.lib.errors import BadInput, TooManyTries

TRIES_PER_ADDRESS = ((10, timedelta(minutes=10)), (60, timedelta(days=1)))
TRIES_PER_CODE = ((5, timedelta(minutes=10)), (20, timedelta(days=1)))


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def lookup(request: ScopedRequest) -> HttpResponse:
    """Ask for code and password; the same answer for a wrong code and a wrong password."""
    if request.method == "GET":
        return _page(request, LookupForm(initial={"code": request.GET.get("code", "")[:40]}))
    form = LookupForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        appeal = _found(request, form.cleaned_data["code"], form.cleaned_data["password"])
    except TooManyTries as refused:
        form.add_error(None, f"试的次数太多了。{refused}也可以打 12351 问。")
        answer = _page(request, form, 429)
        answer["Retry-After"] = str(refused.retry_after)
        return answer
    except BadInput as refused:
        refuse(form, refused)
        return _page(request, form, 422)
    if request.actor.role not in (Role.ANONYMOUS, Role.CODE_HOLDER):
        if not appeals.is_visible(appeal.pk, request.actor):
            form.add_error(None, "这件事不在您登录的账号里。请先退出登录，再用编号查。")
            return _page(request, form, 422)
        return redirect("worker-case", code=appeal.code)
    request.session.cycle_key()
    rotate_token(request)
    hold_code(request, appeal)
    return redirect("worker-case", code=appeal.code)


@require_POST
def leave(request: ScopedRequest) -> HttpResponse:
    """Forget the matter that was looked up on this device."""
    if request.actor.role is Role.CODE_HOLDER:
        request.session.flush()
        messages.info(request, "已退出查询，这台设备上看不到那件事了。")
    return redirect("worker-home")


def _found(request: ScopedRequest, typed: str, password: str) -> Appeal:
    """The appeal that both open.

    Raises:
        TooManyTries, BadInput.
    """
    code = check_appeal_code(typed)
    digits = "".join(sign for sign in password if sign.isdigit())
    accounts.count_attempt(door="lookup", key=request.address, limits=TRIES_PER_ADDRESS, at=request.at)
    accounts.count_attempt(door="lookup_code", key=code, limits=TRIES_PER_CODE, at=request.at)
    appeal = appeals.appeal_of_password(code, password_digest(code, digits))
    if appeal is None:
        raise BadInput("password", "编号和密码对不上，请核对后再试。")
    return appeal


def _page(request: ScopedRequest, form: LookupForm, status: int = 200) -> HttpResponse:
    return shown(request, "lookup", form=form, status=status, back_url="/", bar_items=[])
