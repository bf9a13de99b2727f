"""Does a step of the trace say to whom, as what, how judged and what was told?"""

from __future__ import annotations

import pytest

from gongqing.appeals.models import Satisfaction
from gongqing.dispatch.actions.telling import News
from gongqing.dispatch.rules.event_details import JUDGED, TOLD, detail_of
from gongqing.dispatch.rules.event_words import EVENT_WORDS, heading_of

NAMES = {"LE07": "社会保险与公积金"}


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("read", {"category": "LE07", "grade": "yellow", "confidence": 0.772}, "社会保险与公积金，黄级，把握 77%"),
        ("classified", {"category": "LE07", "grade": "yellow"}, "社会保险与公积金，黄级"),
        ("reclassified", {"category": "XX01", "grade": ""}, "XX01"),
        ("dispatched", {"organisation": 7, "organisation_name": "集士港镇总工会"}, "集士港镇总工会"),
        ("handed_over", {"handover": 1, "department": "海曙区人力资源和社会保障局"}, "海曙区人力资源和社会保障局"),
        ("worker_told", {"about": "handler", "round": 2}, "谁来办、最晚哪天答复"),
        ("review_asked", {"amount": "8400", "people": 1, "outcome": "settled"}, "协商解决，受益 1 人，挽回 8,400 元"),
        ("resolved", {"amount": None, "people": None, "outcome": "settled"}, "协商解决"),
        ("resolved", {}, ""),
        ("extension_granted", {"working_days": 2}, "2 个工作日"),
        ("evaluated", {"satisfaction": "not"}, "不满意"),
        ("evaluated", {"satisfaction": "basically"}, "基本满意"),
        ("signed", {"sending": "0309"}, ""),
    ],
)
def test_what_stands_behind_the_name_of_a_step(kind, data, said):
    assert f"appeal.{kind}" in EVENT_WORDS
    assert detail_of(f"appeal.{kind}", data, NAMES) == said


def test_every_verdict_and_everything_told_has_its_words():
    assert {each.value: each.label for each in Satisfaction} == JUDGED
    assert {each.value for each in News} | {"call_back"} == set(TOLD)


def test_an_invitation_to_judge_stands_with_the_judgement():
    assert heading_of("appeal.worker_told", "evaluation", by_worker=False) == "评价"
    assert heading_of("appeal.worker_told", "answer", by_worker=False) == "反馈"
    assert heading_of("appeal.worker_told", "handler", by_worker=False) == "处置"
    assert heading_of("appeal.signed", by_worker=False) == "处置"
