"""Load the sheets of hotlines.

Every row is received, waits for a person, is screened out as no labour matter, or is rejected with column and reason.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.transaction import TransactionManagementError

from gongqing.appeals import queries
from gongqing.appeals.actions.closing import invalidate_appeal
from gongqing.appeals.actions.intake import content_digest, foresee_appeals, receive_appeal
from gongqing.appeals.actions.sheet_ahead import comes_next, read_ahead, said_in, said_of, stop_reading
from gongqing.appeals.models import Appeal, Channel
from gongqing.appeals.queries.places import PlaceSeen, gazetteer, place_seen
from gongqing.appeals.queries.reader import adjustment_in_force
from gongqing.appeals.rules.grading import Circumstances, Grade, grading_of
from gongqing.appeals.rules.intake import Intake
from gongqing.appeals.rules.needs import kind_of
from gongqing.appeals.rules.screening import screened_out_by
from gongqing.appeals.rules.sheet_columns import COLUMNS, FIELD_COLUMNS, TITLES
from gongqing.appeals.rules.sheet_rows import SheetRow, read_row, words_of_row
from gongqing.appeals.rules.sheet_values import channel_of
from gongqing.appeals.rules.statuses import Status
from gongqing.appeals.rules.suspicion import suspicion_in
from gongqing.audit import events, scope, writing
from gongqing.audit import queries as audit
from gongqing.audit.actor import Actor, Role
from gongqing.audit.standing import standing_rules
from gongqing.language.beside import Answer, Said
from gongqing.language.classify import TRIAGE_BELOW, Reading
from gongqing.language.facts import Facts, mask_personal
from gongqing.lib import masks
from gongqing.lib.columns import Column
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry
from gongqing.registry.actions.load_work import Option, Outcome, Row
from gongqing.registry.models import Load, LoadRow, LoadState, RowState

LOADERS = frozenset({Role.HOTLINE_SEAT, Role.COUNTY_SUPERVISOR, Role.CITY_SUPERVISOR, Role.SYSTEM})
UNTOUCHED = frozenset({Status.TRIAGE, Status.CLASSIFIED, Status.DISPATCHED})
UNSURE = "OT06"
BROKEN = "系统没有处理成功，请联系管理员"
WHOLE_ROW = "整行"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Read:
    """A row with what the machine makes of it; `outcome` is set when it goes no further."""

    row: Row
    said: SheetRow
    digest: str = ""
    reading: Reading | None = None
    facts: Facts | None = None
    outcome: Outcome | None = None
    place: str = ""


class AppealLoad:
    """Sheets of 12345, 12351 and others, one appeal a row."""

    columns: Sequence[Column] = COLUMNS
    sources: Sequence[str] = ("12345", "12351")
    chunk = 200
    options: Sequence[Option] = (
        Option(
            "channel",
            "渠道",
            (
                ("", "按来源：12345、12351 各归各的，其余算文件导入"),
                *((each.value, str(each.label)) for each in (Channel.HOTLINE_12345, Channel.HOTLINE_12351)),
                *((each.value, str(each.label)) for each in (Channel.GOVERNANCE, Channel.IMPORT)),
            ),
        ),
        Option(
            "screening",
            "非劳动事项",
            (
                ("", "筛出来另放（可以恢复）；12351 的不筛"),
                ("on", "都筛"),
                ("off", "都不筛，全部登记"),
            ),
            hint="只筛系统很有把握与劳动无关的；拿不准的照样登记，等人分类。",
        ),
    )

    def check_can_load(self, by: Actor) -> None:
        """Hotline seats and the supervisors of county and city.

        Raises:
            NotPermitted.
        """
        if by.role not in LOADERS:
            raise NotPermitted("热线表格由热线坐席、区县和市级派单督办岗位导入。")

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Channel and screening, each empty for what goes with the source.

        Raises:
            BadInput: on `channel` or `screening`.
        """
        kept = {one.name: str(options.get(one.name, "")) for one in self.options}
        for one in self.options:
            if kept[one.name] not in dict(one.choices):
                raise BadInput(one.name, f"“{one.title}”没有这个选项。")
        return kept

    def tried(self, rows: Sequence[Row], load: Load, *, by: Actor, at: datetime) -> list[Outcome]:
        """What would become of the rows."""
        foreseen = _Foreseeing(at)
        with scope.elevated():
            return [foreseen.outcome_of(read) for read in _read_all(rows, load, at=at)]

    def kept(self, rows: Sequence[Row], load: Load, *, by: Actor, at: datetime) -> list[Outcome]:
        """Receive the rows, all in one journey; when one of them is at fault, each in a savepoint of its own."""
        with scope.elevated(), standing_rules():
            reads = _read_all(rows, load, at=at)
            try:
                return _kept_together(reads, by=by, at=at)
            except (OperationalError, InterfaceError):
                raise  # the database is gone, not a row wrong
            except Exception:
                with events.gathered():
                    return [read.outcome or _received(read, by=by, at=at) for read in reads]

    def foresee(self, rows: Sequence[Row], load: Load, *, at: datetime) -> None:
        """Let a process beside this one read the words of rows that come next."""
        comes_next([said_of(*words_of_row(row.cells)) for row in rows])

    def rest(self) -> None:
        """End the process beside this one."""
        stop_reading()

    def taken_back(self, row: LoadRow, load: Load, *, by: Actor, at: datetime) -> tuple[RowState, str]:
        """Make the appeal invalid and its number free, unless somebody has worked on it."""
        appeal = Appeal.objects.filter(pk=row.subject_id or 0).first()
        if appeal is None:
            return RowState.KEPT, "诉求不在您能看的范围内"
        if appeal.status not in UNTOUCHED or appeal.joined.exists() or _was_touched(appeal, since=row.at):
            return RowState.KEPT, f"{appeal.code} 已经有人办理，保留"
        reason = f"撤销导入：{load.options.get('undo_reason', '')}".rstrip("：")
        invalidate_appeal(appeal_id=appeal.pk, reason=reason, by=by, at=at)
        _free_number(appeal, load, by=by, at=at)
        return RowState.UNDONE, f"{appeal.code} 已作废"

    def restored(self, row: LoadRow, cells: dict[str, str], load: Load, *, by: Actor, at: datetime) -> Outcome:
        """Receive a row that was screened out."""
        said = read_row(cells, source=load.source, channel=_channel(load), gazetteer=gazetteer(), at=at)
        if said.intake is None:
            raise BadInput("row", "；".join(f"{title}：{why}" for title, why in said.problems))
        appeal = receive_appeal(said.intake, by=by, at=at, seeks_place=said.seeks_place).appeal
        return Outcome(
            RowState.RESTORED,
            external_id=row.external_id,
            subject_kind="appeal",
            subject_id=appeal.pk,
            note="由人恢复登记",
            before=row.before,
        )

    def links_of(self, rows: Iterable[LoadRow]) -> Mapping[int, tuple[str, str]]:
        """The appeals that the viewer sees."""
        wanted = {row.pk: row.subject_id for row in rows if row.subject_kind == "appeal" and row.subject_id}
        codes = Appeal.objects.filter(pk__in=set(wanted.values())).values_list("pk", "code")
        pages = {number: (f"/desk/appeals/{code}", code) for number, code in codes}
        return {row: pages[subject] for row, subject in wanted.items() if subject in pages}


