"""What does the case page of the desk show around an appeal, and what may its reader do there?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Access, Appeal, Evaluation, Message
from gongqing.appeals.rules.statuses import OPEN, STATUS_WORDS, Status
from gongqing.appeals.rules.suspicion import suspicion_of
from gongqing.audit import queries as audit
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.dispatch.models import Extension, Handover, Letter, Order, OrderRole
from gongqing.dispatch.models.orders import OPEN_ORDERS, CallBack
from gongqing.dispatch.queries.cases import Case, case_of
from gongqing.dispatch.queries.clocks import ClockView, calendar
from gongqing.dispatch.queries.desk import ListItem, items_of
from gongqing.dispatch.queries.ladder import unanswered_supervisions
from gongqing.dispatch.queries.orders import follower_ids
from gongqing.dispatch.queries.routing import candidates_for, own_union_of
from gongqing.dispatch.queries.said import SaidWhenWhere, said_in
from gongqing.dispatch.queries.triage import evidence_of_category, places_of
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.event_words import HEADINGS, heading_of, words_of
from gongqing.dispatch.rules.explanations import Day, Line, day_ruler, explanation
from gongqing.dispatch.rules.hotline import HOTLINE_CHANNELS
from gongqing.dispatch.rules.levels import Level
from gongqing.dispatch.rules.limits import ClockName, Unit
from gongqing.dispatch.rules.outcomes import Outcome, reviewing_level
from gongqing.dispatch.rules.steps import Situation, steps_of
from gongqing.lib import masks
from gongqing.lib.times import day_of
from gongqing.lib.workdays import start_of_day
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation

SAME_EMPLOYER = timedelta(days=14)
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


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock for the table: how it stands and, for the closing clock, why."""

    name: str
    limit: str
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    state: str
    is_late: bool
    left_share: float
    lines: Sequence[Line]


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
    stages: Sequence[tuple[str, Sequence[TimelineRow]]]
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
    def stage_now(self) -> str:
        """The heading under which an open appeal stands; empty for one that has ended."""
        reached = [name for name, rows in self.stages if rows]
        return reached[-1] if reached and Status(self.case.appeal.status) in OPEN else ""

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
    orders = list(Order.objects.filter(appeal=appeal).select_related("organisation").order_by("id"))
    main = next((each for each in orders if each.role == OrderRole.HANDLE and each.status in OPEN_ORDERS), None)
    extension = Extension.objects.filter(order__appeal=appeal).order_by("-id").first()
    handovers = list(Handover.objects.filter(appeal=appeal).select_related("department").order_by("id"))
    call_back = CallBack.objects.filter(appeal=appeal, done_at__isnull=True).select_related("organisation").first()
    rows = [_clock_row(each, at) for each in case.clocks]
    closing = next((row for row, each in zip(rows, case.clocks, strict=True) if each.clock.name == "close"), None)
    here = situation(
        appeal, actor, orders=orders, main=main, extension=extension, call_back=call_back, handovers=handovers
    )
    owed, others = steps_of(here)
    events = list(audit.events_of("appeal", appeal.pk))
    timeline = [
        TimelineRow(each.at, words_of(each.kind), _who(each.name, each.organisation_name), each.note) for each in events
    ]
    headed = list(zip([heading_of(each.kind) for each in events], timeline, strict=True))
    return DeskCase(
        case=case,
        status=STATUS_WORDS[Status(appeal.status)],
        pieces=pieces_of(appeal),
        orders=orders,
        main_order=main,
        extension=extension,
        handovers=handovers,
        call_back=call_back,
        messages=list(Message.objects.filter(appeal=appeal).order_by("id")),
        evaluations=list(Evaluation.objects.filter(appeal=appeal).order_by("id")),
        clocks=rows,
        closing=closing,
        days=_ruler(case.clocks, at),
        stages=[(name, [row for heading, row in headed if heading == name]) for name in HEADINGS],
        event_count=len(events),
        grants=_grants(appeal),
        opened_today=_opened_today(appeal, at),
        owed=owed,
        others=others,
        can_reveal=may_reveal(appeal, actor),
        letters=list(Letter.objects.filter(appeal=appeal).select_related("organisation").order_by("-id")),
        late_by=at - closing.due_at if closing else None,
        said=said_in(appeal),
        is_place_recognised=is_place_recognised([each.kind for each in events]),
    )


