"""Requests that no honest program sends, and values that no day, number or place has, at the API and on the pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from gongqing.appeals.models import Appeal
from gongqing.appeals.tests import sheets
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.tests.calls import BASE, body, created, fields_of, post
from gongqing.registry.actions import loads
from gongqing.registry.models import LoadRow, LoadState, RowState
from tests.cast import Cast

Browser = Callable[[str], Client]


def count() -> int:
    with scope.acting_as(SYSTEM):
        return Appeal.objects.count()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"received_at": "0000-01-01T00:00:00"}, "received_at"),
        ({"received_at": "2025-02-30"}, "received_at"),
        ({"received_at": "2025-10-13T25:61:00"}, "received_at"),
        ({"received_at": "2025-10-13T14:20:00+25:00"}, "received_at"),
        ({"received_at": "２０２５-10-13"}, "received_at"),
        ({"received_at": -1}, "received_at"),
        ({"source_due_at": "2025-02-30T08:00:00"}, "source_due_at"),
        ({"region_code": "330299"}, "region_code"),
        ({"region_code": "-330206"}, "region_code"),
        ({"region_code": "330206001' OR 1=1"}, "region_code"),
        ({"person": {"name": "周", "phone": "-1380000"}}, "person.phone"),
        ({"person": {"name": "周", "phone": "1" * 200}}, "person.phone"),
        ({"person": {"name": ["周"], "phone": ""}}, "person.name"),
        ({"person": {"phone": {"$gt": ""}}}, "person.phone"),
        ({"text": [["厂里没发工资"]]}, "text"),
        ({"text": {"text": "厂里没发工资"}}, "text"),
        ({"employer": "厂" * 501}, "employer"),
        ({"hotline_kind": "easy"}, "hotline_kind"),
        ({"external_id": "x" * 65}, "external_id"),
        ({"title": "题" * 30_000}, "title"),
    ],
)
def test_a_value_that_cannot_be_is_named(cast: Cast, api_of: Browser, change: dict[str, Any], field: str) -> None:
    answer = post(api_of("hotline"), BASE, {**body(), **change})
    if answer.status_code == 201:  # what is only too long for its place is cut, never lost
        assert field == "title"
        assert len(answer.json()["title"]) <= 200
        return
    assert fields_of(answer) == [field]
    assert count() == 0


@pytest.mark.django_db
def test_the_same_name_twice_in_an_object_is_refused(cast: Cast, api_of: Browser) -> None:
    written = json.dumps(body(), ensure_ascii=False)
    twice = written[:-1] + ', "text": "另一段话，两个月没发工资"}'
    assert fields_of(post(api_of("hotline"), BASE, twice)) == ["text"]
    inner = written.replace('"name":', '"phone": "13800000009", "name":')
    assert fields_of(post(api_of("hotline"), BASE, inner)) == ["phone"]
    assert count() == 0


@pytest.mark.django_db
def test_what_nobody_asked_for_changes_nothing(cast: Cast, api_of: Browser) -> None:
    extra = {"id": 1, "status": "archived", "code": "GQ1", "handler": 3, "grade": "red", "__proto__": {"a": 1}}
    made = created(api_of("hotline"), **extra)
    assert made["status"] != "archived"
    assert made["code"].startswith("GQ3302")
    assert made["text"] == body()["text"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent",
    [
        '{"text": ' + "[" * 50_000 + "]" * 50_000 + "}",
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        '{"text": "\\ud83d"}',
        '{"text": 1e999999}',
        '{"text": ' + "9" * 10_000 + "}",
        b'{"text": "\xff\xfe"}',
        b"\xef\xbb\xbf{}",
        '{"text": "x"}{"text": "y"}',
    ],
    ids=[
        "deep list",
        "deep object",
        "half a sign",
        "endless",
        "long number",
        "no utf-8",
        "a mark before",
        "two bodies",
    ],
)
def test_bodies_that_break_readers(cast: Cast, api_of: Browser, sent: str | bytes) -> None:
    answer = post(api_of("hotline"), BASE, sent)
    assert answer.status_code == 422, answer.content.decode()[:300]
    assert all(error["message"] for error in answer.json()["errors"])
    assert count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "cursor=" + "A" * 5000,
        "cursor=____",
        "page_size=-1",
        "page_size=1e9",
        "page_size=9" + "9" * 40,
        "region=%00",
        "status=%F0%9F",
        "grade=green%27--",
        "category=" + "x" * 3000,
    ],
)
def test_a_list_that_cannot_be_is_refused_in_words(cast: Cast, api_of: Browser, query: str) -> None:
    assert len(fields_of(api_of("town").get(f"{BASE}?{query}"))) == 1


FORM = {"channel": "walk_in", "text": "厂里三个月没发工资了", "region_code": "330206001", "name": "周小满"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": ""}, "请填职工怎么说。"),
        ({"text": " \u3000\n"}, "请填职工怎么说。"),
        ({"text": "长" * 20_001}, "20"),
        ({"region_code": "999999999"}, "有效"),
        ({"region_code": "330206001' OR '1'='1"}, "有效"),
        ({"phone": "-1380000000"}, "手机号"),
        ({"phone": "13800000031\u202e"}, ""),
        ({"received_at": "2025-02-30T08:00"}, "日期"),
        ({"received_at": "0000-01-01T00:00"}, "日期"),
        ({"received_at": "2999-01-01T00:00"}, "将来"),
        ({"channel": "pigeon"}, "有效"),
    ],
)
def test_the_desk_names_what_is_wrong_and_keeps_the_rest(
    cast: Cast, browser_of: Browser, change: dict[str, str], said: str
) -> None:
    given = {"external_id": "d-1", "employer": "小满五金加工（虚构）厂", "phone": "13800000031", **FORM, **change}
    answer = browser_of("town").post("/desk/new", given)
    page = answer.content.decode()
    if not said:
        assert answer.status_code in (201, 422)
        return
    assert answer.status_code == 422
    assert 'value="小满五金加工（虚构）厂"' in page
    assert said in page
    assert count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/desk/?view=all&page=9" + "9" * 30, "/desk/?view=done&cursor=x", "/desk/?view=%00"])
@pytest.mark.parametrize("more", ["", "&q=%00", "&region=%27"])
def test_addresses_written_by_hand(cast: Cast, browser_of: Browser, path: str, more: str) -> None:
    answer = browser_of("city").get(path + more)
    assert answer.status_code in (200, 422)
    assert "Traceback" not in answer.content.decode()


@pytest.mark.django_db
def test_a_thousand_rows_with_thirty_seven_faults(cast: Cast, at: datetime) -> None:
    rows, by = sheets.lines(1000, at=at, bad=37, labour=0.02), cast.hotline.actor
    content = sheets.csv(rows, encoding="gbk")
    with scope.acting_as(by):
        load = loads.begin_load(
            kind="appeals", source="12345", file_name="工单.csv", content=content, by=by, at=at, options={}
        )
        loads.start_load(load_id=load.pk, by=by, at=at)
        while load.state in (LoadState.CHECKED, LoadState.RUNNING):
            load = loads.advance_load(load_id=load.pk, by=by, at=at)
    assert (load.state, load.done_count, load.counts["rejected"]) == (LoadState.DONE, 1000, 37)
    wrong = {n for n, row in enumerate(rows, 2) if row[1] in (sheets.BAD_DATES, sheets.LATER) or not row[7]}
    with scope.acting_as(SYSTEM):
        rejected = LoadRow.objects.filter(load=load, state=RowState.REJECTED)
        assert set(rejected.values_list("number", flat=True)) == wrong
        assert all(one.problems[0]["column"] and one.problems[0]["why"] for one in rejected)
