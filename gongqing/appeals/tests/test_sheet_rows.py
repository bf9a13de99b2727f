"""Are the cells of hotline sheets read as people and systems write them?"""

from __future__ import annotations

from datetime import datetime

import pytest

from gongqing.appeals.rules.sheet_columns import COLUMNS
from gongqing.appeals.rules.sheet_rows import SheetRow, read_row, words_of_row
from gongqing.appeals.rules.sheet_values import (
    Gazetteer,
    Place,
    channel_of,
    hotline_kind_of,
    is_yes,
    moment_of,
    phone_of,
)
from gongqing.lib.columns import guessed_mapping, known_names
from gongqing.lib.sheets import plain_name
from gongqing.lib.times import SHANGHAI

PLACES = Gazetteer(
    [
        Place("330206", "北仑区"),
        Place("330212", "鄞州区"),
        Place("330281", "余姚市"),
        Place("330206001", "新碶街道"),
        Place("330206002", "小港街道"),
        Place("330212001", "下应街道"),
        Place("330212100", "瞻岐镇"),
    ],
    "宁波市",
)
GOOD = {"number": "NB-1", "received_at": "2025-10-10 09:00", "text": "厂里两个月没发工资了，请帮忙。"}


def read(at: datetime, **cells: str) -> SheetRow:
    return read_row({**GOOD, **cells}, source="12345", channel="hotline_12345", gazetteer=PLACES, at=at)


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"title": " 讨薪　求助 "},
        {"text": " 厂里\t不发工资。\r\n\r\n\r\n请帮忙 "},
        {"received_at": ""},
        {"received_at": "45720.5"},
    ],
)
def test_what_is_read_ahead_is_what_the_row_says(at: datetime, cells: dict[str, str]) -> None:
    intake = read(at, **cells).intake
    assert intake is not None
    assert words_of_row({**GOOD, **cells}) == (intake.text, intake.title, intake.received_at)


def test_a_place_that_was_found_before_is_found_again(at: datetime) -> None:
    for _ in range(2):
        assert [PLACES.code_of("北仑", "小港"), PLACES.code_of("", "下应"), PLACES.code_of("", "天上")] == [
            "330206002",
            "330212001",
            "",
        ]
        assert PLACES.code_of("天上", "", "宁波市鄞州区瞻岐镇") == "330212100"


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2025-03-04 08:05:06", (2025, 3, 4, 8, 5, 6)),
        ("2025/3/4 8:05", (2025, 3, 4, 8, 5)),
        ("2025.3.4", (2025, 3, 4)),
        ("2025年3月4日", (2025, 3, 4)),
        ("2025年3月4日 8时5分", (2025, 3, 4, 8, 5)),
        ("2025年3月4日 下午3点", (2025, 3, 4, 15)),
        ("2025年3月4日 星期二 15：05", (2025, 3, 4, 15, 5)),
        ("２０２５－０３－０４　０８：０５", (2025, 3, 4, 8, 5)),
        ("20250304", (2025, 3, 4)),
        ("202503040805", (2025, 3, 4, 8, 5)),
        ("20250304080506", (2025, 3, 4, 8, 5, 6)),
        ("45720", (2025, 3, 4)),
        ("45720.5", (2025, 3, 4, 12)),
        ("2025-03-04T08:05:00+08:00", (2025, 3, 4, 8, 5)),
        ("2025-03-04T00:05:00Z", (2025, 3, 4, 8, 5)),
        ("2025-03-04 24:00", (2025, 3, 5)),
        ("2025-03-04 08:05:06.123", (2025, 3, 4, 8, 5, 6)),
    ],
)
def test_moments_are_read_however_written(said: str, moment: tuple[int, ...]) -> None:
    assert moment_of(said) == datetime(*moment, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    "said", ["", "不详", "2025-13-01", "2025-02-30", "3/4", "99", "20259999", "上午", "2025-03-04 25:00"]
)
def test_what_is_no_moment_is_none(said: str) -> None:
    assert moment_of(said) is None


@pytest.mark.parametrize(
    ("said", "mobile", "line"),
    [
        ("138 0000 0417", "13800000417", ""),
        ("138-0000-0417", "13800000417", ""),
        ("+86 13800000417", "13800000417", ""),
        ("008613800000417", "13800000417", ""),
        ("13800000417/13900000418", "13800000417", ""),
        ("13800000417（家属）", "13800000417", ""),
        ("１３８００００００４１７", "", ""),
        ("１３８０００００４１７", "13800000417", ""),
        ("0574-88990011", "", "057488990011"),
        ("(0574)88990011", "", "057488990011"),
        ("88990011", "", "88990011"),
        ("88990011转801", "", "88990011"),
        ("无", "", ""),
        ("123", "", ""),
    ],
)
def test_phones_are_found_in_what_people_write(said: str, mobile: str, line: str) -> None:
    assert phone_of(said) == (mobile, line)


