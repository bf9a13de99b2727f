"""The administrator's pages of accounts, postings and keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongqing.accounts import actions, queries, rules
from gongqing.accounts.forms import EndPostingForm, KeyForm, NewUserForm, PostingForm, ResetForm, refuse
from gongqing.accounts.middleware import ScopedRequest, administrator_page
from gongqing.audit.actor import Role
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry
from gongqing.ui.slots import filled


@administrator_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """Every staff account with what it holds."""
    text = request.GET.get("text", "")
    rows = queries.staff_cards(text=text, at=request.at)
    context = {
        "rows": rows,
        "text": text,
        "ending": queries.postings_ending(request.at),
        "only_first": queries.STAFF_SHOWN if len(rows) == queries.STAFF_SHOWN else 0,
    }
    return render(request, "accounts/staff.html", context)


@administrator_page
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def create(request: ScopedRequest) -> HttpResponse:
    """Open an account."""
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.create_user(by=request.actor, at=request.at, **form.cleaned_data)
        except BadInput as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已新建账号 {user.username}，请接着任命岗位。")
            return redirect("staff-detail", user_id=user.pk)
    return render(request, "accounts/staff_new.html", {"form": form}, status=422 if form.errors else 200)


@administrator_page
@require_GET
def detail(request: ScopedRequest, user_id: int) -> HttpResponse:
    """One account with its postings and keys."""
    return _page(request, user_id)


@administrator_page
@require_POST
def appoint(request: ScopedRequest, user_id: int) -> HttpResponse:
    """Give the account a posting."""
    form = PostingForm(request.POST)

    def act() -> str:
        code = form.cleaned_data["organisation"]
        place = registry.organisation_by_code(code) if code else None
        if code and place is None:
            raise BadInput("organisation", "没有这个编码的组织。")
        posting = actions.appoint(
            user_id=user_id,
            role=Role(form.cleaned_data["role"]),
            organisation_id=place.pk if place else None,
            since=form.cleaned_data["since"],
            by=request.actor,
            at=request.at,
        )
        return f"已任命为{posting.get_role_display()}。"

    return _submit(request, user_id, "posting_form", form, act)


@administrator_page
@sensitive_post_parameters("new")
@require_POST
def password(request: ScopedRequest, user_id: int) -> HttpResponse:
    """Set the account's password."""
    form = ResetForm(request.POST)

    def act() -> str:
        actions.reset_password(user_id=user_id, new=form.cleaned_data["new"], by=request.actor, at=request.at)
        return "密码已重设，该账号的登录都已退出。"

    return _submit(request, user_id, "reset_form", form, act)


@administrator_page
@require_POST
def issue_key(request: ScopedRequest, user_id: int) -> HttpResponse:
    """Issue a key and show it this once."""
    form = KeyForm(request.POST)
    _user(user_id)
    if not form.is_valid():
        return _page(request, user_id, {"key_form": form}, status=422)
    try:
        plain = actions.issue_key(user_id=user_id, by=request.actor, at=request.at, **form.cleaned_data)
    except BadInput as refused:
        return _page(request, user_id, {"key_form": refuse(form, refused)}, status=422)
    return _page(request, user_id, {"new_key": plain})


@administrator_page
@require_POST
def unlock(request: ScopedRequest, user_id: int) -> HttpResponse:
    """Let a locked account try again."""
    actions.unlock_user(user_id=_user(user_id), by=request.actor, at=request.at)
    return _done(request, user_id, "已解除锁定。")


@administrator_page
@require_POST
def deactivate(request: ScopedRequest, user_id: int) -> HttpResponse:
    """Take the account out of use."""
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    actions.deactivate_user(user_id=_user(user_id), reason=reason, by=request.actor, at=request.at)
    return _done(request, user_id, "账号已停用，登录和密钥都已失效。")


@administrator_page
@require_POST
def reactivate(request: ScopedRequest, user_id: int) -> HttpResponse:
    """Put the account into use again."""
    actions.reactivate_user(user_id=_user(user_id), by=request.actor, at=request.at)
    return _done(request, user_id, "账号已恢复使用。")


@administrator_page
@require_POST
def revoke_key(request: ScopedRequest, user_id: int, key_id: int) -> HttpResponse:
    """Stop a key."""
    if key_id not in {key.pk for key in queries.keys_of(user_id)}:
        raise Http404
    actions.revoke_key(key_id=key_id, by=request.actor, at=request.at)
    return _done(request, user_id, "密钥已作废。")


@administrator_page
@require_http_methods(["GET", "POST"])
def end_posting(request: ScopedRequest, user_id: int, posting_id: int) -> HttpResponse:
    """Show what passes on and ask who takes over; then end the posting today."""
    posting = queries.posting_numbered(posting_id)
    if posting is None or posting.user_id != user_id:
        raise Http404
    colleagues = [(one.pk, one.name) for one in queries.successors_of(posting, day_of(request.at))]
    form = EndPostingForm(request.POST if request.method == "POST" else None, colleagues=colleagues)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_posting(
                posting_id=posting_id,
                until=day_of(request.at),
                reason=form.cleaned_data["reason"].strip(),
                successor_id=form.cleaned_data["successor"],
                by=request.actor,
                at=request.at,
            )
        except BadInput as refused:
            refuse(form, refused)
        else:
            return _done(request, user_id, "任职已结束，即刻失去权限。")
    context = {
        "posting": posting,
        "form": form,
        "work": filled("posting.open_work", (posting, request.at), request.actor),
    }
    return render(request, "accounts/posting_end.html", context, status=422 if form.errors else 200)


def _submit(request: ScopedRequest, user_id: int, name: str, form: forms.Form, act: Callable[[], str]) -> HttpResponse:
    _user(user_id)
    if form.is_valid():
        try:
            return _done(request, user_id, act())
        except (BadInput, NotAllowed) as refused:
            refuse(form, refused)
    return _page(request, user_id, {name: form}, status=422)


def _done(request: ScopedRequest, user_id: int, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("staff-detail", user_id=user_id)


def _user(user_id: int) -> int:
    if queries.user_numbered(user_id) is None:
        raise Http404
    return user_id


def _page(
    request: ScopedRequest, user_id: int, given: Mapping[str, object] | None = None, *, status: int = 200
) -> HttpResponse:
    card = queries.staff_card(user_id, at=request.at)
    if card is None:
        raise Http404
    context = {
        "card": card,
        "posting_form": PostingForm(initial={"since": day_of(request.at)}),
        "key_form": KeyForm(initial={"scopes": list(rules.USUAL_SCOPES)}),
        "reset_form": ResetForm(),
        "is_waiting": queries.first_password_count(request.at, user_id=user_id) > 0,
        "organisations": registry.organisations_like("", limit=300),
        **(given or {}),
    }
    return render(request, "accounts/staff_detail.html", context, status=status)
