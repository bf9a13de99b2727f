"""The city's supervisors answer what workers ask about their own data."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.audit import events
from gongqing.dispatch import actions
from gongqing.dispatch.forms.own_data import AnswerForm, CorrectionForm
from gongqing.dispatch.queries import own_data as queries
from gongqing.dispatch.queries.own_data import RequestCard
from gongqing.dispatch.rules.retention import hindrance
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.registry.models import Right
from gongqing.registry.rules.personal_data import check_answers_data_requests

CORRECTABLE = ("name", "phone", "id_number", "address")


@staff_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """The requests that wait, the nearest due first; or those that have been answered."""
    check_answers_data_requests(request.actor)
    is_open = request.GET.get("state") != "answered"
    context = {
        "rows": queries.data_requests(request.actor, request.at, is_open=is_open),
        "is_open": is_open,
        "tabs": [
            {"name": "待答复", "count": queries.open_request_count(), "url": "?", "current": is_open},
            {"name": "已答复", "count": None, "url": "?state=answered", "current": not is_open},
        ],
        "now": request.at,
    }
    return render(request, "dispatch/desk/data_requests.html", context)


@never_cache
@staff_page
@require_http_methods(["GET", "POST"])
def detail(request: ScopedRequest, request_id: int) -> HttpResponse:
    """One request: what is asked, what stands against it, the answer."""
    card = queries.data_request_card(request_id, request.actor)
    kind = CorrectionForm if card.request.right == Right.CORRECT else AnswerForm
    if request.method == "GET":
        events.record_access(
            "data_request.opened",
            subject_kind="person",
            subject_id=card.person.pk,
            by=request.actor,
            at=request.at,
            reason=f"答复个人信息请求：{card.request.get_right_display()}",
            address=request.address,
        )
        return _page(request, card, kind())
    form = kind(request.POST)
    if not form.is_valid():
        return _page(request, card, form, 422)
    given = form.cleaned_data
    try:
        actions.settle_data_request(
            request_id=request_id,
            granted=given["granted"] == "yes",
            answer=given["answer"],
            corrections={name: given[name] for name in CORRECTABLE if given.get(name)},
            by=request.actor,
            at=request.at,
        )
    except BadInput as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return _page(request, card, form, 422)
    except NotAllowed as refused:
        form.add_error(None, str(refused))
        return _page(request, queries.data_request_card(request_id, request.actor), form, 409)
    messages.success(request, "已答复，职工在“我的个人信息”里看得到；没有撤回短信同意的，也会收到短信。")
    return redirect("data-requests")


def _page(request: ScopedRequest, card: RequestCard, form: AnswerForm, status: int = 200) -> HttpResponse:
    is_deletion = card.request.right == Right.DELETE
    context = {
        "card": card,
        "form": form,
        "is_deletion": is_deletion,
        "why_not": hindrance(card.standing, at=request.at, years=None) if is_deletion else "",
        "is_correction": isinstance(form, CorrectionForm),
        "now": request.at,
    }
    return render(request, "dispatch/desk/data_request.html", context, status=status)


urlpatterns = [
    path("data-requests", listing, name="data-requests"),
    path("data-requests/<int:request_id>", detail, name="data-request"),
]
