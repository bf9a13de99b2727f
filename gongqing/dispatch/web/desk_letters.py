"""Official letters of a case: drafted on the screen, issued under a number, handed out again as they left."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.dispatch import actions, documents, sheets
from gongqing.dispatch.forms.letters import LetterForm
from gongqing.dispatch.models import LetterKind
from gongqing.dispatch.queries.cases import case_id
from gongqing.dispatch.queries.letters import is_past_due
from gongqing.lib.errors import BadInput, NotFound
from gongqing.ui.answers import saved_as

PROMISING = (LetterKind.ACCEPTANCE, LetterKind.ASSIGNMENT)


@staff_page
@require_http_methods(["GET", "POST"])
def draft(request: ScopedRequest, code: str, letter_kind: str) -> HttpResponse:
    """What the letter would say; `issue` gives it its number and keeps it."""
    if letter_kind not in LetterKind.values:
        raise NotFound("没有这种公文。")
    appeal_id = case_id(code, request.actor)
    form, status = LetterForm(request.POST or None, verb="letter"), 200
    given = {"addressee": "", "remark": ""}
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = {name: form.cleaned_data[name] for name in given}
            try:
                if "issue" in request.POST:
                    return _issued(request, code, appeal_id, letter_kind, given)
                status = 200
            except BadInput as refused:
                form.refuse(refused)
    to, parts = actions.draft_letter(
        appeal_id=appeal_id, kind=letter_kind, by=request.actor, at=request.at, address=request.address or None, **given
    )
    if request.method == "GET":
        form = LetterForm(verb="letter")
        form.initial = {"addressee": to}
    is_late = letter_kind in PROMISING and is_past_due(appeal_id, request.actor, request.at)
    words = {"kind": letter_kind, "label": LetterKind(letter_kind).label}
    context = {"form": form, "parts": parts, "code": code, "is_late": is_late, **words}
    return render(request, "dispatch/desk/letter.html", context, status=status)


@staff_page
@require_GET
def file(request: ScopedRequest, code: str, letter_id: int) -> HttpResponse:
    """The letter as it left."""
    letter, content = actions.open_letter(
        code=code, letter_id=letter_id, by=request.actor, at=request.at, address=request.address or None
    )
    return saved_as(f"{letter.get_kind_display()}{letter.reference}.docx", content, documents.MEDIA_TYPE)


@staff_page
@require_GET
def handover_sheet(request: ScopedRequest, code: str, handover_id: int) -> HttpResponse:
    """The one-row sheet that goes to a department with its letter."""
    handover, content = actions.take_handover_sheet(
        code=code, handover_id=handover_id, by=request.actor, at=request.at, address=request.address or None
    )
    return saved_as(f"诉求转办信息表{handover.appeal.code}.xlsx", content, sheets.MEDIA_TYPE)


def _issued(request: ScopedRequest, code: str, appeal_id: int, kind: str, given: dict[str, str]) -> HttpResponse:
    letter = actions.issue_letter(
        appeal_id=appeal_id, kind=kind, by=request.actor, at=request.at, address=request.address or None, **given
    )
    messages.success(request, f"{letter.get_kind_display()}已出文，文号 {letter.reference}。")
    return redirect(f"{reverse('desk-case', args=[code])}?tab=letters#tabs")


urlpatterns = [
    path("appeals/<str:code>/letters/<int:letter_id>.docx", file, name="desk-letter-file"),
    path("appeals/<str:code>/letters/<str:letter_kind>", draft, name="desk-letter"),
    path("appeals/<str:code>/handovers/<int:handover_id>.xlsx", handover_sheet, name="desk-handover-sheet"),
]
