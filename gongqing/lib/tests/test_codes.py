"""Codes: a slip of the hand is seen, and the text says which part is wrong."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.lib import codes
from gongqing.lib.errors import BadInput

serials = st.integers(1, codes.LARGEST_SERIAL)
counties = st.integers(110000, 659999).map(str)
days = st.dates(date(2020, 1, 1), date(2099, 12, 31))
appeal_codes = st.builds(codes.appeal_code, counties, days, serials)


def test_the_code_has_the_agreed_shape():
    code = codes.appeal_code("330206", date(2025, 9, 28), 41)
    assert code[:-1] == "GQ330206202509280000041"
    assert len(code) == 24


def test_the_check_character_is_that_of_the_standard():
    assert codes.check_char_37_36("A12425GABC1234002") == "M"  # the example of the Global Release Identifier


@given(appeal_codes)
def test_typed_any_way_it_is_the_same_code(code):
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (code.lower(), f"  {code[:8]} {code[8:16]}-{code[16:]}\u3000", wide, f"\u200b{code}\n"):
        assert codes.check_appeal_code(typed) == code


@given(appeal_codes, st.integers(0, 23), st.sampled_from(codes.ALPHABET))
def test_one_wrong_sign_is_always_seen(code, place, sign):
    wrong = code[:place] + sign + code[place + 1 :]
    if wrong != code:
        assert codes.check_char_37_36(wrong[:-1]) != wrong[-1]
        with pytest.raises(BadInput) as refused:
            codes.check_appeal_code(wrong)
        assert refused.value.field == "code"


@given(appeal_codes, st.integers(2, 21))
def test_two_neighbouring_digits_swapped_are_seen_but_for_the_known_gap(code, place):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code and not _is_blind_to_swap(code, place):
        with pytest.raises(BadInput):
            codes.check_appeal_code(swapped)


def test_the_gap_of_the_standard_is_18_of_3240_swaps_of_digits():
    """Only neighbours in value (k, k+1), and only when the running state is 18 - k."""
    swaps = [(state, a, b) for state in range(1, 37) for a in range(10) for b in range(10) if a != b]
    missed = [(s, a, b) for s, a, b in swaps if _after(_after(s, a), b) == _after(_after(s, b), a)]
    assert (len(missed), len(swaps)) == (18, 3240)
    assert all(abs(a - b) == 1 and s + max(a, b) == 19 for s, a, b in missed)


def _after(state, value):
    return ((state + value) % 36 or 36) * 2 % 37


def _is_blind_to_swap(code, place):
    state = 36
    for sign in code[:place]:
        state = _after(state, codes.ALPHABET.index(sign))
    first, second = int(code[place]), int(code[place + 1])
    return abs(first - second) == 1 and state + max(first, second) == 19


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "请输入"),
        ("XX330206202509280000041Z", "GQ 开头"),
        ("GQ33020620250928000004", "24 位"),
        ("GQ33O206202509280000041Z", "字母 O"),
        ("GQ330206202513280000041Z", "日期 20251328"),
        ("GQ330206202509280000000Z", "流水号"),
        ("GQ" + "٣" * 21 + "Z", "数字"),
    ],
)
def test_the_message_says_what_is_wrong(text, word):
    with pytest.raises(BadInput) as refused:
        codes.check_appeal_code(text)
    assert word in refused.value.message


@given(st.text())
def test_no_text_breaks_the_checks(text):
    codes.is_uscc(text)
    codes.is_id_number(text)
    codes.is_mobile(text)
    with pytest.raises(BadInput):
        codes.check_appeal_code(text[:20])


@pytest.mark.parametrize("serial", [0, 10_000_000])
def test_a_serial_out_of_range_makes_no_code(serial):
    with pytest.raises(ValueError, match="serial"):
        codes.appeal_code("330206", date(2025, 1, 1), serial)


def test_unified_social_credit_codes():
    assert codes.is_uscc("91350100M000100Y43")  # the example of GB 32100—2015
    assert codes.is_uscc(" 91350100m000100y43 ")
    assert not codes.is_uscc("91350100M000100Y44")
    assert not codes.is_uscc("9135O100M000100Y43")


uscc_bodies = st.from_regex(r"[159][1239]\d{6}[0-9A-HJ-NPQRTUWXY]{9}", fullmatch=True).filter(str.isascii)


@given(uscc_bodies, st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_sign_in_a_credit_code_is_seen(body, place, sign):
    code = body + codes.uscc_check_char(body)
    assert codes.is_uscc(code)
    wrong = code[:place] + sign + code[place + 1 :]
    assert codes.is_uscc(wrong) == (wrong == code)


def test_identity_numbers():
    assert codes.is_id_number("11010519491231002X")  # the example of GB 11643—1999
    assert codes.is_id_number("11010519491231002x")
    assert not codes.is_id_number("110105194912310021")
    assert not codes.is_id_number("11010519491331002X")


@given(st.integers(0, 15_983_999), st.integers(0, 15_983_999))
def test_invented_numbers_pass_and_are_told_apart(serial, another):
    number = codes.invented_id_number(serial)
    assert codes.is_id_number(number)
    assert codes.is_invented_id_number(number)
    assert (number == codes.invented_id_number(another)) == (serial == another)


@given(st.integers(0, 15_983_999), st.integers(0, 16))
def test_swapped_neighbours_in_an_identity_number_are_seen(serial, place):
    number = codes.invented_id_number(serial)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert codes.is_id_number(swapped) == (swapped == number)


@pytest.mark.parametrize(
    "text", ["13800000417", "138 0000 0417", "+86 138-0000-0417", "８６１３８００００04１7", "19912345678"]
)
def test_mobile_numbers(text):
    assert codes.is_mobile(text)
    assert len(codes.tidy_mobile(text)) == 11


@pytest.mark.parametrize("text", ["12800000417", "1380000041", "057487654321", "138000004177", "", "13٣00000417x"])
def test_not_mobile_numbers(text):
    assert not codes.is_mobile(text)
