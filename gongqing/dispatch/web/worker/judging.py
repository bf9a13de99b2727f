"""Judge an answer by the one-time link of a short message, without signing in."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gongqing.accounts.middleware import ScopedRequest
from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.actions.answering import link_digest
from gongqing.audit import scope
from gongqing.dispatch.actions.submitting import holder_of_code
from gongqing.dispatch.forms.worker import EvaluationForm, refuse
from gongqing.dispatch.queries import worker as queries
from gongqing.dispatch.web.worker.cases import thanks_for
from gongqing.dispatch.web.worker.frame import shown
from gongqing.lib.errors import BadInput, NotAllowed


@never_cache
@require_http_methods(["GET", "POST"])
def judge(request: ScopedRequest, token: str) -> HttpResponse:
    """Opening the link shows the answer and the question; only sending it uses the link."""
    appeal = appeal_queries.appeal_of_link(link_digest(token), request.at)
    if appeal is None:
        return shown(request, "link_over", status=404, bar_items=[])
    holder = holder_of_code(appeal.pk, "凭评价链接")
    with scope.acting_as(holder):
        case = queries.case_of_worker(appeal.code, holder, request.at)
        if case.evaluate_by is None:
            return shown(request, "link_over", status=404, bar_items=[])
        form = EvaluationForm(request.POST or None)
        if request.method == "GET" or not form.is_valid():
            status = 200 if request.method == "GET" else 422
            return shown(request, "judge", case=case, evaluation=form, status=status, bar_items=[])
        try:
            judged = appeals.evaluate_appeal(
                appeal_id=appeal.pk, by=holder, at=request.at, token=token, **form.cleaned_data
            )
        except BadInput as refused:
            refuse(form, refused)
            return shown(request, "judge", case=case, evaluation=form, status=422, bar_items=[])
        except NotAllowed:
            return shown(request, "link_over", status=404, bar_items=[])
    thanks = thanks_for(judged.satisfaction, reopened=judged.status == "reopened")
    return shown(request, "judged", thanks=thanks, bar_items=[])
