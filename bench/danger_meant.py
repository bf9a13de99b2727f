"""What would the model of meant signs do to letters that it never saw? Prints one JSON line a pool and a loss.

`python bench/danger_meant.py --data DIR [--loss 0.01 0.02 …]` reads every labelled letter. Each is judged by models
that learnt from no letter near it, and by a threshold set on the letters of other folds, so that nothing of it was
known. Letters count for as many as they stand for: where two drawings cover one pool, each counts by its share of what
was read. Recall and precision of `before` (rules and sure) and `now` (without signs held for not meant) are those of
the natural mixture, with intervals (95 %) as in `bench/danger_real.py`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from danger_real import Row, measured

from gongqing.language.fit_meant import (
    LOSS,
    Letter,
    Signs,
    highest,
    invented_grams,
    read_letters,
    signs_of,
    threshold,
    unseen_scores,
)
from gongqing.language.material import LABELS, near_duplicate_groups, read_rows

POOLS = {"messages": ("danger_real.csv", "danger_real2.csv"), "others": ("danger_blind3.csv", "danger_real3.csv")}
FOLDS, SEED = 10, 11


def weighted(name: str) -> dict[str, Row]:
    """The rows of a pool by digest, with the weights of its drawings made one."""
    tables = [read_rows(LABELS / file, ("digest", "stratum", "weight")) for file in POOLS[name]]
    if name == "messages":
        read = sum(map(len, tables))
        found = [
            {**row, "stratum": f"{row['stratum']} {at}", "weight": str(float(row["weight"]) * len(table) / read)}
            for at, table in enumerate(tables)
            for row in table
        ]
    else:
        found = [row for table in tables for row in table]
        graded = [row for row in found if row["stratum"] == "graded"]
        whole = sum(float(row["weight"]) for row in tables[0] if row["stratum"] == "graded")
        for row in graded:
            row["weight"] = str(whole / len(graded))
    return {row["digest"]: row for row in found}


def unseen_grades(letters: Sequence[Letter], signs: Signs, scores: npt.NDArray[np.float64], loss: float) -> list[bool]:
    """Whether each letter is still graded, by a threshold set on the other folds."""
    groups = near_duplicate_groups([letter.text for letter in letters])
    fold = np.random.default_rng(SEED).integers(0, FOLDS, groups.max() + 1)[groups]
    best = highest(letters, signs, scores)
    least = [threshold_of(letters, signs, scores, np.flatnonzero(fold != one), loss) for one in range(FOLDS)]
    return [
        letter.firm or (bool(letter.asked) and bool(best[at] >= least[fold[at]])) for at, letter in enumerate(letters)
    ]


def threshold_of(
    letters: Sequence[Letter],
    signs: Signs,
    scores: npt.NDArray[np.float64],
    allowed: npt.NDArray[np.int64],
    loss: float,
) -> float:
    """The threshold that the allowed letters alone would set."""
    place = {-1: -1, **{int(number): at for at, number in enumerate(allowed)}}
    inside = [at for at, number in enumerate(signs.letter.tolist()) if number in place]
    own = Signs(
        [signs.told[at] for at in inside],
        np.array([place[int(signs.letter[at])] for at in inside]),
        signs.meant[inside],
        signs.taught[inside],
    )
    return threshold([letters[number] for number in allowed], own, scores[inside], loss)


def main() -> None:
    """Judge every letter unseen, print the figures of both pools."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--loss", type=float, nargs="+", default=[LOSS])
    chosen = parser.parse_args()
    letters = read_letters(chosen.data)
    signs = signs_of(letters, invented_grams())
    scores = unseen_scores(letters, signs)
    for loss in chosen.loss:
        now = unseen_grades(letters, signs, scores, loss)
        for name in POOLS:
            rows = weighted(name)
            own = [at for at, letter in enumerate(letters) if letter.row["digest"] in rows]
            pool = [rows[letters[at].row["digest"]] for at in own]
            before = np.array([bool(letters[at].asked) or letters[at].firm for at in own])
            after = np.array([now[at] for at in own])
            print(
                json.dumps(
                    {"pool": name, "loss": loss, "before": measured(pool, before), "now": measured(pool, after)},
                    ensure_ascii=False,
                )
            )


if __name__ == "__main__":
    main()
