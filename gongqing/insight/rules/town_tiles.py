"""Where does each town stand in its county, when nobody has the towns' outlines?

The county's outline is cut by straight lines into as many pieces of equal size as it has towns: in two, and again, the
towns dealt to both sides by where they lie. So west stays west and north stays north, no town is too small to be read,
and nobody takes a straight line for a border.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from gongqing.insight.rules.outlines import Point, Polygons, Ring, Shape, fitted, path_of

LOOKS = 1500  # points of the raster within the outline, about
LETTER = 27
ONE_LINE, TWO_LINES = (1.5 * LETTER, 46), (1.2 * LETTER, 58)  # half the room for a name of three signs and its numbers
BROKEN = 0.8  # what a name in two lines is worth against one in one
LEAST = 0.85  # of the room in one line; else the county is not drawn


@dataclass(frozen=True, slots=True)
class Piece:
    """One town as it is drawn.

    Attributes:
        lines: its name, in two lines where one is too long.
    """

    shape: Shape
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tiling:
    """A county cut into its towns.

    Attributes:
        border: the path of its outline, which the pieces are seen through.
        pieces: by the town's code.
    """

    border: str
    pieces: Mapping[str, Piece]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Box:
    """The piece between two upright and two level lines, and the points of the raster in it."""

    west: float
    north: float
    east: float
    south: float
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a town's label stands in its box, the room on both sides, and which part it is of what a label wants."""

    box: _Box
    label: Point
    beside: float
    fit: float


@dataclass(frozen=True, slots=True)
class _Deal:
    """Spots by code, and how well the tightest label fits."""

    fit: float
    spots: Mapping[str, _Spot]


def tiled(
    outline: Polygons, names: Mapping[str, str], known: Mapping[str, Point], *, width: float, height: float
) -> Tiling | None:
    """The county cut into the towns of `names` (code → name); None where a town would be too small to be read.

    Args:
        known: where towns lie, in degrees; one that is not there is dealt beside a known one of its kind, the nearest
            by code.
    """
    frame = fitted([point for polygon in outline for ring in polygon for point in ring], width=width, height=height)
    rings = [[frame.placed(point) for point in ring] for polygon in outline for ring in polygon]
    points, step = _raster(rings)
    lying = {code: frame.placed(point) for code, point in known.items()}
    places = {code: lying[near] if (near := _nearest(code, lying)) else (0.0, 0.0) for code in names}
    whole = _Box(0, 0, frame.width, frame.height, points)
    deal = _dealt(list(names), places, whole, step)
    if deal.fit < LEAST:
        return None
    pieces = {code: _piece(spot, names[code], step) for code, spot in deal.spots.items()}
    return Tiling("".join(path_of(ring) for ring in rings), pieces, frame.width, frame.height)


def _nearest(code: str, known: Mapping[str, Point]) -> str:
    """The nearest known code, first of the same kind (街道, 镇, 乡: its third digit from the end); empty for none."""
    return min(known, key=lambda other: (other[-3] != code[-3], abs(int(other) - int(code)), other), default="")


def _raster(rings: Sequence[Ring]) -> tuple[list[Point], float]:
    """Points at equal distances within the rings (those of holes take away), and their distance."""
    area = abs(sum(ax * by - bx * ay for ring in rings for (ax, ay), (bx, by) in _edges(ring))) / 2
    step = sqrt(area / LOOKS) or 1.0
    edges = [edge for ring in rings for edge in _edges(ring)]
    rows = int(max((y for ring in rings for _, y in ring), default=0) / step) + 1
    found = []
    for row in range(rows):
        y = (row + 0.5) * step
        crossings = sorted(
            (bx - ax) * (y - ay) / (by - ay) + ax for (ax, ay), (bx, by) in edges if (ay > y) != (by > y)
        )
        for begin, end in zip(crossings[::2], crossings[1::2], strict=False):
            first, last = int(begin / step + 0.5), int(end / step + 0.5)
            found += [((column + 0.5) * step, y) for column in range(first, last)]
    return found, step


def _edges(ring: Ring) -> list[tuple[Point, Point]]:
    return list(zip(ring, [*ring[1:], ring[0]], strict=True))


def _dealt(codes: Sequence[str], places: Mapping[str, Point], box: _Box, step: float) -> _Deal:
    """Each town's spot: the box cut in two, and the towns with it, until each has one; of both ways the roomier."""
    if not box.points:
        return _Deal(0.0, {})
    if len(codes) == 1:
        spot = _spot(box, step)
        return _Deal(spot.fit, {codes[0]: spot})
    deals = []
    for axis in (0, 1):
        order = sorted(codes, key=lambda code: (places[code][axis], code))
        half = len(order) // 2
        near, far = _cut(box, axis, half / len(order))
        one, other = _dealt(order[:half], places, near, step), _dealt(order[half:], places, far, step)
        deals.append(_Deal(min(one.fit, other.fit), {**one.spots, **other.spots}))
    return max(deals, key=lambda deal: deal.fit)


def _cut(box: _Box, axis: int, share: float) -> tuple[_Box, _Box]:
    """The part west (for axis 1 north) of a line, with about this share of the points, and the rest."""
    along = sorted(point[axis] for point in box.points)
    first = along[min(int(len(along) * share), len(along) - 1)]
    near = [point for point in box.points if point[axis] < first]
    far = [point for point in box.points if point[axis] >= first]
    line = (max((point[axis] for point in near), default=first) + first) / 2
    if axis == 0:
        return replace(box, east=line, points=near), replace(box, west=line, points=far)
    return replace(box, south=line, points=near), replace(box, north=line, points=far)


def _spot(box: _Box, step: float) -> _Spot:
    """The point of the box with most room for a label."""
    taken = {(round(x / step - 0.5), round(y / step - 0.5)) for x, y in box.points}

    def clear(column: int, row: int, across: int, down: int) -> float:
        steps = 0
        while (column + across * (steps + 1), row + down * (steps + 1)) in taken:
            steps += 1
        return (steps + 0.5) * step

    def room(point: tuple[int, int]) -> tuple[float, float]:
        beside = min(clear(*point, 1, 0), clear(*point, -1, 0))
        above = min(clear(*point, 0, 1), clear(*point, 0, -1))
        whole, broken = (min(beside / wide, above / high) for wide, high in (ONE_LINE, TWO_LINES))
        return max(whole, BROKEN * broken), beside

    (fit, beside), (column, row) = max((room(point), point) for point in taken)
    return _Spot(box, (round((column + 0.5) * step), round((row + 0.5) * step)), beside, fit)


def _piece(spot: _Spot, name: str, step: float) -> Piece:
    """The spot drawn no larger than its part of the outline needs."""
    box = spot.box
    xs, ys = [x for x, _ in box.points], [y for _, y in box.points]
    west, north = max(box.west, min(xs) - step), max(box.north, min(ys) - step)
    east, south = min(box.east, max(xs) + step), min(box.south, max(ys) + step)
    path = f"M{west:.1f} {north:.1f}H{east:.1f}V{south:.1f}H{west:.1f}Z"
    return Piece(Shape(path, spot.label, round(spot.beside, 1)), _lines(name, 2 * spot.beside))


def _lines(name: str, room: float) -> tuple[str, ...]:
    """The name in one line, or in two about equal ones where it does not fit."""
    if len(name) * LETTER <= room or len(name) < 4:
        return (name,)
    half = len(name) // 2
    return name[:half], name[half:]
