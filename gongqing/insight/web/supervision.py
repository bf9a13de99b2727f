"""The board of deadlines (到期看板): what is due, late or waiting, the worst cases, and the cases behind a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.appeals import queries as appeals
from gongqing.dispatch.rules.higher_hands import VERBS
from gongqing.dispatch.rules.permissions import LEVEL_OF_SUPERVISOR
from gongqing.insight.queries import boards as queries
from gongqing.insight.queries import worst as worst_cases
from gongqing.insight.queries.boards import Asked, Board, BoardRow, DrillCase
from gongqing.insight.queries.worst import Ranked
from gongqing.insight.rules import boards, readers
from gongqing.insight.rules.boards import BoardCell, BoardLine
from gongqing.insight.rules.indicators import Figure
from gongqing.insight.rules.urgency import Urgency
from gongqing.lib.times import day_of

FIRST_LOOKS = ("over", "today", "near", "extensions", "review", "returned", "unsigned", "all")
IN_SIGHT, LISTED = 3, 20
LONGEST_LINE = 3
GRADES = {"red": "红", "orange": "橙", "yellow": "黄", "green": "绿"}


@staff_page
@require_GET
def supervision(request: ScopedRequest) -> HttpResponse:
    """The board, the worst cases over it, and beside it the cases of the chosen number."""
    readers.check_can_read_board(request.actor)
    given = {name: request.GET.get(name, "") for name in ("group", "within", "grade", "category")}
    asked = queries.asked_of(request.actor, **given)
    seen = queries.board(request.actor, request.at, asked)
    key, state = _chosen(request, seen)
    ranked = worst_cases.ranking(seen, request.at, most=LISTED)
    largest = max((row.counts.get("all", 0) for row in seen.rows), default=0)
    address = _address(asked)
    context = {
        "at": request.at,
        "columns": [_heading(name) for name in boards.COLUMNS],
        "heading": boards.HEADINGS[asked.group],
        "heading_words": f"各{boards.HEADINGS[asked.group]}",
        "groups": [(words, _address(asked, group=name), name == asked.group) for name, words in boards.GROUPS.items()],
        "lines": [_line(asked, row, key, state, largest) for row in seen.rows],
        "total": _cells(asked, BoardRow("", "合计", dict(seen.total)), key, state),
        "quiet": seen.quiet,
        "counts": {name: seen.total.get(name, 0) for name in boards.LISTED},
        "late": Figure(seen.total.get("over", 0), seen.total.get("all", 0)),
        "on_time": seen.on_time,
        "chosen": next((f"{row.name}　" for row in seen.rows if row.key == key), "") if key else "",
        "state_name": state,
        "state": boards.LISTED[state],
        "drawn": [(style, boards.STATES[name]) for name, style in boards.DRAWN.items()],
        "trail": _trail(seen),
        "asked": asked,
        "worst_url": f"{address}&state=worst#drill",
        "worst_count": len(ranked),
        "back": request.get_full_path(),
        "grades": GRADES,
        "categories": list(appeals.categories(day_of(request.at)).values_list("code", "name")),
        "is_narrowed": bool(asked.grade or asked.category),
        "plain_url": _address(asked, grade="", category=""),
        "verbs": list(VERBS.items()) if request.actor.role in LEVEL_OF_SUPERVISOR else [],
        **_shown(request, seen, ranked, key, state),
    }
    return render(request, "insight/supervision.html", context)


def _shown(request: ScopedRequest, seen: Board, ranked: list[Ranked], key: str, state: str) -> dict[str, Any]:
    """The worst three, and the list beside the board (of the worst, without those three); cases are read once."""
    is_worst = state == "worst"
    pressing, further = ranked[:IN_SIGHT], ranked[IN_SIGHT:] if is_worst else []
    numbers, count = ([], 0) if is_worst else queries.drilled(seen, state, request.at, row=key)
    wanted = dict.fromkeys([*(each.number for each in [*pressing, *further]), *numbers])
    cases = {each.item.appeal.pk: each for each in queries.drill_cases(request.actor, list(wanted), request.at)}
    listed: list[tuple[DrillCase, Urgency | None]] = [(cases[number], None) for number in numbers if number in cases]
    listed += [(each.case, each.urgency) for each in worst_cases.worst(further, cases)]
    return {
        "worst": worst_cases.worst(pressing, cases),
        "cases": listed,
        "case_count": len(listed) if is_worst else count,
    }


def _chosen(request: ScopedRequest, seen: Board) -> tuple[str, str]:
    key, state = request.GET.get("row", ""), request.GET.get("state", "")
    if state not in boards.LISTED:
        state = next((name for name in FIRST_LOOKS if seen.total.get(name)), "over")
    return (key if key in {row.key for row in seen.rows} else ""), state


def _heading(name: str) -> tuple[str, str, str]:
    """A column's name on one line, or on two where it is long."""
    words = boards.COLUMNS[name]
    return (name, words[:2], words[2:]) if len(words) > LONGEST_LINE else (name, words, "")


def _line(asked: Asked, row: BoardRow, key: str, state: str, largest: int) -> BoardLine:
    return BoardLine(
        name=row.name,
        down=_address(asked, within=str(row.node)) if row.node else "",
        is_selected=bool(key) and row.key == key,
        late_days=row.late_days,
        unsigned_days=row.unsigned_days,
        cells=_cells(asked, row, key, state),
        bar=boards.bar_of(row.counts, largest=largest),
    )


def _cells(asked: Asked, row: BoardRow, key: str, state: str) -> list[BoardCell]:
    address = f"{_address(asked)}&row={quote_plus(row.key)}&state="
    return [
        BoardCell(row.counts.get(name, 0), f"{address}{name}#drill", name == "over", row.key == key and name == state)
        for name in boards.COLUMNS
    ]


def _trail(seen: Board) -> list[Mapping[str, str]]:
    """The way down, each step with its address; the last one is where one stands."""
    last = len(seen.trail) - 1
    return [
        {
            "name": str(each),
            "url": "" if place == last else _address(seen.asked, within=str(each.pk) if place else ""),
        }
        for place, each in enumerate(seen.trail)
    ]


def _address(asked: Asked, **changed: str) -> str:
    """The board as it is asked for, or with something changed; always with a query, so that more can follow."""
    given = {
        "group": asked.group,
        "within": str(asked.within.pk) if asked.within else "",
        "grade": asked.grade,
        "category": asked.category,
        **changed,
    }
    return f"{reverse('insight-supervision')}?{urlencode({name: value for name, value in given.items() if value})}"


urlpatterns = [path("supervision", supervision, name="insight-supervision")]
