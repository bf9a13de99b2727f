"""Which version of the platform is this?"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version


@lru_cache(maxsize=1)
def own_version() -> str:
    """The version of the installed package."""
    try:
        return version("gongqing")
    except PackageNotFoundError:
        return "?"
