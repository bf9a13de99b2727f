"""How are numbers drawn on the wall: which shade has a part of the map, how high stands an hour?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import NotPermitted

READERS = frozenset({Role.CITY_SUPERVISOR, Role.COUNTY_SUPERVISOR, Role.AUDITOR})
SHADES = 4
DAY_HOURS = 24
_ROUND = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80)


def check_can_watch(actor: Actor) -> None:
    """The cockpit is for the supervisors of the city and the counties, and for the auditor.

    Raises:
        NotPermitted.
    """
    if actor.role not in READERS:
        raise NotPermitted("驾驶舱供市级、区县督办岗位和审计岗位查看。")


@dataclass(frozen=True, slots=True)
class Band:
    """One shade of the map: 1 is the faintest; from `least` to `most` cases, no end for the last."""

    shade: int
    least: int
    most: int | None

    @property
    def words(self) -> str:
        """`1—20`, `61 以上`, `3`."""
        if self.most is None:
            return f"{self.least} 以上"
        return str(self.least) if self.least == self.most else f"{self.least}—{self.most}"


def bands_of(counts: Iterable[int]) -> list[Band]:
    """Four bands of equal width that hold every count above none; the width is a round number, so they seldom move."""
    most = max(counts, default=0)
    width = _round_up(-(-most // SHADES))
    bands = [Band(number, (number - 1) * width + 1, number * width) for number in range(1, SHADES + 1)]
    return [*bands[:-1], Band(SHADES, bands[-1].least, None)]


def shade_of(count: int, bands: Sequence[Band]) -> int:
    """The shade of a count; 0 for none."""
    return next((band.shade for band in reversed(bands) if count >= band.least), 0)


@dataclass(frozen=True, slots=True)
class HourBar:
    """One hour of the day and how high its two columns stand, 0 to 1 of the highest."""

    hour: int
    received: int
    closed: int
    received_share: float
    closed_share: float


def hour_bars(received: Mapping[int, int], closed: Mapping[int, int]) -> list[HourBar]:
    """All hours of a day."""
    highest = max([*received.values(), *closed.values(), 1])
    return [
        HourBar(
            hour,
            received.get(hour, 0),
            closed.get(hour, 0),
            received.get(hour, 0) / highest,
            closed.get(hour, 0) / highest,
        )
        for hour in range(DAY_HOURS)
    ]


def _round_up(number: int) -> int:
    size = 1
    while number > _ROUND[-1] * size:
        size *= 10
    return next(step * size for step in _ROUND if step * size >= number)
