"""Which cases are many in one, which look as if they were, and what would merging change?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db.models import Q, QuerySet

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal, Claim, Distinction, GroupMember
from gongqing.appeals.queries.circumstances import circumstances_of, is_labour_settled
from gongqing.appeals.queries.numbers import numbers_said
from gongqing.appeals.rules import groups as rules
from gongqing.appeals.rules.grading import Grade, Grading, grading_of
from gongqing.appeals.rules.groups import Candidate, SameMatter
from gongqing.appeals.rules.permissions import HANDLERS
from gongqing.appeals.rules.statuses import JOINABLE, STATUS_WORDS, Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.audit.reading import Prepared
from gongqing.dispatch.models import Order
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.queries.clocks import calendar, clock_of, entries_of, policy_on
from gongqing.dispatch.queries.hanging import Hanging, hangs
from gongqing.dispatch.queries.orders import main_order
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.clocks import ClockState, end_of, reckon
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import ClockName, Limit, limits_for
from gongqing.dispatch.rules.merging import amount_until
from gongqing.language.facts import read_facts
from gongqing.lib.errors import NotAllowed, NotPermitted
from gongqing.lib.times import day_of
from gongqing.registry.models import Person
from gongqing.ui import slots

LOOKED_AT = timedelta(days=28)  # how far back open appeals are looked through for suggestions
MOST_LOOKED_AT = 4_000
MOST_SUGGESTED = 30
MOST_LISTED = 200
READERS = HANDLERS | {Role.AUDITOR, Role.SYSTEM}


@dataclass(frozen=True, slots=True)
class Preview:
    """What merging would do, shown before it is confirmed.

    Attributes:
        due_at, due_after: when the lead is due now, and afterwards; equal when nothing changes.
        earliest: the code of the appeal whose deadline the lead takes over.
        in_several: people who stand in more than one of them; `workers` counts each once.
        workers, amount: without the numbers that are not sure; `unsure` appeals have such a number.
        refusals: why one or the other cannot be merged; empty when all can.
    """

    lead: Appeal
    parts: Sequence[Appeal]
    due_at: datetime | None
    due_after: datetime | None
    earliest: str
    grade: str
    grade_after: str
    workers: int
    in_several: int
    amount: Decimal
    unsure: int
    refusals: Sequence[str]
    now: datetime

    @property
    def is_sooner(self) -> bool:
        return self.due_at is not None and self.due_after is not None and self.due_after < self.due_at

    @property
    def is_late_at_once(self) -> bool:
        return self.due_after is not None and self.due_after <= self.now


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion with its reasons and what merging would do."""

    matter: SameMatter
    preview: Preview
    words: Sequence[tuple[int, str]]


def active_members(lead_id: int) -> QuerySet[GroupMember]:
    """The parts that a lead has now, in the order in which they came."""
    return GroupMember.objects.filter(lead_id=lead_id, ended_at__isnull=True).order_by("id")


def leads_others(appeal_id: int) -> bool:
    """Do other appeals stand under this one now?"""
    return active_members(appeal_id).filter(appeal__status=Status.MERGED).exists()


def may_merge(lead: Appeal, actor: Actor) -> bool:
    """Is it a supervisor in whose area the case lies?"""
    try:
        check_may_merge(lead, actor)
    except NotPermitted:
        return False
    return True


def check_may_merge(appeal: Appeal, actor: Actor) -> None:
    """Ask for a supervisor of town, county or city whose area holds the handler of a visible appeal.

    Raises:
        NotPermitted.
    """
    rules.check_can_merge(actor.role)
    handler = appeal.handler
    if handler is None or handler.level == "department" or actor.role in (Role.CITY_SUPERVISOR, Role.SYSTEM):
        return
    if not handler.path.startswith(actor.path):
        raise NotPermitted(f"{appeal.code} 由{handler}办理，不在您的范围内，请由上一级并案。")


def weight_of(cases: Iterable[Appeal]) -> tuple[int, Decimal]:
    """How many workers and how much owed several appeals are about together, by what they say and by their sheets.

    For the grade: a number that is not sure counts as a lower bound does.
    """
    listed = list(cases)
    return _weight(listed, [(each.worker_count, each.amount) for each in listed])


def counted_weight(cases: Iterable[Appeal]) -> tuple[int, Decimal, int]:
    """As `weight_of`, for pages: without the numbers that are not sure; and how many appeals have such a number."""
    listed = list(cases)
    said = [numbers_said(each) for each in listed]
    workers, amount = _weight(listed, [(each.sure_workers, each.sure_amount) for each in said])
    return workers, amount, sum(each.is_unsure for each in said)


