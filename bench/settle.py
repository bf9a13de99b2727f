"""How long does a home that was just loaded work through what it has never done? Prints one JSON line.

Starts the platform as `gongqing up` does and waits until its job worker has little left to do: the sums of figures, the
first seal of the trace and the first gathering of needs over everything stored take minutes, once; a platform in use
does them day by day.

    python bench/settle.py --home var/bench/1m
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from bench import serving

IDLE = 0.05  # of a core
LOOKS_EVERY = 20.0  # seconds
QUIET_LOOKS = 4  # one after the other: a worker that only waits for its next minute is seen at work


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("var/bench/100k"))
    parser.add_argument("--port", type=int, default=8126)
    parser.add_argument("--most", type=float, default=3600, help="give up after so many seconds")
    options = parser.parse_args()
    with serving.running(options.home, options.port) as server:
        start = time.perf_counter()
        first = spent = serving.cpu_seconds(server, options.home)
        quiet = 0
        while quiet < QUIET_LOOKS:
            if time.perf_counter() - start > options.most:
                sys.exit(f"still at work after {options.most:.0f} s")
            time.sleep(LOOKS_EVERY)
            before, spent = spent, serving.cpu_seconds(server, options.home)
            quiet = quiet + 1 if spent.get("jobs", 0.0) - before.get("jobs", 0.0) < IDLE * LOOKS_EVERY else 0
        taken = {kind: round(seconds - first.get(kind, 0.0), 1) for kind, seconds in spent.items()}
        print(json.dumps({"settle_s": round(time.perf_counter() - start), "cpu_seconds": taken}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
