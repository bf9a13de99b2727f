"""Which indicators does the platform know? The one catalogue that every page, report and answer reads.

A cohort indicator follows what came in during the period, as it stands now; a flow indicator counts what was answered
during the period, whenever it came in; a stock indicator counts what is in hand at this moment, whatever the period.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from gongqing.insight.rules import indicators
from gongqing.insight.rules.indicators import MEASURES, Basis, Figure, Indicator
from gongqing.lib.errors import BadInput

__all__ = ["CATALOGUE", "COMMON", "Figure", "Indicator", "indicators_of", "shown"]

SMALL = 3  # a cell of a cross table with fewer cases could name somebody
SUMS = ("recovered", "helped")
NOT_CONNECTED, NOTHING = "未接入", "—"
APPLICATION_WORDS: Mapping[str, str] = {
    "care": "服务阵地和活动",
    "mediation": "劳动争议调解和法律援助",
    "organizing": "建会入会一件事",
    "vitality": "职工之家活力指数",
    "voices": "共性需求",
    "zones": "片区化服务",
}


def _count(key: str, definition: str, *, name: str = "", measure: str = "") -> Indicator:
    measure = measure or key
    return Indicator(key, name or MEASURES[measure], definition, "件", measure)


def _closed(*given: str) -> Indicator:
    one = Indicator(*given)  # type: ignore[arg-type]  # texts alone come first
    return replace(one, population="期间内办结的诉求", basis=Basis.RESOLVED)


def _now(key: str, name: str, definition: str, *, unit: str = "件", measure: str = "") -> Indicator:
    return Indicator(key, name, definition, unit, measure or key, population="目前在办的诉求", basis=Basis.NOW)


def _missing(key: str, name: str, definition: str, unit: str, application: str) -> Indicator:
    return Indicator(key, name, definition, unit, key, population="", application=application)


def _shared(key: str, name: str, definition: str, basis: Basis = Basis.RECEIVED) -> Indicator:
    population = "所属工会在范围内的共性需求"
    return Indicator(key, name, definition, "项", key, population=population, basis=basis, application="voices")


_ALL = (
    _count("received", "期间内收到的诉求，需求另计。"),
    _count("answered", "已答复职工的件：已办结、待评价、已归档。"),
    _count("open", "还没有答复的件，退回重办的也在内。"),
    _count("ended", "撤回、无效、并入别件的；仍计入归集。"),
    _count("handled", "已由单位签收办理的件。"),
    _count("overdue", "在办而且有时限已过的件。"),
    _count("judged", "职工最近一次评价已知的件；没有评价不算。"),
    _count("satisfied", "职工评价满意的件。"),
    _count("basically", "职工评价基本满意的件。"),
    _count("dissatisfied", "职工评价不满意的件。"),
    _count("reopened", "办结后又退回重办过的件。"),
    _count("labour", "判为涉及劳动关系的件。"),
    *indicators.INDICATORS,
    Indicator("recovered", "挽回金额", "办结件登记的金额。", "元", "recovered", population="办结的诉求"),
    Indicator("helped", "受益人次", "办结件登记的受益职工。", "人次", "helped", population="办结的诉求"),
    _closed("closed", "期间办结", "期间内答复职工并办结的件，不论何时收到。", "件", "answered"),
    _closed(
        *("closed_on_time_rate", "期间按时办结率", "期间内办结而且在时限内的件，占期间内有时限的办结件。"),
        *("%", "on_time", "timed", "按时", "有时限的办结"),
    ),
    _closed(
        *("closed_local_rate", "期间就地解决率", "期间内由基层工会、片区、镇街办结的件，占期间内办结件。"),
        *("%", "local", "answered", "就地", "办结"),
    ),
    _closed(
        *("closed_content_rate", "期间满意率", "期间内办结并评价满意或基本满意的件，占其中已评价件。"),
        *("%", "content", "judged", "满意和基本满意", "已评价"),
    ),
    _closed(
        *("closed_judged_rate", "期间评价率", "期间内办结并已评价的件，占期间内办结件。"),
        *("%", "judged", "answered", "已评价", "办结"),
    ),
    _closed("closed_recovered", "期间挽回金额", "期间内办结件登记的金额。", "元", "recovered"),
    _closed("closed_helped", "期间受益人次", "期间内办结件登记的受益职工。", "人次", "helped"),
    _now("open_now", "目前在办", "现在还没有答复的诉求，不论何时收到。", measure="open"),
    _now("overdue_now", "目前逾期", "现在在办而且有时限已过的诉求。", measure="overdue"),
    _now("urgent_now", "目前橙红件", "现在在办的橙级、红级诉求。", measure="urgent"),
    _now("paused_now", "目前暂停", "现在暂停办理或转外部跟踪的诉求。", measure="paused"),
    Indicator(
        "need_received",
        "需求",
        "期间内职工提出的服务需求，不计入诉求。",
        "件",
        "received",
        population="需求",
        kind="need",
    ),
    Indicator(
        "need_answered", "需求办结", "其中已答复的。", "件", "answered", population="期间内提出的需求", kind="need"
    ),
    Indicator("need_open", "需求在办", "其中还没有答复的。", "件", "open", population="期间内提出的需求", kind="need"),
    _shared(
        "shared_needs", "共性需求", "不止一家单位的职工说到的同一件事，期间内听出或还没有办完的；不足 3 人的不计。"
    ),
    _shared("shared_needs_found", "新听出的共性需求", "期间内听出的。"),
    _shared("shared_needs_finished", "办成的共性需求", "期间内登记办成的，已反馈的也在内。"),
    _shared(
        "shared_needs_open", "未办完的共性需求", "现在待研判、已采纳、已答复，或已办成还没有告诉职工的。", Basis.NOW
    ),
    _missing("mediations", "调解案件", "由工会主持调解的劳动争议。", "件", "mediation"),
    _missing("legal_aid", "法律援助", "代书、代理等法律援助服务。", "件次", "mediation"),
    _missing("visits", "走访", "片区工作者的实地走访。", "次", "zones"),
    _missing("activities", "活动场次", "为职工举办的服务活动。", "场", "care"),
    _missing("participants", "活动人次", "参加服务活动的职工。", "人次", "care"),
    _missing("unions_formed", "新建工会", "期间内批准成立的工会。", "家", "organizing"),
    _missing("members_joined", "新入会", "期间内入会的职工。", "人", "organizing"),
    _missing("vitality", "活力指数", "职工之家活力指数的平均分。", "分", "vitality"),
)
CATALOGUE: Mapping[str, Indicator] = {one.key: one for one in _ALL}
COMMON = ("received", "answered_rate", "on_time_rate", "local_rate", "content_rate", "judged_rate")


def indicators_of(keys: Iterable[str]) -> list[Indicator]:
    """The indicators of these keys, in the order given.

    Raises:
        BadInput: on `keys`, naming the first that nobody knows.
    """
    wanted = list(dict.fromkeys(keys))
    unknown = next((key for key in wanted if key not in CATALOGUE), None)
    if unknown is not None:
        raise BadInput("keys", f"没有“{unknown[:40]}”这个指标，可用的见指标目录。")
    return [CATALOGUE[key] for key in wanted]


def shown(value: int | Decimal | None, unit: str) -> str:
    """A value as it is printed: `98.31%`, `1,780`, `7,900.50`; nothing to divide is a dash."""
    if value is None:
        return NOTHING
    if unit == "%":
        return f"{value:.2f}%"
    if unit == "元" and value != int(value):
        return f"{value:,.2f}"
    return f"{int(value):,}"


def without_small_cells(cells: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int | None]:
    """A cross table (place × category) that names nobody: None where fewer than three cases stand.

    A hidden cell must not follow from its row's or column's total: where it is the only hidden one of its row or its
    column, the smallest other cell with something in it is hidden too; where all others are empty, one of those, in a
    row and a column that are not empty themselves (of an empty one the total says that nothing is hidden there).
    """
    kept: dict[tuple[str, str], int | None] = {
        key: None if 0 < count < SMALL else count for key, count in cells.items()
    }
    lines = _lines(kept)
    filled = {side for key, count in cells.items() if count for side in enumerate(key)}
    for _ in range(len(cells)):
        rest = next((rest for line in lines if (rest := _others(kept, line, filled))), None)
        if rest is None:
            break
        kept[min(rest, key=lambda key: (not cells[key], cells[key], _hidden_beside(kept, key) == 0, key))] = None
    return kept


def few_judged(judged: Mapping[str, int]) -> set[str]:
    """Whose rate of content workers is hidden, by how many judged there: fewer than three could be named.

    What is hidden must not follow from the total beside it: together at least two rows with three judgements stay
    hidden, the smallest others join where they are fewer.
    """
    hidden = {key for key, count in judged.items() if 0 < count < SMALL}
    others = sorted((key for key, count in judged.items() if count >= SMALL), key=lambda key: (judged[key], key))
    while hidden and others and (len(hidden) < 2 or sum(judged[key] for key in hidden) < SMALL):
        hidden.add(others.pop(0))
    return hidden


def _lines(cells: Mapping[tuple[str, str], int | None]) -> list[list[tuple[str, str]]]:
    rows: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for key in cells:
        rows.setdefault((0, key[0]), []).append(key)
        rows.setdefault((1, key[1]), []).append(key)
    return list(rows.values())


def _others(
    cells: Mapping[tuple[str, str], int | None], line: list[tuple[str, str]], filled: Collection[tuple[int, str]]
) -> list[tuple[str, str]]:
    """Which cells could be hidden beside the one of the line that follows from the others and the line's total."""
    shown = [key for key in line if cells[key] is not None]
    if len(line) - len(shown) != 1:
        return []
    return [key for key in shown if all(side in filled for side in enumerate(key))]


def _hidden_beside(cells: Mapping[tuple[str, str], int | None], key: tuple[str, str]) -> int:
    """How many other cells of its row and its column are hidden."""
    return sum(cells[other] is None for other in cells if (other[0] == key[0]) != (other[1] == key[1]))
