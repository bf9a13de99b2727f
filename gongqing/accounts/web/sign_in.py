"""Signing in and out: staff by password, workers by a code on their phone."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gongqing.accounts import actions, queries, rules
from gongqing.accounts.forms import CodeForm, PhoneForm, SignInForm, refuse
from gongqing.accounts.middleware import STAFF_DOOR, WORKER_DOOR, ScopedRequest, begin_session, end_session
from gongqing.accounts.models import User
from gongqing.accounts.web.sign_in_steps import begin_waiting, enter_desk
from gongqing.audit.actor import Role
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted, TooManyTries
from gongqing.lib.times import day_of

ME = "/me"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def desk(request: ScopedRequest) -> HttpResponse:
    """Sign in with username and password."""
    fill = request.GET.get("fill", "")
    if request.method == "GET":
        initial = {"username": fill, "password": rules.demo_password(fill)} if fill and _is_demo() else None
        return _desk_page(request, SignInForm(initial=initial))
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _desk_page(request, form, 422)
    try:
        user = actions.sign_in_staff(address=request.address, at=request.at, **form.cleaned_data)
    except (BadInput, NotPermitted, TooManyTries) as refused:
        return _desk_page(request, refuse(form, refused), _status(refused))
    return _enter(request, user)


@never_cache
@require_http_methods(["GET", "POST"])
def phone(request: ScopedRequest) -> HttpResponse:
    """Ask for the phone number, then send the code and ask for it."""
    form = PhoneForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _phone_page(request, form, 200 if request.method == "GET" else 422)
    number = form.cleaned_data["phone"]
    try:
        sent = actions.send_code(phone=number, address=request.address, at=request.at)
    except (BadInput, NotAllowed, TooManyTries) as refused:
        return _phone_page(request, refuse(form, refused), _status(refused))
    return _code_page(request, CodeForm(initial={"phone": number}), shown=sent if _is_demo() else "")


@never_cache
@sensitive_post_parameters("code")
@require_POST
def code(request: ScopedRequest) -> HttpResponse:
    """Sign in with the code that was sent."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, form, status=422)
    try:
        user = actions.sign_in_worker(address=request.address, at=request.at, **form.cleaned_data)
    except (BadInput, NotPermitted, TooManyTries) as refused:
        return _code_page(request, refuse(form, refused), status=_status(refused))
    begin_session(request, user, at=request.at)
    return redirect(_next(request) or ME)


@require_POST
def leave(request: ScopedRequest) -> HttpResponse:
    """Sign out."""
    door = WORKER_DOOR if request.actor.role is Role.WORKER else STAFF_DOOR
    if request.account is not None:
        actions.note_sign_out(user_id=request.account.pk, by=request.actor, at=request.at)
    end_session(request)
    messages.info(request, "您已退出登录。")
    return redirect(door)


def _enter(request: ScopedRequest, user: User) -> HttpResponse:
    steps = queries.steps_before_entering(user, on=day_of(request.at))
    if steps:
        return begin_waiting(request, user, target=_next(request))
    return enter_desk(request, user, target=_next(request))


def _next(request: ScopedRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe and target.startswith("/") else ""


def _desk_page(request: ScopedRequest, form: SignInForm | object, status: int = 200) -> HttpResponse:
    demo = [(name, rules.demo_password(name), who) for name, who in rules.DEMO_ACCOUNTS.items() if name != "worker"]
    context = {"form": form, "next": _next(request), "demo": demo if _is_demo() else []}
    return render(request, "accounts/staff_sign_in.html", context, status=status)


def _phone_page(request: ScopedRequest, form: PhoneForm | object, status: int) -> HttpResponse:
    context = {"form": form, "next": _next(request), "demo_phone": rules.DEMO_PHONE if _is_demo() else ""}
    return render(request, "accounts/worker_sign_in.html", context, status=status)


def _code_page(request: ScopedRequest, form: CodeForm | object, *, shown: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "next": _next(request), "shown": shown, "back_url": WORKER_DOOR}
    return render(request, "accounts/worker_code.html", context, status=status)


def _is_demo() -> bool:
    return bool(settings.GONGQING.demo != "none")


def _status(refused: Exception) -> int:
    return {TooManyTries: 429, NotPermitted: 403, NotAllowed: 409}.get(type(refused), 422)
