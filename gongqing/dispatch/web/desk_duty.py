"""The pages of the duty roster: the week, its holes, writing it, one's own shifts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.audit import events as audit
from gongqing.dispatch import actions, sheets
from gongqing.dispatch.forms.duty import DutyForm, DutySettingForm, PatternForm, RosterFileForm, ShiftForm
from gongqing.dispatch.queries import duty as queries
from gongqing.dispatch.queries import duty_pages
from gongqing.dispatch.rules import duty, duty_sheets
from gongqing.dispatch.rules.calendar_file import Entry, calendar_text
from gongqing.dispatch.rules.duty_patterns import Pattern
from gongqing.dispatch.rules.event_words import words_of
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.sheets import read_sheets
from gongqing.lib.times import day_of, local
from gongqing.lib.workdays import start_of_day
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation
from gongqing.ui.answers import saved_as

EXPORT_WEEKS = 4
OWN_DAYS = 90


@staff_page
@require_GET
def roster(request: ScopedRequest) -> HttpResponse:
    """One week of one organisation's roster, its holes of the next two weeks, and the forms of who may write it."""
    return _page(request, _place(request))


@staff_page
@require_POST
def add(request: ScopedRequest) -> HttpResponse:
    """Put somebody on the roster."""
    place = _place(request)
    form = ShiftForm(request.POST, people=_people(place, request))

    def act() -> str:
        given = form.cleaned_data
        shift = actions.add_shift(
            organisation_id=place.pk,
            user_id=int(given["user"]),
            rank=given["rank"],
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            by=request.actor,
            at=request.at,
        )
        return f"已排{shift.user.name}。"

    return _submit(request, place, "shift_form", form, act)


@staff_page
@require_POST
def plan(request: ScopedRequest) -> HttpResponse:
    """Show what a pattern would make; confirmed, write it."""
    place = _place(request)
    duty.check_can_roster(request.actor, organisation_id=place.pk, path=place.path)
    form = PatternForm(request.POST)
    if not form.is_valid():
        return _page(request, place, status=422, pattern_form=form)
    try:
        pattern = _pattern(form, place, request)
        preview = duty_pages.preview(place, pattern, at=request.at)
    except BadInput as refused:
        form.refuse(refused)
        return _page(request, place, status=422, pattern_form=form)
    if form.cleaned_data["seen"] == preview.digest and preview.written:
        actions.write_pattern(organisation_id=place.pk, pattern=pattern, by=request.actor, at=request.at)
        messages.success(request, f"已排 {len(preview.written)} 班。")
        return redirect(_address(place, pattern.first))
    given = request.POST.copy()
    given["seen"] = preview.digest
    context = {
        "place": place,
        "preview": preview,
        "form": PatternForm(given),
        "changed": bool(form.cleaned_data["seen"]),
        "back": _address(place, pattern.first),
    }
    return render(request, "dispatch/desk/duty_preview.html", {**context, **_frame("desk-duty", request)})


@staff_page
@require_POST
def copy(request: ScopedRequest) -> HttpResponse:
    """Write last week's shifts into this week."""
    place, monday = _place(request), _monday(request)
    try:
        judged = actions.copy_week(
            organisation_id=place.pk, monday=start_of_day(monday), by=request.actor, at=request.at
        )
    except NotAllowed as refused:
        return _page(request, place, status=409, refusal=str(refused))
    left_out = [f"{watch.name}（{why}）" for watch, why in judged if why]
    told = f"已复制 {len(judged) - len(left_out)} 班。"
    messages.success(request, told + (f"没有复制：{'、'.join(left_out)}。" if left_out else ""))
    return redirect(_address(place, monday))


