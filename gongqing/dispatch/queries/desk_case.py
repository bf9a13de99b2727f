"""What does the case page of the desk show around an appeal, and what may its reader do there?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal, Evaluation, Message
from gongqing.appeals.rules.statuses import OPEN, STATUS_WORDS, Status
from gongqing.appeals.rules.suspicion import suspicion_of
from gongqing.audit.actor import Actor, Role
from gongqing.audit.models import Event
from gongqing.dispatch.models import Extension, Handover, Letter, Order, OrderRole
from gongqing.dispatch.models.orders import OPEN_ORDERS, CallBack
from gongqing.dispatch.queries.case_rows import (
    call_back_of,
    evaluations_of,
    events_of,
    extension_of,
    handovers_of,
    letters_of,
    looks_since,
    messages_of,
    read_around,
    same_employer,
    sight_in_words,
)
from gongqing.dispatch.queries.cases import Case, case_of
from gongqing.dispatch.queries.clocks import ClockView, calendar
from gongqing.dispatch.queries.ladder import is_unanswered
from gongqing.dispatch.queries.orders import follower_ids, orders_read
from gongqing.dispatch.queries.routing import candidates_for, own_union_of
from gongqing.dispatch.queries.said import SaidWhenWhere, said_in
from gongqing.dispatch.queries.triage import evidence_of_category, places_of
from gongqing.dispatch.queries.worker import WORKER_ROLES
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.event_details import detail_of
from gongqing.dispatch.rules.event_words import HEADINGS, heading_of, words_of
from gongqing.dispatch.rules.explanations import Day, Line, day_ruler, explanation
from gongqing.dispatch.rules.hotline import HOTLINE_CHANNELS
from gongqing.dispatch.rules.levels import Level
from gongqing.dispatch.rules.limits import ClockName, Unit
from gongqing.dispatch.rules.outcomes import Outcome, reviewing_level
from gongqing.dispatch.rules.steps import Situation, steps_of
from gongqing.language.taxonomy import categories
from gongqing.lib import masks
from gongqing.lib.times import day_of
from gongqing.lib.workdays import start_of_day
from gongqing.registry import queries as registry

MOST_PLACES = 300
OWN_CLOCKS = {"sign": ClockName.SIGN, "contact": ClockName.CONTACT}
"""The steps that have a limit of their own, before the closing clock's."""
PLACE_RECOGNISED = "appeal.place_recognised"
PLACE_SETTLED = (PLACE_RECOGNISED, "appeal.located")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the worker's words.

    Attributes:
        colour: the grade that it speaks for, empty for none.
        is_topic: the reader went by it when it chose the category.
    """

    text: str
    colour: str = ""
    is_topic: bool = False


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One event as the desk writes it."""

    at: datetime
    what: str
    who: str
    note: str


