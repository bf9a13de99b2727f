"""Are shades drawn so that they seldom move, and does only what really rises stand out?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.insight.rules.cockpit import Rise, bands_of, map_count, map_name, rises, shade_of


@given(st.lists(st.integers(0, 2_000_000), max_size=12))
def test_every_count_has_one_shade_and_more_is_never_fainter(counts: list[int]) -> None:
    bands = bands_of(counts)
    assert [band.least for band in bands[1:]] == [band.most + 1 for band in bands[:-1]]
    shades = [shade_of(count, bands) for count in sorted(counts)]
    assert shades == sorted(shades)
    assert all((shade == 0) == (count == 0) for shade, count in zip(shades, sorted(counts), strict=True))


def test_bands_are_round() -> None:
    assert [(band.least, band.most) for band in bands_of([78, 41, 3])] == [(1, 20), (21, 40), (41, 60), (61, None)]
    assert [(band.least, band.most) for band in bands_of([2])] == [(1, 1), (2, 2), (3, 3), (4, None)]
    assert bands_of([78]) == bands_of([80]), "a few more cases do not repaint the map"


@pytest.mark.parametrize(
    ("count", "before", "is_rising"),
    [(5, 0, True), (4, 0, False), (13, 4, True), (12, 4, False), (6, 6, False), (3, 9, False), (130, 90, True)],
)
def test_more_is_rising_only_beyond_chance(count: int, before: int, is_rising: bool) -> None:
    assert Rise("", count, before).is_rising is is_rising


def test_what_rises_stands_first_then_the_most_frequent() -> None:
    found = rises({"a": 20, "b": 9, "c": 12, "d": 0, "e": 8}, {"a": 20, "b": 1, "c": 30, "e": 0})
    assert [one.key for one in found] == ["b", "e", "a", "c"]
    assert [one.more for one in found] == [8, 8, 0, -18]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("海曙区", "海曙"),
        ("集士港镇", "集士港"),
        ("白云街道", "白云"),
        ("龙观乡", "龙观"),
        ("吴县", "吴县"),
        ("景宁畲族自治县", "景宁畲族自治县"),
        ("杭州湾新区", "杭州湾新区"),
        ("保税区", "保税区"),
        ("滨海经济开发区", "滨海经济开发区"),
    ],
)
def test_a_place_is_short_on_a_map_and_still_a_name(name: str, written: str) -> None:
    assert map_name(name) == written


@pytest.mark.parametrize(
    ("count", "written"),
    [(0, "0"), (9_999, "9,999"), (10_000, "1.0万"), (99_949, "10.0万"), (100_000, "10万"), (1_234_567, "123万")],
)
def test_a_large_number_fits_a_map(count: int, written: str) -> None:
    assert map_count(count) == written
