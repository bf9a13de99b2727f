"""The case page of the desk: the words, where it stands, the one step owed, and everything around it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.appeals import queries as appeals
from gongqing.appeals.actions.additions import file_path
from gongqing.appeals.queries.second_reading import second_opinion
from gongqing.appeals.rules.suspicion import suspicion_of
from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.audit.reading import reading_together
from gongqing.dispatch.forms.desk import FORMS, RevealForm, StepForm
from gongqing.dispatch.queries import alike, cases, desk_case, hotline, letters, replies, settling
from gongqing.dispatch.queries.claims import totals_of
from gongqing.dispatch.queries.desk_case import DeskCase
from gongqing.dispatch.queries.duty_calls import calls_of
from gongqing.dispatch.queries.group_pages import panel_of, probably_same
from gongqing.dispatch.queries.ladder import ladder_panel
from gongqing.dispatch.queries.slips import may_reissue
from gongqing.dispatch.queries.triage import triage_of
from gongqing.dispatch.web.desk_steps import STEPS, take
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.lib.times import day_of
from gongqing.registry import actions as registry

SENT_BEFORE = "这一份刚才已经收到，只记一次。"
# forms that stand in the closed row of the page, in groups that a hand knows
TABS = {"process": "过程", "clocks": "期限", "related": "相关", "group": "群体案", "files": "附件", "letters": "公文"}


@staff_page
@require_GET
def page(request: ScopedRequest, code: str) -> HttpResponse:
    """The whole case."""
    with reading_together():
        context = _context(request, _opened(request, code))
    return render(request, "dispatch/desk/case.html", context)


@staff_page
@require_POST
def step(request: ScopedRequest, code: str, verb: str) -> HttpResponse:
    """Take one step; a refusal comes back with the page, and nothing that was written is lost."""
    if verb not in STEPS:
        raise NotFound("没有这一步。")
    found = desk_case.desk_case(code, request.actor, request.at)
    form = _form(verb, found, request.POST, request.FILES)
    status = 422
    if form.is_valid():
        try:
            is_new = take(verb, form.cleaned_data, appeal_id=found.appeal.pk, request=request)
        except BadInput as refused:
            form.refuse(refused)
        except (NotAllowed, NotPermitted) as refused:
            form.add_error(None, str(refused))
            status = 409 if isinstance(refused, NotAllowed) else 403
        else:
            told = STEPS[verb].told if is_new else SENT_BEFORE
            messages.success(request, told, extra_tags=f"{found.appeal.code}-{verb}")
            return redirect(_back(request, found.appeal.code, found.appeal.pk))
    with reading_together():
        context = _context(request, desk_case.desk_case(code, request.actor, request.at), {verb: form})
    return render(request, "dispatch/desk/case.html", context, status=status)


def page_with_answer(request: ScopedRequest, code: str, **more: Any) -> HttpResponse:
    """The whole case with the answer as it was typed, sent by a browser without scripts to be read first."""
    with reading_together():
        found = desk_case.desk_case(code, request.actor, request.at)
        form = _form("resolve", found, request.POST, request.FILES)
        context = _context(request, found, {"resolve": form})
    return render(request, "dispatch/desk/case.html", {**context, **more})


@staff_page
@require_POST
def reveal(request: ScopedRequest, code: str) -> HttpResponse:
    """The phone in clear, once, for a reason that stays in the log."""
    found = desk_case.desk_case(code, request.actor, request.at)
    form, phone, status = RevealForm(request.POST, verb="reveal"), "", 422
    if found.appeal.person_id is None or not found.can_reveal:
        raise NotPermitted("您不经办这件诉求，不能查看联系电话。")
    if form.is_valid():
        try:
            phone = registry.reveal_person(
                person_id=found.appeal.person_id,
                field="phone",
                reason=f"{form.cleaned_data['reason']}（{found.appeal.code}）",
                by=request.actor,
                at=request.at,
                may=lambda actor, person_id: desk_case.may_reveal(found.appeal, actor),
                address=request.address or None,
            )
            status = 200
        except BadInput as refused:
            form.refuse(refused)
    context = {**_context(request, found), "reveal_form": form, "phone": phone}
    return render(request, "dispatch/desk/case.html", context, status=status)


@staff_page
@require_GET
def attachment(request: ScopedRequest, code: str, attachment_id: int) -> HttpResponseBase:
    """One file of the case, never run by the browser."""
    found = cases.attachment_of(code, attachment_id, request.actor)
    events.record_access(
        "attachment.opened",
        subject_kind="appeal",
        subject_id=found.appeal_id,
        by=request.actor,
        at=request.at,
        address=request.address or None,
    )
    shown = found.media_type.startswith("image/")
    answer = FileResponse(
        file_path(found.digest).open("rb"), filename=found.name, as_attachment=not shown, content_type=found.media_type
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def reading(request: ScopedRequest, code: str) -> dict[str, Any]:
    """The case beside a list; a case that is not there says so in its place."""
    try:
        with reading_together():
            context = _context(request, _opened(request, code))
    except (BadInput, NotFound) as refused:
        return {"missing": str(refused)}
    return {**context, "back": request.get_full_path()}


def _opened(request: ScopedRequest, code: str) -> DeskCase:
    """The case, the look at it written down."""
    found = desk_case.desk_case(code, request.actor, request.at)
    events.record_access(
        "appeal.opened",
        subject_kind="appeal",
        subject_id=found.appeal.pk,
        by=request.actor,
        at=request.at,
        address=request.address or None,
    )
    return found


def _context(request: ScopedRequest, found: DeskCase, sent: dict[str, StepForm] | None = None) -> dict[str, Any]:
    sent = sent or {}
    offered = list(dict.fromkeys([found.owed, *found.others, *sent]))
    steps = {verb: _offer(verb, found, sent.get(verb)) for verb in offered if verb in STEPS}
    owed = steps.pop(found.owed, None)
    appeal = found.appeal
    triage = triage_of(appeal) if found.owed == "classify" else None
    related = desk_case.related(appeal, request.actor)
    needs_places = {"dispatch", "transfer", "assist"} & set(offered)
    return {
        "found": found,
        "appeal": appeal,
        "now": request.at,
        "next_words": desk_case.next_words(found),
        "owed": owed,
        "others": list(steps.values()),
        "tab": request.GET.get("tab") if request.GET.get("tab") in TABS else "process",
        "tabs": _tabs(request, found),
        "related": related,
        "alike": alike.alike_cases(appeal, request.actor) if request.GET.get("tab") == "related" else [],
        "needs": alike.needs_of_case(appeal, request.actor),
        "probable": probably_same(appeal, [each.appeal for each in related]),
        "panel": panel_of(appeal, request.actor),
        "ladder": ladder_panel(appeal, found.case.clocks, request.at),
        "duty_calls": calls_of(appeal.pk, request.actor, request.at),
        "triage": triage,
        "suspicion": suspicion_of(appeal.grade_reasons),
        "pieces": desk_case.pieces_of(appeal, topics_on=triage.words) if triage else found.pieces,
        "second_opinion": second_opinion(appeal) if found.owed == "classify" else None,
        "categories": appeals.categories_known(day_of(appeal.entered_at)) if "classify" in offered else [],
        "places": desk_case.places_for(appeal, request.actor, request.at) if needs_places else [],
        "towns": hotline.towns() if "locate" in offered else [],
        "may_locate": "locate" in offered,
        "departments": desk_case.departments_for(appeal) if "hand-over" in offered else [],
        "letters": found.letters,
        "offers": letters.offers_for(appeal, request.actor),
        "can_open_letters": letters.may_open(appeal, request.actor),
        "by_file": [each for each in found.handovers if each.partner == "file"],
        "can_reissue": appeal.person_id is not None and may_reissue(appeal, request.actor),
        "reveal_form": RevealForm(verb="reveal"),
        "listed": settling.entries_of_appeal(appeal, request.actor),
        "lists_open": settling.lists_open_for(appeal, request.actor),
        "back": request.POST.get("back", ""),
        **_reply_found(found, request.actor),
    }


def _offer(verb: str, found: DeskCase, form: StepForm | None) -> dict[str, Any]:
    step = STEPS[verb]
    return {
        "verb": verb,
        "step": step,
        "form": form or _form(verb, found),
        "is_open": form is not None,
        "sending": (form.data.get("sending") if form else "") or uuid4().hex,
    }


def _form(verb: str, found: DeskCase, data: Any = None, files: Any = None) -> StepForm:
    form = FORMS[verb](data, files, verb=verb)
    if verb == "handover-state":
        known: Any = form.fields["handover"]
        known.choices = [(each.pk, f"{each.department}（{each.get_state_display()}）") for each in found.handovers]
    if verb == "resolve":
        form.fields["result"].widget.attrs |= _checked_while_typing(found.appeal.code)
    if verb == "resolve" and (sums := totals_of(found.appeal.pk)).rows:
        form.initial = {"people": sums.helped, "amount": sums.recovered}
    return form


def _checked_while_typing(code: str) -> dict[str, str]:
    """What lets the words of an answer be read as they are typed, a moment after the last key."""
    return {
        "hx-post": reverse("desk-reply-check", args=[code]),
        "hx-trigger": "input changed delay:600ms, restored",
        "hx-target": "#reply-check",
        "hx-swap": "innerHTML",
        "hx-include": "closest form",
        "hx-sync": "this:replace",
    }


def _reply_found(found: DeskCase, actor: Actor) -> dict[str, Any]:
    """What was found about the answer that is given, for those who look at it."""
    check = replies.latest_check(found.appeal, actor)
    if check is None:
        return {}
    return {
        "reply": check,
        "reply_advice": replies.kept_advice(check),
        "reply_passages": replies.passages_of(found.appeal.result, check.findings),
    }


def _tabs(request: ScopedRequest, found: DeskCase) -> list[dict[str, Any]]:
    counted = {
        "process": found.event_count,
        "clocks": len(found.clocks),
        "files": len(found.case.attachments),
        "letters": len(found.letters),
    }
    return [{"id": name, "name": word, "count": counted.get(name)} for name, word in TABS.items()]


def _back(request: ScopedRequest, code: str, appeal_id: int) -> str:
    """Where the form was sent from; the inbox when the step ended one's sight of the case."""
    if not appeals.is_visible(appeal_id, request.actor):
        return "/desk/"
    given = request.POST.get("back", "")
    if given.startswith("/desk") and url_has_allowed_host_and_scheme(given, allowed_hosts=None):
        return given
    return f"/desk/appeals/{code}"


urlpatterns = [
    path("appeals/<str:code>", page, name="desk-case"),
    path("appeals/<str:code>/reveal", reveal, name="desk-reveal"),
    path("appeals/<str:code>/files/<int:attachment_id>", attachment, name="desk-attachment"),
    path("appeals/<str:code>/steps/<str:verb>", step, name="desk-step"),
]
