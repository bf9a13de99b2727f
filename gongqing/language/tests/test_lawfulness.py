"""Is a reply that says what the law does not say noticed, and an innocent one left alone?"""

from __future__ import annotations

from datetime import date

import pytest

from gongqing.language.replies import Kind, read_reply
from gongqing.language.replies.lawfulness import lawfulness_found


@pytest.mark.parametrize(
    ("reply", "article"),
    [
        ("公司不给加班费是合法的。", "第四十四条"),
        ("经了解，您周末加班单位没有支付加班工资，符合规定。", "第四十四条"),
        ("单位可以不付加班费，请理解。", "第四十四条"),
        ("公司不给加班费不违反劳动法。", "第四十四条"),
        ("没签合同不受劳动法保护。", "第八十二条"),
        ("您没有签订劳动合同，所以不存在劳动关系。", "第八十二条"),
        ("未签订书面劳动合同的，无法申请仲裁。", "第八十二条"),
        ("试用期不用交社保。", "第五十八条"),
        ("您签了自愿放弃社保的承诺，有效，不能再补。", "第六十条"),
        ("怀孕期间公司可以辞退。", "第四十二条"),
        ("您自己离职的，公司可以不发工资。", "第九条"),
        ("您受伤是自己操作不当，不算工伤。", "第十六条"),
    ],
)
def test_what_the_law_contradicts_is_named_with_its_article(reply, article):
    found = lawfulness_found(reply)
    assert [each.kind for each in found] == [Kind.UNLAWFUL]
    assert article in found[0].hint
    assert found[0].is_warning
    span = found[0].spans[0]
    assert reply[span.start : span.end] == span.words


@pytest.mark.parametrize(
    "reply",
    [
        "公司不给加班费是不合法的，我们已要求补发。",
        "公司不给加班费违反劳动法，已转劳动监察。",
        "不能说公司不给加班费是合法的。",
        "公司说不给加班费是合法的，我们已当面纠正。",
        "单位认为没签合同不受劳动法保护，这个说法没有依据。",
        "没签劳动合同也受劳动法保护。",
        "没有签订劳动合同，也可以申请仲裁。",
        "双方没有签订劳动合同，也不存在劳动关系，您是和劳务公司签的合同。",
        "您已退休，没有签订劳动合同，所以不构成劳动关系，按劳务关系处理。",
        "公司已安排补休，不付加班费符合规定。",
        "经批准实行不定时工时制，公司不付加班费符合规定。",
        "试用期也要交社保。",
        "试用期公司没交社保，已责令补缴。",
        "自愿放弃社保的承诺无效，公司已答应补缴。",
        "怀孕期间公司不得辞退。",
        "您主动离职后公司不发工资，我们已约谈老板，10月20日前付清。",
        "您自己离职的，工资也要付清，公司已答应。",
        "操作不当不影响认定工伤，请在一年内申请。",
        "下班途中交通事故本人有过错，负主要责任的，不能认定为工伤。",
        "醉酒后操作不当，不能认定工伤。",
        "您问没签合同不受劳动法保护吗？受保护。",
        "加班费已按1.5倍补发。",
    ],
)
def test_an_innocent_reply_is_left_alone(reply):
    assert lawfulness_found(reply) == []


def test_the_check_of_a_reply_warns_softly():
    read = read_reply(
        "公司不给加班费是合法的。", asked="公司周末加班从来不给加班费，合法吗？", said_on=date(2025, 10, 13)
    )
    assert Kind.UNLAWFUL in [each.kind for each in read.warnings]


def test_only_the_worst_three_are_named():
    reply = "公司不给加班费是合法的。没签合同不受劳动法保护。试用期不用交社保。怀孕期间公司可以辞退。"
    assert len(lawfulness_found(reply)) == 3
