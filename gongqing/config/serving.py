"""Which processes serve the platform, and how are they kept alive?

`gongqing up` runs all of them on one machine; `gongqing web` and `gongqing jobs` run one kind each, so that several
machines can share the work. What dies is started again; Ctrl-C or SIGTERM stops everything in order.
"""

from __future__ import annotations

import argparse
import atexit
import ctypes
import errno
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Protocol
from urllib.parse import urlsplit

from gongqing.config.certificates import check_pair
from gongqing.lib.errors import BadInput
from gongqing.lib.times import now

STOP_SECONDS = 15
BEHIND = 10  # of 19; a tenth of the weight of a process of the pages
RESTART_SECONDS = 2
POLL_SECONDS = 0.2
LIVE_STEP = 100  # from the port of the pages to that of the stream: not the neighbour, where a second copy may be
LOADED_FIRST = "gongqing.config.web_server"
LOCAL_HOSTS = "localhost,127.0.0.1,[::1]"


class Database(Protocol):
    """A server of our own that can be started again."""

    def is_alive(self) -> bool:
        """Whether its first process is there."""

    def start_again(self) -> None:
        """Start it; what stands in the way is tried again at the next call."""


class Supervisor:
    """Keeps the long-running parts, and a database of our own, alive until asked to stop."""

    def __init__(self, parts: Mapping[str, list[str]], database: Database | None = None) -> None:
        self._commands = parts
        self._database = database
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = threading.Event()

    def ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        """A signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Start every part, and start again what dies, until asked to stop."""
        for name in self._commands:
            self._start(name)
        while not self._stopping.wait(RESTART_SECONDS):
            if self._database is not None and not self._database.is_alive():
                print("数据库退出，重新启动", file=sys.stderr, flush=True)
                self._database.start_again()
            for name, part in list(self._running.items()):
                if part.poll() is not None:
                    print(f"{name} 退出（{part.returncode}），重新启动", file=sys.stderr, flush=True)
                    _end_group(part.pid)  # what it left behind would hold the port
                    self._start(name)
        self._stop()

    def _start(self, name: str) -> None:
        # own session: Ctrl-C reaches the supervisor alone, which stops the parts in order
        self._running[name] = subprocess.Popen(
            self._commands[name],
            start_new_session=True,
            preexec_fn=_stop_with_parent,  # one system call and nothing else
        )

    def _stop(self) -> None:
        for part in self._running.values():
            if part.poll() is None:
                part.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for part in self._running.values():
            try:
                part.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _end_group(part.pid)


def _end_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _stop_with_parent() -> None:
    """In a new process: be asked to stop when the supervisor is killed, so that a second one finds the port free."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def supervise(parts: Mapping[str, list[str]], database: Database | None = None) -> Supervisor:
    """A supervisor that Ctrl-C and SIGTERM ask to stop."""
    supervisor = Supervisor(parts, database)
    signal.signal(signal.SIGINT, supervisor.ask_to_stop)
    signal.signal(signal.SIGTERM, supervisor.ask_to_stop)
    return supervisor


@contextmanager
def finishing_first() -> Iterator[None]:
    """What is begun inside is finished before Ctrl-C or SIGTERM ends this process, so that it can be put away again.

    A second one ends it at once. From then on until `supervise` each ends it in good order, through `finally`.
    """
    asked = threading.Event()

    def keep(_signal: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            sys.exit(0)
        asked.set()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, keep)
    yield
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    if asked.is_set():
        sys.exit(0)


def add_web_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that serves pages."""
    parser.add_argument("--host", default="127.0.0.1", help="在哪个地址上接受访问")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--live-port", type=int, help="驾驶舱实时推送的端口，默认比 --port 大 100；0 为不开")
    parser.add_argument("--workers", type=int, default=max(2, os.cpu_count() or 2), help="网页进程数")
    key = os.environ.get("GONGQING_TLS_KEY") or None
    cert = os.environ.get("GONGQING_CERTIFICATE") if key else None
    parser.add_argument("--cert", type=Path, default=cert, help="PEM 证书，中间证书在后：由平台自己提供 HTTPS")
    parser.add_argument("--key", type=Path, default=key, help="证书的私钥，PKCS#8 PEM，不带口令")
    parser.add_argument("--http-redirect", type=int, metavar="PORT", help="在这个端口上把 http 访问转到 https")


