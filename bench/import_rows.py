"""How fast are the rows of a hotline's sheet loaded, and what do the pages feel of it?

Sends an invented sheet to a running platform through the desk, starts it, and opens the desk's first page all the
while. Prints one JSON line: rows a second, the median of the page idle and meanwhile (milliseconds), how long pausing
took, the peak memory of the job worker, and with `--undo` how fast the load was taken back.

    python bench/import_rows.py --url http://127.0.0.1:8000 --user city --password … --rows 10000 --worker PID
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from pathlib import Path

import httpx

from gongqing.appeals.tests import sheets
from gongqing.lib import times

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
FIGURES = re.compile(r"(?P<state>\S+?)：(?P<done>[\d,]+) / (?P<total>[\d,]+) 行")
IDLE = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--user", default="city")
    parser.add_argument("--password", default="city-gongqing")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--bad", type=int, default=37)
    parser.add_argument("--labour", type=float, default=0.3, help="share of rows about labour")
    parser.add_argument("--worker", type=int, help="process id of the job worker, for its memory")
    parser.add_argument("--undo", action="store_true")
    options = parser.parse_args()
    with httpx.Client(base_url=options.url, timeout=120) as client:
        sign_in(client, options.user, options.password)
        idle = [page(client) for _ in range(IDLE)]
        rows = sheets.lines(
            options.rows, at=times.now(), seed=time.time_ns() % 10**9, bad=options.bad, labour=options.labour
        )
        address = send(client, sheets.workbook(rows))
        loaded = follow(client, address, "start", {})
        paused = loaded.pop("paused")
        print(
            json.dumps(
                {
                    "rows": options.rows,
                    "labour_share": options.labour,
                    **loaded,
                    "pause_seconds": paused,
                    "page_idle_ms": median(idle),
                    "worker_peak_mb": peak(options.worker),
                    "rejected": rejected(client, address),
                    "undone": follow(client, address, "undo", {"reason": "测速"}) if options.undo else None,
                },
                ensure_ascii=False,
            )
        )
    return 0


def sign_in(client: httpx.Client, user: str, password: str) -> None:
    """Begin a session."""
    answer = post(client, "/desk/sign-in", {"username": user, "password": password}, seen="/desk/sign-in")
    if answer.status_code != 302:
        sys.exit(f"sign-in answered {answer.status_code}")


def send(client: httpx.Client, content: bytes) -> str:
    """Upload the sheet; the address of its page."""
    files = {"file": ("bench.xlsx", content)}
    fields = {"source": f"测速{time.time_ns() % 10**6}", "screening": "on"}
    answer = post(client, "/desk/loads/new?kind=appeals", fields, files=files)
    if answer.status_code != 302:
        sys.exit(f"upload answered {answer.status_code}")
    return answer.headers["location"]


def follow(client: httpx.Client, address: str, verb: str, fields: dict[str, str]) -> dict[str, object]:
    """Start, pause once and go on, and open the first page all the while; figures of the whole."""
    post(client, f"{address}/{verb}", fields, seen=address)
    began, pages, paused = time.perf_counter(), [], None
    waited, worked = 0.0, 0
    while True:
        pages.append(page(client))
        found = FIGURES.search(client.get(f"{address}/progress").text)
        if found is None:
            sys.exit("no figures on the page")
        done, total = (int(found.group(name).replace(",", "")) for name in ("done", "total"))
        if verb == "start" and paused is None and done > total // 2 and found.group("state").endswith("正在导入"):
            start = time.perf_counter()
            post(client, f"{address}/pause", {}, seen=address)
            paused = round(time.perf_counter() - start, 2)
            post(client, f"{address}/start", {}, seen=address)
            waited += time.perf_counter() - start
        if done >= total and not found.group("state").endswith(("正在导入", "正在撤销")):
            worked = total
            break
        time.sleep(0.5)
    seconds = time.perf_counter() - began - waited
    figures = {"seconds": round(seconds, 1), "a_second": round(worked / seconds, 1), "page_meanwhile_ms": median(pages)}
    return {**figures, "paused": paused} if verb == "start" else figures


def page(client: httpx.Client) -> float:
    """Seconds for the desk's first page."""
    start = time.perf_counter()
    client.get("/desk/").raise_for_status()
    return time.perf_counter() - start


def post(
    client: httpx.Client,
    address: str,
    fields: dict[str, str],
    *,
    seen: str = "",
    files: dict[str, tuple[str, bytes]] | None = None,
) -> httpx.Response:
    """A form of a page that was opened before."""
    token = TOKEN.search(client.get(seen or address).text)
    given = {"csrfmiddlewaretoken": token.group(1) if token else "", **fields}
    return client.post(address, data=given, files=files, headers={"Referer": str(client.base_url)})


def rejected(client: httpx.Client, address: str) -> int:
    """How many rows the rejects file holds."""
    return max(len(client.get(f"{address}/rejects.csv").text.splitlines()) - 1, 0)


def median(seconds: list[float]) -> float:
    return round(statistics.median(seconds) * 1000, 1)


def peak(process: int | None) -> int | None:
    """The peak resident memory of a process in MB."""
    if process is None:
        return None
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found.group(1)) // 1024 if found else None


if __name__ == "__main__":
    raise SystemExit(main())
