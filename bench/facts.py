"""Measure what is read out of a text, entity by entity, on two halves of the labels.

Prints one JSON line: `python bench/facts.py --data DIR`, half a minute. The rules were bettered by reading the errors
of half A alone; half B was only measured. A message's half is a bit of its text's digest. `facts.csv` labels days and
`facts_2.csv` people, sums, months and employers in messages of half B that no rule had been tried on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from gongqing.language.facts import Facts, read_facts
from gongqing.language.facts.dates import read_dates
from gongqing.language.material import LABELS, read_rows, real_messages

WINDOW = 330
"""How many characters of title and text the reader of `facts.csv` saw."""
CUT = 420
"""How many the reader of `facts_2.csv` saw."""
LAYER_WEIGHTS = {"1": 178 / 120, "0": 219 / 45}
"""How many messages of each layer one labelled row stands for: 120 of 178 with numbers, 45 of 219 others."""
SAID_ON = date(2019, 12, 31)
NUMBERS = {"workers": "workers", "amount": "amount", "months_owed": "months"}
"""The fields that are numbers, and the column of the labels."""
_PLACE = re.compile(r"^原?(?:西地省|[A-Z]\d{0,2}[市县区州镇])+")
_KIND = re.compile(r"(?:股份|责任|有限)*公司$")


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
        result[half] = {}
        for field, column in NUMBERS.items():
            wanted = [_taken(getattr(message, column)) for message, _ in part]
            result[half] |= _read_and_shown(field, wanted, [facts for _, facts in part])
        named = [(message, facts) for message, facts in part if message.employer is not None]
        wanted = [[message.employer] if message.employer else [] for message, _ in named]
        result[half] |= _read_and_shown("employer", wanted, [facts for _, facts in named])
    result["sixty"] = sixty(data)
    result["fresh"] = fresh(data)
    print(json.dumps(result, ensure_ascii=False))


def half_of(text: str) -> str:
    """`A` or `B`."""
    return "AB"[hashlib.sha256(text.encode()).digest()[0] & 1]


def sixty(data: Path) -> dict[str, Any]:
    """Employers and the words of days in the sixty messages of `facts.csv`."""
    texts = read_rows(data / "messages.csv", ("title", "text"))
    wanted = found = met = right = 0
    named: list[list[str]] = []
    read: list[Facts] = []
    for row in read_rows(LABELS / "facts.csv", ("id", "employer", "dates")):
        text = f"{texts[int(row['id'])]['title']}\n{texts[int(row['id'])]['text']}"[:WINDOW]
        spans = [tuple(map(int, span.split("-"))) for span in row["dates"].split()]
        said = [(one.evidence.start, one.evidence.end) for one in read_dates(text, SAID_ON)]
        wanted, found = wanted + len(spans), found + len(said)
        met += sum(any(a < end and start < b for a, b in said) for start, end in spans)
        right += sum(any(a < end and start < b for start, end in spans) for a, b in said)
        named.append([text[slice(*map(int, row["employer"].split("-")))]] if row["employer"] else [])
        read.append(read_facts(text))
    figures = {"labelled": wanted, "precision": right / max(found, 1), "recall": met / max(wanted, 1)}
    days = {name: round(value, 3) for name, value in figures.items()}
    return {"dates_by_overlap": days, **_read_and_shown("employer", named, read)}


def fresh(data: Path) -> dict[str, Any]:
    """What `facts_2.csv` labels: drawn in two layers, one with numbers in the text, so rows count by their layer."""
    texts = read_rows(data / "messages.csv", ("title", "text"))
    rows = read_rows(LABELS / "facts_2.csv", ("id", "rich", "workers", "amount", "months", "employer"))
    weights = [LAYER_WEIGHTS[row["rich"]] for row in rows]
    said = [f"{texts[int(row['id'])]['title']}\n{texts[int(row['id'])]['text']}"[:CUT] for row in rows]
    facts = [read_facts(text) for text in said]
    result: dict[str, Any] = {"messages": len(rows)}
    for field, column in NUMBERS.items():
        kept = [number for number, row in enumerate(rows) if row[column] != "?"]
        wanted = [_taken(rows[number][column].lstrip("~")) for number in kept]
        result |= _read_and_shown(
            field, wanted, [facts[number] for number in kept], [weights[number] for number in kept]
        )
    kept = [number for number, row in enumerate(rows) if row["employer"] != "?"]
    names = [
        [said[number][slice(*map(int, span.split("-")))] for span in rows[number]["employer"].split()]
        for number in kept
    ]
    result |= _read_and_shown(
        "employer", names, [facts[number] for number in kept], [weights[number] for number in kept]
    )
    return result


def number_of(words: str) -> float | None:
    """A label as a number; None where there is none."""
    return float(words) or None if words else None


def is_same_name(wanted: str, got: str) -> bool:
    """Whether two names are the same but for the place before and the kind of company behind."""
    return bool(wanted) and _normal(wanted) == _normal(got)


def _normal(name: str) -> str:
    return _KIND.sub("", _PLACE.sub("", name))


def _taken(words: str) -> list[float]:
    number = number_of(words)
    return [] if number is None else [number]


def _read_and_shown(
    field: str, wanted: Sequence[Sequence[Any]], facts: Sequence[Facts], weights: Sequence[float] | None = None
) -> dict[str, Any]:
    """All that is read, and what of it is sure enough to be shown."""
    got = [getattr(one, field) for one in facts]
    sure = [value if field in one.sure else None for value, one in zip(got, facts, strict=True)]
    weights = weights or [1.0] * len(facts)
    return {field: _figures(field, wanted, got, weights), f"{field} shown": _figures(field, wanted, sure, weights)}


def _figures(
    field: str, wanted: Sequence[Sequence[Any]], got: Sequence[Any], weights: Sequence[float]
) -> dict[str, float]:
    """An exact answer alone is right; one read where none is labelled counts against precision.

    A name is also counted by its normal form, and as the same organisation where one name holds the other.
    """
    rows = list(zip(wanted, got, weights, strict=True))
    there = sum(weight for want, _, weight in rows if want)
    read = sum(weight for _, value, weight in rows if value is not None)
    none = sum(weight for want, _, weight in rows if not want)
    figures = {
        "labelled": sum(bool(want) for want, _, _ in rows),
        "read": sum(value is not None for _, value, _ in rows),
        "read_where_none": round(
            sum(weight for want, value, weight in rows if not want and value is not None) / max(none, 1), 3
        ),
    }
    kinds: dict[str, Callable[[Any, Any], bool]] = {"": lambda want, value: bool(want == value)}
    if field == "employer":
        kinds |= {
            "_normal_form": is_same_name,
            "_same_organisation": lambda want, value: value in want or want in value,
        }
    for kind, is_right in kinds.items():
        right = sum(w for want, value, w in rows if value is not None and any(is_right(one, value) for one in want))
        figures |= {
            f"precision{kind}": round(right / max(read, 1), 3),
            f"recall{kind}": round(right / max(there, 1), 3),
        }
    return figures


if __name__ == "__main__":
    main()
