"""Paging: a cursor is taken back exactly, and nothing else is."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.lib import paging
from gongqing.lib.choices import Choice
from gongqing.lib.errors import BadInput


@given(st.integers(0, 2**52), st.integers(0, 2**63 - 1))
def test_a_cursor_comes_back(since, row):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=since)
    assert paging.decode_cursor(paging.encode_cursor(moment, row)) == paging.Cursor(moment, row)


@given(st.text())
def test_nonsense_is_bad_input(text):
    with pytest.raises(BadInput) as refused:
        paging.decode_cursor(text)
    assert refused.value.field == "cursor"


@given(st.binary(min_size=17, max_size=17))
def test_any_seventeen_bytes_never_crash(raw):
    text = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    try:
        cursor = paging.decode_cursor(text)
    except BadInput:
        return
    assert paging.encode_cursor(cursor.moment, cursor.id) == text


@pytest.mark.parametrize("size", [0, 101, -1])
def test_page_sizes_out_of_range(size):
    with pytest.raises(BadInput) as refused:
        paging.check_page_size(size)
    assert refused.value.field == "page_size"


def test_page_sizes_in_range():
    assert [paging.check_page_size(size) for size in (None, 1, 100)] == [20, 1, 100]


class Colour(Choice):
    GREEN = "green", "绿"
    RED = "red", "红"


def test_a_choice_is_a_string_with_a_label():
    assert Colour.GREEN == "green"
    assert Colour("red").label == "红"
    assert Colour.choices() == [("green", "绿"), ("red", "红")]
    assert Colour.label_of("blue") == "blue"
    assert Colour.label_of("green") == "绿"