class _Foreseeing:
    """Says what would become of a row, by the rules of today; what other appeals add to a grade is not foreseen."""

    def __init__(self, at: datetime) -> None:
        on = day_of(at)
        self.categories = {category.code: category for category in queries.categories(on)}
        self.rules = queries.grade_rules(on)

    def outcome_of(self, read: Read) -> Outcome:
        shown = _shown(read)
        if read.said.intake and read.said.seeks_place and (seen := _seen_in(read.said.intake)):
            shown["登记到"] = f"{seen.name}（从“{seen.words}”识别）"
        if read.reading is None or read.facts is None or read.outcome is not None:
            return replace(read.outcome or Outcome(RowState.REJECTED), shown=shown)
        category = self.categories.get(read.reading.code)
        grading = grading_of(
            read.facts,
            category_grade=Grade(category.grade) if category else Grade.GREEN,
            circumstances=Circumstances(
                category=read.reading.code,
                labour_related=read.reading.labour_related,
                is_need=kind_of(read.reading.code) == "need",
                aggregated_workers=read.facts.workers or 0,
            ),
            rules=self.rules,
        )
        is_sure = read.reading.confidence >= TRIAGE_BELOW and read.reading.code != UNSURE
        is_urgent = grading.needs_call_back or grading.grade == Grade.RED
        is_suspected = suspicion_in(read.facts, grade=grading.grade, needs_call_back=grading.needs_call_back)
        shown |= {"分类": f"{category or '—'} {read.reading.confidence:.0%}", "等级": grading.grade.title_zh}
        return Outcome(
            RowState.RECEIVED if is_urgent or (is_sure and not is_suspected) else RowState.WAITING,
            external_id=read.said.intake.external_id if read.said.intake else "",
            note="；".join(read.said.remarks),
            before={"digest": read.digest},
            shown=shown,
        )


def _seen_in(intake: Intake) -> PlaceSeen | None:
    """Where the row will be registered though its sheet says no place, as the intake will see it."""
    return place_seen(intake.text, employer=registry.employer_named(intake.employer) if intake.employer else None)


