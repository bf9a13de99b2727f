"""Put several appeals into one case, and take them out again, so that no message, person or clock is lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Access, AccessReason, Appeal, GroupMember
from gongqing.appeals.rules import groups as rules
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import events, scope, writing
from gongqing.audit.actor import Actor
from gongqing.dispatch import queries
from gongqing.dispatch.actions.claim_rows import bring_claims, take_claims
from gongqing.dispatch.actions.dispatching import check_may_have
from gongqing.dispatch.actions.supervising import tell
from gongqing.dispatch.actions.timekeeping import append, limits_of, mirror
from gongqing.dispatch.models import Clock, Order, OrderRole, OrderStatus
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.queries import groups
from gongqing.dispatch.queries.hanging import Hanging, hangs
from gongqing.dispatch.rules import clocks as clock_rules
from gongqing.dispatch.rules import merging
from gongqing.dispatch.rules.ledger import Entry, EntryKind, last_round
from gongqing.dispatch.rules.limits import ClockName, Limit
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.times import day_of
from gongqing.registry.models import Organisation

SEEING = (AccessReason.HANDLER, AccessReason.ASSIST, AccessReason.SUPERVISE)
LADDER = ("warned", "escalated_at")


@transaction.atomic
def merge_appeals(*, lead_id: int, part_ids: Sequence[int], reason: str, by: Actor, at: datetime) -> Appeal:
    """Make appeals parts of one lead case (并案). What is a part of it already stays one.

    Each part keeps its code, its words, its files and its worker's sight of it. Its orders and clocks end and are
    remembered. The lead is due by the earliest deadline of all, and its grade is read anew for all workers together:
    it only ever rises.

    Raises:
        NotPermitted: no supervisor of town, county or city, or not in whose area a case lies. NotFound: not in view.
        NotAllowed: a state in which nothing is merged, or a part that the lead's handler may not see.
        BadInput: no parts, or no reason.
    """
    rules.check_can_merge(by.role)
    numbers = sorted(set(part_ids))
    if not numbers:
        raise BadInput("parts", "请选要并进来的件。")
    if lead_id in numbers:
        raise BadInput("parts", "主件不能并入自己。")
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写一句为什么是同一件。")
    held = {number: appeal_queries.lock(number, by) for number in sorted([lead_id, *numbers])}
    lead = held.pop(lead_id)
    rules.check_can_lead(lead.status, code=lead.code, is_part=lead.merged_into_id is not None)
    groups.check_may_merge(lead, by)
    fresh = [part for part in held.values() if part.merged_into_id != lead.pk]
    for part in fresh:
        with scope.elevated():
            leading = groups.leads_others(part.pk)
        if part.merged_into_id is not None:
            raise NotAllowed(f"{part.code} 已并入别的件。")
        rules.check_can_join(part.status, code=part.code, leads_others=leading)
        groups.check_may_merge(part, by)
    if not fresh:
        return lead
    with scope.elevated():
        queries.lock_main_order(lead.pk)
        for part in fresh:
            _check_may_see(lead, part)
        for part in fresh:
            _join(lead, part, reason=reason, by=by, at=at)
        codes = [part.code for part in fresh]
        events.record("appeal.parts_joined", subject=lead, by=by, at=at, note=reason, parts=[p.pk for p in fresh])
        regrade_lead(lead=lead, by=by, at=at)
        _hold_deadline(lead, by=by, at=at)
        if lead.handler is not None:
            tell(lead, lead.handler, f"并入 {len(codes)} 件，按最早的期限办：{lead.title}", at=at)
    return lead


@transaction.atomic
def unmerge_appeal(*, part_id: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """Take one part out of its case (拆出): it returns to the state, the handler and the time that it had before.

    The time within the case does not count. What its worker wrote meanwhile stays on it, and readable on the lead; the
    worker's claims go with it.

    Raises:
        NotPermitted, NotFound, NotAllowed: who, out of view, no part or answered already. BadInput: no reason.
    """
    rules.check_can_merge(by.role)
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写一句为什么拆出。")
    lead, part = _lock_both(part_id, by)
    rules.check_can_leave(part.status, code=part.code, is_part=part.merged_into_id == lead.pk)
    groups.check_may_merge(lead, by)
    with scope.elevated():
        _take_out(lead, part, reason=reason, by=by, at=at)
    return part


@transaction.atomic
def dissolve_group(*, lead_id: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """Take every part out of a case that was not answered yet.

    Raises:
        NotPermitted, NotFound. NotAllowed: there is nothing to take out. BadInput: no reason.
    """
    rules.check_can_merge(by.role)
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写一句为什么拆开。")
    lead = appeal_queries.lock(lead_id, by)
    groups.check_may_merge(lead, by)
    with scope.elevated():
        parts = groups.merged_parts(lead.pk)
        if not parts:
            raise NotAllowed("这件诉求没有可以拆出的件。")
        for part in parts:
            _take_out(lead, part, reason=reason, by=by, at=at)
    return lead


def answer_parts(*, lead: Appeal, by: Actor, at: datetime) -> int:
    """Answer every part together with its lead, so that each worker judges for himself; returns how many.

    Part of the action that answered the lead.
    """
    if not hangs(lead.pk, Hanging.PART):
        return 0
    with scope.elevated():
        parts = groups.merged_parts(lead.pk)
        if parts:
            writing.write_now()
        handler = lead.handler
        for part in parts:
            if handler is not None:
                Order.objects.create(
                    appeal=part,
                    organisation=handler,
                    role=OrderRole.HANDLE,
                    status=OrderStatus.DONE,
                    level=handler.level,
                    round=part.reopened_count + 1,
                    rule="并案",
                    reasons=[f"随主件 {lead.code} 办理"],
                    dispatched_at=_since(part),
                    signed_at=_since(part),
                    contacted_at=_since(part),
                    closed_at=at,
                )
                appeals.grant_access(appeal=part, why=AccessReason.HANDLER, path=handler.path, at=at)
            appeals.answer_with_lead(lead=lead, part=part, by=by, at=at)
    return len(parts)


def free_part(*, appeal: Appeal, by: Actor, at: datetime, reason: str) -> bool:
    """Let a part go that was reopened, withdrawn or found invalid by itself; the rest of the case stays.

    Part of the action that did so; says whether it was a part.
    """
    with scope.elevated():
        member = GroupMember.objects.filter(appeal=appeal, ended_at__isnull=True).select_related("lead").first()
        if member is None:
            return False
        take_claims(lead=member.lead, part=appeal)
        _drop_sight(appeal, at=at)
        appeals.leave_lead(member=member, part=appeal, status=None, reason=reason, by=by, at=at)
        lead = Appeal.objects.select_for_update().get(pk=member.lead_id)
        if member.before.get("shields"):
            _unshield(lead)
        _hold_deadline(lead, by=by, at=at)
        events.record("appeal.part_left", subject=lead, by=by, at=at, note=reason, part=appeal.pk)
    return True


def free_parts(*, lead: Appeal, by: Actor, at: datetime, reason: str) -> int:
    """Let all parts of a lead that ended unanswered return to where they were. Part of the action that ended it."""
    with scope.elevated():
        parts = groups.merged_parts(lead.pk)
        for part in parts:
            _take_out(lead, part, reason=reason, by=by, at=at)
    return len(parts)


def follow_lead(*, lead: Appeal, by: Actor, at: datetime) -> None:
    """Let the parts follow a lead that changed hands, helpers or grade, and its deadline follow them."""
    if not hangs(lead.pk, Hanging.PART):
        return
    with scope.elevated():
        parts = groups.merged_parts(lead.pk)
        if parts:
            writing.write_now()
        for part in parts:
            _share_sight(lead, part, at=at)
            if part.handler_id != lead.handler_id:
                appeals.place_appeal(part, handler=lead.handler, handler_level=lead.handler_level)
        if parts:
            _hold_deadline(lead, by=by, at=at)


def pass_words_on(*, part: Appeal, by: Actor, at: datetime) -> None:
    """Tell the lead's handler that a part's worker has added something. Part of the action that added it."""
    if part.status == Status.MERGED and part.handler is not None:
        with scope.elevated():
            tell(part, part.handler, f"并入件有职工补充：{part.title}", at=at)


def regrade_lead(*, lead: Appeal, by: Actor, at: datetime) -> bool:
    """Read the grade of a locked lead anew for all its workers and all that is owed; says whether it rose."""
    if lead.category is None or Status(lead.status) not in rules.LEADABLE:
        return False
    with scope.elevated():
        workers, amount = groups.weight_of([lead, *(each.appeal for each in groups.active_members(lead.pk))])
        grading = groups.group_grading(lead, workers, amount)
        words = f"群体案共 {workers} 人，合计 {amount:,.2f} 元" if amount else f"群体案共 {workers} 人"
        return appeals.raise_grade(appeal=lead, grading=grading, evidence=words, by=by, at=at)


def _lock_both(part_id: int, by: Actor) -> tuple[Appeal, Appeal]:
    """The lead and the part, locked in the order of their numbers; the part is in the actor's view.

    Raises:
        NotFound: out of view. NotAllowed: it is no part.
    """
    seen = Appeal.objects.visible_to(by).filter(pk=part_id).first()
    if seen is None or seen.merged_into_id is None:
        rules.check_can_leave(appeal_queries.lock(part_id, by).status, code=seen.code if seen else "", is_part=False)
        raise NotAllowed("这件诉求没有并入别的件。")
    with scope.elevated():
        pair = [part_id, seen.merged_into_id]
        held = {each.pk: each for each in Appeal.objects.select_for_update().filter(pk__in=pair).order_by("id")}
    return held[seen.merged_into_id], held[part_id]


def _since(part: Appeal) -> datetime:
    member = GroupMember.objects.filter(appeal=part, ended_at__isnull=True).order_by("-id").first()
    return member.merged_at if member else part.received_at


def _check_may_see(lead: Appeal, part: Appeal) -> None:
    """A shielded part may not come where the employer's own union would see it."""
    for organisation in Organisation.objects.filter(path__in=_paths(lead)):
        try:
            check_may_have(part, organisation)
        except NotAllowed as refused:
            raise NotAllowed(f"{part.code} 不能并入：{refused}") from refused


