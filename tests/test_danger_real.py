"""Does the measure of heard danger print what JSON can hold, whatever the letters are?"""

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCH = Path(__file__).resolve().parent.parent / "bench"


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCH))
    return importlib.import_module("danger_real").measured


def _row(danger: str, doubt: str = "0") -> dict[str, str]:
    return {"danger": danger, "doubt": doubt, "kind": "DEATH" if danger == "1" else "", "weight": "2", "stratum": "a"}


@pytest.mark.parametrize(
    ("rows", "heard", "recall", "precision"),
    [
        ([_row("0"), _row("0")], [False, False], None, None),
        ([_row("1"), _row("1")], [True, True], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]),
        ([_row("1"), _row("0")], [False, False], [0.0, 0.0, 0.0], None),
        ([], [], None, None),
    ],
)
def test_a_share_over_nothing_is_null(
    measured: Any, rows: list[dict[str, str]], heard: list[bool], recall: object, precision: object
) -> None:
    found = measured(rows, np.array(heard, dtype=np.bool_))
    json.dumps(found, allow_nan=False)
    assert (found["all"]["recall"], found["all"]["precision"]) == (recall, precision)


def test_letters_that_are_all_in_doubt_leave_nothing_to_measure(measured: Any) -> None:
    found = measured([_row("1", doubt="1")], np.array([True]))
    assert found["without_doubt"] == {
        **dict.fromkeys(("recall", "precision", "heard_in_1000")),
        "of_read": [0, 0, 0, 0],
    }
