"""Some official letters, and the work of two who have left: one list signed, one still to be signed."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from gongqing.accounts import actions as accounts
from gongqing.accounts import queries as account_queries
from gongqing.accounts.models import Posting
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.permissions import HANDLERS
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.config.demo.duty import LEAVE_AND_DEPUTY
from gongqing.config.demo.places import NEAR
from gongqing.config.demo.stage import Stage
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.models import Order, OrderRole, PassOn
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.queries.letters import offers_for
from gongqing.lib.times import day_of
from gongqing.registry import actions as registry

MARKS = {"3302": "甬工", NEAR[:6]: "海工"}
LETTERS_EACH = 3


def show_papers(stage: Stage) -> None:
    """Give the city and a county their marks, issue a few letters of each kind, let two people leave."""
    at = stage.until
    for code, mark in MARKS.items():
        organisation = stage.places.by_code[code]
        registry.set_letter_mark(
            organisation_id=organisation.pk, letter_mark=mark, by=SYSTEM, at=at - timedelta(hours=6)
        )
    _issue(stage)
    _leave(stage, signs=True)
    _leave(stage, signs=False)


def _issue(stage: Stage) -> None:
    handled = Appeal.objects.filter(person__isnull=False, handler__isnull=False).select_related("handler")
    in_hand = handled.filter(status__in=[Status.SIGNED, Status.IN_PROGRESS])
    for kind, found in (
        ("acceptance", in_hand),
        ("assignment", in_hand.exclude(handler_level__in=["city", "department"])),
        ("answer", handled.filter(status__in=[Status.RESOLVED, Status.AWAITING_EVALUATION])),
    ):
        _issue_some(stage, kind, found.filter(handler__level__in=["town", "zone", "grassroots", "county"]))


def _issue_some(stage: Stage, kind: str, found: QuerySet[Appeal]) -> None:
    """The newest of the county of the demonstration's people first, each letter an hour after the step before."""
    near = found.filter(region__code__startswith=NEAR[:6]).order_by("-received_at")[:LETTERS_EACH]
    for appeal in near:
        if appeal.handler is None:
            continue
        by = stage.supervisor(appeal.handler, "county") if kind == "assignment" else stage.handler(appeal.handler)
        with scope.acting_as(by):
            if kind in {offer.name for offer in offers_for(appeal, by)}:
                dispatch.issue_letter(appeal_id=appeal.pk, kind=kind, by=by, at=stage.until - timedelta(hours=4))


def _leave(stage: Stage, *, signs: bool) -> None:
    """Somebody with open orders and a colleague leaves; the colleague signs for them, or nobody has yet."""
    posting, heir = _somebody_with_work(stage)
    if posting is None or heir is None:
        return
    at = stage.until - timedelta(hours=3 if signs else 2)
    reason = "轮岗到区县总工会" if signs else "借调半年"
    accounts.end_posting(
        posting_id=posting.pk,
        until=day_of(at),
        reason=reason,
        successor_id=heir.user_id if signs else None,
        by=SYSTEM,
        at=at,
    )
    if signs:
        passed = PassOn.objects.get(posting=posting)
        with scope.acting_as(heir):
            dispatch.take_over_work(pass_on_id=passed.pk, by=heir, at=at + timedelta(minutes=40))


def _somebody_with_work(stage: Stage) -> tuple[Posting | None, Actor | None]:
    """A posting with open orders that nobody signs in with, and a colleague at the same organisation."""
    standing = {
        actor.user_id for name, actor in stage.cast.named.items() if "-" not in name or name in LEAVE_AND_DEPUTY
    }
    on = day_of(stage.until)
    held = (
        Order.objects.filter(status__in=OPEN_ORDERS, role=OrderRole.HANDLE, assignee_user_id__isnull=False)
        .exclude(assignee_user_id__in=standing)
        .values_list("assignee_user_id", "organisation_id")
        .order_by("-organisation__level", "organisation_id", "assignee_user_id")
        .distinct()
    )
    for user_id, organisation_id in held:
        here = list(account_queries.postings_of(user_id or 0, on).filter(organisation_id=organisation_id))
        present = stage.cast.at_place.get(organisation_id, [])
        others = [one for one in present if one.user_id != user_id and one.role in HANDLERS]
        if len(here) == 1 and others:
            return here[0], others[0]
    return None, None
