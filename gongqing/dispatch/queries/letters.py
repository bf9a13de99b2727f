"""Which official letters were made of an appeal, which may be made now, and what would they say?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.grading import Grade
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import Clock, Handover, Letter, LetterKind, Order, OrderRole, OrderStatus
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.queries.case_rows import handovers_of
from gongqing.dispatch.queries.cases import case_id
from gongqing.dispatch.queries.clocks import calendar, policy_on
from gongqing.dispatch.queries.desk_case import may_reveal
from gongqing.dispatch.queries.orders import follower_ids, orders_read
from gongqing.dispatch.queries.routing import matter_of, own_union_of
from gongqing.dispatch.rules import letters as rules
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.clocks import end_of
from gongqing.dispatch.rules.letters import LetterName, LetterWords
from gongqing.dispatch.rules.limits import ClockName
from gongqing.dispatch.rules.outcomes import Outcome
from gongqing.lib.errors import NotAllowed, NotFound, NotPermitted
from gongqing.lib.remembering import remembered
from gongqing.lib.times import day_of
from gongqing.registry.models import Organisation

UP = "上一级工会"


@dataclass(frozen=True, slots=True)
class Offer:
    """A letter that this person may make of the appeal now."""

    name: LetterName
    label: str


def letter_numbered(code: str, letter_id: int, actor: Actor) -> Letter:
    """One letter of a case.

    Raises:
        BadInput: it cannot be a code. NotFound: the case or the letter is not in the actor's view.
        NotPermitted: the actor may not see whom the case is about.
    """
    found = Letter.objects.select_related("appeal").filter(appeal_id=case_id(code, actor), pk=letter_id).first()
    if found is None:
        raise NotFound("没有这份公文，或者不在您能看的范围内。")
    if not may_open(found.appeal, actor):
        raise NotPermitted("公文写有职工姓名，只有经办和督办这件诉求的人可以下载。")
    return found


def handover_numbered(code: str, handover_id: int, actor: Actor) -> Handover:
    """One hand-over of a case.

    Raises:
        BadInput, NotFound, NotPermitted: as `letter_numbered`.
    """
    found = Handover.objects.select_related("appeal__person", "appeal__category", "appeal__region", "department")
    handover = found.filter(appeal_id=case_id(code, actor), pk=handover_id).first()
    if handover is None:
        raise NotFound("没有这条横向流转记录，或者不在您能看的范围内。")
    if not may_open(handover.appeal, actor):
        raise NotPermitted("信息表写有职工姓名，只有经办和督办这件诉求的人可以下载。")
    return handover


def may_open(appeal: Appeal, actor: Actor) -> bool:
    """Who may read what a letter says of the worker."""
    if appeal.person_id is None:
        return appeals.is_visible(appeal.pk, actor)
    return may_reveal(appeal, actor)


def offers_for(appeal: Appeal, actor: Actor) -> list[Offer]:
    """The letters that this person may make of the appeal now."""
    found, known = [], _known_of(appeal, actor)
    for name in LetterName:
        try:
            _check(name, appeal, actor, known)
        except (NotPermitted, NotAllowed):
            continue
        found.append(Offer(name, LetterKind(name).label))
    return found


def check_can_make(name: LetterName, appeal: Appeal, actor: Actor) -> Order:
    """Refuse who may not make this letter, then when it cannot be made; returns the order that it speaks of.

    Raises:
        NotPermitted, NotAllowed.
    """
    return _check(name, appeal, actor, _known_of(appeal, actor))


class _Known(NamedTuple):
    """What decides about every letter of one appeal."""

    order: Order | None
    followers: frozenset[int]
    issuer: Organisation | None
    has_handover: bool


def _known_of(appeal: Appeal, actor: Actor) -> _Known:
    order = order_of(appeal)
    if order is None:
        return _Known(None, frozenset(), None, has_handover=False)
    return _Known(order, follower_ids(appeal.pk), issuer_of(actor.organisation_id), bool(handovers_of(appeal.pk)))


def _check(name: LetterName, appeal: Appeal, actor: Actor, known: _Known) -> Order:
    order = known.order
    if order is None:
        rules.check_may_issue(actor, name, can_handle=actor.is_staff, stands_above=True)
        raise NotAllowed("还没有派到办理单位，派单以后才能出公文。")
    place = order.organisation
    rules.check_may_issue(
        actor,
        name,
        can_handle=permissions.can_handle(
            actor, organisation_id=place.pk, path=place.path, follower_ids=known.followers
        ),
        stands_above=permissions.stands_above(actor, place.path),
    )
    is_own = known.issuer is not None and known.issuer.pk == place.pk
    rules.check_can_issue(name, appeal.status, is_own=is_own, has_handover=known.has_handover)
    if known.issuer is None:
        raise NotAllowed("您的单位和它的上级里没有可以出具公文的工会，请联系管理员核对组织。")
    return order


def is_past_due(appeal_id: int, actor: Actor, at: datetime) -> bool:
    """Whether a letter of today would promise an answer by a day that is over."""
    return Appeal.objects.visible_to(actor).filter(pk=appeal_id, due_at__lt=at, resolved_at__isnull=True).exists()


def order_of(appeal: Appeal) -> Order | None:
    """The order of the handler, also one that has answered."""
    held = [each for each in reversed(orders_read(appeal.pk)) if each.role == OrderRole.HANDLE]
    is_open = (each for each in held if each.status in OPEN_ORDERS)
    return next(is_open, None) or next((each for each in held if each.status == OrderStatus.DONE), None)


@remembered
def issuer_of(organisation_id: int | None) -> Organisation | None:
    """The union in whose name an organisation writes: itself, or for a zone or a room the union above it."""
    place = Organisation.objects.select_related("parent").filter(pk=organisation_id or 0).first()
    while place is not None and place.kind not in rules.ISSUING:
        place = place.parent
    return place


def addressee_of(name: LetterName, appeal: Appeal, order: Order, handover: Handover | None) -> str:
    """To whom a letter goes unless somebody writes otherwise."""
    if name is LetterName.ASSIGNMENT:
        return order.organisation.name
    if name is LetterName.HANDOVER:
        return handover.department.name if handover else ""
    known = appeal.person.name if appeal.person else ""
    return known or "反映人"


def is_shielded(appeal: Appeal) -> bool:
    """Whether the employer must not learn who the worker is: by the worker's wish, or by what the matter is."""
    if appeal.anonymous_to_employer:
        return True
    return matter_of(appeal, own_union=own_union_of(appeal), on=day_of(appeal.received_at)).is_shielded


