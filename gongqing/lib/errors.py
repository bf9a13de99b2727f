"""Which refusals does the platform expect, and what does the user read?

Every message is written for the user, in Chinese. Doors turn them into 403, 409 and 422.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class NotPermitted(Exception):
    """This person may not do this (403)."""


class NotFound(Exception):
    """No such thing, or not in this person's view; the answer is the same (404)."""


class NotAllowed(Exception):
    """The thing is not in a state where this can be done (409)."""


class BadInput(Exception):
    """A field holds something that cannot be taken (422).

    Args:
        field: the field as the caller named it.
        message: what is wrong and what to do, in Chinese.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class BadInputs(Exception):
    """Several fields are wrong at once (422)."""

    def __init__(self, errors: list[BadInput]) -> None:
        super().__init__("；".join(error.message for error in errors))
        self.errors = errors


class TooManyTries(Exception):
    """A limited door was tried too often (429).

    Args:
        retry_after: seconds until the next try can succeed.
        message: what happened and when to try again, in Chinese.
    """

    def __init__(self, retry_after: int, message: str = "") -> None:
        self.retry_after = max(1, retry_after)
        super().__init__(message or f"操作太频繁，请 {wait_in_words(self.retry_after)}后再试。")


def wait_in_words(seconds: int) -> str:
    """`45 秒` or `12 分钟`: how long to wait, rounded up."""
    return f"{seconds} 秒" if seconds < 60 else f"{-(-seconds // 60)} 分钟"


def passes(check: Callable[..., object], *given: Any, **named: Any) -> bool:
    """Whether a check refuses neither who acts nor the state; for buttons, which are not shown in vain."""
    try:
        check(*given, **named)
    except (NotPermitted, NotAllowed):
        return False
    return True
