"""Say it, and see on the next page who handles it and by when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongqing.accounts import actions as accounts
from gongqing.accounts.middleware import CODE_HOLDER, ScopedRequest
from gongqing.appeals.queries.repeats import said_before
from gongqing.appeals.rules.intake import LONGEST_TEXT, Intake
from gongqing.audit import events
from gongqing.audit.actor import ANONYMOUS, Role
from gongqing.dispatch import actions
from gongqing.dispatch.forms.worker import SayForm, refuse
from gongqing.dispatch.queries import proposals
from gongqing.dispatch.queries import worker as queries
from gongqing.dispatch.web.worker.frame import hold_code, holder_page, sender_of, shown
from gongqing.lib.errors import BadInput, NotAllowed, TooManyTries
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry

SOURCE = "worker_app"
SENT = "sent"  # session: what was sent last, so that a repeat is known and the password is shown once
UNSIGNED_PER_ADDRESS = ((20, timedelta(minutes=10)), (200, timedelta(days=1)))  # a dormitory shares one address
MANY = 3


@never_cache
@require_http_methods(["GET", "POST"])
def say(request: ScopedRequest) -> HttpResponse:
    """The form, and what was said in it."""
    by = sender_of(request)
    if request.method == "GET":
        if request.session.session_key is None:
            request.session.create()  # so that a repeat after a lost answer is known
        return _page(request, SayForm(initial={"external_id": str(uuid4())}, counties=registry.region_tree()))
    if _sent_already(request):
        return redirect("worker-sent", code=request.session[SENT]["code"])
    form = SayForm(request.POST, request.FILES, counties=registry.region_tree())
    files = form.read_files() if form.is_valid() else []
    if form.errors:
        return _page(request, form, 422)
    try:
        if by is ANONYMOUS:
            accounts.count_attempt(door="anonymous", key=request.address, limits=UNSIGNED_PER_ADDRESS, at=request.at)
        received = actions.submit_appeal(_intake(form.cleaned_data, request), files, by=by, at=request.at)
    except TooManyTries as refused:
        form.add_error(None, f"{refused}急事请打 12351。写的字都还在。")
        answer = _page(request, form, 429)
        answer["Retry-After"] = str(refused.retry_after)
        return answer
    except BadInput as refused:
        return _page(request, refuse_form(form, refused), 422)
    except NotAllowed:
        return _repeated(request)
    _remember(request, received, form.cleaned_data["external_id"], is_unsigned=by is ANONYMOUS)
    return redirect("worker-sent", code=received.appeal.code)


@never_cache
@holder_page
@require_GET
def sent(request: ScopedRequest, code: str) -> HttpResponse:
    """Who handles it, by when, what comes next, why that day; code and password."""
    case = queries.case_of_worker(code, request.actor, request.at)
    kept = request.session.get(SENT, {})
    password = ""
    if kept.get("code") == case.appeal.code and kept.get("password"):
        password = kept["password"]
        request.session[SENT] = {**kept, "password": ""}
    events.record_access(
        "appeal.opened",
        subject_kind="appeal",
        subject_id=case.appeal.pk,
        by=request.actor,
        at=request.at,
        address=request.address,
    )
    return shown(request, "sent", case=case, password=password, back_url="/", back_label="首页", bar_items=[])


@require_GET
def towns(request: ScopedRequest) -> HttpResponse:
    """The towns of a county, for the second picker."""
    counties = registry.region_tree()
    chosen = [each for each in counties if each["code"] == request.GET.get("county")]
    return shown(request, "towns", counties=chosen or counties)


@require_GET
def employer(request: ScopedRequest) -> HttpResponse:
    """Names like what is typed, and how many others have an open matter with that employer; no word of theirs."""
    name = request.GET.get("employer", "")[:128]
    count, _ = queries.similar_to(name, request.at)
    return shown(
        request, "employer", names=[each.name for each in registry.employers_like(name)], count=count, many=MANY
    )


@require_POST
def known(request: ScopedRequest) -> HttpResponse:
    """Whether the sender has said the same lately, and where it seems to be; it is told, and nothing is held up."""
    words = request.POST.get("text", "").replace("\x00", "")[:LONGEST_TEXT]
    held = request.session.get(CODE_HOLDER) if request.actor.person_id is None else None
    earlier = said_before(words, person_id=request.actor.person_id, at=request.at, appeal_id=held)
    standing = queries.standing_of(earlier) if earlier else ""
    employer = request.POST.get("employer", "").replace("\x00", "")[:128]
    seen = proposals.for_pickers(words, employer=employer, county=request.POST.get("county", ""))
    return shown(request, "known", earlier=earlier, standing=standing, seen=seen, today=day_of(request.at))


def refuse_form(form: SayForm, refused: BadInput) -> SayForm:
    """The form with the refusal at its field."""
    refuse(form, refused)
    return form


def _intake(given: dict[str, Any], request: ScopedRequest) -> Intake:
    _, together_with = queries.similar_to(given["employer"], request.at) if given["join"] else (0, "")
    is_worker = request.actor.role is Role.WORKER
    return Intake(
        source=SOURCE,
        external_id=given["external_id"],
        channel="app",
        text=given["text"],
        region_code=given["town"] or given["county"],
        place=given["place"],
        longitude=given["longitude"],
        latitude=given["latitude"],
        employer=given["employer"],
        person_name="" if is_worker else given["name"],
        person_phone="" if is_worker else given["phone"],
        anonymous_to_employer=given["anonymous_to_employer"],
        together_with=together_with,
        allows_study=given["allows_study"],
    )


def _remember(request: ScopedRequest, received: Any, external_id: str, *, is_unsigned: bool) -> None:
    """Keep in the session what was sent, in the transaction that keeps the appeal."""
    if received.is_new:
        password = received.query_password or ""
        request.session[SENT] = {"external_id": external_id, "code": received.appeal.code, "password": password}
        if is_unsigned:
            hold_code(request, received.appeal)
        request.session.save()


def _sent_already(request: ScopedRequest) -> bool:
    kept = request.session.get(SENT, {})
    return bool(kept) and kept.get("external_id") == request.POST.get("external_id")


def _repeated(request: ScopedRequest) -> HttpResponse:
    """The same form came twice at the same moment: the first one has written the session meanwhile."""
    kept = request.session.load().get(SENT, {})
    if kept.get("external_id") == request.POST.get("external_id"):
        return redirect("worker-sent", code=kept["code"])
    raise NotAllowed("这件事已经收到过，不用再发。请用编号和查询密码查看；没有记下密码，可以打 12351。")


def _page(request: ScopedRequest, form: SayForm, status: int = 200) -> HttpResponse:
    return shown(request, "say", form=form, status=status, back_url="/", bar_items=[])
