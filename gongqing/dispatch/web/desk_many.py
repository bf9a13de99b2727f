"""Several cases at once: chosen on a board, confirmed with one word to all, answered case by case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.dispatch import actions
from gongqing.dispatch.forms.many import ManyForm
from gongqing.dispatch.queries import many as queries
from gongqing.dispatch.queries.cases import organisation_given
from gongqing.dispatch.rules.higher_hands import VERBS
from gongqing.dispatch.rules.permissions import check_can_dispatch
from gongqing.lib.errors import BadInput

BOARD = "/desk/supervision"


@staff_page
@require_http_methods(["GET", "POST"])
def supervise(request: ScopedRequest) -> HttpResponse:
    """Ask once with the words prefilled; a POST carries it out and says what became of each case."""
    check_can_dispatch(request.actor)
    given = request.POST if request.method == "POST" else request.GET
    verb, codes = given.get("verb", ""), given.getlist("case")
    if verb not in VERBS:
        return redirect(_back(request, given))
    if request.method == "GET":
        form = ManyForm(verb=verb)
        return render(request, "dispatch/desk/many.html", _context(request, form, verb, codes, given))
    form = ManyForm(request.POST, verb=verb)
    if form.is_valid():
        try:
            outcomes = actions.supervise_cases(
                verb=verb,
                codes=codes,
                note=form.cleaned_data["note"],
                organisation_id=organisation_given(form.cleaned_data.get("organisation"), field="organisation"),
                by=request.actor,
                at=request.at,
            )
        except BadInput as refused:
            form.refuse(refused)
        else:
            done = sum(each.done for each in outcomes)
            context = {"verb": VERBS[verb], "outcomes": outcomes, "done": done, "back": _back(request, given)}
            context["refused"] = len(outcomes) - done
            return render(request, "dispatch/desk/many_done.html", context)
    return render(request, "dispatch/desk/many.html", _context(request, form, verb, codes, given), status=422)


def _context(
    request: ScopedRequest, form: ManyForm, verb: str, codes: Sequence[str], given: QueryDict
) -> dict[str, Any]:
    return {
        "form": form,
        "verb": VERBS[verb],
        "name": verb,
        "cases": queries.chosen_cases(codes, request.actor, request.at),
        "places": queries.places_below(request.actor) if VERBS[verb].is_placed else [],
        "back": _back(request, given),
        "address": reverse("desk-many"),
    }


def _back(request: ScopedRequest, given: QueryDict) -> str:
    """Where the cases were chosen, when that is a page of ours."""
    back = given.get("back", "")
    is_ours = back.startswith("/desk/") and url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return back if is_ours else BOARD


urlpatterns = [path("supervise", supervise, name="desk-many")]
