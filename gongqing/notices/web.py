"""The pages of short messages: what waits, what failed, and the words of every kind."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.paging import row_before
from gongqing.notices import actions, queries
from gongqing.notices.forms import TemplateForm
from gongqing.notices.models import State
from gongqing.notices.queries import MessageFilters, MessageLine
from gongqing.notices.rules import templates
from gongqing.notices.rules.permissions import check_can_keep_messages

NOTICES_SHOWN = 200
FILTERS = ("state", "template", "day")
STATES = (State.QUEUED, State.SENT, State.DELIVERED, State.FAILED, State.CANCELLED)
GATEWAY_WORDS = {"file": "写入文件，由本市自己的程序发出", "console": "只打印，不发出", "http": "短信网关"}


@staff_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """The short messages, newest first, and how the queue stands."""
    check_can_keep_messages(request.actor)
    filters = MessageFilters(**{one: request.GET.get(one, "").strip().replace("\x00", "") for one in FILTERS})
    lines: list[MessageLine] = []
    error, later = "", None
    try:
        lines, later = queries.messages_page(request.actor, filters, before=row_before(request.GET.get("before", "")))
    except BadInput as refused:
        error = refused.message
    counts = queries.state_counts(request.actor)
    kept = {one: value for one, value in asdict(filters).items() if value}
    others = {one: value for one, value in kept.items() if one != "state"}
    tabs: list[dict[str, object]] = [
        {"name": "全部", "count": sum(counts.values()), "url": f"?{urlencode(others)}", "current": not filters.state}
    ]
    for state in STATES:
        url = "?" + urlencode({**others, "state": state.value})
        current = filters.state == state
        tabs.append({"name": state.label, "count": counts.get(state.value, 0), "url": url, "current": current})
    context = {
        "lines": lines,
        "filters": filters,
        "error": error,
        "tabs": tabs,
        "waiting": queries.waiting_messages(request.at),
        "failed_count": counts.get(State.FAILED.value, 0),
        "kinds": [(name, template.title) for name, template in templates.TEMPLATES.items()],
        "gateway": GATEWAY_WORDS.get(settings.GONGQING.sms_gateway, settings.GONGQING.sms_gateway),
        "quiet": settings.GONGQING.quiet_hours,
        "query": urlencode(kept),
        "first_url": f"?{urlencode(kept)}" if "before" in request.GET else "",
        "later_url": "?" + urlencode({**kept, "before": later}) if later else "",
        "now": request.at,
    }
    return render(request, "notices/messages.html", context, status=422 if error else 200)


@staff_page
@require_POST
def again(request: ScopedRequest, message_id: int) -> HttpResponse:
    """Try one message anew."""
    actions.send_again(message_id=message_id, by=request.actor, at=request.at)
    messages.success(request, "已重新排队，马上再发一次。")
    return _back(request)


@staff_page
@require_POST
def again_all(request: ScopedRequest) -> HttpResponse:
    """Try every failed message anew."""
    count = actions.send_again(by=request.actor, at=request.at)
    messages.success(request, f"{count} 条短信已重新排队。" if count else "没有需要再发的短信。")
    return _back(request)


@staff_page
@require_GET
def wordings(request: ScopedRequest) -> HttpResponse:
    """Every template with its words in force."""
    check_can_keep_messages(request.actor)
    return render(request, "notices/templates.html", {"rows": queries.wordings()})


@staff_page
@require_http_methods(["GET", "POST"])
def wording(request: ScopedRequest, template_name: str) -> HttpResponse:
    """One template: its words, a preview, its history; posting puts new words in force or only previews them."""
    check_can_keep_messages(request.actor)
    current = queries.wording_of(template_name)
    first = {"text": current.text, "gateway_template": current.gateway_template, "version": current.version}
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=first)
    preview, status = current.example, 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if "preview" in request.POST:
                preview = templates.example_of(
                    template_name, templates.check_template_text(template_name, given["text"])
                )
            else:
                fresh = actions.revise_template(
                    name=template_name,
                    text=given["text"],
                    gateway_template=given["gateway_template"],
                    after=given["version"],
                    by=request.actor,
                    at=request.at,
                )
                messages.success(request, f"已保存为第 {fresh.version} 版，从现在起用它。")
                return redirect("message-template", template_name=template_name)
        except BadInput as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        except NotAllowed as refused:
            form.add_error(None, str(refused))
            status = 409
    status = 422 if form.errors and status == 200 else status
    context = {
        "current": current,
        "form": form,
        "preview": preview,
        "parts": templates.part_count(preview),
        "versions": queries.versions_of(template_name),
    }
    return render(request, "notices/template.html", context, status=status)


@staff_page
@require_POST
def restore(request: ScopedRequest, template_name: str, version: int) -> HttpResponse:
    """Put earlier words in force again."""
    fresh = actions.restore_template(name=template_name, version=version, by=request.actor, at=request.at)
    messages.success(request, f"已用回第 {version} 版的内容，保存为第 {fresh.version} 版。")
    return redirect("message-template", template_name=template_name)


def _back(request: ScopedRequest) -> HttpResponse:
    query = request.POST.get("query", "")[:300]
    answer = redirect(reverse("messages"))
    if query and "\n" not in query and "\r" not in query:
        answer["Location"] += f"?{query}"
    return answer


@staff_page
@require_GET
def inbox(request: ScopedRequest) -> HttpResponse:
    """The notices to me and to my organisation: those that nobody has read, or all."""
    shows_all = request.GET.get("view") == "all"
    unread = queries.unread_of(request.actor)
    found = queries.messages_of(request.actor) if shows_all else unread
    tabs: list[dict[str, object]] = [
        {"name": "未读", "count": unread.count(), "url": reverse("notices"), "current": not shows_all},
        {"name": "全部", "count": None, "url": f"{reverse('notices')}?view=all", "current": shows_all},
    ]
    context = {"notices": queries.shown(found[:NOTICES_SHOWN]), "tabs": tabs, "unread_count": tabs[0]["count"]}
    return render(request, "notices/inbox.html", context)


@staff_page
@require_POST
def read(request: ScopedRequest) -> HttpResponse:
    """One notice is read, or all are."""
    given = request.POST.get("notice", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    if given == "" or number is not None:
        actions.mark_read(by=request.actor, at=request.at, message_id=number)
    return redirect("notices")


urlpatterns = [
    path("notices", inbox, name="notices"),
    path("notices/read", read, name="notices-read"),
    path("messages", listing, name="messages"),
    path("messages/again", again_all, name="messages-again"),
    path("messages/<int:message_id>/again", again, name="message-again"),
    path("messages/templates", wordings, name="message-templates"),
    path("messages/templates/<slug:template_name>", wording, name="message-template"),
    path("messages/templates/<slug:template_name>/<int:version>/restore", restore, name="message-template-restore"),
]
