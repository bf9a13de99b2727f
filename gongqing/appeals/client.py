"""How is the second reader asked? Over HTTP, inside the city's network, in one go, without any help from outside.

The connection is opened first and the address at its other end is looked at; only when it lies inside does the text
leave. No proxy of the environment is used, no redirect is followed.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from gongqing.appeals.rules.second_reading import MOST_TOKENS_OUT, SecondReader

MOST_ANSWER = 256 * 1024
PIECE = 16 * 1024


class Outside(Exception):
    """The endpoint does not stand inside the city's network; nothing was sent."""


class Refused(Exception):
    """The endpoint will not answer this; with its status."""


class Malformed(Exception):
    """What came back is no answer of the interface."""


class Late(Exception):
    """No whole answer within the time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and what it took."""

    content: str
    tokens_in: int
    tokens_out: int


def ask(reader: SecondReader, messages: Sequence[dict[str, str]]) -> Answer:
    """Put a question to the second reader.

    Raises:
        Outside, Refused, Malformed, Late: as they say.
        OSError: it cannot be reached.
    """
    ends_at = time.monotonic() + reader.seconds
    asked = {
        "model": reader.model,
        "messages": list(messages),
        "temperature": 0,
        "max_tokens": MOST_TOKENS_OUT,
        "response_format": {"type": "json_object"},
        "stream": False,
    }
    body = json.dumps(asked, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
    if reader.key:
        headers["Authorization"] = f"Bearer {reader.key}"
    parts = urlsplit(reader.url)
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, reader.seconds)
    try:
        connection.connect()
        _check_inside(connection, reader)
        connection.request("POST", f"{parts.path}/chat/completions", body, headers)
        response = connection.getresponse()
        content = _whole(connection, response, ends_at)
        if response.status != 200:
            raise Refused(f"HTTP {response.status}")
        return _answer_in(content)
    except TimeoutError as fault:
        raise Late(f"{reader.seconds:g} 秒内没有答完") from fault
    except HTTPException as fault:
        raise Malformed(type(fault).__name__) from fault
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None, seconds: float) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
    return HTTPConnection(host, port, timeout=seconds)


def _check_inside(connection: HTTPConnection, reader: SecondReader) -> None:
    address = connection.sock.getpeername()[0]
    if not reader.is_inside(str(address)):
        raise Outside(f"{address} 不在允许的网段内")


def _whole(connection: HTTPConnection, response: HTTPResponse, ends_at: float) -> bytes:
    """The body, as long as time and length allow."""
    pieces: list[bytes] = []
    length = 0
    while True:
        left = ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(left)
        piece = response.read1(PIECE)
        if not piece:
            return b"".join(pieces)
        length += len(piece)
        if length > MOST_ANSWER:
            raise Malformed("回答太长")
        pieces.append(piece)


def _answer_in(content: bytes) -> Answer:
    try:
        given: Any = json.loads(content)
        words = given["choices"][0]["message"]["content"]
        usage = given.get("usage") or {}
        tokens = [usage.get(name, 0) for name in ("prompt_tokens", "completion_tokens")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise Malformed("不是 OpenAI 接口的回答") from None
    if not isinstance(words, str):
        raise Malformed("回答里没有文字")
    counted = [each if isinstance(each, int) and 0 <= each < 10_000_000 else 0 for each in tokens]
    return Answer(words, counted[0], counted[1])
