"""The work of those who have left: lists to be signed (工作交接)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.audit import events
from gongqing.dispatch import actions, documents, sheets
from gongqing.dispatch.documents.lists import pass_on_list
from gongqing.dispatch.queries import passing_on as queries
from gongqing.dispatch.queries.passing_on import PassedWork
from gongqing.ui.answers import saved_as


@staff_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """The lists that wait for a signature, and those that were signed."""
    waiting, signed = queries.listed(request.actor)
    return render(request, "dispatch/desk/pass_ons.html", {"waiting": waiting, "signed": signed})


@staff_page
@require_GET
def detail(request: ScopedRequest, pass_on_id: int) -> HttpResponse:
    """One list, ready to be printed or signed."""
    work = queries.passed_work(pass_on_id, request.actor)
    return render(request, "dispatch/desk/pass_on.html", {"work": work, "found": work.pass_on})


@staff_page
@require_POST
def sign(request: ScopedRequest, pass_on_id: int) -> HttpResponse:
    """Sign the list."""
    actions.take_over_work(pass_on_id=pass_on_id, by=request.actor, at=request.at)
    messages.success(request, "交接清单已签收。")
    return redirect("desk-pass-on-one", pass_on_id=pass_on_id)


@staff_page
@require_GET
def word(request: ScopedRequest, pass_on_id: int) -> HttpResponse:
    """The list as a Word file with places for the signatures."""
    work = _taken(request, pass_on_id)
    return saved_as(f"{_name(work)}.docx", pass_on_list(work), documents.MEDIA_TYPE)


@staff_page
@require_GET
def table(request: ScopedRequest, pass_on_id: int) -> HttpResponse:
    """The list as an Excel file."""
    work = _taken(request, pass_on_id)
    return saved_as(f"{_name(work)}.xlsx", sheets.pass_on_workbook(work), sheets.MEDIA_TYPE)


def _taken(request: ScopedRequest, pass_on_id: int) -> PassedWork:
    """The list, its leaving the platform written down."""
    work = queries.passed_work(pass_on_id, request.actor)
    events.record_access(
        "pass_on.taken",
        subject_kind="pass_on",
        subject_id=pass_on_id,
        by=request.actor,
        at=request.at,
        address=request.address or None,
        count=len(work.items),
    )
    return work


def _name(work: PassedWork) -> str:
    return f"交接清单{work.pass_on.posting.user.name}{work.pass_on.made_at:%Y%m%d}"


urlpatterns = [
    path("pass-on", listing, name="desk-pass-on"),
    path("pass-on/<int:pass_on_id>.docx", word, name="desk-pass-on-word"),
    path("pass-on/<int:pass_on_id>.xlsx", table, name="desk-pass-on-table"),
    path("pass-on/<int:pass_on_id>", detail, name="desk-pass-on-one"),
    path("pass-on/<int:pass_on_id>/sign", sign, name="desk-pass-on-sign"),
]
