"""What does a body do that is larger than the memory it is worth?"""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from tests.faults.stage import BASE, CSRF, Stage, is_gone

MIB = 1024 * 1024
SIZE = 200 * MIB


def pieces(first: bytes, last: bytes) -> Iterator[bytes]:
    """A body of two hundred megabytes, never held whole."""
    yield first
    for _ in range(SIZE // MIB):
        yield b"0" * MIB
    yield last


def sent(stage: Stage, path: str, first: bytes, last: bytes, **headers: str) -> httpx.Response | None:
    """The answer; None when the server hung up before it had heard everything."""
    given = {"Content-Length": str(len(first) + SIZE + len(last)), **headers}
    try:
        return httpx.post(f"{stage.platform.address}{path}", content=pieces(first, last), headers=given, timeout=120)
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        return None


def test_two_hundred_megabytes_of_json(stage: Stage) -> None:
    workers, key = stage.web_workers(), stage.people["hotline"]["key"]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    told = sent(stage, BASE, b'{"text": "', b'"}', **headers)
    if told is not None:
        assert told.status_code == 413, told.text[:300]
        assert "太大" in told.json()["errors"][0]["message"]
    assert stage.web_workers() == workers
    assert not any(is_gone(worker) for worker in workers)
    assert stage.api("hotline").get(BASE).status_code == 200


def test_a_photo_of_two_hundred_megabytes(stage: Stage) -> None:
    workers, before = stage.web_workers(), stage.value("SELECT count(*) FROM appeals_appeal")
    mark = "--x\r\nContent-Disposition: form-data; name="
    first = f'{mark}"csrfmiddlewaretoken"\r\n\r\n{CSRF}\r\n{mark}"text"\r\n\r\n厂里三个月没发工资\r\n'
    first += f'{mark}"photos"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    cookies = f"csrftoken={CSRF}; sessionid={stage.people['worker']['session']}"
    kind = "multipart/form-data; boundary=x"
    told = sent(stage, "/say", first.encode(), b"\r\n--x--\r\n", **{"Cookie": cookies, "Content-Type": kind})
    if told is not None:
        assert told.status_code in (413, 422), told.text[:500]
        assert "太大" in told.text
    assert not any(is_gone(worker) for worker in workers)
    assert stage.value("SELECT count(*) FROM appeals_appeal") == before
