"""Is HTTPS served only with a certificate that fits, and is a proxy believed only where one stands?"""

from __future__ import annotations

import argparse
import os
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gongqing.config import certificates, redirecting, serving, up
from gongqing.config.environment import YEAR_SECONDS, read_environment
from gongqing.lib.errors import BadInput
from gongqing.lib.times import now


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment without settings of ours, put back afterwards."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GONGQING_", "DATABASE_"))}
    monkeypatch.setattr(os, "environ", kept)
    return kept


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    _, cert, key = certificates.make_trial(["gongqing.city.example", "192.0.2.7"], tmp_path / "tls", at=now())
    return cert, key


def options(**given: object) -> argparse.Namespace:
    usual: dict[str, object] = {
        "host": "127.0.0.1",
        "port": 8443,
        "cert": None,
        "key": None,
        "http_redirect": None,
        "live_port": None,
        "workers": 2,
    }
    return argparse.Namespace(**{**usual, **given})


def test_a_trial_certificate_says_what_it_is(pair):
    found = certificates.check_pair(*pair, at=now(), host="gongqing.city.example")
    assert found.is_trial
    assert found.names == ("gongqing.city.example", "192.0.2.7")
    assert found.days_left(now()) == certificates.TRIAL_DAYS - 1
    assert pair[1].stat().st_mode & 0o077 == 0


def test_a_trial_certificate_is_not_written_over(pair):
    with pytest.raises(BadInput, match="没有覆盖"):
        certificates.make_trial(["other.example"], pair[0].parent, at=now())


@pytest.mark.parametrize(
    ("host", "is_covered"),
    [("a.city.example", True), ("A.City.Example", True), ("city.example", False), ("a.b.city.example", False)],
)
def test_a_wildcard_stands_for_one_label(host, is_covered):
    at = now()
    assert certificates.Certificate(("*.city.example",), at, at, is_trial=False).covers(host) is is_covered


def test_each_fault_has_its_own_words(pair, tmp_path):
    cert, key = pair
    at = now()
    other = tmp_path / "other.key"
    other.write_bytes(certificates._bare_pem(ec.generate_private_key(ec.SECP256R1())))
    old = tmp_path / "old.key"
    private = ec.generate_private_key(ec.SECP256R1())
    old.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    later, earlier = at + timedelta(days=91), at - timedelta(days=1)
    for words, given in {
        "读不出来": (tmp_path / "none.pem", key, at, ""),
        "不是 PEM 证书": (key, key, at, ""),
        "不是一对": (cert, other, at, ""),
        "PKCS#8": (cert, old, at, ""),
        "带口令": (cert, locked, at, ""),
        "不是 PEM 私钥": (cert, cert, at, ""),
        "过期": (cert, key, later, ""),
        "才生效": (cert, key, earlier, ""),
        "不含 other.example": (cert, key, at, "other.example"),
    }.items():
        with pytest.raises(BadInput, match=words):
            certificates.check_pair(given[0], given[1], at=given[2], host=given[3])


def test_own_https_sets_everything_that_belongs_to_it(pair, tmp_path, environment):
    cert, key = pair
    chosen = options(cert=cert, key=key, http_redirect=8080)
    serving.prepare_web(chosen, tmp_path)
    assert environment["GONGQING_SITE_URL"] == "https://gongqing.city.example:8443"
    read = read_environment(dict(environment))
    assert (read.secure, read.behind_proxy, read.hsts_seconds) == (True, False, 0)
    assert {"localhost", "gongqing.city.example"} <= set(read.allowed_hosts)
    assert read.certificate == cert
    parts = serving.web_parts(chosen)
    web = parts["网页服务"]
    assert web[web.index("--ssl-certificate") + 1] == str(cert)
    assert "gongqing.config.redirecting:application" in parts["http 转 https"]
    live = parts["实时推送"]
    assert live[live.index("--ssl-keyfile") + 1] == str(key)
    assert live[live.index("--port") + 1] == environment["GONGQING_LIVE_PORT"] == "8543"
    assert "asgi" in live


