"""How is a file handed out?"""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse


def saved_as(name: str, content: bytes, media_type: str) -> HttpResponse:
    """A file to be saved under this name, which may be Chinese; never shown or run by the browser."""
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
