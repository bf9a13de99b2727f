"""One shift of a roster: who takes it instead, with whom it is swapped, or that it is off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.dispatch import actions
from gongqing.dispatch.forms.duty import DutyForm, RemoveForm, ReplaceForm, SwapForm
from gongqing.dispatch.models import DutyShift
from gongqing.dispatch.queries import duty as queries
from gongqing.dispatch.queries import duty_pages
from gongqing.dispatch.rules import duty
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.times import day_of


@staff_page
@require_GET
def page(request: ScopedRequest, shift_id: int) -> HttpResponse:
    """One shift, and what can be done with it."""
    return _page(request, _shift(shift_id))


@staff_page
@require_POST
def replace(request: ScopedRequest, shift_id: int) -> HttpResponse:
    """Somebody else takes the shift."""
    shift = _shift(shift_id)
    form = ReplaceForm(request.POST, people=queries.duty_people(shift.organisation_id, day_of(shift.starts_at)))

    def act() -> str:
        other = actions.replace_shift(
            shift_id=shift_id,
            user_id=int(form.cleaned_data["user"]),
            reason=form.cleaned_data["reason"],
            by=request.actor,
            at=request.at,
        )
        return f"已改由{other.user.name}值这一班。"

    return _submit(request, shift, "replace_form", form, act)


@staff_page
@require_POST
def swap(request: ScopedRequest, shift_id: int) -> HttpResponse:
    """Two people take each other's shift."""
    shift = _shift(shift_id)
    form = SwapForm(request.POST, others=duty_pages.others_to_swap(shift, request.at))

    def act() -> str:
        actions.swap_shifts(
            shift_id=shift_id,
            other_id=form.cleaned_data["other"],
            reason=form.cleaned_data["reason"],
            by=request.actor,
            at=request.at,
        )
        return "两班已对换。"

    return _submit(request, shift, "swap_form", form, act)


@staff_page
@require_POST
def remove(request: ScopedRequest, shift_id: int) -> HttpResponse:
    """Take the shift off the roster."""
    shift, form = _shift(shift_id), RemoveForm(request.POST)

    def act() -> str:
        actions.remove_shift(shift_id=shift_id, by=request.actor, at=request.at, **form.cleaned_data)
        return "这一班已撤下。"

    return _submit(request, shift, "remove_form", form, act)


def _submit(
    request: ScopedRequest, shift: DutyShift, name: str, form: DutyForm, act: Callable[[], str]
) -> HttpResponse:
    duty.check_can_roster(request.actor, organisation_id=shift.organisation_id, path=shift.organisation.path)
    status = 422
    if form.is_valid():
        try:
            messages.success(request, act())
            return redirect(_back(shift))
        except BadInput as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            form.add_error(None, str(refused))
            status = 409
    return _page(request, shift, status=status, **{name: form})


def _page(request: ScopedRequest, shift: DutyShift, *, status: int = 200, **given: Any) -> HttpResponse:
    place = shift.organisation
    context: dict[str, Any] = {
        "shift": shift,
        "cell": duty_pages.cells([shift])[0],
        "rank": duty.RANK_WORDS.get(shift.rank, ""),
        "back": _back(shift),
        "is_over": shift.ends_at <= request.at,
        "has_begun": shift.starts_at <= request.at,
        "may_write": duty.can_roster(request.actor, organisation_id=place.pk, path=place.path),
        "tabs": duty_pages.tabs(request.actor, "desk-duty"),
    }
    if context["may_write"] and not context["is_over"]:
        people = queries.duty_people(place.pk, day_of(shift.starts_at))
        context["replace_form"] = ReplaceForm(people=[user for user in people if user.pk != shift.user_id])
        context["remove_form"] = RemoveForm()
        if not context["has_begun"]:
            context["swap_form"] = SwapForm(others=duty_pages.others_to_swap(shift, request.at))
    return render(request, "dispatch/desk/duty_shift.html", {**context, **given}, status=status)


def _shift(shift_id: int) -> DutyShift:
    found = queries.shift_numbered(shift_id)
    if found is None:
        raise NotFound("没有这一班，可能已被撤下。")
    return found


def _back(shift: DutyShift) -> str:
    return f"{reverse('desk-duty')}?place={shift.organisation.code}&week={day_of(shift.starts_at).isoformat()}"


urlpatterns = [
    path("duty/shifts/<int:shift_id>", page, name="desk-duty-shift"),
    path("duty/shifts/<int:shift_id>/replace", replace, name="desk-duty-replace"),
    path("duty/shifts/<int:shift_id>/swap", swap, name="desk-duty-swap"),
    path("duty/shifts/<int:shift_id>/remove", remove, name="desk-duty-remove"),
]
