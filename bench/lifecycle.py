"""How many appeals a second can be led from door to answer, and how long does each call take? Prints one JSON line.

Starts the platform as `gongqing up` does on a home that `stored.py` has prepared, and lets some keep-alive clients work
through the public API from this one process, by hand-written HTTP so that the measuring costs little. One lifecycle is
four calls: create (150 characters or more, a new number, name and phone), dispatch to a named organisation, resolve,
search for a word of two characters. With `--only` one call alone.

    python bench/lifecycle.py --home var/bench/100k --stored 100000 --clients 6 --seconds 60
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import cycle, pairwise
from pathlib import Path
from random import Random
from urllib.parse import quote

from bench import serving, words

CALLS = ("create", "dispatch", "resolve", "search")
OPEN = "triage,classified,dispatched,signed,in_progress,paused,returned,in_review,reopened,tracked"
SHORTEST = 150
SHOWN_ERRORS = 5
MARGIN = 0.02  # of confidence
TEXTS = 6_000
TAIL = 60  # characters that nobody else has said
FREQUENT = (
    "工资",
    "加班",
    "社保",
    "合同",
    "单位",
    "公司",
    "同事",
    "工会",
    "师傅",
    "上班",
    "老板",
    "宿舍",
    "食堂",
    "请假",
)
_CODE = re.compile(rb'"code": ?"(GQ[0-9A-Z]{22})"')
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)

_CLOSE = b"\r\nconnection: close\r\n"


class Client:
    """One keep-alive connection."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._head = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        """Status and body of one request."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader, writer = self._streams
        content = body.encode()
        extra = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n" if content else ""
        writer.write(f"{method} {path} HTTP/1.1\r\n{self._head}{extra}\r\n".encode() + content)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        answer = await reader.readexactly(int(length.group(1))) if length else b""
        if _CLOSE in head.lower():  # this process has enough to do, another will take the next call
            writer.close()
            self._streams = None
        return int(head[9:12]), answer


class Load:
    """What the clients do, and what they found."""

    def __init__(self, options: argparse.Namespace, stage: Stage, key: str) -> None:
        self.options, self.stage, self.key = options, stage, key
        self.times: dict[str, list[float]] = {name: [] for name in (*CALLS, "list", "view")}
        self.done, self.errors, self.is_counting = 0, 0, False
        self.until = 0.0

    async def run(self, busy: Callable[[], dict[str, float]]) -> tuple[float, dict[str, float]]:
        """Warm up, then count for the wanted seconds; returns how long that took, and what `busy` grew by."""
        work = self.lifecycle if self.options.only is None else getattr(self, f"only_{self.options.only}")
        self.until = time.perf_counter() + self.options.warm + self.options.seconds
        clients = [asyncio.create_task(self._client(number, work)) for number in range(self.options.clients)]
        await asyncio.sleep(self.options.warm)
        before, self.is_counting, start = busy(), True, time.perf_counter()
        await asyncio.sleep(self.options.seconds)
        self.is_counting, seconds, after = False, time.perf_counter() - start, busy()
        for client in clients:
            await client
        return seconds, {kind: round(spent - before.get(kind, 0.0), 1) for kind, spent in after.items()}

    async def _client(self, number: int, work: Callable[[Client, Random], Awaitable[bool]]) -> None:
        client = Client(self.options.port, self.key)
        rng = Random(time.time_ns() + number)
        while time.perf_counter() < self.until:
            if await work(client, rng) and self.is_counting:
                self.done += 1

    async def lifecycle(self, client: Client, rng: Random) -> bool:
        """Create, dispatch, resolve, search; whether all went well."""
        body, text, organisation = self.stage.appeal(rng)
        created = await self._timed("create", client, "POST", "/api/v1/appeals", body, wanted=201)
        code = _CODE.search(created)
        if code is None:
            return False
        path = f"/api/v1/appeals/{code.group(1).decode()}"
        sent = json.dumps({"organisation": organisation, "note": "请就近办理"}, ensure_ascii=False)
        answer = json.dumps(
            {"result": "已与单位沟通，职工本人认可处理意见。", "outcome": "settled"}, ensure_ascii=False
        )
        dispatched = await self._timed("dispatch", client, "POST", f"{path}/dispatch", sent)
        resolved = await self._timed("resolve", client, "POST", f"{path}/resolve", answer)
        found = await self._timed("search", client, "GET", _search(self.stage.word(rng, text)))
        return bool(dispatched and resolved and b'"code"' in found)

    async def only_create(self, client: Client, rng: Random) -> bool:
        return bool(
            await self._timed("create", client, "POST", "/api/v1/appeals", self.stage.appeal(rng)[0], wanted=201)
        )

    async def only_list(self, client: Client, rng: Random) -> bool:
        return bool(await self._timed("list", client, "GET", f"/api/v1/appeals?page_size=25&status={quote(OPEN)}"))

    async def only_view(self, client: Client, rng: Random) -> bool:
        return bool(await self._timed("view", client, "GET", f"/api/v1/appeals/{rng.choice(self.stage.codes)}"))

    async def only_search(self, client: Client, rng: Random) -> bool:
        word = self.stage.word(rng, words.tail(rng, at_least=80))
        return bool(await self._timed("search", client, "GET", _search(word)))

    async def _timed(
        self, name: str, client: Client, method: str, path: str, body: str = "", *, wanted: int = 200
    ) -> bytes:
        start = time.perf_counter()
        status, answer = await client.call(method, path, body)
        if self.is_counting:
            self.times[name].append(time.perf_counter() - start)
        if status == wanted:
            return answer
        self.errors += 1
        if self.errors <= SHOWN_ERRORS:
            print(f"{name} {status} {answer[:500].decode(errors='replace')}", file=sys.stderr, flush=True)
        return b""

    def p95(self) -> dict[str, float]:
        """Milliseconds under which nineteen of twenty calls stay, by call."""
        return {name: percentile(taken, 0.95) for name, taken in self.times.items() if taken}