def handover_of(appeal: Appeal, handover_id: int | None = None) -> Handover | None:
    """The hand-over that a letter speaks of: the one named, else the latest."""
    found = Handover.objects.filter(appeal=appeal).select_related("department").order_by("-id")
    return (found.filter(pk=handover_id) if handover_id else found).first()


def words_for(
    name: LetterName,
    appeal: Appeal,
    order: Order,
    *,
    issuer: Organisation,
    addressee: str,
    remark: str,
    by: Actor,
    at: datetime,
    number: int | None = None,
    phone: str = "",
    handover: Handover | None = None,
) -> LetterWords:
    """What a letter says; without a number it is a draft.

    A letter to an organisation names the worker and the `phone` given, but nobody where the employer must not know.
    """
    with scope.elevated():  # the worker's own letter speaks of people and organisations beyond the actor's view
        shielded = is_shielded(appeal)
        known = appeal.person.name if appeal.person else ""
        is_hidden = shielded and name not in rules.TO_THE_WORKER
        said = rules.without_names(appeal.text, known) if is_hidden else appeal.text
        due = _due_words(appeal)
        above = (issuer_of(order.organisation_id) or issuer).parent
        return LetterWords(
            reference=rules.reference_of(rules.mark_of(issuer.name, issuer.letter_mark), name, day_of(at).year, number),
            issuer=issuer.name,
            addressee=addressee,
            signed_on=day_of(at),
            kind=appeal.get_kind_display(),
            code=appeal.code,
            title=rules.without_names(appeal.title, known) if is_hidden else appeal.title,
            received_on=day_of(appeal.received_at),
            channel=appeal.get_channel_display(),
            category=str(appeal.category) if appeal.category else "",
            grade=f"{Grade(appeal.grade).title_zh}色",
            employer=appeal.employer_name,
            place=" ".join(filter(None, [str(appeal.region or ""), appeal.place])),
            name="" if is_hidden else known,
            phone="" if is_hidden else phone,
            text=rules.lines_of(said),
            is_shielded=shielded,
            handler=order.organisation.name,
            handler_phone=order.organisation.phone or rules.HOTLINE,
            due=rules.deadline_words(appeal.due_at),
            sign_by=due.get(ClockName.SIGN, ""),
            contact_by=due.get(ClockName.CONTACT, ""),
            return_by=_return_words(appeal, order, at),
            above=above.name if above else UP,
            query_url=settings.GONGQING.site_url + reverse("worker-lookup"),
            is_dispute=appeal.kind == "appeal" and appeal.category is not None and appeal.category.code[:2] == "LE",
            contact=by.name,
            contact_phone=issuer.phone or rules.HOTLINE,
            result=rules.lines_of(appeal.result),
            outcome=Outcome.label_of(appeal.outcome) if appeal.outcome else "",
            recovered=rules.money_words(float(appeal.recovered_amount)) if appeal.recovered_amount else "",
            request=_request(handover, known if is_hidden else ""),
            outside_number=handover.outside_number if handover else "",
            remark=remark,
            copies=_assisting(appeal) if name is LetterName.ASSIGNMENT else "",
        )


