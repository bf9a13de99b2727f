"""Which open cases could another organisation take so that fewer are late, and what does each move change?

Greedy: of all permitted moves the one that lowers the expected number of late cases the most, then the next, until
none is worth its trouble. No case is moved to where it is the likelier to be late itself. Every move says what it
changes on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gongqing.appeals.rules.statuses import STATUS_WORDS, Status
from gongqing.dispatch.rules.outlook import Floats, Numbers, Outlook, speed_of
from gongqing.lib.errors import NotAllowed

LEAST_GAIN = 0.1  # late cases, the least that the page can state; less is not worth a change of hands
MOST_MOVES = 20
MOVABLE = frozenset({Status.DISPATCHED, Status.SIGNED})


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as the outlook sees it.

    Attributes:
        held: open cases. staff: persons on post now. usual_staff: persons without whoever is away.
    """

    number: int
    held: float
    staff: float
    usual_staff: float


@dataclass(frozen=True, slots=True)
class OpenCases:
    """Open cases that still can be in time, one place in every array for each."""

    numbers: Numbers
    categories: Sequence[str]
    places: Numbers
    used: Floats
    left: Floats

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Move:
    """One proposal.

    Attributes:
        chance, chance_after: of this case to be late, here and there.
        here, here_after, there, there_after: expected late cases of both organisations.
    """

    case: int
    origin: int
    target: int
    chance: float
    chance_after: float
    here: float
    here_after: float
    there: float
    there_after: float

    @property
    def gain(self) -> float:
        """How many late cases fewer are expected of both together."""
        return self.here + self.there - self.here_after - self.there_after


def check_can_redistribute(*, grade: str, status: str, is_contacted: bool) -> None:
    """Only what nobody has begun changes hands for balance's sake, and nothing red.

    Raises:
        NotAllowed.
    """
    if grade == "red":
        raise NotAllowed("红级诉求不参加调整，由原单位抓紧办。")
    if Status(status) not in MOVABLE:
        raise NotAllowed(f"这件诉求现在是“{STATUS_WORDS[Status(status)]}”，不能再调整。")
    if is_contacted:
        raise NotAllowed("办理单位已经联系过职工，不再调整。")


def speed_at(outlook: Outlook, place: Place, more: float = 0.0) -> float:
    """The organisation's speed with so many cases more (or fewer) than it holds."""
    usual = outlook.usual.get(place.number, 0.0)
    return speed_of(usual=usual, held=place.held + more, staff=place.staff, usual_staff=place.usual_staff)


def expected_late(outlook: Outlook, cases: OpenCases, places: Mapping[int, Place]) -> Floats:
    """For each case the chance to be late where it is now."""
    speeds = {number: speed_at(outlook, place) * outlook.pace_of(number) for number, place in places.items()}
    paces = np.array([speeds.get(int(number), 1.0) for number in cases.places])
    return outlook.chances(cases.categories, cases.used, cases.left, paces)


def proposed(
    outlook: Outlook, cases: OpenCases, places: Mapping[int, Place], permitted: Mapping[int, Sequence[int]]
) -> list[Move]:
    """Moves in the order in which they help, each reckoned after those before it.

    Args:
        places: every organisation that holds a case or could.
        permitted: case → the organisations that may have it; a case that is not here stays.
    """
    standing = dict(places)
    holder = cases.places.copy()
    row = {int(number): place for place, number in enumerate(cases.numbers)}
    waiting = {row[case]: [to for to in targets if to in places] for case, targets in permitted.items() if case in row}
    moves: list[Move] = []
    while waiting and len(moves) < MOST_MOVES:
        scene = _Scene(outlook, cases, holder, standing)
        best = max(
            (
                move
                for case, targets in waiting.items()
                for move in scene.moves_of(case, targets)
                if move.chance_after <= move.chance
            ),
            key=lambda move: (move.gain, -move.case),
            default=None,
        )
        if best is None or best.gain < LEAST_GAIN:
            break
        moves.append(best)
        case = row[best.case]
        holder[case] = best.target
        standing[best.origin] = _with(standing[best.origin], -1)
        standing[best.target] = _with(standing[best.target], 1)
        del waiting[case]
    return moves


class _Scene:
    """Who holds what at one step of the search; what was reckoned for one case holds for all of its organisation."""

    def __init__(self, outlook: Outlook, cases: OpenCases, holder: Numbers, standing: Mapping[int, Place]) -> None:
        self.outlook, self.cases, self.holder, self.standing = outlook, cases, holder, standing
        self.seen: dict[tuple[int, int], tuple[Floats, Numbers]] = {}

    def moves_of(self, case: int, targets: Sequence[int]) -> list[Move]:
        """Every move of one case to these organisations."""
        origin = int(self.holder[case])
        if origin not in self.standing:
            return []
        here, rows = self._chances(origin, 0)
        lighter, _ = self._chances(origin, -1)
        mine = int(np.searchsorted(rows, case))
        found = []
        for target in targets:
            if target == origin:
                continue
            there, _ = self._chances(target, 0)
            fuller, _ = self._chances(target, 1)
            after = self._chance(case, self.standing[target])
            found.append(
                Move(
                    case=int(self.cases.numbers[case]),
                    origin=origin,
                    target=target,
                    chance=float(here[mine]),
                    chance_after=after,
                    here=float(here.sum()),
                    here_after=float(lighter.sum() - lighter[mine]),
                    there=float(there.sum()),
                    there_after=float(fuller.sum() + after),
                )
            )
        return found

    def _chances(self, number: int, more: int) -> tuple[Floats, Numbers]:
        """Of the cases of an organisation to be late if it held so many more, and which cases those are."""
        if (number, more) not in self.seen:
            rows: Numbers = np.flatnonzero(self.holder == number).astype(np.int64)
            place, cases = self.standing[number], self.cases
            pace = speed_at(self.outlook, place, more) * self.outlook.pace_of(number)
            categories = [cases.categories[int(row)] for row in rows]
            chances = self.outlook.chances(categories, cases.used[rows], cases.left[rows], np.full(len(rows), pace))
            self.seen[number, more] = (chances, rows)
        return self.seen[number, more]

    def _chance(self, case: int, place: Place) -> float:
        """Of one case to be late there, with it."""
        cases = self.cases
        pace = speed_at(self.outlook, place, 1) * self.outlook.pace_of(place.number)
        one = slice(case, case + 1)
        return float(
            self.outlook.chances([cases.categories[case]], cases.used[one], cases.left[one], np.array([pace]))[0]
        )


def _with(place: Place, more: int) -> Place:
    return Place(place.number, place.held + more, place.staff, place.usual_staff)
