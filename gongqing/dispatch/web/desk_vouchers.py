"""The files that prove what came back on the sheet of a case: add, open."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.dispatch import actions
from gongqing.dispatch.forms import groups as forms
from gongqing.dispatch.web.desk_claims import shown
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.ui.answers import saved_as


@staff_page
@require_POST
def add(request: ScopedRequest, code: str, payment_id: int) -> HttpResponse:
    """Files for a sum that was written down before."""
    form = forms.VouchersForm(request.POST, request.FILES, verb="vouchers")
    if form.is_valid():
        try:
            count = actions.add_vouchers(
                payment_id=payment_id, files=forms.read_files(form), by=request.actor, at=request.at
            )
        except BadInput as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            return shown(request, code, status=409, refused=str(refused))
        else:
            messages.success(request, f"{count} 份凭证已上传。" if count else "这份凭证已经有了。")
            return redirect("desk-group", code=code)
    return shown(request, code, status=422, vouchers_form=form, vouchers_sent=payment_id)


@staff_page
@require_GET
def voucher(request: ScopedRequest, code: str, voucher_id: int) -> HttpResponse:
    """One file, to be saved, never run by the browser."""
    found, content = actions.open_voucher(
        code=code, voucher_id=voucher_id, by=request.actor, at=request.at, address=request.address or None
    )
    answer = saved_as(found.name, content, found.media_type)
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


urlpatterns = [
    path("groups/<str:code>/payments/<int:payment_id>/vouchers", add, name="desk-group-vouchers"),
    path("groups/<str:code>/vouchers/<int:voucher_id>", voucher, name="desk-group-voucher"),
]
