"""Do the pages of loads show what would become of a file, run it, and keep it from others?"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from gongqing.accounts import jobs
from gongqing.appeals.models import Appeal
from gongqing.appeals.tests import sheets
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog
from gongqing.lib import times
from gongqing.registry.actions import loads
from gongqing.registry.models import Load, LoadState
from tests.cast import Cast

Browser = Callable[[str], Client]
WAGES, NOISE = sheets.LABOUR[0].format(who="王女士"), sheets.OTHER[0].format(who="李先生")


def table(*texts: str) -> bytes:
    day = f"{times.now() - timedelta(days=1):%Y-%m-%d}"
    rows = [[f"N{n}", day, "王小明", "13800001234", "", "", "", text, "", ""] for n, text in enumerate(texts)]
    return sheets.csv(rows)


def sent(client: Client, content: bytes, name: str = "工单.csv", **fields: str) -> Any:
    file = SimpleUploadedFile(name, content)
    given = {"file": file, "source": "12345", "channel": "", "screening": "", **fields}
    return client.post("/desk/loads/new?kind=appeals", given)


def only_load() -> Load:
    with scope.acting_as(SYSTEM):
        return Load.objects.get()


def test_a_file_is_sent_tried_loaded_and_undone(cast: Cast, browser_of: Browser, run_jobs: Callable[[], int]) -> None:
    seat = browser_of("hotline")
    answer = sent(seat, table(WAGES, NOISE, ""))
    load = only_load()
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/loads/{load.pk}")
    page = seat.get(answer["Location"]).content.decode()
    assert "是空的，没有内容不能登记" in page
    assert "非劳动事项" in page
    assert "13800001234" not in page
    assert "王小明" not in page
    assert "138****1234" in page
    url = f"/desk/loads/{load.pk}"
    seat.post(f"{url}/start", {"dry_run": "1"})
    run_jobs()
    assert "试导结果：没有写入任何数据" in seat.get(url).content.decode()
    with scope.acting_as(SYSTEM):
        assert not Appeal.objects.filter(source="12345").exists()
    seat.post(f"{url}/start")
    run_jobs()
    assert only_load().state == LoadState.DONE
    done = seat.get(f"{url}?state=received").content.decode()
    with scope.acting_as(SYSTEM):
        code = Appeal.objects.get(source="12345").code
    assert f"/desk/appeals/{code}" in done
    assert seat.post(f"{url}/undo", {"reason": ""}).status_code == 422
    assert seat.get(f"{url}?after=²").status_code == 200
    seat.post(f"{url}/undo", {"reason": "选错了\x00文件"})
    run_jobs()
    assert only_load().state == LoadState.UNDONE
    with scope.acting_as(SYSTEM):
        assert Appeal.objects.get(code=code).status == "invalid"


def test_rejects_are_handed_out_and_the_look_is_written_down(
    cast: Cast, browser_of: Browser, run_jobs: Callable[[], int]
) -> None:
    seat = browser_of("hotline")
    sent(seat, table("", WAGES))
    url = f"/desk/loads/{only_load().pk}"
    seat.post(f"{url}/start")
    run_jobs()
    text = seat.get(f"{url}/rejects.csv").content.decode()
    assert text.splitlines()[0].startswith("行号,列,原因,工单编号")
    assert text.splitlines()[1].startswith("2,诉求内容,是空的")
    book = CalamineWorkbook.from_filelike(io.BytesIO(seat.get(f"{url}/rejects.xlsx").content))
    assert book.get_sheet_by_index(0).to_python()[1][:2] == ["2", "诉求内容"]
    with scope.acting_as(SYSTEM):
        assert AccessLog.objects.filter(kind="load.rejects_taken", user_id=cast.hotline.user_id).count() == 2


def test_columns_and_header_are_chosen_by_hand(cast: Cast, browser_of: Browser) -> None:
    county = browser_of("county")
    sent(county, "甲,乙,诉求内容,受理时间\r\n内容,说法,x,y\r\n1,厂里欠薪两个月,3,2025-01-01".encode())
    url = f"/desk/loads/{only_load().pk}"
    refused = county.post(f"{url}/columns", {"column-text": "甲", "column-title": "甲"})
    assert refused.status_code == 422
    assert "已经对应" in refused.content.decode()
    for written in ("九", "²", "", "-1", "0", "99"):
        sheet = {"sheet_name": only_load().sheet_name, "header_row": written}
        assert county.post(f"{url}/table", sheet).status_code == 422, written
    county.post(f"{url}/table", {"sheet_name": only_load().sheet_name, "header_row": "2"})
    assert (only_load().header_row, only_load().mapping, only_load().row_count) == (2, {"text": "内容"}, 1)
    county.post(f"{url}/columns", {"column-text": "说法"})
    assert only_load().mapping == {"text": "说法"}
    assert "厂里欠薪两个月" in county.get(url).content.decode()


def test_a_header_without_rows_is_not_started(cast: Cast, browser_of: Browser) -> None:
    seat = browser_of("hotline")
    page = seat.get(sent(seat, table())["Location"]).content.decode()
    assert "表头下面没有数据" in page
    assert "开始导入" not in page
    refused = seat.post(f"/desk/loads/{only_load().pk}/start")
    assert refused.status_code == 422
    assert "第 1 行表头下面没有数据" in refused.content.decode()
    assert only_load().state == LoadState.CHECKED


def test_a_screened_row_is_restored_by_its_button(cast: Cast, browser_of: Browser, run_jobs: Callable[[], int]) -> None:
    seat = browser_of("hotline")
    sent(seat, table(NOISE))
    url = f"/desk/loads/{only_load().pk}"
    seat.post(f"{url}/start")
    run_jobs()
    assert "恢复登记" in seat.get(f"{url}?state=screened_out").content.decode()
    seat.post(f"{url}/rows/2/restore")
    assert only_load().counts["restored"] == 1
    assert seat.post(f"{url}/rows/2/restore").status_code == 409
    assert seat.post(f"{url}/rows/99/restore").status_code == 404


def test_a_load_is_nobody_elses(cast: Cast, browser_of: Browser) -> None:
    sent(browser_of("hotline"), table(WAGES))
    url = f"/desk/loads/{only_load().pk}"
    assert browser_of("county").get(url).status_code == 404
    assert browser_of("county").post(f"{url}/start").status_code == 404
    assert "工单.csv" not in browser_of("county").get("/desk/loads").content.decode()
    assert browser_of("city").get(url).status_code == 200
    for who in ("town", "grassroots", "auditor", "zone"):
        assert browser_of(who).get("/desk/loads").status_code == 403
    assert browser_of("admin").get(url).status_code == 404
    assert browser_of("worker").get("/desk/loads").status_code == 403


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"PK\x03\x04", "打不开"),
        ("a.csv", "甲\r\n1".encode(), "表头"),
        ("a.csv", b"\x00\x01a", "不是表格文件"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_form(
    cast: Cast, browser_of: Browser, name: str, content: bytes, words: str
) -> None:
    answer = sent(browser_of("hotline"), content, name=name, source="某平台")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert 'value="某平台"' in page


def test_the_pattern_sheet_is_read_back_without_help(cast: Cast, browser_of: Browser) -> None:
    seat = browser_of("hotline")
    pattern = seat.get("/desk/loads/pattern/appeals")
    assert pattern.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(pattern.content))
    header = book.get_sheet_by_index(0).to_python()[0]
    assert "诉求内容*" in header
    assert seat.get("/desk/loads/pattern/organisations").status_code == 403


def test_a_running_load_is_watched_and_its_end_calls_for_the_page(
    cast: Cast, browser_of: Browser, run_jobs: Callable[[], int]
) -> None:
    seat = browser_of("hotline")
    sent(seat, table(WAGES))
    url = f"/desk/loads/{only_load().pk}"
    seat.post(f"{url}/start")
    moving = seat.get(f"{url}/progress")
    assert 'hx-trigger="every 2s"' in moving.content.decode()
    assert "HX-Refresh" not in moving
    assert seat.post(f"{url}/discard").status_code == 409
    run_jobs()
    assert seat.get(f"{url}/progress")["HX-Refresh"] == "true"


def test_an_unbegun_load_is_thrown_away(cast: Cast, browser_of: Browser) -> None:
    seat = browser_of("hotline")
    sent(seat, table(WAGES))
    assert seat.post(f"/desk/loads/{only_load().pk}/discard").status_code == 302
    with scope.acting_as(SYSTEM):
        assert not Load.objects.exists()


def test_whoever_has_left_loads_no_further(cast: Cast, browser_of: Browser, run_jobs: Callable[[], int]) -> None:
    from gongqing.accounts import actions as accounts

    sent(browser_of("hotline"), table(WAGES))
    browser_of("hotline").post(f"/desk/loads/{only_load().pk}/start")
    assert cast.hotline.posting_id is not None
    with scope.acting_as(SYSTEM):
        accounts.end_posting(
            posting_id=cast.hotline.posting_id, until=times.now().date(), reason="调离", by=SYSTEM, at=times.now()
        )
    run_jobs()
    load = only_load()
    assert (load.state, load.done_count) == (LoadState.FAILED, 0)
    assert "已不在原岗位" in load.fault


def test_a_slice_ends_in_time_and_the_rest_is_queued(
    cast: Cast, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loads, "CHUNK", 1)
    monkeypatch.setattr(jobs, "SLICE", 0.0)
    queued: list[int] = []
    sent(browser_of("hotline"), table(WAGES, WAGES))
    browser_of("hotline").post(f"/desk/loads/{only_load().pk}/start")
    monkeypatch.setattr(jobs, "queue_slice", queued.append)
    jobs.run_load(only_load().pk)
    assert queued == [only_load().pk]


def test_a_load_without_a_job_is_revived(
    cast: Cast, browser_of: Browser, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    from procrastinate.contrib.django import app

    sent(browser_of("hotline"), table(WAGES))
    load = only_load()
    with scope.acting_as(SYSTEM):
        loads.start_load(load_id=load.pk, in_hand=True, by=SYSTEM, at=times.now() - timedelta(minutes=5))
        Load.objects.update(made_at=times.now() - timedelta(minutes=6))
    assert run_jobs() == 0
    app.tasks["accounts.revive_loads"].func(timestamp=0)
    app.tasks["accounts.revive_loads"].func(timestamp=0)  # once queued, not again
    run_jobs()
    assert only_load().state == LoadState.DONE
