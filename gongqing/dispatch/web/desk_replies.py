"""Answers before and after they go: what is still missing in one, and how organisations answer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.appeals.models import Appeal
from gongqing.dispatch.queries import replies
from gongqing.dispatch.web.desk_case import page_with_answer
from gongqing.lib.times import day_of

LONGEST = 5000
PERIODS = {7: "近 7 天", 30: "近 30 天", 90: "近 90 天", 365: "近一年"}
USUAL_PERIOD = 30


@staff_page
@require_POST
def check(request: ScopedRequest, code: str) -> HttpResponse:
    """What the answer that is being written still lacks; it is kept nowhere and holds nothing back."""
    appeal = replies.appeal_being_answered(code, request.actor)
    read = checked(request, appeal)
    if request.headers.get("HX-Request") != "true":
        return page_with_answer(request, code, **read)
    return render(request, "dispatch/desk/reply_check.html", read)


@staff_page
@require_GET
def board(request: ScopedRequest) -> HttpResponse:
    """How organisations answer: the figures of a period, and the answers behind one of them."""
    replies.check_can_read(request.actor)
    days = _whole(request.GET.get("days", ""))
    days = days if days in PERIODS else USUAL_PERIOD
    until = day_of(request.at)
    since = until - timedelta(days=days - 1)
    chosen = _whole(request.GET.get("organisation", ""))
    rows = replies.reply_figures(request.actor, since=since, until=until)
    context = {
        "rows": rows,
        "total": replies.sum_of(rows),
        "since": since,
        "until": until,
        "days": days,
        "periods": PERIODS,
        "chosen": next((row for row in rows if row.organisation_id == chosen), None),
        "warned": replies.warned_replies(
            request.actor, since=since, until=until, organisation_id=chosen if chosen else None
        ),
    }
    return render(request, "dispatch/desk/replies.html", context)


def checked(request: ScopedRequest, appeal: Appeal) -> dict[str, Any]:
    """What was read in the answer that was sent with the request, as the page shows it."""
    words = request.POST.get("result", "").replace("\x00", "")[:LONGEST]
    read = replies.reading_of_answer(appeal, words, amount=_amount(request.POST.get("amount", "")), at=request.at)
    return {"read": read, "advice": replies.advice_of(read.findings), "has_words": bool(words.strip())}


def _amount(given: str) -> Decimal | None:
    try:
        amount = Decimal(given.strip()) if len(given) < 24 else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() and amount >= 0 else None


def _whole(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0


urlpatterns = [
    path("appeals/<str:code>/reply-check", check, name="desk-reply-check"),
    path("replies", board, name="desk-replies"),
]
