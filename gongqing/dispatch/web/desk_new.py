"""An officer takes down what a worker says (登记), and gives the worker a slip with code and query password."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.appeals import queries
from gongqing.appeals.queries.repeats import said_before
from gongqing.appeals.rules.intake import LONGEST_TEXT, Intake
from gongqing.appeals.rules.permissions import check_can_report
from gongqing.audit.actor import Role
from gongqing.dispatch import actions
from gongqing.dispatch.forms.desk import PasswordForm, RegisterForm
from gongqing.dispatch.queries import proposals
from gongqing.dispatch.queries.cases import case_id
from gongqing.dispatch.queries.slips import slip_of
from gongqing.lib import masks
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.registry import queries as registry
from gongqing.registry import rules as registry_rules

FIELDS = {"person.phone": "phone", "person.name": "name", "file": "photos"}
USUAL = {Role.HOTLINE_SEAT: "hotline_12351", Role.ZONE_WORKER: "visit", Role.ZONE_HELPER: "visit"}


@staff_page
@require_http_methods(["GET", "POST"])
def register(request: ScopedRequest) -> HttpResponse:
    """The form, and after it the slip with the password, shown this once."""
    check_can_report(request.actor.role)
    first = {"external_id": uuid4().hex, "channel": USUAL.get(request.actor.role, "walk_in")}
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RegisterForm(*sent, regions=_regions(), initial=first)
    files = form.read_files() if form.is_valid() else []
    if form.is_bound and not form.errors:
        try:
            received = actions.register_walk_in(
                _intake(form),
                files,
                wants_messages=not form.cleaned_data["no_messages"],
                by=request.actor,
                at=request.at,
            )
        except BadInput as refused:
            form.refuse(BadInput(FIELDS.get(refused.field, refused.field), refused.message))
        except NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            return _slip(request, received.appeal.pk, received.query_password or "", "已登记，请读给职工听", 201)
    context = {"form": form, "employers": []}
    return render(request, "dispatch/desk/new.html", context, status=422 if form.errors else 200)


@staff_page
@require_POST
def known(request: ScopedRequest) -> HttpResponse:
    """What this phone's owner has said before in nearly the same words, and where it seems to be; nothing is held up.

    An earlier matter is shown to those alone who may open it.
    """
    check_can_report(request.actor.role)
    words = request.POST.get("text", "").replace("\x00", "")[:LONGEST_TEXT]
    employer = request.POST.get("employer", "").replace("\x00", "")[:128]
    person = registry.person_by_phone(request.POST.get("phone", "").replace("\x00", "").strip()[:20])
    earlier = said_before(words, person_id=person.pk, at=request.at) if person else None
    context = {
        "earlier": earlier if earlier and queries.is_visible(earlier.pk, request.actor) else None,
        "seen": proposals.for_towns(words, employer=employer, region_code=request.POST.get("region_code", "")),
    }
    return render(request, "dispatch/desk/new_known.html", context)


@staff_page
@require_http_methods(["GET", "POST"])
def password(request: ScopedRequest, code: str) -> HttpResponse:
    """Give the worker another query password, on a fresh slip."""
    appeal_id = case_id(code, request.actor)
    form, status = PasswordForm(request.POST or None, verb="password"), 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            appeal, fresh = actions.reissue_query_password(
                appeal_id=appeal_id, by=request.actor, at=request.at, **form.cleaned_data
            )
        except BadInput as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            form.add_error(None, str(refused))
            status = 409
        else:
            return _slip(request, appeal.pk, fresh, "新的查询密码", 200)
    return render(request, "dispatch/desk/password.html", {"form": form, "code": code}, status=status)


def _slip(request: ScopedRequest, appeal_id: int, fresh: str, heading: str, status: int) -> HttpResponse:
    slip = slip_of(appeal_id, request.actor, request.at)
    context = {
        "slip": slip,
        "password": fresh,
        "heading": heading,
        "masked_name": masks.mask_name(slip.case.person_name),
        "is_visible": queries.is_visible(appeal_id, request.actor),
    }
    return render(request, "dispatch/desk/registered.html", context, status=status)


def _intake(form: RegisterForm) -> Intake:
    given = form.cleaned_data
    mobile, line = registry_rules.mobile_or_line(given["phone"])
    return Intake(
        source="desk",
        external_id=given["external_id"] or uuid4().hex,
        channel=given["channel"],
        text=given["text"],
        region_code=given["region_code"],
        employer=given["employer"],
        person_name=given["name"],
        person_phone=mobile,
        person_line=line,
        anonymous_to_employer=given["anonymous_to_employer"],
        received_at=given["received_at"],
    )


def _regions() -> list[tuple[str, str]]:
    found = []
    for county in registry.region_tree():
        found += [(town["code"], f"{county['name']} {town['name']}") for town in county["towns"]]
    return found


urlpatterns = [
    path("new", register, name="desk-new"),
    path("new/known", known, name="desk-new-known"),
    path("appeals/<str:code>/password", password, name="desk-password"),
]