def _join(lead: Appeal, part: Appeal, *, reason: str, by: Actor, at: datetime) -> None:
    shields = _shield(lead, part)
    before = {**_standing(lead, part, at=at), "shields": shields}
    ends = Entry(EntryKind.CANCEL, at, reason=f"并入 {lead.code}，停止计时", source=merging.SOURCE)
    for clock in Clock.objects.select_for_update().filter(appeal=part, ended_at__isnull=True).order_by("id"):
        append(clock, [ends], by=by, at=at)
    Order.objects.filter(appeal=part, status__in=OPEN_ORDERS).update(status=OrderStatus.MERGED, closed_at=at)
    bring_claims(lead=lead, part=part)
    mirror(part)
    appeals.join_lead(lead=lead, part=part, before=before, reason=reason, by=by, at=at)
    _share_sight(lead, part, at=at)


def _standing(lead: Appeal, part: Appeal, *, at: datetime) -> dict[str, Any]:
    """How a part stands, as numbers and states, and which closing limit it asks of the lead."""
    due = groups.closing_due(part, at)
    amount, unit = _demand(lead, due, at=at)
    open_clocks = Clock.objects.filter(appeal=part, ended_at__isnull=True).order_by("id")
    orders = Order.objects.filter(appeal=part, status__in=OPEN_ORDERS).order_by("id")
    grants = Access.objects.filter(appeal=part, until__isnull=True).order_by("id")
    return {
        "status": part.status,
        "handler": part.handler_id,
        "level": part.handler_level,
        "orders": [[number, status] for number, status in orders.values_list("id", "status")],
        "clocks": [
            {"id": each.pk, "warned": each.warned, "escalated_at": _iso(each.escalated_at)} for each in open_clocks
        ],
        "grants": list(grants.values_list("id", flat=True)),
        "due": _iso(due),
        "demand": amount,
        "unit": unit,
    }


