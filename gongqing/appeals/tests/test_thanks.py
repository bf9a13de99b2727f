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
    "我们五位老师和全县几十位同行的职称都落实了，感谢工会的两位同志",
]
NOT = [
    "三个月工资没发，请帮忙讨回来，谢谢",
    "谢谢工会，上次的工资要回来了，可是这个月又欠了",
    "工资要回来了，谢谢，加班费什么时候能拿到？",
    "谢谢你们把我的工资扣光了",
    "公司答应的补偿金谈好了又反悔，至今一分没给，谢谢工会关注",
    "麻烦工会帮我把工资要回来，先谢谢了",
]
ARREARS = [
    "谢谢工会帮我把拖了半年的工资要回来了",
    "老板欠我们三个月工资，昨天都结清了，谢谢",
    "感谢你们帮我们十二个人把拖欠八个月的工资追回来了",
    "包工头跑路，多亏工会，我们十五个人的工资都拿到了，感激不尽",
    "公司拖了一年的12万元工程款9月3日付清了，送锦旗致谢",
]
PART = [
    "拖了半年的工资要回来了一半，谢谢工会",
    "谢谢工会，拖欠六个月的工资拿到了两个月的",
    "感谢协调，欠了五个月的工资先发了一个月",
    "谢谢你们，拖了三个月的工资拿到了，还差一个月的没给",
    "拖欠我们十二个人四个月工资，我的拿到了，谢谢工会",
    "拖了半年的工资，老板答应月底付清了，谢谢工会",
]


@pytest.mark.parametrize("text", THANKS)
def test_thanks_are_praise_and_wait_for_a_person(text: str) -> None:
    reading = classify(text)
    assert (reading.purpose, reading.code, reading.needs_person) == ("praise", "OT06", True)


@pytest.mark.parametrize("text", [*THANKS, *ARREARS])
def test_thanks_for_what_was_owed_are_green_praise(text: str) -> None:
    reading, facts = classify(text), read_facts(text)
    assert reading.purpose == "praise"
    assert (facts.workers, facts.amount, facts.months_owed) == (None, None, None)
    assert shipped_grade(facts, reading.code, reading.labour_related) == "green"


@pytest.mark.parametrize("text", PART)
def test_thanks_for_a_part_keep_the_grade_of_what_is_owed(text: str) -> None:
    reading, facts = classify(text), read_facts(text)
    assert reading.purpose != "praise"
    assert facts.has("arrears")
    assert shipped_grade(facts, reading.code, reading.labour_related) == "orange"


def test_thanks_that_tell_of_an_injury_keep_its_grade() -> None:
    text = "谢谢工会帮我把工资要回来了，工友从脚手架摔下住院，正在抢救"
    assert shipped_grade(read_facts(text), classify(text).code, True) == "orange"


@pytest.mark.parametrize("text", NOT)
def test_thanks_as_a_courtesy_are_none(text: str) -> None:
    assert not is_thanks(text)


def test_words_of_danger_stay_red_whatever_is_thanked_for() -> None:
    text = "谢谢工会帮我把工资要回来了，我今晚就从楼顶跳下去"
    assert shipped_grade(read_facts(text), classify(text).code, True) == "red"