@staff_page
@require_POST
def load(request: ScopedRequest) -> HttpResponse:
    """Take in a file; what was not taken is listed with row, column and why."""
    place = _place(request)
    duty.check_can_roster(request.actor, organisation_id=place.pk, path=place.path)
    form = RosterFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, place, status=422, file_form=form)
    given = form.cleaned_data["file"]
    try:
        people = [(user.pk, user.username, user.name) for user in _people(place, request)]
        found = duty_sheets.read_roster(read_sheets(given.name, given.read()), people)
        watches = [watch for _, watch in found.rows]
        judged = actions.load_shifts(organisation_id=place.pk, watches=watches, by=request.actor, at=request.at)
    except BadInput as refused:
        form.refuse(refused)
        return _page(request, place, status=422, file_form=form)
    rejects = [*found.rejects]
    for (number, _), (_, why) in zip(found.rows, judged, strict=True):
        if why:
            rejects.append(duty_sheets.Reject(number, "开始", why))
    written = len(found.rows) + len(found.rejects) - len(rejects)
    if not rejects:
        messages.success(request, f"已导入 {written} 班。")
        return redirect(_address(place, _monday(request)))
    rejects.sort(key=lambda each: each.line)
    context = {"place": place, "rejects": rejects, "written": written, "back": _address(place, _monday(request))}
    return render(
        request,
        "dispatch/desk/duty_loaded.html",
        {**context, **_frame("desk-duty", request)},
        status=200 if written else 422,
    )


@staff_page
@require_GET
def export(request: ScopedRequest) -> HttpResponse:
    """Four weeks from the shown one as an Excel file, which the import takes again; that it was taken is noted."""
    place, monday = _place(request), _monday(request)
    end = start_of_day(monday + timedelta(weeks=EXPORT_WEEKS))
    found = queries.shifts_between(place.pk, start_of_day(monday), end)
    rows = [
        (shift.user.name, shift.user.username, _cell(shift.starts_at), _cell(shift.ends_at), str(shift.rank))
        for shift in found
    ]
    heading = (
        f"{place}值班表，{monday:%Y-%m-%d} 起 {EXPORT_WEEKS} 周。{request.actor.name} {request.at:%Y-%m-%d %H:%M} 导出"
    )
    audit.record_access(
        "roster.exported",
        subject_kind="organisation",
        subject_id=place.pk,
        by=request.actor,
        at=request.at,
        reason=f"{place}，{monday:%Y-%m-%d} 起 {EXPORT_WEEKS} 周",
        address=request.address or None,
        count=len(rows),
    )
    book = sheets.roster_workbook(rows, columns=duty_sheets.COLUMNS, heading=heading)
    return saved_as(f"值班表{place.code}-{monday:%Y%m%d}.xlsx", book, sheets.MEDIA_TYPE)


@staff_page
@require_http_methods(["POST"])
def settle(request: ScopedRequest) -> HttpResponse:
    """Settle whether the organisation must have a roster, and how long a call waits."""
    place = _place(request)
    form = DutySettingForm(request.POST)

    def act() -> str:
        actions.set_duty(organisation_id=place.pk, by=request.actor, at=request.at, **form.cleaned_data)
        return "值班设置已改。"

    return _submit(request, place, "setting_form", form, act)


@staff_page
@require_GET
def mine(request: ScopedRequest) -> HttpResponse:
    """My shifts from today on, wherever they are."""
    shifts = _own(request, since=start_of_day(day_of(request.at)))
    context = {"shifts": duty_pages.cells(shifts), "now": request.at}
    return render(request, "dispatch/desk/duty_mine.html", {**context, **_frame("desk-duty-mine", request)})


@staff_page
@require_GET
def mine_file(request: ScopedRequest) -> HttpResponse:
    """My shifts for the calendar of a phone."""
    entries = [
        Entry(
            uid=f"shift-{shift.pk}@{request.get_host()}",
            title=f"值班（{duty.RANK_WORDS.get(shift.rank, '')}）{shift.organisation}",
            place=str(shift.organisation),
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
        )
        for shift in _own(request, since=request.at - timedelta(days=7))
    ]
    text = calendar_text(entries, name="我的值班", at=request.at)
    return saved_as("我的值班.ics", text.encode(), "text/calendar; charset=utf-8")


def _own(request: ScopedRequest, *, since: datetime) -> list[Any]:
    return queries.own_shifts(request.actor.user_id or 0, since, request.at + timedelta(days=OWN_DAYS))


def _submit(
    request: ScopedRequest, place: Organisation, name: str, form: DutyForm, act: Callable[[], str]
) -> HttpResponse:
    status = 422
    if form.is_valid():
        try:
            messages.success(request, act())
            return redirect(_address(place, _monday(request)))
        except BadInput as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            form.add_error(None, str(refused))
            status = 409
    return _page(request, place, status=status, **{name: form})


