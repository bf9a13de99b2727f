"""One matter on a list to settle: its evidence, and the step that is owed (销号)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.appeals import queries as appeals
from gongqing.dispatch import actions
from gongqing.dispatch.forms.desk import StepForm
from gongqing.dispatch.forms.settling import ClaimForm, ReasonForm, RescheduleForm, StrikeOffForm
from gongqing.dispatch.models import ListEntry
from gongqing.dispatch.queries import settling as queries
from gongqing.dispatch.rules import settling as rules
from gongqing.dispatch.rules.event_words import words_of
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted, passes
from gongqing.lib.times import day_of
from gongqing.ui.answers import saved_as

FORMS: dict[str, type[StepForm]] = {
    "claim": ClaimForm,
    "strike-off": StrikeOffForm,
    "send-back": ReasonForm,
    "withdraw": ReasonForm,
    "reschedule": RescheduleForm,
}
TOLD = {
    "claim": "已报请销号，等清单的主管工会核对。",
    "strike-off": "已销号。",
    "send-back": "已退回责任单位。",
    "withdraw": "已从清单撤出，不再计数。",
    "reschedule": "期限已改，责任单位收到了提醒。",
}


@staff_page
@require_GET
def page(request: ScopedRequest, entry_id: int) -> HttpResponse:
    """The matter with its evidence and its history."""
    return _shown(request, entry_id)


@staff_page
@require_POST
def step(request: ScopedRequest, entry_id: int, step: str) -> HttpResponse:
    """Take one step; a refusal comes back with the page and what was typed."""
    if step not in FORMS:
        raise NotFound("没有这一步。")
    entry, status = queries.entry_numbered(entry_id, request.actor), 422
    form = _form(step, entry, request.POST, request.FILES)
    _check_may(step, entry, request)
    if form.is_valid():
        try:
            _take(step, form, entry_id, request)
        except BadInput as refused:
            form.refuse(refused)
        except (NotAllowed, NotPermitted) as refused:
            form.add_error(None, str(refused))
            status = 409 if isinstance(refused, NotAllowed) else 403
        else:
            messages.success(request, TOLD[step])
            return redirect("desk-entry", entry_id=entry_id)
    return _shown(request, entry_id, {step: form}, status=status)


@staff_page
@require_GET
def document(request: ScopedRequest, entry_id: int, document_id: int) -> HttpResponse:
    """One file of the evidence, to be saved, never run by the browser."""
    found, content = actions.open_entry_document(
        entry_id=entry_id,
        document_id=document_id,
        by=request.actor,
        at=request.at,
        address=request.address or None,
    )
    answer = saved_as(found.name, content, found.media_type)
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _take(name: str, form: StepForm, entry_id: int, request: ScopedRequest) -> None:
    given: dict[str, Any] = {"entry_id": entry_id, "by": request.actor, "at": request.at}
    values = {field: value for field, value in form.cleaned_data.items() if field != "documents"}
    match name:
        case "claim":
            files = form.read_files() if isinstance(form, ClaimForm) else []
            actions.claim_settlement(**given, **values, files=files)
        case "strike-off":
            actions.strike_off_entry(**given, **values)
        case "send-back":
            actions.send_back_entry(**given, **values)
        case "withdraw":
            actions.withdraw_entry(**given, **values)
        case _:
            actions.reschedule_entry(**given, **values)


def _check_may(name: str, entry: ListEntry, request: ScopedRequest) -> None:
    """Whoever may never take this step is refused before the form is read.

    Raises:
        NotPermitted.
    """
    actor, owner = request.actor, queries.place_of(entry.list.organisation)
    if name == "claim":
        rules.check_can_claim(actor, queries.place_of(entry.organisation), state="open")
    elif not rules.keeps(actor, owner):
        raise NotPermitted("这份清单由建立它的工会维护，您可以查看和报请销号。")


def _shown(
    request: ScopedRequest, entry_id: int, sent: dict[str, StepForm] | None = None, *, status: int = 200
) -> HttpResponse:
    actor, today = request.actor, day_of(request.at)
    entry = queries.entry_numbered(entry_id, actor)
    people, yuan = queries.answered_figures(entry.appeal)
    offered = _offered(request, entry)
    forms = {name: (sent or {}).get(name) or _fresh(name, entry) for name in {*offered, *(sent or {})}}
    appeal = entry.appeal
    context = {
        "entry": entry,
        "documents": queries.documents_of(entry),
        "history": [
            {"at": each.at, "what": words_of(each.kind), "who": each.name, "note": each.note}
            for each in queries.history_of_entry(entry)
        ],
        "is_late": rules.is_late(entry.state, entry.due_on, today),
        "late_days": (today - entry.due_on).days,
        "sees_appeal": appeal is not None and appeals.is_visible(appeal.pk, actor),
        "answered_people": people,
        "answered_yuan": yuan,
        "waits_for_answer": appeal is not None and people is None,
        "offered": offered,
        "sent": next(iter(sent or {}), ""),
        "forms": {name.replace("-", "_"): form for name, form in forms.items()},
        "is_own_claim": entry.claimed_by_user_id == actor.user_id and entry.state == "claimed",
        "is_keeper": actor.organisation_id == entry.list.organisation_id,
        "today": today,
    }
    return render(request, "dispatch/desk/settling_entry.html", context, status=status)


def _offered(request: ScopedRequest, entry: ListEntry) -> list[str]:
    actor, owner = request.actor, queries.place_of(entry.list.organisation)
    asked, state = queries.place_of(entry.organisation), entry.state
    found = []
    if passes(rules.check_can_claim, actor, asked, state=state):
        found.append("claim")
    if passes(rules.check_can_decide_claim, actor, owner, claimed_by=entry.claimed_by_user_id, state=state):
        found += ["strike-off", "send-back"]
    if passes(rules.check_can_withdraw_entry, actor, owner, state=state):
        found += ["reschedule", "withdraw"]
    return found


def _form(name: str, entry: ListEntry, data: Any = None, files: Any = None) -> StepForm:
    form = FORMS[name](data, files, verb=name)
    if isinstance(form, ClaimForm):
        form.kept = entry.documents.count()
    if entry.appeal_id is None:
        form.fields.pop("figures_reason", None)  # there is nothing that the figures could differ from
    return form


def _fresh(name: str, entry: ListEntry) -> StepForm:
    form = _form(name, entry)
    people, yuan = queries.answered_figures(entry.appeal)
    if name == "claim":
        said, reason = rules.evidence_parts(entry.evidence)
        form.initial = {
            "evidence": said,
            "no_documents": reason,
            "helped_count": people if entry.helped_count is None else entry.helped_count,
            "recovered_amount": yuan if entry.recovered_amount is None else entry.recovered_amount,
            "figures_reason": entry.figures_reason,
        }
    return form


urlpatterns = [
    path("lists/entries/<int:entry_id>", page, name="desk-entry"),
    path("lists/entries/<int:entry_id>/files/<int:document_id>", document, name="desk-entry-document"),
    path("lists/entries/<int:entry_id>/<str:step>", step, name="desk-entry-step"),
]