def sheet_row(handover: Handover, words: LetterWords, letter: Letter | None) -> Sequence[tuple[str, str]]:
    """The one row of a hand-over's sheet: column and value."""
    return (
        ("编号", words.code),
        ("转办日期", f"{day_of(handover.sent_at):%Y-%m-%d}"),
        ("转办函文号", letter.reference if letter else ""),
        ("转出单位", words.issuer),
        ("接收部门", handover.department.name),
        ("反映人", words.name),
        ("联系电话", words.phone),
        ("对用人单位保密", "是" if words.is_shielded else "否"),
        ("类别", words.category),
        ("等级", words.grade),
        ("反映时间", f"{words.received_on:%Y-%m-%d}"),
        ("渠道", words.channel),
        ("用人单位", words.employer),
        ("发生地", words.place),
        ("反映内容", "\n".join(words.text)),
        ("请办事项", words.request),
        ("对方编号", handover.outside_number),
        ("联系人", words.contact),
        ("联系人电话", words.contact_phone),
    )


def latest_handover_letter(appeal: Appeal, handover: Handover) -> Letter | None:
    """The letter that went to a department with a matter."""
    found = Letter.objects.filter(appeal=appeal, kind=LetterKind.HANDOVER, made_at__gte=handover.sent_at)
    return found.filter(addressee=handover.department.name).order_by("id").first()


def _due_words(appeal: Appeal) -> dict[str, str]:
    clocks = Clock.objects.filter(appeal=appeal, ended_at__isnull=True).exclude(state="paused")
    return {clock.name: rules.deadline_words(clock.due_at) for clock in clocks}


def _return_words(appeal: Appeal, order: Order, at: datetime) -> str:
    """Until when the handler may return the matter; empty once it is over."""
    until = end_of(policy_on(day_of(appeal.entered_at)).return_within, order.dispatched_at, calendar())
    return rules.deadline_words(until) if until > at else ""


def _request(handover: Handover | None, hidden: str) -> str:
    said = handover.reason if handover else ""
    return rules.without_names(said, hidden) if hidden else said


def _assisting(appeal: Appeal) -> str:
    helping = Order.objects.filter(appeal=appeal, role=OrderRole.ASSIST, status__in=OPEN_ORDERS)
    return "、".join(each.organisation.name for each in helping.select_related("organisation").order_by("id"))
