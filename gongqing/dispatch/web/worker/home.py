"""The first page, my matters, and me."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from gongqing.accounts import queries as accounts
from gongqing.accounts.middleware import ScopedRequest, worker_page
from gongqing.audit.actor import Role
from gongqing.dispatch.queries import worker as queries
from gongqing.dispatch.web.worker.frame import shown
from gongqing.lib.times import day_of

ON_FIRST_PAGE = 3


@require_GET
def home(request: ScopedRequest) -> HttpResponse:
    """One thought: say it. Below it what I have said."""
    cards = queries.own_cards(request.actor) if request.actor.role is Role.WORKER else []
    pressing = [card for card in cards if not card.is_over]
    return shown(
        request, "home", current="home", cards=pressing[:ON_FIRST_PAGE], more=len(cards) - len(pressing[:ON_FIRST_PAGE])
    )


@worker_page
@require_GET
def mine(request: ScopedRequest) -> HttpResponse:
    """Everything I have said."""
    cards = queries.own_cards(request.actor)
    return shown(
        request,
        "mine",
        current="mine",
        open_cards=[card for card in cards if not card.is_over],
        past_cards=[card for card in cards if card.is_over],
    )


@require_GET
def me(request: ScopedRequest) -> HttpResponse:
    """Who I am here; the door for those who are not signed in."""
    known = None
    if request.actor.role is Role.WORKER:
        known = accounts.worker_card(request.actor.person_id or 0, day_of(request.at))
    return shown(request, "me", current="me", known=known)
