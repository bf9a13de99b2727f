"""How long does personal data stay, and what stands against taking it out?

The data of a person goes when nothing of theirs is open, nobody needs it any more, and so many years have passed since
the last thing that happened (个人信息保护法 第19条、第47条). A person's own wish needs no years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gongqing.appeals.rules.statuses import OPEN


@dataclass(frozen=True, slots=True)
class Matter:
    """One appeal of a person: where it stands, and when it ended or last moved."""

    status: str
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a person.

    Attributes:
        entered_at: since when the person is known.
        last_sign_in: when the person was last here; None for never.
        request_count: requests about the own data that wait for an answer.
        is_member: belongs to a union now.
        has_posting: works for a union now.
        is_empty: there is nothing left to take out.
    """

    matters: Sequence[Matter]
    entered_at: datetime
    last_sign_in: datetime | None = None
    request_count: int = 0
    is_member: bool = False
    has_posting: bool = False
    is_empty: bool = False

    @property
    def open_count(self) -> int:
        return sum(matter.status in OPEN for matter in self.matters)

    @property
    def last_at(self) -> datetime:
        """When something last happened between the person and the union."""
        moments = [self.entered_at, *(matter.last_at for matter in self.matters)]
        return max([*moments, self.last_sign_in] if self.last_sign_in else moments)


def hindrance(standing: Standing, *, at: datetime, years: int | None) -> str:
    """Why the personal data must stay for now; empty when it may go.

    Args:
        years: how long it stays after the last thing that happened; None when the person asks for it.
    """
    if standing.is_empty:
        return "已经没有可去除的个人信息。"
    if standing.open_count:
        return f"还有 {standing.open_count} 件诉求没有结束。"
    if standing.request_count:
        return "还有个人信息请求没有答复。"
    if standing.is_member:
        return "是在册会员，会籍仍在使用这些信息。"
    if standing.has_posting:
        return "在工会有岗位，账号仍在使用这些信息。"
    if years is not None and later_by(standing.last_at, years) > at:
        return f"最后一次往来在 {standing.last_at:%Y-%m-%d}，未满 {years} 年。"
    return ""


def later_by(moment: datetime, years: int) -> datetime:
    """The same day and time so many years later; 29 February becomes 1 March where there is none."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1)
