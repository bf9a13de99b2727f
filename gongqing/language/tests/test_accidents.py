"""Are people in danger of their lives heard, and what only sounds like it not?"""

import pytest

from gongqing.language.facts import Flag, read_facts

HAPPENING = [
    ("宿舍着火了，有人还困在里面", Flag.DEATH),
    ("基坑塌方了，里面还有三个人联系不上", Flag.DEATH),
    ("工友掉进污水池，下去救的人也没上来", Flag.DEATH),
    ("两个师傅被压在脚手架下面，没人来", Flag.DEATH),
    ("高温天在屋面干活，老李倒下去就没醒过来", Flag.DEATH),
    ("车间里氨气漏了，好几个人晕倒，厂里还不让停工", Flag.POISONING),
    ("喷漆房里溶剂熏得厉害，三个女工晕倒送医", Flag.POISONING),
    ("昨天夜里冲床把我同事的手指全切掉了，老板不送医院", Flag.SERIOUS_INJURY),
    ("皮带机把他胳膊绞进去了，机器没停", Flag.SERIOUS_INJURY),
]
ELSE = [
    ("一只小猫困在里面出不来，请帮忙", Flag.DEATH),
    ("钱都压在里面，人也走不开", Flag.DEATH),
    ("下雨泥土塌方，水渠都被掩埋", Flag.DEATH),
    ("手机掉进下水道没捞上来", Flag.DEATH),
    ("仓库漏水，把包装的手套压烂了一箱", Flag.SERIOUS_INJURY),
    ("车间油漆味有点大，希望装排风", Flag.POISONING),
    ("煤气费漏缴了怎么补", Flag.POISONING),
]


@pytest.mark.parametrize(("text", "flag"), HAPPENING)
def test_an_accident_that_happens_is_heard(text, flag):
    assert read_facts(text).has(flag)


@pytest.mark.parametrize(("text", "flag"), ELSE)
def test_what_sounds_like_an_accident_is_none(text, flag):
    assert not read_facts(text).has(flag)


def test_many_who_prepare_to_act_are_looked_at_whatever_they_are_about():
    assert read_facts("再不解决我们一百多号人明天早上去市政府门口拉横幅").has(Flag.SUSPECTED)
    assert not read_facts("我们三个人明天一起去政府门口讨个说法").has(Flag.SUSPECTED)
