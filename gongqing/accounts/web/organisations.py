"""The administrator's pages of regions, organisations and zones."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongqing.accounts import queries
from gongqing.accounts.forms import LetterMarkForm, LinkForm, MoveForm, OrganisationForm, refuse
from gongqing.accounts.middleware import ScopedRequest, administrator_page
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.times import day_of
from gongqing.registry import actions as registry_actions
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation, Region


@administrator_page
@require_GET
def regions(request: ScopedRequest) -> HttpResponse:
    """Counties and towns with their codes."""
    return render(request, "accounts/regions.html", {"city": registry.city(), "counties": registry.region_tree()})


@administrator_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """Organisations by name, short name or code."""
    text = request.GET.get("text", "")
    return render(
        request, "accounts/organisations.html", {"found": registry.organisations_like(text, limit=200), "text": text}
    )


@administrator_page
@require_http_methods(["GET", "POST"])
def create(request: ScopedRequest) -> HttpResponse:
    """Found an organisation."""
    form = OrganisationForm(request.POST or None, initial={"parent": request.GET.get("parent", "")})
    if request.method == "POST" and form.is_valid():
        try:
            founded = _found(request, dict(form.cleaned_data))
        except (BadInput, NotAllowed) as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已新建{founded.name}。")
            return redirect("organisation-detail", organisation_id=founded.pk)
    context = {"form": form, "organisations": registry.organisations_like("", limit=300)}
    return render(request, "accounts/organisation_new.html", context, status=422 if form.errors else 200)


@administrator_page
@require_GET
def detail(request: ScopedRequest, organisation_id: int) -> HttpResponse:
    """One organisation: where it stands, what it holds, who works there."""
    return _page(request, organisation_id)


@administrator_page
@require_POST
def close(request: ScopedRequest, organisation_id: int) -> HttpResponse:
    """Take an organisation out of use."""
    _existing(organisation_id)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    registry_actions.close_organisation(organisation_id=organisation_id, reason=reason, by=request.actor, at=request.at)
    messages.success(request, "组织已停用，历史记录都保留。")
    return redirect("organisation-detail", organisation_id=organisation_id)


@administrator_page
@require_POST
def letter_mark(request: ScopedRequest, organisation_id: int) -> HttpResponse:
    """Say what the numbers of its letters begin with."""
    _existing(organisation_id)
    form = LetterMarkForm(request.POST)
    if form.is_valid():
        try:
            registry_actions.set_letter_mark(
                organisation_id=organisation_id,
                letter_mark=form.cleaned_data["letter_mark"],
                by=request.actor,
                at=request.at,
            )
        except BadInput as refused:
            refuse(form, refused)
        else:
            messages.success(request, "公文代字已改，以后出的公文用新的，出过的不变。")
            return redirect("organisation-detail", organisation_id=organisation_id)
    return _page(request, organisation_id, status=422, mark_form=form)


@administrator_page
@require_POST
def move(request: ScopedRequest, organisation_id: int) -> HttpResponse:
    """Hang the organisation and all below it under another one."""
    _existing(organisation_id)
    form = MoveForm(request.POST)
    if form.is_valid():
        try:
            above = _coded(form.cleaned_data["parent"], "parent")
            registry_actions.move_organisation(
                organisation_id=organisation_id,
                parent_id=above.pk,
                reason=form.cleaned_data["reason"],
                by=request.actor,
                at=request.at,
            )
        except (BadInput, NotAllowed) as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已调整到{above.name}之下，下级一起跟着走。")
            return redirect("organisation-detail", organisation_id=organisation_id)
    return _page(request, organisation_id, status=422, move_form=form)


@administrator_page
@require_POST
def link(request: ScopedRequest, organisation_id: int) -> HttpResponse:
    """Let this zone hold a union."""
    _existing(organisation_id)
    form = LinkForm(request.POST)
    if form.is_valid():
        try:
            union = _coded(form.cleaned_data["union"], "union")
            registry_actions.link_union_to_zone(
                zone_id=organisation_id,
                union_id=union.pk,
                since=form.cleaned_data["since"],
                by=request.actor,
                at=request.at,
            )
        except (BadInput, NotAllowed) as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已挂联{union.name}。")
            return redirect("organisation-detail", organisation_id=organisation_id)
    return _page(request, organisation_id, status=422, link_form=form)


@administrator_page
@require_POST
def unlink(request: ScopedRequest, organisation_id: int, union_id: int) -> HttpResponse:
    """End the link of a union to this zone today."""
    zone = registry.zone_of_union(union_id, day_of(request.at))
    if zone is None or zone.pk != organisation_id:
        raise Http404
    registry_actions.unlink_union(union_id=union_id, until=day_of(request.at), by=request.actor, at=request.at)
    messages.success(request, "已解除挂联。")
    return redirect("organisation-detail", organisation_id=organisation_id)


def _found(request: ScopedRequest, given: dict[str, Any]) -> Organisation:
    return registry_actions.found_organisation(
        parent=_coded(given["parent"], "parent") if given["parent"] else None,
        region=_region(given["region"]) if given["region"] else None,
        by=request.actor,
        at=request.at,
        **{name: given[name] for name in ("code", "name", "short_name", "kind", "phone")},
    )


def _coded(code: str, field: str) -> Organisation:
    found = registry.organisation_by_code(code)
    if found is None:
        raise BadInput(field, "没有这个编码的组织。")
    return found


def _region(code: str) -> Region:
    found = registry.region_of(code)
    if found is None:
        raise BadInput("region", "没有这个代码的区划。")
    return found


def _existing(organisation_id: int) -> Organisation:
    found = registry.organisation_numbered(organisation_id)
    if found is None:
        raise Http404
    return found


def _page(request: ScopedRequest, organisation_id: int, *, status: int = 200, **given: object) -> HttpResponse:
    on = day_of(request.at)
    place = _existing(organisation_id)
    context = {
        "place": place,
        "below": registry.children_of(organisation_id),
        "unions": registry.unions_of_zone(organisation_id, on) if place.kind == "zone" else None,
        "holders": queries.postings_at(organisation_id, on),
        "mark_form": LetterMarkForm(initial={"letter_mark": place.letter_mark}),
        "link_form": LinkForm(initial={"since": on}),
        "move_form": MoveForm(),
        "organisations": registry.organisations_like("", limit=300),
        **given,
    }
    return render(request, "accounts/organisation_detail.html", context, status=status)
