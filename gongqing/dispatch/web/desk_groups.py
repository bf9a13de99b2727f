"""Group cases on the desk: what may be one case, the list of cases, merging and taking apart."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules import groups as rules
from gongqing.dispatch import actions
from gongqing.dispatch.forms.groups import ConfirmMergeForm, ReasonForm
from gongqing.dispatch.queries import group_pages, groups
from gongqing.dispatch.queries.cases import case_id
from gongqing.dispatch.web import desk_claims, desk_vouchers
from gongqing.lib.codes import check_appeal_code
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted

MOST_PARTS = 100


@staff_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """What may be one case, and the cases that are."""
    return _listing(request)


@staff_page
@require_GET
def merging(request: ScopedRequest) -> HttpResponse:
    """What merging would do, before it is confirmed; the codes stand in the address."""
    rules.check_can_merge(request.actor.role)
    return _preview(request, request.GET.get("lead", ""), request.GET.getlist("part"), ConfirmMergeForm(verb="merge"))


@staff_page
@require_POST
def merge(request: ScopedRequest) -> HttpResponse:
    """Make one case of them."""
    lead, parts = request.POST.get("lead", ""), request.POST.getlist("part")
    form = ConfirmMergeForm(request.POST, verb="merge")
    if not form.is_valid():
        return _preview(request, lead, parts, form, status=422)
    try:
        found, chosen = _cases(request, lead, parts)
        case = actions.merge_appeals(
            lead_id=found.pk,
            part_ids=[each.pk for each in chosen],
            reason=form.cleaned_data["reason"],
            by=request.actor,
            at=request.at,
        )
    except (BadInput, NotAllowed) as refused:
        status = 409 if isinstance(refused, NotAllowed) else 422
        form.add_error(None, str(refused))
        return _preview(request, lead, parts, form, status=status)
    messages.success(request, f"已并入 {len(chosen)} 件，主件是 {case.code}。")
    return redirect("desk-group", code=case.code)


@staff_page
@require_POST
def apart(request: ScopedRequest) -> HttpResponse:
    """Two are different matters, with the reason; they are not suggested again."""
    form = ReasonForm(request.POST, verb="apart")
    error, status = "请写一句为什么不是同一件。", 422
    if form.is_valid():
        try:
            one, others = _cases(request, request.POST.get("lead", ""), request.POST.getlist("part"))
            appeals.tell_apart(
                appeal_id=one.pk,
                other_ids=[each.pk for each in others],
                reason=form.cleaned_data["reason"],
                by=request.actor,
                at=request.at,
            )
        except BadInput as refused:
            error = refused.message
        else:
            messages.success(request, "已记下，不再提示。")
            return redirect("desk-groups")
    return _listing(request, error=error, status=status)


@staff_page
@require_POST
def unmerge(request: ScopedRequest, code: str) -> HttpResponse:
    """Take one part out of the case, or every part."""
    form = ReasonForm(request.POST, verb="unmerge")
    if not form.is_valid():
        return desk_claims.shown(request, code, status=422, refused="请写一句为什么拆出。")
    reason = form.cleaned_data["reason"]
    try:
        lead_id = case_id(code, request.actor)
        if request.POST.get("part") == "all":
            actions.dissolve_group(lead_id=lead_id, reason=reason, by=request.actor, at=request.at)
            messages.success(request, "各件都已拆出，回到并案前的单位和期限。")
        else:
            part = case_id(request.POST.get("part", ""), request.actor)
            found = actions.unmerge_appeal(part_id=part, reason=reason, by=request.actor, at=request.at)
            messages.success(request, f"{found.code} 已拆出，回到并案前的单位和期限。")
    except (BadInput, NotAllowed) as refused:
        status = 409 if isinstance(refused, NotAllowed) else 422
        return desk_claims.shown(request, code, status=status, refused=str(refused))
    return redirect("desk-group", code=code)


def _listing(request: ScopedRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    if request.actor.role not in groups.READERS:
        raise NotPermitted("群体案由经办和督办岗位查看。")
    context = {
        "suggested": groups.suggested(request.actor, request.at),
        "cases": group_pages.groups_for(request.actor),
        "may_merge": request.actor.role in rules.MERGERS,
        "error": error,
    }
    return render(request, "dispatch/desk/groups.html", context, status=status)


def _preview(
    request: ScopedRequest, lead: str, parts: list[str], form: ConfirmMergeForm, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "lead_code": lead, "part_codes": parts}
    try:
        found, chosen = _cases(request, lead, parts)
        context["preview"] = groups.merge_preview(found, chosen, request.actor, request.at)
    except (BadInput, NotFound) as refused:
        context["error"] = str(refused)
        status = status if status != 200 else 422
    return render(request, "dispatch/desk/group_merge.html", context, status=status)


def _cases(request: ScopedRequest, lead: str, parts: list[str]) -> tuple[Appeal, list[Appeal]]:
    """The cases that were named by their codes, one a line or apart by commas.

    Raises:
        BadInput, NotFound.
    """
    codes = [code for given in parts for code in re.split(r"[\s,，;；、]+", given) if code]
    if not codes:
        raise BadInput("part", "请写要并进来的件的编号。")
    if len(codes) > MOST_PARTS:
        raise BadInput("part", f"一次最多并 {MOST_PARTS} 件。")
    found = []
    for code in dict.fromkeys([lead, *codes]):
        try:
            found.append(appeal_queries.appeal_with_code(check_appeal_code(code), request.actor))
        except BadInput as wrong:
            raise BadInput("part", f"{code[:32]}：{wrong.message}") from wrong
        except NotFound as missing:
            raise NotFound(f"没有 {code[:32]} 这件诉求，或者不在您能看的范围内。") from missing
    if len(found) == 1:
        raise BadInput("part", "主件不能并入自己。")
    return found[0], found[1:]


urlpatterns = [
    path("groups", listing, name="desk-groups"),
    path("groups/merge", merging, name="desk-group-merging"),
    path("groups/merge/confirm", merge, name="desk-group-merge"),
    path("groups/apart", apart, name="desk-group-apart"),
    *desk_claims.urlpatterns,
    *desk_vouchers.urlpatterns,
    path("groups/<str:code>/unmerge", unmerge, name="desk-group-unmerge"),
]
