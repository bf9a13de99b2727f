"""Back-test of the outlook on a home that is already loaded: is what it calls a 30 % chance late 30 times in a hundred?

For a row of past days it learns from what was known on that day, gives every case that was open then its chance to be
late, and looks what became of it. Prints one JSON line. Without a home it invents a year of a city whose categories and
organisations differ in pace; the homes that the demonstration and bench/stored.py load are synthetic too. The figures
show whether the reckoning is right, not how a city works.

    python bench/outlook.py
    python bench/outlook.py --home var/bench/100k
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench.stored import prepare

TENTHS = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="a loaded home; without one a year is invented")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=8, help="how many past days are asked")
    parser.add_argument("--apart", type=int, default=10, help="how many days lie between them")
    parser.add_argument("--most", type=int, default=20_000, help="open cases of each day that are looked at")
    options = parser.parse_args()
    if options.home is None:
        print(json.dumps(invented(options), ensure_ascii=False))
        return 0
    server = prepare(options.home)
    try:
        print(json.dumps(back_test(options), ensure_ascii=False))
    finally:
        from django.db import connection

        connection.close()
        server.stop()
    return 0


def back_test(options: argparse.Namespace) -> dict[str, Any]:
    """Chances and outcomes of all days together, by tenths of the chance."""
    from django.db.models import Max

    from gongqing.appeals.models import Appeal
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM

    with scope.acting_as(SYSTEM):
        newest = Appeal.objects.aggregate(newest=Max("received_at"))["newest"]
        chances, outcomes, learnt = [], [], 0
        for number in range(1, options.days + 1):
            day = newest - timedelta(days=options.apart * (number + 1))
            chance, is_late, learnt = asked_on(day, newest, options.most)
            chances.append(chance)
            outcomes.append(is_late)
            print(f"{day:%Y-%m-%d}: {len(chance)} open, {is_late.sum()} late, learnt from {learnt}", file=sys.stderr)
    return {"learnt": learnt, **figures(np.concatenate(chances), np.concatenate(outcomes))}


def invented(options: argparse.Namespace) -> dict[str, Any]:
    """A year of cases of twelve categories at sixty organisations, in working days; asked on days of its last third.

    Answers come after Weibull times; a twelfth is withdrawn on the way. One organisation in six is half as quick.
    """
    from gongqing.dispatch.rules.outlook import Histories, fitted

    rng = np.random.default_rng(options.seed)
    count, year, window = 24_000, 250.0, 125.0
    codes = np.array([f"{name}{number:02}" for name in ("LE", "DP", "SC") for number in range(1, 5)])
    category = rng.integers(0, len(codes), count)
    place = rng.integers(0, 60, count)
    begun = np.sort(rng.uniform(0, year, count))
    pace = np.where(np.arange(60) % 6 == 0, 0.5, 1.0)[place]
    taken = rng.weibull(1.4, count) * np.linspace(2.0, 9.0, len(codes))[category] / pace
    limit = np.where(category % 3 == 0, 5.0, 10.0)
    ended = begun + np.where(rng.random(count) < 1 / 12, np.minimum(taken, rng.uniform(0, 12, count)), taken)
    is_answered = ended == begun + taken
    chances, outcomes = [], []
    for number in range(options.days):
        day = year - 15 - number * options.apart
        known = (begun < day) & (begun >= day - window)
        outlook = fitted(
            Histories(
                used=np.minimum(ended, day)[known] - begun[known],
                answered=(is_answered & (ended < day))[known],
                categories=list(codes[category[known]]),
                places=place[known],
                days=window,
            )
        )
        # what is withdrawn later is never late; nobody knows it on the day, so it stays among those that are asked
        asked = known & (ended >= day) & (begun + limit >= day)
        paces = np.array([outlook.pace_of(int(each)) for each in place[asked]])
        chances.append(
            outlook.chances(list(codes[category[asked]]), day - begun[asked], (begun + limit)[asked] - day, paces)
        )
        outcomes.append((ended > begun + limit)[asked])
    return {"learnt": outlook.count, **figures(np.concatenate(chances), np.concatenate(outcomes))}


def asked_on(day: datetime, newest: datetime, most: int) -> tuple[Any, Any, int]:
    """For the cases that were open and in time on a day, and whose deadline has passed since: chance and outcome."""
    from django.db.models import F, Q

    from gongqing.appeals.models import Appeal
    from gongqing.dispatch.queries.clocks import calendar
    from gongqing.dispatch.queries.outlook import WAITING, histories
    from gongqing.dispatch.rules.outlook import fitted, worked_days

    outlook = fitted(histories(day))
    was_open = Q(resolved_at__gt=day) | Q(resolved_at__isnull=True, status__in=[*WAITING])
    rows = list(
        Appeal.objects.filter(
            was_open, received_at__lt=day, due_at__gte=day, due_at__lt=newest, handler__isnull=False, reopened_count=0
        )
        .order_by(F("received_at").desc(), "id")
        .values_list("category__code", "handler_id", "received_at", "due_at", "resolved_at")[:most]
    )
    moments = [day.timestamp(), *(row[2].timestamp() for row in rows), *(row[3].timestamp() for row in rows)]
    worked = worked_days(calendar(), np.array(moments))
    used, left = worked[0] - worked[1 : len(rows) + 1], worked[len(rows) + 1 :] - worked[0]
    paces = np.array([outlook.pace_of(row[1]) for row in rows], dtype=float)
    chances = outlook.chances([row[0] or "" for row in rows], used, left, paces)
    is_late = np.array([row[4] is None or row[4] > row[3] for row in rows], dtype=bool)
    return chances, is_late, outlook.count


def figures(chances: Any, is_late: Any) -> dict[str, Any]:
    """Calibration by tenths of the chance, and how far the chances lie from what happened."""
    tenth = np.minimum((chances * TENTHS).astype(int), TENTHS - 1)
    parts = []
    for number in range(TENTHS):
        mine = tenth == number
        if mine.any():
            parts.append(
                {
                    "from": number / TENTHS,
                    "cases": int(mine.sum()),
                    "predicted": round(float(chances[mine].mean()), 3),
                    "actual": round(float(is_late[mine].mean()), 3),
                }
            )
    share = float(is_late.mean()) if len(is_late) else 0.0
    weights = np.array([part["cases"] for part in parts], dtype=float)
    gaps = np.array([abs(part["predicted"] - part["actual"]) for part in parts], dtype=float)
    return {
        "synthetic": True,
        "cases": len(chances),
        "late": int(is_late.sum()),
        "expected_late": round(float(chances.sum()), 1),
        "brier": round(float(np.mean((chances - is_late) ** 2)), 4) if len(chances) else None,
        "brier_of_the_share": round(share * (1 - share), 4),
        "calibration_gap": round(float((weights * gaps).sum() / weights.sum()), 4) if len(chances) else None,
        "tenths": parts,
    }


if __name__ == "__main__":
    raise SystemExit(main())
