"""An officer takes down what a worker says (登记), and reads out the code and the query password."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.appeals import actions as appeals
from gongqing.appeals import queries
from gongqing.appeals.rules.intake import Intake
from gongqing.appeals.rules.permissions import check_can_report
from gongqing.audit.actor import Role
from gongqing.dispatch.forms.desk import RegisterForm
from gongqing.dispatch.queries.cases import case_after
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.registry import queries as registry

FIELDS = {"person.phone": "phone", "person.name": "name"}
USUAL = {Role.HOTLINE_SEAT: "hotline_12351"}


@staff_page
@require_http_methods(["GET", "POST"])
def register(request: ScopedRequest) -> HttpResponse:
    """The form, and after it the code and the password, shown this once."""
    check_can_report(request.actor.role)
    first = {"external_id": uuid4().hex, "channel": USUAL.get(request.actor.role, "visit")}
    form = RegisterForm(request.POST or None, regions=_regions(), initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            received = appeals.receive_appeal(_intake(form), by=request.actor, at=request.at)
        except BadInput as refused:
            form.refuse(BadInput(FIELDS.get(refused.field, refused.field), refused.message))
        except NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            case = case_after(received.appeal.pk, request.actor, request.at)
            visible = queries.is_visible(received.appeal.pk, request.actor)
            context = {"received": received, "case": case, "appeal": case.appeal, "is_visible": visible}
            return render(request, "dispatch/desk/registered.html", context, status=201)
    context = {"form": form, "employers": []}
    return render(request, "dispatch/desk/new.html", context, status=422 if form.errors else 200)


def _intake(form: RegisterForm) -> Intake:
    given = form.cleaned_data
    return Intake(
        source="desk",
        external_id=given["external_id"] or uuid4().hex,
        channel=given["channel"],
        text=given["text"],
        region_code=given["region_code"],
        employer=given["employer"],
        person_name=given["name"],
        person_phone=given["phone"],
        anonymous_to_employer=given["anonymous_to_employer"],
        received_at=given["received_at"],
    )


def _regions() -> list[tuple[str, str]]:
    found = []
    for county in registry.region_tree():
        found += [(town["code"], f"{county['name']} {town['name']}") for town in county["towns"]]
    return found


urlpatterns = [path("new", register, name="desk-new")]