def _read_all(rows: Sequence[Row], load: Load, *, at: datetime) -> list[Read]:
    """Every row read, with an outcome for those that are wrong, known already, or no labour matter."""
    here, channel = gazetteer(), _channel(load)
    screens = load.options.get("screening") == "on" or (
        load.options.get("screening") != "off" and channel != Channel.HOTLINE_12351
    )
    said = [read_row(row.cells, source=load.source, channel=channel, gazetteer=here, at=at) for row in rows]
    known = _Known(load, [one.intake.external_id for one in said if one.intake])
    learnt = adjustment_in_force()
    reads = [_looked_up(row, one, known) for row, one in zip(rows, said, strict=True)]
    answers = read_ahead([said_in(read.said.intake) for read in reads if not read.outcome and read.said.intake], learnt)
    reads = [_understood(read, answers, screens=screens) for read in reads]
    places = [here.words_of(one.intake.region_code) if one.intake else "" for one in said]
    return [replace(read, place=place) for read, place in zip(reads, places, strict=True)]


def _looked_up(row: Row, said: SheetRow, known: _Known) -> Read:
    """A row with what is known of it before its words are read."""
    if said.intake is None:
        return Read(row, said, outcome=Outcome(RowState.REJECTED, problems=said.problems, content=row.cells))
    digest = content_digest(said.intake)
    return Read(row, said, digest, outcome=known.outcome_of(row, said.intake, digest))


def _understood(read: Read, answers: Mapping[Said, Answer], *, screens: bool) -> Read:
    """A row with what its words say."""
    intake = read.said.intake
    if read.outcome is not None or intake is None:
        return read
    reading, facts = answers[said_in(intake)]
    why = screened_out_by(reading, facts, f"{intake.title} {intake.text}") if screens else ""
    if why:
        outcome = Outcome(
            RowState.SCREENED_OUT,
            external_id=intake.external_id,
            note=why,
            content=read.row.cells,
            before={"digest": read.digest},
        )
        return replace(read, reading=reading, facts=facts, outcome=outcome)
    return replace(read, reading=reading, facts=facts)


class _Known:
    """Which numbers of a chunk have been here: in this very file, as appeals, or screened out by an earlier load."""

    def __init__(self, load: Load, numbers: Sequence[str]) -> None:
        taken = load.rows.filter(external_id__in=numbers).exclude(state=RowState.REJECTED)
        self.here: dict[str, tuple[int, str]] = {
            row.external_id: (row.number, (row.before or {}).get("digest", "")) for row in taken.order_by("-number")
        }
        found = Appeal.objects.filter(source=load.source, external_id__in=numbers)
        self.appeals = {appeal.external_id: appeal for appeal in found}
        earlier = LoadRow.objects.filter(
            source=load.source, external_id__in=numbers, state=RowState.SCREENED_OUT
        ).exclude(load=load)
        standing = earlier.exclude(load__state__in=[LoadState.UNDOING, LoadState.UNDONE])
        self.screened = {
            row.external_id: row for row in standing.exclude(load__options__dry_run=True).select_related("load")
        }

    def outcome_of(self, row: Row, intake: Intake, digest: str) -> Outcome | None:
        """REPEATED, or REJECTED for another content under a number of this file; None for a new number."""
        number = intake.external_id
        if number in self.here:
            return self._of_this_file(row, number, digest)
        self.here[number] = (row.number, digest)
        if appeal := self.appeals.get(number):
            differs = "" if appeal.content_digest == digest else "；内容与已登记的不同，没有采用"
            return Outcome(
                RowState.REPEATED,
                external_id=number,
                subject_kind="appeal",
                subject_id=appeal.pk,
                note=f"以前登记过，编号 {appeal.code}{differs}",
                before={"digest": digest},
            )
        if screened := self.screened.get(number):
            note = f"{screened.load.file_name[:60]} 第 {screened.number} 行已判为非劳动事项，要恢复请到那一次导入"
            return Outcome(RowState.REPEATED, external_id=number, note=note, before={"digest": digest})
        return None

    def _of_this_file(self, row: Row, number: str, digest: str) -> Outcome:
        first, first_digest = self.here[number]
        if first_digest == digest:
            return Outcome(
                RowState.REPEATED, external_id=number, note=f"与第 {first} 行完全相同", before={"digest": digest}
            )
        problem = (TITLES["number"], f"编号“{number}”与第 {first} 行相同，内容却不同，请核对")
        return Outcome(RowState.REJECTED, external_id=number, problems=(problem,), content=row.cells)


