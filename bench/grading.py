"""How well does grading agree with the labels, and how fast is it? Prints one JSON line.

`python bench/grading.py --data DIR` reads DIR/data/appeals_labelled.csv and DIR/taxonomy.csv. Messages are put into two
halves by near-duplicate groups; rules are developed on one (`dev`), the other (`held`) is only reported.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from gongqing.appeals.rules.grading import Circumstances, Grade, grading_of
from gongqing.language.facts import read_facts

csv.field_size_limit(sys.maxsize)
Row = dict[str, Any]


def halves(rows: list[Row]) -> list[str]:
    """`dev` or `held` for each row; near-duplicates (Jaccard of 5-grams above 0.3) share a half."""
    grams = [shingles(row["title"] + row["text"]) for row in rows]
    holders: dict[str, list[int]] = defaultdict(list)
    parent = list(range(len(rows)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = place = parent[parent[place]]
        return place

    for place, own in enumerate(grams):
        shared: Counter[int] = Counter(other for gram in own for other in holders[gram])
        for other, both in shared.items():
            if both / (len(own) + len(grams[other]) - both + 1e-9) > 0.3:
                parent[root(place)] = root(other)
        for gram in own:
            holders[gram].append(place)
    names: dict[int, str] = {}
    for place, row in enumerate(rows):
        names[root(place)] = min(names.get(root(place), row["id"]), row["id"])
    return ["dev" if digest(names[root(place)]) % 2 == 0 else "held" for place in range(len(rows))]


def shingles(text: str) -> set[str]:
    """The 5-grams of the first 420 letters."""
    letters = re.sub(r"\W", "", text)[:420]
    return {letters[place : place + 5] for place in range(len(letters) - 4)}


def digest(name: str) -> int:
    """A number that depends on the name alone."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16)


def read(row: Row, defaults: dict[str, str]) -> Row:
    """The row with what we read of it."""
    facts = read_facts(row["title"] + "\n" + row["text"])
    seen = Circumstances(category=row["code"], labour_related=row["labour"] == "1")
    grading = grading_of(facts, category_grade=Grade(defaults[row["code"]]), circumstances=seen)
    return {**row, "facts": facts, "grading": grading}


def share(hits: int, of: int) -> list[Any]:
    """[share, hits, of]; the share is None when there is nothing to share."""
    return [round(hits / of, 3) if of else None, hits, of]


def figures(rows: list[Row], defaults: dict[str, str]) -> dict[str, Any]:
    """Agreement, recall and precision of grades, and accuracy of the fields that are read."""
    labour = [row for row in rows if row["labour"] == "1"]
    urgent = [row for row in labour if Grade(row["grade"]) >= Grade.ORANGE]
    called = [row for row in labour if row["grading"].grade >= Grade.ORANGE]
    red = [row for row in labour if row["grade"] == "red"]
    result: dict[str, Any] = {
        "agreement_all": share(sum(row["grading"].grade == row["grade"] for row in rows), len(rows)),
        "agreement_labour": share(sum(row["grading"].grade == row["grade"] for row in labour), len(labour)),
        "category_default_alone_labour": share(sum(defaults[r["code"]] == r["grade"] for r in labour), len(labour)),
        "three_colour_labour": share(
            sum(row["grading"].grade.three_colour == Grade(row["grade"]).three_colour for row in labour), len(labour)
        ),
        "urgent_recall": share(sum(row["grading"].grade >= Grade.ORANGE for row in urgent), len(urgent)),
        "urgent_precision": share(sum(Grade(row["grade"]) >= Grade.ORANGE for row in called), len(called)),
        "red_recall": share(sum(row["grading"].grade == "red" for row in red), len(red)),
        "red_precision": share(
            sum(row["grade"] == "red" for row in labour if row["grading"].grade == "red"),
            sum(row["grading"].grade == "red" for row in labour),
        ),
        "confusion_labour": {
            f"{said}>{read}": count
            for (said, read), count in sorted(
                Counter((row["grade"], row["grading"].grade.value) for row in labour).items()
            )
        },
    }
    for name in ("workers", "amount"):
        said = [row for row in labour if row[name]]
        right = sum(getattr(row["facts"], name) == float(row[name]) for row in said)
        result[f"{name}_exact"] = share(right, len(said))
        silent = [row for row in labour if not row[name]]
        result[f"{name}_read_where_unlabelled"] = share(
            sum(getattr(row["facts"], name) is not None for row in silent), len(silent)
        )
    named = [row for row in labour if row["employer"]]
    result["employer_exact"] = share(sum(row["facts"].employer == row["employer"] for row in named), len(named))
    result["employer_overlap"] = share(
        sum(bool(e := row["facts"].employer) and (e in row["employer"] or row["employer"] in e) for row in named),
        len(named),
    )
    return result


def speed(rows: list[Row]) -> dict[str, float]:
    """Messages a second on real ones, and seconds for hostile texts of 100,000 characters."""
    began = time.perf_counter()
    for row in rows:
        read_facts(row["title"] + "\n" + row["text"])
    result = {"messages_per_second": round(len(rows) / (time.perf_counter() - began))}
    joined = "".join(row["text"] for row in rows)
    hostile = {
        "real": joined[:100_000],
        "digits": "1" * 100_000,
        "numerals": "一二三" * 33_333,
        "wages": "拖欠工资" * 25_000,
        "blockade": "堵门" * 50_000,
        "suicide": "跳 . 楼" * 20_000,
        "company": "公司" * 50_000,
        "books": "《" * 100_000,
        "money": "3万元" * 33_333,
    }
    for name, text in hostile.items():
        began = time.perf_counter()
        read_facts(text)
        result[f"seconds_{name}"] = round(time.perf_counter() - began, 3)
    return result


def main() -> None:
    """Read the data, grade it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    root = parser.parse_args().data
    with (root / "taxonomy.csv").open(encoding="utf-8") as lines:
        defaults = {row["code"]: row["grade"] for row in csv.DictReader(lines)}
    with (root / "data" / "appeals_labelled.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    parts = halves(rows)
    graded = [read(row, defaults) for row in rows]
    result = {
        half: figures([row for row, part in zip(graded, parts, strict=True) if part == half], defaults)
        for half in ("dev", "held")
    }
    print(json.dumps({**result, "speed": speed(rows)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
