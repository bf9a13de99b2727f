"""Days and places, read from invented texts."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongqing.language.facts.dates import read_dates
from gongqing.language.facts.places import only_division, read_places, read_sites

SAID_ON = date(2026, 3, 11)  # a Wednesday
CITY = [
    ("330203", "海曙区"), ("330212", "鄞州区"), ("330282", "慈溪市"), ("330206", "北仑区"),
    ("330203001", "鼓楼街道"), ("330212005", "百丈街道"), ("330282102", "长河镇"), ("330206003", "长河镇"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "first", "last", "words"),
    [
        ("2025年12月8日受伤", date(2025, 12, 8), date(2025, 12, 8), "2025年12月8日"),
        ("二〇二五年八月起没发", date(2025, 8, 1), date(2025, 8, 31), "二〇二五年八月"),
        ("2025-12-08签的", date(2025, 12, 8), date(2025, 12, 8), "2025-12-08"),
        ("去年10月入职", date(2025, 10, 1), date(2025, 10, 31), "去年10月"),
        ("５月３号被辞退", date(2025, 5, 3), date(2025, 5, 3), "５月３号"),
        ("2月份工资没发", date(2026, 2, 1), date(2026, 2, 28), "2月份"),
        ("答应5月1日发", date(2026, 5, 1), date(2026, 5, 1), "5月1日"),
        ("昨天晚上出的事", date(2026, 3, 10), date(2026, 3, 10), "昨天"),
        ("上周五把我辞了", date(2026, 3, 6), date(2026, 3, 6), "上周五"),
        ("上个月15号", date(2026, 2, 15), date(2026, 2, 15), "上个月15号"),
        ("三个月前离职", date(2025, 12, 1), date(2025, 12, 31), "三个月前"),
        ("10天前去问过", date(2026, 3, 1), date(2026, 3, 1), "10天前"),
        ("从11月到2月没发工资", date(2025, 11, 1), date(2026, 2, 28), "11月到2月"),
        ("去年8月至今没发", date(2025, 8, 1), SAID_ON, "去年8月至今"),
        ("2025年3月5日至2025年6月1日", date(2025, 3, 5), date(2025, 6, 1), "2025年3月5日至2025年6月1日"),
    ],
)
def test_days(text, first, last, words):
    (said,) = read_dates(text, SAID_ON)
    assert (said.first, said.last, said.evidence.words) == (first, last, words)


@pytest.mark.parametrize(
    "text", ["干了三个月", "2025年2月30日", "每月15号发工资", "3.5万元", "", "一个月4000元", "共12个月"]
)
def test_no_day(text):
    assert read_dates(text, SAID_ON) == []


@pytest.mark.parametrize(
    ("text", "codes", "only"),
    [
        ("我在鄞州区上班", ["330212"], "330212"),
        ("厂在慈溪长河镇", ["330282", "330282102"], "330282102"),
        ("厂在长河镇", [], None),
        ("先在海曙，后来去了北仑", ["330203", "330206"], None),
        ("鄞州大道上的工地", [], None),
        ("百丈街道这边的店", ["330212005"], "330212005"),
        ("海曙区鼓楼街道一家饭店", ["330203", "330203001"], "330203001"),
        ("没说在哪里", [], None),
    ],
)
def test_divisions(text, codes, only):
    found = read_places(text, CITY)
    assert [place.code for place in found] == codes
    chosen = only_division(found)
    assert (chosen.code if chosen else None) == only


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我在明珠工业园区上班", ["明珠工业园区"]),
        ("住在春华路18号", ["春华路"]),
        ("老板跑路了，没有出路", []),
        ("我们工业区很吵", []),
        ("厂在望春路口附近", ["望春路"]),
    ],
)
def test_sites(text, words):
    assert [place.evidence.words for place in read_sites(text)] == words


@given(st.text(alphabet="年月日号去上个周三一二十0123至到今前天路区园工业海曙鄞州.-", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_and_words_are_where_they_are_said_to_be(text):
    for one in (*read_dates(text, SAID_ON), *read_places(text, CITY), *read_sites(text)):
        assert text[one.evidence.start : one.evidence.end] == one.evidence.words