def is_place_recognised(kinds: Sequence[str]) -> bool:
    """Did the platform read the place out of the words, and has nobody settled it since?"""
    return [kind for kind in kinds if kind in PLACE_SETTLED][-1:] == [PLACE_RECOGNISED]


def situation(
    appeal: Appeal,
    actor: Actor,
    *,
    orders: Sequence[Order],
    main: Order | None,
    extension: Extension | None,
    call_back: CallBack | None,
    handovers: Sequence[Handover],
) -> Situation:
    """How the appeal stands towards this person."""
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
        owes_report=_owes_report(appeal),
        is_reporter=appeals.is_reporter(appeal, actor),
        reopened_count=appeal.reopened_count,
        is_hotline=appeal.channel in HOTLINE_CHANNELS,
        has_supervision=main is not None and unanswered_supervisions().filter(appeal=appeal).exists(),
    )


def may_reveal(appeal: Appeal, actor: Actor) -> bool:
    """Those who handle, assist or supervise the appeal may ask for the phone; auditors and administrators never."""
    if not actor.is_staff or actor.role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.ZONE_HELPER):
        return False
    return appeal.person_id is not None and appeals.is_visible(appeal.pk, actor)


def related(appeal: Appeal, actor: Actor, at: datetime) -> list[ListItem]:
    """Other appeals of the same employer, two weeks around this one, in the actor's view; newest first."""
    if not appeal.employer_name:
        return []
    found = appeals.appeals_for(actor).filter(
        employer_name=appeal.employer_name,
        received_at__gte=appeal.received_at - SAME_EMPLOYER,
        received_at__lte=appeal.received_at + SAME_EMPLOYER,
    )
    return items_of(list(found.exclude(pk=appeal.pk).order_by("-received_at")[:20]), at)


def places_for(appeal: Appeal, actor: Actor, at: datetime) -> list[str]:
    """Names of the organisations that one would dispatch or transfer to: those of the place first, then one's own."""
    near = [
        each.name for each in candidates_for(appeal, own_union=own_union_of(appeal), on=day_of(at)) if each.level != ""
    ]
    below = registry.organisations_under(actor.path).filter(is_active=True)[:300] if actor.path else []
    return list(dict.fromkeys([*near, *(str(each) for each in below)]))


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
    return f"已结束：{found.status}。"


def _owes_report(appeal: Appeal) -> bool:
    return appeal.clocks.filter(name=ClockName.REPORT, ended_at__isnull=True).exists()


def _clock_row(seen: ClockView, at: datetime) -> ClockRow:
    found = seen.reckoning
    return ClockRow(
        name=ClockName.label_of(seen.clock.name),
        limit=found.limit.words,
        started_at=found.start.at,
        due_at=seen.clock.due_at,
        ended_at=found.ended.at if found.ended else None,
        state=seen.state.label,
        is_late=seen.state.value == "overdue",
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


def _grants(appeal: Appeal) -> list[str]:
    """Who sees the appeal now, in words: organisations by their grants, the party and the reporter."""
    held = list(Access.objects.filter(appeal=appeal, until__isnull=True).order_by("id"))
    paths = [grant.path for grant in held if grant.path]
    names = {each.path: str(each) for each in Organisation.objects.filter(path__in=paths)}
    words: dict[str, list[str]] = {}
    for grant in held:
        who = names.get(grant.path, "") if grant.path else "职工本人" if grant.person_id else "登记人"
        if who:
            words.setdefault(who, []).append(grant.get_why_display())
    return [who if who in ("职工本人", "登记人") else f"{who}（{'、'.join(why)}）" for who, why in words.items()]


def _opened_today(appeal: Appeal, at: datetime) -> int:
    """How often the case was opened today, by anybody; only the number leaves the log."""
    with scope.elevated():
        looks = audit.looks_at("appeal", appeal.pk).filter(kind="appeal.opened")
        return looks.filter(at__gte=start_of_day(day_of(at))).count()
