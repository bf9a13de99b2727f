"""Is a draw fair, whole and repeatable, and does a check count to a hundred? Are there words for every category?"""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.dispatch.rules import hotline, quality
from gongqing.dispatch.rules.hotline_scripts import script_of, scripts
from gongqing.dispatch.rules.quality import Candidate, Why
from gongqing.language.taxonomy import categories
from gongqing.lib.errors import BadInput
from gongqing.lib.workdays import Calendar

matters = st.lists(
    st.builds(
        Candidate,
        appeal_id=st.integers(1, 5_000),
        seat_user_id=st.integers(1, 5),
        grade=st.sampled_from(["green", "green", "green", "yellow", "orange", "red"]),
        is_dissatisfied=st.booleans(),
    ),
    max_size=120,
    unique_by=lambda one: one.appeal_id,
)


@given(matters, st.integers(0, 10**9), st.randoms())
def test_a_draw_can_be_repeated_and_leaves_out_nothing_that_must_be_checked(found, seed, order):
    drawn = quality.draw(found, rng=Random(seed))
    shuffled = list(found)
    order.shuffle(shuffled)
    assert quality.draw(shuffled, rng=Random(seed)) == drawn
    numbers = [one.appeal_id for one in drawn]
    assert len(numbers) == len(set(numbers))
    must = {one.appeal_id for one in found if one.grade in ("orange", "red") or one.is_dissatisfied}
    assert must <= set(numbers)
    for seat in {one.seat_user_id for one in found}:
        rest = [one.appeal_id for one in found if one.seat_user_id == seat and one.appeal_id not in must]
        sample = [one for one in drawn if one.why is Why.RANDOM and one.appeal_id in rest]
        assert len(sample) >= min(quality.LEAST_A_SEAT, len(rest))


def test_a_busy_seat_gives_a_twentieth():
    found = [Candidate(number, 1, "green", False) for number in range(1, 201)]
    assert len(quality.draw(found, rng=Random(7))) == 10
    assert quality.draw(found, rng=Random(7)) != quality.draw(found, rng=Random(8))


def test_the_points_make_a_hundred():
    assert sum(point.weight for point in quality.POINTS) == 100
    full = {point.code: "100" for point in quality.POINTS}
    assert quality.score_of(full) == 100
    assert quality.score_of({**full, "courtesy": "50"}) == 92
    assert quality.has_passed(85)
    assert not quality.has_passed(84)
    assert quality.missed_points({**full, "code": "0"}) == ["告知编号"]
    for wrong in ({}, {**full, "code": "70"}):
        with pytest.raises(BadInput):
            quality.score_of(wrong)


def test_every_category_has_words_for_the_phone():
    assert set(scripts()) == set(categories())
    for script in scripts().values():
        assert 3 <= len(script.ask) <= 5
        assert script.tell
        assert script.avoid
        assert all(
            words[-1] in "。？”；" or words.endswith("）") for words in (*script.ask, *script.tell, *script.avoid)
        )
    assert script_of("ZZ99").code == "OT06"


def test_a_code_and_a_password_are_read_out():
    assert (
        hotline.spoken_code("GQ3302062025101300000413")
        == "G Q，三三零二零六，二零二五，幺零幺三，零零零零，零四幺，校验位 三"
    )
    assert hotline.spoken_digits("417029") == "四幺七，零二九"


def test_when_to_ring_again(at):
    days = Calendar()
    assert (hotline.next_try(at, days, is_urgent=True) - at).total_seconds() == 600
    assert hotline.next_try(at, days, is_urgent=False) == days.add_working_time(at, timedelta(hours=2))
    assert f"{hotline.call_back_due(at, days):%m-%d %H}" == "10-15 00"
    assert hotline.is_given_up([at] * 3, is_urgent=False)
    assert not hotline.is_given_up([at] * 9, is_urgent=True)
