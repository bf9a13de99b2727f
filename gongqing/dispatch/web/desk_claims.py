"""The sheet of a case on the desk and on the phone: enter, load, correct, check, pay, print, take out."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.audit import events
from gongqing.dispatch import actions, sheets
from gongqing.dispatch.forms import groups as forms
from gongqing.dispatch.forms.desk import StepForm
from gongqing.dispatch.queries import claims as queries
from gongqing.dispatch.queries.cases import case_id
from gongqing.dispatch.queries.claims import ClaimLine, ClaimSheet
from gongqing.dispatch.queries.group_pages import panel_of
from gongqing.lib.crypto import CannotDecrypt
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.times import day_of
from gongqing.registry.models import sealing
from gongqing.ui.answers import saved_as


@staff_page
@require_GET
def sheet(request: ScopedRequest, code: str) -> HttpResponse:
    """The sheet with its totals."""
    return shown(request, code)


@staff_page
@require_POST
def look(request: ScopedRequest, code: str) -> HttpResponse:
    """The names in clear, for a reason that stays in the log: on the page, on paper, or as a table."""
    form = forms.LookForm(request.POST, verb="look")
    if not form.is_valid() or len(form.cleaned_data["reason"]) < 4:
        return shown(request, code, status=422, refused="请写明用途，至少四个字。")
    found = queries.claim_sheet(code, request.actor, shows_names=True)
    deed = request.POST.get("deed", "")
    kind = {"export": "claims.exported", "print": "claims.printed"}.get(deed, "claims.revealed")
    _log(request, kind, found, reason=form.cleaned_data["reason"])
    if deed == "export":
        heading = f"{found.appeal.code} 欠薪核算表，{request.actor.name} {request.at:%Y-%m-%d %H:%M} 导出。"
        book = sheets.claims_workbook(found, heading=heading)
        answer = saved_as(f"欠薪核算表{found.appeal.code}.xlsx", book, sheets.MEDIA_TYPE)
        answer["Cache-Control"] = "private, no-store"
        return answer
    if deed == "print":
        return render(request, "dispatch/desk/group_paper.html", {"sheet": found, "appeal": found.appeal})
    return shown(request, code, found=found)


@staff_page
@require_POST
def enter(request: ScopedRequest, code: str) -> HttpResponse:
    """One more claim."""
    form = forms.ClaimForm(request.POST, verb="claim")
    if form.is_valid():
        try:
            number = case_id(code, request.actor)
            actions.enter_claim(appeal_id=number, cells=form.cells, by=request.actor, at=request.at)
        except BadInput as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            return shown(request, code, status=409, refused=str(refused), claim_form=form)
        else:
            messages.success(request, "已登记一笔。")
            return redirect("desk-group", code=code)
    return shown(request, code, status=422, claim_form=form)


@staff_page
@require_POST
def load(request: ScopedRequest, code: str) -> HttpResponse:
    """A sheet: first what would become of every row, then, confirmed, the rows themselves."""
    number, context = case_id(code, request.actor), f"claims.{code}"
    is_confirmed, form = "sealed" in request.POST, forms.SheetFileForm(request.POST, request.FILES, verb="load")
    try:
        if is_confirmed:
            name, content = request.POST.get("file_name", "")[:128], _unsealed(request.POST["sealed"], context)
        elif form.is_valid():
            name, content = form.cleaned_data["file"].name[:128], form.cleaned_data["file"].read()
        else:
            return shown(request, code, status=422, load_form=form)
        loaded = actions.load_claims(
            appeal_id=number,
            file_name=name,
            content=content,
            by=request.actor,
            at=request.at,
            dry_run=not is_confirmed,
        )
    except BadInput as refused:
        form.refuse(refused)
        return shown(request, code, status=422, load_form=form)
    except NotAllowed as refused:
        return shown(request, code, status=409, refused=str(refused))
    if is_confirmed:
        messages.success(
            request, f"导入 {loaded.new} 笔，原来就有 {loaded.known} 笔，没有采用 {len(loaded.rejects)} 行。"
        )
        return redirect("desk-group", code=code)
    kept = base64.b64encode(sealing.seal(base64.b64encode(content).decode(), context)).decode()
    given = {"loaded": loaded, "file_name": name, "sealed": kept, "code": code}
    return render(request, "dispatch/desk/group_loaded.html", given)


@staff_page
@require_http_methods(["GET", "POST"])
def claim(request: ScopedRequest, code: str, claim_id: int) -> HttpResponse:
    """One row opened for a change, or changed."""
    if request.method == "GET":
        if not _is_part(request):
            return shown(request, code, chosen=claim_id)
        return _row(request, code, claim_id, is_open=request.GET.get("close") is None)
    deed, status = request.POST.get("deed", ""), 422
    form = _claim_form(deed, request.POST, request.FILES)
    error = ""
    if form.is_valid():
        try:
            told = _change(request, deed, claim_id, form)
        except BadInput as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            error, status = str(refused), 409
        else:
            if _is_part(request):
                return _row(request, code, claim_id, is_open=False, told=told)
            messages.success(request, told)
            return redirect("desk-group", code=code)
    given: dict[str, Any] = {"sent": {deed: form}, "error": error}
    if _is_part(request):
        return _row(request, code, claim_id, is_open=True, status=status, **given)
    return shown(request, code, status=status, chosen=claim_id, refused=error, claim_forms={deed: form})


@staff_page
@require_POST
def spread(request: ScopedRequest, code: str) -> HttpResponse:
    """One sum over a team, an employer or everybody."""
    number = case_id(code, request.actor)
    found = queries.claim_sheet(code, request.actor)
    form = forms.SpreadForm(request.POST, request.FILES, verb="spread", parts=_parts(found))
    if form.is_valid():
        given = form.cleaned_data
        kind, _, value = given["part"].partition(":")
        try:
            count = actions.spread_payment(
                appeal_id=number,
                amount=given["amount"],
                paid_on=given["paid_on"],
                voucher=given["voucher"],
                files=forms.read_files(form),
                equally=given["way"] == "equal",
                team_id=int(value) if kind == "team" else None,
                employer=found.employers[int(value)].name if kind == "employer" else "",
                by=request.actor,
                at=request.at,
            )
        except BadInput as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            return shown(request, code, status=409, refused=str(refused), spread_form=form)
        else:
            messages.success(request, f"{given['amount']:,.2f} 元已分到 {count} 笔，分毫不差。")
            return redirect("desk-group", code=code)
    return shown(request, code, status=422, spread_form=form)


@staff_page
@require_POST
def cancel(request: ScopedRequest, code: str, payment_id: int) -> HttpResponse:
    """A sum that was written down wrongly."""
    reason = request.POST.get("reason", "").replace("\x00", "")
    try:
        actions.cancel_payment(payment_id=payment_id, reason=reason, whole_batch=True, by=request.actor, at=request.at)
    except BadInput as refused:
        return shown(request, code, status=422, refused=refused.message)
    except NotAllowed as refused:
        return shown(request, code, status=409, refused=str(refused))
    messages.success(request, "这笔追回已撤销。")
    return redirect("desk-group", code=code)


@staff_page
@require_http_methods(["GET", "POST"])
def team(request: ScopedRequest, code: str, team_id: int) -> HttpResponse:
    """A team on the phone, row by row with its leader."""
    if request.method == "GET":
        return _team(request, code, team_id)
    deed = request.POST.get("deed", "")
    if deed == "look":
        reason = request.POST.get("reason", "").replace("\x00", "").strip()
        if len(reason) < 4:
            return _team(request, code, team_id, status=422, refused="请写明用途，至少四个字。")
        return _team(request, code, team_id, reason=reason)
    try:
        count = actions.check_team(team_id=team_id, by=request.actor, at=request.at)
    except NotAllowed as refused:
        return _team(request, code, team_id, status=409, refused=str(refused))
    messages.success(request, f"{count} 笔都已核对。")
    return redirect("desk-group-team", code=code, team_id=team_id)


@staff_page
@require_POST
def check_one(request: ScopedRequest, code: str, team_id: int, claim_id: int) -> HttpResponse:
    """One row of a team checked or disputed; the names on the page stay as they are."""
    deed, status, error = request.POST.get("deed", ""), 200, ""
    given = request.POST.copy()
    given["note"] = given.get("reason", "")
    form = _claim_form("dispute" if deed == "dispute" else "check", given)
    if form.is_valid():
        try:
            _change(request, "dispute" if deed == "dispute" else "check", claim_id, form)
        except (BadInput, NotAllowed) as refused:
            error, status = str(refused), 409 if isinstance(refused, NotAllowed) else 422
    else:
        error, status = "；".join(str(words) for faults in form.errors.values() for words in faults), 422
    if not _is_part(request):
        if error:
            return _team(request, code, team_id, status=status, refused=error)
        return redirect("desk-group-team", code=code, team_id=team_id)
    found, block = queries.team_block(code, team_id, request.actor)
    line = next(each for each in block.lines if each.claim.pk == claim_id)
    context = {"sheet": found, "crew": block, "line": line, "appeal": found.appeal, "error": error, "is_part": True}
    return render(request, "dispatch/desk/group_team_row.html", context, status=status)


def shown(
    request: ScopedRequest,
    code: str,
    *,
    status: int = 200,
    found: ClaimSheet | None = None,
    refused: str = "",
    chosen: int | None = None,
    **given: Any,
) -> HttpResponse:
    """The page of a sheet; what was typed and refused stands in its form again."""
    if found is None:
        found = queries.claim_sheet(code, request.actor)
        _log(request, "claims.opened", found)
    today = f"{day_of(request.at):%Y-%m-%d}"
    context = {
        "sheet": found,
        "appeal": found.appeal,
        "panel": panel_of(found.appeal, request.actor),
        "recoveries": queries.recoveries_of(found.appeal),
        "claim_form": forms.ClaimForm(verb="claim"),
        "load_form": forms.SheetFileForm(verb="load"),
        "spread_form": forms.SpreadForm(verb="spread", parts=_parts(found)),
        "look_form": forms.LookForm(verb="look"),
        "vouchers_form": forms.VouchersForm(verb="vouchers"),
        "refused": refused,
        "chosen": chosen,
        "today": today,
        **given,
    }
    if chosen is not None:
        line = next((each for each in found.lines if each.claim.pk == chosen), None)
        if line is None:
            raise NotFound("没有这笔欠薪，或者不在您能看的范围内。")
        context["row_forms"] = _row_forms(line, given.get("claim_forms"))
    return render(request, "dispatch/desk/group.html", context, status=status)


def _row(
    request: ScopedRequest,
    code: str,
    claim_id: int,
    *,
    is_open: bool,
    status: int = 200,
    told: str = "",
    error: str = "",
    sent: dict[str, StepForm] | None = None,
) -> HttpResponse:
    """One row as a fragment, with the totals beside it when it was changed; a struck one leaves nothing."""
    try:
        found, line = queries.claim_line(code, claim_id, request.actor)
    except NotFound:
        if not told:
            raise
        found, line = queries.claim_sheet(code, request.actor), None
    context = {
        "sheet": found,
        "appeal": found.appeal,
        "line": line,
        "is_open": is_open,
        "is_fragment": True,
        "has_changed": bool(told),
        "error": error,
        "today": f"{day_of(request.at):%Y-%m-%d}",
        "row_forms": _row_forms(line, sent) if line and is_open else {},
    }
    answer = render(request, "dispatch/desk/group_fragment.html", context, status=status)
    if told:
        answer["HX-Trigger"] = f'{{"toast": "{_escaped(told)}"}}'
    return answer


def _escaped(words: str) -> str:
    return words.encode("ascii", "backslashreplace").decode().replace('"', "")


def _row_forms(line: ClaimLine, sent: dict[str, StepForm] | None = None) -> dict[str, StepForm]:
    claim = line.claim
    correct = forms.CorrectionForm(verb=f"correct-{claim.pk}")
    correct.initial = {
        "employer": claim.team.employer_name,
        "team": claim.team.name,
        "period": f"{claim.started_on:%Y-%m-%d} 至 {claim.ended_on:%Y-%m-%d}",
        "payable": claim.payable if claim.payable is not None else "",
        "paid": claim.paid if claim.paid is not None else "",
        "owed": claim.owed,
        "basis": claim.basis,
    }
    check, pay = forms.CheckForm(verb=f"check-{claim.pk}"), forms.PayForm(verb=f"pay-{claim.pk}")
    check.initial, pay.initial = {"agreed": claim.owed}, {"amount": line.outstanding or ""}
    found: dict[str, StepForm] = {
        "check": check,
        "pay": pay,
        "correct": correct,
        "dispute": forms.DisputeForm(verb=f"dispute-{claim.pk}"),
        "remove": forms.ReasonForm(verb=f"remove-{claim.pk}"),
    }
    return found | (sent or {})


def _claim_form(deed: str, data: Any, files: Any = None) -> StepForm:
    kinds: dict[str, type[StepForm]] = {
        "check": forms.CheckForm,
        "pay": forms.PayForm,
        "correct": forms.CorrectionForm,
        "dispute": forms.DisputeForm,
        "settle": forms.DisputeForm,
        "remove": forms.ReasonForm,
    }
    if deed not in kinds:
        raise NotFound("没有这一步。")
    return kinds[deed](data, files, verb=deed)


def _change(request: ScopedRequest, deed: str, claim_id: int, form: StepForm) -> str:
    """Carry out one change of a row; says what was done."""
    given: dict[str, Any] = form.cleaned_data
    who: dict[str, Any] = {"claim_id": claim_id, "by": request.actor, "at": request.at}
    if deed == "check":
        actions.check_claim(agreed=given["agreed"], reason=given["reason"], **who)
        return "已核对。"
    if deed == "pay":
        files, words = forms.read_files(form), {name: value for name, value in given.items() if name != "vouchers"}
        actions.pay_claim(files=files, **words, **who)
        return "追回已登记。"
    if deed == "remove":
        actions.remove_claim(reason=given["reason"], **who)
        return "已删去这一笔。"
    if deed in ("dispute", "settle"):
        actions.dispute_claim(is_disputed=deed == "dispute", note=given["note"], **who)
        return "已标为有争议。" if deed == "dispute" else "争议已消除，请再核对。"
    if isinstance(form, forms.CorrectionForm):
        actions.correct_claim(cells=form.cells, reason=given["reason"], **who)
    return "已更正，改过金额的要重新核对。"


def _team(
    request: ScopedRequest, code: str, team_id: int, *, status: int = 200, refused: str = "", reason: str = ""
) -> HttpResponse:
    found, block = queries.team_block(code, team_id, request.actor, shows_names=bool(reason))
    _log(request, "claims.revealed" if reason else "claims.opened", found, count=len(block.lines), reason=reason)
    context = {"sheet": found, "crew": block, "appeal": found.appeal, "refused": refused}
    return render(request, "dispatch/desk/group_team.html", context, status=status)


def _parts(found: ClaimSheet) -> list[tuple[str, str]]:
    """To whom a sum may be given: everybody, an employer's, a team's."""
    choices = [("all", f"全部人（还欠 {found.total.outstanding:,.2f} 元）")]
    for place, employer in enumerate(found.employers):
        choices.append((f"employer:{place}", f"{employer.name}（还欠 {employer.sum.outstanding:,.2f} 元）"))
        choices += [
            (f"team:{each.team.pk}", f"　{employer.name} {each.team}（还欠 {each.sum.outstanding:,.2f} 元）")
            for each in employer.teams
        ]
    return choices


def _unsealed(given: str, context: str) -> bytes:
    try:
        return base64.b64decode(sealing.open_sealed(base64.b64decode(given), context))
    except (CannotDecrypt, binascii.Error, ValueError) as fault:
        raise BadInput("file", "试导的文件不见了，请重新选一次。") from fault


def _is_part(request: ScopedRequest) -> bool:
    """Does the page ask for a piece of itself?"""
    return bool(request.headers.get("HX-Request"))


def _log(request: ScopedRequest, kind: str, found: ClaimSheet, *, reason: str = "", count: int = 0) -> None:
    events.record_access(
        kind,
        subject_kind="appeal",
        subject_id=found.appeal.pk,
        by=request.actor,
        at=request.at,
        reason=reason,
        address=request.address or None,
        count=count or max(1, len(found.lines)),
    )


urlpatterns = [
    path("groups/<str:code>", sheet, name="desk-group"),
    path("groups/<str:code>/look", look, name="desk-group-look"),
    path("groups/<str:code>/claims", enter, name="desk-group-enter"),
    path("groups/<str:code>/load", load, name="desk-group-load"),
    path("groups/<str:code>/claims/<int:claim_id>", claim, name="desk-group-claim"),
    path("groups/<str:code>/spread", spread, name="desk-group-spread"),
    path("groups/<str:code>/payments/<int:payment_id>/cancel", cancel, name="desk-group-cancel"),
    path("groups/<str:code>/teams/<int:team_id>", team, name="desk-group-team"),
    path("groups/<str:code>/teams/<int:team_id>/claims/<int:claim_id>", check_one, name="desk-group-check"),
]
