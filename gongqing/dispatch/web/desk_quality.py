"""Checking the hotline: draw a month, check what was drawn, read one's own results."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.audit import events
from gongqing.audit.actor import Role
from gongqing.dispatch import actions
from gongqing.dispatch.forms.seat import QualityForm
from gongqing.dispatch.models import QualityCheck
from gongqing.dispatch.queries import quality as queries
from gongqing.dispatch.rules.quality import CHECKERS, LEAST_A_SEAT, PASS_MARK, POINTS, SHARE
from gongqing.lib.errors import BadInput, NotAllowed, NotFound


@staff_page
@require_GET
def quality(request: ScopedRequest) -> HttpResponse:
    """A month's checks with figures, and the one that is chosen beside them."""
    queries.check_can_read(request.actor)
    chosen = request.GET.get("check", "")
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 16):
        return _page(request, _month(request), None)
    try:
        check = queries.quality_check_numbered(int(chosen), request.actor)
    except NotFound as missing:
        return _page(request, _month(request), None, missing=str(missing))
    events.record_access(
        "appeal.opened",
        subject_kind="appeal",
        subject_id=check.appeal_id,
        by=request.actor,
        at=request.at,
        address=request.address or None,
    )
    return _page(request, check.drawn_for, check)


@staff_page
@require_POST
def draw(request: ScopedRequest) -> HttpResponse:
    """Draw a month of one hotline."""
    month, given = _month(request), request.POST.get("hotline", "")
    try:
        number = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0
        checks = actions.draw_quality_checks(hotline_id=number, month=month, by=request.actor, at=request.at)
    except NotAllowed as refused:
        return _page(request, month, None, missing=str(refused), status=409)
    messages.success(request, f"抽到 {len(checks)} 件。")
    return redirect(f"{reverse('desk-quality')}?month={month:%Y-%m}")


@staff_page
@require_POST
def check(request: ScopedRequest, check_id: int) -> HttpResponse:
    """Keep the points of a check."""
    found = queries.quality_check_numbered(check_id, request.actor)
    form = QualityForm(request.POST)
    status = 422
    if form.is_valid():
        marks = {point.code: form.cleaned_data[point.code] for point in POINTS}
        try:
            actions.record_quality_check(
                check_id=check_id, marks=marks, note=form.cleaned_data["note"], by=request.actor, at=request.at
            )
        except BadInput as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            form.add_error(None, str(refused))
            status = 409
        else:
            messages.success(request, "质检已记下，结果已送到坐席的收件箱。")
            return redirect(f"{reverse('desk-quality')}?month={found.drawn_for:%Y-%m}")
    return _page(request, found.drawn_for, found, form=form, status=status)


def _month(request: ScopedRequest) -> date:
    """The month that is asked for; last month when it is none."""
    given = request.POST.get("month", "") or request.GET.get("month", "")
    try:
        return date.fromisoformat(f"{given}-01")
    except ValueError:
        return queries.last_month(request.at)


def _page(
    request: ScopedRequest,
    month: date,
    chosen: QualityCheck | None,
    *,
    form: QualityForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "page": queries.quality_page(request.actor, month),
        "check": chosen,
        "points": queries.points_of(chosen) if chosen else [],
        "form": form or QualityForm(),
        "can_check": request.actor.role in CHECKERS,
        "can_draw": request.actor.role is Role.CITY_SUPERVISOR,
        "is_own": request.actor.role is Role.HOTLINE_SEAT,
        "pass_mark": PASS_MARK,
        "share": SHARE,
        "least": LEAST_A_SEAT,
        **more,
    }
    return render(request, "dispatch/desk/quality.html", context, status=status)


urlpatterns = [
    path("quality", quality, name="desk-quality"),
    path("quality/draw", draw, name="desk-quality-draw"),
    path("quality/checks/<int:check_id>", check, name="desk-quality-check"),
]
