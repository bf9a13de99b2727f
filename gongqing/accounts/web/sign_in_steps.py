"""Between the right password and the desk: the second factor, the own first password, the duty to set a factor up.

Nobody is signed in here: the session holds only who waits, for ten minutes, and the pages of the desk stay closed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from gongqing.accounts import actions, queries, rules
from gongqing.accounts.forms import ConfirmFactorForm, OwnPasswordForm, SecondStepForm, refuse
from gongqing.accounts.middleware import STAFF_DOOR, ScopedRequest, begin_session
from gongqing.accounts.models import User
from gongqing.accounts.web.second_factor import drawn, enrolment_of
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted, TooManyTries
from gongqing.lib.times import day_of

ME, CHOOSE = "/me", "/desk/posting"
WAITING = "waiting_to_enter"
STEPS = {
    "code": "sign-in-second-step",
    "password": "sign-in-own-password",
    "enrol": "sign-in-enrol",
}
Step = Callable[[ScopedRequest, User], HttpResponse]


def begin_waiting(request: ScopedRequest, user: User, *, target: str) -> HttpResponse:
    """Note who has given the right password, in a fresh session that opens nothing, and lead to the next step."""
    request.session.flush()
    request.session[WAITING] = {
        "user": user.pk,
        "proof": user.get_session_auth_hash(),
        "since": request.at.isoformat(),
        "target": target,
        "passed": [],
    }
    request.session.set_expiry(int(rules.WAITING_LASTS.total_seconds()))
    return _lead_on(request, user)


def enter_desk(request: ScopedRequest, user: User, *, target: str) -> HttpResponse:
    """Start the session of somebody who has passed every step, and lead on."""
    held = list(queries.postings_of(user.pk, day_of(request.at)))
    begin_session(request, user, at=request.at, posting=held[0] if held else None)
    if len(held) > 1:
        return redirect(CHOOSE)
    if not held:
        return redirect(ME)
    return redirect(target or rules.first_page(held[0].role))


def waits_for(step: str) -> Callable[[Step], Callable[..., HttpResponseBase]]:
    """A page for somebody whose next step this is; others are led to theirs, or to the door."""

    def guarded(view: Step) -> Callable[..., HttpResponseBase]:
        @never_cache
        @sensitive_post_parameters()
        @require_http_methods(["GET", "POST"])
        @wraps(view)
        def answered(request: ScopedRequest) -> HttpResponseBase:
            user = _waiting(request)
            if user is None:
                messages.info(request, "请重新登录。")
                return redirect(STAFF_DOOR)
            left = _left(request, user)
            if left[:1] != (step,):
                return _lead_on(request, user)
            return view(request, user)

        return answered

    return guarded


@waits_for("code")
def second_step(request: ScopedRequest, user: User) -> HttpResponse:
    """Ask for the code of the authenticator."""
    form = SecondStepForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, "sign_in_code", form, 200 if request.method == "GET" else 422)
    try:
        actions.pass_second_factor(
            user_id=user.pk, code=form.cleaned_data["code"], address=request.address, at=request.at
        )
    except (BadInput, NotPermitted, TooManyTries) as refused:
        return _page(request, "sign_in_code", refuse(form, refused), _status(refused))
    return _passed(request, user, "code")


@waits_for("password")
def own_password(request: ScopedRequest, user: User) -> HttpResponse:
    """Ask for a password of one's own instead of the first one."""
    form = OwnPasswordForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, "sign_in_password", form, 200 if request.method == "GET" else 422)
    try:
        changed = actions.replace_first_password(
            user_id=user.pk, new=form.cleaned_data["new"], address=request.address, at=request.at
        )
    except (BadInput, NotAllowed, TooManyTries) as refused:
        return _page(request, "sign_in_password", refuse(form, refused), _status(refused))
    request.session[WAITING] = {**request.session[WAITING], "proof": changed.get_session_auth_hash()}
    return _passed(request, changed, "password")


@waits_for("enrol")
def enrol(request: ScopedRequest, user: User) -> HttpResponse:
    """Set the second factor up where the role may not sign in without one, then show the recovery codes and enter."""
    actor = queries.actor_of(user, on=day_of(request.at))
    form = ConfirmFactorForm(request.POST or None)
    secret = actions.prepare_second_factor(user_id=user.pk, by=actor, at=request.at)
    shown = enrolment_of(user, secret)
    if request.method == "GET" or not form.is_valid():
        return _page(request, "sign_in_enrol", form, 200 if request.method == "GET" else 422, **shown)
    try:
        codes = actions.confirm_second_factor(user_id=user.pk, code=form.cleaned_data["code"], by=actor, at=request.at)
    except (BadInput, TooManyTries) as refused:
        return _page(request, "sign_in_enrol", refuse(form, refused), _status(refused), **shown)
    target = request.session[WAITING]["target"]
    entered = _enter(request, user, target)
    return drawn(request, "accounts/sign_in_recovery.html", codes=codes, go_on=entered["Location"])


def _passed(request: ScopedRequest, user: User, step: str) -> HttpResponse:
    waiting = request.session[WAITING]
    request.session[WAITING] = {**waiting, "passed": [*waiting["passed"], step]}
    return _lead_on(request, user)


def _lead_on(request: ScopedRequest, user: User) -> HttpResponse:
    left = _left(request, user)
    if left:
        return redirect(STEPS[left[0]])
    return _enter(request, user, request.session[WAITING]["target"])


def _enter(request: ScopedRequest, user: User, target: str) -> HttpResponse:
    entered = actions.finish_sign_in(user_id=user.pk, address=request.address, at=request.at)
    return enter_desk(request, entered, target=target)


def _left(request: ScopedRequest, user: User) -> tuple[str, ...]:
    passed = request.session[WAITING]["passed"]
    steps = queries.steps_before_entering(user, on=day_of(request.at))
    return tuple(step for step in steps if step not in passed)


def _waiting(request: ScopedRequest) -> User | None:
    """Who gave the right password here a moment ago; None when nobody did, or it was too long ago."""
    waiting = request.session.get(WAITING)
    if waiting is None:
        return None
    user = queries.user_numbered(waiting["user"])
    since = datetime.fromisoformat(waiting["since"])
    if (
        user is None
        or not user.is_active
        or request.at - since >= rules.WAITING_LASTS
        or not constant_time_compare(waiting["proof"], user.get_session_auth_hash())
    ):
        request.session.flush()
        return None
    return user


def _page(request: ScopedRequest, name: str, form: Any, status: int, **given: object) -> HttpResponse:
    return render(request, f"accounts/{name}.html", {"form": form, **given}, status=status)


def _status(refused: Exception) -> int:
    return {TooManyTries: 429, NotPermitted: 403, NotAllowed: 409}.get(type(refused), 422)
