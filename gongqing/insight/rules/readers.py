"""Who may look over everything, and who reads the trace?"""

from __future__ import annotations

from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import NotPermitted

NO_FIGURES = frozenset({Role.ADMINISTRATOR, Role.ZONE_HELPER})
BOARD_READERS = frozenset(
    {Role.CITY_SUPERVISOR, Role.COUNTY_SUPERVISOR, Role.TOWN_SUPERVISOR, Role.ZONE_CHIEF, Role.AUDITOR}
)
TRACE_READERS = frozenset({Role.AUDITOR, Role.CITY_SUPERVISOR})


def check_can_read_figures(actor: Actor) -> None:
    """Staff read the figures of what they see; administrators see no appeals, helpers only their own reports.

    Raises:
        NotPermitted.
    """
    if not actor.is_staff or actor.role in NO_FIGURES:
        raise NotPermitted("指标统计供办理、督办和审计岗位查看。")


def check_can_read_board(actor: Actor) -> None:
    """The board of deadlines is for those who supervise, from the zone's chief up, and for the auditor.

    Raises:
        NotPermitted.
    """
    if actor.role not in BOARD_READERS:
        raise NotPermitted("到期看板供片区长、镇街以上督办岗位和审计岗位查看。")


def check_can_read_trace(actor: Actor) -> None:
    """The whole trace is for the auditor and the city's supervisor.

    Raises:
        NotPermitted.
    """
    if actor.role not in TRACE_READERS:
        raise NotPermitted("全部留痕供审计岗位和市级督办岗位查看。")
