"""What was found about answers: of one before it goes, of one that went, and of all of them by organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal, Evaluation, Satisfaction
from gongqing.appeals.models.appeals import Sight, sight_of
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.audit.reading import Asking, Prepared
from gongqing.dispatch.models import ReplyCheck
from gongqing.dispatch.queries.clocks import calendar
from gongqing.dispatch.queries.groups import names_in_group
from gongqing.dispatch.queries.orders import follower_ids, main_order
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.permissions import LEVEL_OF_SUPERVISOR
from gongqing.language.replies import Evidence, Finding, Kind, ReplyReading, read_reply
from gongqing.lib.codes import check_appeal_code
from gongqing.lib.errors import NotPermitted
from gongqing.lib.times import day_of
from gongqing.lib.workdays import start_of_day

MOST_LISTED = 50
READERS = frozenset({*LEVEL_OF_SUPERVISOR, Role.AUDITOR})
ANSWERED = (Status.RESOLVED, Status.AWAITING_EVALUATION, Status.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of an answer's words; `kind` names what was found about it, empty for nothing."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """One finding as a page writes it."""

    label: str
    hint: str
    is_warning: bool
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReplyFigure:
    """What was found about the answers that one organisation gave in a period.

    Attributes:
        answered: matters that it answered; the last answer of each counts.
        warned: of these, those whose answer left with a warning.
        judged: of these, those that the worker has judged since.
        dissatisfied: of the judged ones, those with which the worker was not satisfied.
        warned_judged, warned_dissatisfied: the same two of the warned ones alone.
    """

    organisation_id: int
    name: str
    path: str
    answered: int
    warned: int
    empty: int
    judged: int
    dissatisfied: int
    warned_judged: int
    warned_dissatisfied: int

    @property
    def plain_judged(self) -> int:
        """Judged ones whose answer left without a warning."""
        return self.judged - self.warned_judged

    @property
    def plain_dissatisfied(self) -> int:
        """Of these, those with which the worker was not satisfied."""
        return self.dissatisfied - self.warned_dissatisfied


def reading_of_answer(appeal: Appeal, result: str, *, amount: Decimal | None, at: datetime) -> ReplyReading:
    """Lay an answer beside the appeal, before it goes; one that goes to many workers is to name none of them.

    Of an appeal on which no part hangs it asks the database for nothing but the calendar.
    """
    person = appeal.person if appeal.anonymous_to_employer else None
    return read_reply(
        result,
        asked=appeal.text,
        title=appeal.title,
        said_on=day_of(at),
        names=[person.name] if person is not None and person.name else (),
        others=names_in_group(appeal.pk),
        owed=appeal.amount,
        recovered=amount,
        add_workdays=calendar().add_workdays,
    )


def appeal_being_answered(code: str, actor: Actor) -> Appeal:
    """The appeal that the actor may answer.

    Raises:
        BadInput: it cannot be a code. NotFound: none in the actor's view. NotPermitted: others handle it.
    """
    appeal = appeals.appeal_with_code(check_appeal_code(code), actor)
    with scope.elevated():
        order = main_order(appeal.pk)
        followers = follower_ids(appeal.pk)
    if order is None or not permissions.can_handle(
        actor, organisation_id=order.organisation_id, path=order.organisation.path, follower_ids=followers
    ):
        raise NotPermitted("这件不由您答复，不能检查答复。")
    return appeal


def check_can_read(actor: Actor) -> None:
    """How organisations answer is read by those who supervise, and by auditors.

    Raises:
        NotPermitted.
    """
    if actor.role not in READERS:
        raise NotPermitted("答复检查供各级督办岗位和审计岗位查看。")


def for_event(read: ReplyReading) -> dict[str, Any] | None:
    """What the event of an answer says of its check; nothing where nothing was found or promised."""
    kinds = [each.kind.value for each in read.warnings]
    promised = read.promised_on
    if not kinds and promised is None:
        return None
    return {"warnings": kinds, "promised_on": promised.isoformat() if promised else None}


def advice_of(findings: Sequence[Finding]) -> list[Advice]:
    """Findings that were made just now, as a page writes them."""
    return [Advice(each.kind.label, each.hint, each.is_warning, _named(each.spans, each.points)) for each in findings]


def kept_advice(check: ReplyCheck) -> list[Advice]:
    """Findings that were kept with an answer."""
    return [
        Advice(Kind.label_of(each["kind"]), each["hint"], each["is_warning"], each.get("points", []))
        for each in check.findings
    ]


def passages_of(answer: str, findings: Sequence[dict[str, Any]]) -> list[Passage]:
    """The answer cut at what was found; of overlapping findings the graver one is marked."""
    marks = [""] * len(answer)
    for each in reversed(findings):
        for start, end in each.get("spans", []):
            for place in range(max(0, start), min(end, len(marks))):
                marks[place] = "warning" if each["is_warning"] else "advice"
    pieces: list[Passage] = []
    begin = 0
    for place in range(1, len(answer) + 1):
        if place == len(answer) or marks[place] != marks[begin]:
            pieces.append(Passage(answer[begin:place], marks[begin]))
            begin = place
    return pieces


def latest_check(appeal: Appeal, actor: Actor) -> ReplyCheck | None:
    """What was found about the answer that an appeal has now; None where it was not checked."""
    if not appeal.result:
        return None
    shape, sight = sight_of(actor)
    return _latest.first(appeal.pk, *sight, shape=shape)


def asked_of_check(appeal: Appeal, actor: Actor) -> list[Asking[ReplyCheck]]:
    """What `latest_check` asks, to be asked together with others."""
    shape, sight = sight_of(actor)
    return [_latest(appeal.pk, *sight, shape=shape)] if appeal.result else []


@Prepared
def _latest(shape: Sight, appeal_id: int, *sight: int | str) -> QuerySet[ReplyCheck]:
    seen = Appeal.objects.in_sight(shape, *sight)
    return ReplyCheck.objects.filter(appeal__in=seen, appeal_id=appeal_id).order_by("-id")[:1]


def warnings_among(appeal_ids: Sequence[int], actor: Actor) -> dict[int, int]:
    """How many warnings the latest answer of each appeal left with; appeals without a check are left out."""
    found = ReplyCheck.objects.visible_to(actor).filter(appeal_id__in=appeal_ids).order_by("id")
    return dict(found.values_list("appeal_id", "warning_count"))


def due_promises(today: date) -> QuerySet[ReplyCheck]:
    """The promises whose day has come, of answers that stand and of which nobody was reminded yet."""
    later = ReplyCheck.objects.filter(appeal=OuterRef("appeal"), pk__gt=OuterRef("pk"))
    held = ReplyCheck.objects.filter(promised_on__lte=today, reminded_at__isnull=True, appeal__status__in=ANSWERED)
    return held.filter(~Exists(later)).order_by("pk")


def reply_checks(actor: Actor, *, since: date, until: date) -> QuerySet[ReplyCheck]:
    """The last check of every matter answered from one day to another, both included, in the actor's view."""
    given = ReplyCheck.objects.visible_to(actor).filter(
        at__gte=start_of_day(since), at__lt=start_of_day(date.fromordinal(until.toordinal() + 1))
    )
    later = ReplyCheck.objects.filter(appeal=OuterRef("appeal"), pk__gt=OuterRef("pk"))
    return given.filter(~Exists(later))


