"""How long does a city's load of staff take? Prints one JSON line.

Prepares an empty city with so many grassroots unions and loads an officer for each, as the job does: the time is
that of making a password for each account and hashing it.

    python bench/load_staff.py --count 500
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from load_organisations import book, prepared_city, rows, run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    options = parser.parse_args()
    with prepared_city():
        from django.contrib.auth.hashers import make_password

        from gongqing.registry.models import Organisation

        towns = list(Organisation.objects.filter(kind="town_union").values_list("code", flat=True))
        run("organisations", book(rows(options.count + options.count // 10, towns, 1)))
        unions = list(Organisation.objects.filter(kind="grassroots_union").values_list("code", flat=True))
        lines = [
            (f"虚构{place}", f"139{place:08d}", code, "基层工会干部")
            for place, code in enumerate(unions[: options.count])
        ]
        content = book(lines, ("姓名", "手机号", "组织编码", "岗位"))
        start = time.perf_counter()
        for _ in range(10):
            make_password("kmpr-7x4t-hw9n")
        hashing = (time.perf_counter() - start) / 10
        figures = {
            "rows": len(lines),
            "hash_ms": round(hashing * 1000),
            "first": run("staff", content, dry_run=True),
            "again": run("staff", content),
        }
    print(json.dumps(figures, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
