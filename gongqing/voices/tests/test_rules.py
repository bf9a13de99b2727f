"""What is many, what would meet it, and what does the card keep to itself?"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from gongqing.voices.rules import cards
from gongqing.voices.rules.hearing import Heard, NeedRoute, counted, owning_code, suggested_route, usual_words
from gongqing.voices.rules.titles import title_of
from gongqing.voices.rules.track import FOLLOWS, TRACK, NeedState


def voices(at, count, *, towns=("330206001",), employers=("甲", "乙", "丙"), categories=("OT04",), days=6):
    return [
        Heard(
            appeal_id=number,
            at=at - timedelta(days=days * number / count),
            person=str(number),
            employer=employers[number % len(employers)],
            town=towns[number % len(towns)],
            category=categories[number % len(categories)],
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "more", "is_many"),
    [
        (5, {}, True),
        (4, {}, False),
        (8, {"towns": ("330206001", "330206002")}, False),  # across a county ten are asked for
        (10, {"towns": ("330206001", "330206002")}, True),
        (18, {"towns": ("330206001", "330212001")}, False),
        (20, {"towns": ("330206001", "330212001")}, True),
        (19, {"towns": ("",)}, False),  # nobody knows where
        (6, {"employers": ("甲",)}, False),
        (6, {"employers": ("",)}, True),  # nobody said which
        (6, {"categories": ("OT04", "LE01")}, False),
        (6, {"days": 40}, False),
    ],
)
def test_many_are_enough_people_of_one_place_and_kind(at, count, more, is_many):
    assert counted(voices(at, count, **more), at=at).is_many is is_many


def test_weeks_are_counted_backwards_from_now(at):
    found = counted(voices(at, 9, days=63), at=at)
    assert list(found.weeks) == [1] * 8
    assert found.now == 1
    assert counted([], at=at).is_many is False


@pytest.mark.parametrize(("usual", "words"), [(0, "几乎没有"), (0.049, "几乎没有"), (0.05, "0.1 件"), (2.34, "2.3 件")])
def test_next_to_nothing_is_said_in_words(usual, words):
    assert usual_words(usual) == words


def test_nearly_all_decide_whose_it_is():
    assert owning_code(["330206001"] * 4 + ["330206002"]) == "330206001"
    assert owning_code(["330206001", "330206002"]) == "330206"
    assert owning_code(["330206001", "330212001"]) == "3302"
    assert owning_code(["", ""]) == ""


@pytest.mark.parametrize(
    ("category", "route"),
    [
        ("OT04", NeedRoute.MOTION),
        ("OT03", NeedRoute.DEPARTMENT),
        ("LE01", NeedRoute.DEPARTMENT),
        ("SC01", NeedRoute.ACTIVITY),
    ],
)
def test_each_kind_has_a_way_of_its_own(category, route):
    assert suggested_route(category) is route


def test_a_small_place_cannot_be_reckoned_from_the_others():
    shown = {line.name: line.people for line in cards.places_shown([("甲", 9), ("乙", 4), ("丙", 2)])}
    assert shown == {"甲": 9, "乙": None, "丙": None}
    assert [line.people for line in cards.places_shown([("甲", 9), ("乙", 4)])] == [9, 4]
    assert [line.people for line in cards.places_shown([("甲", 2), ("乙", 1)])] == [None, None]


def test_a_title_tells_what_is_meant_and_names_nobody():
    words = cards.telling(["来电", "张建国", "公交", "集士港", "夜班", "110"], {"张建国"}, ["集士港镇"])
    assert words == ["公交", "夜班"]
    assert cards.telling(["一班", "几家", "公交"], set()) == ["公交"]
    texts = ["张建国说想加开夜班公交", "盼着夜班公交线早点开通", "甬江轴承门口开一班夜班公交", "夜里没有公交"]
    assert title_of("集士港镇", "交通", words, texts) == "集士港镇夜班公交加开班次等诉求"
    assert title_of("集士港镇", "交通", [], []) == "集士港镇交通诉求"
    assert (
        title_of("集士港镇", "交通", ["轴承", "公交"], texts, kept_out={"甬江轴承厂"}) == "集士港镇公交加开班次等诉求"
    )
    named = title_of("集士港镇", "交通", ["张建国", "建国"], ["张建国骂人", "又是张建国"], kept_out={"张建国"})
    assert named == "集士港镇交通诉求"
    apart = title_of("集士港镇", "家庭照护", ["暑期", "托管"], ["暑期托管班太少", "想上暑期托管班"])
    assert apart == "集士港镇暑期托管班等家庭照护诉求"


@pytest.mark.parametrize(
    ("words", "text", "title"),
    [
        (["充电桩"], "请安装充电桩", "某镇充电桩增设等诉求"),
        (["停车"], "增加停车位", "某镇停车设施增设等诉求"),
        (["联谊活动"], "多办联谊活动", "某镇联谊活动举办等诉求"),
        (["联谊"], "多办联谊活动", "某镇联谊活动举办等诉求"),
        (["班次"], "请加开公交班次", "某镇班次加开等诉求"),
        (["津贴"], "没发津贴", "某镇津贴足额发放等诉求"),
        (["工地"], "工地拖欠", "某镇工地薪酬足额发放等诉求"),
        ([], "路灯坏了", "某镇维修等生活便利诉求"),
    ],
)
def test_a_title_reads_as_one_phrase_and_says_nothing_twice(words, text, title):
    assert title_of("某镇", "生活便利", words, [text] * 3) == title


def test_every_state_has_its_way_and_the_end_has_none():
    assert set(FOLLOWS) == set(NeedState)
    assert all(after in FOLLOWS[before] for before, after in pairwise(TRACK))
    assert not FOLLOWS[NeedState.FED_BACK]
    assert not FOLLOWS[NeedState.DISMISSED]
