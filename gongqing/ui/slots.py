"""Which parts do higher packages hang on a page of a lower one?

A page names a slot (`"case.tabs"`); a package above fills it in `AppConfig.ready`; the page asks for what is filled
without knowing who filled it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Filling = Callable[[Any, Any], Any]

_fillings: dict[str, list[Filling]] = {}


def register(name: str, function: Filling) -> None:
    """Hang `function(subject, actor)` on the slot; hanging the same function twice changes nothing."""
    fillings = _fillings.setdefault(name, [])
    if function not in fillings:
        fillings.append(function)


def remove(name: str, function: Filling) -> None:
    """Take the function off the slot again; nothing happens when it does not hang there."""
    if function in _fillings.get(name, []):
        _fillings[name].remove(function)


def filled(name: str, subject: Any, actor: Any) -> list[Any]:
    """What the slot holds for this subject and this actor, in the order of registration.

    A function that answers None has nothing to show to this actor and leaves no trace on the page.
    """
    answers = (function(subject, actor) for function in _fillings.get(name, []))
    return [answer for answer in answers if answer is not None]
