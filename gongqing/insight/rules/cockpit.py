"""How are numbers drawn on the wall: which shade has a part of the map, how high stands a day, what is rising?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import NotPermitted

READERS = frozenset({Role.CITY_SUPERVISOR, Role.COUNTY_SUPERVISOR, Role.AUDITOR})
SHADES = 4
MYRIAD, LONG_NUMBER = 10_000, 100_000
MORE = 3  # so many more at least before anything rises
KINDS = ("街道", "镇", "乡", "区", "县", "市")
WHOLE_NAMES = ("自治县", "新区", "开发区", "保税区", "度假区", "城区", "园区", "矿区", "林区", "景区")
_ROUND = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80)


def check_can_watch(actor: Actor) -> None:
    """The cockpit is for the supervisors of the city and the counties, and for the auditor.

    Raises:
        NotPermitted.
    """
    if actor.role not in READERS:
        raise NotPermitted("驾驶舱供市级、区县督办岗位和审计岗位查看。")


def check_may_list(*, is_hung: bool) -> None:
    """A screen that hangs shows numbers, no lists of cases.

    Raises:
        NotPermitted.
    """
    if is_hung:
        raise NotPermitted("挂在墙上的屏幕不列个案。")


@dataclass(frozen=True, slots=True)
class Band:
    """One shade of the map: 1 is the faintest; from `least` to `most` cases, no end for the last."""

    shade: int
    least: int
    most: int | None


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
class Rise:
    """How often something came in during some days, and how often during as many before.

    Attributes:
        count, before: how many now and then.
    """

    key: str
    count: int
    before: int

    @property
    def more(self) -> int:
        """How many more; below none for fewer."""
        return self.count - self.before

    @property
    def fewer(self) -> int:
        """How many fewer."""
        return -self.more

    @property
    def is_rising(self) -> bool:
        """At least three more, and more than twice the root of both together: chance does that once in forty times."""
        return self.more >= MORE and self.more**2 > 4 * (self.count + self.before)


def rises(now: Mapping[str, int], before: Mapping[str, int]) -> list[Rise]:
    """What came in, those that rise first, then the most frequent."""
    found = [Rise(key, count, before.get(key, 0)) for key, count in now.items() if count]
    return sorted(found, key=lambda one: (not one.is_rising, -one.more if one.is_rising else 0, -one.count, one.key))


def map_name(name: str) -> str:
    """A place as it is written on a map: `海曙` for 海曙区, `集士港` for 集士港镇; whole where little would be left."""
    if name.endswith(WHOLE_NAMES):
        return name
    kind = next((kind for kind in KINDS if name.endswith(kind)), "")
    return name.removesuffix(kind) if len(name) - len(kind) > 1 else name


def map_count(count: int) -> str:
    """A number as it is written on a map: `9,999`, `1.2万`, `123万`."""
    if count < MYRIAD:
        return f"{count:,}"
    return f"{count / MYRIAD:.1f}万" if count < LONG_NUMBER else f"{count // MYRIAD:,}万"


def _round_up(number: int) -> int:
    size = 1
    while number > _ROUND[-1] * size:
        size *= 10
    return next(step * size for step in _ROUND if step * size >= number)
