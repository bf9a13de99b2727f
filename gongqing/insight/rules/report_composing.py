"""How does a snapshot, with what people wrote, become the whole report?

The same snapshot and the same words give the same report, whenever it is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from gongqing.insight.rules import report_sections, report_topics
from gongqing.insight.rules.catalogue import CATALOGUE, NOT_CONNECTED
from gongqing.insight.rules.indicators import BASIS_WORDS
from gongqing.insight.rules.report_paper import SECTIONS, Block, Hand, Head, Paper, Section, Table, Text
from gongqing.insight.rules.report_sections import OVERVIEW
from gongqing.insight.rules.report_words import FEW, FEW_BEFORE, Figures, change_of_counts, day_words, total_of
from gongqing.lib.characters import upright

PERSON_LEADS = {"outlook": "研判。"}
PERSON_LEAD = "按语。"
_ASIDE = re.compile("[（：，]")
NOTHING_CAME = "本周这里没有归集到诉求和需求，没有办结，也没有在办的件。以下各部分没有数据可报。"


def paper_of(figures: Figures, words: Mapping[str, str], head: Head) -> Paper:
    """The report of these figures."""
    nothing = _nothing_words(figures)
    if nothing:
        blocks: Mapping[str, Sequence[Block]] = {"overview": [Text(nothing)]}
        written = {key for key, text in words.items() if text.strip()}
        keys = [key for key in SECTIONS if key in blocks or key in written]
    else:
        blocks = {key: compose(figures) for key, compose in _COMPOSED.items()}
        blocks = {**blocks, "outlook": report_topics.outlook(figures, is_judged=bool(words.get("outlook", "").strip()))}
        if head.is_draft:
            blocks = {**blocks, "judgements": [*blocks["judgements"], *report_topics.to_choose_from(figures)]}
        keys = list(SECTIONS)
    sections = []
    for key in keys:
        computed = blocks.get(key, ())
        written_there = human(words.get(key, ""), lead=PERSON_LEADS.get(key, PERSON_LEAD))
        # a judgement goes before what the next week brings; elsewhere people add to what the figures say
        order = [*written_there, *computed] if key == "outlook" else [*computed, *written_there]
        sections.append(Section(key, SECTIONS[key], order))
    return Paper(head, sections, annexes(figures, head))


def human(text: str, *, lead: str = "") -> list[Text]:
    """What people wrote, paragraph by paragraph; `lead` opens the first, so that it is known in any type."""
    lines = [line.strip() for line in upright(text).splitlines() if line.strip()]
    return [Text(line, Hand.PERSON, "" if number else lead) for number, line in enumerate(lines)]


def _nothing_words(figures: Figures) -> str:
    """Why there is nothing to report; empty when there is something."""
    if report_sections.is_before_all(figures):
        began = date.fromisoformat(figures["began"])
        return (
            f"平台在这里收到第一件诉求是在{began.year}年{began.month}月{began.day}日，本周在此之前，"
            f"没有数据（不是零）。以下各部分没有数据可报。"
        )
    return NOTHING_CAME if report_sections.is_empty(figures) else ""


def annexes(figures: Figures, head: Head) -> list[Section]:
    """The tables at the end, and how everything was counted and masked."""
    found: list[Section] = []
    if not _nothing_words(figures):
        found.append(Section("categories", "各小类归集情况", [_category_table(figures)]))
        if figures["cross"]["columns"]:
            found.append(Section("cross", "地区和类别", [_cross_table(figures)]))
        if _late_cases(figures):
            found.append(Section("late", "逾期未办结件", [_late_table(figures)]))
    return [*found, Section("method", "口径和脱敏说明", _method(figures, head))]


def _category_table(figures: Figures) -> Table:
    rows = [row for row in figures["categories"] if row["now"] or row["before"] or row["year"]]
    return Table(
        "各小类归集诉求（件）",
        ("代码", "小类", "本周", "上周", "环比", "今年累计"),
        [
            (
                *(row["key"] or "—", row["name"], str(row["now"]), str(row["before"])),
                *(change_of_counts(row["now"], row["before"]), str(row["year"])),
            )
            for row in [*rows, total_of(rows)]
        ],
        (12, 40, 11, 11, 13, 13),
        left=frozenset({1}),
        note=f"今年没有归集的小类不列。{FEW_BEFORE}",
    )


def _cross_table(figures: Figures) -> Table:
    cross = figures["cross"]
    names = {row["key"]: row["name"] for row in figures["categories"]}
    columns = [names.get(column, column) for column in cross["columns"]]
    unit = figures["division"]
    lines = [row for row in cross["rows"] if any(cell != 0 for cell in row["cells"])]
    if len(columns) > len(lines) or len(columns) > 8:  # the longer side goes down the page
        head = ("小类" if len(columns) > 8 else "类别", *(row["name"] for row in lines))
        rows = [(name, *(_cell(row["cells"][at]) for row in lines)) for at, name in enumerate(columns)]
    else:
        head = (unit, *columns)
        rows = [(row["name"], *(_cell(cell) for cell in row["cells"])) for row in lines]
    rest = len(head) - 1
    widths = (22, *(78 // rest for _ in range(rest)))
    note = f"没有诉求的{unit}不列。“{FEW}”为不足3件或可由合计反推的单元格，为防止识别个人不显示。"
    return Table(f"各{unit}各类诉求（件）", head, rows, widths, note=note)


def _late_cases(figures: Figures) -> list[Figures]:
    """What was late when the figures were taken; older snapshots name more, without a day."""
    return [case for case in figures["late"]["cases"] if case["days"] is not None]


def _late_table(figures: Figures) -> Table:
    late, cases = figures["late"], _late_cases(figures)
    shown = len(cases)
    return Table(
        f"逾期未办结{late['count']}件，超时最久的在前",
        ("编号", "地点、事由", "承办单位", "应完成", "已超（工作日）"),
        [
            (
                *(case["code"], f"{case['place']}，{case['category']}", case["handler"]),
                *(day_words(case["due"]), str(case["days"] or "不足1")),
            )
            for case in cases
        ],
        (32, 25, 19, 13, 11),
        left=frozenset({0, 1, 2}),
        note="" if shown == late["count"] else f"共{late['count']}件，本表列超时最久的{shown}件，其余在平台查看。",
    )


def _method(figures: Figures, head: Head) -> list[Block]:
    definitions = "".join(
        f"{_ASIDE.split(name)[0]}：{CATALOGUE[key].definition}" for key, name in OVERVIEW if CATALOGUE[key].definition
    )
    return [
        Text(f"{head.scope}按收到时间统计的，为{BASIS_WORDS['received']}的诉求；需求另计。", lead="范围。"),
        Text(definitions, lead="口径。"),
        Text(f"“{NOT_CONNECTED}”表示相应应用还没有建成或还没有接入数据，不是零。", lead="未接入。"),
        Text(
            f"用人单位名称已脱敏，不引用职工原话；小类和地区交叉的单元格不足3件的以“{FEW}”代替。"
            "全部数字可以在平台“指标”和“周报”页点开，看到本人权限内的件。",
            lead="脱敏。",
        ),
        Text(
            "正文用仿宋体的，是系统按快照自动生成；用楷体、以“按语”或“研判”开头的，是人工撰写。网页上分别标出。",
            lead="文字来源。",
        ),
        Text(
            f"全部数字出自同一个数据快照，编号{head.snapshot}，国密SM3摘要{_in_groups(head.digest)}。"
            "凭快照编号可以重新生成，数字不变。",
            lead="快照。",
        ),
    ]


def _in_groups(digest: str) -> str:
    """Eight signs at a time, so that a line can break between them."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def _cell(count: int | None) -> str:
    return FEW if count is None else str(count)


_COMPOSED: Mapping[str, Callable[[Figures], list[Block]]] = {
    "overview": report_sections.overview,
    "sources": report_sections.sources,
    "places": report_sections.places,
    "serious": report_sections.serious,
    "limits": report_sections.limits,
    "judgements": report_topics.judgements,
    "disputes": report_topics.disputes,
    "needs": report_topics.needs,
    "services": report_topics.union_work,
}
