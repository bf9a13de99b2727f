"""Readings of invented messages: right codes, odd texts, thresholds, and a vocabulary that names nobody."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from gongqing.language import classify as reading
from gongqing.language.taxonomy import categories, category
from gongqing.language.text import LONGEST, ngram_counts, segments, with_title
from gongqing.language.titles import own_title, title_of

CLEAR = [
    ("工地老板欠了我们十个人两个多月工资，一直说没钱不肯结", "LE01"),
    ("厂里每天要上十二小时的班，周末也不休息，从来不算加班费", "LE03"),
    ("单位不让休年休假，也不给年假工资", "LE04"),
    ("进公司八个月了一直不肯签劳动合同", "LE05"),
    ("昨天公司突然把我辞退，一分钱经济补偿都不给", "LE06"),
    ("单位三年没给我缴社保，公积金也没有", "LE07"),
    ("上班时手指被冲床压断，老板不肯申报工伤", "LE08"),
    ("车间粉尘很大，不发防尘口罩，怕出安全事故", "LE09"),
    ("怀孕以后公司把我调岗还降工资，产假也不想给", "LE10"),
    ("我是外卖骑手，平台乱罚款，申诉了也没人理", "LE11"),
    ("我们公司还没有工会，想成立工会要办什么手续", "DP01"),
    ("换了工作单位，工会会员关系怎么转过来", "DP02"),
    ("想和公司开展工资集体协商，请上级工会指导", "DP04"),
    ("工会好多年没有换届，经费用在哪里也不公开", "DP05"),
    ("想组织一场职工乒乓球比赛", "SC01"),
    ("最近压力很大，整夜睡不着，想找心理咨询老师聊聊", "SC02"),
    ("驿站的微波炉和空调都坏了，没有人来修", "SC04"),
    ("想报名职工技能大赛的焊工项目", "CD03"),
    ("家里人得重病欠了很多钱，想申请困难职工帮扶", "OT01"),
    ("下夜班没有公交车，希望延长末班车时间", "OT04"),
]


@pytest.mark.parametrize(("text", "code"), CLEAR)
def test_clear_matters_get_their_code(text: str, code: str) -> None:
    assert reading.classify(text).code == code


@pytest.mark.parametrize("text", [text for text, code in CLEAR if code.startswith("LE")])
def test_disputes_at_work_are_labour_related(text: str) -> None:
    assert reading.classify(text).labour_related


@pytest.mark.parametrize("text", ["小区物业乱停车没人管", "邻居借了我三万块钱不还怎么起诉", "离婚以后孩子归谁抚养"])
def test_matters_of_neighbours_and_families_are_not_labour_related(text: str) -> None:
    assert not reading.classify(text).labour_related


@pytest.mark.parametrize("text", ["", "   \n", "😀😀😀", "\x00\x01\u202e", "！！！？？？", "\ud800"])
def test_text_without_words_is_miscellaneous_and_unsure(text: str) -> None:
    found = reading.classify(text)
    assert found.code == "OT06"
    assert found.confidence < 0.1
    assert found.needs_person


def test_only_the_beginning_of_a_very_long_text_is_read() -> None:
    start = "老板拖欠我们三个月工资没有发。"
    long = start + "其他无关的话。" * 20_000
    assert reading.classify(long) == reading.classify(long[:LONGEST])


def test_title_is_read_too() -> None:
    assert reading.classify("请尽快处理，谢谢", "公司拖欠工资三个月").code == "LE01"


def test_what_the_title_says_counts_more() -> None:
    counts = ngram_counts("欠薪\n老板欠钱")
    assert with_title(counts, "欠薪", 6) == counts + ngram_counts("欠薪" + "。欠薪" * 4)
    assert with_title(counts, "欠薪", 1) == with_title(counts, "", 6) == counts
    text = "孩子发烧住院，医生说要用自费药，希望尽快回复。"
    assert dict(reading.classify(text, "孩子能不能报医保").top)["OT02"] > dict(reading.classify(text).top).get(
        "OT02", 0
    )
    assert reading.TITLE_TIMES > 1


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("老板欠薪。请帮忙", "老板欠薪"),
        ("！！\n 老板欠薪；请帮忙", "老板欠薪"),
        ("工" * 50, "工" * 39 + "…"),
        ("？！", "？！"),
    ],
)
def test_a_title_that_was_cut_from_the_text_is_none(text: str, title: str) -> None:
    assert title_of(text) == title
    assert own_title(title, text) == ""
    assert own_title(f"{title}二", text) == f"{title}二"
    assert reading.classify(text, title) == reading.classify(text)


def test_reading_is_the_same_in_every_thread() -> None:
    texts = [text for text, _ in CLEAR] * 5
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(reading.classify, texts)) == [reading.classify(text) for text in texts]


def test_reading_holds_probabilities_and_words_of_the_text() -> None:
    text = CLEAR[0][0]
    found = reading.classify(text)
    shares = [share for _, share in found.top]
    assert len(found.top) == 3
    assert shares == sorted(shares, reverse=True)
    assert 0 <= sum(shares) <= 1.0002
    assert (found.code, found.confidence) == found.top[0]
    assert 0.5 <= found.labour_confidence <= 1
    assert found.words
    assert all(words in text for words in found.words)
    assert found.version == reading.VERSION


def test_unsure_and_miscellaneous_readings_wait_for_a_person() -> None:
    def made(code: str, confidence: float) -> reading.Reading:
        return reading.Reading(code, confidence, None, True, 0.9, ((code, confidence),), (), "test")

    assert not made("LE01", reading.TRIAGE_BELOW).needs_person
    assert made("LE01", reading.TRIAGE_BELOW - 0.001).needs_person
    assert made("OT06", 1.0).needs_person


def test_every_vocabulary_names_nobody_and_holds_no_number() -> None:
    grams = list(reading.shipped_vocabulary())
    assert all(1 <= len(gram) <= 3 for gram in grams)
    assert not [gram for gram in grams if re.search("[1-9]|00", gram)]
    assert not [gram for gram in grams if re.search("^.(书记|市长|局长)$", gram)]


def test_numbers_addresses_and_salutations_are_taken_away() -> None:
    assert segments("尊敬的王市长：您好，我在A3区，电话13800000000，见https://example.org/x") == [
        "您好",
        "我在",
        "区",
        "电话0",
        "见",
    ]
    assert not [gram for gram in ngram_counts("身份证330203199001011234") if re.search("[1-9]", gram)]


def test_taxonomy_has_32_categories_with_limits() -> None:
    kinds = categories()
    assert len(kinds) == 32
    assert category("LE01").identifier == "wage_arrears"
    assert all(kind.limit_working_days > 0 and kind.phrases for kind in kinds.values())
    assert {code for code in kinds if code.startswith("LE")} == {f"LE{n:02}" for n in range(1, 12)}
