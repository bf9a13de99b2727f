"""What does the card of a shared need say of its voices without giving anybody away?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from gongqing.voices.rules.hearing import LEAST_SHOWN

LONGEST_TITLE = 60


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


def title_of(place: str, category: str, words: Sequence[str]) -> str:
    """What a shared need is called until a person gives it a name."""
    said = "、".join(words[:3]) or category
    return f"{place}：{said}"[:LONGEST_TITLE]


def harmless(words: Iterable[str], names: Set[str]) -> list[str]:
    """The words in which nobody is named and no number stands."""
    return [word for word in words if word not in names and not any(char.isdigit() for char in word)]
