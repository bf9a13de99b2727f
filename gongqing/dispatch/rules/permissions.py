"""Who may do what to an order?"""

from __future__ import annotations

from gongqing.appeals.rules.permissions import HANDLERS, SUPERVISORS
from gongqing.audit.actor import Actor, Role
from gongqing.dispatch.rules.levels import is_at_least
from gongqing.lib.errors import NotPermitted

LEVEL_OF_SUPERVISOR = {
    Role.TOWN_SUPERVISOR: "town",
    Role.COUNTY_SUPERVISOR: "county",
    Role.CITY_SUPERVISOR: "city",
    Role.SYSTEM: "city",
}


def stands_above(actor: Actor, path: str) -> bool:
    """Is the actor a supervisor of the organisation at this path? The city stands above departments too."""
    if actor.role in (Role.CITY_SUPERVISOR, Role.SYSTEM):
        return True
    return actor.role in SUPERVISORS and bool(actor.path) and path != actor.path and path.startswith(actor.path)


def can_handle(actor: Actor, *, organisation_id: int, path: str, follower_ids: frozenset[int] = frozenset()) -> bool:
    """Is it the actor's order: its own organisation's, a lower one's (代办), or one it follows at a department?"""
    if actor.role not in HANDLERS and not actor.is_system:
        return False
    is_own = actor.organisation_id == organisation_id or actor.organisation_id in follower_ids
    return is_own or stands_above(actor, path)


def check_can_handle(
    actor: Actor, *, organisation_id: int, path: str, follower_ids: frozenset[int] = frozenset()
) -> None:
    """Refuse those who neither hold the order nor stand above its holder.

    Raises:
        NotPermitted.
    """
    if not can_handle(actor, organisation_id=organisation_id, path=path, follower_ids=follower_ids):
        raise NotPermitted("这件诉求不由您的单位办理。")


def check_can_dispatch(actor: Actor) -> None:
    """Dispatching is for supervisors of town, county and city, and the system.

    Raises:
        NotPermitted.
    """
    if actor.role not in LEVEL_OF_SUPERVISOR:
        raise NotPermitted("派单由镇街及以上派单督办岗位进行。")


def check_can_send_to(actor: Actor, *, path: str, is_department: bool) -> None:
    """A supervisor dispatches within its own area, and to departments; the city anywhere.

    Raises:
        NotPermitted.
    """
    if is_department or actor.role in (Role.CITY_SUPERVISOR, Role.SYSTEM) or path.startswith(actor.path):
        return
    raise NotPermitted("只能派给本级和下级单位；要往上转，请用“转交”。")


def is_above(actor: Actor, *, level: str) -> bool:
    """Is it a supervisor of at least this level?"""
    own = LEVEL_OF_SUPERVISOR.get(actor.role)
    return own is not None and is_at_least(own, level)


def check_is_above(actor: Actor, *, level: str, what: str) -> None:
    """Ask for a supervisor of at least this level.

    Raises:
        NotPermitted.
    """
    if not is_above(actor, level=level):
        raise NotPermitted(f"{what}，您的岗位不能做这一步。")