@pytest.mark.parametrize(
    ("county", "town", "place", "code"),
    [
        ("北仑区", "新碶街道", "", "330206001"),
        ("北仑", "新碶", "", "330206001"),
        ("宁波市北仑区新碶街道", "", "", "330206001"),
        ("", "瞻岐镇", "", "330212100"),
        ("330206", "", "", "330206"),
        ("", "330206001000", "", "330206001"),
        ("余姚市", "", "", "330281"),
        ("北仑区", "下应街道", "", "330206"),
        ("杭州市上城区", "", "", ""),
        ("", "", "宁波市北仑区小港街道某路 8 号", "330206002"),
        ("", "", "某某小港路 8 号", ""),
        ("宁波市", "", "", ""),
    ],
)
def test_places_are_found_by_code_or_name(county: str, town: str, place: str, code: str) -> None:
    assert PLACES.code_of(county, town, place) == code


def test_a_good_row_becomes_an_intake_with_the_sources_deadline(at: datetime) -> None:
    row = read(
        at,
        phone="138 0000 0417",
        name="王女士",
        county="北仑区",
        due_at="2025-10-17",
        secret="是",
        hotline_kind="特别复杂",
        employer="不详",
    )
    assert row.problems == ()
    assert row.intake is not None
    said = row.intake
    assert (said.person_phone, said.person_name, said.region_code) == ("13800000417", "王女士", "330206")
    assert said.source_due_at == datetime(2025, 10, 18, tzinfo=SHANGHAI)  # the end of the 17th
    assert (said.anonymous_to_employer, said.hotline_kind, said.employer) == (True, "very_complex", "")


def test_what_forbids_a_row_names_its_column(at: datetime) -> None:
    later = read(at, received_at="2025-12-01", text="  ")
    assert [title for title, _ in later.problems] == ["诉求内容", "受理时间"]
    assert "将来" in later.problems[1][1]
    assert read(at, received_at="昨天").problems[0][0] == "受理时间"
    assert read(at, received_at="2009-01-01").problems[0][0] == "受理时间"
    assert read(at, number="9" * 65).problems[0][0] == "工单编号"


def test_what_is_only_odd_is_remarked_and_taken(at: datetime) -> None:
    row = read(at, number="", county="杭州市", phone="不详", due_at="5 个工作日", received_at="")
    assert row.intake is not None
    assert row.intake.external_id.startswith("内容-")
    assert row.intake.received_at is None
    assert len(row.remarks) == 5
    again = read(at, number="", county="杭州市", phone="不详", due_at="5 个工作日", received_at="")
    assert again.intake is not None
    assert again.intake.external_id == row.intake.external_id
    assert read(at, county="宁波市").remarks == ()


def test_marks_kinds_and_channels_are_read() -> None:
    assert [is_yes(word) for word in ("是", "保密", "√", "要求保密", "否", "不保密", "公开", "")] == [True] * 4 + [
        False
    ] * 4
    assert [hotline_kind_of(word) for word in ("一般类", "难点", "特别复杂", "")] == [
        "ordinary",
        "difficult",
        "very_complex",
        "",
    ]
    assert [channel_of(source) for source in ("12345", "市12351热线", "区治理平台", "某局")] == [
        "hotline_12345",
        "hotline_12351",
        "governance",
        "import",
    ]


def test_no_name_of_a_column_means_two_columns() -> None:
    names = [plain_name(name) for column in COLUMNS for name in (column.title, *column.synonyms)]
    assert len(names) == len(set(names))
    assert plain_name("诉求内容 *") in {plain_name(name) for name in known_names(COLUMNS)}


def test_a_real_export_is_mapped_without_help() -> None:
    header = [
        "序号",
        "工单编号",
        "来电时间",
        "来电人姓名",
        "来电号码",
        "工单类型",
        "标题",
        "问题描述",
        "县（市、区）",
        "办结时限",
    ]
    mapping = guessed_mapping(header, COLUMNS, {})
    assert mapping["text"] == "问题描述"
    assert mapping["due_at"] == "办结时限"
    assert mapping["phone"] == "来电号码"
    assert set(mapping) == {"number", "received_at", "name", "phone", "kind", "title", "text", "due_at", "county"}
