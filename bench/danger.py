"""How well are words of danger heard that were written by somebody else, and never seen before? Prints one JSON line.

`python bench/danger.py [--cases FILE]` reads `bench/labels/danger_blind.csv`: invented texts, each danger or not, plain
or veiled. Three ways to hear are counted: rules alone (words of harm and the other signs of danger), rules and model
(what is red or orange), and these with what a person is asked to look at first.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gongqing.language.crisis import found_by_rules
from gongqing.language.facts import Flag, read_facts
from gongqing.language.facts.flags import read_flags
from gongqing.language.facts.signs import DANGERS
from gongqing.language.facts.spans import book_titles, narrow
from gongqing.language.traditional import simplified

CASES = Path(__file__).parent / "labels" / "danger_blind.csv"
THREATS = frozenset({Flag.SELF_HARM, Flag.HARM_OTHERS})
Case = Mapping[str, str]


def by_rules(text: str) -> bool:
    """What words and signs alone say."""
    plain = narrow(text)
    return bool(found_by_rules(simplified(plain))) or not DANGERS.isdisjoint(read_flags(plain, book_titles(plain)))


def graded(text: str) -> bool:
    """What grading takes for danger, the model of threats included."""
    return not (THREATS | DANGERS).isdisjoint(read_facts(text).flags)


def looked_at(text: str) -> bool:
    """What is graded as danger, or waits for a person to look first."""
    return not (THREATS | DANGERS | {Flag.SUSPECTED}).isdisjoint(read_facts(text).flags)


WAYS: Mapping[str, Callable[[str], bool]] = {"rules": by_rules, "graded": graded, "looked_at": looked_at}


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
    """Read the cases, hear each in three ways, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=CASES)
    cases = read_cases(parser.parse_args().cases)
    print(json.dumps({name: figures(cases, way) for name, way in WAYS.items()}, ensure_ascii=False))


if __name__ == "__main__":
    main()
