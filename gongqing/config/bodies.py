"""How large may a request be, and when is it read?

A body is taken in before the transaction of the request begins, so that a slow line holds no connection to the
database. What is larger than the one limit is refused by its stated length, unread.
"""

from __future__ import annotations

from collections.abc import Callable
from tempfile import SpooledTemporaryFile

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

PIECE = 64 * 1024
FORM_OF_FILES = "multipart/form-data"


class BodyMiddleware:
    """Stands before the session, the form's token and the transaction."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = _stated_length(request)
        if length > settings.MOST_BODY_BYTES:
            return too_large(request)
        # other bodies above their own limit are refused unread where they would be parsed
        if not length or (request.content_type != FORM_OF_FILES and length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
            return self.get_response(request)
        with SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE) as kept:
            try:
                left = length
                while left > 0 and (piece := request._stream.read(min(PIECE, left))):
                    kept.write(piece)
                    left -= len(piece)
            except ConnectionError:
                left = length
            if left:  # whoever sent it is gone; nobody hears the answer
                return HttpResponse(status=400)
            kept.seek(0)
            request._stream = kept  # type: ignore[assignment]
            return self.get_response(request)


def too_large(request: HttpRequest) -> HttpResponse:
    """413, for a person or a program; the connection is closed, for the body was not read."""
    most = settings.MOST_BODY_BYTES // 1024 // 1024
    message = f"送来的内容太大，一次最多 {most} MB。附件每个最多 10 MB、最多 9 个；请换小一点的文件，或分几次上传。"
    if request.path.startswith("/api/"):
        answer: HttpResponse = JsonResponse({"errors": [{"field": "", "message": message}]}, status=413)
    else:
        page = render_to_string("ui/refused.html", {"title": "文件太大", "message": message})
        answer = HttpResponse(page, status=413)
    answer["Cache-Control"] = "no-store"
    return answer


def _stated_length(request: HttpRequest) -> int:
    written = request.META.get("CONTENT_LENGTH") or "0"
    return int(written) if written.isdecimal() else 0
