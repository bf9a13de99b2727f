"""What does the page of one load show?

Before it begins its columns and its first rows; then how far it is, and what became of every row.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from gongqing.accounts.forms import ReasonForm
from gongqing.accounts.middleware import ScopedRequest
from gongqing.audit import events
from gongqing.lib.columns import Column, distinct_titles, repeated_titles, shown_cell, shown_example
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotPermitted
from gongqing.registry import queries
from gongqing.registry.actions import loads
from gongqing.registry.models import Load, LoadKind, LoadRow, LoadState, RowState

PREVIEWED = 20
EXAMPLES = 3
PAGE = 50
LARGE = 20_000
UNDER_WAY = (LoadState.RUNNING, LoadState.UNDOING)


def page_of(
    request: ScopedRequest, load_id: int, *, fault: BadInput | BadInputs | None = None, reason: str = ""
) -> HttpResponse:
    """The whole page; a refusal stands above it, with what was typed."""
    load = load_for(request, load_id)
    is_new = load.state == LoadState.CHECKED
    context: dict[str, Any] = {
        "load": load,
        "kind_name": LoadKind(load.kind).label,
        "is_new": is_new,
        "is_dry": bool(load.options.get("dry_run")),
        "faults": _faults(fault),
        "undo_form": ReasonForm({"reason": reason}) if reason else ReasonForm(),
        "progress": progress_of(load, request.at),
        "counts": counts_of(load),
        "same": queries.same_file(load, request.actor) if is_new else None,
        **_buttons(load),
        **_rows(request, load),
    }
    if is_new:
        context |= _before(request, load)
    return render(request, "accounts/load.html", context, status=_status(fault))


def _before(request: ScopedRequest, load: Load) -> dict[str, Any]:
    """The sheet, its columns with examples, and the first rows as they would be taken."""
    work = loads.work_of(load.kind)
    try:
        rows = loads.table_of(load)
    except NotAllowed as gone:
        return {"gone": str(gone)}
    written = rows[load.header_row - 1] if load.header_row <= len(rows) else []
    header = distinct_titles(written)
    filled = [row for _, row in loads.filled_rows(rows, load.header_row - 1)]
    titles = [title for title in dict.fromkeys(header) if title]
    mapped = {load.mapping[one.name]: one for one in work.columns if load.mapping.get(one.name)}
    examples = {title: _examples(mapped.get(title), title, header.index(title), filled) for title in titles}
    seen: dict[str, Any] = {
        "sheets": [(one.name[:64], len(one.rows)) for one in loads.sheets_of(load)],
        "titles": titles,
        "repeated": repeated_titles(written),
        "is_unknown": not load.mapping,
        "lines": [
            {"column": one, "chosen": (title := load.mapping.get(one.name, "")), "examples": examples.get(title)}
            for one in work.columns
        ],
        "unused": [title for title in titles if title not in load.mapping.values()],
    }
    try:
        tried = loads.preview_load(load, by=request.actor, at=request.at, most=PREVIEWED)
    except BadInputs as missing:
        return {**seen, "missing": [one.message for one in missing.errors]}
    if load.row_count > LARGE:
        loads.forget_reading(load)
    note_look(request, load, "load.previewed", len(tried))
    shown = [column for column in work.columns if load.mapping.get(column.name)]
    return {**seen, **_preview(tried, shown)}


def _preview(tried: list[tuple[loads.Row, loads.Outcome]], columns: list[Column]) -> dict[str, Any]:
    heads = list(dict.fromkeys(title for _, outcome in tried for title in outcome.shown))
    if not heads:
        heads = [column.title for column in columns]
    lines = []
    for row, outcome in tried:
        cells = outcome.shown or {one.title: shown_cell(one, row.cells.get(one.name, "")) for one in columns}
        bad = {title for title, _ in outcome.problems}
        lines.append(
            {
                "number": row.number,
                "state": RowState(outcome.state).label,
                "is_bad": outcome.state == RowState.REJECTED,
                "cells": [(cells.get(title, ""), title in bad) for title in heads],
                "problems": outcome.problems,
                "note": outcome.note,
            }
        )
    return {"heads": heads, "preview": lines}


def _rows(request: ScopedRequest, load: Load) -> dict[str, Any]:
    """The rows in the chosen state, a page of them."""
    states = [state for state in RowState if load.counts.get(state.value)]
    asked = request.GET.get("state", "")
    state = asked if asked in states else ""
    if not states:
        return {"row_tabs": [], "rows": []}
    text = request.GET.get("after", "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    rows = queries.rows_of_load(load, state, after=after, most=PAGE + 1)
    work = loads.work_of(load.kind)
    links = work.links_of(rows[:PAGE]) if isinstance(work, loads.Linking) else {}
    total = {"name": "全部", "url": "?", "current": not state, "count": load.done_count}
    tabs = [
        {"name": one.label, "url": f"?state={one.value}", "current": one == state, "count": load.counts[one.value]}
        for one in states
    ]
    if any(row.content_sealed is not None for row in rows[:PAGE]):
        note_look(request, load, "load.rows_seen", len(rows[:PAGE]))
    can_restore = isinstance(work, loads.Restoring) and not load.options.get("dry_run")
    return {
        "row_tabs": [total, *tabs],
        "rows": [_row(row, work, links.get(row.pk)) for row in rows[:PAGE]],
        "later_url": f"?state={state}&after={rows[PAGE - 1].number}" if len(rows) > PAGE else "",
        "can_restore": can_restore and load.state not in (LoadState.UNDOING, LoadState.UNDONE),
        "rejected_count": load.counts.get(RowState.REJECTED, 0),
    }


def _row(row: LoadRow, work: loads.Work, link: tuple[str, str] | None) -> dict[str, Any]:
    cells = loads.content_of(row)
    words = [shown_cell(one, cells[one.name], most=60) for one in work.columns if cells.get(one.name)]
    return {
        "row": row,
        "link": link,
        "cells": "；".join(words[:6]),
        "is_bad": row.state == RowState.REJECTED,
        "is_screened": row.state == RowState.SCREENED_OUT,
    }


def counts_of(load: Load) -> list[tuple[str, int]]:
    """How many rows became what, in words; what is none is left out."""
    return [(state.label, load.counts[state.value]) for state in RowState if load.counts.get(state.value)]


def progress_of(load: Load, at: datetime) -> dict[str, Any]:
    """How far a load is, how fast, and how long it will take."""
    if load.state == LoadState.UNDOING or (load.state == LoadState.FAILED and load.options.get("undoing")):
        made = sum(load.counts.get(state, 0) for state in loads.MADE)
        done = load.counts.get(RowState.UNDONE, 0) + load.counts.get(RowState.KEPT, 0)
        return {"done": done, "total": done + made, "share": done / (done + made) if done + made else 1}
    total, done = load.row_count, load.done_count
    seen: dict[str, Any] = {"done": done, "total": total, "share": done / total if total else 1}
    run = load.options.get("run")
    if load.state == LoadState.RUNNING and run and done > run["from"]:
        seconds = max((loads.last_step_of(load) - datetime.fromisoformat(run["since"])).total_seconds(), 1)
        speed = (done - run["from"]) / seconds
        left = int((total - done) / speed)
        seen |= {"speed": round(speed, 1), "left": f"约 {left} 秒" if left < 90 else f"约 {round(left / 60)} 分钟"}
    return seen


def _buttons(load: Load) -> dict[str, bool]:
    is_dry, is_undo = bool(load.options.get("dry_run")), bool(load.options.get("undoing"))
    is_halted = load.state in (LoadState.PAUSED, LoadState.FAILED) and bool(load.file_key)
    return {
        "can_pause": load.state == LoadState.RUNNING,
        "can_go_on": is_halted and not is_undo,
        "can_undo": load.state in loads.CAN_UNDO and not is_dry,
        "can_discard": load.state == LoadState.CHECKED or (load.state == LoadState.PAUSED and is_dry),
        "under_way": load.state in UNDER_WAY,
    }


def _examples(column: Column | None, title: str, place: int, rows: list[Any]) -> list[str]:
    found: list[str] = []
    for row in rows[:200]:
        text = row[place] if place < len(row) else ""
        if (
            text
            and (shown := (shown_cell(column, text, most=24) if column else shown_example(title, text))) not in found
        ):
            found.append(shown)
        if len(found) == EXAMPLES:
            break
    return found


def _faults(fault: BadInput | BadInputs | None) -> list[str]:
    if fault is None:
        return []
    return [one.message for one in fault.errors] if isinstance(fault, BadInputs) else [str(fault)]


def _status(fault: BadInput | BadInputs | None) -> int:
    return 200 if fault is None else 422


def kinds_for(request: ScopedRequest) -> list[str]:
    """The kinds of load that this person may make.

    Raises:
        NotPermitted: none.
    """
    kinds = loads.kinds_for(request.actor)
    if not kinds:
        raise NotPermitted("您的岗位不导入数据。")
    return kinds


def load_for(request: ScopedRequest, load_id: int) -> Load:
    """One load that this person sees.

    Raises:
        NotFound, NotPermitted.
    """
    return queries.load_numbered(load_id, request.actor, kinds_for(request))


def note_look(request: ScopedRequest, load: Load, kind: str, count: int) -> None:
    """Write down that rows with personal data were looked at."""
    if count:
        events.record_access(
            kind,
            subject_kind="load",
            subject_id=load.pk,
            by=request.actor,
            at=request.at,
            address=request.address or None,
            count=count,
        )
