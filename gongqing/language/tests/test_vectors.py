"""Are vectors near where texts say the same, whatever the text?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.language.fit_vectors import fit_vectors
from gongqing.language.vectors import (
    KEPT,
    MARKS,
    MEANINGS,
    WEIGHTS,
    marks_of,
    meaning_likeness,
    packed,
    unpacked,
    unpacked_all,
    vector_of,
    wording_likeness,
    wordings,
)

NIGHT = "下夜班十点半，公交早没了，要走3公里到大路上才打得到车。"
NIGHT_TOO = "女职工来电：下夜班没有公交车坐，打车要四十几块，希望园区开通夜班公交。"
WAGES = "厂里三个月没发工资了，我一个人被欠了八千块。"


@given(st.text(max_size=2_000))
def test_any_text_has_a_vector_of_length_one_or_none_at_all(text: str) -> None:
    vector = vector_of("", text)
    assert len(vector.places) <= KEPT
    assert (np.diff(vector.places) > 0).all()
    assert vector.is_empty or np.isclose(float(vector.weights @ vector.weights), 1, atol=1e-4)
    assert vector.meaning.shape == (MEANINGS,)


@given(st.text(max_size=600))
def test_packing_keeps_a_vector(text: str) -> None:
    vector = vector_of("", text)
    again = unpacked(packed(vector))
    assert again.places.tolist() == vector.places.tolist()
    assert vector.is_empty or wording_likeness(vector, again) > 0.999
    assert not vector.meaning.any() or meaning_likeness(vector, again) > 0.99


def test_other_words_for_the_same_are_near_in_meaning() -> None:
    night, night_too, wages = (vector_of("", text) for text in (NIGHT, NIGHT_TOO, WAGES))
    assert meaning_likeness(night, night_too) > 0.5 > 0.3 > meaning_likeness(night, wages)
    assert wording_likeness(night, night_too) > wording_likeness(night, wages)


def test_a_text_is_like_itself_and_two_numbers_make_no_difference() -> None:
    vector = vector_of("", NIGHT)
    assert wording_likeness(vector, vector) == pytest.approx(1, abs=1e-5)
    assert wording_likeness(vector, vector_of("", NIGHT.replace("3公里", "5公里"))) == pytest.approx(1, abs=1e-5)


def test_marks_are_pieces_of_the_text() -> None:
    vector = vector_of("", NIGHT)
    assert len(marks_of(vector)) == MARKS
    assert set(marks_of(vector)) <= set(vector.places.tolist())
    assert marks_of(vector_of("", "")) == []


def test_what_is_no_vector_is_refused() -> None:
    with pytest.raises(ValueError, match="packed"):
        unpacked(b"abc")
    assert unpacked(b"").is_empty


def test_many_are_unpacked_as_each_alone() -> None:
    contents = [packed(vector_of("", text)) for text in (NIGHT, "", WAGES, "好", "")]
    for together, alone in zip(unpacked_all(contents), map(unpacked, contents), strict=True):
        assert together.places.tolist() == alone.places.tolist()
        assert together.weights.tolist() == alone.weights.tolist()
        assert together.meaning.tolist() == alone.meaning.tolist()
    assert unpacked_all([]) == []


def test_no_vectors_make_empty_matrices() -> None:
    assert wordings([]).shape[0] == 0


def test_the_fit_needs_no_words_in_its_file(tmp_path) -> None:
    texts = [*(NIGHT, NIGHT_TOO, WAGES) * 9, "食堂的菜又贵又冷，夜班没有热饭吃，希望改善食堂"] * 8
    words = [
        text + "".join(chr(0x4E00 + number * 7 + place) * 2 for place in range(6)) for number, text in enumerate(texts)
    ]
    assert fit_vectors([*words, *(f"{one}{other}" for one in NIGHT for other in WAGES)], tmp_path / "vectors.npz") > 0
    with np.load(tmp_path / "vectors.npz", allow_pickle=False) as made, np.load(WEIGHTS, allow_pickle=False) as shipped:
        assert set(made.files) == set(shipped.files)
        assert made["meanings"].shape[1] == MEANINGS
        assert all(shipped[name].dtype.kind in "iuf" for name in shipped.files)
