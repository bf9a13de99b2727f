"""My personal data: see it, correct it, take it away, withdraw, ask for it to be deleted; and the privacy notice."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongqing.accounts import actions as accounts
from gongqing.accounts.middleware import ScopedRequest, worker_page
from gongqing.dispatch import actions
from gongqing.dispatch.forms.own_data import DeletionForm, NewPhoneForm, PhoneCodeForm, WishForm
from gongqing.dispatch.forms.worker import refuse
from gongqing.dispatch.queries import own_data as queries
from gongqing.dispatch.web.worker.frame import shown
from gongqing.lib.errors import BadInput, NotAllowed, TooManyTries
from gongqing.lib.times import day_of
from gongqing.registry import actions as registry
from gongqing.registry import queries as registry_queries
from gongqing.registry.models import Purpose, Right
from gongqing.registry.rules.personal_data import blocks_of
from gongqing.ui.templatetags.ui import day_words

BACK: dict[str, Any] = {"back_url": "/me/data", "back_label": "我的个人信息", "bar_items": []}


@require_GET
def privacy(request: ScopedRequest) -> HttpResponse:
    """The notice in force, or an earlier version of it."""
    asked = request.GET.get("version", "")
    notice = registry_queries.notice_on(day_of(request.at))
    if asked:
        notice = registry_queries.notice_numbered(int(asked)) if asked.isdecimal() and len(asked) < 5 else None
    if notice is None:
        raise Http404
    union = registry_queries.city_union()
    values = {"union": str(union) if union else "工会", "years": str(settings.GONGQING.retention_years)}
    return shown(
        request,
        "privacy",
        notice=notice,
        blocks=blocks_of(notice.text, values),
        earlier=registry_queries.notice_versions(besides=notice.version),
        back_url="/",
        back_label="首页",
    )


@never_cache
@worker_page
@require_GET
def overview(request: ScopedRequest) -> HttpResponse:
    """What we hold of me."""
    return _page(request)


@never_cache
@worker_page
@require_POST
def reveal(request: ScopedRequest) -> HttpResponse:
    """The same with phone, identity number and address in clear, this once."""
    clear = actions.reveal_own_data(by=request.actor, at=request.at, address=request.address)
    return _page(request, clear=clear)


@never_cache
@worker_page
@require_GET
def looks(request: ScopedRequest) -> HttpResponse:
    """Who has looked at my data, and why."""
    return shown(request, "own_looks", current="me", held=queries.own_data(request.actor), **BACK)


@worker_page
@require_POST
def copy(request: ScopedRequest) -> HttpResponse:
    """Take everything away as a ZIP."""
    try:
        packed = actions.take_own_copy(by=request.actor, at=request.at, address=request.address)
    except TooManyTries as refused:
        answer = _page(request, status=429, refused=f"一天最多取 5 次。{refused}")
        answer["Retry-After"] = str(refused.retry_after)
        return answer
    answer = HttpResponse(packed, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="my-data-{day_of(request.at):%Y%m%d}.zip"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@never_cache
@worker_page
@require_http_methods(["GET", "POST"])
def consents(request: ScopedRequest) -> HttpResponse:
    """What I agreed to; posting gives or withdraws one purpose."""
    refused, status = "", 200
    if request.method == "POST":
        given = request.POST.get("purpose", "")
        if given not in Purpose.values:
            raise Http404
        purpose = Purpose(given)
        try:
            if request.POST.get("give"):
                person_id = request.actor.person_id or 0
                registry.give_consent(person_id=person_id, purpose=purpose, by=request.actor, at=request.at)
                messages.success(request, f"已同意“{purpose.label}”，随时可以撤回。")
            else:
                actions.withdraw_own_consent(purpose=purpose, by=request.actor, at=request.at)
                messages.success(request, f"已撤回“{purpose.label}”的同意。")
            return redirect("own-consents")
        except NotAllowed as fault:
            refused, status = str(fault), 409
    held = queries.own_data(request.actor)
    return shown(request, "own_consents", current="me", status=status, held=held, refused=refused, **BACK)


@never_cache
@worker_page
@require_http_methods(["GET", "POST"])
def correct(request: ScopedRequest) -> HttpResponse:
    """Something is wrong, or I want to know something: an officer answers."""
    return _ask(request, WishForm, "own_correct")


@never_cache
@worker_page
@require_http_methods(["GET", "POST"])
def deletion(request: ScopedRequest) -> HttpResponse:
    """I want my data deleted: what that means, and the request."""
    return _ask(request, DeletionForm, "own_deletion", open_count=queries.open_count_of(request.actor.person_id or 0))


@never_cache
@worker_page
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def phone(request: ScopedRequest) -> HttpResponse:
    """A new phone: a code goes to it, and the code puts it in the place of the old one."""
    if request.method == "GET":
        return _phone_page(request, NewPhoneForm())
    if "code" not in request.POST:
        return _send_code(request)
    form = PhoneCodeForm(request.POST)
    if not form.is_valid():
        return _phone_page(request, form, 422)
    try:
        actions.move_to_phone(by=request.actor, at=request.at, address=request.address, **form.cleaned_data)
    except BadInput as refused:
        if refused.field == "phone":
            again = NewPhoneForm({"phone": form.cleaned_data["phone"]})
            return _phone_page(request, refuse(again, refused), 422)
        return _phone_page(request, refuse(form, refused), 422)
    except TooManyTries as refused:
        form.add_error(None, str(refused))
        return _phone_page(request, form, 429)
    messages.success(request, "手机号换好了，下次用新手机号登录。")
    return redirect("own-data")


def _send_code(request: ScopedRequest) -> HttpResponse:
    form = NewPhoneForm(request.POST)
    if not form.is_valid():
        return _phone_page(request, form, 422)
    number = form.cleaned_data["phone"]
    try:
        sent = accounts.send_code(phone=number, address=request.address, at=request.at)
    except BadInput as refused:
        return _phone_page(request, refuse(form, refused), 422)
    except (NotAllowed, TooManyTries) as refused:
        form.add_error(None, str(refused))
        return _phone_page(request, form, 429 if isinstance(refused, TooManyTries) else 409)
    is_demo = settings.GONGQING.demo != "none"
    return _phone_page(request, PhoneCodeForm(initial={"phone": number}), sent=sent if is_demo else "")


def _ask(request: ScopedRequest, kind: type[WishForm] | type[DeletionForm], template: str, **more: Any) -> HttpResponse:
    form = kind(request.POST or None) if request.method == "GET" else kind(request.POST)
    status = 200
    if request.method == "POST" and form.is_valid():
        right = Right(form.cleaned_data.get("right", Right.DELETE))
        try:
            asked = actions.ask_data_right(right=right, wish=form.cleaned_data["wish"], by=request.actor, at=request.at)
            messages.success(request, f"收到了。最晚{day_words(asked.due_at)}答复您，答复在这里看。")
            return redirect("own-data")
        except BadInput as refused:
            refuse(form, refused)
        except NotAllowed as refused:
            form.add_error(None, str(refused))
            status = 409
    status = 422 if form.errors and status == 200 else status
    return shown(request, template, current="me", status=status, form=form, **more, **BACK)


def _phone_page(request: ScopedRequest, form: Any, status: int = 200, **more: Any) -> HttpResponse:
    is_code = isinstance(form, PhoneCodeForm)
    return shown(request, "own_phone", current="me", status=status, form=form, is_code=is_code, **more, **BACK)


def _page(request: ScopedRequest, status: int = 200, **given: Any) -> HttpResponse:
    held = queries.own_data(request.actor)
    return shown(request, "own_data", current="me", status=status, held=held, back_url="/me", back_label="我", **given)
