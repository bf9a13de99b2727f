"""What need not be asked twice while many things of one kind are done in a row?

Inside `with remembering():` a function marked `@remembered` answers a question that was asked before from memory.
Outside it nothing is kept. Only for what one transaction may take as standing still: rules, regions, calendars.
With a stamp, which whoever calls draws anew at every change of those, answers outlive the block until it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_memory: ContextVar[dict[Any, Any] | None] = ContextVar("gongqing_memory", default=None)
_MOST = 50_000  # answers kept under one stamp
_standing: tuple[str, dict[Any, Any]] = ("", {})


@contextmanager
def remembering(stamp: str = "") -> Iterator[None]:
    """Keep answers until the block ends, or under a stamp; an outer block goes on keeping its own."""
    if _memory.get() is not None:
        yield
        return
    token = _memory.set(_kept_under(stamp) if stamp else {})
    try:
        yield
    finally:
        _memory.reset(token)


def is_remembering() -> bool:
    """Whether a block is open."""
    return _memory.get() is not None


def _kept_under(stamp: str) -> dict[Any, Any]:
    global _standing  # one pair, replaced as a whole, so that threads never see a mixture
    kept, memory = _standing
    if kept != stamp or len(memory) > _MOST:
        memory = {}
        _standing = (stamp, memory)
    return memory


def remembered(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Mark a function whose answer depends on its (hashable) arguments alone while the rules stand still."""

    @wraps(function)
    def asked(*args: Asked.args, **given: Asked.kwargs) -> Answer:
        memory = _memory.get()
        if memory is None:
            return function(*args, **given)
        key = (function.__module__, function.__qualname__, args, tuple(sorted(given.items())))
        if key not in memory:
            memory[key] = function(*args, **given)
        answer: Answer = memory[key]
        return answer

    return asked
