"""The seat's one screen: take a call, write while the caller speaks, read out the code, take the next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.appeals import queries as appeals
from gongqing.appeals.models import HotlineKind
from gongqing.appeals.queries.repeats import said_before
from gongqing.audit import events
from gongqing.dispatch import actions
from gongqing.dispatch.actions.calling import Told
from gongqing.dispatch.forms.seat import EndForm, NumberForm, SeatForm
from gongqing.dispatch.models import Call
from gongqing.dispatch.queries import hotline, proposals
from gongqing.dispatch.rules.hotline import CRISIS_NUMBERS, CallOutcome, check_is_own_call, check_is_seat, check_note
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry

KEPT = "seat_read_out"  # session: the query password of the call that is open, until it ends
DONE = (CallOutcome.REGISTERED, CallOutcome.URGED, CallOutcome.SUPPLEMENTED)


@staff_page
@require_GET
def seat(request: ScopedRequest) -> HttpResponse:
    """The call that goes on, or the number of the next one."""
    check_is_seat(request.actor)
    call = hotline.open_call(request.actor)
    if call is None:
        return _idle(request, NumberForm(verb="next"))
    if call.outcome == CallOutcome.REGISTERED and call.appeal_id is not None:
        return _read_out(request, call, EndForm(done=CallOutcome.REGISTERED))
    return _screen(request, call)


@staff_page
@require_POST
def begin(request: ScopedRequest) -> HttpResponse:
    """Take the next call."""
    form = NumberForm(request.POST, verb="next")
    if form.is_valid():
        try:
            actions.begin_call(phone=form.cleaned_data["phone"], by=request.actor, at=request.at)
            return redirect("desk-seat")
        except BadInput as refused:
            form.refuse(refused)
    return _idle(request, form, status=422)


@staff_page
@require_POST
def caller(request: ScopedRequest, call_id: int) -> HttpResponse:
    """Keep another number, and show what it is known for."""
    call = _led(request, call_id)
    try:
        given = request.POST.get("phone", "").replace("\x00", "")
        call = actions.note_caller(call_id=call_id, phone=given, by=request.actor, at=request.at)
    except (BadInput, NotAllowed) as refused:
        return _history(request, call, said=str(refused), status=422)
    return _history(request, call)


@staff_page
@require_POST
def reading(request: ScopedRequest, call_id: int) -> HttpResponse:
    """What the words say so far, beside them."""
    call = _led(request, call_id)
    place = request.POST.get("place", "")[:64]
    understood = hotline.place_words(place)
    read = hotline.reading_of(
        request.POST.get("text", "")[:20_000],
        employer=request.POST.get("employer", "")[:128],
        place=place,
        at=request.at,
    )
    context = {"read": read, "call": call, "numbers": CRISIS_NUMBERS, "typed_place": place.strip(), **understood}
    caller_id = hotline.history_of(call, request.actor).person_id
    words = request.POST.get("text", "").replace("\x00", "")[:20_000]
    employer = request.POST.get("employer", "").replace("\x00", "")[:128]
    context["seen"] = proposals.for_line(words, employer=employer, place=place)
    context["earlier"] = said_before(words, person_id=caller_id, at=request.at)
    return render(request, "dispatch/desk/seat_reading.html", context)


@staff_page
@require_GET
def employers(request: ScopedRequest) -> HttpResponse:
    """Names like what is typed."""
    check_is_seat(request.actor)
    name = request.GET.get("employer", "")[:128].replace("\x00", "")
    names = [each.name for each in registry.employers_like(name)]
    return render(request, "dispatch/desk/seat_employers.html", {"names": names})


@staff_page
@require_POST
def register(request: ScopedRequest, call_id: int) -> HttpResponse:
    """Register what the caller said; a refusal comes back with everything that was typed."""
    call, form = _led(request, call_id), SeatForm(request.POST)
    if form.is_valid():
        try:
            received = actions.register_from_call(
                call_id=call_id, told=_told(form.cleaned_data), by=request.actor, at=request.at
            )
        except BadInput as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            if received.query_password:
                request.session[KEPT] = {"call": call_id, "password": received.query_password}
            return redirect("desk-seat")
    return _screen(request, call, form=form, status=422)


@staff_page
@require_POST
def matter(request: ScopedRequest, call_id: int) -> HttpResponse:
    """The caller asks to hurry with one of the own matters, or adds something to it."""
    call, code = _led(request, call_id), request.POST.get("code", "")
    words = request.POST.get("note", "").replace("\x00", "").replace("\r\n", "\n")
    given: dict[str, Any] = {"call_id": call_id, "by": request.actor, "at": request.at}
    try:
        given["appeal_id"] = hotline.appeal_given(code, hotline.history_of(call, request.actor))
        check_note(words)
        if request.POST.get("deed") == "supplement":
            actions.supplement_from_call(text=words, **given)
            told = "已补充到这件诉求。"
        else:
            actions.urge_from_call(note=words, **given)
            told = "已催办，转告了办理单位。"
    except (BadInput, NotAllowed, NotFound) as refused:
        return _history(request, call, said=str(refused), chosen=code, words=words, status=422)
    return _history(request, _led(request, call_id), told=told, told_of=code)


@staff_page
@require_POST
def give_number(request: ScopedRequest, call_id: int) -> HttpResponse:
    """The caller was given, or put through to, a number of help; nothing that was typed is touched."""
    call, number, words = _led(request, call_id), request.POST.get("number", ""), ""
    try:
        call = actions.transfer_caller(call_id=call_id, number=number, by=request.actor, at=request.at)
    except (BadInput, NotAllowed) as refused:
        words = str(refused)
    context = {"call": call, "numbers": CRISIS_NUMBERS, "refused": words}
    return render(request, "dispatch/desk/seat_given.html", context, status=422 if words else 200)


@staff_page
@require_POST
def end(request: ScopedRequest, call_id: int) -> HttpResponse:
    """Hang up; the screen waits for the next call."""
    call = _led(request, call_id)
    done = call.outcome if call.outcome in DONE else ""
    form = EndForm(request.POST, done=done)
    if form.is_valid():
        try:
            actions.end_call(
                call_id=call_id,
                outcome=form.cleaned_data["outcome"],
                note=form.cleaned_data["note"],
                by=request.actor,
                at=request.at,
            )
        except BadInput as refused:
            form.refuse(refused)
        else:
            request.session.pop(KEPT, None)
            messages.success(request, "这通电话已结束。")
            return redirect("desk-seat")
    if done == CallOutcome.REGISTERED:
        return _read_out(request, call, form, status=422)
    return _screen(request, call, end_form=form, status=422)


def _led(request: ScopedRequest, call_id: int) -> Call:
    """A call of this seat.

    Raises:
        NotPermitted: no seat, or another's call. NotFound.
    """
    check_is_seat(request.actor)
    call = hotline.call_numbered(call_id, request.actor)
    check_is_own_call(request.actor, seat_user_id=call.seat_user_id)
    return call


def _told(given: dict[str, Any]) -> Told:
    region = hotline.town_given(given["place"])
    return Told(
        text=given["text"],
        employer=given["employer"],
        region_code=region.code if region else "",
        name=given["name"],
        phone=given["phone"],
        hotline_kind=given["hotline_kind"],
        anonymous_to_employer=given["anonymous_to_employer"],
        category=given["category"],
    )


def _idle(request: ScopedRequest, form: NumberForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "today": hotline.calls_today(request.actor, request.at)}
    return render(request, "dispatch/desk/seat.html", context, status=status)


def _screen(
    request: ScopedRequest,
    call: Call,
    *,
    form: SeatForm | None = None,
    end_form: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "call": call,
        "form": form or SeatForm(),
        "end_form": end_form or EndForm(done=call.outcome if call.outcome in DONE else ""),
        "number_form": NumberForm(verb="caller"),
        "towns": hotline.towns(),
        "categories": appeals.categories(day_of(request.at)),
        "kinds": HotlineKind.choices,
        **_history_context(request, call),
    }
    return render(request, "dispatch/desk/seat_call.html", context, status=status)


def _read_out(request: ScopedRequest, call: Call, form: EndForm, *, status: int = 200) -> HttpResponse:
    kept = request.session.get(KEPT, {})
    password = kept.get("password", "") if kept.get("call") == call.pk else ""
    said = hotline.read_out(call.appeal_id or 0, password=password)
    is_visible = appeals.is_visible(said.appeal.pk, request.actor)
    context = {"call": call, "said": said, "appeal": said.appeal, "password": password, "end_form": form}
    context |= {"is_visible": is_visible, "numbers": CRISIS_NUMBERS}
    return render(request, "dispatch/desk/seat_read_out.html", context, status=status)


def _history(request: ScopedRequest, call: Call, *, status: int = 200, **said: Any) -> HttpResponse:
    done = call.outcome if call.outcome in DONE else ""
    context = {"call": call, "end_form": EndForm(done=done), **_history_context(request, call), **said}
    return render(request, "dispatch/desk/seat_history.html", context, status=status)


def _history_context(request: ScopedRequest, call: Call) -> dict[str, Any]:
    """What the number is known for, the look at it written down."""
    history = hotline.history_of(call, request.actor)
    if history.is_known:
        events.record_access(
            "call.history_opened",
            subject_kind="call",
            subject_id=call.pk,
            by=request.actor,
            at=request.at,
            address=request.address or None,
            count=max(1, len(history.matters)),
        )
    return {"history": history}


urlpatterns = [
    path("seat", seat, name="desk-seat"),
    path("seat/employers", employers, name="desk-seat-employers"),
    path("seat/calls", begin, name="desk-seat-begin"),
    path("seat/calls/<int:call_id>/caller", caller, name="desk-seat-caller"),
    path("seat/calls/<int:call_id>/reading", reading, name="desk-seat-reading"),
    path("seat/calls/<int:call_id>/appeal", register, name="desk-seat-register"),
    path("seat/calls/<int:call_id>/matter", matter, name="desk-seat-matter"),
    path("seat/calls/<int:call_id>/number", give_number, name="desk-seat-number"),
    path("seat/calls/<int:call_id>/end", end, name="desk-seat-end"),
]
