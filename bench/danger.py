"""How well are words of danger heard that somebody else wrote? Prints one JSON line for each set.

`python bench/danger.py [--cases FILE …]` reads `bench/labels/danger_blind.csv` (seen since: rules were mended by it)
and `danger_blind2.csv` (measured once when it was unseen, read since): invented texts, each danger or not, plain or
veiled. Four ways to hear are counted: rules alone (words of harm and the other signs of danger), rules and model (what
is red or orange), these with what a person is asked to look at first, and that with what the encoder adds later.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gongqing.language.crisis import found_by_rules
from gongqing.language.danger_meaning import near_pieces, suspected
from gongqing.language.encoder import embed
from gongqing.language.facts import Flag, read_facts
from gongqing.language.facts.flags import read_flags
from gongqing.language.facts.signs import DANGERS
from gongqing.language.facts.spans import book_titles, narrow
from gongqing.language.traditional import simplified

LABELS = Path(__file__).parent / "labels"
CASES = LABELS / "danger_blind.csv"
SETS = (CASES, LABELS / "danger_blind2.csv")
THREATS = frozenset({Flag.SELF_HARM, Flag.HARM_OTHERS})
Case = Mapping[str, str]


def by_rules(text: str) -> bool:
    """What words and signs alone say."""
    plain = narrow(text)
    return bool(found_by_rules(simplified(plain))) or not DANGERS.isdisjoint(read_flags(plain, book_titles(plain)))


def graded(text: str) -> bool:
    """What grading takes for danger: the model of threats included."""
    return not (THREATS | DANGERS).isdisjoint(read_facts(text).flags)


def looked_at(text: str) -> bool:
    """What is graded as danger, or waits for a person to look first."""
    return not (THREATS | DANGERS | {Flag.SUSPECTED}).isdisjoint(read_facts(text).flags)


def heard_again(text: str) -> bool:
    """What is graded or looked at, or suspected when it is heard again with the encoder."""
    if looked_at(text):
        return True
    near = near_pieces(text)
    return bool(near) and bool(suspected(near, np.stack([embed(piece.plain) for piece in near])))


WAYS: Mapping[str, Callable[[str], bool]] = {
    "rules": by_rules,
    "graded": graded,
    "looked_at": looked_at,
    "heard_again": heard_again,
}


def read_cases(file: Path = CASES) -> list[Case]:
    """The texts with their labels."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def figures(cases: Sequence[Case], way: Callable[[str], bool]) -> dict[str, Any]:
    """Recall and precision of one way to hear, in all, and of plain and veiled texts apart."""
    said = [(case, way(case["text"])) for case in cases]
    parts = {
        "all": said,
        "plain": [each for each in said if each[0]["plain"] == "1"],
        "veiled": [each for each in said if each[0]["plain"] != "1"],
    }
    kinds = sorted({case["kind"] for case in cases})
    return {
        **{name: _counted(part) for name, part in parts.items()},
        "by_kind": {kind: [sum(h for c, h in said if c["kind"] == kind), kinds_of(cases, kind)] for kind in kinds},
    }


def kinds_of(cases: Sequence[Case], kind: str) -> int:
    """How many texts are of a kind."""
    return sum(case["kind"] == kind for case in cases)


def _counted(said: Sequence[tuple[Case, bool]]) -> dict[str, Any]:
    meant = [heard for case, heard in said if case["danger"] == "1"]
    called = [case["danger"] == "1" for case, heard in said if heard]
    return {
        "texts": len(said),
        "danger": len(meant),
        "recall": round(sum(meant) / len(meant), 3) if meant else None,
        "precision": round(sum(called) / len(called), 3) if called else None,
    }


def main() -> None:
    """Read the cases, hear each in four ways, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, nargs="+", default=[file for file in SETS if file.exists()])
    for file in parser.parse_args().cases:
        cases = read_cases(file)
        found = {name: figures(cases, way) for name, way in WAYS.items()}
        print(json.dumps({"set": file.stem, **found}, ensure_ascii=False))


if __name__ == "__main__":
    main()
