"""Talks with handlers that are late, and the cases of a digest."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.dispatch import actions
from gongqing.dispatch.forms.interviews import InterviewForm
from gongqing.dispatch.queries import interviews as queries
from gongqing.dispatch.queries.digests import digest_page
from gongqing.dispatch.queries.interviews import Talk
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted


@staff_page
@require_GET
def interviews(request: ScopedRequest) -> HttpResponse:
    """The talks, open ones first, and the one that is chosen beside them."""
    chosen = request.GET.get("talk", "")
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 16):
        return _page(request, None)
    try:
        talk = queries.talk_numbered(int(chosen), request.actor, request.at)
    except NotFound as missing:
        return _page(request, None, missing=str(missing))
    return _page(request, talk)


@staff_page
@require_POST
def record(request: ScopedRequest, interview_id: int) -> HttpResponse:
    """What was said and agreed; a refusal comes back with the page, and nothing that was written is lost."""
    talk = queries.talk_numbered(interview_id, request.actor, request.at)
    form, status = InterviewForm(request.POST), 422
    if form.is_valid():
        try:
            actions.record_interview(interview_id=interview_id, **form.cleaned_data, by=request.actor, at=request.at)
        except BadInput as refused:
            form.refuse(refused)
        except (NotAllowed, NotPermitted) as refused:
            form.add_error(None, str(refused))
            status = 409 if isinstance(refused, NotAllowed) else 403
        else:
            messages.success(request, "约谈记录已存。")
            return redirect("desk-interviews")
    return _page(request, talk, form=form, status=status)


@staff_page
@require_GET
def digest(request: ScopedRequest, digest_id: int) -> HttpResponse:
    """The cases that a digest told of, as they stand now."""
    found = digest_page(digest_id, request.actor, request.at)
    return render(request, "dispatch/desk/digest.html", {"found": found})


def _page(
    request: ScopedRequest, talk: Talk | None, *, form: InterviewForm | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    talks = queries.talks(request.actor, request.at)
    context = {
        "talks": talks,
        "open_count": sum(each.is_open for each in talks),
        "talk": talk,
        "form": form or InterviewForm(),
        **more,
    }
    return render(request, "dispatch/desk/interviews.html", context, status=status)


urlpatterns = [
    path("interviews", interviews, name="desk-interviews"),
    path("interviews/<int:interview_id>", record, name="desk-interview-record"),
    path("digests/<int:digest_id>", digest, name="desk-digest"),
]