class Stage:
    """Where the appeals of a measurement come from: words that the classifier is sure of, places and organisations."""

    def __init__(self) -> None:
        from gongqing.appeals.models import Appeal
        from gongqing.audit import scope
        from gongqing.audit.actor import SYSTEM
        from gongqing.config.demo import texts
        from gongqing.language.classify import TRIAGE_BELOW, classify
        from gongqing.registry.models import Organisation

        said = [one.filled(employer="宁波虚构制品有限公司", town="镇上", month=3, yuan=4200) for one in texts.sayings()]
        of_one_kind = [(one, other) for one, other in pairwise(said) if classify(one).code == classify(other).code]
        self._texts = cycle(_calm_texts([one + other for one, other in of_one_kind], Random(1), TRIAGE_BELOW + MARGIN))
        with scope.acting_as(SYSTEM):
            towns = Organisation.objects.filter(kind="town_union").select_related("region")
            self.towns = [(one.region_id, one.code) for one in towns if one.region_id]
            self.count = Appeal.objects.count()
            newest = Appeal.objects.order_by("-received_at").values_list("code", flat=True)
            self.codes = list(newest[:: max(1, self.count // 5_000)][:5_000])
        self._serial = time.time_ns()

    def appeal(self, rng: Random) -> tuple[str, str, str]:
        """The body of a new appeal, its words, and the organisation that is to have it."""
        self._serial += 1
        text = next(self._texts)
        town, union = rng.choice(self.towns)
        body = {
            "source": "measured",
            "external_id": f"m-{self._serial}",
            "channel": "hotline_12345",
            "text": text,
            "region_code": town,
            "employer": f"宁波{words.brand(rng)}制品有限公司",
            "person": {"name": words.person_name(rng), "phone": f"139{rng.randrange(10**8):08d}"},
        }
        return json.dumps(body, ensure_ascii=False), text, union

    def word(self, rng: Random, text: str) -> str:
        """A word of two characters that the text holds, frequent or rare."""
        known = [word for word in (*words.PLACES, *words.TRADES, *FREQUENT) if word in text]
        start = rng.randrange(max(1, len(text) - 2))
        return rng.choice(known) if known else text[start : start + 2]


def _calm_texts(leads: list[str], rng: Random, sure: float) -> list[str]:
    """So many different texts that every run draws each at most once, ready before any time is taken."""
    found: list[str] = []
    while len(found) < TEXTS:
        lead = rng.choice(leads)
        text = lead + words.tail(rng, at_least=max(TAIL, SHORTEST - len(lead)))
        if _is_calm(text, sure):
            found.append(text)
    return found


def _is_calm(text: str, sure: float) -> bool:
    """Whether the reader is so sure of the category, suspects no danger, and the rules give green or yellow."""
    from gongqing.appeals.rules.shipped import shipped_grade
    from gongqing.language.classify import classify
    from gongqing.language.facts import Flag, read_facts

    read, facts = classify(text), read_facts(text)
    if read.confidence < sure or facts.spans(Flag.SUSPECTED):
        return False
    return shipped_grade(facts, read.code, read.labour_related) in ("green", "yellow")


def _search(word: str) -> str:
    return f"/api/v1/appeals?q={quote(word)}&page_size=20"


def percentile(taken: list[float], share: float) -> float:
    """Milliseconds."""
    ordered = sorted(taken)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1) if ordered else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("var/bench/100k"))
    parser.add_argument("--stored", type=int, default=0, help="refuse a home that holds fewer appeals")
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--warm", type=float, default=8)
    parser.add_argument("--port", type=int, default=8126)
    parser.add_argument("--only", choices=["create", "list", "view", "search"])
    options = parser.parse_args()
    with serving.running(options.home, options.port) as server:
        serving.connect_django(options.home)
        stage = Stage()
        if stage.count < options.stored:
            sys.exit(f"the home holds {stage.count} appeals; load more with bench/stored.py")
        load = Load(options, stage, serving.api_key(city_account()))
        seconds, spent = asyncio.run(load.run(lambda: serving.cpu_seconds(server, options.home)))
        weight = serving.memory(server, options.home)
    rate = round(load.done / seconds, 1)
    print(
        json.dumps(
            {
                ("lifecycles_per_s" if options.only is None else f"{options.only}s_per_s"): rate,
                "p95_ms": load.p95(),
                "errors": load.errors,
                "stored": stage.count,
                "rss_mib": weight,
                "cpu_seconds": spent,
                "clients": options.clients,
                "warm": options.warm,
                "seconds": round(seconds, 1),
                "cores": os.cpu_count(),
            },
            ensure_ascii=False,
        )
    )
    return 1 if load.errors else 0


def city_account() -> str:
    """The account of one of the city's supervisors."""
    from gongqing.accounts.models import Posting
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM, Role

    with scope.acting_as(SYSTEM):
        held = Posting.objects.filter(role=Role.CITY_SUPERVISOR, user__username__startswith="u").order_by("id")
        return held.select_related("user")[0].user.username


if __name__ == "__main__":
    raise SystemExit(main())
