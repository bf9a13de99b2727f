"""Does every row of a hotline's sheet become what it should, once, and can the whole be taken back?"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from gongqing.appeals import actions as appeals
from gongqing.appeals.actions import sheet_ahead, sheet_loads
from gongqing.appeals.actions.sheet_loads import AppealLoad
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import Status
from gongqing.appeals.tests import sheets
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.models import Clock
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotPermitted
from gongqing.registry.actions import loads
from gongqing.registry.models import Load, LoadRow, LoadState, RowState
from tests.cast import Cast

WAGES, NOISE, UNCLEAR = sheets.LABOUR[0], sheets.OTHER[0], sheets.UNCLEAR[0]
RISK = "开发商延期交房，房产证一直办不下来，我实在不想活了，就要从楼上跳下去。"


def row(number: str, text: str, **cells: str) -> list[str]:
    given = {"工单编号": number, "来电时间": "2025-10-13 09:00", "诉求内容": text.format(who="我"), **cells}
    return [given.get(title, "") for title in sheets.HEADER]


def loaded(
    rows: list[list[str]] | bytes, *, by: Actor, at: datetime, source: str = "12345", dry: bool = False, **options: str
) -> Load:
    content = rows if isinstance(rows, bytes) else sheets.csv(rows)
    with scope.acting_as(by):
        load = loads.begin_load(
            kind="appeals", source=source, file_name="工单.csv", content=content, options=options, by=by, at=at
        )
        loads.start_load(load_id=load.pk, by=by, at=at, dry_run=dry)
    return run(load, by=by, at=at)


def run(load: Load, *, by: Actor, at: datetime) -> Load:
    while True:
        with scope.acting_as(by):
            load = loads.advance_load(load_id=load.pk, by=by, at=at)
        if load.state not in (LoadState.RUNNING, LoadState.UNDOING):
            return load


def undone(load: Load, *, by: Actor, at: datetime) -> Load:
    with scope.acting_as(by):
        loads.undo_load(load_id=load.pk, by=by, at=at, reason="选错了文件")
    return run(load, by=by, at=at)


def rows_of(load: Load) -> dict[int, LoadRow]:
    with scope.acting_as(SYSTEM):
        return {one.number: one for one in load.rows.all()}


def counts(load: Load) -> dict[str, int]:
    return {name: number for name, number in load.counts.items() if number}


def test_rows_are_received_wait_or_are_screened_out(cast: Cast, at: datetime) -> None:
    rows = [
        row("A1", WAGES, 所属区县="北仑区", 所属街道="新碶", 联系电话="138 0000 1234", 办理期限="2025-10-20"),
        row("A2", NOISE),
        row("A3", UNCLEAR),
        row("A4", RISK),
        row("A5", ""),
    ]
    load = loaded(rows, by=cast.hotline.actor, at=at)
    assert counts(load) == {"received": 2, "screened_out": 1, "waiting": 1, "rejected": 1}
    seen = rows_of(load)
    with scope.acting_as(SYSTEM):
        appeal = Appeal.objects.get(pk=seen[2].subject_id)
        assert (appeal.status, appeal.channel, appeal.region_id) == (Status.DISPATCHED, "hotline_12345", "330206001")
        assert appeal.source_due_at == datetime.fromisoformat("2025-10-21T00:00:00+08:00")
        assert Appeal.objects.filter(source="12345").count() == 3
        assert Appeal.objects.get(external_id="A4").needs_call_back
    screened = seen[3]
    assert screened.subject_id is None
    assert "非劳动事项" in screened.note
    assert screened.content_sealed is not None
    assert NOISE[:6].encode() not in bytes(screened.content_sealed)
    assert seen[6].problems == [{"column": "诉求内容", "why": "是空的，没有内容不能登记"}]


def test_a_dry_run_foretells_and_writes_no_appeal(cast: Cast, at: datetime) -> None:
    rows = [row("A1", WAGES), row("A2", NOISE), row("A3", UNCLEAR), row("A3", UNCLEAR), row("A3", WAGES)]
    load = loaded(rows, by=cast.county.actor, at=at, dry=True)
    assert load.state == LoadState.CHECKED
    expected = {"received": 1, "screened_out": 1, "waiting": 1, "repeated": 1, "rejected": 1}
    assert counts(load) == expected
    with scope.acting_as(SYSTEM):
        assert not Appeal.objects.filter(source="12345").exists()
    with scope.acting_as(cast.county.actor):
        loads.start_load(load_id=load.pk, by=cast.county.actor, at=at)
    assert counts(run(load, by=cast.county.actor, at=at)) == expected


def test_the_preview_shows_the_place_that_will_be_recognised(cast: Cast, at: datetime) -> None:
    rows = [row("A1", f"新碶街道{WAGES}"), row("A2", WAGES), row("A3", WAGES, 所属区县="北仑区", 所属街道="小港")]
    by = cast.hotline.actor
    with scope.acting_as(by):
        load = loads.begin_load(
            kind="appeals", source="12345", file_name="工单.csv", content=sheets.csv(rows), options={}, by=by, at=at
        )
        told = [outcome.shown["登记到"] for _, outcome in loads.preview_load(load, by=by, at=at)]
    assert told == ["北仑区 新碶街道（从“新碶街道”识别）", "市级", "北仑区小港街道"]


def test_the_same_file_again_changes_nothing(cast: Cast, at: datetime) -> None:
    rows = [row("A1", WAGES), row("A2", NOISE), row("", WAGES)]
    loaded(rows, by=cast.hotline.actor, at=at)
    again = loaded(rows, by=cast.hotline.actor, at=at + timedelta(hours=1))
    assert counts(again) == {"repeated": 3}
    with scope.acting_as(SYSTEM):
        assert Appeal.objects.filter(source="12345").count() == 2
    differing = loaded([row("A1", UNCLEAR)], by=cast.hotline.actor, at=at + timedelta(hours=2))
    assert "内容与已登记的不同" in rows_of(differing)[2].note


def test_a_number_twice_in_a_file(cast: Cast, at: datetime) -> None:
    rows = [row("A1", WAGES), row("A1", WAGES), row("A1", NOISE)]
    seen = rows_of(loaded(rows, by=cast.hotline.actor, at=at))
    assert [seen[number].state for number in (2, 3, 4)] == ["received", "repeated", "rejected"]
    assert seen[3].note == "与第 2 行完全相同"
    assert seen[4].problems == [{"column": "工单编号", "why": "编号“A1”与第 2 行相同，内容却不同，请核对"}]


def test_who_is_wrong_in_one_row_spoils_no_other(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from gongqing.appeals.actions import sheet_loads

    real = sheet_loads.receive_appeal

    def breaks(intake: Any, **given: Any) -> Any:
        received = real(intake, **given)
        if intake.external_id == "A2":
            raise ZeroDivisionError
        return received

    monkeypatch.setattr(sheet_loads, "receive_appeal", breaks)
    load = loaded([row("A1", WAGES), row("A2", WAGES), row("A3", WAGES)], by=cast.hotline.actor, at=at)
    assert counts(load) == {"received": 2, "rejected": 1}
    assert rows_of(load)[3].problems == [{"column": "整行", "why": "系统没有处理成功，请联系管理员"}]
    assert "row 3 could not be received" in caplog.text
    with scope.acting_as(SYSTEM):
        assert not Appeal.objects.filter(external_id="A2").exists()


def test_screening_follows_the_source_and_can_be_switched(cast: Cast, at: datetime) -> None:
    def became(source: str, **options: str) -> dict[str, int]:
        return counts(loaded([row("A1", NOISE)], source=source, by=cast.hotline.actor, at=at, **options))

    assert became("12351").keys() <= {"received", "waiting"}
    assert became("某平台") == {"screened_out": 1}
    assert became("别的平台", screening="off").keys() <= {"received", "waiting"}
    assert became("12351-二", screening="on") == {"screened_out": 1}
    with pytest.raises(BadInput):
        became("12345", channel="smoke")


def test_a_screened_row_is_restored_once(cast: Cast, at: datetime) -> None:
    by = cast.hotline.actor
    load = loaded([row("A1", NOISE)], by=by, at=at)
    with scope.acting_as(by):
        restored = loads.restore_row(load_id=load.pk, number=2, by=by, at=at)
        assert restored.state == RowState.RESTORED
        assert restored.content_sealed is None
        assert Appeal.objects.get(pk=restored.subject_id).external_id == "A1"
        with pytest.raises(NotAllowed):
            loads.restore_row(load_id=load.pk, number=2, by=by, at=at)
        load.refresh_from_db()
    assert counts(load) == {"restored": 1}


def test_an_undo_keeps_what_somebody_has_worked_on(cast: Cast, at: datetime) -> None:
    by = cast.hotline.actor
    load = loaded([row("A1", WAGES, 所属区县="北仑区", 所属街道="新碶街道"), row("A2", WAGES)], by=by, at=at)
    later = at + timedelta(minutes=10)
    touched = rows_of(load)[2].subject_id
    with scope.acting_as(SYSTEM):
        appeal = Appeal.objects.select_related("handler").get(pk=touched)
    with scope.acting_as(cast.city.actor):
        dispatch.sign_order(appeal_id=appeal.pk, by=cast.city.actor, at=later)
    load = undone(load, by=by, at=later)
    assert (load.state, counts(load)) == (LoadState.UNDONE, {"undone": 1, "kept": 1})
    assert rows_of(load)[2].note == f"{appeal.code} 已经有人办理，保留"
    with scope.acting_as(SYSTEM):
        gone = Appeal.objects.get(pk=rows_of(load)[3].subject_id)
        assert (gone.status, gone.external_id) == (Status.INVALID, f"A2~撤销{load.pk}")
        assert not Clock.objects.filter(appeal=gone, ended_at__isnull=True).exists()
        assert Appeal.objects.get(pk=touched).status == Status.SIGNED
    again = loaded([row("A1", WAGES, 所属区县="北仑区", 所属街道="新碶街道"), row("A2", WAGES)], by=by, at=later)
    assert counts(again) == {"repeated": 1, "received": 1}


def test_a_word_of_the_worker_is_a_touch(cast: Cast, at: datetime) -> None:
    by = cast.hotline.actor
    load = loaded([row("A1", WAGES, 联系电话=cast.worker.phone)], by=by, at=at)
    with scope.acting_as(cast.worker.actor):
        appeals.add_material(
            appeal_id=rows_of(load)[2].subject_id or 0,
            text="还有加班费",
            by=cast.worker.actor,
            at=at + timedelta(hours=1),
        )
    assert counts(undone(load, by=by, at=at + timedelta(hours=2))) == {"kept": 1}


def test_an_interrupted_load_goes_on_and_doubles_nothing(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AppealLoad, "chunk", 20)
    by = cast.hotline.actor
    rows = [row(f"A{number}", WAGES) for number in range(25)]
    with scope.acting_as(by):
        load = loads.begin_load(
            kind="appeals", source="12345", file_name="工单.csv", content=sheets.csv(rows), by=by, at=at
        )
        loads.start_load(load_id=load.pk, by=by, at=at)
        loads.advance_load(load_id=load.pk, by=by, at=at)
        loads.pause_load(load_id=load.pk, by=by, at=at)
        assert loads.advance_load(load_id=load.pk, by=by, at=at).done_count == 20
        loads.start_load(load_id=load.pk, by=by, at=at)
    load = run(load, by=by, at=at)
    assert counts(load) == {"received": 25}
    with scope.acting_as(SYSTEM):
        assert Appeal.objects.filter(source="12345").count() == loads.CHUNK + 5


@pytest.mark.parametrize("who", ["grassroots", "town", "auditor", "admin", "worker"])
def test_others_load_no_appeals(cast: Cast, at: datetime, who: str) -> None:
    by = cast.players()[who].actor
    with scope.acting_as(by), pytest.raises(NotPermitted):
        loads.begin_load(kind="appeals", source="12345", file_name="a.csv", content=b"x", by=by, at=at)


def test_a_land_line_is_kept_and_finds_nobody(cast: Cast, at: datetime) -> None:
    rows = [row(f"A{number}", WAGES, 来电人=name, 联系电话="0574-88990011") for number, name in enumerate(("甲", "乙"))]
    load = loaded(rows, by=cast.hotline.actor, at=at)
    with scope.acting_as(SYSTEM):
        people = [Appeal.objects.get(pk=one.subject_id).person for one in rows_of(load).values()]
        assert [person.reveal("phone") for person in people if person] == ["057488990011"] * 2
        assert len({person.pk for person in people if person}) == 2


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"PK\x03\x04broken", "file"),
        (b"", "file"),
        (b"\xff\xfe\x00\x01", "file"),
        ("甲\r\n1".encode(), "header"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused(cast: Cast, at: datetime, content: bytes, field: str) -> None:
    by = cast.hotline.actor
    name = "a.csv" if field == "header" else "a.xlsx"
    with scope.acting_as(by), pytest.raises(BadInput) as refused:
        loads.begin_load(kind="appeals", source="12345", file_name=name, content=content, by=by, at=at)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "content",
    [
        sheets.csv([row("A1", WAGES)], encoding="gb18030"),
        sheets.csv([row("A1", WAGES)], encoding="utf-8-sig"),
        sheets.workbook([row("A1", WAGES)], above=("12345 工单导出", "导出时间 2025-10-13")),
    ],
    ids=["gbk", "bom", "header in row 3"],
)
def test_a_sheet_is_read_however_it_was_saved(cast: Cast, at: datetime, content: bytes) -> None:
    assert counts(loaded(content, by=cast.hotline.actor, at=at)) == {"received": 1}


def test_thirty_seven_faults_are_named_and_no_more(cast: Cast, at: datetime) -> None:
    rows = sheets.lines(400, at=at, bad=37, labour=0.1)
    load = loaded(sheets.workbook(rows), by=cast.hotline.actor, at=at)
    wrong = {
        number for number, cells in enumerate(rows, 2) if cells[1] in (sheets.BAD_DATES, sheets.LATER) or not cells[7]
    }
    seen = rows_of(load)
    rejected = {number for number, one in seen.items() if one.state == RowState.REJECTED}
    assert (load.counts["rejected"], rejected) == (37, wrong)
    assert len(seen) == 400
    for number in rejected:
        ((fault,)) = seen[number].problems
        assert fault["column"] in ("来电时间", "受理时间", "诉求内容")
        assert fault["why"]
        assert loads.content_of(seen[number])["number"] == rows[number - 2][0]


def test_the_worker_of_an_old_row_is_not_told_anew(cast: Cast, at: datetime) -> None:
    rows = [
        row("A1", WAGES, 来电时间="2025-10-01 09:00", 联系电话="13800001111"),
        row("A2", WAGES, 来电时间="2025-10-12 09:00", 联系电话="13800002222"),
    ]
    seen = rows_of(loaded(rows, by=cast.hotline.actor, at=at))
    with scope.acting_as(SYSTEM):
        told = [
            dispatch.announce_handler(appeal_id=one.subject_id or 0, by=SYSTEM, at=at)
            for _, one in sorted(seen.items())
        ]
    assert told == [False, True]


def test_the_sources_own_deadline_stands_on_the_case_page(
    cast: Cast, at: datetime, browser_of: Callable[[str], Client]
) -> None:
    load = loaded([row("A1", WAGES, 办理期限="2025-10-14")], by=cast.hotline.actor, at=at)
    with scope.acting_as(SYSTEM):
        code = Appeal.objects.get(pk=rows_of(load)[2].subject_id).code
    page = browser_of("hotline").get(f"/desk/appeals/{code}").content.decode()
    assert "来源要求" in page
    assert "比平台期限早" in page


def test_rows_of_one_chunk_know_of_each_other(cast: Cast, at: datetime) -> None:
    """One person twice is one person; eleven workers of one employer are counted together, though none is saved yet."""
    employer = "宁波一同来的电子有限公司"
    rows = [row(f"G{number}", WAGES, 被诉单位=employer, 联系电话=f"138000013{number:02d}") for number in range(11)]
    rows.append(row("G-again", WAGES, 被诉单位=employer, 联系电话="13800001300"))
    load = loaded(rows, by=cast.city.actor, at=at)
    assert counts(load) == {"received": 12}
    with scope.acting_as(SYSTEM):
        appeals = list(Appeal.objects.filter(source="12345", external_id__startswith="G").order_by("id"))
        assert [appeal.external_id for appeal in appeals] == [f"G{number}" for number in range(11)] + ["G-again"]
        assert appeals[0].person_id == appeals[-1].person_id
        assert len({appeal.code for appeal in appeals}) == 12
        assert appeals[0].grade == "yellow"
        assert appeals[10].grade == "orange"
        assert all(appeal.clocks.filter(ended_at__isnull=True).count() >= 3 for appeal in appeals)


def test_a_chunk_with_a_row_at_fault_keeps_the_others(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def received(intake, **given):
        if intake.external_id == "F2":
            raise RuntimeError("an invented fault")
        return receive(intake, **given)

    receive = sheet_loads.receive_appeal
    monkeypatch.setattr(sheet_loads, "receive_appeal", received)
    load = loaded([row(f"F{number}", WAGES) for number in range(4)], by=cast.city.actor, at=at)
    assert counts(load) == {"received": 3, "rejected": 1}
    with scope.acting_as(SYSTEM):
        kept = Appeal.objects.filter(source="12345", external_id__startswith="F").order_by("external_id")
        assert [appeal.external_id for appeal in kept] == ["F0", "F1", "F3"]


def test_a_sheet_with_strange_names_is_mapped_by_hand(cast: Cast, at: datetime) -> None:
    by = cast.hotline.actor
    content = f"甲,乙,丙\r\nA1,{WAGES},x".encode()
    with scope.acting_as(by):
        load = loads.begin_load(kind="appeals", source="12345", file_name="a.csv", content=content, by=by, at=at)
        assert (load.header_row, load.mapping, load.row_count) == (1, {}, 1)
        with pytest.raises(BadInputs):
            loads.start_load(load_id=load.pk, by=by, at=at)
        load = loads.choose_columns(load_id=load.pk, mapping={"text": "乙"}, by=by, at=at)
    assert load.mapping["text"] == "乙"


def test_two_columns_of_one_name_are_told_apart_and_either_may_be_chosen(cast: Cast, at: datetime) -> None:
    by = cast.hotline.actor
    content = f"工单编号,诉求内容,诉求内容\r\nA1,见附件,{WAGES}".encode()
    with scope.acting_as(by):
        load = loads.begin_load(kind="appeals", source="12345", file_name="a.csv", content=content, by=by, at=at)
        assert load.mapping["text"] == "诉求内容"
        chosen = {**load.mapping, "text": "诉求内容（第 3 列）"}
        load = loads.choose_columns(load_id=load.pk, mapping=chosen, by=by, at=at)
        tried = loads.preview_load(load, by=by, at=at, most=5)
        assert tried[0][0].cells["text"] == WAGES
        again = loads.begin_load(
            kind="appeals", source="12345", file_name="b.csv", content=content + b"\r\n", by=by, at=at
        )
        assert again.mapping["text"] == "诉求内容（第 3 列）"


@pytest.mark.parametrize("is_killed", [False, True])
def test_rows_read_by_another_process_become_the_same(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    rows = sheets.lines(60, at=at, seed=5, bad=4)
    alone = loaded(rows, by=cast.hotline.actor, at=at, source="独读")
    monkeypatch.setattr(loads, "AHEAD_FROM", 1)
    monkeypatch.setattr(AppealLoad, "chunk", 20)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    seen, real = set(), AppealLoad.kept

    def kept(self: AppealLoad, *given: Any, **named: Any) -> Any:
        if is_killed and (process := sheet_ahead.reading_process()) is not None:
            os.kill(process, signal.SIGKILL)
        found = real(self, *given, **named)
        seen.add(sheet_ahead.reading_process())
        return found

    monkeypatch.setattr(AppealLoad, "kept", kept)
    beside = loaded(rows, by=cast.hotline.actor, at=at, source="同读")
    assert seen - {None}
    assert sheet_ahead.reading_process() is None  # it ended with the load
    assert beside.counts == alone.counts
    told = [
        sorted((number, one.state, str(one.problems), one.note) for number, one in rows_of(each).items())
        for each in (alone, beside)
    ]
    assert told[0] == told[1]
    with scope.acting_as(SYSTEM):
        read = [
            list(
                Appeal.objects.filter(source=source)
                .order_by("external_id")
                .values_list("external_id", "category__code", "category_confidence", "category_words", "worker_count")
            )
            for source in ("独读", "同读")
        ]
    assert read[0]
    assert read[0] == read[1]
