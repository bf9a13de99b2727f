"""My account: what I act as, my password, and a worker's own data."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from gongqing.accounts import actions, queries, rules
from gongqing.accounts.forms import PasswordForm, PersonForm, refuse
from gongqing.accounts.middleware import ScopedRequest, choose_posting, renew_proof, staff_page, worker_page
from gongqing.lib.errors import BadInput, NotPermitted, TooManyTries
from gongqing.lib.times import day_of
from gongqing.registry import actions as registry


@staff_page
@require_http_methods(["GET", "POST"])
def posting(request: ScopedRequest) -> HttpResponse:
    """Choose in which of several postings to act."""
    held = list(queries.postings_of(request.actor.user_id or 0, day_of(request.at)))
    if request.method == "POST":
        chosen = next((one for one in held if str(one.pk) == request.POST.get("posting")), None)
        if chosen is None:
            raise NotPermitted("这不是您现在的岗位，请重新选择。")
        choose_posting(request, chosen)
        return redirect(rules.first_page(chosen.role))
    return render(request, "accounts/postings.html", {"held": held})


@staff_page
@require_http_methods(["GET"])
def account(request: ScopedRequest) -> HttpResponse:
    """Who I am here."""
    user = request.account
    held = list(queries.postings_of(request.actor.user_id or 0, day_of(request.at)))
    pairs = [("姓名", user.name), ("用户名", user.username)] if user else []
    pairs += [("工作手机", user.phone_mask or "没有登记")] if user else []
    return render(request, "accounts/account.html", {"pairs": pairs, "held": held, "seen": user and user.last_login})


@staff_page
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: ScopedRequest) -> HttpResponse:
    """Change my password."""
    form = PasswordForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return render(request, "accounts/password.html", {"form": form}, status=200 if request.method == "GET" else 422)
    try:
        user = actions.change_password(
            user_id=request.actor.user_id or 0,
            old=form.cleaned_data["old"],
            new=form.cleaned_data["new"],
            by=request.actor,
            at=request.at,
        )
    except (BadInput, TooManyTries) as refused:
        status = 429 if isinstance(refused, TooManyTries) else 422
        return render(request, "accounts/password.html", {"form": refuse(form, refused)}, status=status)
    renew_proof(request, user)
    messages.success(request, "密码已修改。其他地方的登录都已退出。")
    return redirect("account")


@worker_page
@require_http_methods(["GET", "POST"])
def worker_account(request: ScopedRequest) -> HttpResponse:
    """What is known about me, and how I am called."""
    person_id = request.actor.person_id or 0
    if request.method == "POST":
        registry.complete_person(
            person_id=person_id, name=request.POST.get("name", ""), by=request.actor, at=request.at
        )
        messages.success(request, "已保存。")
        return redirect("worker-account")
    known = queries.worker_card(person_id, day_of(request.at))
    form = PersonForm(initial={"name": known.name})
    return render(request, "accounts/worker_account.html", {"known": known, "form": form, "back_url": "/me"})
