"""What stands on the slip that a worker takes home from the counter?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal
from gongqing.audit import queries as audit
from gongqing.audit.actor import Actor, Role
from gongqing.dispatch.models import OrderRole
from gongqing.dispatch.queries.cases import Case, case_after
from gongqing.dispatch.queries.orders import follower_ids, orders_read
from gongqing.dispatch.queries.worker import Promise, promise_of
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.slips import DECLINED
from gongqing.registry.models import Organisation


@dataclass(frozen=True, slots=True)
class Slip:
    """A printed slip (回执).

    Attributes:
        union: where it was written; the handler's union when the officer has none.
        query_url: where code and password open the matter; `qr_url` holds the code too, never the password.
        wants_messages: whether short messages go to the worker.
    """

    case: Case
    union: str
    handler: Organisation | None
    promise: Promise | None
    query_url: str
    qr_url: str
    officer: str
    at: datetime
    has_phone: bool
    wants_messages: bool

    @property
    def appeal(self) -> Appeal:
        return self.case.appeal

    @property
    def is_waiting(self) -> bool:
        """Whether a person must read it before anybody has it."""
        return self.appeal.status == "triage" or self.handler is None


def slip_of(appeal_id: int, actor: Actor, at: datetime) -> Slip:
    """The slip of an appeal that the actor has just registered or given another password."""
    case = case_after(appeal_id, actor, at)
    appeal = case.appeal
    has_phone = appeal.person is not None and bool(appeal.person.phone_mask)
    has_mobile = appeal.person is not None and appeal.person.phone_index is not None  # a land line finds nobody
    address = settings.GONGQING.site_url + reverse("worker-lookup")
    return Slip(
        case=case,
        union=actor.organisation_name or (appeal.handler.name if appeal.handler else ""),
        handler=appeal.handler,
        promise=promise_of(appeal, has_phone=has_phone, at=at) if appeal.handler else None,
        query_url=address,
        qr_url=f"{address}?code={appeal.code}",
        officer=actor.name,
        at=at,
        has_phone=has_phone,
        wants_messages=has_mobile and not audit.events_of("appeal", appeal.pk).filter(kind=DECLINED).exists(),
    )


def may_reissue(appeal: Appeal, actor: Actor) -> bool:
    """Who may give another password: who brought the matter in, a hotline seat, its handler, or one above."""
    if not actor.is_staff or not appeals.is_visible(appeal.pk, actor):
        return False
    if actor.role is Role.HOTLINE_SEAT or appeals.is_reporter(appeal, actor):
        return True
    followers = follower_ids(appeal.pk)
    return any(
        permissions.can_handle(
            actor, organisation_id=order.organisation_id, path=order.organisation.path, follower_ids=followers
        )
        for order in orders_read(appeal.pk)
        if order.role == OrderRole.HANDLE
    )
