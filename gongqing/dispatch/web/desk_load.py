"""The load board (办理负荷): where how much lies, what is likely to be late, what if, and moves that help."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.dispatch import actions
from gongqing.dispatch.actions import Redirection
from gongqing.dispatch.forms.load import RedistributeForm, WhatIfForm
from gongqing.dispatch.queries import outlook as queries
from gongqing.dispatch.rules.permissions import check_can_dispatch
from gongqing.lib.errors import BadInput


@staff_page
@require_GET
def load(request: ScopedRequest) -> HttpResponse:
    """The board; with a row, what would be if it went otherwise there, and what could go elsewhere."""
    check_can_dispatch(request.actor)
    return render(request, "dispatch/desk/load.html", _context(request, request.GET))


@staff_page
@require_POST
def redistribute(request: ScopedRequest) -> HttpResponse:
    """Carry out the ticked moves, or take them back; the answer says what became of each."""
    check_can_dispatch(request.actor)
    form = RedistributeForm(request.POST)
    is_undoing = request.POST.get("undo") == "1"
    if form.is_valid():
        try:
            outcomes = actions.redistribute_appeals(
                moves=list(_moves(request.POST)),
                reason=form.cleaned_data["reason"],
                is_undoing=is_undoing,
                by=request.actor,
                at=request.at,
            )
        except BadInput as refused:
            form.refuse(refused)
        else:
            done = [each for each in outcomes if each.done]
            context = {"outcomes": outcomes, "done": done, "refused": len(outcomes) - len(done)}
            context |= {"is_undoing": is_undoing, "row": _row(request.POST)}
            return render(request, "dispatch/desk/load_done.html", context)
    context = {**_context(request, request.POST), "form": form}
    return render(request, "dispatch/desk/load.html", context, status=422)


def _context(request: ScopedRequest, given: QueryDict) -> dict[str, Any]:
    question = WhatIfForm(given)
    asked = question.asked()
    seen = queries.load_board(request.actor, request.at, asked if asked.more or asked.away else None)
    chosen = next((row for row in seen.rows if row.number == asked.row), None)
    found = queries.proposals(request.actor, request.at, chosen.number) if chosen and chosen.movable else []
    return {
        "at": request.at,
        "seen": seen,
        "asked": asked,
        "question": question,
        "chosen": chosen,
        "proposals": found,
        "gain": sum(each.move.gain for each in found),
        "form": RedistributeForm(),
    }


def _moves(given: QueryDict) -> Iterable[Redirection]:
    """The ticked cases, each with the organisation chosen for it."""
    for code in dict.fromkeys(given.getlist("case")):
        target = given.get(f"to-{code}", "")
        if target.isascii() and target.isdigit() and len(target) < 19:
            yield Redirection(code, int(target))


def _row(given: QueryDict) -> str:
    row = given.get("row", "")
    return row if row.isascii() and row.isdigit() else ""


urlpatterns = [
    path("load", load, name="desk-load"),
    path("load/moves", redistribute, name="desk-load-moves"),
]
