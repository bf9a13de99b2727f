"""The administrator's page of first passwords: who waits for one, slips to hand over, a new one, a factor reset."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts import actions, queries
from gongqing.accounts.middleware import ScopedRequest, administrator_page
from gongqing.accounts.sheets import MEDIA_TYPE, slips_book
from gongqing.registry import queries as registry
from gongqing.ui.answers import saved_as


@administrator_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """How many first passwords wait, by load and by organisation."""
    code = request.GET.get("organisation", "").strip()
    place = registry.organisation_by_code(code) if code else None
    context = {
        "piles": queries.first_password_piles(request.at),
        "code": code,
        "place": place,
        "count": queries.first_password_count(request.at, organisation_id=place.pk) if place else 0,
        "lost": queries.first_passwords_lost(request.at),
        "organisations": registry.organisations_like("", limit=300),
    }
    return render(request, "accounts/first_passwords.html", context)


@administrator_page
@never_cache
@require_POST
def take(request: ScopedRequest) -> HttpResponse:
    """Take the passwords of a load or an organisation as slips or as a sheet; they are wiped with this answer."""
    wanted = {name: request.POST.get(name, "") for name in ("load", "organisation", "user")}
    numbers = {name: text for name, text in wanted.items() if text.isascii() and text.isdigit() and len(text) < 19}
    chosen = {f"{name}_id": int(text) for name, text in numbers.items()}
    if len(chosen) != 1:
        raise Http404
    slips = actions.take_first_passwords(
        **chosen,
        address=request.address,
        by=request.actor,
        at=request.at,
    )
    if request.POST.get("form") == "xlsx":
        answer = saved_as("初始密码.xlsx", slips_book(slips), MEDIA_TYPE)
    else:
        answer = render(request, "accounts/password_slips.html", {"slips": slips, "site": request.get_host()})
    answer["Cache-Control"] = "no-store"
    return answer


@administrator_page
@require_POST
def reissue(request: ScopedRequest, user_id: int) -> HttpResponse:
    """Make a new first password for somebody."""
    _existing(user_id)
    actions.reissue_first_password(user_id=user_id, by=request.actor, at=request.at)
    messages.success(request, "已生成新的初始密码，原来的密码作废。请到“初始密码”页领取。")
    return redirect("staff-detail", user_id=user_id)


@administrator_page
@require_POST
def reset_factor(request: ScopedRequest, user_id: int) -> HttpResponse:
    """Take away the second factor of somebody who has lost the phone."""
    _existing(user_id)
    reason = request.POST.get("reason", "").replace("\x00", "")
    actions.reset_second_factor(user_id=user_id, reason=reason, by=request.actor, at=request.at)
    messages.success(request, "动态口令已重置，本人下次登录只要密码，请提醒重新开启。")
    return redirect("staff-detail", user_id=user_id)


def _existing(user_id: int) -> None:
    if queries.user_numbered(user_id) is None:
        raise Http404
