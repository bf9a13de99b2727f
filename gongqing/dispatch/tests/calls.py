"""How do the tests call the API?"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

from django.test import Client

from gongqing.dispatch.tests.make import WAGES

BASE = "/api/v1/appeals"
_serial = count(1)
Api = Callable[[str], Client]


def body(text: str = WAGES, **fields: Any) -> dict[str, Any]:
    """A body that registers an appeal in the cast's town."""
    return {
        "source": "test_door",
        "external_id": f"api-{next(_serial)}",
        "channel": "hotline_12345",
        "text": text,
        "region_code": "330206001",
        "person": {"name": "周小满", "phone": "13912345678"},
        **fields,
    }


def post(client: Client, path: str, sent: Any = None) -> Any:
    """A POST of JSON; without anything to send, without a body."""
    if sent is None:
        return client.generic("POST", path)
    return client.post(path, json.dumps(sent) if not isinstance(sent, str | bytes) else sent, "application/json")


def created(client: Client, text: str = WAGES, **fields: Any) -> dict[str, Any]:
    """A new appeal."""
    answer = post(client, BASE, body(text, **fields))
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()


def verb(client: Client, code: str, name: str, sent: Any = None, expect: int = 200) -> dict[str, Any]:
    """The answer of a verb, which must have this status."""
    answer = post(client, f"{BASE}/{code}/{name}", sent)
    assert answer.status_code == expect, f"{name}: {answer.status_code} {answer.content.decode()}"
    return answer.json()


def fields_of(answer: Any) -> list[str]:
    """The fields that a refusal names."""
    assert answer.status_code == 422, answer.content.decode()
    errors = answer.json()["errors"]
    assert all(set(error) == {"field", "message"} and error["message"] for error in errors)
    return [error["field"] for error in errors]


def events_of(client: Client, code: str) -> list[dict[str, Any]]:
    return client.get(f"{BASE}/{code}/events").json()["items"]
