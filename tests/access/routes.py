"""Which doors are there, and what does each answer to whom?

A door is a method and a route as the URLconf writes it, found by walking the URLconf and the API's operations, so none
can be forgotten. Its answer is a status, told in one letter group: see `MEANINGS`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

TABLE = Path(__file__).with_name("matrix.csv")
PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
API = "api/"
SKIPPED = ("static/",)
MEANINGS = {
    "ok": "200, 201 or 204: opened or done",
    "sent": "a redirect to a page of the platform",
    "sign-in": "a redirect to a sign-in page",
    "401": "who are you?",
    "403": "not for you",
    "404": "no such thing, as far as you can see",
    "405": "not with this method",
    "409": "for you, but not in this state",
    "422": "for you, but the empty form is refused",
    "503": "not ready: a test has no job worker",
}


@dataclass(frozen=True, order=True)
class Door:
    """A method and a route: `GET desk/staff/<int:user_id>`."""

    route: str
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.route}"

    @property
    def is_api(self) -> bool:
        return self.route.startswith(API)

    def parameters(self) -> list[str]:
        """Names of what the route wants to know."""
        return [found["name"] for found in PARAMETER.finditer(self.route)]

    def path(self, world: Mapping[str, Any]) -> str:
        """A real address.

        Raises:
            KeyError: the world has nothing of this name.
        """
        return "/" + PARAMETER.sub(lambda found: str(world[found["name"]]), self.route)


def doors() -> list[Door]:
    """Every door of the platform."""
    found: set[Door] = set()
    for route, pattern in _walk(get_resolver().url_patterns, ""):
        if route.startswith(SKIPPED):
            continue
        found |= {Door(route, method) for method in _methods(pattern)}
    return sorted(found)


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route, pattern


def _methods(pattern: URLPattern) -> set[str]:
    # django-ninja keeps the operations of a path on the view; a page is asked both ways
    view = getattr(pattern.callback, "__self__", None) or getattr(pattern.callback, "path_view", None)
    operations = getattr(view, "operations", None)
    if operations is None:
        return {"GET", "POST"}
    return {method for operation in operations for method in operation.methods}


def answer(client: Client, door: Door, path: str) -> str:
    """What this door says to this client when nothing is sent along."""
    kind = {"content_type": "application/json", "data": "{}"} if door.is_api and door.method != "GET" else {}
    response = client.generic(door.method, path, **kind)
    status = response.status_code
    if status in (200, 201, 204):
        return "ok"
    if status in (301, 302, 303):
        return "sign-in" if "sign-in" in response["Location"] else "sent"
    return str(status)


def read_table() -> dict[Door, dict[str, str]]:
    """The table as it was agreed: door → player → answer."""
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {Door(row.pop("route"), row.pop("method")): row for row in rows}


def write_table(table: Mapping[Door, Mapping[str, str]]) -> None:
    """Write the table, sorted by route."""
    players = list(next(iter(table.values()))) if table else []
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["route", "method", *players])
        for door in sorted(table):
            writer.writerow([door.route, door.method, *(table[door][name] for name in players)])
