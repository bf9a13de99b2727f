"""What does a worker see of an appeal: the promise, the steps, what can be done now?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal, Attachment, GroupMember
from gongqing.appeals.rules.statuses import ANSWERED, OPEN, TRANSITIONS, Status
from gongqing.audit import queries as audit
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.audit.models import Event
from gongqing.dispatch.queries.claims import OwnClaim, own_claims
from gongqing.dispatch.queries.clocks import ClockView, calendar, clocks_of, policy_on
from gongqing.dispatch.rules.clocks import IN_DAYS, ClockState
from gongqing.dispatch.rules.explanations import Day, Line, day_ruler, explanation
from gongqing.dispatch.rules.limits import ClockName
from gongqing.dispatch.rules.plain_words import (
    Deed,
    Phase,
    Step,
    reading_deadline,
    standing_words,
    step_of,
    why_that_day,
)
from gongqing.lib.codes import check_appeal_code
from gongqing.lib.errors import BadInput, NotFound
from gongqing.lib.times import day_of

EVALUATION_DAYS = 15
SIMILAR_DAYS = 14
MOST_LISTED = 100
CRISIS_RULES = frozenset({"G11", "G12"})
WORKER_ROLES = frozenset({Role.WORKER, Role.CODE_HOLDER, Role.ANONYMOUS})
# what is told of the lead of a case to the workers of its parts: the work, and nothing that another worker said
TOLD_OF_LEAD = frozenset(
    {
        *("appeal.signed", "appeal.reported", "appeal.paused", "appeal.resumed", "appeal.handed_over"),
        *("appeal.handover_changed", "appeal.inspection_alerted", "appeal.transferred", "appeal.redispatched"),
        *("appeal.supervised", "appeal.escalated", "appeal.extension_granted", "appeal.review_asked"),
        "appeal.review_refused",
    }
)
JUDGED = frozenset({Status.RESOLVED, Status.AWAITING_EVALUATION})


@dataclass(frozen=True, slots=True)
class Card:
    """An own matter in a list; `due_at` is None when nothing is promised any more."""

    code: str
    title: str
    standing: str
    received_at: datetime
    due_at: datetime | None
    asks_evaluation: bool
    is_overdue: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class Promise:
    """By when the worker gets an answer, and why then.

    Attributes:
        by_day: the deadline is the end of a day, so its hour need not be said.
        contact_by: until when somebody rings; None without a phone number, or when it has been done.
        report_every: how often the worker hears, e.g. `2 个工作日`; empty when not promised.
        is_provisional: days of a year whose holidays are not published yet were counted.
    """

    due_at: datetime
    by_day: bool
    is_late: bool
    is_paused: bool
    contact_by: datetime | None
    report_every: str
    why: list[str]
    lines: list[Line]
    days: list[Day]
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class TimedStep:
    at: datetime
    step: Step


@dataclass
class Chapter:
    """One heading of the timeline with its steps, oldest first."""

    phase: Phase
    heading: str
    steps: list[TimedStep] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WorkerCase:
    """An own appeal in full.

    Attributes:
        promise: None before somebody has it and after it was answered.
        read_by: in triage: by when a person has read it.
        evaluate_by: the last moment for a judgement, when one is asked for.
        reopens: a dissatisfied judgement sends it up once more.
        is_crisis: the words speak of self-harm or of harming others.
        own_claims: what the sheet of the case says of this worker alone.
    """

    appeal: Appeal
    standing: str
    promise: Promise | None
    read_by: datetime | None
    chapters: list[Chapter]
    missing: list[str]
    attachments: Sequence[Attachment]
    result: str
    evaluate_by: datetime | None
    reopens: bool
    is_crisis: bool
    has_phone: bool
    can_add: bool
    can_urge: bool
    can_withdraw: bool
    is_over: bool
    own_claims: Sequence[OwnClaim]


def own_cards(actor: Actor) -> list[Card]:
    """The worker's own matters: first what waits for a judgement, then what is open, then the rest; newest first."""
    found = list(appeals.appeals_for(actor).order_by("-received_at", "-id")[:MOST_LISTED])
    return sorted((_card(appeal) for appeal in found), key=lambda card: (not card.asks_evaluation, card.is_over))


