"""Encryption: opens only unaltered, in its own place, with its own key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.lib import crypto

RING = crypto.new_keyring()
texts = st.text(st.characters(codec="utf-8"))


@given(texts, texts)
def test_what_goes_in_comes_out(plain, context):
    assert crypto.decrypt(RING, crypto.encrypt(RING, plain, context), context) == plain


@given(texts, st.data())
def test_any_altered_byte_is_refused(plain, data):
    sealed = bytearray(crypto.encrypt(RING, plain, "person.phone"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(RING, bytes(sealed), "person.phone")


@given(st.binary(max_size=60))
def test_nonsense_is_refused(sealed):
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(RING, sealed, "")


def test_another_place_does_not_open_it():
    sealed = crypto.encrypt(RING, "13800000417", "person.phone:1")
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(RING, sealed, "person.phone:2")


def test_the_same_text_never_looks_the_same():
    assert crypto.encrypt(RING, "周", "name") != crypto.encrypt(RING, "周", "name")


def test_randomness_may_be_given():
    fixed = bytes(12)
    first = crypto.encrypt(RING, "周", "name", random_bytes=lambda size: fixed[:size])
    assert first == crypto.encrypt(RING, "周", "name", random_bytes=lambda size: fixed[:size])


def test_rotation_moves_values_to_the_current_key():
    old = crypto.encrypt(RING, "13800000417", "person.phone")
    ring = RING.with_new_key()
    assert ring.current == "k2"
    assert crypto.decrypt(ring, old, "person.phone") == "13800000417"
    new = crypto.rotate(ring, old, "person.phone")
    assert crypto.key_id(new) == "k2"
    assert crypto.decrypt(ring, new, "person.phone") == "13800000417"
    assert crypto.rotate(ring, new, "person.phone") == new
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(RING, new, "person.phone")


def test_the_index_outlives_rotation_and_ignores_how_it_was_typed():
    ring = RING.with_new_key()
    assert crypto.blind_index(RING, "13800000417", "phone") == crypto.blind_index(ring, " 138 0000-０417", "phone")
    assert crypto.blind_index(RING, "13800000417", "phone") != crypto.blind_index(RING, "13800000417", "id")
    assert crypto.blind_index(RING, "13800000417", "phone") != crypto.blind_index(
        crypto.new_keyring(), "13800000417", "phone"
    )


def test_the_ring_is_a_file_and_back_and_never_prints_its_keys():
    ring = RING.with_new_key()
    assert crypto.Keyring.from_json(ring.to_json()) == ring
    assert repr(ring) == "Keyring(current='k2', keys=['k1', 'k2'])"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"current": "k1", "keys": {}, "index": ""}',
        '{"current": "k1", "keys": {"k1": "AAAA"}, "index": "AAAA"}',
        '{"current": "k1", "keys": {"k1": "*"}, "index": "AAAA"}',
        '{"current": "k1", "keys": 3, "index": "AAAA"}',
    ],
)
def test_a_wrong_file_is_refused(text):
    with pytest.raises(ValueError, match=r"ring|key"):
        crypto.Keyring.from_json(text)


def test_the_digest_is_that_of_the_standard():
    assert crypto.digest(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
