"""The stage of the fault tests: the real platform on a small disk of its own, whose every process can be killed.

Nothing here sleeps for a fixed time: `until` waits for a condition, with a generous limit.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import psycopg

from tests.database import ROOT
from tests.faults import invariants
from tests.running import Platform, platform

DISK_MIB = 1200
PATIENCE = 120.0
BASE = "/api/v1/appeals"
WAGES = "厂里三个月没发工资了，我一个人被欠了八千块，问了主管一直说再等等，请工会帮我讨回来。"
CSRF = "c" * 32
_serial = count(1)


def until(is_so: Callable[[], Any], what: str, *, limit: float = PATIENCE) -> Any:
    """Wait for a condition; answers what it answered.

    Raises:
        TimeoutError: it did not come true in `limit` seconds.
    """
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if found := is_so():
            return found
        time.sleep(0.1)
    raise TimeoutError(f"still waiting after {limit:.0f} s: {what}")


def body(text: str = WAGES, **fields: Any) -> dict[str, Any]:
    """A body that registers an appeal of a number of its own in the cast's town."""
    return {
        "source": "fault_door",
        "external_id": f"f-{uuid4().hex}",
        "channel": "hotline_12345",
        "text": text,
        "region_code": "330206001",
        "person": {"name": "周小满", "phone": "13912345678"},
        **fields,
    }


