"""Which doors are there, and what does each answer to whom?

A door is a method and a route as the URLconf writes it, found by walking the URLconf, so none can be forgotten; a route
of the API has the methods of its description and is sent the example that stands there. Its answer is a status, told in
one word: see `MEANINGS`.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
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
    "422": "what was sent along is refused",
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
    for route in _walk(get_resolver().url_patterns, ""):
        if route.startswith(SKIPPED):
            continue
        found |= {Door(route, method) for method in _methods(route)}
    return sorted(found)


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route


@cache
def _described() -> dict[str, Any]:
    """The description of the API; empty while the platform has none."""
    from gongqing.config.api import api

    return json.loads(json.dumps(api.get_openapi_schema(), default=str))


def _operations(route: str) -> dict[str, Any]:
    written = "/" + PARAMETER.sub(lambda found: "{" + found["name"] + "}", route)
    return {method.upper(): operation for method, operation in _described()["paths"].get(written, {}).items()}


def _methods(route: str) -> set[str]:
    # a page is asked both ways
    return set(_operations(route)) if route.startswith(API) and _operations(route) else {"GET", "POST"}


def _example(door: Door) -> Any:
    content = _operations(door.route).get(door.method, {}).get("requestBody", {}).get("content", {})
    body = content.get("application/json", {})
    places = [body, body.get("schema", {})]
    for one in [body.get("schema", {}), *body.get("schema", {}).get("anyOf", [])]:
        if "$ref" in one:
            places.append(_described()["components"]["schemas"][one["$ref"].rpartition("/")[2]])
    for place in places:
        if "example" in place:
            return place["example"]
        if examples := place.get("examples"):
            first = examples[0] if isinstance(examples, list) else next(iter(examples.values()))
            return first.get("value", first) if isinstance(first, dict) else first
    return {}


def answer(client: Client, door: Door, path: str) -> str:
    """What this door says to this client: a page to an empty form, the API to its own example."""
    kind: dict[str, Any] = {}
    if door.is_api and door.method != "GET":
        kind = {"content_type": "application/json", "data": json.dumps(_example(door))}
    status = (response := client.generic(door.method, path, **kind)).status_code
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
