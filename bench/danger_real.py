"""How well is danger heard in real letters? Prints one JSON line for each table of labels.

`python bench/danger_real.py --data DIR LABELS…` reads tables as `bench/danger_draw.py` draws them. Each letter stands
for `weight` letters of its pool, so recall and precision are those of the natural mixture; intervals (95 %) come from
drawing anew within every stratum, 2,000 times; a share over nothing is null. `of_read` counts the letters that were
read, without weights: danger heard, danger, heard, all; `by_kind` how many of each kind were heard, of how many.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from danger import WAYS
from danger_draw import POOLS, letters

DRAWS, SEED = 2000, 7
Flags = npt.NDArray[np.bool_]
Row = dict[str, str]


def measured(rows: Sequence[Row], heard: Flags) -> dict[str, Any]:
    """Recall and precision of what was heard, with intervals, for all rows and for those without doubt."""
    sure = np.array([row["doubt"] != "1" for row in rows], dtype=np.bool_)
    meant = [row["kind"] for row in rows]
    caught = [row["kind"] for row, is_heard in zip(rows, heard, strict=True) if is_heard]
    return {
        "by_kind": {kind: [caught.count(kind), meant.count(kind)] for kind in sorted(set(meant) - {""})},
        "all": figures(rows, heard),
        "without_doubt": figures([row for row, keep in zip(rows, sure, strict=True) if keep], heard[sure]),
    }


def figures(rows: Sequence[Row], heard: Flags) -> dict[str, Any]:
    """Shares in the natural mixture with their intervals, and the counts they rest on."""
    danger = np.array([row["danger"] == "1" for row in rows], dtype=np.bool_)
    weight = np.array([float(row["weight"]) for row in rows], dtype=np.float64)
    strata = np.array([row["stratum"] for row in rows])
    rng = np.random.default_rng(SEED)
    places = [np.flatnonzero(strata == name) for name in sorted(set(strata.tolist()))]
    none = [np.array([], dtype=np.intp)]
    drawn = [np.concatenate([rng.choice(own, len(own)) for own in places] or none) for _ in range(DRAWS)]
    shares = np.array([_shares(danger[one], heard[one], weight[one]) for one in drawn])
    found = _shares(danger, heard, weight)
    return {
        name: _with_interval(value, column[~np.isnan(column)])
        for name, value, column in zip(("recall", "precision", "heard_in_1000"), found, shares.T, strict=True)
    } | {"of_read": [int((danger & heard).sum()), int(danger.sum()), int(heard.sum()), len(rows)]}


def _with_interval(value: float, drawn: npt.NDArray[np.float64]) -> list[float] | None:
    """The share, its lowest and its highest; None of a share over nothing, which JSON could not hold as a number."""
    if np.isnan(value):
        return None
    low, high = np.quantile(drawn, [0.025, 0.975])
    return [round(float(one), 3) for one in (value, low, high)]


def _shares(danger: Flags, heard: Flags, weight: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    right, meant, called = (weight[both].sum() for both in (danger & heard, danger, heard))
    return (
        right / meant if meant else np.nan,
        right / called if called else np.nan,
        1000 * called / weight.sum() if len(weight) else np.nan,
    )


def main() -> None:
    """Hear every letter of the tables in four ways, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("labels", type=Path, nargs="+")
    chosen = parser.parse_args()
    pool = letters(chosen.data, sorted({name for names in POOLS.values() for name in names}))
    for file in chosen.labels:
        with file.open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table))
        found = {
            name: measured(rows, np.array([way(pool[row["digest"]]) for row in rows])) for name, way in WAYS.items()
        }
        print(json.dumps({"set": file.stem, **found}, ensure_ascii=False, allow_nan=False))


if __name__ == "__main__":
    main()