def case_of_worker(code: str, actor: Actor, at: datetime) -> WorkerCase:
    """One own appeal, however its code was typed.

    Raises:
        NotFound: none in the actor's view.
    """
    try:
        appeal = appeals.appeal_with_code(check_appeal_code(code), actor)
    except BadInput as fault:
        raise NotFound("没有这件事，请核对编号。") from fault
    status = Status(appeal.status)
    chapters = _chapters(_events_of(appeal))
    has_phone = appeal.person is not None and bool(appeal.person.phone_mask)
    is_open = status in OPEN or status is Status.MERGED
    evaluate_by = _evaluate_by(appeal)
    return WorkerCase(
        appeal=appeal,
        standing=_standing(appeal),
        promise=_promise(appeal, has_phone=has_phone, at=at),
        read_by=reading_deadline(appeal.entered_at, calendar()) if status is Status.TRIAGE else None,
        chapters=chapters,
        missing=_missing(chapters, is_judged_now=evaluate_by is not None) if is_open else [],
        attachments=list(Attachment.objects.filter(appeal=appeal, from_worker=True).order_by("id")),
        result=appeal.result if status in ANSWERED else "",
        evaluate_by=evaluate_by,
        reopens=appeal.reopened_count == 0,
        is_crisis=not CRISIS_RULES.isdisjoint(reason["rule"] for reason in appeal.grade_reasons),
        has_phone=has_phone,
        can_add=is_open,
        can_urge=status is Status.MERGED
        or (status in OPEN and status not in ANSWERED and appeal.handler_id is not None),
        can_withdraw=Status.WITHDRAWN in TRANSITIONS[status],
        is_over=not is_open,
        own_claims=own_claims(appeal),
    )


def _events_of(appeal: Appeal) -> list[Event]:
    """What happened to an appeal; while it was a part, also what was done for its whole case."""
    own = list(audit.events_of("appeal", appeal.pk))
    spans = GroupMember.objects.filter(appeal=appeal).values_list("lead_id", "merged_at", "ended_at")
    with scope.elevated():
        told = [
            event
            for lead_id, start, end in list(spans)
            for event in audit.events_of("appeal", lead_id).filter(kind__in=TOLD_OF_LEAD, at__gte=start)
            if end is None or event.at <= end
        ]
    # what was answered with the lead goes on by itself
    answered = next((event.at for event in own if event.data.get("with_lead")), None)
    told = [event for event in told if answered is None or event.at <= answered]
    return sorted([*own, *told], key=lambda event: event.at) if told else own


def _standing(appeal: Appeal) -> str:
    words = standing_words(Status(appeal.status), str(appeal.handler or ""))
    return f"{words}，{appeal.handler}在办" if appeal.status == Status.MERGED and appeal.handler else words


def _promise(appeal: Appeal, *, has_phone: bool, at: datetime) -> Promise | None:
    """The promise of the appeal; for a part that of its lead, under which it is handled."""
    if appeal.status != Status.MERGED:
        return promise_of(appeal, has_phone=has_phone, at=at)
    with scope.elevated():
        lead = Appeal.objects.select_related("category").filter(parts=appeal).first()
        return promise_of(lead, has_phone=False, at=at) if lead else None


def promise_of(appeal: Appeal, *, has_phone: bool, at: datetime) -> Promise | None:
    """The promise of an answer; None when none is open."""
    clocks = {view.clock.name: view for view in clocks_of(appeal.pk, at)}
    close = clocks.get(ClockName.CLOSE)
    if close is None or close.reckoning.ended is not None or Status(appeal.status) not in OPEN:
        return None
    days = calendar()
    found, why = close.reckoning, why_that_day(close.reckoning, days)
    due_at = found.due_at if found.is_paused else close.clock.due_at
    if due_at < found.due_at:
        why.append("法律规定最长不能超过这一天")
    row = policy_on(day_of(appeal.entered_at)).of_grade(appeal.grade)
    return Promise(
        due_at=due_at,
        by_day=found.limit.unit in IN_DAYS,
        is_late=close.state is ClockState.OVERDUE,
        is_paused=found.is_paused,
        contact_by=_contact_by(clocks.get(ClockName.CONTACT)) if has_phone else None,
        report_every=row.report_every.words if row.report_every else "",
        why=why,
        lines=explanation(close.limit, close.entries, days, at),
        days=day_ruler(close.limit, close.entries, days, at) if found.limit.unit in IN_DAYS else [],
        is_provisional=any(days.is_provisional(each) for each in (day_of(found.start.at), day_of(due_at))),
    )


