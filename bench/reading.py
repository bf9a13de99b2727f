"""How long does a page take that somebody opens all day, at this many stored appeals? Prints one JSON line.

Starts the platform as `gongqing up` does on a home that `stored.py` has prepared and opens pages and calls of the API
one after the other, as town, county and city staff, as a hotline seat and as a worker: median and p95 in milliseconds.

    python bench/reading.py --home var/bench/1m --requests 200
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from bench import serving, words
from bench.lifecycle import FREQUENT, OPEN, percentile

STAFF = ("town", "county", "city", "seat")
PAGES = {
    "inbox": "/desk/",
    "list": "/desk/?view=all&grade=yellow",
    "done": "/desk/?view=done",
    "search": "/desk/?view=all&q={word}",
    "case": "/desk/appeals/{code}",
    "supervision": "/desk/supervision",
    "figures": "/desk/figures",
    "duty": "/desk/duty",
    "trace": "/desk/trace",
}
CALLS = {
    "api list": f"/api/v1/appeals?page_size=25&status={quote(OPEN)}",
    "api search": "/api/v1/appeals?page_size=20&q={word}",
    "api view": "/api/v1/appeals/{code}",
}


async def measured(
    port: int, headers: str, path: str, options: argparse.Namespace, fill: dict[str, list[str]]
) -> tuple[list[float], dict[int, int]]:
    """Seconds of each request on one connection, and how often which status was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    rng, taken, statuses = Random(options.seed), [], {}
    for number in range(options.requests + options.warm):
        chosen = {name: rng.choice(values) for name, values in fill.items() if values}
        start = time.perf_counter()
        wanted = path.format(**chosen)
        writer.write(f"GET {wanted} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b"content-length: " in head:
            await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
        else:
            while (size := int((await reader.readline()).strip() or b"0", 16)) > 0:
                await reader.readexactly(size + 2)
            await reader.readline()
        if number >= options.warm:
            taken.append(time.perf_counter() - start)
            status = int(head[9:12])
            statuses[status] = statuses.get(status, 0) + 1
    writer.close()
    return taken, statuses


def accounts() -> dict[str, str]:
    """Who reads: the username of one account of each kind."""
    from gongqing.accounts.models import Posting
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM, Role

    roles = {
        "town": Role.TOWN_SUPERVISOR,
        "county": Role.COUNTY_SUPERVISOR,
        "city": Role.CITY_SUPERVISOR,
        "seat": Role.HOTLINE_SEAT,
    }
    with scope.acting_as(SYSTEM):
        held = Posting.objects.filter(user__username__startswith="u").select_related("user").order_by("id")
        return {name: held.filter(role=role)[0].user.username for name, role in roles.items()}


def worker_account() -> str:
    """The account of a worker who has brought an appeal; opened when there is none."""
    from gongqing.accounts import actions
    from gongqing.accounts.models import User
    from gongqing.appeals.models import Appeal
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM
    from gongqing.lib.times import now

    with scope.acting_as(SYSTEM):
        known = User.objects.filter(username="measured-worker").first()
        if known is None:
            person = Appeal.objects.filter(person__isnull=False).order_by("-id")[0].person
            known = actions.create_user(username="measured-worker", name="职工", person=person, by=SYSTEM, at=now())
        return known.username


def codes_seen(username: str, count: int) -> list[str]:
    """Codes of appeals that this account sees, spread over the years."""
    from gongqing.accounts import queries
    from gongqing.accounts.models import User
    from gongqing.appeals.models import Appeal
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM
    from gongqing.lib.times import now

    with scope.acting_as(SYSTEM):
        actor = queries.actor_of(User.objects.get(username=username), on=now().date())
        numbers = list(Appeal.objects.visible_to(actor).order_by("-id").values_list("code", flat=True)[: count * 20])
    return numbers[:: max(1, len(numbers) // count)]


Asked = tuple[str, str, str, dict[str, list[str]]]


def questions() -> list[Asked]:
    """Every page and call for everybody who may open it: name, header, address, and what goes into the address."""
    terms = [quote(word) for word in (*FREQUENT, *words.PLACES, *words.TRADES)]
    asked: list[Asked] = []
    for role, username in accounts().items():
        cookie, codes = f"Cookie: {serving.session_cookie(username)}", codes_seen(username, 50)
        fill = {"word": terms, "code": codes}
        asked += [
            (f"{page} {role}", cookie, path, fill) for page, path in PAGES.items() if codes or "{code}" not in path
        ]
        if role == "city":
            key = f"Authorization: Bearer {serving.api_key(username)}"
            asked += [(call, key, path, fill) for call, path in CALLS.items()]
    return [*asked, ("worker's list", f"Cookie: {serving.session_cookie(worker_account())}", "/mine", {})]


async def everything(options: argparse.Namespace, asked: list[Asked]) -> dict[str, Any]:
    """Median and p95 of every page; what answers anything but 200 is named."""
    found: dict[str, Any] = {}
    for name, headers, path, fill in asked:
        if options.only and options.only not in name:
            continue
        taken, statuses = await measured(options.port, headers, path, options, fill)
        row: dict[str, Any] = {"p50": round(statistics.median(taken) * 1000, 1), "p95": percentile(taken, 0.95)}
        if set(statuses) != {200}:
            row["status"] = statuses
        found[name] = row
        print(f"{name:24} {row}", file=sys.stderr, flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("var/bench/100k"))
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--warm", type=int, default=10)
    parser.add_argument("--port", type=int, default=8126)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    options = parser.parse_args()
    with serving.running(options.home, options.port):
        serving.connect_django(options.home)
        from gongqing.appeals.models import Appeal
        from gongqing.audit import scope
        from gongqing.audit.actor import SYSTEM

        with scope.acting_as(SYSTEM):
            stored = Appeal.objects.count()
        figures = asyncio.run(everything(options, questions()))
    print(
        json.dumps(
            {"stored": stored, "requests": options.requests, "cores": os.cpu_count(), "ms": figures}, ensure_ascii=False
        )
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
