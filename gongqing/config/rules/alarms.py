"""Which points have changed since they were last told, and who must hear of it?

A change is written once; a point that goes to and fro is written each time and told only a few times a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gongqing.audit.actor import Actor, Role
from gongqing.config.rules.points import Colour, Point
from gongqing.lib.errors import NotPermitted

STATUS_READERS = frozenset({Role.ADMINISTRATOR, Role.CITY_SUPERVISOR, Role.AUDITOR})
TOLD_AT_MOST = 4  # times a day and point


@dataclass(frozen=True, slots=True)
class Change:
    """A point that has another colour than it had."""

    point: Point
    before: Colour
    is_told: bool

    @property
    def text(self) -> str:
        """The notice to the administrators."""
        if self.point.colour is Colour.GREEN:
            return f"已恢复：{self.point.name}。{self.point.said}"
        return f"{self.point.word}：{self.point.name}。{self.point.said}{self.point.advice}"


def check_can_read_status(actor: Actor) -> None:
    """The state of the installation is for those who run it and those who answer for it.

    Raises:
        NotPermitted.
    """
    if actor.role not in STATUS_READERS:
        raise NotPermitted("运行状态供系统管理员、市级督办岗位和审计岗位查看。")


def changes(found: Iterable[Point], known: Mapping[str, Colour], told_today: Mapping[str, int]) -> list[Change]:
    """The points whose colour is news; what was never written counts as green, and grey is no news.

    Args:
        known: key → the colour that was written last.
        told_today: key → how often its changes were told in the last day.
    """
    return [
        Change(point, before, is_told=told_today.get(point.key, 0) < TOLD_AT_MOST)
        for point in found
        if point.colour is not Colour.GREY and (before := known.get(point.key, Colour.GREEN)) is not point.colour
    ]
