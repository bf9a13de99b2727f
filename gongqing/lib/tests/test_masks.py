"""Masks: they never fail, never show the whole, and are known again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.lib import masks

ALL = (masks.mask_phone, masks.mask_id, masks.mask_name, masks.mask_address)


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (masks.mask_phone, "13800000417", "138****0417"),
        (masks.mask_phone, "+86 138-0000-0417", "138****0417"),
        (masks.mask_phone, "87654321", "****21"),
        (masks.mask_phone, "110", "****"),
        (masks.mask_phone, None, ""),
        (masks.mask_id, "990000196001010011", "990***********0011"),
        (masks.mask_id, "12345", "****"),
        (masks.mask_name, "周小满", "周**"),
        (masks.mask_name, "周", "周**"),
        (masks.mask_name, " ", ""),
        (masks.mask_address, "宁波市北仑区柴桥街道某路12号3幢401室", "宁波市北仑区柴桥街道****"),
        (masks.mask_address, "宁海县长街镇某村8号", "宁海县长街镇****"),
        (masks.mask_address, "浙江省宁波市鄞州区某某路3号", "浙江省宁波市鄞州区****"),
        (masks.mask_address, "某小区12幢", "某小区****"),
        (masks.mask_address, "401室", "****"),
    ],
)
def test_what_is_shown(mask, text, shown):
    assert mask(text) == shown


@given(st.sampled_from(ALL), st.text())
def test_whatever_comes_is_masked_once_and_recognised(mask, text):
    shown = mask(text)
    assert shown == "" or masks.is_masked(shown)
    assert mask(shown) == shown


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_the_middle_of_a_phone_is_never_shown(phone):
    assert masks.mask_phone(phone) == f"{phone[:3]}****{phone[7:]}"


@pytest.mark.parametrize("text", ["13800000417", "周小满", "", None, "3*4"])
def test_plain_values_are_not_taken_for_masked_ones(text):
    assert not masks.is_masked(text)