Stages = Sequence[tuple[str, Sequence[TimelineRow]]]  # under each of the four headings


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock for the table: how it stands and, for the closing clock, why.

    Attributes:
        due_at: of a paused clock the day that it would be if it went on now, as the ruler draws it.
    """

    name: str
    limit: str
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    state: str
    is_late: bool
    is_paused: bool
    left_share: float
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class RelatedCase:
    """Another case of the same employer."""

    appeal: Appeal
    status: str


@dataclass(frozen=True, slots=True)
class DeskCase:
    """Everything the case page shows to one person at one moment."""

    case: Case
    status: str
    pieces: Sequence[Piece]
    orders: Sequence[Order]
    main_order: Order | None
    extension: Extension | None
    handovers: Sequence[Handover]
    call_back: CallBack | None
    messages: Sequence[Message]
    evaluations: Sequence[Evaluation]
    clocks: Sequence[ClockRow]
    closing: ClockRow | None
    days: Sequence[Day]
    rounds: Sequence[Stages]
    event_count: int
    grants: Sequence[str]
    opened_today: int
    owed: str
    others: Sequence[str]
    can_reveal: bool
    letters: Sequence[Letter]
    late_by: timedelta | None
    said: SaidWhenWhere
    is_place_recognised: bool

    @property
    def appeal(self) -> Appeal:
        return self.case.appeal

    @property
    def masked_name(self) -> str:
        """The worker's name as it stands until somebody asks for it with a reason."""
        return masks.mask_name(self.case.person_name)

    @property
    def is_marked(self) -> bool:
        """Does any of the worker's words bear the grade?"""
        return any(piece.colour for piece in self.pieces)

    @property
    def is_topic_marked(self) -> bool:
        """Does any of the worker's words bear the category?"""
        return any(piece.is_topic for piece in self.pieces)

    @property
    def stages(self) -> Stages:
        """How far the appeal has come: its last round, and what no round does again as it was done before."""
        *earlier, now = self.rounds
        first = next((place for place, (_, rows) in enumerate(now) if rows), len(now))
        return [
            (name, rows or next((before[place][1] for before in reversed(earlier) if before[place][1]), ()))
            if place < first
            else (name, rows)
            for place, (name, rows) in enumerate(now)
        ]

    @property
    def stage_now(self) -> str:
        """The heading under which an open appeal stands; empty for one that has ended."""
        reached = [name for name, rows in self.stages if rows]
        return reached[-1] if reached and Status(self.case.appeal.status) in OPEN else ""

    @property
    def owed_clock(self) -> ClockRow | None:
        """By when what I owe is due: its own clock while that runs, else the closing clock."""
        own = OWN_CLOCKS.get(self.owed)
        asked = [row for row in self.clocks if own and row.name == own.label and row.ended_at is None]
        running = [*asked[-1:], *([self.closing] if self.closing and self.closing.ended_at is None else [])]
        return running[0] if running else None

    @property
    def contact_by(self) -> datetime | None:
        """When the first contact is due while a call-back waits too: one talk with the worker does both."""
        asked = [row.due_at for row in self.clocks if row.name == ClockName.CONTACT.label and row.ended_at is None]
        return asked[-1] if asked and self.call_back else None

    @property
    def outcome(self) -> str:
        """How it ended, in the trade's words."""
        return Outcome.label_of(self.case.appeal.outcome) if self.case.appeal.outcome else ""


def desk_case(code: str, actor: Actor, at: datetime) -> DeskCase:
    """The case page of an appeal. The caller writes the look down.

    Raises:
        BadInput: it cannot be a code. NotFound: none in the actor's view.
    """
    case = case_of(code, actor, at)
    appeal = case.appeal
    read_around(appeal, actor, at)
    orders = orders_read(appeal.pk)
    main = next((each for each in orders if each.role == OrderRole.HANDLE and each.status in OPEN_ORDERS), None)
    extension, handovers, call_back = extension_of(appeal.pk), handovers_of(appeal.pk), call_back_of(appeal.pk)
    rows = [_clock_row(each, at) for each in case.clocks]
    closing = next((row for row, each in zip(rows, case.clocks, strict=True) if each.clock.name == "close"), None)
    here = situation(
        case, actor, orders=orders, main=main, extension=extension, call_back=call_back, handovers=handovers
    )
    owed, others = steps_of(here)
    events = events_of(appeal.pk)
    timeline = _timeline(events, appeal)
    headings = [
        heading_of(each.kind, str(each.data.get("about", "")), by_worker=each.role in WORKER_ROLES) for each in events
    ]
    return DeskCase(
        case=case,
        status=STATUS_WORDS[Status(appeal.status)],
        pieces=pieces_of(appeal),
        orders=orders,
        main_order=main,
        extension=extension,
        handovers=handovers,
        call_back=call_back,
        messages=messages_of(appeal.pk),
        evaluations=evaluations_of(appeal.pk),
        clocks=rows,
        closing=closing,
        days=() if appeal.status == Status.MERGED else _ruler(case.clocks, at),
        rounds=[
            [(name, [timeline[place] for place in numbers if headings[place] == name]) for name in HEADINGS]
            for numbers in _rounds([each.kind for each in events])
        ],
        event_count=len(events),
        grants=sight_in_words(appeal.pk),
        opened_today=looks_since(appeal.pk, start_of_day(day_of(at))),
        owed=owed,
        others=others,
        can_reveal=may_reveal(appeal, actor),
        letters=letters_of(appeal.pk),
        late_by=at - closing.due_at if closing else None,
        said=said_in(appeal),
        is_place_recognised=is_place_recognised([each.kind for each in events]),
    )


