"""Does a reply's reading say what is missing, promised, given away or contradicted, and keep quiet about a good one?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.language.replies import Kind, read_reply
from gongqing.language.replies.asking import Asks, points_of
from gongqing.language.replies.emptiness import substance_of

MONDAY = date(2025, 10, 13)
ASKED = "我在小港的服装厂上班，老板拖欠我们8月、9月两个月工资。请问工资什么时候能发？没签劳动合同能不能要赔偿？"
GOOD = (
    "我们10月12日到厂里找了老板，查到8月、9月的工资确实没有发。单位答应10月20日前把两个月工资打到您卡上。没签劳动合同，"
    "满一个月的次日起可以要两倍工资，要先申请劳动仲裁，工会可以派律师陪您去。"
)


def read(reply, asked=ASKED, **more):
    return read_reply(reply, asked=asked, said_on=MONDAY, **more)


def kinds(reply, asked=ASKED, **more):
    return [each.kind for each in read(reply, asked, **more).findings]


def test_a_reply_that_answers_is_left_alone():
    found = read(GOOD)
    assert found.findings == ()
    assert (found.completeness, found.is_empty) == (1.0, False)
    assert found.promised_on == date(2025, 10, 20)
    assert found.relevance > 0.2


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "您好，您的来信已收悉，感谢您对工会工作的支持！",
        "您反映的问题我们高度重视，已转区人社局处理，有结果会及时反馈给您。",
        "网友您好：您反映的情况正在调查处理中，请耐心等待。北仑区总工会 2025年10月13日",
        "您的问题已经解决。",
        "您反映的工资问题，已转交小港街道总工会办理。",
        "已和厂里谈过。",
        "我们已经和公司负责人沟通过工资的事，感谢理解。",
        "已约谈企业负责人，多次沟通协商。",
    ],
)
def test_courtesy_and_passing_on_are_no_answer(reply):
    found = read(reply)
    assert found.is_empty
    assert [each.kind for each in found.warnings] == [Kind.EMPTY]
    assert (found.relevance, found.completeness) == (0.0, 0.0)


@pytest.mark.parametrize(
    "reply",
    [
        "老板已经把工资发了。",
        "经查，厂里没有拖欠工资，您8月请了假，按出勤结的。",
        "这件事不归工会管，要去区劳动监察大队投诉，电话0574-86780000。",
        "已转劳动监察大队，监察员10月14日上午到厂里查工资表。",
        "已和厂里谈过，厂里答应10月底补发八千元。",
        "和老板谈了三次都没有谈成，可以申请劳动仲裁。",
        "已约谈厂长，责令本月补发。",
    ],
)
def test_a_short_fact_is_an_answer(reply):
    assert not read(reply).is_empty


def test_an_answer_to_another_matter_is_off_topic():
    found = read("食堂的空调已经修好，菜价贴在窗口，热水每天供应到晚上九点，欢迎就餐。")
    assert [each.kind for each in found.warnings] == [Kind.OFF_TOPIC]
    assert "什么时候能发" in found.warnings[0].hint


def test_other_words_for_the_same_thing_are_on_topic():
    assert Kind.OFF_TOPIC not in kinds("欠薪已由公司结清。", "老板不给工钱")


def test_the_points_of_an_appeal_are_told_apart():
    asked = "你好，想咨询：1、年休假有几天？2、离职了没休的怎么算？3.单位说不给合法吗？难道没有天理吗？希望领导重视！"
    found = points_of(asked)
    assert [each.text for each in found] == ["年休假有几天", "离职了没休的怎么算", "单位说不给合法吗"]
    assert [each.asks for each in found][1:] == [Asks.HOW, Asks.WHETHER]
    assert points_of("老板拖欠工资", "服装厂拖欠工资")[0].text == "服装厂拖欠工资"


def test_the_point_without_an_answer_is_named():
    found = read("没签劳动合同可以要两倍工资，先申请劳动仲裁。")
    missing = next(each for each in found.findings if each.kind is Kind.INCOMPLETE)
    assert missing.points == ("请问工资什么时候能发"[2:],)
    assert found.completeness == 0.5
    assert not kinds("单位答应10月20日前发工资；没签劳动合同可以要两倍工资，先申请劳动仲裁。")


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("单位答应10月20日前付清", date(2025, 10, 20)),
        ("公司承诺10月底前补缴社保", date(2025, 10, 31)),
        ("剩下的工资将于11月中旬发放", date(2025, 11, 20)),
        ("预计明年一季度完成", date(2026, 3, 31)),
        ("计划年底前完成改造", date(2025, 12, 31)),
        ("我们会在3个工作日内给您回话", date(2025, 10, 16)),
        ("老板答应一周内付", date(2025, 10, 20)),
        ("单位保证本周五之前发到卡上", date(2025, 10, 17)),
        ("双方约定下周三再协商", date(2025, 10, 22)),
        ("公司答应下个月底前补发", date(2025, 11, 30)),
        ("将在1月15日前支付", date(2026, 1, 15)),
        ("单位承诺元旦前结清", date(2025, 12, 31)),
        ("公司答应春节前付清", date(2026, 2, 16)),
        ("明天就能到账，将由会计转账", date(2025, 10, 14)),
    ],
)
def test_a_promise_is_counted_to_its_day(words, due):
    assert read(f"工资的事查过了，{words}。").promised_on == due


@pytest.mark.parametrize(
    "words",
    [
        "我们于9月28日到单位调查，10月9日已经付清工资",
        "请您于10月20日前带身份证到窗口办理",
        "按规定应当自10月1日起30日内申请仲裁",
        "合同约定2025年12月31日到期",
        "北仑区总工会 2025年10月13日",
        "每周三晚上有律师坐班",
    ],
)
def test_a_day_that_nobody_promises_is_none(words):
    assert read(f"工资的事查过了，{words}。").promised_on is None


def test_a_promise_counts_in_the_calendar_of_the_city():
    def with_a_holiday(day, count):
        return day + timedelta(days=count + 5)

    found = read("单位答应3个工作日内付清工资。", add_workdays=with_a_holiday)
    assert found.promised_on == date(2025, 10, 21)


def test_a_promise_that_is_over_or_has_no_day_is_pointed_out():
    past = read("工资的事，单位承诺10月8日前付清。")
    assert [each.kind for each in past.warnings if each.kind is Kind.PROMISE_PAST]
    assert past.promised_on is None
    vague = next(each for each in read("工资的事我们会尽快督促单位解决。").findings if each.kind is Kind.PROMISE_VAGUE)
    assert not vague.is_warning
    assert "尽快" in vague.spans[0].words
    assert Kind.PROMISE_VAGUE not in kinds("工资已经付清，后续我们会尽快督促单位补签合同。")


def test_what_others_would_not_like_to_be_told_is_found():
    assert Kind.PERSONAL in kinds("厂长手机13800000001，工资找他要。")
    assert Kind.PERSONAL in kinds("王小明、李建国、陈梅等12名工人的工资一并发放。")
    assert Kind.PERSONAL in kinds("身份证330203199001011234的职工工资已发。")
    own = read("陈阿春的工资10月20日前发。", names=["陈阿春"])
    assert any("匿名" in each.hint for each in own.warnings)
    assert Kind.PERSONAL not in kinds("工资有疑问请拨打工会电话13800000002。")


def test_sums_that_do_not_agree_are_found():
    wrong = read("12名工人每人补发5000元工资，合计50000元。")
    assert [each.kind for each in wrong.warnings if each.kind is Kind.AMOUNTS]
    assert "60,000 元" in next(each.hint for each in wrong.findings if each.kind is Kind.AMOUNTS)
    assert Kind.AMOUNTS not in kinds("12名工人每人补发5000元工资，合计6万元。")
    assert Kind.AMOUNTS in kinds("工资已经补发9000元。", recovered=19000)
    assert Kind.AMOUNTS not in kinds("工资已经补发1.9万元。", recovered=19000)
    assert Kind.AMOUNTS in kinds("查实拖欠工资8000元。", owed=21000)
    assert Kind.AMOUNTS not in kinds("查实拖欠工资8000元，其余是借支，已经扣除。", owed=21000)


def test_official_words_get_plain_ones():
    found = read("经研究决定，对您反映的工资问题予以受理，并责令限期改正。")
    wording = next(each for each in found.findings if each.kind is Kind.WORDING)
    assert not wording.is_warning
    assert "“予以受理”→受理了" in wording.hint
    assert {span.words for span in wording.spans} == {"经研究决定", "予以受理", "责令限期改正"}
    assert found.plainness < read(GOOD).plainness


def test_spans_stand_where_the_words_stand():
    reply = "１０月２０日前，单位承诺付清工资；厂长手机13800000001。"
    for finding in read(reply).findings:
        for span in finding.spans:
            assert len(reply[span.start : span.end]) == len(span.words)


def test_a_long_reply_stays_quick_to_cut():
    assert substance_of("查了工资表，" * 5000).length == 25000


@given(st.text(max_size=300), st.text(max_size=300))
def test_nothing_makes_it_stumble(reply, asked):
    found = read_reply(reply, asked=asked, said_on=MONDAY, names=[asked[:2]], owed=5, recovered=7)
    for share in (found.relevance, found.completeness, found.plainness):
        assert 0 <= share <= 1


def test_a_name_among_many_who_read_the_same_reply_is_found_once():
    found = read("陈阿春的工资10月20日前发，甲乙丙另算。", others=["陈阿春", "陈阿春", "春", "没提到"]).warnings
    found = [one for one in found if one.kind is Kind.PERSONAL]
    assert [[each.words for each in one.spans] for one in found] == [["陈阿春"]]
    assert "别的职工" in found[0].hint
    listed = read("王小明、李建国等2名工人的工资10月20日前发放。", others=["李建国"]).warnings
    assert [len(one.spans) for one in listed if one.kind is Kind.PERSONAL] == [1]
