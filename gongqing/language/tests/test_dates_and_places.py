"""Days and places, read from invented texts."""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongqing.language.facts.dates import read_dates
from gongqing.language.facts.places import only_division, open_choice, read_places, read_sites

REGIONS = Path(__file__).parents[2] / "registry" / "data" / "regions_ningbo.csv"
SAID_ON = date(2026, 3, 11)  # a Wednesday
CITY = [
    ("330203", "海曙区"), ("330212", "鄞州区"), ("330282", "慈溪市"), ("330206", "北仑区"),
    ("330203001", "鼓楼街道"), ("330212005", "百丈街道"), ("330282102", "长河镇"), ("330206003", "长河镇"),
    ("330203010", "集士港镇"), ("330212109", "姜山镇"), ("330206013", "春晓街道"),
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
        ("集士港", ["330203010"], "330203010"),
        ("集士港一家厂拖欠工资", ["330203010"], "330203010"),
        ("我在海曙集士港上班", ["330203", "330203010"], "330203010"),
        ("姜山", ["330212109"], "330212109"),
        ("在姜山打工，没签合同", ["330212109"], "330212109"),
        ("鄞州姜山的厂", ["330212", "330212109"], "330212109"),
        ("姜山一家厂欠薪", ["330212109"], "330212109"),
        ("长河", [], None),
        ("慈溪长河一家厂", ["330282", "330282102"], "330282102"),
        ("我在长河上班", [], None),
        # the same signs as a word, a person, a firm, a road
        ("领导春晓说下个月发", [], None),
        ("在春晓机械有限公司上班", [], None),
        ("在集士港路口摔伤", [], None),
        ("姜山找我谈话，让我走", [], None),
    ],
)
def test_divisions(text, codes, only):
    found = read_places(text, CITY)
    assert [place.code for place in found] == codes
    chosen = only_division(found)
    assert (chosen.code if chosen else None) == only


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("我在长河上班", ["330206003", "330282102"]),
        ("厂在长河镇", ["330206003", "330282102"]),
        ("慈溪长河一家厂", []),
        ("在长河上班，后来去了姜山", []),
        ("我在姜山上班", []),
    ],
)
def test_a_name_of_several_is_a_choice(text, codes):
    assert sorted(place.code for place in open_choice(text, CITY)) == codes


@pytest.mark.parametrize("said", ["{}", "我在{}上班，工资没发", "{}一家厂拖欠工资", "老板在{}的厂里"])
def test_every_town_of_the_demo_city_is_found_by_its_short_name(said):
    with REGIONS.open(encoding="utf-8") as file:
        city = [(row["code"], row["name"]) for row in csv.DictReader(file) if len(row["code"]) > 4]
    short = [(code, re.sub(r"(街道|[镇乡])$", "", name)) for code, name in city if len(code) == 9]
    names = Counter(name for _, name in short)
    assert max(names.values()) == 1
    missed = [name for code, name in short if [one.code for one in read_places(said.format(name), city)] != [code]]
    assert missed == []


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
