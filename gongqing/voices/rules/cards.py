"""What does the card of a shared need say of its voices without giving anybody away?"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from gongqing.voices.rules.hearing import LEAST_SHOWN


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """How many people of one place are among the voices; `people` is None where they are too few to be counted."""

    name: str
    people: int | None


def places_shown(people_by_place: Iterable[tuple[str, int]]) -> list[PlaceLine]:
    """The places by the number of their people, most first; those with fewer than three people without the number.

    Where a single place would be hidden, it could be reckoned from the total: then the next smallest is hidden too.
    """
    ordered = sorted(people_by_place, key=lambda pair: (-pair[1], pair[0]))
    hidden = {name for name, people in ordered if people < LEAST_SHOWN}
    if len(hidden) == 1 and len(ordered) > 1:
        hidden.add(next(name for name, _ in reversed(ordered) if name not in hidden))
    return [PlaceLine(name, None if name in hidden else people) for name, people in ordered]


# what is written of every call and every visit
_BOILERPLATE = frozenset(
    (
        *("来电", "来电人", "来访", "反映", "要求", "希望", "建议", "请求", "投诉", "咨询", "走访", "上门", "一名"),
        *("工会", "有限公司", "公司", "单位", "部门", "职工", "员工", "我们", "他们", "大家", "有关", "相关"),
    )
)


def telling(words: Iterable[str], names: Set[str], places: Iterable[str] = ()) -> list[str]:
    """The words that tell something: no names of people or places, no numbers, nothing that stands in every record."""
    left_out = _BOILERPLATE | names | {part for place in places for part in (place, place.rstrip("市区县镇乡"))}
    return [word for word in words if word not in left_out and not _counts(word)]


def _counts(word: str) -> bool:
    """Whether it is a number, or begins as one: 110, 一班, 几家."""
    return any(char.isdigit() for char in word) or word[0] in "一二两三四五六七八九十几每"
