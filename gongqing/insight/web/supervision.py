"""The board of deadlines (到期看板): organisations × state of the clock, and the cases behind a number beside it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.insight.queries import boards as queries
from gongqing.insight.queries.boards import Board, BoardRow
from gongqing.insight.rules import boards, readers
from gongqing.insight.rules.indicators import Figure

FIRST_LOOKS = ("over", "near", "extensions", "review", "returned", "unsigned", "all")


@staff_page
@require_GET
def supervision(request: ScopedRequest) -> HttpResponse:
    """The board, and beside it the cases of the chosen number; without a choice the most pressing ones."""
    readers.check_can_read_board(request.actor)
    seen = queries.board(request.actor, request.at)
    key, state = _chosen(request, seen)
    rows = [row for row in seen.rows if row.key == key] if key else seen.rows
    cases, count = queries.drilled(request.actor, rows, state, request.at)
    largest = max((row.counts.get("all", 0) for row in seen.rows), default=0)
    context = {
        "at": request.at,
        "columns": boards.COLUMNS,
        "states": boards.STATES,
        "lines": [_line(row, key, state, largest) for row in seen.rows],
        "total": _cells(BoardRow("", "合计", dict(seen.total)), key, state),
        "bar_width": boards.BAR_WIDTH,
        "quiet_count": seen.quiet_count,
        "counts": {name: seen.total.get(name, 0) for name in boards.COLUMNS},
        "late": Figure(seen.total.get("over", 0), seen.total.get("all", 0)),
        "on_time": seen.on_time,
        "cases": cases,
        "case_count": count,
        "chosen": f"{rows[0].name}　" if key and rows else "",
        "state": boards.COLUMNS[state],
        "drawn": [(style, boards.STATES[name]) for name, style in boards.DRAWN.items()],
    }
    return render(request, "insight/supervision.html", context)


def _chosen(request: ScopedRequest, seen: Board) -> tuple[str, str]:
    key, state = request.GET.get("row", ""), request.GET.get("state", "")
    if state not in boards.COLUMNS:
        state = next((name for name in FIRST_LOOKS if seen.total.get(name)), "over")
    return (key if key in {row.key for row in seen.rows} else ""), state


def _line(row: BoardRow, key: str, state: str, largest: int) -> dict[str, Any]:
    return {
        "row": row,
        "cells": _cells(row, key, state),
        "bar": boards.bar_of(row.counts, largest=largest),
        "selected": bool(key) and row.key == key,
    }


def _cells(row: BoardRow, key: str, state: str) -> list[dict[str, Any]]:
    board = reverse("insight-supervision")
    return [
        {
            "count": row.counts.get(name, 0),
            "url": f"{board}?{urlencode({'row': row.key, 'state': name})}#drill",
            "late": name == "over",
            "on": row.key == key and name == state,
        }
        for name in boards.COLUMNS
    ]


urlpatterns = [path("supervision", supervision, name="insight-supervision")]