def _weight(listed: Sequence[Appeal], numbers: Sequence[tuple[int | None, Decimal | None]]) -> tuple[int, Decimal]:
    with scope.elevated():
        claims = list(Claim.objects.filter(appeal__in=listed, removed_at__isnull=True).values_list("person_id", "owed"))
    known = {person for person, _ in claims} | {each.person_id for each in listed if each.person_id is not None}
    said = sum(workers or 1 for workers, _ in numbers) - sum(times - 1 for times in _repeated(listed).values())
    owed = sum((amount for _, amount in claims), Decimal(0))
    named = sum((amount or Decimal(0) for _, amount in numbers), Decimal(0))
    return max(said, len(known)), max(owed, named)


def _repeated(cases: Iterable[Appeal]) -> dict[int, int]:
    """Who stands in more than one of several appeals, and in how many."""
    counted = Counter(each.person_id for each in cases if each.person_id is not None)
    return {person: times for person, times in counted.items() if times > 1}


def group_grading(lead: Appeal, workers: int, amount: Decimal) -> Grading:
    """The grade of a lead for so many workers and so much owed, by the rules of the day it was entered.

    Raises:
        ValueError: it has no category.
    """
    category = lead.category
    if category is None:
        raise ValueError("an appeal without category has no grade")
    facts = read_facts(lead.text, said_on=day_of(lead.received_at))
    settled = is_labour_settled(lead, category)
    seen = circumstances_of(lead, category, facts, labour_related=lead.labour_related, labour_settled=settled)
    whole = max(int(amount), facts.amount or 0) or None
    facts = replace(facts, workers=max(workers, facts.workers or 0), amount=whole)
    return grading_of(
        facts,
        category_grade=Grade(category.grade),
        circumstances=replace(seen, aggregated_workers=0),
        rules=appeals.grade_rules(day_of(lead.entered_at)),
    )


def closing_due(appeal: Appeal, at: datetime) -> datetime | None:
    """When an appeal is due: by its closing clock, or by the limits that it would have; None once answered.

    Of a clock that stands still the day that it would be if it went on now.
    """
    clock = clock_of(appeal.pk, ClockName.CLOSE)
    if clock is not None and clock.ended_at is None:
        if clock.state != ClockState.PAUSED:
            return clock.due_at
        return reckon(Limit.from_json(clock.limit), entries_of(clock), calendar(), at).due_at
    if clock is not None or appeal.category is None:
        return None
    limits = limits_for(
        policy_on(day_of(appeal.entered_at)),
        grade=appeal.grade,
        category_days=appeal.category.limit_working_days,
        category=appeal.category.code,
        rules=[reason["rule"] for reason in appeal.grade_reasons],
        channel=appeal.channel,
        hotline_kind=appeal.hotline_kind,
    )
    return end_of(limits.close, appeal.received_at, calendar())


def merge_preview(lead: Appeal, parts: Sequence[Appeal], actor: Actor, at: datetime) -> Preview:
    """What merging these would do to the lead's deadline and grade, and what stands against it."""
    with scope.elevated():
        due = closing_due(lead, at)
        dues = {each.code: each_due for each in parts if (each_due := closing_due(each, at)) is not None}
        earliest = min(dues, key=lambda code: dues[code], default="")
        after = due
        if due is not None and earliest and dues[earliest] < due:
            after = _due_after(lead, at, dues[earliest]) or due
        together = [lead, *parts, *(each.appeal for each in active_members(lead.pk))]
        workers, amount = weight_of(together)
        grade = max(Grade(lead.grade), group_grading(lead, workers, amount).grade) if lead.category else lead.grade
        refusals = _refusals(lead, parts, actor)
        workers, amount, unsure = counted_weight(together)
    return Preview(
        lead=lead,
        parts=parts,
        due_at=due,
        due_after=after,
        earliest=earliest if after != due else "",
        grade=lead.grade,
        grade_after=str(grade),
        workers=workers,
        in_several=len(_repeated(together)),
        amount=amount,
        unsure=unsure,
        refusals=refusals,
        now=at,
    )


def _due_after(lead: Appeal, at: datetime, until: datetime) -> datetime | None:
    clock = clock_of(lead.pk, ClockName.CLOSE)
    if clock is None:
        return None
    limit, entries = Limit.from_json(clock.limit), entries_of(clock)
    amount = amount_until(limit, entries, calendar(), at, until=until)
    if amount is None:
        return clock.due_at
    unit = reckon(limit, entries, calendar(), at).limit.unit
    return reckon(limit, [*entries, Entry(EntryKind.RELIMIT, at, amount, unit)], calendar(), at).due_at


def _refusals(lead: Appeal, parts: Sequence[Appeal], actor: Actor) -> list[str]:
    asked: list[Callable[[], None]] = [
        lambda: rules.check_can_lead(lead.status, code=lead.code, is_part=lead.merged_into_id is not None),
        lambda: check_may_merge(lead, actor),
    ]
    for part in parts:
        leading = leads_others(part.pk)
        asked.append(partial(rules.check_can_join, part.status, code=part.code, leads_others=leading))
        asked.append(partial(check_may_merge, part, actor))
    return [words for refuse in asked if (words := _refused(refuse))]