def _kept_together(reads: Sequence[Read], *, by: Actor, at: datetime) -> list[Outcome]:
    """The outcomes of rows of which none is at fault.

    Raises:
        IntegrityError, GongqingError: one is, or somebody entered the same meanwhile; nothing is kept.
    """
    intakes = [read.said.intake for read in reads if read.outcome is None and read.said.intake]
    if not intakes:
        return [read.outcome for read in reads if read.outcome]
    with transaction.atomic(), writing.together("appeals.received"), events.written_together(), scope.bare():
        foresee_appeals(intakes, at=at)
        return [read.outcome or _outcome_of(read, _appeal_of(read, by=by, at=at)) for read in reads]


def _appeal_of(read: Read, *, by: Actor, at: datetime) -> Appeal:
    if read.said.intake is None:
        raise ValueError(f"row {read.row.number} has no appeal")
    return receive_appeal(
        read.said.intake,
        by=by,
        at=at,
        reading=read.reading,
        facts=read.facts,
        seeks_place=read.said.seeks_place,
        digest=read.digest,
    ).appeal


def _received(read: Read, *, by: Actor, at: datetime) -> Outcome:
    """Receive one row; a fault in it takes back this row alone."""
    intake = read.said.intake
    if intake is None:
        return Outcome(RowState.REJECTED, problems=read.said.problems, content=read.row.cells)
    try:
        appeal = _kept_whole(read, by=by, at=at)
    except BadInput as refused:
        title = TITLES.get(FIELD_COLUMNS.get(refused.field, ""), WHOLE_ROW)
        return Outcome(RowState.REJECTED, problems=((title, refused.message),), content=read.row.cells)
    except (NotAllowed, NotPermitted) as refused:
        return Outcome(RowState.REJECTED, problems=((WHOLE_ROW, str(refused)),), content=read.row.cells)
    except (OperationalError, InterfaceError):
        raise  # the database is gone, not the row wrong
    except Exception:
        _log.exception("row %s could not be received", read.row.number)
        return Outcome(RowState.REJECTED, problems=((WHOLE_ROW, BROKEN),), content=read.row.cells)
    return _outcome_of(read, appeal)


def _outcome_of(read: Read, appeal: Appeal) -> Outcome:
    return Outcome(
        RowState.WAITING if appeal.status == Status.TRIAGE else RowState.RECEIVED,
        external_id=appeal.external_id,
        subject_kind="appeal",
        subject_id=appeal.pk,
        note="；".join(read.said.remarks),
        before={"digest": read.digest},
    )


def _kept_whole(read: Read, *, by: Actor, at: datetime) -> Appeal:
    """The appeal of a row, in a savepoint; first without further ones inside, which almost always goes well."""
    try:
        with transaction.atomic(), events.gathered(), scope.bare():
            return _appeal_of(read, by=by, at=at)
    except (IntegrityError, TransactionManagementError):
        with transaction.atomic(), events.gathered():
            return _appeal_of(read, by=by, at=at)


def _was_touched(appeal: Appeal, *, since: datetime) -> bool:
    """Whether any person has done something to the appeal since it came in."""
    with scope.elevated():
        later = audit.events_of("appeal", appeal.pk).filter(at__gt=since)
        return later.exclude(role=Role.SYSTEM.value).exists()


def _free_number(appeal: Appeal, load: Load, *, by: Actor, at: datetime) -> None:
    """Give the source's number back, so that the corrected sheet can be loaded."""
    mark = f"~撤销{load.pk}"
    with scope.elevated():
        given = appeal.external_id
        Appeal.objects.filter(pk=appeal.pk).update(external_id=given[: 64 - len(mark)] + mark)
        events.record("appeal.number_freed", subject=appeal, by=by, at=at, external_id=given, load=load.pk)


def _channel(load: Load) -> str:
    return load.options.get("channel") or channel_of(load.source)


def _shown(read: Read) -> dict[str, str]:
    """A row as the preview shows it, people masked."""
    intake, cells = read.said.intake, read.row.cells
    words = intake.title or intake.text if intake else cells.get("title") or cells.get("text", "")
    related = ""
    if read.reading is not None:
        is_labour = "劳动事项" if read.reading.labour_related else "非劳动事项"
        related = f"{is_labour} {read.reading.labour_confidence:.0%}"
    return {
        TITLES["number"]: cells.get("number", "")[:32],
        TITLES["received_at"]: f"{intake.received_at:%Y-%m-%d %H:%M}"
        if intake and intake.received_at
        else cells.get("received_at", ""),
        TITLES["text"]: mask_personal(words)[:40],
        TITLES["name"]: masks.mask_name(cells.get("name", "")),
        TITLES["phone"]: masks.mask_phone(cells.get("phone", "")),
        "登记到": (read.place or "市级") if intake else "",
        "是否劳动": related,
        "分类": "",
        "等级": "",
    }
