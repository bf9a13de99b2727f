"""Who stands in for whom: the list, naming one, ending one early."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from gongqing.accounts import actions, queries
from gongqing.accounts.forms import DeputyForm, refuse
from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.accounts.queries import deputies
from gongqing.audit.actor import Role
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.lib.times import day_of


@staff_page
@require_http_methods(["GET", "POST"])
def listing(request: ScopedRequest) -> HttpResponse:
    """The deputies in one's view, and naming one."""
    on = day_of(request.at)
    postings = deputies.postings_to_deputise(request.actor, on)
    chosen = {"since": on, "last_day": on + timedelta(days=6), "posting": request.GET.get("posting", "")}
    form = DeputyForm(request.POST or None, postings=postings, initial=chosen)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _named(request, form)
            except BadInput as refused:
                refuse(form, refused)
            except NotAllowed as refused:
                form.add_error(None, str(refused))
                status = 409
            except NotPermitted as refused:
                form.add_error(None, str(refused))
                status = 403
    context: dict[str, Any] = {
        "form": form,
        "postings": postings,
        "people": deputies.people_near(request.actor, on),
        "rows": deputies.deputy_rows(request.actor, on),
        "may_end": request.actor.role is not Role.AUDITOR,
        "now": request.at,
    }
    return render(request, "accounts/deputies.html", context, status=status)


@staff_page
@require_POST
def end(request: ScopedRequest, posting_id: int) -> HttpResponse:
    """End a deputy's posting now, or undo one that has not begun."""
    posting = queries.posting_numbered(posting_id)
    if posting is None or posting.deputy_of_id is None:
        raise NotFound("没有这项代理。")
    actions.end_deputy(posting_id=posting_id, by=request.actor, at=request.at)
    messages.success(request, f"{posting.user.name}的代理已结束。")
    return redirect("deputies")


def _named(request: ScopedRequest, form: DeputyForm) -> HttpResponse:
    given = form.cleaned_data
    user = queries.staff_called(given["user"])
    posting = actions.name_deputy(
        posting_id=int(given["posting"]),
        user_id=user.pk,
        since=given["since"],
        last_day=given["last_day"],
        reason=given["reason"],
        by=request.actor,
        at=request.at,
    )
    start = "现在就可以" if posting.since <= day_of(request.at) else f"{posting.since:%Y-%m-%d} 起可以"
    messages.success(request, f"已由{user.name}代理；{user.name}{start}在“换一个岗位”里切换到这个岗位。")
    return redirect("deputies")
