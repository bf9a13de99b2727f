"""Which refusals does the platform expect, and what does the user read?

Every message is written for the user, in Chinese. Doors turn them into 403, 409 and 422.
"""

from __future__ import annotations


class NotPermitted(Exception):
    """This person may not do this (403)."""


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
