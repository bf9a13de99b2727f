"""Thanks after the fact are praise and no complaint; thanks as a courtesy change nothing."""

import pytest

from gongqing.appeals.rules.shipped import shipped_grade
from gongqing.language.classify import classify
from gongqing.language.facts import read_facts
from gongqing.language.thanks import is_thanks

THANKS = [
    "谢谢工会帮我把工资要回来了",
    "感谢区总工会的王老师，拖欠了半年的工资终于到账了，送面锦旗表心意。",
    "多亏你们来厂里协调，加班费已经补发到位，大家都很高兴，谢谢！",
    "赔偿款拿到了，谢谢帮我跑前跑后的律师",
]
NOT = [
    "三个月工资没发，请帮忙讨回来，谢谢",
    "谢谢工会，上次的工资要回来了，可是这个月又欠了",
    "工资要回来了，谢谢，加班费什么时候能拿到？",
    "谢谢你们把我的工资扣光了",
    "公司答应的补偿金谈好了又反悔，至今一分没给，谢谢工会关注",
    "麻烦工会帮我把工资要回来，先谢谢了",
]


@pytest.mark.parametrize("text", THANKS)
def test_thanks_are_praise_and_wait_for_a_person(text: str) -> None:
    reading = classify(text)
    assert (reading.purpose, reading.code, reading.needs_person) == ("praise", "OT06", True)


def test_thanks_are_green_unless_the_words_themselves_demand_more() -> None:
    for text, grade in ((THANKS[0], "green"), (THANKS[3], "green"), (THANKS[1], "orange")):
        reading = classify(text)
        assert shipped_grade(read_facts(text), reading.code, reading.labour_related) == grade


@pytest.mark.parametrize("text", NOT)
def test_thanks_as_a_courtesy_are_none(text: str) -> None:
    assert not is_thanks(text)


def test_words_of_danger_stay_red_whatever_is_thanked_for() -> None:
    text = "谢谢工会帮我把工资要回来了，我今晚就从楼顶跳下去"
    assert shipped_grade(read_facts(text), classify(text).code, True) == "red"