def _page(request: ScopedRequest, place: Organisation, *, status: int = 200, **given: Any) -> HttpResponse:
    monday = _monday(request)
    may_write = duty.can_roster(request.actor, organisation_id=place.pk, path=place.path)
    start, end = request.at, start_of_day(day_of(request.at) + timedelta(days=duty.HOLE_DAYS + 1))
    people = _people(place, request)
    context: dict[str, Any] = {
        "place": place,
        "places": duty_pages.places_for(request.actor),
        "monday": monday,
        "week": queries.week_of(place, monday, request.at),
        "before": _address(place, monday - timedelta(weeks=1)),
        "after": _address(place, monday + timedelta(weeks=1)),
        "this_week": _address(place, day_of(request.at)),
        "is_this_week": monday == _week_start(day_of(request.at)),
        "needs_roster": queries.needs_roster(place),
        "answer_minutes": queries.answer_minutes(place),
        "holes": queries.holes_of(place, start, end),
        "clashes": queries.clashes_of(place, start, end),
        "may_write": may_write,
        "changes": [(one, words_of(one.kind)) for one in queries.changes_of(place)],
        "may_set": duty_pages.may_set(request.actor),
        "people": people,
        "now": request.at,
        **_frame("desk-duty", request),
    }
    if may_write:
        first = {"people": "、".join(user.name for user in people), "first": max(monday, day_of(request.at))}
        context |= {"shift_form": ShiftForm(people=people), "pattern_form": PatternForm(initial=first)}
        context |= {"file_form": RosterFileForm()}
    if context["may_set"]:
        now = {"needs_roster": context["needs_roster"], "answer_minutes": context["answer_minutes"]}
        context["setting_form"] = DutySettingForm(initial=now)
    return render(request, "dispatch/desk/duty.html", {**context, **given}, status=status)


def _pattern(form: PatternForm, place: Organisation, request: ScopedRequest) -> Pattern:
    given = form.cleaned_data
    people = [(user.pk, user.username, user.name) for user in _people(place, request)]
    return Pattern(
        people=tuple(duty_sheets.people_in(given["people"], people)),
        **{name: given[name] for name in ("ranks", "first", "weeks", "nights", "noons", "rest_days", "turn")},
    )


def _people(place: Organisation, request: ScopedRequest) -> list[Any]:
    return queries.duty_people(place.pk, day_of(request.at))


def _place(request: ScopedRequest) -> Organisation:
    """The organisation in the address, else the own one or the nearest above that has a roster.

    Raises:
        NotFound: none of that code, or one that has no roster.
    """
    code = request.GET.get("place", "").strip().replace("\x00", "")
    found = registry.organisation_by_code(code) if code else duty_pages.own_place(request.actor)
    if found is None or not found.is_active or found.kind not in queries.MAY_HAVE_ROSTER:
        raise NotFound("没有这个单位的值班表，请在“值班表”里另选一个单位。")
    return found


def _monday(request: ScopedRequest) -> date:
    """The Monday of the week in the address; of this week when there is none, or none that can be."""
    try:
        wanted = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        wanted = day_of(request.at)
    year = day_of(request.at).year
    return _week_start(wanted if abs(wanted.year - year) <= 5 else day_of(request.at))


def _week_start(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _address(place: Organisation, day: date) -> str:
    return f"{reverse('desk-duty')}?{urlencode({'place': place.code, 'week': _week_start(day).isoformat()})}"


def _cell(moment: datetime) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M}"


def _frame(current: str, request: ScopedRequest) -> dict[str, Any]:
    return {"tabs": duty_pages.tabs(request.actor, current)}


urlpatterns = [
    path("duty", roster, name="desk-duty"),
    path("duty/add", add, name="desk-duty-add"),
    path("duty/plan", plan, name="desk-duty-plan"),
    path("duty/copy", copy, name="desk-duty-copy"),
    path("duty/load", load, name="desk-duty-load"),
    path("duty/settings", settle, name="desk-duty-settings"),
    path("duty/roster.xlsx", export, name="desk-duty-export"),
    path("duty/mine", mine, name="desk-duty-mine"),
    path("duty/mine.ics", mine_file, name="desk-duty-mine-file"),
]
