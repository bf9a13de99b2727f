"""What shape do the parts of the city have, and how are they drawn?

Outlines come as GeoJSON in degrees of WGS-84. A map of one city is small enough for a plain projection: degrees of
longitude shrink with the cosine of the middle latitude.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, cos, hypot, radians

from gongqing.lib.errors import BadInput

Point = tuple[float, float]
Ring = Sequence[Point]
Place = tuple[Point, float]  # and how far it is from the border
Polygons = list[list[list[Point]]]

CODE_NAMES = ("adcode", "code", "gb", "id")
CHINA = (73.0, 3.0, 136.0, 54.0)
DIGITS = 4  # about ten metres
LARGEST = 40 * 1024 * 1024
LOOKS = 24  # tries along each side for the place of a label
LABEL = (80, 86)  # the room that a label takes: a short name, a count and how many are late
ROUNDS, NEAREST = 4, 11  # to the border a label stands no nearer, where its part is wide enough


@dataclass(frozen=True, slots=True)
class Shape:
    """One part of the city as it is drawn.

    Attributes:
        path: of SVG, in whole and half units.
        label: where its name stands: far from its border, and clear of the other labels where that can be.
        room: how far it is from the border.
    """

    path: str
    label: Point
    room: float


def outlines_in(text: str, codes: Collection[str]) -> dict[str, Polygons]:
    """Region code → polygons, of those features of a GeoJSON file whose code is asked for.

    A feature bears the code of its region in `adcode`, `code`, `gb` or `id`, with or without the country's 156 before
    it or zeroes behind it; several features of one region are its parts, and those of its towns are none of them.

    Raises:
        BadInput: on `file`.
    """
    if len(text) > LARGEST:
        raise BadInput("file", "文件太大，最多 40 MB。")
    try:
        features = json.loads(text)["features"]
        found: dict[str, Polygons] = {}
        for feature in features:
            if (code := _code_of(feature, codes)) and feature.get("geometry"):
                found.setdefault(code, []).extend(_polygons(feature["geometry"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput("file", "这不是 GeoJSON 文件：应有 features，每个有 properties 和 geometry。") from None
    if not found:
        raise BadInput("file", "文件里没有本市的区县市：轮廓要带六位区划代码（adcode）。")
    west, south, east, north = CHINA
    if any(not (west < x < east and south < y < north) for one in found.values() for x, y in _points(one)):
        raise BadInput("file", "坐标不是经纬度：应为 WGS-84 的度数，经度在前。")
    return found


@dataclass(frozen=True, slots=True)
class Drawing:
    """The parts of a map by their codes, and the size of what is drawn."""

    shapes: Mapping[str, Shape]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A box into which degrees are drawn, no wider or higher than they need."""

    west: float
    north: float
    shrink: float
    scale: float
    margin: float
    width: int
    height: int

    def placed(self, point: Point) -> Point:
        """Where a point in degrees stands in the box."""
        x, y = point
        return self.margin + (x - self.west) * self.shrink * self.scale, self.margin + (self.north - y) * self.scale


def fitted(points: Sequence[Point], *, width: float, height: float, margin: float = 6) -> Frame:
    """The frame that shows these points as large as they fit into a box of this size."""
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    shrink = cos(radians((south + north) / 2))
    scale = min((width - 2 * margin) / ((east - west) * shrink or 1), (height - 2 * margin) / ((north - south) or 1))
    across, down = (east - west) * shrink * scale, (north - south) * scale
    return Frame(west, north, shrink, scale, margin, ceil(across + 2 * margin), ceil(down + 2 * margin))


def drawn(outlines: Mapping[str, Polygons], *, width: float, height: float, margin: float = 6) -> Drawing:
    """Every outline, as large as all of them fit into a box of this size."""
    points = [point for one in outlines.values() for point in _points(one)]
    if not points:
        return Drawing({}, 0, 0)
    frame = fitted(points, width=width, height=height, margin=margin)
    placed = {
        code: [[[frame.placed(point) for point in ring] for ring in polygon] for polygon in many]
        for code, many in outlines.items()
    }
    spots = _spots({code: _places(_widest(polygons)) for code, polygons in placed.items()})
    shapes = {
        code: Shape(
            "".join(path_of(ring) for polygon in polygons for ring in polygon),
            (round(spots[code][0][0]), round(spots[code][0][1])),
            round(spots[code][1], 1),
        )
        for code, polygons in placed.items()
    }
    return Drawing(shapes, frame.width, frame.height)


