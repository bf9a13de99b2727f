"""The phone of a staff account, where duty calls go: my own, and that of others for the administrator."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongqing.accounts import actions, queries
from gongqing.accounts.forms import StaffPhoneForm, refuse
from gongqing.accounts.middleware import ScopedRequest, administrator_page, staff_page
from gongqing.accounts.models import User
from gongqing.lib.errors import BadInput, NotAllowed


@staff_page
@require_http_methods(["GET", "POST"])
def own(request: ScopedRequest) -> HttpResponse:
    """My own."""
    user = queries.user_numbered(request.actor.user_id or 0)
    if user is None:
        raise Http404
    return _page(request, user, back=reverse("account"))


@administrator_page
@require_http_methods(["GET", "POST"])
def of_staff(request: ScopedRequest, user_id: int) -> HttpResponse:
    """Somebody else's."""
    user = queries.user_numbered(user_id)
    if user is None:
        raise Http404
    return _page(request, user, back=reverse("staff-detail", args=[user_id]))


def _page(request: ScopedRequest, user: User, *, back: str) -> HttpResponse:
    form, status = StaffPhoneForm(request.POST or None), 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_staff_phone(user_id=user.pk, phone=form.cleaned_data["phone"], by=request.actor, at=request.at)
        except BadInput as refused:
            refuse(form, refused)
        except NotAllowed as refused:
            refuse(form, refused)
            status = 409
        else:
            messages.success(request, "工作手机已保存。" if form.cleaned_data["phone"] else "工作手机已去掉。")
            return redirect(back)
    return render(request, "accounts/staff_phone.html", {"form": form, "person": user, "back": back}, status=status)