def file_of_worker(code: str, attachment_id: int, actor: Actor) -> Attachment:
    """A file of an appeal in the actor's view; the worker's side sees the worker's files alone.

    Raises:
        NotFound.
    """
    try:
        appeal = appeals.appeal_with_code(check_appeal_code(code), actor)
    except BadInput as fault:
        raise NotFound("没有这个附件。") from fault
    found = Attachment.objects.filter(appeal=appeal, pk=attachment_id)
    if actor.role in WORKER_ROLES:
        found = found.filter(from_worker=True)
    attachment = found.first()
    if attachment is None or not attachment.size:
        raise NotFound("没有这个附件。")
    return attachment


def similar_to(employer: str, at: datetime) -> tuple[int, str]:
    """How many open appeals of the last fourteen days name this employer, and the newest one's code, not for show."""
    count, code = appeals.similar_open_count(employer, since=at - timedelta(days=SIMILAR_DAYS))
    return count, code or ""


def standing_of(appeal: Appeal) -> str:
    """Where a matter of the worker's stands, in one sentence without a full stop."""
    return _standing(appeal)


def _card(appeal: Appeal) -> Card:
    status = Status(appeal.status)
    is_promised = status in OPEN and status not in {*JUDGED, Status.PAUSED} and appeal.handler_id is not None
    return Card(
        code=appeal.code,
        title=appeal.title,
        standing=_standing(appeal),
        received_at=appeal.received_at,
        due_at=appeal.due_at if is_promised else None,
        asks_evaluation=status in JUDGED,
        is_overdue=is_promised and appeal.is_overdue,
        is_over=status not in OPEN and status is not Status.MERGED,
    )


def _contact_by(view: ClockView | None) -> datetime | None:
    return None if view is None or view.reckoning.ended is not None else view.reckoning.due_at


def _evaluate_by(appeal: Appeal) -> datetime | None:
    if Status(appeal.status) not in JUDGED or appeal.resolved_at is None:
        return None
    return appeal.resolved_at + timedelta(days=EVALUATION_DAYS)


def _chapters(events: Sequence[Event]) -> list[Chapter]:
    """The steps under the four headings; a reopened appeal begins again at its handling."""
    order = list(Phase)
    chapters: list[Chapter] = []
    is_again = False
    for event in events:
        step = step_of(_deed(event, is_again=is_again))
        is_return = event.kind == "appeal.reopened"
        is_again = is_again or is_return
        if step is None:
            continue
        starts_over = is_again and event.kind == "appeal.dispatched" and chapters[-1].phase is Phase.JUDGED
        phase = Phase.HANDLED if starts_over else step.phase
        if not chapters or starts_over or order.index(phase) > order.index(chapters[-1].phase):
            heading = "再办一次" if starts_over else phase.label
            chapters.append(Chapter(phase, heading))
        steps = chapters[-1].steps
        if not (steps and steps[-1].step == step):
            steps.append(TimedStep(event.at, step))
    return chapters


def _deed(event: Event, *, is_again: bool) -> Deed:
    by_worker = event.role in {role.value for role in WORKER_ROLES}
    is_staff = not by_worker and event.role != Role.SYSTEM
    return Deed(
        kind=event.kind,
        data=event.data,
        note=event.note,
        place=event.organisation_name if is_staff else "",
        caller=f"{event.name[:1]}老师" if is_staff and event.name else "",
        by_worker=by_worker,
        is_again=is_again,
    )


def _missing(chapters: Sequence[Chapter], *, is_judged_now: bool) -> list[str]:
    """The headings that are still to come; a judgement that is asked for now is not."""
    order = list(Phase)
    last = order.index(chapters[-1].phase) if chapters else -1
    return [phase.label for phase in order[last + 1 :] if not (is_judged_now and phase is Phase.JUDGED)]
