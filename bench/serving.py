"""The real server on a prepared home, for as long as a measurement lasts, and what it weighs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 600  # seconds until the server must be ready


@contextmanager
def running(home: Path, port: int) -> Iterator[int]:
    """`gongqing up` on this home, ready to answer; yields its process number and stops it afterwards."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "GONGQING_"))},
        "GONGQING_HOME": str(home.resolve()),
        "GONGQING_SMS_GATEWAY": "file",
    }
    command = [sys.executable, "-W", "ignore", "-m", "gongqing.config.cli", "up", "--port", str(port)]
    with (home / "bench_server.log").open("ab") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _await_ready(server, port)
        yield server.pid
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


def connect_django(home: Path) -> None:
    """Let Django talk to the data base that the running server uses, as the bound role."""
    os.environ.update(
        GONGQING_HOME=str(home.resolve()), GONGQING_POOL="0", DJANGO_SETTINGS_MODULE="gongqing.config.settings"
    )
    from gongqing.config.embedded import ensure_database

    ensure_database(home.resolve(), {})
    import django

    django.setup()


def api_key(username: str) -> str:
    """A fresh key with every right of this account."""
    from gongqing.accounts import actions
    from gongqing.accounts.models import User
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM
    from gongqing.lib.times import now

    with scope.acting_as(SYSTEM):
        user = User.objects.get(username=username)
        scopes = ["appeals:read", "appeals:write"]
        return actions.issue_key(user_id=user.pk, scopes=scopes, note="bench", by=SYSTEM, at=now())


def session_cookie(username: str) -> str:
    """The cookie of a session in which this account has signed in; a worker's when it has no posting."""
    from importlib import import_module

    from django.conf import settings
    from django.http import HttpRequest

    from gongqing.accounts.middleware import begin_session
    from gongqing.accounts.models import Posting, User
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM
    from gongqing.lib.times import now

    with scope.acting_as(SYSTEM):
        user = User.objects.get(username=username)
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore()
        begin_session(request, user, at=now(), posting=Posting.objects.filter(user=user).first())
        request.session.save()
        return f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}"


def memory(server: int, home: Path) -> dict[str, float]:
    """MiB by kind of process, each page shared between processes counted once (PSS), and the sum."""
    kinds: Counter[str] = Counter()
    for process, kind in _kinds(server, home).items():
        with suppress(OSError):
            told = Path(f"/proc/{process}/smaps_rollup").read_text()
            kinds[kind] += next(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:"))
    return _summed({kind: size / 1024 for kind, size in kinds.items()})


def cpu_seconds(server: int, home: Path) -> dict[str, float]:
    """Seconds of processor time by kind of process since each began, and the sum; this process is the clients."""
    kinds: Counter[str] = Counter()
    for process, kind in _kinds(server, home).items():
        with suppress(OSError):
            told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            kinds[kind] += sum(int(part) for part in told[11:15])
    seconds = {kind: ticks / os.sysconf("SC_CLK_TCK") for kind, ticks in kinds.items()}
    return _summed({**seconds, "clients": time.process_time()})


def _summed(kinds: dict[str, float]) -> dict[str, float]:
    return {**{name: round(value, 1) for name, value in kinds.items()}, "sum": round(sum(kinds.values()), 1)}


def _kinds(server: int, home: Path) -> dict[int, str]:
    """The processes of the platform and of its database, each with the kind that it is of."""
    postmaster = int((home / "pg" / "postmaster.pid").read_text().splitlines()[0])
    kinds = {}
    for process in {*_tree(server), *_tree(postmaster)}:
        try:
            command = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        is_web, is_job = ":application" in command, "run_jobs" in command
        kind = "web" if is_web else "jobs" if is_job else "postgresql" if "postgres" in command else "supervisor"
        kinds[process] = kind
    return kinds


def _tree(root: int) -> set[int]:
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        except (OSError, ValueError):
            continue
    found, waiting = set(), [root]
    while waiting:
        process = waiting.pop()
        found.add(process)
        waiting += parents.get(process, [])
    return found


def _await_ready(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(f"the server ended with {server.returncode}; see bench_server.log in its home")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    sys.exit("the server did not get ready")
