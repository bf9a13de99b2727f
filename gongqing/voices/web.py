"""Shared needs on the desk: all of them, one with its voices, and its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.voices import actions, forms
from gongqing.voices.queries import needs as queries
from gongqing.voices.queries.needs import NeedCard
from gongqing.voices.rules.track import FOLLOWS, GROWS, STATE_WORDS, NeedState

Taken = Callable[..., object]

# step → its form, what it does, where it leads, what its button and the message afterwards say
STEPS: Mapping[str, tuple[type[forms.NeedForm], Taken, NeedState | None, str, str]] = {
    "take-up": (forms.TakeUpForm, actions.take_up_need, NeedState.TAKEN_UP, "采纳", "已采纳，写下的下一步记在经过里。"),
    "answer": (forms.AnswerForm, actions.answer_need, NeedState.ANSWERED, "登记答复", "答复已登记。"),
    "finish": (
        forms.FinishForm,
        actions.finish_need,
        NeedState.DONE,
        "登记办成",
        "已登记办成，现在告诉每位说过的职工。",
    ),
    "feed-back": (
        forms.FeedBackForm,
        actions.feed_back_need,
        NeedState.FED_BACK,
        "告诉每位职工",
        "每位说过的职工都告诉了。",
    ),
    "dismiss": (forms.DismissForm, actions.dismiss_need, NeedState.DISMISSED, "不成立", "已判定不成立，不再提示。"),
    "leave-out": (forms.LeaveOutForm, actions.leave_out_voice, None, "移出", "已移出这一件。"),
}
CHART_HEIGHT, BAR, PITCH = 96, 26, 34


@staff_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """Every shared need in view, those to be judged first."""
    state = request.GET.get("state", "")
    found = queries.needs_in_view(request.actor, state)
    counts = queries.counts_in_view(request.actor)
    context = {
        "needs": [(need, STATE_WORDS[NeedState(need.state)]) for need in found],
        "state": state,
        "states": [(each.value, words, counts.get(each.value, 0)) for each, words in STATE_WORDS.items()],
        "total": sum(counts.values()),
    }
    return render(request, "voices/needs.html", context)


@staff_page
@require_GET
def one(request: ScopedRequest, need_id: int) -> HttpResponse:
    """One shared need: how many say it, where, since when, and how far it has come."""
    return _shown(request, need_id)


@staff_page
@require_POST
def step(request: ScopedRequest, need_id: int, step: str) -> HttpResponse:
    """Take one step; a refusal comes back with the page, and nothing that was written is lost."""
    if step not in STEPS:
        raise NotFound("没有这一步。")
    form_class, action, _, _, told = STEPS[step]
    form = form_class(request.POST, step=step)
    if form.is_valid():
        given: dict[str, Any] = {**form.cleaned_data, "need_id": need_id, "by": request.actor, "at": request.at}
        if step == "leave-out":
            given["appeal_id"] = _number(request.POST.get("appeal", ""))
        try:
            action(**given)
        except BadInput as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            return _shown(request, need_id, sent=(step, form), refusal=str(refused), status=409)
        else:
            messages.success(request, told)
            return redirect("desk-need", need_id=need_id)
    return _shown(request, need_id, sent=(step, form), status=422)


def _shown(
    request: ScopedRequest,
    need_id: int,
    *,
    sent: tuple[str, forms.NeedForm] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    card = queries.need_card(need_id, request.actor, request.at)
    offered = _offered(card)
    offers = [
        {
            "name": name,
            "form": sent[1] if sent and sent[0] == name else STEPS[name][0](need=card.need, step=name),
            "label": STEPS[name][3],
            "is_open": bool(sent and sent[0] == name),
        }
        for name in offered
    ]
    context = {
        "card": card,
        "need": card.need,
        "owed": offers[0] if offers else None,
        "others": offers[1:],
        "leaving": sent[1] if sent and sent[0] == "leave-out" else forms.LeaveOutForm(step="leave-out"),
        "leaving_number": _number(request.POST.get("appeal", "")) if sent and sent[0] == "leave-out" else 0,
        "can_leave_out": card.can_keep and card.state in GROWS,
        "refusal": refusal,
        **_chart(card),
    }
    return render(request, "voices/need.html", context, status=status)


def _offered(card: NeedCard) -> list[str]:
    """The steps that this reader may take now, the one that is owed first."""
    if not card.can_keep:
        return []
    return [name for name, (_, _, to, _, _) in STEPS.items() if to is not None and to in FOLLOWS[card.state]]


def _chart(card: NeedCard) -> dict[str, Any]:
    """The weeks as bars, and the height to which a usual week reaches at most."""
    scale = CHART_HEIGHT / card.highest
    bars = [
        {
            "x": place * PITCH + 4,
            "y": round(CHART_HEIGHT - week.voices * scale + 16, 1),
            "height": round(week.voices * scale, 1),
            "week": week,
            "is_last": place == len(card.weeks) - 1,
        }
        for place, week in enumerate(card.weeks)
    ]
    return {
        "bars": bars,
        "bar_width": BAR,
        "chart_width": len(bars) * PITCH + 8,
        "chart_height": CHART_HEIGHT + 36,
        "chart_floor": CHART_HEIGHT + 16,
        "usual_y": round(CHART_HEIGHT - card.need.high * scale + 16, 1),
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


urlpatterns = [
    path("needs", listing, name="desk-needs"),
    path("needs/<int:need_id>", one, name="desk-need"),
    path("needs/<int:need_id>/<str:step>", step, name="desk-need-step"),
]
