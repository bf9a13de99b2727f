"""How does a closed list of words carry its Chinese label?

`class Grade(Choice): GREEN = "green", "绿"` is a string in code, in the database and in JSON, and knows how to be read.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Choice(StrEnum):
    """A string with a label: `Grade.GREEN == "green"` and `Grade.GREEN.label == "绿"`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """(value, label) in the order of definition, as forms and model fields take them."""
        return [(member.value, member.label) for member in cls]

    @classmethod
    def label_of(cls, value: str) -> str:
        """The label of a stored value; the value itself when this version does not know it."""
        try:
            return cls(value).label
        except ValueError:
            return value