def test_without_a_live_port_there_is_no_stream(tmp_path, environment):
    chosen = options(live_port=0)
    serving.prepare_web(chosen, tmp_path)
    assert "实时推送" not in serving.web_parts(chosen)
    assert read_environment(dict(environment)).live_port == 0


@pytest.mark.parametrize(
    ("settings", "given", "words"),
    [
        ({"GONGQING_HTTPS": "1"}, {}, "GONGQING_BEHIND_PROXY=1"),
        ({}, {"http_redirect": 80}, "--http-redirect"),
        ({}, {"cert": "pair"}, "一起给"),
        ({"GONGQING_BEHIND_PROXY": "1"}, {"cert": "pair", "key": "pair"}, "伪造"),
        ({"GONGQING_SITE_URL": "http://gongqing.city.example"}, {"cert": "pair", "key": "pair"}, "https://"),
        ({"GONGQING_SITE_URL": "https://other.example"}, {"cert": "pair", "key": "pair"}, "不含 other.example"),
    ],
)
def test_what_does_not_fit_together_is_refused(settings, given, words, pair, tmp_path, environment):
    environment.update(settings)
    files = {"cert": pair[0], "key": pair[1]}
    with pytest.raises(BadInput, match=words):
        serving.prepare_web(options(**{name: files.get(name, value) for name, value in given.items()}), tmp_path)


def test_the_files_may_stand_in_the_settings(pair, environment):
    environment.update(GONGQING_CERTIFICATE=str(pair[0]), GONGQING_TLS_KEY=str(pair[1]))
    parser = argparse.ArgumentParser()
    serving.add_web_options(parser)
    given = parser.parse_args([])
    assert (given.cert, given.key) == pair
    assert read_environment(dict(environment)).secure
    del environment["GONGQING_TLS_KEY"]  # a proxy's certificate, named for its days alone
    parser = argparse.ArgumentParser()
    serving.add_web_options(parser)
    assert parser.parse_args([]).cert is None


def test_nothing_starts_with_a_bad_certificate(tmp_path, environment, monkeypatch, capsys):
    environment["GONGQING_HOME"] = str(tmp_path)
    monkeypatch.setattr(up, "ensure_database", lambda *_: pytest.fail("the database was started"))
    assert up.main(["--cert", "/nowhere.pem", "--key", "/nowhere.key"]) == 2
    assert "读不出来" in capsys.readouterr().err


@pytest.mark.parametrize("part", [up.web, up.jobs])
def test_a_part_alone_needs_a_named_database(part, environment, capsys):
    assert part([]) == 2
    assert "DATABASE_URL" in capsys.readouterr().err


def test_a_proxy_is_believed_only_where_one_stands():
    own = read_environment({"GONGQING_HTTPS": "1"})
    behind = read_environment({"GONGQING_HTTPS": "1", "GONGQING_BEHIND_PROXY": "1"})
    assert (own.secure, own.behind_proxy, own.hsts_seconds) == (True, False, YEAR_SECONDS)
    assert (behind.secure, behind.behind_proxy) == (True, True)


def test_http_leads_to_our_own_address_whatever_the_request_says(environment):
    environment["GONGQING_SITE_URL"] = "https://gongqing.city.example"
    answers: list[tuple[str, list[tuple[str, str]]]] = []
    asked = {"PATH_INFO": "//evil.example/\r\nX: y", "QUERY_STRING": "view=mine", "HTTP_HOST": "evil.example"}
    redirecting.application(asked, lambda status, headers: answers.append((status, headers)))
    status, headers = answers[0]
    assert status.startswith("308")
    assert dict(headers)["Location"] == "https://gongqing.city.example/evil.example/%0D%0AX:%20y?view=mine"


def test_the_certificate_command_speaks(tmp_path, environment, capsys):
    environment["GONGQING_HOME"] = str(tmp_path)
    assert certificates.main(["make", "--host", "gongqing.city.example"]) == 0
    assert "不得用于正式环境" in capsys.readouterr().out
    cert, key = str(tmp_path / "tls/trial.pem"), str(tmp_path / "tls/trial.key")
    assert certificates.main(["show", cert, "--key", key]) == 0
    assert "还有 89 天" in capsys.readouterr().out
    assert certificates.main(["make"]) == 2
