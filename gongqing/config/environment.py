"""What does the environment ask for? Read once, with safe defaults."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from gongqing.accounts.rules import ROLE_PLACES
from gongqing.appeals.rules.second_reading import SecondReader
from gongqing.lib.crypto import Keyring, new_keyring
from gongqing.notices.rules.leaving import QuietHours

YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Environment:
    """Every setting of an installation.

    Attributes:
        home: where all state lives (database, files, keys); `GONGQING_HOME`, default `./var`.
        debug: `GONGQING_DEBUG=1`; never in a real city.
        allowed_hosts: `GONGQING_ALLOWED_HOSTS`, comma separated.
        secure: `GONGQING_HTTPS=1` when people reach it over HTTPS: secure cookies, HSTS. `gongqing up --cert` sets it.
        behind_proxy: `GONGQING_BEHIND_PROXY=1`: the headers of the proxy in front are believed, and only then.
        hsts_seconds: for how long browsers may insist on HTTPS; `GONGQING_HSTS_SECONDS`, default a year.
        certificate: the certificate people see, for its days left; `GONGQING_CERTIFICATE`.
        tls_key: its private key where the platform serves HTTPS itself; `GONGQING_TLS_KEY`, which implies `secure`.
        metrics_token: who sends it may read `/metrics`; `GONGQING_METRICS_TOKEN`, without it this machine alone.
        backup_to: where the nightly backup goes; `GONGQING_BACKUP_TO`, without it none is made by the job worker.
        backup_keep: how many of them stay; `GONGQING_BACKUP_KEEP`.
        city_code: six digits of the city, `GONGQING_CITY_CODE`.
        demo: `small` or `none`, as `gongqing up` started it.
        sms_gateway: `GONGQING_SMS_GATEWAY`: `console`, `file` or `http`.
        sms_url: where the `http` gateway takes messages, `GONGQING_SMS_URL`.
        sms_secret: the secret shared with it, `GONGQING_SMS_SECRET`.
        sms_auth: how the secret is shown, `GONGQING_SMS_AUTH`: `hmac` (HMAC-SM3 over time and body) or `bearer`.
        quiet_hours: when only urgent short messages leave, `GONGQING_QUIET_HOURS`, `21:00-08:00`; `none` for never.
        retention_years: how many years personal data stays after the last thing that happened,
            `GONGQING_RETENTION_YEARS`.
        web_port, live_port: the ports of the pages and of the live stream as `gongqing up` and `web` gave them
            (`--port`, `--live-port`); a live port of 0: there is no stream.
        live_url: where browsers reach the stream, without a slash at the end; `GONGQING_LIVE_URL`. Empty: behind a
            proxy under the address of the pages, else on the live port of the same host.
        map_approval, map_source: the approval number (审图号) and the source that stand under every map;
            `GONGQING_MAP_APPROVAL`, `GONGQING_MAP_SOURCE`.
        site_url: where people reach the platform, without a slash at the end; `GONGQING_SITE_URL`. Links in short
            messages begin with it.
        require_totp: the roles that sign in with a second factor only, `GONGQING_REQUIRE_TOTP`, comma separated, such
            as `administrator,city_supervisor`.
        second_reader: who is asked about appeals in doubt, `GONGQING_SECOND_READER_URL` and others beginning so; None
            where no address is given (`appeals.rules.second_reading`).
        reads_carefully_later: what waits for a person is read again with the encoder; not where `GONGQING_READER` is
            `quick`, which turns it off, or `careful`, which reads so on receipt.
        database_url: the bound role's connection.
        owner_url: the owner's connection, for migrations only.
        as_owner: this process migrates.
    """

    home: Path
    debug: bool
    allowed_hosts: tuple[str, ...]
    secure: bool
    behind_proxy: bool
    hsts_seconds: int
    certificate: Path | None
    tls_key: Path | None
    metrics_token: str
    backup_to: Path | None
    backup_keep: int
    city_code: str
    demo: str
    sms_gateway: str
    sms_url: str
    sms_secret: str
    sms_auth: str
    quiet_hours: QuietHours | None
    retention_years: int
    web_port: int
    live_port: int
    live_url: str
    map_approval: str
    map_source: str
    site_url: str
    require_totp: frozenset[str]
    second_reader: SecondReader | None
    reads_carefully_later: bool
    database_url: str
    owner_url: str
    as_owner: bool


def read_environment(values: dict[str, str]) -> Environment:
    """The settings in these environment variables."""
    return Environment(
        home=Path(values.get("GONGQING_HOME", "var")).resolve(),
        debug=values.get("GONGQING_DEBUG") == "1",
        allowed_hosts=tuple(filter(None, values.get("GONGQING_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(","))),
        secure=values.get("GONGQING_HTTPS") == "1" or bool(values.get("GONGQING_TLS_KEY")),
        behind_proxy=values.get("GONGQING_BEHIND_PROXY") == "1",
        hsts_seconds=int(values.get("GONGQING_HSTS_SECONDS", YEAR_SECONDS)),
        certificate=Path(values["GONGQING_CERTIFICATE"]) if values.get("GONGQING_CERTIFICATE") else None,
        tls_key=Path(values["GONGQING_TLS_KEY"]) if values.get("GONGQING_TLS_KEY") else None,
        metrics_token=values.get("GONGQING_METRICS_TOKEN", ""),
        backup_to=Path(values["GONGQING_BACKUP_TO"]) if values.get("GONGQING_BACKUP_TO") else None,
        backup_keep=int(values.get("GONGQING_BACKUP_KEEP", "14")),
        city_code=values.get("GONGQING_CITY_CODE", "330200"),
        demo=values.get("GONGQING_DEMO", "none"),
        sms_gateway=values.get("GONGQING_SMS_GATEWAY", "file"),
        sms_url=values.get("GONGQING_SMS_URL", ""),
        sms_secret=values.get("GONGQING_SMS_SECRET", ""),
        sms_auth=values.get("GONGQING_SMS_AUTH", "hmac"),
        quiet_hours=QuietHours.from_text(values.get("GONGQING_QUIET_HOURS", "21:00-08:00")),
        retention_years=int(values.get("GONGQING_RETENTION_YEARS", "3")),
        web_port=int(values.get("GONGQING_WEB_PORT", "8000")),
        live_port=int(values.get("GONGQING_LIVE_PORT", "0")),
        live_url=values.get("GONGQING_LIVE_URL", "").rstrip("/"),
        map_approval=values.get("GONGQING_MAP_APPROVAL", "").strip(),
        map_source=values.get("GONGQING_MAP_SOURCE", "").strip(),
        site_url=values.get("GONGQING_SITE_URL", "http://127.0.0.1:8000").rstrip("/"),
        require_totp=role_names(values.get("GONGQING_REQUIRE_TOTP", "")),
        second_reader=SecondReader.from_values(values),
        reads_carefully_later=not reader_named(values.get("GONGQING_READER", "")),
        database_url=values.get("DATABASE_URL", ""),
        owner_url=values.get("DATABASE_OWNER_URL", values.get("DATABASE_URL", "")),
        as_owner=values.get("GONGQING_AS_OWNER") == "1",
    )


def role_names(text: str) -> frozenset[str]:
    """The staff roles in a comma-separated list.

    Raises:
        ValueError: one of them is none.
    """
    names = frozenset(filter(None, (name.strip() for name in text.split(","))))
    if unknown := names - {role.value for role in ROLE_PLACES}:
        raise ValueError(f"GONGQING_REQUIRE_TOTP: no such role: {', '.join(sorted(unknown))}")
    return names


def database_settings(url: str) -> dict[str, object]:
    """Django's settings for a `postgresql://` URL.

    Raises:
        ValueError: the URL is not PostgreSQL's.
    """
    parts = urlsplit(url)
    if url and parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must be a postgresql:// URL")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "gongqing.audit.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "gongqing",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": parts.port or "",
        "OPTIONS": options,
    }


def keep_file(path: Path, content: str) -> str:
    """The text of a private file, made with this content (mode 600) when it is missing."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
    return path.read_text(encoding="utf-8")


def secret_key(home: Path) -> str:
    """The signing key of this installation, kept outside the database."""
    return keep_file(home / "keys" / "secret.key", secrets.token_urlsafe(48)).strip()


def keyring(home: Path) -> Keyring:
    """The keys for personal data, kept outside the database."""
    return Keyring.from_json(keep_file(home / "keys" / "keyring.json", new_keyring().to_json()))


def reader_named(text: str) -> str:
    """How appeals are read, of the two ways that are not the usual one; empty for the usual one.

    Raises:
        ValueError: there is no such way.
    """
    if text not in ("", "quick", "careful"):
        raise ValueError("GONGQING_READER must be quick or careful, or not be set")
    return text
