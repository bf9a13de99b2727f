"""Do the towns of a county stand within its outline, each with room for its name, roughly where they lie?"""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from gongqing.config import setup_city
from gongqing.insight.queries.town_map import MAP_SIZE, town_points
from gongqing.insight.rules.cockpit import map_name
from gongqing.insight.rules.outlines import Polygons, is_inside, outlines_in
from gongqing.insight.rules.town_tiles import Piece, tiled

WIDTH, HEIGHT = MAP_SIZE
SQUARE: Polygons = [[[(121.0, 29.0), (122.0, 29.0), (122.0, 29.9), (121.0, 29.9), (121.0, 29.0)]]]
NAMES = {"330203001": "西街道", "330203002": "东街道", "330203100": "南镇", "330203101": "北镇"}
PLACES = {
    "330203001": (121.1, 29.4),
    "330203002": (121.9, 29.5),
    "330203100": (121.4, 29.1),
    "330203101": (121.6, 29.8),
}
COUNTIES = ["330203", "330205", "330206", "330211", "330212", "330213", "330225", "330226", "330281", "330282"]
TOO_NARROW = {"330203", "330206", "330212", "330225", "330226", "330281", "330282"}  # read from five metres


@pytest.fixture(scope="module")
def outlines() -> dict[str, Polygons]:
    return outlines_in(setup_city.SHIPPED_OUTLINES.read_text(encoding="utf-8"), COUNTIES)


def _box(piece: Piece) -> tuple[float, float, float, float]:
    west, north, east, south = re.findall(r"[\d.]+", piece.shape.path)[:4]
    return float(west), float(north), float(east), float(south)


def _towns(county: str) -> dict[str, str]:
    rows = setup_city.shipped_regions("3302")
    return {row.code: map_name(row.name) for row in rows if len(row.code) == 9 and row.code.startswith(county)}


def test_pieces_are_of_one_size_and_lie_as_their_towns_do() -> None:
    tiling = tiled(SQUARE, NAMES, PLACES, width=WIDTH, height=HEIGHT)
    assert tiling is not None
    assert set(tiling.pieces) == set(NAMES)
    boxes = {code: _box(piece) for code, piece in tiling.pieces.items()}
    sizes = [(east - west) * (south - north) for west, north, east, south in boxes.values()]
    assert max(sizes) < 1.15 * min(sizes)
    at = {code: piece.shape.label for code, piece in tiling.pieces.items()}
    assert at["330203001"][0] < at["330203002"][0], "west of the other"
    assert at["330203101"][1] < at["330203100"][1], "north of the other"


def test_a_town_whose_place_nobody_knows_goes_beside_one_of_its_kind() -> None:
    known = {code: PLACES[code] for code in ("330203001", "330203100", "330203101")}
    tiling = tiled(SQUARE, NAMES, known, width=WIDTH, height=HEIGHT)
    assert tiling is not None
    unknown, beside = _box(tiling.pieces["330203002"]), _box(tiling.pieces["330203001"])
    assert {round(edge) for edge in unknown} & {round(edge) for edge in beside}, "they share a side"


def test_without_any_known_place_the_codes_give_the_order() -> None:
    tiling = tiled(SQUARE, NAMES, {}, width=WIDTH, height=HEIGHT)
    assert tiling is not None
    assert set(tiling.pieces) == set(NAMES)


def test_where_names_find_no_room_nothing_is_drawn() -> None:
    many = {f"330203{number:03}": "某某街道" for number in range(1, 200)}
    assert tiled(SQUARE, many, {}, width=WIDTH, height=HEIGHT) is None


@pytest.mark.parametrize("county", COUNTIES)
def test_every_town_of_the_shipped_city_has_room_within_its_county(outlines: dict[str, Polygons], county: str) -> None:
    towns = _towns(county)
    known = {code: point for code, point in town_points().items() if code.startswith(county)}
    tiling = tiled(outlines[county], towns, known, width=WIDTH, height=HEIGHT)
    assert (tiling is None) is (county in TOO_NARROW)
    if tiling is None:
        return
    assert set(tiling.pieces) == set(towns)
    border = [
        [tuple(map(float, step.split())) for step in ring.strip("M").split("L")]
        for ring in tiling.border.split("Z")
        if ring
    ]
    for code, piece in tiling.pieces.items():
        assert "".join(piece.lines) == towns[code]
        assert any(is_inside(piece.shape.label, [ring]) for ring in border), code  # type: ignore[list-item]
        west, north, east, south = _box(piece)
        assert west <= piece.shape.label[0] <= east
        assert north <= piece.shape.label[1] <= south
    for one, other in combinations(map(_box, tiling.pieces.values()), 2):
        assert min(one[2], other[2]) <= max(one[0], other[0]) or min(one[3], other[3]) <= max(one[1], other[1])


def test_points_lie_in_their_county(outlines: dict[str, Polygons]) -> None:
    names = {code for county in COUNTIES for code in _towns(county)}
    for code, point in town_points().items():
        assert code in names
        assert any(is_inside(point, polygon) for polygon in outlines[code[:6]]), code
