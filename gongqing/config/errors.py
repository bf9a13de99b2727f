"""What does a person see when a page cannot be shown?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotFound, NotPermitted, TooManyTries


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came from a page that is too old or not ours."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def fault(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)


class RefusalMiddleware:
    """Turns the platform's own refusals into pages with their message: 403, 409 and 422."""

    def __init__(self, get_response: object) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)  # type: ignore[operator, no-any-return]

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page for the refusals that we expect; None for faults."""
        match exception:
            case NotPermitted():
                status, template, message = 403, "403.html", str(exception)
            case NotFound():
                status, template, message = 404, "404.html", str(exception)
            case NotAllowed():
                status, template, message = 409, "409.html", str(exception)
            case BadInput() | BadInputs():
                status, template, message = 422, "422.html", str(exception)
            case TooManyTries():
                status, template, message = 429, "ui/refused.html", str(exception)
            case _:
                return None
        title = "请稍后再试" if status == 429 else ""
        return render(request, template, {"title": title, "message": message}, status=status)
