"""Which level stands above which?"""

from __future__ import annotations

from gongqing.lib.choices import Choice


class Level(Choice):
    """Who may handle an appeal; departments stand beside the tree. The values are those of `registry`."""

    GRASSROOTS = "grassroots", "基层工会"
    ZONE = "zone", "片区"
    TOWN = "town", "镇街"
    COUNTY = "county", "区县市"
    CITY = "city", "市"
    DEPARTMENT = "department", "横向部门"


LADDER = (Level.GRASSROOTS, Level.ZONE, Level.TOWN, Level.COUNTY, Level.CITY)  # 梯次: from below to above


def rank(level: str) -> int:
    """0 for the grassroots to 4 for the city; -1 for a department, which stands on no rung."""
    return LADDER.index(Level(level)) if level in LADDER else -1


def is_at_least(level: str, least: str) -> bool:
    """Whether a level stands as high as another."""
    return rank(level) >= rank(least)


def level_above(level: str) -> Level | None:
    """The next rung up; None above the city. Above a department's matter stands the county."""
    if level == Level.DEPARTMENT:
        return Level.COUNTY
    here = rank(level)
    return LADDER[here + 1] if here + 1 < len(LADDER) else None