@dataclass
class Stage:
    """A running platform with the cast.

    Attributes:
        home: where everything lies.
        people: name → `key` of the API and `session` of the pages.
        ending: what is closed when the tests are over.
    """

    home: Path
    people: dict[str, dict[str, str]]
    ending: ExitStack
    platform: Platform = field(init=False)

    def start(self) -> None:
        """Start the platform, on the port that it had before."""
        port = int(self.platform.address.rpartition(":")[2]) if hasattr(self, "platform") else None
        self.platform = self.ending.enter_context(platform(self.home, demo="none", port=port))

    @property
    def owner_url(self) -> str:
        """The owner's connection."""
        lines = (self.home / "pg" / "postmaster.pid").read_text().splitlines()
        return f"postgresql://postgres@/gongqing?host={lines[4]}"

    def api(self, name: str = "", **options: Any) -> httpx.Client:
        """A client with the key of somebody; "" is nobody."""
        headers = {"Authorization": f"Bearer {self.people[name]['key']}"} if name else {}
        return self._kept(httpx.Client(base_url=self.platform.address, headers=headers, timeout=60, **options))

    def pages(self, name: str = "") -> httpx.Client:
        """A browser of somebody, signed in, whose forms are known to be its own; "" is nobody."""
        cookies = {"csrftoken": CSRF, **({"sessionid": self.people[name]["session"]} if name else {})}
        headers = {"X-CSRFToken": CSRF}
        return self._kept(httpx.Client(base_url=self.platform.address, headers=headers, cookies=cookies, timeout=60))

    def _kept(self, client: httpx.Client) -> httpx.Client:
        return self.ending.enter_context(client)

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What the owner reads in the database."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def value(self, query: str, *values: Any) -> Any:
        """The first value of the first row; None without a row."""
        rows = self.rows(query, *values)
        return rows[0][0] if rows else None

    def created(self, text: str = WAGES, **fields: Any) -> str:
        """The code of a new appeal at the town."""
        answer = self.api("hotline").post(BASE, json=body(text, **fields))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["code"])

    def keeper(self) -> psutil.Process:
        """`gongqing up` itself."""
        return psutil.Process(self.platform.pid)

    def part(self, word: str) -> psutil.Process:
        """The child of `up` whose command line holds the word; waited for while it is being started."""

        def found() -> psutil.Process | None:
            children = self.keeper().children()
            return next((child for child in children if any(word in part for part in _command(child))), None)

        return until(found, f"a process {word}")  # type: ignore[no-any-return]

    def web(self) -> psutil.Process:
        """The first process of the web server."""
        return self.part("gongqing.config.wsgi")

    def web_workers(self) -> list[psutil.Process]:
        """The processes that answer requests: those that hold a connection to the database or may open one."""
        return [each for each in self.web().children() if not any("resource_tracker" in one for one in _command(each))]

    def jobs(self) -> psutil.Process:
        """The job worker."""
        return self.part("run_jobs")

    def postmaster(self) -> psutil.Process:
        """The first process of the database server."""
        return psutil.Process(int((self.home / "pg" / "postmaster.pid").read_text().split()[0]))

    def is_ready(self) -> bool:
        """Whether everything is up: tables, jobs, pages."""
        try:
            return httpx.get(f"{self.platform.address}/readyz", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    def kill_web(self) -> None:
        """Kill the first process of the web server, and wait for the next one."""
        old = self.web()
        killed(old)
        until(lambda: self.web() != old and self.is_ready(), "another web server")

    def recovered(self) -> None:
        """Wait until it is all up again, whatever was killed."""
        until(self.is_ready, "/readyz")

    def work_through(self) -> None:
        """Wait until every job that is due is done, those of dead workers too."""
        self.revive()

        def is_idle() -> bool:
            due = "status = 'doing' OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at < now()))"
            waiting = "state = 'queued' AND phone_sealed IS NOT NULL AND coalesce(not_before, created_at) < now()"
            left = [f"procrastinate_jobs WHERE {due}", "audit_delivery", f"notices_message WHERE {waiting}"]
            return not any(self.value(f"SELECT count(*) FROM {each}") for each in left)

        until(is_idle, "an empty queue, nothing unheard and no message that could leave")

    def revive(self) -> None:
        """Let two minutes pass for the workers that were killed, and let the living one look for what they left."""
        alive = self.jobs().create_time()
        self.rows(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '10 minutes'"
            " WHERE last_heartbeat < to_timestamp(%s) RETURNING id",
            alive,
        )
        self.rows(
            "SELECT procrastinate_retry_job_v2(j.id, now(), NULL, NULL, NULL) FROM procrastinate_jobs j"
            " LEFT JOIN procrastinate_workers w ON w.id = j.worker_id WHERE j.status = 'doing'"
            " AND (w.id IS NULL OR w.last_heartbeat < now() - interval '60 seconds')"
        )

    def check(self) -> None:
        """Everything that must hold, holds."""
        invariants.check(self.owner_url, files=self.home / "files")

    def printed(self) -> str:
        """What the platform has printed."""
        return (self.home / "up.log").read_text(encoding="utf-8", errors="replace")


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


class Burst:
    """Clients that register and answer appeals, again and again, and try again what was not answered.

    Attributes:
        kept: the door's number → code of every appeal whose registration was answered 200 or 201.
        answered: the codes whose answer was taken with 200 or was there already when tried again.
        refused: how often a call was cut off or answered 500 or more.
        strange: answers that no retry may get.
    """

    def __init__(self, stage: Stage, *, clients: int = 4) -> None:
        self.stage, self.kept, self.answered, self.refused = stage, {}, set(), 0  # type: ignore[var-annotated]
        self.strange: list[str] = []
        self.statuses: set[int] = set()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def __enter__(self) -> Burst:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in self._threads)

    def after(self, number: int) -> None:
        """Wait until so many more appeals are kept."""
        goal = len(self.kept) + number
        until(lambda: len(self.kept) >= goal or self.strange, f"{goal} appeals")

    def _run(self) -> None:
        seat, town = self.stage.api("hotline"), self.stage.api("town")
        while not self._ending.is_set():
            sent = body(employer=f"第{next(_serial)}家虚构厂")
            made = self._asked(seat, BASE, sent)
            if made is None or made.status_code not in (200, 201):
                continue
            code = made.json()["code"]
            with self._lock:
                self.kept[sent["external_id"]] = code
            done = self._asked(town, f"{BASE}/{code}/resolve", {"result": "工资已到账", "outcome": "settled"}, (409,))
            if done is not None:
                with self._lock:
                    self.answered.add(code)

    def _asked(self, client: httpx.Client, path: str, sent: Any, also: tuple[int, ...] = ()) -> httpx.Response | None:
        """The answer, however often it takes; None when it is one that nobody may get."""
        deadline, is_again = time.monotonic() + PATIENCE, False
        while time.monotonic() < deadline:
            try:
                answer = client.post(path, json=sent)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < 500:
                self.statuses.add(answer.status_code)
                if answer.status_code in (200, 201) or (is_again and answer.status_code in also):
                    return answer
                self.strange.append(f"{path}: {answer.status_code} {answer.text[:200]}")
                return None
            with self._lock:
                self.refused += 1
                self.statuses.add(answer.status_code if answer is not None else 0)
            is_again = True
            time.sleep(0.2)
        self.strange.append(f"{path}: no answer in {PATIENCE:.0f} s")
        return None

    def check(self) -> None:
        """Whatever was answered is there exactly once, under the code that was given, answered where it was said so."""
        assert not self.strange, self.strange[:5]
        assert self.kept
        numbers = list(self.kept)
        found = self.stage.rows(
            "SELECT external_id, code, status FROM appeals_appeal WHERE source = 'fault_door' AND external_id = ANY(%s)",
            numbers,
        )
        assert {number: code for number, code, _ in found} == self.kept
        assert len(found) == len(numbers)
        open_yet = [
            code for _, code, status in found if code in self.answered and status not in ("resolved", "in_review")
        ]
        assert not open_yet, open_yet[:5]
        twice = self.stage.rows(
            "SELECT subject_id FROM audit_event WHERE kind = 'appeal.resolved' AND subject_kind = 'appeal'"
            " GROUP BY subject_id HAVING count(*) > 1"
        )
        assert twice == []


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A disk of its own under this folder, where the right to mount is given; answers whether it is one."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=755", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def founded(home: Path) -> dict[str, dict[str, str]]:
    """The cast in an empty home; answers `people`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GONGQING_", "DATABASE_"))}
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.building"],
        env={**kept, "GONGQING_HOME": str(home)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def killed(process: psutil.Process) -> None:
    """Kill it, at once and without a word, and wait until it is gone."""
    process.send_signal(signal.SIGKILL)
    until(lambda: is_gone(process), "a killed process")


def is_gone(process: psutil.Process) -> bool:
    """Whether it runs no more, buried or not."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