def reply_figures(actor: Actor, *, since: date, until: date, path: str = "") -> list[ReplyFigure]:
    """For each organisation: answers, those that left with a warning, and those the worker was not satisfied with.

    The judgement is the worker's last one given after the answer; a share that is made of these figures stands with its
    numerator and denominator. In the order of the tree.

    Args:
        path: only organisations at or below this place of the tree.
    """
    judged = Evaluation.objects.filter(appeal=OuterRef("appeal"), at__gte=OuterRef("at")).exclude(satisfaction="")
    checks = reply_checks(actor, since=since, until=until).annotate(
        judgement=Subquery(judged.order_by("-id").values("satisfaction")[:1])
    )
    if path:
        checks = checks.filter(organisation__path__gte=path, organisation__path__lt=path[:-1] + "0")
    warned, told, bad = Q(warning_count__gt=0), Q(judgement__isnull=False), Q(judgement=Satisfaction.NOT)
    rows = checks.values("organisation_id").annotate(
        name=F("organisation__name"),
        path=F("organisation__path"),
        answered=Count("pk"),
        warned=Count("pk", filter=warned),
        empty=Count("pk", filter=Q(is_empty=True)),
        judged=Count("pk", filter=told),
        dissatisfied=Count("pk", filter=bad),
        warned_judged=Count("pk", filter=warned & told),
        warned_dissatisfied=Count("pk", filter=warned & bad),
    )
    return [ReplyFigure(**row) for row in rows.order_by("path")]


def sum_of(rows: Sequence[ReplyFigure]) -> ReplyFigure:
    """All of them together."""
    names = ("answered", "warned", "empty", "judged", "dissatisfied", "warned_judged", "warned_dissatisfied")
    sums = {name: sum(getattr(row, name) for row in rows) for name in names}
    return ReplyFigure(organisation_id=0, name="合计", path="", **sums)


def warned_replies(actor: Actor, *, since: date, until: date, organisation_id: int | None = None) -> list[ReplyCheck]:
    """The answers behind a figure that left with a warning, the newest first, at most `MOST_LISTED`."""
    found = reply_checks(actor, since=since, until=until).filter(warning_count__gt=0)
    if organisation_id is not None:
        found = found.filter(organisation_id=organisation_id)
    return list(found.select_related("appeal__category", "organisation").order_by("-at", "-id")[:MOST_LISTED])


def _named(spans: Sequence[Evidence], points: Sequence[str]) -> list[str]:
    return list(points) or list(dict.fromkeys(each.words.strip() for each in spans))
