"""Are the outlines of a city read and drawn as they are?"""

from __future__ import annotations

import json
from itertools import combinations

import pytest

from gongqing.config import setup_city
from gongqing.insight.queries.town_map import MAP_SIZE
from gongqing.insight.rules.outlines import drawn, is_inside, outlines_in
from gongqing.lib.errors import BadInput

SQUARE = [[[121.0, 29.0], [122.0, 29.0], [122.0, 30.0], [121.0, 30.0], [121.0, 29.0]]]

NAME_WIDTH, LABEL_HEIGHT = 68, 76  # of a name of two signs with three digits below, and of both


def _file(*features: dict[str, object]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def _feature(code: str, coordinates: object = SQUARE, kind: str = "Polygon", name: str = "adcode") -> dict[str, object]:
    return {"properties": {name: code}, "geometry": {"type": kind, "coordinates": coordinates}}


@pytest.mark.parametrize(
    "feature",
    [
        _feature("330203"),
        _feature("156330203", name="gb"),
        _feature("330203000000", name="code"),
        _feature("330203", [SQUARE], "MultiPolygon"),
        {"id": 330203, "properties": {}, "geometry": {"type": "Polygon", "coordinates": SQUARE}},
    ],
)
def test_a_region_is_known_by_any_of_its_codes(feature: dict[str, object]) -> None:
    found = outlines_in(_file(_feature("110101"), feature), ["330203", "330205"])
    assert list(found) == ["330203"]
    assert found["330203"][0][0][0] == (121.0, 29.0)


def test_the_parts_of_a_county_are_one_outline_and_a_town_is_no_county() -> None:
    found = outlines_in(
        _file(_feature("330203"), _feature("330203"), _feature("330203001"), _feature("330205004000")),
        ["330203", "330205"],
    )
    assert {code: len(polygons) for code, polygons in found.items()} == {"330203": 2}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "GeoJSON"),
        ("[]", "GeoJSON"),
        (json.dumps({"features": [{"properties": {"adcode": "330203"}, "geometry": {"type": "Point"}}]}), "GeoJSON"),
        (_file(_feature("330203", [["a"]])), "GeoJSON"),
        (_file(_feature("110101")), "没有本市"),
        (
            _file(
                _feature(
                    "330203", [[[13_500_000.0, 3_400_000.0], [13_500_001.0, 3_400_000.0], [13_500_000.0, 3_400_001.0]]]
                )
            ),
            "经纬度",
        ),
    ],
)
def test_what_is_no_outline_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        outlines_in(text, ["330203"])


def test_the_shipped_outlines_are_ten_counties_side_by_side() -> None:
    codes = ["330203", "330205", "330206", "330211", "330212", "330213", "330225", "330226", "330281", "330282"]
    found = outlines_in(setup_city.SHIPPED_OUTLINES.read_text(encoding="utf-8"), codes)
    assert sorted(found) == codes
    drawing = drawn(found, width=806, height=640)
    shapes = drawing.shapes
    assert (drawing.width < 806, drawing.height) == (True, 640)
    for code, shape in shapes.items():
        assert shape.path.startswith("M")
        assert shape.room > 10, code
        inside = [
            other for other, one in _placed(found, shapes).items() if any(is_inside(shape.label, each) for each in one)
        ]
        assert inside == [code], "a label stands in its own county alone"


def test_the_labels_of_the_shipped_map_keep_clear_of_each_other() -> None:
    codes = ["330203", "330205", "330206", "330211", "330212", "330213", "330225", "330226", "330281", "330282"]
    found = outlines_in(setup_city.SHIPPED_OUTLINES.read_text(encoding="utf-8"), codes)
    width, height = MAP_SIZE
    labels = {code: shape.label for code, shape in drawn(found, width=width, height=height).shapes.items()}
    for one, other in combinations(labels, 2):
        (ax, ay), (bx, by) = labels[one], labels[other]
        assert abs(ax - bx) >= NAME_WIDTH or abs(ay - by) >= LABEL_HEIGHT, (one, other)


def _placed(found: dict, shapes: dict) -> dict:
    """The polygons as they stand in the drawn paths."""
    return {
        code: [
            [[tuple(float(n) for n in step.split()) for step in ring.strip("M").rstrip("Z").split("L")]]
            for ring in shapes[code].path.split("Z")
            if ring
        ]
        for code in found
    }


def test_nothing_is_drawn_of_nothing() -> None:
    assert drawn({}, width=10, height=10).shapes == {}


def test_a_square_of_degrees_is_higher_than_wide() -> None:
    shape = drawn({"1": [[[(x, y) for x, y in SQUARE[0]]]]}, width=100, height=100, margin=0).shapes["1"]
    xs = [float(step.split()[0]) for step in shape.path.strip("MZ").split("L")]
    assert max(xs) - min(xs) == pytest.approx(87, abs=1.0)  # the cosine of 29.5°
    assert shape.label[0] in (43, 44)
    assert 40 < shape.room <= 44
