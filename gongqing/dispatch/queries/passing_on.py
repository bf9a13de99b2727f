"""What did somebody leave behind, who has it now, and who has signed for it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from gongqing.accounts import queries as accounts
from gongqing.accounts.models import Posting, RoleChoice
from gongqing.appeals.rules.statuses import STATUS_WORDS, Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.audit.reading import Asking, PreparedValues, answer, counted
from gongqing.dispatch.models import DutyShift, Order, PassOn, PassOnItem
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.rules.passing_on import READERS, may_take_over
from gongqing.lib.errors import NotFound, NotPermitted
from gongqing.lib.times import day_of, in_words

CITY = frozenset({Role.CITY_SUPERVISOR})


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What would pass on if a posting ended now."""

    order_count: int
    shift_count: int

    @property
    def is_empty(self) -> bool:
        """Nothing would."""
        return not (self.order_count or self.shift_count)


@dataclass(frozen=True, slots=True)
class PassedItem:
    """One line of the list: the matter, where it stood, by when, who has it now."""

    code: str
    title: str
    part: str
    status: str
    due_at: datetime | None
    now_with: str


@dataclass(frozen=True, slots=True)
class PassedWork:
    """A list to be signed, as its page and its papers show it."""

    pass_on: PassOn
    role: str
    items: Sequence[PassedItem]
    hidden_count: int
    shifts: Sequence[str]
    may_sign: bool


def open_orders_of(posting: Posting) -> QuerySet[Order]:
    """The open orders of an organisation that lie with the holder of this posting."""
    return Order.objects.filter(
        organisation_id=posting.organisation_id or 0, assignee_user_id=posting.user_id, status__in=OPEN_ORDERS
    )


def shifts_of(posting: Posting, since: datetime) -> QuerySet[DutyShift]:
    """The duty that the holder of this posting still has before him or her."""
    found = DutyShift.objects.filter(organisation_id=posting.organisation_id or 0, user_id=posting.user_id)
    return found.filter(starts_at__gte=since)


def open_work(posting: Posting, at: datetime) -> OpenWork:
    """How much would pass on now; counted for an administrator, who sees no appeals, as numbers alone."""
    if holds_another(posting, day_of(at)):
        return OpenWork(0, 0)
    with scope.elevated():
        return OpenWork(open_orders_of(posting).count(), shifts_of(posting, at).count())


def open_work_words(subject: tuple[Posting, datetime], actor: Actor) -> str | None:
    """`3 件在办诉求、2 班值班`, for the page on which a posting ends; None when nothing would pass on."""
    found = open_work(*subject)
    parts = [f"{found.order_count} 件在办诉求"] if found.order_count else []
    parts += [f"{found.shift_count} 班值班"] if found.shift_count else []
    return "、".join(parts) or None


def holds_another(posting: Posting, on: date) -> bool:
    """Whether the person works at the organisation in another posting that goes on, and so keeps the work."""
    if not posting.user.is_active:
        return False
    held = accounts.postings_of(posting.user_id, on).filter(organisation_id=posting.organisation_id or 0)
    return held.exclude(pk=posting.pk).exists()


def visible_pass_ons(actor: Actor) -> QuerySet[PassOn]:
    """The lists of one's own organisation, of those below a supervisor, and those that one is to sign.

    Raises:
        NotPermitted: a role that handles nothing.
    """
    if actor.role not in READERS:
        raise NotPermitted("工作交接由办理单位和派单督办岗位查看。")
    is_city, mine = _sight_of(actor)
    return _in_sight(is_city, *mine).select_related("posting__user", "organisation", "successor")


def _sight_of(actor: Actor) -> tuple[bool, tuple[int | str, ...]]:
    """Whether one sees the lists of the whole city; else one's organisation, account, and path where one supervises."""
    if actor.role in CITY:
        return True, ()
    supervises = actor.path and actor.role in (Role.TOWN_SUPERVISOR, Role.COUNTY_SUPERVISOR)
    below = (actor.path, actor.path[:-1] + "0") if supervises else ()
    return False, (actor.organisation_id or 0, actor.user_id or 0, *below)


def _in_sight(is_city: bool, *mine: Any) -> QuerySet[PassOn]:
    if is_city:
        return PassOn.objects.all()
    place, account, *below = mine
    seen = Q(organisation_id=place) | Q(successor_id=account)
    if below:
        seen |= Q(organisation__path__gte=below[0], organisation__path__lt=below[1])
    return PassOn.objects.filter(seen)


def listed(actor: Actor) -> tuple[Sequence[PassOn], Sequence[PassOn]]:
    """The lists that wait for a signature, oldest first, and the latest hundred that were signed.

    Raises:
        NotPermitted.
    """
    found = visible_pass_ons(actor).annotate(item_count=Count("items"))
    with scope.elevated():  # how many, also of matters that one does not see
        waiting = list(found.filter(signed_at__isnull=True).order_by("made_at", "id")[:200])
        return waiting, list(found.filter(signed_at__isnull=False).order_by("-signed_at")[:100])


def unsigned_count(actor: Actor) -> int:
    """How many lists of the actor's view wait for a signature."""
    return sum(count for asking in asked_of_unsigned(actor) for (count,) in answer(asking))


def asked_of_unsigned(actor: Actor) -> list[Asking[Any]]:
    """What `unsigned_count` asks, to be asked together with others."""
    if actor.role not in READERS:
        return []
    is_city, mine = _sight_of(actor)
    return [_unsigned(*mine, shape=is_city)]


@PreparedValues
def _unsigned(is_city: bool, *mine: int | str) -> QuerySet[PassOn, Any]:
    return counted(_in_sight(is_city, *mine).filter(signed_at__isnull=True))


def passed_work(pass_on_id: int, actor: Actor) -> PassedWork:
    """One list with its items; matters that this actor may not see are counted and not shown.

    Raises:
        NotPermitted. NotFound: none in the actor's view.
    """
    found = visible_pass_ons(actor).filter(pk=pass_on_id).first()
    if found is None:
        raise NotFound("没有这份交接清单，或者不在您能看的范围内。")
    seen = PassOnItem.objects.filter(pass_on=found).select_related("appeal", "order").order_by("due_at", "id")
    items = [_item(each) for each in seen]
    with scope.elevated():
        item_count = PassOnItem.objects.filter(pass_on=found).count()
    return PassedWork(
        pass_on=found,
        role=RoleChoice(found.posting.role).label,
        items=items,
        hidden_count=item_count - len(items),
        shifts=[_shift(*each) for each in found.shifts],
        may_sign=found.signed_at is None and may_sign(found, actor),
    )


def may_sign(found: PassOn, actor: Actor) -> bool:
    """May this actor sign the list?"""
    place = found.organisation
    return may_take_over(actor, organisation_id=place.pk, path=place.path, successor_id=found.successor_id)


def _item(item: PassOnItem) -> PassedItem:
    status = item.status
    return PassedItem(
        code=item.appeal.code,
        title=item.appeal.title,
        part=item.order.get_role_display(),
        status=STATUS_WORDS[Status(status)] if status in set(Status) else status,
        due_at=item.due_at,
        now_with=item.order.assignee_name,
    )


def _shift(start: str, end: str, rank: int) -> str:
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    return f"{in_words(first, weekday=True)} 至 {in_words(last, weekday=True)}，第 {rank} 值班人"