def _spots(places: Mapping[str, Sequence[Place]]) -> dict[str, Place]:
    """Where each label stands: each in turn takes the place that is best beside the others, until they rest."""
    found = {code: max(many, key=lambda place: place[1]) for code, many in places.items()}
    for _ in range(ROUNDS):
        for code in sorted(places):
            others = [point for other, (point, _) in found.items() if other != code]
            least = min(NEAREST, max(room for _, room in places[code]))
            inside = [place for place in places[code] if place[1] >= least]
            found[code] = max(inside, key=lambda place: _worth(place, others))
    return found


def _worth(place: Place, others: Sequence[Point]) -> float:
    """How good a place is for a label: to be clear of the others counts twice as much as to be clear of the border."""
    (x, y), room = place
    clear = min((max(abs(x - a) / LABEL[0], abs(y - b) / LABEL[1]) for a, b in others), default=1.0)
    return 2 * min(clear, 1.0) + min(room / (LABEL[1] / 2), 1.0)


def path_of(ring: Ring) -> str:
    """The closed path of a ring, in whole and half units; empty when nothing is left of it."""
    steps: list[str] = []
    for x, y in ring:
        step = f"{round(x * 2) / 2:g} {round(y * 2) / 2:g}"
        if not steps or steps[-1] != step:
            steps.append(step)
    return "M" + "L".join(steps) + "Z" if len(steps) > 2 else ""


def _widest(polygons: Polygons) -> list[list[Point]]:
    return max(polygons, key=lambda polygon: abs(_area(polygon[0])))


def _places(polygon: list[list[Point]]) -> list[Place]:
    """Points of a raster within the polygon and how far each is from the border; its middle when none lies inside."""
    outer = polygon[0]
    west, east = min(x for x, _ in outer), max(x for x, _ in outer)
    south, north = min(y for _, y in outer), max(y for _, y in outer)
    edges = [edge for ring in polygon for edge in _edges(ring)]
    found = [
        (point, min(_distance(point, *edge) for edge in edges))
        for across in range(1, LOOKS)
        for down in range(1, LOOKS)
        if is_inside(point := (west + (east - west) * across / LOOKS, south + (north - south) * down / LOOKS), polygon)
    ]
    return found or [(((west + east) / 2, (south + north) / 2), 0.0)]


def is_inside(point: Point, polygon: Sequence[Ring]) -> bool:
    """Whether the point lies in the polygon and in none of its holes."""
    x, y = point
    inside = False
    for ring in polygon:
        for (ax, ay), (bx, by) in _edges(ring):
            if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                inside = not inside
    return inside


def _distance(point: Point, begin: Point, end: Point) -> float:
    dx, dy = end[0] - begin[0], end[1] - begin[1]
    length = dx * dx + dy * dy
    along = ((point[0] - begin[0]) * dx + (point[1] - begin[1]) * dy) / length if length else 0.0
    along = min(max(along, 0.0), 1.0)
    return hypot(point[0] - begin[0] - along * dx, point[1] - begin[1] - along * dy)


def _edges(ring: Ring) -> Iterator[tuple[Point, Point]]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)


def _area(ring: Ring) -> float:
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in _edges(ring)) / 2


def _points(polygons: Polygons) -> Iterator[Point]:
    return (point for polygon in polygons for ring in polygon for point in ring)


def _polygons(geometry: Mapping[str, object]) -> Polygons:
    kind, given = geometry["type"], geometry["coordinates"]
    many = {"Polygon": [given], "MultiPolygon": given}.get(str(kind))
    if many is None:
        raise KeyError(kind)
    return [
        [[(round(float(x), DIGITS), round(float(y), DIGITS)) for x, y, *_ in ring] for ring in polygon]
        for polygon in many  # type: ignore[attr-defined]
    ]


def _code_of(feature: Mapping[str, Mapping[str, object]], codes: Collection[str]) -> str:
    """The code of the region that a feature draws; empty when it is none of those asked for."""
    given = {**feature.get("properties", {}), "id": feature.get("id", feature.get("properties", {}).get("id"))}
    for name in CODE_NAMES:
        text = str(given.get(name) or "")
        for code in (text, text.removeprefix("156"), text[:6] if not text[6:].strip("0") else ""):
            if code in codes:
                return code
    return ""
