"""Who may sign for the work of somebody who has left?"""

from __future__ import annotations

from gongqing.appeals.rules.permissions import HANDLERS
from gongqing.audit.actor import Actor
from gongqing.dispatch.rules.permissions import stands_above
from gongqing.lib.errors import NotPermitted

READERS = HANDLERS


def may_take_over(actor: Actor, *, organisation_id: int, path: str, successor_id: int | None) -> bool:
    """The successor, a colleague at the organisation, or a supervisor above it."""
    if actor.role not in HANDLERS:
        return False
    if actor.organisation_id == organisation_id:
        return True
    return stands_above(actor, path) or (successor_id is not None and actor.user_id == successor_id)


def check_may_take_over(actor: Actor, *, organisation_id: int, path: str, successor_id: int | None) -> None:
    """Refuse others.

    Raises:
        NotPermitted.
    """
    if not may_take_over(actor, organisation_id=organisation_id, path=path, successor_id=successor_id):
        raise NotPermitted("交接由接手人、本单位同事或上级派单督办岗位签收。")
