"""Where does somebody go who typed `http://`? To the same page under the installation's own `https://` address.

The address comes from `GONGQING_SITE_URL` alone, never from the request, so that nobody can be sent elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from urllib.parse import quote

Start = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict[str, str], start_response: Start) -> Iterable[bytes]:
    """A WSGI application that knows one answer: 308, the method and the body stay as they are."""
    path = quote(environ.get("PATH_INFO", "/").encode("latin-1", "replace"), safe="/%:@!$&'()*+,;=~-._")
    query = environ.get("QUERY_STRING", "")
    query = quote(query, safe="/?%:@!$&'()*+,;=~-._")
    target = os.environ["GONGQING_SITE_URL"].rstrip("/") + "/" + path.lstrip("/") + (f"?{query}" if query else "")
    start_response("308 Permanent Redirect", [("Location", target), ("Content-Length", "0")])
    return [b""]