def _demand(lead: Appeal, due: datetime | None, *, at: datetime) -> tuple[float | None, str]:
    """The closing limit with which the lead is due no later than a part was; None when it is so anyway."""
    clock = queries.clock_of(lead.pk, ClockName.CLOSE)
    if clock is None or clock.ended_at is not None or due is None:
        return None, ""
    limit, entries = Limit.from_json(clock.limit), queries.entries_of(clock)
    unit = clock_rules.reckon(limit, entries, queries.calendar(), at).limit.unit
    return merging.amount_until(limit, entries, queries.calendar(), at, until=due), unit.value


def _hold_deadline(lead: Appeal, *, by: Actor, at: datetime) -> None:
    """Let the lead's closing clock run by its own limit or by the shortest that a part asks for."""
    clock = queries.clock_of(lead.pk, ClockName.CLOSE)
    if clock is None or clock.ended_at is not None:
        return
    own = limits_of(lead).close
    amount, because = own.amount, "拆出后恢复原时限"
    members = groups.active_members(lead.pk).filter(appeal__status=Status.MERGED)
    for member in members.select_related("appeal"):
        asked = member.before.get("demand")
        if asked is not None and member.before.get("unit") != own.unit.value:
            due = datetime.fromisoformat(member.before["due"])
            asked, _ = _demand(lead, due, at=at)
        if asked is not None and asked < amount:
            amount, because = asked, f"并案：按 {member.appeal.code} 的期限"
    limit, entries = Limit.from_json(clock.limit), queries.entries_of(clock)
    now = clock_rules.reckon(limit, entries, queries.calendar(), at).limit
    if (now.amount, now.unit) != (amount, own.unit):
        fresh = Entry(EntryKind.RELIMIT, at, amount, own.unit, because, merging.SOURCE)
        append(clock, [fresh], by=by, at=at)
    mirror(lead)