def prepare_home() -> Path:
    """The home of this installation, written into the environment as an absolute path, with the folders of a server."""
    home = Path(os.environ.get("GONGQING_HOME", "var")).resolve()
    (home / "static").mkdir(parents=True, exist_ok=True)
    os.environ["GONGQING_HOME"] = str(home)
    return home


def wait_for_ports(options: argparse.Namespace) -> None:
    """Wait until nobody listens where this platform is about to; a killed forerunner's parts need a moment to end.

    Raises:
        BadInput: a port stays taken.
    """
    live = options.port + LIVE_STEP if options.live_port is None else options.live_port
    deadline = time.monotonic() + STOP_SECONDS
    for port in filter(None, (options.port, live, options.http_redirect)):
        if _is_taken(options.host, port):
            print(f"端口 {port} 有程序在用，等它结束……", file=sys.stderr, flush=True)
        while _is_taken(options.host, port):
            if time.monotonic() > deadline:
                raise BadInput(
                    "port",
                    f"端口 {port} 已经有程序在用，没有启动。"
                    "可能平台已经在运行；要再开一个，用 --port 换一个端口，并用另外的 GONGQING_HOME。",
                )
            time.sleep(POLL_SECONDS)


def _is_taken(host: str, port: int) -> bool:
    """Whether somebody listens there. What else may be wrong with an address the server itself says."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host.strip("[]"), port))
        except OSError as fault:
            return fault.errno == errno.EADDRINUSE
    return False


def prepare_web(options: argparse.Namespace, home: Path) -> None:
    """Write into the environment under which address and how safely the pages are served.

    Raises:
        BadInput: the certificate, the key or the settings do not fit together.
    """
    is_behind_proxy = os.environ.get("GONGQING_BEHIND_PROXY") == "1"
    if options.cert or options.key:
        _prepare_tls(options, is_behind_proxy=is_behind_proxy)
    elif options.http_redirect:
        raise BadInput("http_redirect", "--http-redirect 要和 --cert、--key 一起用。")
    elif os.environ.get("GONGQING_HTTPS") == "1" and not is_behind_proxy:
        raise BadInput(
            "https",
            "GONGQING_HTTPS=1 需要证书：用 --cert 和 --key 由平台自己提供 HTTPS；"
            "前面有代理提供 HTTPS 时，另设 GONGQING_BEHIND_PROXY=1。",
        )
    os.environ.setdefault("GONGQING_SITE_URL", f"http://{options.host}:{options.port}")
    if options.live_port is None:
        options.live_port = options.port + LIVE_STEP
    os.environ.update(GONGQING_WEB_PORT=str(options.port), GONGQING_LIVE_PORT=str(options.live_port))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_new_counters(home, options.port))


def _new_counters(home: Path, port: int) -> Path:
    """An empty folder for the counts of the web processes.

    In memory where there is some: the counts are mapped files, and a process that writes into a mapped file on a full
    disk is killed.
    """
    name = f"gongqing-metrics-{hashlib.sha256(bytes(home)).hexdigest()[:12]}-{port}"
    for memory in (os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm"):  # noqa: S108  # a folder of a name of its own, made here
        if memory and os.access(memory, os.W_OK):
            folder = Path(memory) / name
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):  # somebody else's folder of this name is not used
                folder.mkdir(mode=0o700)
                atexit.register(shutil.rmtree, folder, ignore_errors=True)
                return folder
    folder = home / "run" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def web_parts(options: argparse.Namespace) -> dict[str, list[str]]:
    """The commands that serve pages."""
    web = [
        *_granian("gongqing.config.wsgi:application", options.host, options.port, program=LOADED_FIRST),
        *("--workers", str(options.workers), "--blocking-threads", "4", "--workers-kill-timeout", "10"),
    ]
    # some gateways between people and the platform still speak TLS 1.2
    secured = ["--ssl-certificate", str(options.cert), "--ssl-keyfile", str(options.key)] if options.cert else []
    secured += ["--ssl-protocol-min", "tls1.2"] if options.cert else []
    parts = {"网页服务": [*web, *secured]}
    if options.live_port:
        live = _granian("gongqing.config.asgi:application", options.host, options.live_port, interface="asgi")
        parts["实时推送"] = [*live, "--workers", "1", "--loop", "asyncio", "--workers-kill-timeout", "5", *secured]
    if options.http_redirect:
        redirecting = _granian("gongqing.config.redirecting:application", options.host, options.http_redirect)
        parts["http 转 https"] = [*redirecting, "--workers", "1", "--blocking-threads", "1"]
    return parts


def job_parts(concurrency: int = 2) -> dict[str, list[str]]:
    """The command that runs listeners and works through the queue, behind the pages (`stand_back`)."""
    # its threads share two heaps of the C library: with one each, what a large job has freed is never given back
    command = ["env", "MALLOC_ARENA_MAX=2", *self_command(), "run_jobs"]
    return {"任务进程": [*command, "--concurrency", str(concurrency)]}


def stand_back() -> None:
    """Let this process and what it starts work behind the pages and the data base where the machine is busy.

    Linux shares processors between sessions first (autogroup, sched(7)), and each part of the platform is a session of
    its own: there only the niceness of the session counts, elsewhere that of the process.
    """
    os.nice(BEHIND)
    with suppress(OSError):  # this system does not group by sessions
        Path("/proc/self/autogroup").write_text(str(BEHIND))


def self_command() -> list[str]:
    """How this program is run again, with the same Python."""
    return [sys.executable, "-m", "gongqing.config.cli"]


def _granian(application: str, host: str, port: int, *, interface: str = "wsgi", program: str = "granian") -> list[str]:
    return [
        *(sys.executable, "-m", program, "--interface", interface, application),
        *("--host", host, "--port", str(port), "--no-ws", "--log-level", "warning", "--respawn-failed-workers"),
    ]


def _prepare_tls(options: argparse.Namespace, *, is_behind_proxy: bool) -> None:
    if not (options.cert and options.key):
        raise BadInput("cert", "--cert 和 --key 要一起给。")
    if is_behind_proxy:
        raise BadInput(
            "cert", "平台自己提供 HTTPS 时不能设 GONGQING_BEHIND_PROXY=1：没有代理时，任何人都能伪造来访地址。"
        )
    options.cert, options.key = options.cert.resolve(), options.key.resolve()
    stated = urlsplit(os.environ.get("GONGQING_SITE_URL", ""))
    if stated.scheme == "http":
        raise BadInput("site_url", "GONGQING_SITE_URL 应以 https:// 开头：短信里的链接用的是它。")
    found = check_pair(options.cert, options.key, at=now(), host=stated.hostname or "")
    port = "" if options.port == 443 else f":{options.port}"
    host = options.host if found.covers(options.host) else next(iter(found.names), options.host)
    written = f"[{host}]" if ":" in host else host
    os.environ.setdefault("GONGQING_SITE_URL", f"https://{written.removeprefix('*.')}{port}")
    # Django writes a wildcard as a leading dot
    names = [name.removeprefix("*") if name[:2] == "*." else name for name in found.names]
    os.environ.setdefault("GONGQING_ALLOWED_HOSTS", ",".join([LOCAL_HOSTS, *names]))
    os.environ.update(GONGQING_HTTPS="1", GONGQING_CERTIFICATE=str(options.cert), GONGQING_TLS_KEY=str(options.key))
    if found.is_trial:
        # a browser that remembers HSTS no longer lets anybody past an unknown authority
        os.environ["GONGQING_HSTS_SECONDS"] = "0"
        print("这是试用证书，不得用于正式环境。", file=sys.stderr, flush=True)