def _timeline(events: Sequence[Event], appeal: Appeal) -> list[TimelineRow]:
    """Every event in words; what a worker said of an answer is not said again where it reopens the case."""
    names = {code: each.name_zh for code, each in categories().items()}
    if appeal.category is not None:
        names[appeal.category.code] = appeal.category.name
    rows: list[TimelineRow] = []
    for each in events:
        detail = detail_of(each.kind, each.data, names)
        what = f"{words_of(each.kind)}：{detail}" if detail else words_of(each.kind)
        is_said = each.kind == "appeal.reopened" and rows and (rows[-1].at, rows[-1].note) == (each.at, each.note)
        rows.append(TimelineRow(each.at, what, _who(each.name, each.organisation_name), "" if is_said else each.note))
    return rows


def _rounds(kinds: Sequence[str]) -> list[range]:
    """Which events belong to each time that the appeal was handled; what reopens it stands at the end of the former."""
    ends = [place + 1 for place, kind in enumerate(kinds) if kind == "appeal.reopened"]
    return [range(start, end) for start, end in pairwise([0, *ends, len(kinds)])]


def is_place_recognised(kinds: Sequence[str]) -> bool:
    """Did the platform read the place out of the words, and has nobody settled it since?"""
    return [kind for kind in kinds if kind in PLACE_SETTLED][-1:] == [PLACE_RECOGNISED]


def situation(
    case: Case,
    actor: Actor,
    *,
    orders: Sequence[Order],
    main: Order | None,
    extension: Extension | None,
    call_back: CallBack | None,
    handovers: Sequence[Handover],
) -> Situation:
    """How the appeal stands towards this person."""
    appeal = case.appeal
    followers = follower_ids(appeal.pk)
    mine = actor.organisation_id
    is_own = main is not None and mine is not None and (main.organisation_id == mine or mine in followers)
    can_handle = main is not None and permissions.can_handle(
        actor, organisation_id=main.organisation_id, path=main.organisation.path, follower_ids=followers
    )
    return Situation(
        status=Status(appeal.status),
        grade=appeal.grade,
        role=actor.role,
        order_status=main.status if main else "",
        order_level=main.level if main else "",
        is_own=is_own and can_handle,
        can_handle=can_handle,
        is_assisting=any(
            each.organisation_id == mine and each.role == OrderRole.ASSIST and each.status in OPEN_ORDERS
            for each in orders
        ),
        supervisor_level=permissions.LEVEL_OF_SUPERVISOR.get(actor.role, ""),
        decider_level=extension.decider_level if extension and extension.approved is None else "",
        has_contacted=main is not None and main.contacted_at is not None,
        has_call_back=call_back is not None,
        has_alerted=any(each.is_alert for each in handovers),
        has_handover=bool(handovers),
        owes_report=any(each.clock.name == ClockName.REPORT and each.clock.ended_at is None for each in case.clocks),
        is_reporter=appeals.is_reporter(appeal, actor),
        reopened_count=appeal.reopened_count,
        is_hotline=appeal.channel in HOTLINE_CHANNELS,
        has_supervision=main is not None and is_unanswered(appeal),
    )


def may_reveal(appeal: Appeal, actor: Actor) -> bool:
    """Those who handle, assist or supervise the appeal may ask for the phone; auditors and administrators never."""
    if not actor.is_staff or actor.role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.ZONE_HELPER):
        return False
    return appeal.person_id is not None and appeals.is_visible(appeal.pk, actor)


def related(appeal: Appeal, actor: Actor) -> list[RelatedCase]:
    """Other appeals of the same employer, two weeks around this one, in the actor's view; newest first."""
    return [RelatedCase(each, STATUS_WORDS[Status(each.status)]) for each in same_employer(appeal, actor)]


def places_for(appeal: Appeal, actor: Actor, at: datetime) -> list[str]:
    """Names of the organisations that one would dispatch or transfer to: those of the place first, then one's own."""
    near = [
        each.name for each in candidates_for(appeal, own_union=own_union_of(appeal), on=day_of(at)) if each.level != ""
    ]
    below = registry.names_under(actor.path, MOST_PLACES) if actor.path else ()
    return list(dict.fromkeys([*near, *below]))


