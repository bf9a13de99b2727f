"""Is there one limit for what is sent, and is a body read before the database is asked for anything?"""

from __future__ import annotations

import io
import json
import logging
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from gongqing.appeals.rules import attachments
from gongqing.config import log_lines
from gongqing.config.bodies import BodyMiddleware
from gongqing.insight.rules import outlines
from gongqing.lib import sheets

ROOT = Path(__file__).resolve().parents[3]
MOST = settings.MOST_BODY_BYTES


def test_the_proxies_let_through_what_the_platform_takes() -> None:
    nginx = re.search(
        r"client_max_body_size (\d+)m;", (ROOT / "deploy/nginx/gongqing.conf").read_text(encoding="utf-8")
    )
    caddy = re.search(r"max_size (\d+)MiB", (ROOT / "deploy/caddy/Caddyfile").read_text(encoding="utf-8"))
    told = re.search(r"Let through (\d+) MB", (ROOT / "docs/operations/reverse_proxy.md").read_text(encoding="utf-8"))
    for found in (nginx, caddy, told):
        assert found is not None
        assert int(found[1]) * 1024 * 1024 == MOST


def test_nginx_passes_the_host_with_its_port() -> None:
    told = (ROOT / "deploy/nginx/gongqing.conf").read_text(encoding="utf-8")
    passed = re.findall(r"proxy_set_header Host (\S+);", told)
    assert set(passed) == {"$http_host"}
    assert len(passed) == told.count("proxy_pass ")


def test_every_kind_of_file_fits_with_its_form() -> None:
    form = 1024 * 1024
    assert max(attachments.MOST * attachments.LARGEST, sheets.MOST_BYTES, outlines.LARGEST) + form <= MOST


@pytest.mark.parametrize(("path", "kind"), [("/say", "text/html"), ("/api/v1/appeals", "application/json")])
def test_what_is_too_large_is_refused_unread(path: str, kind: str) -> None:
    asked = RequestFactory().post(path, b"x", content_type="multipart/form-data; boundary=x")
    asked.META["CONTENT_LENGTH"] = str(MOST + 1)
    asked._stream = None  # type: ignore[assignment]  # it would break where it is read
    answer = BodyMiddleware(lambda _: pytest.fail("it went on"))(asked)
    assert answer.status_code == 413
    assert answer["Content-Type"].startswith(kind)
    assert isinstance(answer, HttpResponse)
    told = answer.content.decode()
    assert "最多 100 MB" in (json.loads(told)["errors"][0]["message"] if kind == "application/json" else told)


@pytest.mark.django_db
def test_a_body_is_whole_before_the_transaction_begins(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    class Line(io.BytesIO):
        def read(self, *given: int) -> bytes:  # type: ignore[override]
            order.append("read")
            return super().read(*given)

    def took(wait: object, sql: str, *given: object) -> object:
        order.append("sql")
        return wait(sql, *given)  # type: ignore[operator]

    body = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"a" * 200_000 + b"\r\n--x--\r\n"
    with connection.execute_wrapper(took):
        answer = client.generic(
            "POST", "/say", body, content_type="multipart/form-data; boundary=x", **{"wsgi.input": Line(body)}
        )
    assert answer.status_code < 500
    last_read = len(order) - 1 - order[::-1].index("read")
    assert "sql" not in order[:last_read]


def test_files_arrive_as_they_were_sent() -> None:
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"{request.POST['text']} {request.FILES['one'].size}")  # type: ignore[union-attr]

    one = io.BytesIO(b"1" * 3_000_000)
    one.name = "a.bin"
    answer = BodyMiddleware(page)(RequestFactory().post("/say", {"text": "工资", "one": one}))
    assert isinstance(answer, HttpResponse)
    assert answer.content.decode() == "工资 3000000"


def test_a_body_that_breaks_off_goes_no_further() -> None:
    asked = RequestFactory().post("/say", b"12345", content_type="application/octet-stream")
    asked.META["CONTENT_LENGTH"] = "50"
    assert BodyMiddleware(lambda _: pytest.fail("it went on"))(asked).status_code == 400


@pytest.mark.django_db
def test_wrong_hosts_make_one_line_without_a_traceback(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    kept = log_lines.RefusedRequests()
    caplog.handler.addFilter(kept)
    try:
        for _ in range(20):
            assert client.get("/", headers={"host": "wrong.example"}).status_code == 400
    finally:
        caplog.handler.removeFilter(kept)
    lines = [record for record in caplog.records if record.name.startswith("django.security")]
    assert [(record.levelno, record.exc_info) for record in lines] == [(logging.WARNING, None)]
    assert "GONGQING_ALLOWED_HOSTS" in lines[0].getMessage()


def test_the_console_leaves_out_what_repeats() -> None:
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["refused"]