def _take_out(lead: Appeal, part: Appeal, *, reason: str, by: Actor, at: datetime) -> None:
    member = GroupMember.objects.select_for_update().get(appeal=part, ended_at__isnull=True)
    before = member.before
    take_claims(lead=lead, part=part)
    _drop_sight(part, at=at)
    for number, status in before["orders"]:
        Order.objects.filter(pk=number, status=OrderStatus.MERGED).update(status=status, closed_at=None)
    stands_still = _resume_clocks(part, before["clocks"], by=by, at=at)
    status = Status(before["status"])
    if status is Status.PAUSED and before["clocks"] and not stands_still:
        status = Status.IN_PROGRESS  # the pause had run out when it was merged
    appeals.leave_lead(member=member, part=part, status=status, reason=reason, by=by, at=at)
    handler = Organisation.objects.filter(pk=before["handler"]).first() if before["handler"] else None
    appeals.place_appeal(part, handler=handler, handler_level=before["level"])
    mirror(part)
    if before.get("shields"):
        _unshield(lead)
    _hold_deadline(lead, by=by, at=at)
    events.record("appeal.part_left", subject=lead, by=by, at=at, note=reason, part=part.pk)
    if part.handler is not None:
        tell(part, part.handler, f"从群体案拆出，请接着办：{part.title}", at=at)


def _resume_clocks(part: Appeal, kept: Iterable[dict[str, Any]], *, by: Actor, at: datetime) -> bool:
    """Let the clocks that merging ended go on with the time they had used; says whether one stands still again."""
    stands_still = False
    for state in kept:
        clock = Clock.objects.select_for_update().get(pk=state["id"])
        clock.appeal = part
        entries, limit = queries.entries_of(clock), Limit.from_json(clock.limit)
        if last_round(entries)[-1].kind is not EntryKind.CANCEL:
            continue
        append(clock, merging.continued_entries(limit, entries, queries.calendar(), at=at), by=by, at=at)
        # what was warned of before is not warned of again
        clock.warned = state["warned"]
        clock.escalated_at = datetime.fromisoformat(state["escalated_at"]) if state["escalated_at"] else None
        clock.save(update_fields=list(LADDER))
        stands_still = stands_still or clock.state == "paused"
    return stands_still


def _paths(lead: Appeal) -> list[str]:
    held = Access.objects.filter(appeal=lead, until__isnull=True, why__in=SEEING).exclude(path="")
    return list(held.values_list("path", flat=True).distinct())


def _share_sight(lead: Appeal, part: Appeal, *, at: datetime) -> None:
    """Whoever handles, helps with or supervises the lead sees the part, as long as it belongs to it."""
    wanted = set(_paths(lead))
    held = set(
        Access.objects.filter(appeal=part, why=AccessReason.GROUP, until__isnull=True).values_list("path", flat=True)
    )
    for path in wanted - held:
        appeals.grant_access(appeal=part, why=AccessReason.GROUP, path=path, at=at)
    for path in held - wanted:
        appeals.end_access(appeal=part, why=AccessReason.GROUP, path=path, at=at)


def _drop_sight(part: Appeal, *, at: datetime) -> None:
    for path in list(
        Access.objects.filter(appeal=part, why=AccessReason.GROUP, until__isnull=True).values_list("path", flat=True)
    ):
        appeals.end_access(appeal=part, why=AccessReason.GROUP, path=path, at=at)


def _shield(lead: Appeal, part: Appeal) -> bool:
    """A lead with a shielded part never goes to the employer's own union either; says whether that is new."""
    if _is_shielded(lead) or not _is_shielded(part):
        return False
    Appeal.objects.filter(pk=lead.pk).update(anonymous_to_employer=True)
    lead.anonymous_to_employer = True
    return True


def _unshield(lead: Appeal) -> None:
    others = groups.active_members(lead.pk).filter(appeal__status=Status.MERGED).select_related("appeal")
    for member in others:
        if _is_shielded(member.appeal):
            member.before["shields"] = True  # the next one carries it on
            member.save(update_fields=["before"])
            return
    Appeal.objects.filter(pk=lead.pk).update(anonymous_to_employer=False)
    lead.anonymous_to_employer = False


def _is_shielded(appeal: Appeal) -> bool:
    return queries.matter_of(appeal, own_union=queries.own_union_of(appeal), on=day_of(appeal.received_at)).is_shielded


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
