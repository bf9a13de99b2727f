"""What stands in the desk's navigation?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def context(request: HttpRequest) -> dict[str, Any]:
    """The template variables of every page."""
    return {}
