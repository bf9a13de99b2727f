"""How is personal data shown to someone who has not asked to see it?

Every function takes whatever it is given, also nothing and nonsense, and shows less rather than more. A masked
value is recognisable, so that no form saves it back over the real one.
"""

from __future__ import annotations

import re

_STARS = "****"
_PLACE = re.compile(
    r"^.{0,40}?(?:街道|[^\d\s]{1,12}?[镇乡]|[^\d\s]{1,12}?[区县市](?![^\d\s]{1,12}?(?:街道|[镇乡区县市])))"
)


def mask_phone(phone: str | None) -> str:
    """`138****0417`; of a shorter number only its last two digits; of a very short one nothing."""
    text = (phone or "").strip()
    if not text or is_masked(text):
        return text
    digits = re.sub(r"\D", "", text)
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) >= 11:
        return digits[:3] + _STARS + digits[-4:]
    return _STARS + digits[-2:] if len(digits) >= 7 else _STARS


def mask_id(number: str | None) -> str:
    """`330***********0417`: the first three and the last four of an identity number; else the last two."""
    text = re.sub(r"\s", "", number or "")
    if not text or is_masked(text):
        return text
    if len(text) >= 15:
        return text[:3] + "*" * (len(text) - 7) + text[-4:]
    return _STARS + (text[-2:] if len(text) >= 8 else "")


def mask_name(name: str | None) -> str:
    """`周**`: the first sign of the name, and two stars whatever its length."""
    text = (name or "").strip()
    if not text or is_masked(text):
        return text
    return text[0] + "**"


def mask_address(address: str | None) -> str:
    """`宁波市北仑区柴桥街道****`: down to the town or street; no road, no house, no room."""
    text = re.sub(r"\s", "", address or "")
    if not text or is_masked(text):
        return text
    place = _PLACE.match(text)
    kept = place.group() if place else ""
    return re.sub(r"[\d０-９].*", "", kept) + _STARS


def is_masked(text: str | None) -> bool:
    """Whether the text is a masked one and must never be saved: it holds two stars in a row."""
    return bool(re.search(r"[*＊]{2}", text or ""))
