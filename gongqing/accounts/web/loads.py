"""Files of rows (导入): sending one, saying what its columns are, running it, and what became of every row."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongqing.accounts.forms import UploadForm, refuse
from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.accounts.web.load_page import UNDER_WAY, counts_of, kinds_for, load_for, note_look, page_of, progress_of
from gongqing.lib.errors import BadInput, BadInputs, NotPermitted
from gongqing.lib.sheets import MOST_BYTES
from gongqing.registry import queries, sheets
from gongqing.registry.actions import loads
from gongqing.registry.models import LoadKind, RowState
from gongqing.ui.answers import saved_as

LISTED = 100
NOT_TAKEN = (RowState.REJECTED,)


@staff_page
@require_GET
def listing(request: ScopedRequest) -> HttpResponse:
    """The loads that I may see, newest first."""
    kinds = kinds_for(request)
    kind = request.GET.get("kind", "")
    found = queries.loads_of(request.actor, [kind] if kind in kinds else kinds)[:LISTED]
    chosen = [{"name": "全部", "url": "?", "current": kind not in kinds}] if len(kinds) > 1 else []
    tabs = [{"name": LoadKind(one).label, "url": f"?kind={one}", "current": one == kind} for one in kinds if chosen]
    rows = [{"load": load, "counts": counts_of(load)} for load in found]
    return render(request, "accounts/loads.html", {"rows": rows, "tabs": [*chosen, *tabs], "kinds": kinds})


@staff_page
@require_http_methods(["GET", "POST"])
def create(request: ScopedRequest) -> HttpResponse:
    """Send a file; it is read and kept, and nothing else changes yet."""
    kinds = kinds_for(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds else kinds[0]
    work = loads.work_of(kind)
    asked = work.options if isinstance(work, loads.Asking) else ()
    form = UploadForm(request.POST or None, request.FILES or None, options=asked)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > MOST_BYTES:
                raise BadInput("file", f"文件太大，最大 {MOST_BYTES >> 20} MB，请分成几个文件。")
            load = loads.begin_load(
                kind=kind,
                source=form.cleaned_data["source"],
                file_name=file.name,
                content=file.read(),
                options={one.name: form.cleaned_data[one.name] for one in asked},
                by=request.actor,
                at=request.at,
            )
        except BadInput as refused:
            refuse(form, refused)
        else:
            return redirect("load-detail", load_id=load.pk)
    sources = [*(work.sources if isinstance(work, loads.Asking) else ()), *queries.sources_of(kind)]
    tabs = [{"name": LoadKind(one).label, "url": f"?kind={one}", "current": one == kind} for one in kinds]
    context = {
        "form": form,
        "options": [form[one.name] for one in asked],
        "kind": LoadKind(kind),
        "tabs": tabs if len(tabs) > 1 else [],
        "sources": list(dict.fromkeys(sources)),
        "columns": work.columns,
        "most": MOST_BYTES >> 20,
    }
    return render(request, "accounts/load_new.html", context, status=422 if form.errors else 200)


@staff_page
@require_GET
def pattern(request: ScopedRequest, kind: str) -> HttpResponse:
    """An empty sheet to fill in."""
    if kind not in kinds_for(request):
        raise NotPermitted("您的岗位不导入这一类数据。")
    name = f"{LoadKind(kind).label}导入模板"
    return saved_as(f"{name}.xlsx", sheets.pattern_of(loads.work_of(kind).columns, name=name), sheets.MEDIA_TYPE)


@staff_page
@require_GET
def detail(request: ScopedRequest, load_id: int) -> HttpResponse:
    """One load: before it begins its columns and a preview, afterwards what became of the rows."""
    return page_of(request, load_id)


@staff_page
@require_GET
def progress(request: ScopedRequest, load_id: int) -> HttpResponse:
    """The part of the page that moves; when the load has come to a stop, the whole page is asked for anew."""
    load = load_for(request, load_id)
    answer = render(request, "accounts/load_progress.html", {"load": load, "progress": progress_of(load, request.at)})
    if load.state not in UNDER_WAY:
        answer["HX-Refresh"] = "true"
    return answer


@staff_page
@require_POST
def table(request: ScopedRequest, load_id: int) -> HttpResponse:
    """Another sheet, or another line as header."""

    def act() -> str:
        written = request.POST.get("header_row", "")
        if not (written.isascii() and written.isdigit()):
            raise BadInput("header_row", "表头行要填数字，例如 3。")
        loads.choose_table(
            load_id=load_id,
            sheet_name=request.POST.get("sheet_name", ""),
            header_row=int(written[:6]),
            by=request.actor,
            at=request.at,
        )
        return "已换表头，请核对下面的列对应。"

    return _act(request, load_id, act)


@staff_page
@require_POST
def columns(request: ScopedRequest, load_id: int) -> HttpResponse:
    """Say which column holds what."""

    def act() -> str:
        work = loads.work_of(load_for(request, load_id).kind)
        mapping = {one.name: request.POST.get(f"column-{one.name}", "") for one in work.columns}
        loads.choose_columns(load_id=load_id, mapping=mapping, by=request.actor, at=request.at)
        return "列对应已保存，下次这个来源会照这样认列。"

    return _act(request, load_id, act)


@staff_page
@require_POST
def start(request: ScopedRequest, load_id: int) -> HttpResponse:
    """Try, begin, or go on."""
    is_dry = request.POST.get("dry_run") == "1"

    def act() -> str:
        loads.start_load(load_id=load_id, dry_run=is_dry, by=request.actor, at=request.at)
        return "开始试导，不会写入任何数据。" if is_dry else "开始导入。可以离开这一页，回来再看。"

    return _act(request, load_id, act)


@staff_page
@require_POST
def pause(request: ScopedRequest, load_id: int) -> HttpResponse:
    """Stop after the rows at hand."""

    def act() -> str:
        loads.pause_load(load_id=load_id, by=request.actor, at=request.at)
        return "已暂停，已导入的行都在；点“继续”接着导。"

    return _act(request, load_id, act)


@staff_page
@require_POST
def undo(request: ScopedRequest, load_id: int) -> HttpResponse:
    """Take the whole load back."""
    reason = request.POST.get("reason", "").replace("\x00", "")

    def act() -> str:
        loads.undo_load(load_id=load_id, reason=reason, by=request.actor, at=request.at)
        return "开始撤销；已经有人办理的会保留，并逐行写明。"

    return _act(request, load_id, act, reason=reason)


@staff_page
@require_POST
def discard(request: ScopedRequest, load_id: int) -> HttpResponse:
    """Throw a load away that has changed nothing."""
    loads.discard_load(load_id=load_id, by=request.actor, at=request.at)
    messages.success(request, "已丢弃，文件已删除。")
    return redirect("loads")


@staff_page
@require_POST
def restore(request: ScopedRequest, load_id: int, number: int) -> HttpResponse:
    """Take in a row that was screened out."""

    def act() -> str:
        row = loads.restore_row(load_id=load_id, number=number, by=request.actor, at=request.at)
        return f"第 {row.number} 行已恢复登记。"

    return _act(request, load_id, act, back=f"?state={RowState.SCREENED_OUT}")


@staff_page
@require_GET
def rejects(request: ScopedRequest, load_id: int, suffix: str) -> HttpResponse:
    """The rows that were not taken, with column and reason, to be put right and sent again."""
    load = load_for(request, load_id)
    work = loads.work_of(load.kind)
    rows = list(load.rows.filter(state__in=NOT_TAKEN).order_by("number"))
    found = [(row.number, [(one["column"], one["why"]) for one in row.problems], loads.content_of(row)) for row in rows]
    note_look(request, load, "load.rejects_taken", len(rows))
    name = f"问题行-{load.source}-{load.pk}"
    if suffix == "csv":
        return saved_as(f"{name}.csv", sheets.rejects_csv(found, work.columns), "text/csv; charset=utf-8")
    return saved_as(f"{name}.xlsx", sheets.rejects_book(found, work.columns), sheets.MEDIA_TYPE)


def _act(
    request: ScopedRequest, load_id: int, act: Callable[[], str], *, back: str = "", reason: str = ""
) -> HttpResponse:
    load_for(request, load_id)
    try:
        messages.success(request, act())
    except (BadInput, BadInputs) as refused:
        return page_of(request, load_id, fault=refused, reason=reason)
    return redirect(f"/desk/loads/{load_id}{back}")


urlpatterns = [
    path("desk/loads", listing, name="loads"),
    path("desk/loads/new", create, name="load-new"),
    path("desk/loads/pattern/<str:kind>", pattern, name="load-pattern"),
    path("desk/loads/<int:load_id>", detail, name="load-detail"),
    path("desk/loads/<int:load_id>/progress", progress, name="load-progress"),
    path("desk/loads/<int:load_id>/table", table, name="load-table"),
    path("desk/loads/<int:load_id>/columns", columns, name="load-columns"),
    path("desk/loads/<int:load_id>/start", start, name="load-start"),
    path("desk/loads/<int:load_id>/pause", pause, name="load-pause"),
    path("desk/loads/<int:load_id>/undo", undo, name="load-undo"),
    path("desk/loads/<int:load_id>/discard", discard, name="load-discard"),
    path("desk/loads/<int:load_id>/rejects.csv", rejects, {"suffix": "csv"}, name="load-rejects-csv"),
    path("desk/loads/<int:load_id>/rejects.xlsx", rejects, {"suffix": "xlsx"}, name="load-rejects-xlsx"),
    path("desk/loads/<int:load_id>/rows/<int:number>/restore", restore, name="load-restore"),
]
