"""Lists to settle (清单销号): all of them with their totals, one list, and what is put on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.appeals import queries as appeals
from gongqing.appeals.rules.grading import Grade
from gongqing.dispatch import actions, sheets
from gongqing.dispatch.actions.exporting import check_can_export
from gongqing.dispatch.forms.desk import StepForm
from gongqing.dispatch.forms.settling import STANDINGS, EnlistForm, ListForm, ListTermsForm, MatterForm
from gongqing.dispatch.models import ListKind
from gongqing.dispatch.queries import settling as queries
from gongqing.dispatch.queries import settling_totals as totals
from gongqing.dispatch.queries.cases import CaseFilters, organisation_given
from gongqing.dispatch.queries.settling_totals import EntryFilters
from gongqing.dispatch.rules import settling as rules
from gongqing.dispatch.web import desk_entries
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry
from gongqing.ui.answers import saved_as

LONGEST_NUMBER = 9


@staff_page
@require_GET
def lists(request: ScopedRequest) -> HttpResponse:
    """Every list in view, and what all of them add up to in a year."""
    today = day_of(request.at)
    asked = filters_of(request, year=today.year)
    context = {
        "asked": asked,
        "lines": queries.lists_in_view(request.actor, today, asked),
        "seen": totals.overview(request.actor, asked, today),
        "can_open": _may(rules.check_can_keep_lists, request.actor),
        **_choices(request, asked),
    }
    return render(request, "dispatch/desk/settling_lists.html", context)


@staff_page
@require_http_methods(["GET", "POST"])
def new(request: ScopedRequest) -> HttpResponse:
    """Open a list."""
    rules.check_can_keep_lists(request.actor)
    form = ListForm(request.POST or None, verb="list")
    if form.is_valid():
        given: dict[str, Any] = {**form.cleaned_data, "by": request.actor, "at": request.at}
        made = _tried(form, lambda: actions.open_settling_list(**given))
        if made is not None:
            messages.success(request, "清单已建立，现在把要销号的事列进来。")
            return redirect("desk-list", list_id=made.pk)
    context = {"form": form, "owner": request.actor.organisation_name}
    return render(request, "dispatch/desk/settling_new.html", context, status=422 if form.errors else 200)


@staff_page
@require_GET
def one(request: ScopedRequest, list_id: int) -> HttpResponse:
    """One list: what stands on it, late matters first."""
    return _shown(request, list_id)


@staff_page
@require_POST
def terms(request: ScopedRequest, list_id: int) -> HttpResponse:
    """Rename a list or move its day."""
    form = ListTermsForm(request.POST, verb="terms")
    given: dict[str, Any] = {"list_id": list_id, "by": request.actor, "at": request.at}
    run = lambda: actions.change_settling_list(**given, **form.cleaned_data)  # noqa: E731
    return _taken(request, list_id, run, "清单已改好。", terms=form)


@staff_page
@require_POST
def closing(request: ScopedRequest, list_id: int) -> HttpResponse:
    """Close a list, or go on with one that was closed."""
    given: dict[str, Any] = {"list_id": list_id, "by": request.actor, "at": request.at}
    if request.POST.get("press") == "reopen":
        return _taken(request, list_id, lambda: actions.reopen_settling_list(**given), "清单重新打开了。")
    return _taken(request, list_id, lambda: actions.close_settling_list(**given), "清单已收尾。")


@staff_page
@require_POST
def matters(request: ScopedRequest, list_id: int) -> HttpResponse:
    """Put a matter from outside on a list."""
    form = MatterForm(request.POST, verb="matter")

    def run() -> object:
        given = dict(form.cleaned_data)
        asked = organisation_given(given.pop("organisation"), field="organisation")
        return actions.add_outside_matter(
            list_id=list_id, organisation_id=asked, by=request.actor, at=request.at, **given
        )

    return _taken(request, list_id, run, "已列入清单，责任单位收到了提醒。", matter=form)


@staff_page
@require_http_methods(["GET", "POST"])
def pick(request: ScopedRequest, list_id: int) -> HttpResponse:
    """Put every appeal that a filter finds on a list, after seeing which they are."""
    found = queries.list_numbered(list_id, request.actor)
    owner, closed = queries.place_of(found.organisation), found.closed_on is not None
    rules.check_can_keep(request.actor, owner, closed=closed)
    given = request.POST if request.method == "POST" else request.GET
    names = ("grade", "category", "region", "employer", "standing")
    asked = {name: given.get(name, "").replace("\x00", "").strip()[:128] for name in names}
    asked["standing"] = asked["standing"] if "standing" in given else "open"
    context: dict[str, Any] = {"found": found, "asked": asked, "error": "", "rows": None, "total": 0}
    status = 200
    if any(asked[name] for name in names[:4]) or request.method == "POST":
        filters = CaseFilters(grade=asked["grade"], category=asked["category"], region=asked["region"])
        chosen: dict[str, Any] = {"employer": asked["employer"], "standing": asked["standing"]}
        try:
            if request.method == "POST":
                seen = given.get("expected", "")
                made = actions.enlist_matching(
                    list_id=list_id,
                    filters=filters,
                    expected=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < LONGEST_NUMBER else -1,
                    by=request.actor,
                    at=request.at,
                    **chosen,
                )
                messages.success(request, f"{len(made)} 件已列入清单，责任单位各收到一条提醒。")
                return redirect("desk-list", list_id=list_id)
            rows = queries.appeals_to_enlist(found, request.actor, filters, **chosen)
            context |= {"rows": list(rows[:100]), "total": rows.count()}
        except BadInput as refused:
            context["error"], status = refused.message, 422
        except NotAllowed as refused:
            context["error"], status = str(refused), 409
    context |= {
        "grades": [(each.value, each.title_zh) for each in Grade],
        "categories": [(each.code, str(each)) for each in appeals.categories(day_of(request.at))],
        "regions": [(county["code"], county["name"]) for county in registry.region_tree()],
        "standings": STANDINGS,
        "most": rules.MOST_AT_ONCE,
    }
    return render(request, "dispatch/desk/settling_pick.html", context, status=status)


@staff_page
@require_http_methods(["GET", "POST"])
def enlist(request: ScopedRequest, code: str) -> HttpResponse:
    """Put one appeal on a list, from its case page."""
    appeal = appeals.appeal_with_code(code, request.actor)
    rules.check_can_keep_lists(request.actor)
    form, status = EnlistForm(request.POST or None, lists=queries.lists_open_for(appeal, request.actor)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given: dict[str, Any] = {"appeal_id": appeal.pk, "by": request.actor, "at": request.at}
            chosen = int(form.cleaned_data["on_list"])
            due_on = form.cleaned_data["due_on"]
            entry = _tried(form, lambda: actions.enlist_appeal(list_id=chosen, due_on=due_on, **given))
            if entry is not None:
                messages.success(request, f"已列入“{entry.list.title}”，是第 {entry.number} 项。")
                return redirect("desk-case", code=appeal.code)
    return render(request, "dispatch/desk/settling_enlist.html", {"appeal": appeal, "form": form}, status=status)


@staff_page
@require_GET
def entries(request: ScopedRequest) -> HttpResponse:
    """The entries behind a number."""
    today, asked = day_of(request.at), filters_of(request)
    given = request.GET.get("page", "1")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < LONGEST_NUMBER else 1
    page = queries.entries_page(request.actor, asked, today, number)
    context = {
        "asked": asked,
        "page": page,
        "found": queries.list_numbered(asked.list_id, request.actor) if asked.list_id is not None else None,
        "query": asked.url(),
        "can_export": _may(check_can_export, request.actor),
        **_choices(request, asked),
    }
    return render(request, "dispatch/desk/settling_entries.html", context)


@staff_page
@require_GET
def export(request: ScopedRequest) -> HttpResponse:
    """The entries behind a number as an Excel file."""
    check_can_export(request.actor)
    today, asked = day_of(request.at), filters_of(request)
    rows = queries.exported_entries(request.actor, asked, today)
    asked_for = totals.filters_in_words(asked, request.actor)
    words = "清单销号" + (f"（{asked_for}）" if asked_for else "，全部")
    actions.record_export(
        count=len(rows), filters=words, by=request.actor, at=request.at, address=request.address or None
    )
    heading = f"{words}。{request.actor.name} {request.at:%Y-%m-%d %H:%M} 导出，{len(rows)} 项。"
    content = sheets.entries_workbook(rows, today, heading=heading)
    return saved_as(f"清单销号{request.at:%Y%m%d%H%M}.xlsx", content, sheets.MEDIA_TYPE)


def filters_of(request: ScopedRequest, *, year: int | None = None) -> EntryFilters:
    """The filters that stand in the address; what cannot be asks for nothing."""
    given = {name: request.GET.get(name, "") for name in ("year", "kind", "county", "list", "show")}
    numbers = {
        name: int(text)
        for name in ("year", "list")
        if (text := given[name]).isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    }
    asked_year = numbers.get("year", year if "year" not in request.GET else None)
    known = {key for key, _ in totals.counties_in_words()} if given["county"] else set()
    return EntryFilters(
        year=asked_year if asked_year is None or 2000 <= asked_year <= 2100 else year,
        kind=given["kind"] if given["kind"] in ListKind else "",
        county=given["county"] if given["county"] in known else "",
        list_id=numbers.get("list"),
        show=given["show"] if given["show"] in totals.SHOWN else "",
    )


def _choices(request: ScopedRequest, asked: EntryFilters) -> dict[str, Any]:
    today = day_of(request.at)
    years = totals.years_in_view(request.actor, today)
    return {
        "years": sorted({*years, *([asked.year] if asked.year else [])}, reverse=True),
        "kinds": ListKind.choices,
        "counties": totals.counties_in_words(),
        "shows": [(name, word) for name, word in totals.SHOWN.items() if name],
        "today": today,
    }


def _taken(request: ScopedRequest, list_id: int, run: Callable[[], object], told: str, **forms: Any) -> HttpResponse:
    """Carry out one step on a list; a refusal comes back with the page and what was typed."""
    form = next(iter(forms.values()), None)
    if form is not None and not form.is_valid():
        found = queries.list_numbered(list_id, request.actor)
        rules.check_can_keep(request.actor, queries.place_of(found.organisation))
        return _shown(request, list_id, status=422, **forms)
    try:
        run()
    except BadInput as refused:
        if form is not None:
            form.refuse(refused)
        return _shown(request, list_id, status=422, **forms)
    except (NotAllowed, NotPermitted) as refused:
        status = 409 if isinstance(refused, NotAllowed) else 403
        return _shown(request, list_id, status=status, refusal=str(refused), **forms)
    messages.success(request, told)
    return redirect("desk-list", list_id=list_id)


def _shown(
    request: ScopedRequest,
    list_id: int,
    *,
    status: int = 200,
    refusal: str = "",
    terms: StepForm | None = None,
    matter: StepForm | None = None,
) -> HttpResponse:
    actor, today = request.actor, day_of(request.at)
    found = queries.list_numbered(list_id, actor)
    asked = EntryFilters(list_id=found.pk, show=filters_of(request).show)
    given = request.GET.get("page", "1")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < LONGEST_NUMBER else 1
    keeps = rules.keeps(actor, queries.place_of(found.organisation))
    sums = queries.sums_of(found, actor, today)
    first = {"title": found.title, "due_on": found.due_on, "note": found.note}
    context = {
        "found": found,
        "asked": asked,
        "sums": sums,
        "left": sums.count - sums.struck_off,
        "links": {show or "all": asked.url(show=show) for show in totals.SHOWN},
        "page": queries.entries_page(actor, asked, today, number),
        "shows": [(name, word) for name, word in totals.SHOWN.items() if name],
        "keeps": keeps,
        "can_write": keeps and found.closed_on is None,
        "can_export": _may(check_can_export, actor),
        "refusal": refusal,
        "terms": terms or _first(ListTermsForm, "terms", first),
        "terms_open": terms is not None,
        "matter": matter or MatterForm(verb="matter"),
        "matter_open": matter is not None,
        "places": queries.places_below(found) if keeps else [],
        "today": today,
    }
    return render(request, "dispatch/desk/settling_list.html", context, status=status)


def _first(form: type[StepForm], verb: str, values: dict[str, Any]) -> StepForm:
    made = form(verb=verb)
    made.initial = values
    return made


def _tried(form: StepForm, run: Callable[[], Any]) -> Any:
    """What the action made; None when it refused, which then stands in the form."""
    try:
        return run()
    except BadInput as refused:
        form.refuse(refused)
    except NotAllowed as refused:
        form.add_error(None, str(refused))
    return None


def _may(check: Callable[..., None], *given: Any) -> bool:
    try:
        check(*given)
    except NotPermitted:
        return False
    return True


urlpatterns = [
    path("lists", lists, name="desk-lists"),
    path("lists/new", new, name="desk-list-new"),
    path("lists/entries", entries, name="desk-list-entries"),
    path("lists/entries.xlsx", export, name="desk-list-export"),
    path("lists/<int:list_id>", one, name="desk-list"),
    path("lists/<int:list_id>/terms", terms, name="desk-list-terms"),
    path("lists/<int:list_id>/closing", closing, name="desk-list-closing"),
    path("lists/<int:list_id>/matters", matters, name="desk-list-matters"),
    path("lists/<int:list_id>/pick", pick, name="desk-list-pick"),
    path("appeals/<str:code>/lists", enlist, name="desk-enlist"),
    *desk_entries.urlpatterns,
]
