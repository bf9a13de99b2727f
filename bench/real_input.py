"""How does the platform take real messages? Post them to a running server and count what became of them.

Prints one JSON line: how many were received, the share that waits in triage, the distributions of category class, grade
and handler level, and the time of a request (median and 95th percentile, milliseconds). Keeps no text.

    GONGQING_KEY=… python bench/real_input.py --data DIR --url http://127.0.0.1:8000 --count 500
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import statistics
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

FILES = ("hot_topics.csv", "replies.csv")


def messages(data: Path, count: int, seed: int) -> list[tuple[str, str, str]]:
    """`(external id, title, text)`, drawn evenly from both files without replacement, the same for one seed."""
    rng = random.Random(seed)
    drawn: list[tuple[str, str, str]] = []
    for place, name in enumerate(FILES):
        with (data / name).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        share = count // len(FILES) + (place < count % len(FILES))
        for number, row in enumerate(rng.sample(rows, share)):
            title = row.get("title") or row.get("theme") or ""
            text = row.get("text") or row.get("message") or row.get("detail") or title
            drawn.append((f"{name}-{seed}-{number}", title.strip()[:200], text.strip()))
    return drawn


def post(client: httpx.Client, message: tuple[str, str, str]) -> tuple[float, int, dict[str, Any]]:
    """Seconds, status and answer of one appeal."""
    number, title, text = message
    body = {"source": "bench", "external_id": number, "channel": "import", "title": title, "text": text}
    start = time.perf_counter()
    answer = client.post("/api/v1/appeals", json=body)
    return time.perf_counter() - start, answer.status_code, answer.json()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    headers = {"Authorization": f"Bearer {os.environ['GONGQING_KEY']}"}
    drawn = messages(options.data, options.count, options.seed)
    with (
        httpx.Client(base_url=options.url, headers=headers, timeout=60, trust_env=False) as client,
        ThreadPoolExecutor(options.clients) as pool,
    ):
        begun = time.perf_counter()
        answers = list(pool.map(lambda message: post(client, message), drawn))
        wall = time.perf_counter() - begun
    received = [body for _, status, body in answers if status in (200, 201)]
    times = sorted(seconds for seconds, _, _ in answers)
    in_triage = [body for body in received if body["status"] == "triage"]
    print(
        json.dumps(
            {
                "messages": len(drawn),
                "received": len(received),
                "statuses": dict(Counter(status for _, status, _ in answers)),
                "without_code_category_or_grade": sum(
                    not (body["code"] and body["category"]["code"] and body["grade"]) for body in received
                ),
                "neither_handler_nor_triage": sum(
                    body["handler"] is None and body["status"] != "triage" for body in received
                ),
                "triage_share": round(len(in_triage) / max(len(received), 1), 3),
                "labour_related_share": round(
                    sum(bool(body["labour_related"]) for body in received) / max(len(received), 1), 3
                ),
                "classes": dict(Counter(body["category"]["code"][:2] for body in received).most_common()),
                "grades": dict(Counter(body["grade"] for body in received).most_common()),
                "levels": dict(
                    Counter((body["handler"] or {}).get("level", "triage") for body in received).most_common()
                ),
                "ms": {
                    "median": round(statistics.median(times) * 1000, 1),
                    "p95": round(times[int(len(times) * 0.95)] * 1000, 1),
                },
                "per_second": round(len(answers) / wall, 1),
                "clients": options.clients,
            },
            ensure_ascii=False,
        )
    )
    return 0 if len(received) == len(drawn) else 1


if __name__ == "__main__":
    sys.exit(main())
