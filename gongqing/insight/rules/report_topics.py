"""What does the weekly report say of judgements, disputes, shared needs and services, and what does it conclude?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from gongqing.insight.rules.catalogue import APPLICATION_WORDS, CATALOGUE, NOT_CONNECTED
from gongqing.insight.rules.report_paper import Block, Table, Text
from gongqing.insight.rules.report_sections import MOST_NAMES, TOP, ranking, rising
from gongqing.insight.rules.report_words import (
    Figures,
    Said,
    day_words,
    listed,
    money,
    said,
    share,
    trimmed,
)

MOST_FINDINGS = 3
MOTION = "motion"
FELL_BY, LEADS_FROM, OFTEN = Decimal(5), Decimal(30), 3


def judgements(figures: Figures) -> list[Block]:
    """§6: what the workers judged, why they were not content, and what was opened again."""
    found = figures["judged"]
    if not found["judged"]:
        first = "本周没有收到职工评价。"
    else:
        content = Said(Decimal(found["satisfied"] + found["basically"]), found["judged"], "%")
        first = (
            f"本周收到职工评价{found['judged']}件次：满意{found['satisfied']}件、基本满意{found['basically']}件、"
            f"不满意{found['not']}件，满意率{content.cell}。"
        )
    if found["not"]:
        # one or two could be known by their reason
        reasons = (
            "原因：" + listed(found["reasons"], most=5) if found["not"] >= OFTEN else "不足3件，原因不在通报中列出"
        )
        first += f"不满意件{reasons}。"
    second = f"退回重办{found['reopened']}件，完成回访{found['called_back']}件。"
    blocks: list[Block] = [Text(first, lead="评价。"), Text(second, lead="重办和回访。")]
    if found["praised"]:
        blocks.append(Text(f"职工写下表扬话的满意件{found['praised']}件。", lead="表扬。"))
    return blocks


def to_choose_from(figures: Figures) -> list[Block]:
    """For those who write the report: which praised cases they may tell of; nobody else is to read it."""
    codes = "　".join(figures["judged"]["praised_codes"])  # a blank: a line may break between them
    return [Text(f"可从这些得到表扬的件里选用典型：{codes}", lead="供撰写参考，编发时不印。")] if codes else []


def disputes(figures: Figures) -> list[Block]:
    """§7: labour disputes: lists settled, how they ended, people and money; what is not connected says so."""
    found, elsewhere = figures["disputes"], figures["services"]
    if found["has_lists"]:
        settled = f"，涉及职工{found['people']}人、挽回{money(found['yuan'])}" if found["struck_off"] else ""
        listing = (
            f"本周新增{found['added']}件，化解销号{found['struck_off']}件{settled}；"
            f"在册未销{found['open']}件，其中逾期{found['late']}件。"
        )
    else:
        listing = "还没有建立销号清单。"
    ended = (
        f"本周归集劳动经济类诉求{found['received']}件，办结{found['ended']}件，涉及职工{found['ended_people']}人，挽回经济损失"
        f"{money(found['ended_yuan'])}。"
    )
    if found["outcomes"]:
        ended += f"办理结果：{listed(found['outcomes'], most=TOP)}。"
    moved = {row["key"]: row["n"] for row in found["outcomes"]}
    ended += f"移送仲裁{moved.get('arbitration', 0)}件、劳动监察{moved.get('inspection', 0)}件、"
    ended += f"诉讼{moved.get('court', 0)}件。"
    papers = (
        f"一函两书（工会劳动法律监督提示函、意见书、建议书）{NOT_CONNECTED}；调解案件"
        f"{said(elsewhere, 'mediations').words}；法律援助{said(elsewhere, 'legal_aid').words}。"
    )
    return [Text(listing, lead="清单。"), Text(ended, lead="结果。"), Text(papers, lead="文书和援助。")]


def needs(figures: Figures) -> list[Block]:
    """§8: shared needs, what was brought to needs, and what is worth telling others."""
    week = figures["spans"]["week"]
    blocks: list[Block] = []
    blocks += _shared_needs(figures["shared_needs"])
    found = figures["resources"]
    brought = f"，对接资源{found['count']}件次：{listed(found['rows'], most=8, unit='次')}" if found["count"] else ""
    blocks.append(
        Text(
            f"本周收到职工需求{said(week, 'need_received').words}，"
            f"其中已办结{said(week, 'need_answered').words}{brought}。",
            lead="资源对接。",
        )
    )
    cases = figures["typical"]
    if cases:
        blocks += [Text(_typical_words(case), lead=f"典型事例{number}。") for number, case in enumerate(cases, 1)]
    else:
        blocks.append(Text("本周没有可供推荐的办结事例。", lead="典型事例。"))
    return blocks


def union_work(figures: Figures) -> list[Block]:
    """§9: unions and services; each figure waits for its application."""
    found = figures["services"]
    there: list[str] = []
    missing: dict[str, list[str]] = {}
    for key in ("unions_formed", "members_joined", "visits", "activities", "participants", "vitality"):
        indicator, words = CATALOGUE[key], said(found, key).words
        if words == NOT_CONNECTED:
            missing.setdefault(indicator.application, []).append(indicator.name)
        else:
            there.append(f"{indicator.name}{words}")
    missing.setdefault("organizing", []).append("会员预警")
    waiting = "；".join(
        f"{'、'.join(names)}{NOT_CONNECTED}，缺“{APPLICATION_WORDS[application]}”"
        for application, names in missing.items()
    )
    counted = "本周" + "、".join(there) + "。" if there else ""
    return [Text(f"{counted}{waiting}。以上应用建成后自动列出。")]


def outlook(figures: Figures, *, is_judged: bool) -> list[Block]:
    """§10: at most three findings with what they rest on and who is asked to do what, then what the next week brings.

    Args:
        is_judged: whether people wrote a judgement of their own, which then stands in place of the findings.
    """
    blocks: list[Block] = []
    if not is_judged:
        found = findings(figures)
        blocks += [Text(words, lead=f"{number}. {lead}") for number, (lead, words) in enumerate(found, 1)]
        if not found:
            blocks.append(Text("本周各项数据平稳，没有需要专门提示的变化。"))
    following, near = figures["focus"], figures["near"]
    if following["count"]:
        words = f"下周应办结{following['count']}件，责任单位：{listed(following['handlers'], most=6)}。"
    else:
        words = "下周没有到期应办结的件。"
    if near["count"]:
        words += (
            f"{day_words(near['until'])}前签收、联系、阶段报告、办结等任一时限到期的共{near['count']}件，"
            f"请{_units(near['handlers'])}优先办理。"
        )
    return [*blocks, Text(words, lead="下周重点。")]


def findings(figures: Figures) -> list[tuple[str, str]]:
    """What stands out, the weightiest first, at most three: a heading and the sentences with their figures."""
    found = [words for finding in _FINDINGS if (words := finding(figures))]
    return found[:MOST_FINDINGS]


def _red_cases(figures: Figures) -> tuple[str, str] | None:
    cases = [case for case in figures["serious"]["cases"] if case["grade"] == "red" and not case["outcome"]]
    if not cases:
        return None
    units = "、".join(dict.fromkeys(case["who"] or "待派单" for case in cases))
    people = sum(case["people"] or 0 for case in cases if not case.get("people_unsure"))
    unsure = sum(bool(case["people"] and case.get("people_unsure")) for case in cases)
    who = f"，涉及{people}人" if people else ""
    who += f"，另有{unsure}件的人数待核" if unsure else ""
    return "红色预警要盯到底。", f"在办红色预警{len(cases)}件{who}。请{units}每日报告进展，市、县两级同步督办。"


def _overdue(figures: Figures) -> tuple[str, str] | None:
    late = figures["late"]
    if not late["count"]:
        return None
    first = late["handlers"][0]
    hand = said(figures["now"], "open_now").number
    words = f"逾期未办结{late['count']}件，占在办的{share(late['count'], hand)}，{first['name']}{first['n']}件最多。"
    return "逾期件要限期清零。", f"{words}请{_units(late['handlers'])}逐件说明原因，下周内办结或依规申请延期。"


def _rises(figures: Figures) -> tuple[str, str] | None:
    rows = rising(figures)
    if not rows:
        return None
    words = "、".join(f"{row['name']}由{row['before']}件增至{row['now']}件" for row in rows[:3])
    return "异常上升要早研判。", f"{words}。请相关业务部门会同属地工会查找成因，必要时提级办理。"


def _one_employer(figures: Figures) -> tuple[str, str] | None:
    rows = figures["employers"]
    if not rows:
        return None
    words = "、".join(f"{row['name']}{row['n']}件" for row in rows)
    return (
        "同一单位多件要防群体风险。",
        f"一周内同一用人单位3件以上的有{len(rows)}家：{words}。请属地工会核实，符合条件的并案办理。",
    )


def _slower(figures: Figures) -> tuple[str, str] | None:
    before = figures["spans"]["before"]
    now, then = said(figures["spans"]["week"], "closed_on_time_rate"), said(before, "closed_on_time_rate")
    if now.per_cent is None or then.per_cent is None or then.per_cent - now.per_cent < FELL_BY:
        return None
    ranked = ranking([row for row in figures["places"] if row["key"]])
    last = f"{ranked[-1]['name']}{said(ranked[-1], 'closed_on_time_rate').cell}居末。" if len(ranked) > 1 else ""
    words = f"按时办结率{now.cell}，比上周{then.cell}下降{trimmed(then.per_cent - now.per_cent)}个百分点。{last}"
    return "办理时效要回升。", f"{words}请各派单督办岗位本周逐件过一遍临期件。"


def _leading(figures: Figures) -> tuple[str, str] | None:
    rows = sorted((row for row in figures["categories"] if row["key"]), key=lambda row: -row["now"])
    whole = said(figures["spans"]["week"], "received").number
    if not rows or whole < TOP or Decimal(rows[0]["now"]) * 100 / whole < LEADS_FROM:
        return None
    first = rows[0]
    words = f"{first['name']}{first['now']}件，占本周归集的{share(first['now'], whole)}，今年累计{first['year']}件。"
    return "集中问题要从源头解决。", f"{words}请业务部门提出面上的办法，报领导小组研究。"


def _silent(figures: Figures) -> tuple[str, str] | None:
    zones = figures["zones"]
    if not zones["count"] or zones["silent"] * 2 < zones["count"]:
        return None
    words = f"片区{zones['count']}个，零上报{zones['silent']}个，占{share(zones['silent'], zones['count'])}。"
    return "主动发现要加强。", f"{words}请片区指导员督促片区长，下周走访不少于一次，有事报事，无事报平安。"


_FINDINGS: Sequence[Callable[[Figures], tuple[str, str] | None]] = (
    *(_red_cases, _overdue, _rises, _one_employer, _slower, _leading, _silent),
)


def _units(rows: Sequence[Mapping[str, Any]]) -> str:
    """The names alone, at most five."""
    names = [row["name"] for row in rows if row["name"] != "未派单"]
    shown = "、".join(names[:5]) or "派单岗位"
    return shown if len(names) <= 5 else f"{shown}等{len(names)}个单位"


def _shared_needs(shared: Sequence[Mapping[str, Any]]) -> list[Block]:
    """A table of needs that many share, as `voices` tells them."""
    if not shared:
        return [Text("本周没有识别到新的共性需求，在办的也没有进展可报。", lead="共性需求。")]
    names = "、".join(f"{row['title']}（{row['n']}件）" for row in shared[:3])
    rows = [
        (str(number), row["title"], str(row["n"]), row["places"], row["state"], row["suggested"])
        for number, row in enumerate(shared[:MOST_NAMES], 1)
    ]
    motions = [row["title"] for row in shared if row["route"] == MOTION]
    asked = (
        f"其中提请人大代表、政协委员关注的：{'、'.join(motions)}。" if motions else "没有提请人大代表、政协委员的事项。"
    )
    return [
        Text(f"当前跟踪的共性需求{len(shared)}项，诉求较集中的是{names}。{asked}", lead="共性需求。"),
        Table(
            "共性需求跟踪",
            ("序号", "共性需求", "诉求数", "涉及地区", "进展", "建议"),
            rows,
            (8, 34, 10, 18, 12, 18),
            left=frozenset({1, 3, 5}),
            drills={
                (line, 1): f"/desk/needs/{row['number']}"
                for line, row in enumerate(shared[:MOST_NAMES])
                if row.get("number")
            },
        ),
    ]


def _typical_words(case: Mapping[str, Any]) -> str:
    people = f"，为{case['people']}名职工" if case["people"] else ""
    amount = f"挽回{money(case['amount'])}" if case["amount"] else "解决了问题" if people else ""
    brought = f"{people}{amount}" if people else f"，为职工{amount}" if amount else ""
    took = f"{case['days']}个工作日" if case["days"] else "当天"
    content = "，职工评价满意" if case["content"] else ""
    what = "需求" if case["kind"] == "need" else "诉求"
    return (
        f"{case['place']}的{case['category']}{what}（{case['employer']}，{case['code']}），"
        f"由{case['handler'] or '相关单位'}{took}办结，{case['outcome'] or '已答复'}{brought}{content}。"
    )
