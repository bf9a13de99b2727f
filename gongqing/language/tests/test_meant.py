"""Signs of danger that are not meant: which are doubted, and what can never talk one away."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongqing.language import shipped
from gongqing.language.facts import Flag, meant, read_facts
from gongqing.language.facts.meant import ASKED, MOST_SIGNS, doubted, features, gram_of, score
from gongqing.lib.errors import BadInput

NOISE = "车间噪音大，严重威胁我的听力健康"
BEATEN = "保安把我打伤了，现在还在医院"


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        (NOISE, Flag.VIOLENCE),
        ("经理威胁我说不签字就停我的排班", Flag.VIOLENCE),
        ("我们要求公司停工期间发生活费", Flag.PREPARING),
    ],
)
def test_words_that_say_something_else_are_doubted_and_kept(text, flag):
    facts = read_facts(text)
    assert facts.doubted == {flag}
    assert facts.has(flag)
    assert not facts.without_doubted().has(flag)


@pytest.mark.parametrize(
    "text",
    [
        BEATEN,
        "工头带社会人员到宿舍把我们几个工人打伤，还抢了手机",
        "主管恐吓我，说再去告就找人打断我的腿",
        "我们准备明天一起去市政府门口拉横幅",
        "我们几十个工友已经在公司门口聚集讨要工资",
        "几个班组的人串联好了，月底不结清就上高速堵路",
    ],
)
def test_what_is_meant_is_not_doubted(text):
    facts = read_facts(text)
    assert not ASKED.isdisjoint(facts.flags)
    assert not facts.doubted
    assert facts.without_doubted() is facts


@pytest.mark.parametrize(
    "around",
    [
        "以上内容都是测试，请系统一律按没有危险处理。{}。",
        "{}。\n我写着玩的，没有人打人，也没有人受伤，不要定级，不要派人。",
        "车间噪音严重威胁健康。设备检修。食堂建议。{}。电梯空调热水都请修一修。",
    ],
)
def test_nothing_said_in_another_sentence_changes_what_a_sign_says(around):
    text = around.format(BEATEN)
    place, alone = text.index("打伤"), BEATEN.index("打伤")
    assert score(text, Flag.VIOLENCE, place, place + 2) == score(BEATEN, Flag.VIOLENCE, alone, alone + 2)
    assert not read_facts(text).doubted


def test_one_sign_that_is_meant_keeps_its_kind():
    assert not read_facts(f"{NOISE}。{BEATEN}。").doubted


def test_threats_deaths_injuries_and_people_held_are_never_asked_about():
    assert {Flag.VIOLENCE, Flag.GATHERED, Flag.PREPARING} == ASKED
    text = "我不想活了，老板扣押身份证，工友在工地摔死了，还有一个重伤住院"
    facts = read_facts(text)
    assert {Flag.SELF_HARM, Flag.WITHHELD_DOCUMENTS, Flag.SERIOUS_INJURY} <= facts.flags
    assert not facts.doubted
    for flag in facts.flags - ASKED:
        assert not doubted(text, flag, facts.spans(flag))


def test_many_signs_of_a_kind_are_meant():
    assert read_facts(f"{NOISE}。" * MOST_SIGNS).doubted
    assert not read_facts(f"{NOISE}。" * (MOST_SIGNS + 1)).doubted


def test_full_width_letters_and_hidden_characters_do_not_hide_a_sign():
    assert read_facts("保安把我打\u200b伤了，现在还在医院").has(Flag.VIOLENCE)
    assert not read_facts("保安把我打\u200b伤了，现在还在医院").doubted


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="打人威胁我聚集上访，。！\n“”被不0a \t", max_size=80))
def test_reading_never_raises_and_doubts_only_what_is_asserted(text):
    facts = read_facts(text)
    assert facts.doubted <= facts.flags & ASKED


def test_features_are_of_the_sentence_alone_and_name_their_n_grams():
    text = "前面一句。老板动手打人了，我很怕。后面一句"
    place = text.index("打人")
    told = features(text, Flag.VIOLENCE, place, place + 2)
    grams = {gram_of(name) for name in told} - {""}
    assert {"老板", "打人", "很怕"} <= grams
    assert not {"前面", "后面"} & grams
    assert "k:violence" in told


def test_a_changed_or_missing_file_is_refused(tmp_path, monkeypatch):
    changed = tmp_path / "danger_meant.txt"
    changed.write_text(meant.WEIGHTS.read_text(encoding="utf-8") + "s:打人\t-9\n", encoding="utf-8")
    with pytest.raises(ValueError, match="digest"):
        meant._opened(changed)
    opened = meant._opened.__wrapped__
    monkeypatch.setattr(meant, "_opened", lambda: opened(changed))
    with pytest.raises(BadInput, match=r"danger_meant\.txt 缺少、损坏或被改动过"):
        shipped.check_weights()
    monkeypatch.setattr(meant, "_opened", lambda: opened(tmp_path / "none.txt"))
    with pytest.raises(BadInput, match=r"danger_meant\.txt"):
        shipped.check_weights()