def departments_for(appeal: Appeal) -> list[str]:
    """Names of the departments that answer for the place."""
    return [str(each) for each in registry.candidates(Level.DEPARTMENT, appeal.region)]


def pieces_of(appeal: Appeal, *, topics_on: Sequence[str] | None = None) -> list[Piece]:
    """The worker's words cut at the evidence of grade and category; of overlapping grades the more urgent is drawn.

    Args:
        topics_on: the words that bear the category, where they are not those that were kept with it.
    """
    order = ["", "green", "yellow", "orange", "red"]
    colours = [""] * len(appeal.text)
    for reason in appeal.grade_reasons:
        for start, end in reason.get("spans", []):
            for place in range(max(0, start), min(end, len(colours))):
                colours[place] = max(colours[place], reason["grade"], key=order.index)
    topics = [False] * len(appeal.text)
    for start, end in places_of(evidence_of_category(appeal) if topics_on is None else topics_on, appeal.text):
        topics[start:end] = [True] * (end - start)
    cut = groupby(zip(appeal.text, colours, topics, strict=True), key=lambda each: each[1:])
    return [Piece("".join(each[0] for each in run), colour, is_topic) for (colour, is_topic), run in cut]


def next_words(found: DeskCase) -> str:
    """What happens next, and by whom, in one sentence."""
    appeal, main = found.appeal, found.main_order
    name = str(main.organisation) if main else ""
    if main and main.status == "return_asked":
        return f"{name}第二次申请退回，等派单上级裁定。"
    match Status(appeal.status):
        case Status.TRIAGE if suspicion_of(appeal.grade_reasons):
            return "这些话疑似有危险，机器拿不准：请先看原话，再确认分类；确有危险，连同等级一起改。"
        case Status.TRIAGE:
            return "机器拿不准，等热线坐席或派单督办岗位确认分类，确认后自动派单。"
        case Status.CLASSIFIED | Status.RETURNED:
            return "等派单督办岗位派给办理单位。"
        case Status.DISPATCHED | Status.REOPENED:
            return f"已派给{name}，等签收。"
        case Status.SIGNED | Status.IN_PROGRESS:
            return f"{name}办理中，{'下一步' if main and main.contacted_at else '先联系职工，再'}答复。"
        case Status.PAUSED:
            return f"{name}暂停计时，情况解除后恢复。"
        case Status.TRACKED:
            return f"转到外部办理，{name}跟踪结果并告知职工。"
        case Status.IN_REVIEW:
            level = Level.label_of(reviewing_level(main.level if main else ""))
            return f"{name}已送审，等{level}级审核后答复职工。"
        case Status.RESOLVED | Status.AWAITING_EVALUATION:
            return "已答复职工，等职工评价；十五天没有评价自动归档。"
        case Status.ARCHIVED:
            return "已归档，不能再改。"
    return _end_words(found)


def _end_words(found: DeskCase) -> str:
    if found.appeal.status == Status.MERGED:
        return "已并入主件，由主件统一办理、统一答复；这一件不再单独计时，进展和期限看主件。"
    return f"已结束：{found.status}。"


def _clock_row(seen: ClockView, at: datetime) -> ClockRow:
    found = seen.reckoning
    return ClockRow(
        name=ClockName.label_of(seen.clock.name),
        limit=found.limit.words,
        started_at=found.start.at,
        due_at=found.due_at if found.is_paused else seen.clock.due_at,
        ended_at=found.ended.at if found.ended else None,
        state=seen.state.label,
        is_late=seen.state.value == "overdue",
        is_paused=found.is_paused,
        left_share=found.left_share,
        lines=explanation(seen.limit, seen.entries, calendar(), at),
    )


def _ruler(clocks: Sequence[ClockView], at: datetime) -> Sequence[Day]:
    closing = next((each for each in clocks if each.clock.name == ClockName.CLOSE), None)
    if closing is None or closing.limit.unit is not Unit.WORKDAYS:
        return ()
    return day_ruler(closing.limit, closing.entries, calendar(), at)


def _who(name: str, place: str) -> str:
    return f"{name}（{place}）" if place and place != name else name
