"""Load a file of rows: try it, run it in slices, pause it, take it back.

What a row means is the business of the kind: each registers its `Work`. The engine knows files, columns, progress and
the list of what became of every row. Rows are dealt with in chunks, each in a transaction of its own that moves
`done_count` on, so that an interrupted load goes on where it stood and no row is dealt with twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from gongqing.audit import events, writing
from gongqing.audit.actor import Actor
from gongqing.lib import crypto
from gongqing.lib.columns import check_mapping, distinct_titles, guessed_mapping
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.sheets import read_sheets
from gongqing.registry.actions.load_lines import EMPTY, added, line_of, moved
from gongqing.registry.actions.load_sheets import (
    content_of,
    drop_file,
    filled_rows,
    forget_reading,
    header_of_load,
    load_rows,
    sheets_of,
    table_in,
    table_of,
)
from gongqing.registry.actions.load_work import (
    Asking,
    Chunked,
    Foreseeing,
    Linking,
    Option,
    Outcome,
    Restoring,
    Row,
    Work,
    kinds_for,
    register_work,
    work_of,
)
from gongqing.registry.models import ColumnMapping, Load, LoadRow, LoadState, RowState, sealed_files
from gongqing.registry.models.loads import FILE

__all__ = [
    "CHUNK",
    "Asking",
    "Chunked",
    "Linking",
    "Option",
    "Outcome",
    "Restoring",
    "Row",
    "Work",
    "advance_load",
    "begin_load",
    "choose_columns",
    "choose_table",
    "content_of",
    "discard_load",
    "fail_load",
    "filled_rows",
    "forget_old_loads",
    "forget_reading",
    "kinds_for",
    "last_step_of",
    "load_rows",
    "pause_load",
    "preview_load",
    "register_work",
    "restore_row",
    "sheets_of",
    "start_load",
    "table_of",
    "undo_load",
    "work_of",
]

CHUNK = 20
DRY_CHUNK = 200
AHEAD_FROM = 1_000  # rows of a load of which some are foreseen
NOT_STARTED_WITHIN = timedelta(days=14)
CAN_START = (LoadState.CHECKED, LoadState.PAUSED, LoadState.FAILED)
CAN_UNDO = (LoadState.DONE, LoadState.PAUSED, LoadState.FAILED)
MADE = (RowState.RECEIVED, RowState.WAITING, RowState.RESTORED, RowState.ADDED, RowState.CHANGED)


@transaction.atomic
def begin_load(
    *,
    kind: str,
    source: str,
    file_name: str,
    content: bytes,
    by: Actor,
    at: datetime,
    options: dict[str, Any] | None = None,
) -> Load:
    """Read a file and keep it sealed until it is loaded; nothing else changes. Columns are mapped as well as known.

    Raises:
        NotPermitted: this kind is not this actor's. BadInput: on `file`, `source`, `header` or an option.
    """
    work = work_of(kind)
    work.check_can_load(by)
    source = source.strip()
    if not source or len(source) > 32:
        raise BadInput("source", "请填写来源，不超过 32 个字。")
    kept = work.check_options(options or {})
    sheets = read_sheets(file_name, content)
    sheet, header = table_in(sheets, work.columns)
    names = distinct_titles(sheet.rows[header])
    remembered = ColumnMapping.objects.filter(kind=kind, source=source).first()
    load = Load.objects.create(
        kind=kind,
        source=source,
        file_name=file_name[-200:],
        file_digest=crypto.digest(content),
        file_key=sealed_files.keep_sealed(content, FILE),
        sheet_name=sheet.name[:64],
        header_row=header + 1,
        mapping=guessed_mapping(names, work.columns, remembered.mapping if remembered else {}),
        options=kept,
        row_count=len(filled_rows(sheet.rows, header)),
        counts=dict(EMPTY),
        by_user_id=by.user_id,
        by_name=by.name,
        organisation_id=by.organisation_id,
        path=by.path,
        made_at=at,
    )
    events.record("load.begun", subject=load, by=by, at=at, kind_of=kind, source=source, rows=load.row_count)
    return load


@transaction.atomic
def choose_table(*, load_id: int, sheet_name: str, header_row: int, by: Actor, at: datetime) -> Load:
    """Say on which sheet the rows stand and in which line the header; the columns are guessed anew.

    Raises:
        NotAllowed: it has begun. BadInput: on `sheet_name` or `header_row`.
    """
    load = _locked(load_id, by)
    work = work_of(load.kind)
    if load.state != LoadState.CHECKED:
        raise NotAllowed("已经开始导入，不能再换表；可以撤销后重新导入。")
    load.sheet_name, load.header_row = sheet_name, header_row
    header = header_of_load(load)
    remembered = ColumnMapping.objects.filter(kind=load.kind, source=load.source).first()
    load.mapping = guessed_mapping(header, work.columns, remembered.mapping if remembered else {})
    load.row_count = len(filled_rows(table_of(load), load.header_row - 1))
    load.done_count, load.counts, load.options = 0, dict(EMPTY), {**load.options, "dry_run": False}
    load.rows.all().delete()
    load.save()
    return load


@transaction.atomic
def choose_columns(
    *,
    load_id: int,
    mapping: dict[str, str],
    by: Actor,
    at: datetime,
    sheet_name: str = "",
    header_row: int | None = None,
) -> Load:
    """Say which column holds what, on which sheet, under which header; remembered for the source.

    Raises:
        NotAllowed: it has begun. BadInput, BadInputs: sheet, header or mapping.
    """
    load = _locked(load_id, by)
    work = work_of(load.kind)
    if load.state != LoadState.CHECKED:
        raise NotAllowed("已经开始导入，列对应不能再改；可以撤销后重新导入。")
    if (sheet_name and sheet_name != load.sheet_name) or (header_row and header_row != load.header_row):
        load.sheet_name, load.header_row = sheet_name or load.sheet_name, header_row or load.header_row
    header = header_of_load(load)
    chosen = {name: title for name, title in mapping.items() if title}
    check_mapping(chosen, header, work.columns)
    load.mapping, load.row_count = chosen, len(filled_rows(table_of(load), load.header_row - 1))
    load.done_count, load.counts, load.options = 0, dict(EMPTY), {**load.options, "dry_run": False}
    load.rows.all().delete()
    load.save()
    ColumnMapping.objects.update_or_create(
        kind=load.kind,
        source=load.source,
        defaults={"mapping": {column.name: chosen.get(column.name, "") for column in work.columns}, "changed_at": at},
    )
    return load


def preview_load(load: Load, *, by: Actor, at: datetime, most: int = 100) -> list[tuple[Row, Outcome]]:
    """What would become of the first rows.

    Raises:
        BadInputs: the columns do not suffice.
    """
    rows = load_rows(load)[:most]
    return list(zip(rows, work_of(load.kind).tried(rows, load, by=by, at=at), strict=True))


@transaction.atomic
def start_load(*, load_id: int, by: Actor, at: datetime, dry_run: bool = False, in_hand: bool = False) -> Load:
    """Start, or go on after a pause or a break; a dry run looks at every row and changes nothing.

    A job deals with the rows, unless the caller has them in hand.

    Raises:
        NotPermitted, NotAllowed: it runs already, or is over. BadInput, BadInputs: no row at all, or the columns do
            not suffice.
    """
    load = _locked(load_id, by)
    if load.state not in CAN_START:
        raise NotAllowed(f"这次导入“{load.get_state_display()}”，不能再开始。")
    if load.options.get("undoing"):
        raise NotAllowed("这次导入的撤销没有做完，请继续撤销。")
    was_dry = bool(load.options.get("dry_run"))
    if dry_run and not was_dry and load.state != LoadState.CHECKED:
        raise NotAllowed("已经开始导入，不能再试导；可以继续，或者撤销。")
    load_rows(load)
    if not load.row_count:
        raise BadInput("header", f"第 {load.header_row} 行表头下面没有数据，请核对是哪张表、表头在第几行。")
    forget_reading(load)  # the job reads it again in its own process
    if load.state == LoadState.CHECKED or was_dry != dry_run:
        load.rows.all().delete()
        load.done_count, load.counts, load.started_at = 0, dict(EMPTY), at
    run = {"since": at.isoformat(), "from": load.done_count}
    load.options = {**load.options, "dry_run": dry_run, "run": run}
    load.state, load.fault, load.finished_at = LoadState.RUNNING, "", None
    load.save()
    events.record("load.started", subject=load, by=by, at=at, dry_run=dry_run, in_hand=in_hand)
    return load


def advance_load(*, load_id: int, by: Actor, at: datetime) -> Load:
    """Deal with one more chunk of a running load, in a transaction of its own; anything else is left alone."""
    load = _advanced(load_id, by=by, at=at)
    if load.state != LoadState.RUNNING:
        _rest(load)
    return load


def _advanced(load_id: int, *, by: Actor, at: datetime) -> Load:
    with transaction.atomic():
        load = Load.objects.select_for_update().get(pk=load_id)
        if load.state == LoadState.UNDOING:
            return _take_back_chunk(load, by=by, at=at)
        if load.state != LoadState.RUNNING:
            return load
        work, is_dry = work_of(load.kind), bool(load.options.get("dry_run"))
        size = DRY_CHUNK if is_dry else _chunk_of(work)
        every, until = load_rows(load), load.done_count + size
        rows = every[load.done_count : until]
        if isinstance(work, Foreseeing) and load.row_count >= AHEAD_FROM:
            work.foresee(every[until : until + (size // 2 if is_dry else size)], load, at=at)
        outcomes = work.tried(rows, load, by=by, at=at) if is_dry else work.kept(rows, load, by=by, at=at)
        kept = [line_of(load, row, outcome, at) for row, outcome in zip(rows, outcomes, strict=True)]
        writing.insert_all({LoadRow: list(kept)})
        load.counts = added(load.counts, [outcome.state for outcome in outcomes])
        load.done_count += len(rows)
        if load.done_count >= load.row_count:
            _finish(load, is_dry=is_dry, by=by, at=at)
        load.save()
        return load


@transaction.atomic
def pause_load(*, load_id: int, by: Actor, at: datetime) -> Load:
    """Stop after the chunk that runs; what has been taken stays."""
    load = _locked(load_id, by)
    if load.state != LoadState.RUNNING:
        raise NotAllowed(f"这次导入“{load.get_state_display()}”，不能暂停。")
    load.state = LoadState.PAUSED
    load.save(update_fields=["state"])
    events.record("load.paused", subject=load, by=by, at=at, done=load.done_count)
    return load


@transaction.atomic
def fail_load(*, load_id: int, fault: str, by: Actor, at: datetime) -> Load:
    """Note that a run broke; it can be continued from where it stood."""
    load = Load.objects.select_for_update().get(pk=load_id)
    if load.state in (LoadState.RUNNING, LoadState.UNDOING):
        load.state, load.fault = LoadState.FAILED, fault[:300]
        load.save(update_fields=["state", "fault"])
        events.record("load.failed", subject=load, by=by, at=at, note=fault[:300], done=load.done_count)
    _rest(load)
    return load


@transaction.atomic
def undo_load(*, load_id: int, by: Actor, at: datetime, reason: str, in_hand: bool = False) -> Load:
    """Take a whole load back, last row first; what somebody has worked on since is kept and named.

    Raises:
        NotPermitted, NotAllowed: it runs, was a dry run, or is taken back already. BadInput: no reason.
    """
    load = _locked(load_id, by)
    if load.state not in CAN_UNDO or _was_only_tried(load):
        raise NotAllowed(f"这次导入“{load.get_state_display()}”，不能撤销。")
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写明为什么撤销这次导入。")
    load.state, load.fault = LoadState.UNDOING, ""
    load.options = {**load.options, "undoing": True, "undo_reason": reason.strip()}
    load.save(update_fields=["state", "fault", "options"])
    events.record("load.undo_started", subject=load, by=by, at=at, note=reason, in_hand=in_hand)
    return load


@transaction.atomic
def restore_row(*, load_id: int, number: int, by: Actor, at: datetime) -> LoadRow:
    """Take in a row that was screened out: it was a matter of ours after all.

    Raises:
        NotFound: no such row. NotAllowed: it was not screened out, or the load was a dry run or is taken back.
        BadInput, NotPermitted: as the kind's own action says.
    """
    load = _locked(load_id, by)
    work = work_of(load.kind)
    row = load.rows.select_for_update().filter(number=number).first()
    if row is None or not isinstance(work, Restoring):
        raise NotFound("没有这一行。")
    if row.state != RowState.SCREENED_OUT:
        raise NotAllowed(f"第 {number} 行“{row.get_state_display()}”，不用恢复。")
    if load.options.get("dry_run") or load.state in (LoadState.UNDOING, LoadState.UNDONE):
        raise NotAllowed("试导的行和已撤销的导入不能恢复，请先正式导入。")
    outcome = work.restored(row, content_of(row), load, by=by, at=at)
    row.state, row.note = outcome.state, outcome.note[:200]
    row.subject_kind, row.subject_id, row.at = outcome.subject_kind, outcome.subject_id, at
    row.before, row.content_sealed = outcome.before, None
    row.save()
    load.counts = moved(load.counts, RowState.SCREENED_OUT, RowState(row.state))
    load.save(update_fields=["counts"])
    events.record("load.row_restored", subject=load, by=by, at=at, number=number)
    return row


@transaction.atomic
def discard_load(*, load_id: int, by: Actor, at: datetime) -> None:
    """Throw a load away that has changed nothing, with its file.

    Raises:
        NotAllowed: it has begun.
    """
    load = _locked(load_id, by)
    if load.state != LoadState.CHECKED and not (load.state == LoadState.PAUSED and _was_only_tried(load)):
        raise NotAllowed(f"这次导入“{load.get_state_display()}”，不能丢弃；已经导入的可以撤销。")
    drop_file(load)
    events.record("load.discarded", subject=load, by=by, at=at, note=load.file_name)
    load.rows.all().delete()
    load.delete()


@transaction.atomic
def forget_old_loads(*, at: datetime) -> int:
    """Drop the files of loads that nobody went on with for two weeks; what has been taken in stays."""
    waiting = (LoadState.CHECKED, LoadState.PAUSED, LoadState.FAILED)
    old = Load.objects.select_for_update().filter(state__in=waiting, made_at__lt=at - NOT_STARTED_WITHIN)
    dropped = list(old.exclude(file_key=""))
    for load in dropped:
        drop_file(load)
        load.state, load.fault = LoadState.FAILED, "两周没有继续，原文件已清除；要导入请重新上传。"
        load.save(update_fields=["file_key", "state", "fault"])
    return len(dropped)


def last_step_of(load: Load) -> datetime:
    """When the load last moved on: its newest row, else its start."""
    newest = load.rows.order_by("-id").values_list("at", flat=True).first()
    return max(moment for moment in (newest, load.started_at, load.made_at) if moment)


def _locked(load_id: int, by: Actor) -> Load:
    load = Load.objects.visible_to(by).select_for_update().filter(pk=load_id).first()
    if load is None:
        raise NotFound("没有这次导入。")
    work_of(load.kind).check_can_load(by)
    return load


def _was_only_tried(load: Load) -> bool:
    return bool(load.options.get("dry_run"))


def _finish(load: Load, *, is_dry: bool, by: Actor, at: datetime) -> None:
    load.finished_at = at
    if is_dry:
        load.state = LoadState.CHECKED
        events.record("load.tried", subject=load, by=by, at=at, counts=load.counts)
        return
    load.state = LoadState.DONE
    drop_file(load)
    events.record("load.done", subject=load, by=by, at=at, counts=load.counts)


def _rest(load: Load) -> None:
    """No chunk follows for now."""
    work = work_of(load.kind)
    if isinstance(work, Foreseeing):
        work.rest()


def _chunk_of(work: Work) -> int:
    return work.chunk if isinstance(work, Chunked) else CHUNK


def _take_back_chunk(load: Load, *, by: Actor, at: datetime) -> Load:
    work = work_of(load.kind)
    rows = list(load.rows.select_for_update().filter(state__in=MADE).order_by("-id")[: _chunk_of(work)])
    for row in rows:
        before = RowState(row.state)
        state, why = work.taken_back(row, load, by=by, at=at)
        row.state, row.note = state, why[:200] or row.note
        row.save(update_fields=["state", "note"])
        load.counts = moved(load.counts, before, state)
    if not rows:
        load.state, load.undone_at = LoadState.UNDONE, at
        drop_file(load)
        events.record("load.undone", subject=load, by=by, at=at, counts=load.counts)
    load.save()
    return load
