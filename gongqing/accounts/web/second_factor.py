"""My second factor: turn it on with an authenticator, turn it off again."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gongqing.accounts import actions, queries
from gongqing.accounts.forms import ConfirmFactorForm, RemoveFactorForm, refuse
from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.accounts.models import User
from gongqing.lib import totp
from gongqing.lib.errors import BadInput, NotAllowed, TooManyTries
from gongqing.lib.times import day_of
from gongqing.ui import qr


def enrolment_of(user: User, secret: bytes) -> dict[str, object]:
    """What an authenticator reads: a QR code, and the key to type where there is no camera."""
    return {
        "qr": qr.drawn(totp.address_of(secret, account=user.username, issuer="工情"), "给验证器扫的二维码"),
        "key": totp.words_of(secret),
    }


def drawn(request: HttpRequest, name: str, *, codes: list[str], go_on: str) -> HttpResponse:
    """The page with the recovery codes, shown this once and kept nowhere."""
    answer = render(request, name, {"codes": codes, "go_on": go_on})
    answer["Cache-Control"] = "no-store"
    return answer


@staff_page
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def second_factor(request: ScopedRequest) -> HttpResponse:
    """Show whether it is on; turn it on with a code."""
    user = _account(request)
    if user.totp_confirmed_at is not None:
        return _page(request, user, remove_form=RemoveFactorForm())
    form = ConfirmFactorForm(request.POST or None)
    secret = actions.prepare_second_factor(user_id=user.pk, by=request.actor, at=request.at)
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return _page(request, user, status=status, form=form, **enrolment_of(user, secret))
    try:
        codes = actions.confirm_second_factor(
            user_id=user.pk, code=form.cleaned_data["code"], by=request.actor, at=request.at
        )
    except (BadInput, TooManyTries) as refused:
        status = 429 if isinstance(refused, TooManyTries) else 422
        return _page(request, user, status=status, form=refuse(form, refused), **enrolment_of(user, secret))
    return drawn(request, "accounts/recovery_codes.html", codes=codes, go_on="/desk/account")


@staff_page
@sensitive_post_parameters()
@require_POST
def remove(request: ScopedRequest) -> HttpResponse:
    """Turn it off, with the password and a code."""
    user = _account(request)
    if user.totp_confirmed_at is None:
        raise NotAllowed("您没有开启动态口令，不用关闭。")
    form = RemoveFactorForm(request.POST)
    if form.is_valid():
        try:
            actions.remove_second_factor(user_id=user.pk, by=request.actor, at=request.at, **form.cleaned_data)
        except (BadInput, NotAllowed, TooManyTries) as refused:
            refuse(form, refused)
            if isinstance(refused, TooManyTries):
                return _page(request, user, status=429, remove_form=form)
        else:
            messages.success(request, "动态口令已关闭，以后登录只要密码。")
            return redirect("account")
    return _page(request, user, status=422, remove_form=form)


def _account(request: ScopedRequest) -> User:
    assert request.account is not None  # noqa: S101  # a page for staff
    return request.account


def _page(request: ScopedRequest, user: User, *, status: int = 200, **given: object) -> HttpResponse:
    required = settings.GONGQING.require_totp
    context = {
        "user_on": user.totp_confirmed_at,
        "left": len(user.recovery_digests),
        "is_required": any(one.role in required for one in queries.postings_of(user.pk, day_of(request.at))),
        **given,
    }
    return render(request, "accounts/second_factor.html", context, status=status)
