"""Are shades and hours drawn so that they seldom move and always hold everything?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gongqing.insight.rules.cockpit import bands_of, hour_bars, shade_of


@given(st.lists(st.integers(0, 2_000_000), max_size=12))
def test_every_count_has_one_shade_and_more_is_never_fainter(counts: list[int]) -> None:
    bands = bands_of(counts)
    assert [band.least for band in bands[1:]] == [band.most + 1 for band in bands[:-1]]
    shades = [shade_of(count, bands) for count in sorted(counts)]
    assert shades == sorted(shades)
    assert all((shade == 0) == (count == 0) for shade, count in zip(shades, sorted(counts), strict=True))


def test_bands_are_round_and_said_in_words() -> None:
    assert [band.words for band in bands_of([78, 41, 3])] == ["1—20", "21—40", "41—60", "61 以上"]
    assert [band.words for band in bands_of([2])] == ["1", "2", "3", "4 以上"]
    assert bands_of([78]) == bands_of([80]), "a few more cases do not repaint the map"


def test_a_day_has_its_hours_and_the_highest_is_whole() -> None:
    bars = hour_bars({9: 4, 14: 2}, {14: 1})
    assert len(bars) == 24
    assert (bars[9].received_share, bars[14].received_share, bars[14].closed_share) == (1.0, 0.5, 0.25)
    assert {bar.received_share for bar in hour_bars({}, {})} == {0.0}
