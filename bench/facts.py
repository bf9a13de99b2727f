"""Measure what is read out of a text, entity by entity, on two halves of the labels.

Prints one JSON line: `python bench/facts.py --data DIR`, half a minute. The rules were bettered by reading the errors
of half A alone; half B was only measured. A message's half is a bit of its text's digest. `facts.csv` labels employers
and days in messages of half B that no rule had been tried on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from gongqing.language.facts import read_facts
from gongqing.language.facts.dates import read_dates
from gongqing.language.material import LABELS, read_rows, real_messages

WINDOW = 330
"""How many characters of title and text the reader of `facts.csv` saw."""
SAID_ON = date(2019, 12, 31)
_PLACE = re.compile(r"^原?(?:西地省|[A-Z]\d{0,2}[市县区州镇])+")


def main() -> None:
    """Read the data, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data: Path = parser.parse_args().data
    messages = [message for message in real_messages(data) if message.labour]
    began = time.process_time()
    read = [(message, read_facts(message.words)) for message in messages]
    used = time.process_time() - began
    result: dict[str, Any] = {"messages": len(messages), "milliseconds_each": round(1000 * used / len(messages), 3)}
    for half in "AB":
        part = [(message, facts) for message, facts in read if half_of(message.text) == half]
        result[half] = {
            name: _numbers((_number(getattr(message, name)), getattr(facts, field)) for message, facts in part)
            for name, field in (("workers", "workers"), ("amount", "amount"), ("months", "months_owed"))
        }
        result[half]["employer"] = _names(
            (message.employer, facts.employer or "") for message, facts in part if message.employer is not None
        )
    result["fresh"] = fresh(data)
    print(json.dumps(result, ensure_ascii=False))


def half_of(text: str) -> str:
    """`A` or `B`."""
    return "AB"[hashlib.sha256(text.encode()).digest()[0] & 1]


def fresh(data: Path) -> dict[str, Any]:
    """Employers and the words of days where no rule had been tried."""
    texts = read_rows(data / "messages.csv", ("title", "text"))
    named: list[tuple[str, str]] = []
    wanted = found = met = right = 0
    for row in read_rows(LABELS / "facts.csv", ("id", "employer", "dates")):
        text = f"{texts[int(row['id'])]['title']}\n{texts[int(row['id'])]['text']}"[:WINDOW]
        spans = [tuple(map(int, span.split("-"))) for span in row["dates"].split()]
        said = [(one.evidence.start, one.evidence.end) for one in read_dates(text, SAID_ON)]
        wanted, found = wanted + len(spans), found + len(said)
        met += sum(any(a < end and start < b for a, b in said) for start, end in spans)
        right += sum(any(a < end and start < b for start, end in spans) for a, b in said)
        start, end = map(int, row["employer"].split("-")) if row["employer"] else (0, 0)
        named.append((text[start:end], read_facts(text).employer or ""))
    dates = {"labelled": wanted, "precision": round(right / max(found, 1), 3), "recall": round(met / max(wanted, 1), 3)}
    return {"employer": _names(named), "dates_by_overlap": dates}


def _number(words: str) -> float | None:
    return float(words) or None if words else None


def _numbers(pairs: Iterable[tuple[float | None, int | None]]) -> dict[str, float]:
    said = list(pairs)
    return _figures(
        [want is not None for want, _ in said],
        [got is not None for _, got in said],
        [want is not None and want == got for want, got in said],
    )


def _names(pairs: Iterable[tuple[str, str]]) -> dict[str, float]:
    said = list(pairs)
    bare = [(_PLACE.sub("", want), _PLACE.sub("", got)) for want, got in said]
    there = [pair for pair in said if pair[0]]
    figures = _figures([bool(w) for w, _ in said], [bool(g) for _, g in said], [bool(w) and w == g for w, g in said])
    figures["recall_but_for_place"] = round(sum(bool(w) and w == g for w, g in bare) / max(len(there), 1), 3)
    figures["overlapping"] = round(sum(bool(g) and (g in w or w in g) for w, g in there) / max(len(there), 1), 3)
    return figures


def _figures(there: list[bool], read: list[bool], right: list[bool]) -> dict[str, float]:
    """Exact answers alone are right; one read where none is labelled counts against precision."""
    return {
        "labelled": sum(there),
        "precision": round(sum(right) / max(sum(read), 1), 3),
        "recall": round(sum(right) / max(sum(there), 1), 3),
        "read_where_none": round(
            sum(r and not t for t, r in zip(there, read, strict=True)) / max(there.count(False), 1), 3
        ),
    }


if __name__ == "__main__":
    main()
