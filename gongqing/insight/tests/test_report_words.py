"""Does the report say numbers as an office would, tell nothing from zero, and name nobody?"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gongqing.insight.rules import report_sections, report_topics
from gongqing.insight.rules.catalogue import APPLICATION_WORDS, CATALOGUE
from gongqing.insight.rules.naming import masked_employer
from gongqing.insight.rules.report_composing import NOTHING_CAME, human, paper_of
from gongqing.insight.rules.report_paper import Block, Hand, Head, Paper, Table, Text
from gongqing.insight.rules.report_words import (
    Said,
    change_cell,
    change_words,
    listed,
    moment_words,
    money,
    said,
    share,
)
from gongqing.insight.rules.reporting import sent_to

KEYS = (
    *("received", "need_received", "need_answered", "handled", "labour", "closed", "closed_helped", "helped"),
    *("closed_recovered", "recovered"),
)
RATES = (
    *("answered_rate", "on_time_rate", "local_rate", "content_rate", "judged_rate", "closed_on_time_rate"),
    *("closed_local_rate", "closed_content_rate", "closed_judged_rate"),
)


def span(scale: int) -> dict[str, Any]:
    counts = {key: {"n": scale, "d": None} for key in KEYS}
    return counts | {key: {"n": scale // 2, "d": scale} for key in RATES}


def place(key: str, name: str, count: int, timed: int, met: int) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        **{one: {"n": count, "d": None} for one in ("received", "closed", "open_now")},
        "overdue_now": {"n": 0, "d": None},
        "closed_on_time_rate": {"n": met, "d": timed},
        "closed_content_rate": {"n": 1, "d": 2},
    }


@pytest.fixture
def figures() -> dict[str, Any]:
    """A snapshot with something in every part."""
    case = {
        "code": "GQ330206202510130000002H",
        "category": "工资拖欠与克扣",
        "place": "小港街道",
        "grade": "red",
        "employer": "海××有限公司",
        "received": "2025-10-13",
        "people": 94,
        "amount": "1260000.00",
        "outcome": "",
        "progress": "办理中",
        "who": "北仑区总工会 王某",
        "next": "办结",
        "next_late": False,
        "next_due": "2025-10-20",
    }
    return {
        "week": "2025-W42",
        "first": "2025-10-13",
        "last": "2025-10-19",
        "level": "city",
        "place": "宁波市",
        "place_code": "3302",
        "union": "宁波市总工会",
        "taken_at": "2025-10-20T06:00:00+08:00",
        "is_whole": True,
        "spans": {"week": span(40), "before": span(20), "year_ago": None, "year": span(4000)},
        "now": {key: {"n": 12, "d": None} for key in ("open_now", "overdue_now", "urgent_now", "paused_now")},
        "trend": [{"week": "2025-W42", "first": "2025-10-13", "received": 40, "closed": 40}],
        "channels": [{"key": "app", "name": "职工端", "now": 40, "before": 20}],
        "classes": [{"key": "劳动经济", "name": "劳动经济", "now": 40, "before": 20}],
        "categories": [
            {"key": "LE01", "name": "工资拖欠与克扣", "now": 30, "before": 10, "year": 900},
            {"key": "LE02", "name": "薪酬福利与待遇标准", "now": 4, "before": 0, "year": 90},
        ],
        "division": "区县市",
        "places": [
            place("330206", "北仑区", 25, 10, 9),
            place("330212", "鄞州区", 15, 8, 8),
            place("330203", "海曙区", 5, 4, 4),
        ],
        "cross": {"columns": ["劳动经济"], "rows": [{"name": "北仑区", "cells": [None]}]},
        "zones": {"count": 4, "silent": 1, "silent_names": ["柴桥第二片区"], "busiest": [], "reported": 6},
        "services": {
            key: {"n": None, "d": None}
            for key in (
                *("unions_formed", "members_joined", "visits", "activities", "participants", "vitality"),
                *("mediations", "legal_aid", "shared_needs"),
            )
        },
        "serious": {"count": 1, "red": 1, "new": 1, "answered": 0, "cases": [case]},
        "late": {"count": 2, "handlers": [{"name": "北仑区总工会", "n": 2}], "cases": []},
        "near": {"until": "2025-10-21", "count": 1, "handlers": [{"name": "鄞州区总工会", "n": 1}]},
        "typical": [],
        "employers": [{"name": "海××有限公司", "n": 3}],
        "resources": {"count": 0, "rows": []},
        "work": {
            **dict.fromkeys(("urged", "supervised", "supervised_answered", "escalated", "extended"), 1),
            **dict.fromkeys(("extended_granted", "extended_open", "returned", "passed_up"), 0),
            "interviews": 0,
            "interviews_held": 0,
            "noticed": 1,
            "noticed_names": [{"name": "北仑区总工会", "n": 1}],
        },
        "judged": {
            "judged": 5,
            "satisfied": 3,
            "basically": 1,
            "not": 1,
            "reopened": 1,
            "called_back": 1,
            "reasons": [{"name": "没有解决问题", "n": 1}],
            "praised": 0,
            "praised_codes": [],
        },
        "disputes": {
            **dict.fromkeys(("added", "struck_off", "people", "open", "late", "received", "ended", "ended_people"), 2),
            "has_lists": True,
            "yuan": "8000.00",
            "ended_yuan": "126000.00",
            "outcomes": [{"key": "arbitration", "name": "转仲裁", "n": 1}],
        },
        "shared_needs": [],
        "focus": {"count": 3, "handlers": [{"name": "北仑区总工会", "n": 3}]},
    }


HEAD = Head(
    name="工情通动态情况报告",
    number="2025年第1期",
    title="宁波市职工诉求动态情况",
    period="一周",
    union="宁波市总工会",
    dated="",
    signer="",
    addressees="市委",
    copies="",
    scope="范围。",
    snapshot="3302-2025W42-abc",
    digest="f" * 64,
)


def words_of(paper: Paper) -> str:
    return "".join(section.figures_words for section in paper.sections)


def test_numbers_are_said_as_an_office_says_them() -> None:
    assert (money("5000.00"), money("126000.00"), money("79000000")) == ("5000元", "12.6万元", "7900万元")
    assert (share(1, 3), share(0, 0)) == ("33.3%", "—")
    assert Said(Decimal(13768), 14004, "%").cell == "98.31%（13768/14004）"
    assert change_words(42, 30, "上周") == "比上周增加12件，增长40.0%"
    assert change_words(30, 42, "上周") == "比上周减少12件，下降28.6%"
    assert change_words(30, 30, "上周") == "与上周持平"
    assert change_words(3, 0, "上周") == "上周为0，增加3件"
    assert change_words(3, None, "上年同期") == "上年同期无数据"
    assert change_cell(Said(Decimal(9), 10, "%"), Said(Decimal(8), 10, "%")) == "+10个百分点"
    assert change_cell(Said(Decimal(9), None, "件"), None) == "—"
    assert moment_words("2025-10-20T06:00:00+08:00") == "2025年10月20日6时00分"
    rows = [{"name": "甲", "n": 3}, {"name": "乙", "n": 2}, {"name": "丙", "n": 1}]
    assert listed(rows, most=2) == "甲3件、乙2件等3个"


def test_what_is_not_connected_is_never_nought(figures: dict[str, Any]) -> None:
    assert said({"visits": {"n": None, "d": None}}, "visits").words == "未接入"
    assert said({"visits": {"n": 0, "d": None}}, "visits").words == "0次"
    paper = paper_of(figures, {}, HEAD)
    parts = {section.key: section.figures_words for section in paper.sections}
    assert "法律援助未接入" in parts["disputes"]
    assert "走访" in parts["services"]
    assert "新建工会、新入会、会员预警未接入，缺“建会入会一件事”" in parts["services"]
    assert "走访未接入，缺“片区化服务”；活动场次、活动人次未接入，缺“服务阵地和活动”" in parts["services"]
    assert {one.application for one in CATALOGUE.values()} - {""} <= set(APPLICATION_WORDS)
    assert "本周没有识别到新的共性需求" in parts["needs"]


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("宁波海天机械有限公司", "海××有限公司"),
        ("宁波市北仑区大碶模具厂", "大××厂"),
        ("  ", "未说明单位"),
        ("海", "海××"),
    ],
)
def test_an_employer_is_masked(name: str, masked: str) -> None:
    assert masked_employer(name) == masked


def test_ten_parts_stand_in_order(figures: dict[str, Any]) -> None:
    paper = paper_of(figures, {}, HEAD)
    assert [section.title for section in paper.sections] == [
        *("总体情况", "渠道与类别", "地区与片区", "预警与重大事项", "限时与督办", "评价与回访"),
        *("劳动争议专项", "共性需求与资源", "组织与服务动态", "研判与建议"),
    ]
    assert all(section.blocks for section in paper.sections)
    assert paper.annexes[-1].title == "口径和脱敏说明"
    method = "".join(block.words for block in paper.annexes[-1].blocks if isinstance(block, Text))
    assert "3302-2025W42-abc" in method
    assert "受理：已由单位签收" in method  # under the names of the first table
    assert "已处置" not in method


def test_the_whole_is_compared_with_last_week_and_a_year_ago(figures: dict[str, Any]) -> None:
    said_now = paper_of(figures, {}, HEAD).sections[0].figures_words
    assert "归集职工诉求40件，比上周增加20件，增长100.0%" in said_now
    assert "今年以来累计归集4000件，其中截至取数时已办结2000件，办结率50%（2000/4000）；截至本周末累计" in said_now
    assert "上年同期" not in said_now
    figures["spans"]["year_ago"] = span(50)
    assert "比上年同期减少10件，下降20.0%" in paper_of(figures, {}, HEAD).sections[0].figures_words


def test_places_are_ranked_only_with_enough_behind_them(figures: dict[str, Any]) -> None:
    ranked = report_sections.ranking(figures["places"])
    assert [row["name"] for row in ranked] == ["鄞州区", "北仑区"]
    blocks = report_sections.places(figures)
    table = next(block for block in blocks if isinstance(block, Table))
    assert [row[:2] for row in table.rows] == [("1", "鄞州区"), ("2", "北仑区"), ("—", "海曙区"), ("—", "合计")]
    assert table.rows[0][4] == "100%（8/8）"
    assert table.rows[0][5] == "＊"  # two judgements could name somebody


def test_of_equal_rates_none_stands_before_the_other(figures: dict[str, Any]) -> None:
    places = [row for row in figures["places"] if row["name"] in ("鄞州区", "北仑区")]
    figures["places"] = [
        {**row, "closed_on_time_rate": {"n": n, "d": n}} for row, n in zip(places, (8, 6), strict=True)
    ]
    text, table = report_sections.places(figures)[:2]
    assert isinstance(text, Text)
    assert isinstance(table, Table)
    assert "2个区县市参加按时办结率排名，均为100%。" in text.words
    assert [row[0] for row in table.rows] == ["1", "1", "—"]
    third = {**places[0], "key": "330299", "name": "某区", "closed_on_time_rate": {"n": 3, "d": 6}}
    figures["places"].append(third)
    words = report_sections.places(figures)[0]
    assert isinstance(words, Text)
    assert "100%（6/6）并列居首，某区50%（3/6）居末。" in words.words
    assert list(report_sections.standing(report_sections.ranking(figures["places"])).values()) == [1, 1, 3]


def test_a_year_without_figures_takes_no_column(figures: dict[str, Any]) -> None:
    def head() -> tuple[str, ...]:
        return tuple(next(block for block in report_sections.overview(figures) if isinstance(block, Table)).head)

    assert head() == ("指标", "本周", "上周", "环比", "今年累计")
    figures["spans"]["year_ago"] = span(50)
    assert head() == ("指标", "本周", "上周", "环比", "上年同期", "同比", "今年累计")


def test_what_people_wrote_is_not_turned_around() -> None:
    assert [one.words for one in human("抓紧\u202e办\u2066理\u2069\n好")] == ["抓紧办理", "好"]


def test_a_red_case_is_told_with_who_and_what_next(figures: dict[str, Any]) -> None:
    words = "".join(block.words for block in report_sections.serious(figures) if isinstance(block, Text))
    assert "海××有限公司，涉及94人，金额126万元（GQ330206202510130000002H）" in words
    assert "由北仑区总工会 王某办理，办理中；下一步：10月20日前办结" in words


def test_unsure_numbers_are_said_to_be_so_and_are_in_no_sum(figures: dict[str, Any]) -> None:
    (case,) = figures["serious"]["cases"]
    case |= {"people_unsure": True, "amount_unsure": True}
    words = "".join(block.words for block in report_sections.serious(figures) if isinstance(block, Text))
    assert "涉及约94人（待核），金额约126万元（待核）" in words
    assert report_topics.findings(figures)[0][1].startswith("在办红色预警1件，另有1件的人数待核。")
    figures["serious"]["cases"].append({**case, "people": 6, "people_unsure": False})
    assert "在办红色预警2件，涉及6人，另有1件的人数待核。" in report_topics.findings(figures)[0][1]


def test_a_case_that_was_not_late_yet_is_no_line(figures: dict[str, Any]) -> None:
    late = {"code": "GQ1", "place": "北仑区", "category": "工资拖欠与克扣", "handler": "北仑区总工会"}
    figures["late"]["cases"] = [{**late, "due": "", "days": None}]
    assert "late" not in [annex.key for annex in paper_of(figures, {}, HEAD).annexes]
    figures["late"]["cases"].append({**late, "code": "GQ2", "due": "2025-10-10", "days": 2})
    annex = next(annex for annex in paper_of(figures, {}, HEAD).annexes if annex.key == "late")
    table = next(block for block in annex.blocks if isinstance(block, Table))
    assert [row[0] for row in table.rows] == ["GQ2"]
    assert table.rows[0][-2:] == ("10月10日", "2")
    assert table.note == "共2件，本表列超时最久的1件，其余在平台查看。"


def test_findings_rest_on_figures_and_ask_somebody(figures: dict[str, Any]) -> None:
    found = report_topics.findings(figures)
    assert len(found) == 3
    assert found[0][1].startswith("在办红色预警1件，涉及94人。请北仑区总工会 王某")
    assert "逾期未办结2件，占在办的16.7%" in found[1][1]
    assert "工资拖欠与克扣由10件增至30件" in found[2][1]
    calm = copy.deepcopy(figures)
    calm["serious"]["cases"], calm["late"]["count"], calm["employers"] = [], 0, []
    calm["categories"] = [{"key": "LE01", "name": "工资拖欠与克扣", "now": 4, "before": 4, "year": 9}]
    assert report_topics.findings(calm) == []


def test_few_reasons_are_not_told(figures: dict[str, Any]) -> None:
    words = "".join(block.words for block in report_topics.judgements(figures) if isinstance(block, Text))
    assert "没有解决问题" not in words
    assert "不足3件" in words
    figures["judged"]["not"] = 3
    words = "".join(block.words for block in report_topics.judgements(figures) if isinstance(block, Text))
    assert "没有解决问题1件" in words


def test_a_week_before_the_first_appeal_has_no_data_and_no_noughts(figures: dict[str, Any]) -> None:
    figures["began"] = "2025-10-20"
    paper = paper_of(figures, {}, HEAD)
    assert [section.title for section in paper.sections] == ["总体情况"]
    assert "第一件诉求是在2025年10月20日，本周在此之前，没有数据（不是零）" in paper.sections[0].figures_words
    assert [annex.key for annex in paper.annexes] == ["method"]
    figures["began"] = "2025-10-19"
    assert len(paper_of(figures, {}, HEAD).sections) == 10


def test_praised_cases_to_choose_from_are_in_the_draft_alone(figures: dict[str, Any]) -> None:
    figures["judged"] |= {"praised": 2, "praised_codes": ["GQ330206202510130000002H"]}
    code = "可从这些得到表扬的件里选用典型：GQ330206202510130000002H"
    assert code in words_of(paper_of(figures, {}, HEAD))
    issued = words_of(paper_of(figures, {}, replace(HEAD, is_draft=False)))
    assert "职工写下表扬话的满意件2件。" in issued
    assert code not in issued


def test_what_has_no_place_yet_is_told_apart_from_the_places(figures: dict[str, Any]) -> None:
    figures["places"] = [place("", "未定地", 30, 0, 0), *figures["places"]]
    blocks = report_sections.places(figures)
    assert "归集量居前的是北仑区25件、鄞州区15件、海曙区5件。另有30件还没有确定地点。" in blocks[0].words
    table = next(block for block in blocks if isinstance(block, Table))
    assert [row[1] for row in table.rows] == ["鄞州区", "北仑区", "海曙区", "未定地", "合计"]
    nowhere = figures["places"][0]
    nowhere["received"] = nowhere["closed"] = {"n": 0, "d": None}  # nothing new, but some still in hand
    assert _rows_of(report_sections.places(figures))[3][1] == "未定地"
    nowhere["open_now"] = {"n": 0, "d": None}
    assert "未定地" not in [row[1] for row in _rows_of(report_sections.places(figures))]


def test_tables_add_up_below(figures: dict[str, Any]) -> None:
    figures["spans"]["week"]["received"] = {"n": 45, "d": None}
    places = _rows_of(report_sections.places(figures))
    assert int(places[-1][2]) == sum(int(row[2]) for row in places[:-1]) == 45
    figures["categories"] += [{"key": "SC01", "name": "文体活动", "now": 0, "before": 0, "year": 0}]
    annex = paper_of(figures, {}, HEAD).annexes[0]
    rows = _rows_of(annex.blocks)
    assert [row[1] for row in rows] == ["工资拖欠与克扣", "薪酬福利与待遇标准", "合计"]  # without what never came
    assert rows[-1] == ("—", "合计", "34", "10", "+240.0%", "990")
    channels = next(block for block in report_sections.sources(figures) if isinstance(block, Table))
    assert channels.rows[-1] == ("合计", "40", "100.0%", "20", "+100.0%")


def test_a_change_of_few_is_no_per_cent() -> None:
    def change(now: int, before: int, unit: str = "件") -> str:
        return change_cell(Said(Decimal(now), None, unit), Said(Decimal(before), None, unit))

    assert (change(22, 2), change(8, 0), change(0, 3)) == ("+20件", "+8件", "−3件")
    assert (change(22, 10), change(9, 10), change(2, 2)) == ("+120.0%", "−10.0%", "持平")
    assert change(130, 5, "人次") == "+125人次"
    assert (change(300, 5, "元"), change(300, 0, "元")) == ("+5900.0%", "—")


def test_what_falls_due_soon_is_not_part_of_what_must_be_answered(figures: dict[str, Any]) -> None:
    figures["near"] |= {"count": 37, "handlers": [{"name": "新碶街道总工会", "n": 37}]}
    words = "".join(block.words for block in report_topics.outlook(figures, is_judged=True) if isinstance(block, Text))
    assert "下周应办结3件" in words
    assert "10月21日前签收、联系、阶段报告、办结等任一时限到期的共37件，请新碶街道总工会优先办理" in words
    assert "其中" not in words


def test_nothing_struck_off_has_no_people_and_no_money(figures: dict[str, Any]) -> None:
    assert "化解销号2件，涉及职工2人、挽回8000元；在册" in str(report_topics.disputes(figures)[0])
    figures["disputes"]["struck_off"] = 0
    assert "化解销号0件；在册未销2件" in str(report_topics.disputes(figures)[0])


def test_of_the_late_ones_less_than_a_day_is_not_nought(figures: dict[str, Any]) -> None:
    case = dict.fromkeys(("code", "place", "category", "handler"), "") | {"due": "2025-10-17"}
    figures["late"]["cases"] = [{**case, "days": days} for days in (3, 0)]
    annex = next(one for one in paper_of(figures, {}, HEAD).annexes if one.key == "late")
    assert [row[4] for row in _rows_of(annex.blocks)] == ["3", "不足1"]


def test_places_without_appeals_stay_out_of_the_cross_table(figures: dict[str, Any]) -> None:
    figures["cross"] = {
        "columns": ["劳动经济", "其他"],
        "rows": [{"name": "北仑区", "cells": [None, 0]}, {"name": "象山县", "cells": [0, 0]}],
    }
    annex = next(one for one in paper_of(figures, {}, HEAD).annexes if one.key == "cross")
    assert "象山县" not in str(_rows_of(annex.blocks))
    assert "没有诉求的区县市不列" in str(annex.blocks)


def _rows_of(blocks: Sequence[Block]) -> Sequence[Sequence[str]]:
    return next(block.rows for block in blocks if isinstance(block, Table))


def test_people_s_words_are_told_apart_and_take_the_findings_place(figures: dict[str, Any]) -> None:
    paper = paper_of(figures, {"outlook": "一是盯紧欠薪。\n\n二是补短板。"}, HEAD)
    last = paper.sections[-1]
    written = [block.words for block in last.blocks if isinstance(block, Text) and block.hand is Hand.PERSON]
    assert written == ["一是盯紧欠薪。", "二是补短板。"]
    assert "红色预警要盯到底" not in str(last.blocks)
    assert "下周应办结3件" in last.figures_words
    assert human(" \n ") == []


def test_a_week_with_nothing_says_so(figures: dict[str, Any]) -> None:
    figures["spans"]["week"], figures["now"] = span(0), {key: {"n": 0, "d": None} for key in figures["now"]}
    paper = paper_of(figures, {}, HEAD)
    assert words_of(paper) == NOTHING_CAME
    assert [annex.key for annex in paper.annexes] == ["method"]
    kept = paper_of(figures, {"services": "走访十家企业。"}, HEAD)
    assert [section.key for section in kept.sections] == ["overview", "services"]


def test_numbers_lead_to_their_cases(figures: dict[str, Any]) -> None:
    blocks = report_sections.places(figures)
    table = next(block for block in blocks if isinstance(block, Table))
    assert "measure=received&group=area&key=330212" in table.drills[0, 2]
    assert "from=2025-10-13&to=2025-10-19" in table.drills[0, 2]
    assert (0, 4) not in table.drills


@pytest.mark.parametrize(
    ("level", "region", "begins", "copies"),
    [
        ("city", "宁波市", "市委、市政府领导", "市人社局、市法院、市检察院、市信访局"),
        ("county", "北仑区", "北仑区委、北仑区政府分管领导，北仑区总工会", "市总工会，北仑区人社局、法院、信访局"),
        ("county", "余姚市", "余姚市委、余姚市政府分管领导，余姚市总工会", "市总工会，余姚市人社局、法院、信访局"),
        ("county", "", "区县（市）党委、政府分管领导", "市总工会，区县（市）人社局、法院、信访局"),
    ],
)
def test_a_countys_paper_goes_to_that_county(level: str, region: str, begins: str, copies: str) -> None:
    addressees, copied = sent_to(level, region)
    assert addressees.startswith(begins)
    assert copied == copies
