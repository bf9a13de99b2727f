"""How is personal data kept at rest, and how is it found again without being read?

SM4-GCM (GB/T 32907, 128-bit keys) encrypts; HMAC-SM3 (GB/T 32905) makes the blind index. The keys live in a file
outside the database. An encrypted value is bound to its context (table, column and row as the caller sees fit): moved
to another place it does not open.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_BYTES = 16
INDEX_KEY_BYTES = 32
_FORMAT = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16

RandomBytes = Callable[[int], bytes]


class CannotDecrypt(Exception):
    """The value was altered, belongs to another context, or its key is not in the ring."""


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """The keys in force and those still needed to read old values.

    Attributes:
        current: id of the key that new values are encrypted with.
        keys: id → 16-byte SM4 key.
        index: key of the blind index; it never rotates, or the index would have to be built anew.
    """

    current: str
    keys: Mapping[str, bytes]
    index: bytes

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise ValueError("the current key is not in the ring")
        if any(len(key) != KEY_BYTES for key in self.keys.values()):
            raise ValueError(f"an SM4 key has {KEY_BYTES} bytes")
        if any(not 1 <= len(name.encode()) <= 255 for name in self.keys):
            raise ValueError("a key id has 1 to 255 bytes")
        if len(self.index) < KEY_BYTES:
            raise ValueError("the index key is too short")

    def __repr__(self) -> str:
        return f"Keyring(current={self.current!r}, keys={sorted(self.keys)})"

    @classmethod
    def from_json(cls, text: str) -> Keyring:
        """The ring of a key file: `{"current": "k2", "keys": {"k1": base64, …}, "index": base64}`.

        Raises:
            ValueError: when the file is not such a ring.
        """
        try:
            content = json.loads(text)
            keys = {str(name): base64.b64decode(key, validate=True) for name, key in content["keys"].items()}
            return cls(str(content["current"]), keys, base64.b64decode(content["index"], validate=True))
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError, binascii.Error) as error:
            raise ValueError("the key file is not a key ring") from error

    def to_json(self) -> str:
        """The content of the key file."""
        keys = {name: base64.b64encode(key).decode() for name, key in self.keys.items()}
        return json.dumps(
            {"current": self.current, "keys": keys, "index": base64.b64encode(self.index).decode()}, indent=2
        )

    def with_new_key(self, *, random_bytes: RandomBytes = secrets.token_bytes) -> Keyring:
        """A ring whose current key is new; the old keys stay, to read what they wrote."""
        serial = len(self.keys) + 1
        while f"k{serial}" in self.keys:
            serial += 1
        return Keyring(f"k{serial}", {**self.keys, f"k{serial}": random_bytes(KEY_BYTES)}, self.index)


def new_keyring(*, random_bytes: RandomBytes = secrets.token_bytes) -> Keyring:
    """A ring with one fresh key `k1` and a fresh index key."""
    return Keyring("k1", {"k1": random_bytes(KEY_BYTES)}, random_bytes(INDEX_KEY_BYTES))


def encrypt(keyring: Keyring, plain: str, context: str, *, random_bytes: RandomBytes = secrets.token_bytes) -> bytes:
    """The text under the current key: format, key id, nonce, cipher text, tag. Twice the same text differs."""
    head = bytes([_FORMAT, len(keyring.current.encode())]) + keyring.current.encode()
    nonce = random_bytes(_NONCE_BYTES)
    encryptor = Cipher(algorithms.SM4(keyring.keys[keyring.current]), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(head + context.encode())
    body = encryptor.update(plain.encode()) + encryptor.finalize()
    return head + nonce + body + encryptor.tag


def decrypt(keyring: Keyring, sealed: bytes, context: str) -> str:
    """The text again.

    Raises:
        CannotDecrypt: when a bit was altered, the context differs, or the key is unknown.
    """
    head, nonce, body, tag = _parts(bytes(sealed))
    key = keyring.keys.get(head[2:].decode(errors="replace"))
    if key is None:
        raise CannotDecrypt("the key of this value is not in the ring")
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(head + context.encode())
    try:
        return (decryptor.update(body) + decryptor.finalize()).decode()
    except (InvalidTag, UnicodeDecodeError) as error:
        raise CannotDecrypt("the value was altered or belongs elsewhere") from error


def key_id(sealed: bytes) -> str:
    """Which key a value was encrypted with.

    Raises:
        CannotDecrypt: when it is no encrypted value.
    """
    return _parts(bytes(sealed))[0][2:].decode(errors="replace")


def rotate(keyring: Keyring, sealed: bytes, context: str, *, random_bytes: RandomBytes = secrets.token_bytes) -> bytes:
    """The value under the current key; unchanged when it already is.

    Raises:
        CannotDecrypt: as `decrypt` does.
    """
    plain = decrypt(keyring, sealed, context)
    if key_id(sealed) == keyring.current:
        return bytes(sealed)
    return encrypt(keyring, plain, context, random_bytes=random_bytes)


def blind_index(keyring: Keyring, value: str, context: str) -> bytes:
    """32 bytes that are equal for equal values of one context, and tell nothing without the key.

    Width, case, spaces and dashes do not matter, so `138 0000 0417` finds `13800000417`.
    """
    plain = value if value.isascii() and value.isdigit() else _written_alike(value)
    keyed = hmac.HMAC(keyring.index, hashes.SM3())
    keyed.update(context.encode() + b"\x00" + plain.encode())
    return keyed.finalize()


def _written_alike(value: str) -> str:
    narrow = unicodedata.normalize("NFKC", value).upper()
    return "".join(sign for sign in narrow if unicodedata.category(sign)[0] not in "ZC" and sign != "-")


def digest(data: bytes) -> str:
    """The SM3 digest (GB/T 32905) as 64 hexadecimal digits."""
    state = hashes.Hash(hashes.SM3())
    state.update(data)
    return state.finalize().hex()


def keyed_digest(secret: bytes, data: bytes) -> str:
    """HMAC-SM3 as 64 hexadecimal digits: only who knows the secret can make it."""
    keyed = hmac.HMAC(secret, hashes.SM3())
    keyed.update(data)
    return keyed.finalize().hex()


def _parts(sealed: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    if len(sealed) < 2 or sealed[0] != _FORMAT or len(sealed) < 2 + sealed[1] + _NONCE_BYTES + _TAG_BYTES:
        raise CannotDecrypt("this is no encrypted value")
    body = 2 + sealed[1]
    return (
        sealed[:body],
        sealed[body : body + _NONCE_BYTES],
        sealed[body + _NONCE_BYTES : -_TAG_BYTES],
        sealed[-_TAG_BYTES:],
    )