def _refused(refuse: Callable[[], None]) -> str:
    try:
        refuse()
    except (NotAllowed, NotPermitted) as why:
        return str(why)
    return ""


def suggested(actor: Actor, at: datetime) -> list[Suggested]:
    """Open appeals in the actor's view that look like one case, the likeliest first; nothing for those who only look.

    Those that several people sent in nearly the same words come before those of the same employer and category.

    The newest four thousand of the last four weeks are looked through.
    """
    if actor.role not in rules.MERGERS:
        return []
    # the actor's own view is asked by its grants; row-level security need not ask it again row by row
    with scope.elevated():
        rows = (
            Appeal.objects.visible_to(actor)
            .filter(received_at__gte=at - LOOKED_AT, status__in=list(JOINABLE), merged_into__isnull=True)
            .exclude(category__isnull=True)
            .order_by("-received_at")
            .values_list("id", "employer_id", "employer_name", "category__name", "received_at", "status")
        )
        found = list(rows[:MOST_LOOKED_AT])
        candidates, differences = _candidates(found), _differences([row[0] for row in found])
        named = rules.same_matters([one for one in candidates if one.employer], differences)
        copied = [group for filled in slots.filled("groups.same_words", at, actor) for group in filled]
        matters = [*rules.same_words(candidates, copied, differences, named), *named][:MOST_SUGGESTED]
        wanted = {number for matter in matters for number in (matter.lead, *matter.parts)}
        cases = {
            each.pk: each
            for each in Appeal.objects.filter(pk__in=wanted).select_related("category", "handler", "person", "region")
        }
        answers = []
        for matter in matters:
            parts = [cases[number] for number in matter.parts]
            if parts:
                preview = merge_preview(cases[matter.lead], parts, actor, at)
                words = [(each.pk, STATUS_WORDS[Status(each.status)]) for each in (preview.lead, *parts)]
                answers.append(Suggested(matter, preview, words))
    return answers


def _candidates(rows: Sequence[tuple[int, int | None, str, str, datetime, str]]) -> list[Candidate]:
    leading = set(
        GroupMember.objects.filter(lead_id__in=[row[0] for row in rows], ended_at__isnull=True).values_list(
            "lead_id", flat=True
        )
    )
    return [
        Candidate(number, employer_id, name, category, received_at, number in leading, Status(status) in rules.LEADABLE)
        for number, employer_id, name, category, received_at, status in rows
    ]


def _differences(numbers: Sequence[int]) -> frozenset[frozenset[int]]:
    pairs = Distinction.objects.filter(one_id__in=numbers).values_list("one_id", "other_id")
    return frozenset(frozenset(pair) for pair in pairs)


def check_may_order(appeal: Appeal, actor: Actor) -> None:
    """Ask for somebody who handles the case, stands above its handler or helps with it: who may keep its sheet.

    Raises:
        NotPermitted.
    """
    if not may_keep_sheet(appeal, actor):
        raise NotPermitted("欠薪核算表由主办、协办单位和上级登记核对。")


def may_keep_sheet(appeal: Appeal, actor: Actor) -> bool:
    """May the actor write in the sheet of this visible case?"""
    if actor.role not in HANDLERS and not actor.is_system:
        return False
    with scope.elevated():
        main = main_order(appeal.pk)
        if main is not None and permissions.can_handle(
            actor, organisation_id=main.organisation_id, path=main.organisation.path
        ):
            return True
        handler = appeal.handler
        if handler is not None and permissions.can_handle(actor, organisation_id=handler.pk, path=handler.path):
            return True
        if actor.organisation_id is None:
            return False
        mine = Order.objects.filter(appeal=appeal, status__in=OPEN_ORDERS, organisation_id=actor.organisation_id)
        return mine.exists()


def names_in_group(lead_id: int) -> list[str]:
    """The names of all whose matter a case with parts holds, on its sheet or as a part; none without parts."""
    if not hangs(lead_id, Hanging.PART):
        return []
    with scope.elevated():
        if not Appeal.objects.filter(merged_into_id=lead_id).exists():
            return []
        spoke = Appeal.objects.filter(Q(pk=lead_id) | Q(merged_into_id=lead_id)).values("person_id")
        listed = Claim.objects.filter(appeal_id=lead_id, removed_at__isnull=True).values("person_id")
        people = Person.objects.filter(Q(pk__in=spoke) | Q(pk__in=listed)).exclude(name="")
        return list(people.order_by("pk").values_list("name", flat=True))


def merged_parts(lead_id: int) -> list[Appeal]:
    """The parts that wait for the lead's answer, locked; one statement, for every answered appeal is asked."""
    return _parts.all(lead_id)


@Prepared
def _parts(_: None, lead_id: int) -> QuerySet[Appeal]:
    return Appeal.objects.select_for_update().filter(merged_into_id=lead_id, status=Status.MERGED).order_by("id")
