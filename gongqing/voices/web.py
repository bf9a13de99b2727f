"""Shared needs on the desk: all of them, one with its voices, and its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.registry import queries as registry
from gongqing.voices import actions, forms
from gongqing.voices.models import SharedNeed
from gongqing.voices.queries import needs as queries
from gongqing.voices.queries.counted import COUNTED_WORDS, Asked, Counted
from gongqing.voices.queries.needs import NeedCard
from gongqing.voices.rules.track import FOLLOWS, GROWS, STATE_WORDS, NeedState

Taken = Callable[..., object]


def _merge(*, into: int, **given: Any) -> SharedNeed:
    return actions.merge_needs(into_id=into, **given)


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
    "rename": (forms.RenameForm, actions.rename_need, None, "改名", "已改名。"),
    "merge": (
        *(forms.MergeForm, _merge, None, "并入另一项"),
        "已并入，以后在这一项里一起办、一起反馈。",
    ),
    "separate": (forms.SeparateForm, actions.separate_need, None, "拆出来单列", "已拆出，回到并入前的那一步。"),
    "split-off": (forms.SplitOffForm, actions.split_off_need, None, "另立一项", "已另立一项，请研判。"),
    "leave-out": (forms.LeaveOutForm, actions.leave_out_voice, None, "移出", "已移出这一件。"),
    "take-back": (forms.TakeBackForm, actions.take_back_voice, None, "移回", "已移回这一件。"),
}
CHART_HEIGHT, BAR, PITCH = 96, 26, 34


@staff_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """Every shared need in view, those to be judged first."""
    state, given = request.GET.get("state", ""), request.GET
    asked = _asked(given)
    found = queries.needs_in_view(request.actor, state, asked)
    counts = queries.counts_in_view(request.actor, asked)
    kept = {name: given[name] for name in ("counted", "from", "to", "area") if asked and given.get(name)}
    context = {
        "needs": [(need, STATE_WORDS[NeedState(need.state)]) for need in found],
        "state": state,
        "states": [(each.value, words, counts.get(each.value, 0)) for each, words in STATE_WORDS.items()],
        "total": sum(counts.values()),
        "asked": _asked_words(asked) if asked else "",
        "kept": f"&{urlencode(kept)}" if kept else "",
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
        if step in ("leave-out", "take-back"):
            given["appeal_id"] = _number(request.POST.get("appeal", ""))
        if step == "split-off":
            given["appeal_ids"] = _chosen(request)
        try:
            after = action(**given)
        except BadInput as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            return _shown(request, need_id, sent=(step, form), refusal=str(refused), status=409)
        else:
            messages.success(request, told)
            return redirect("desk-need", need_id=after.pk if isinstance(after, SharedNeed) else need_id)
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
    owed = _owed(card)
    offers = [_offer(name, card, sent) for name in [*owed, *_besides(card)]]
    may_change = card.can_keep and card.state in GROWS
    context = {
        "card": card,
        "need": card.need,
        "owed": offers[0] if owed else None,
        "others": offers[1:] if owed else offers,
        "splitting": _offer("split-off", card, sent) if may_change else None,
        "chosen": _chosen(request) if sent and sent[0] == "split-off" else [],
        "leaving": sent[1] if sent and sent[0] == "leave-out" else forms.LeaveOutForm(step="leave-out"),
        "leaving_number": _number(request.POST.get("appeal", "")) if sent and sent[0] == "leave-out" else 0,
        "can_leave_out": may_change,
        "refusal": refusal,
        **_chart(card),
    }
    return render(request, "voices/need.html", context, status=status)


def _offer(name: str, card: NeedCard, sent: tuple[str, forms.NeedForm] | None) -> dict[str, Any]:
    """A step that is offered: its form, as it was sent if it was this one."""
    form = sent[1] if sent and sent[0] == name else STEPS[name][0](need=card.need, step=name)
    if isinstance(form, forms.MergeForm):
        form.offer(card.others)
    return {"name": name, "form": form, "label": STEPS[name][3], "is_open": bool(sent and sent[0] == name)}


def _besides(card: NeedCard) -> list[str]:
    """What may be done beside its track."""
    if not card.can_keep:
        return []
    possible = {
        "rename": card.state is not NeedState.PROPOSED,
        "merge": bool(card.others),
        "separate": card.can_separate,
    }
    return [name for name, may_be in possible.items() if may_be]


def _owed(card: NeedCard) -> list[str]:
    """The steps that this reader may take now, the one that is owed first."""
    if not card.can_keep:
        return []
    found = [name for name, (_, _, to, _, _) in STEPS.items() if to is not None and to in FOLLOWS[card.state]]
    return sorted(found, key=lambda name: STEPS[name][2] == card.state)  # what leads on, before what is said once more


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


def _asked(given: QueryDict) -> Asked | None:
    """What the address counts; a wrong one is a page that is not there.

    Raises:
        NotFound.
    """
    if given.get("counted") not in list(Counted):
        return None
    try:
        area = registry.area_named(given.get("area", ""))
        first, last = (date.fromisoformat(text) if (text := given.get(name, "")) else None for name in ("from", "to"))
    except (BadInput, ValueError) as refused:
        raise NotFound("没有这个地区，或日期不对。") from refused
    return Asked(Counted(str(given["counted"])), first, last, area)


def _asked_words(asked: Asked) -> str:
    days = [f"{day.month}月{day.day}日" for day in (asked.first, asked.last) if day]
    place = str(asked.area) if asked.area else "全部范围"
    return "，".join([place, COUNTED_WORDS[asked.what], *(["至".join(days)] if days else [])])


def _chosen(request: ScopedRequest) -> list[int]:
    """The appeals that were ticked."""
    return [number for text in request.POST.getlist("appeal") if (number := _number(text))]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


urlpatterns = [
    path("needs", listing, name="desk-needs"),
    path("needs/<int:need_id>", one, name="desk-need"),
    path("needs/<int:need_id>/<str:step>", step, name="desk-need-step"),
]
