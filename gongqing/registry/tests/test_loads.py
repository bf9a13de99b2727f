"""Does the engine of loads keep, skip, pause, go on and take back rows as it says?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.lib.columns import Column
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed
from gongqing.registry.actions import load_work, loads
from gongqing.registry.actions.loads import Outcome, Row
from gongqing.registry.models import ColumnMapping, Load, LoadRow, LoadState, RowState


class Numbers:
    """A kind of load that keeps the numbers of its sheet in a list."""

    columns = (Column("number", "编号", ("单号",), is_required=True), Column("text", "内容", ("诉求内容",)))

    def __init__(self) -> None:
        self.kept_numbers: list[str] = []

    def check_can_load(self, by: Actor) -> None: ...

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        return options

    def tried(self, rows: Sequence[Row], load: Load, *, by: Actor, at: datetime) -> list[Outcome]:
        return [self._read(row) for row in rows]

    def kept(self, rows: Sequence[Row], load: Load, *, by: Actor, at: datetime) -> list[Outcome]:
        outcomes = self.tried(rows, load, by=by, at=at)
        self.kept_numbers += [one.external_id for one in outcomes if one.state == RowState.ADDED]
        return outcomes

    def taken_back(self, row: LoadRow, load: Load, *, by: Actor, at: datetime) -> tuple[RowState, str]:
        self.kept_numbers.remove(row.external_id)
        return RowState.UNDONE, ""

    def _read(self, row: Row) -> Outcome:
        number = row.cells["number"]
        if not number.isdigit():
            return Outcome(RowState.REJECTED, problems=(("编号", "不是数字"),), content=row.cells)
        return Outcome(RowState.ADDED, external_id=number)


@pytest.fixture
def numbers(system: Actor) -> Iterator[Numbers]:
    work = Numbers()
    before = load_work._works.get("organisations")
    loads.register_work("organisations", work)
    yield work
    if before is not None:
        loads.register_work("organisations", before)


def sheet(count: int = 45, bad: tuple[int, ...] = (3,)) -> bytes:
    lines = ["某市台账,", ",", "单号,诉求内容"]
    lines += [f"{'坏' if number in bad else ''}{number},话{number}" for number in range(count)]
    return "\r\n".join(lines).encode("gb18030")


def begun(at: datetime, content: bytes | None = None) -> Load:
    return loads.begin_load(
        kind="organisations", source="某市", file_name="台账.csv", content=content or sheet(), by=SYSTEM, at=at
    )


def run(load: Load, at: datetime, chunks: int = 100) -> Load:
    for _ in range(chunks):
        load = loads.advance_load(load_id=load.pk, by=SYSTEM, at=at)
        if load.state not in (LoadState.RUNNING, LoadState.UNDOING):
            break
    return load


def test_a_load_keeps_the_good_rows_and_names_the_bad_one(numbers: Numbers, at: datetime) -> None:
    load = begun(at)
    assert (load.header_row, load.row_count, load.mapping) == (3, 45, {"number": "单号", "text": "诉求内容"})
    loads.start_load(load_id=load.pk, by=SYSTEM, at=at)
    load = run(load, at)
    assert load.state == LoadState.DONE
    assert (load.counts["added"], load.counts["rejected"]) == (44, 1)
    assert len(numbers.kept_numbers) == 44
    (bad,) = load.rows.filter(state=RowState.REJECTED)
    assert (bad.number, bad.problems) == (7, [{"column": "编号", "why": "不是数字"}])
    assert loads.content_of(bad) == {"number": "坏3", "text": "话3"}
    with pytest.raises(NotAllowed):
        loads.sheets_of(load)  # the file with its personal data is gone


def test_a_dry_run_keeps_nothing_and_the_run_follows(numbers: Numbers, at: datetime) -> None:
    load = begun(at)
    loads.start_load(load_id=load.pk, by=SYSTEM, at=at, dry_run=True)
    load = run(load, at)
    assert (load.state, load.counts["added"], numbers.kept_numbers) == (LoadState.CHECKED, 44, [])
    loads.start_load(load_id=load.pk, by=SYSTEM, at=at)
    load = run(load, at)
    assert (load.state, load.counts["added"], len(numbers.kept_numbers)) == (LoadState.DONE, 44, 44)


def test_a_pause_holds_and_a_break_goes_on_where_it_stood(numbers: Numbers, at: datetime) -> None:
    load = begun(at)
    loads.start_load(load_id=load.pk, by=SYSTEM, at=at)
    run(load, at, chunks=1)
    loads.pause_load(load_id=load.pk, by=SYSTEM, at=at)
    assert run(load, at).done_count == loads.CHUNK
    loads.start_load(load_id=load.pk, by=SYSTEM, at=at)
    loads.fail_load(load_id=load.pk, fault="断电", by=SYSTEM, at=at)
    loads.start_load(load_id=load.pk, by=SYSTEM, at=at)
    assert run(load, at).state == LoadState.DONE
    assert sorted(map(int, numbers.kept_numbers)) == [number for number in range(45) if number != 3]


def test_a_load_is_taken_back_whole(numbers: Numbers, at: datetime) -> None:
    load = begun(at)
    loads.start_load(load_id=load.pk, by=SYSTEM, at=at)
    run(load, at)
    with pytest.raises(BadInput):
        loads.undo_load(load_id=load.pk, by=SYSTEM, at=at, reason="")
    loads.undo_load(load_id=load.pk, by=SYSTEM, at=at, reason="选错了文件")
    load = run(load, at)
    assert (load.state, load.counts["undone"], load.counts["added"]) == (LoadState.UNDONE, 44, 0)
    assert numbers.kept_numbers == []


def test_columns_are_chosen_and_remembered_for_the_source(numbers: Numbers, at: datetime) -> None:
    with pytest.raises(BadInput):
        begun(at, "甲\r\n1".encode())
    load = begun(at, "编号,别的,内容\r\n1,2,3".encode())
    with pytest.raises(BadInputs) as refused:
        loads.choose_columns(load_id=load.pk, mapping={"number": "没有的列"}, by=SYSTEM, at=at)
    assert [each.field for each in refused.value.errors] == ["number"]
    loads.choose_columns(load_id=load.pk, mapping={"number": "别的", "text": "内容"}, by=SYSTEM, at=at)
    assert ColumnMapping.objects.get(source="某市").mapping == {"number": "别的", "text": "内容"}
    again = begun(at, "编号,别的,内容\r\n7,8,9".encode())
    assert again.mapping == {"number": "别的", "text": "内容"}


def test_others_do_not_see_a_load(numbers: Numbers, at: datetime) -> None:
    load = begun(at)
    stranger = Actor(role=SYSTEM.role.__class__("grassroots_officer"), name="外人", user_id=77, paths=("/9/",))
    with scope.acting_as(stranger):
        assert not Load.objects.filter(pk=load.pk).exists()
        assert not Load.objects.visible_to(stranger).filter(pk=load.pk).exists()
