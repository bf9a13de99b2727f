"""How often was a model right on messages that it had not seen, and how sure may it be before nobody looks?

Every figure is counted over held-out judgements (`fit.held_out`); real and invented messages are never mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gongqing.language.fit import HeldOut
from gongqing.language.linear import softmax
from gongqing.language.taxonomy import MISCELLANEOUS

RIGHT_SHARE = 0.87
"""Of the choices that pass without a person, this share must have been right on held-out real messages."""
USEFUL_SHARE = 0.4
"""Of the second categories named, this share must be one of the message's two labels."""

_BINS = 10
_STEPS = tuple(step / 100 for step in range(30, 96, 5))
_SECONDS = tuple(step / 100 for step in range(6, 41, 2))


def shares_of(judged: HeldOut, scale: float) -> npt.NDArray[np.float64]:
    """Calibrated probabilities, shape (messages, 32)."""
    return np.array([softmax((row * scale).astype(np.float32)) for row in judged.scores], np.float64)


def f1(said: Sequence[bool], true: Sequence[bool]) -> dict[str, float]:
    """Precision, recall and F1 of a yes-or-no judgement; 0 where nothing was said or true."""
    hits = sum(a and b for a, b in zip(said, true, strict=True))
    precision = hits / sum(said) if sum(said) else 0.0
    recall = hits / sum(true) if sum(true) else 0.0
    both = 2 * precision * recall / (precision + recall) if hits else 0.0
    return {"precision": round(precision, 3), "recall": round(recall, 3), "f1": round(both, 3)}


def calibration_error(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equally wide bins, 0–1."""
    places = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(confidence[places == place].mean() - right[places == place].mean()) * (places == place).mean()
        for place in range(_BINS)
        if (places == place).any()
    ]
    return float(sum(gaps))


def trade_off(judged: HeldOut, scale: float) -> list[dict[str, float]]:
    """For each threshold over real messages: the share that passes without a person, and how often it is right.

    `right_or_second` also counts a choice that is the message's second label. OT06 never passes.
    """
    rows = _rows(judged, "real")
    shares = shares_of(judged, scale)[rows]
    choice = [judged.classes[place] for place in shares.argmax(1)]
    sure = shares.max(1)
    found = []
    for step in _STEPS:
        passed = [n for n, code in enumerate(choice) if code != MISCELLANEOUS and sure[n] >= step]
        messages = [judged.messages[rows[n]] for n in passed]
        hits = [message.code == choice[n] for n, message in zip(passed, messages, strict=True)]
        near = [choice[n] in (message.code, message.second_code) for n, message in zip(passed, messages, strict=True)]
        found.append(
            {
                "threshold": step,
                "passing": round(len(passed) / len(rows), 3),
                "right": round(float(np.mean(hits)) if hits else 0.0, 3),
                "right_or_second": round(float(np.mean(near)) if near else 0.0, 3),
            }
        )
    return found


def triage_threshold(judged: HeldOut, scale: float) -> float:
    """The lowest threshold from which what passes is right at least `RIGHT_SHARE` of the time."""
    steps = trade_off(judged, scale)
    return next((step["threshold"] for step in steps if step["right"] >= RIGHT_SHARE), _STEPS[-1])


def second_choices(judged: HeldOut, scale: float) -> list[dict[str, float]]:
    """For each threshold over real messages: how many get a second category, and how often it is either label.

    `second_label_found` is the share of messages with a second label whose second label is the one named.
    """
    rows = _rows(judged, "real")
    messages = [judged.messages[row] for row in rows]
    shares = shares_of(judged, scale)[rows]
    order = np.argsort(-shares, 1)[:, 1:3]
    labelled = sum(bool(message.second_code) for message in messages)
    found = []
    for step in _SECONDS:
        likely = [[judged.classes[c] for c in order[n] if shares[n, c] >= step] for n in range(len(rows))]
        named = [next((code for code in codes if code != MISCELLANEOUS), "") for codes in likely]
        pairs = [(code, message) for code, message in zip(named, messages, strict=True) if code]
        useful = sum(code in (message.code, message.second_code) for code, message in pairs)
        exact = sum(code == message.second_code for code, message in pairs)
        found.append(
            {
                "threshold": step,
                "named": round(len(pairs) / len(rows), 3),
                "either_label": round(useful / len(pairs), 3) if pairs else 0.0,
                "second_label_found": round(exact / labelled, 3) if labelled else 0.0,
            }
        )
    return found


def second_threshold(judged: HeldOut, scale: float) -> float:
    """The lowest threshold from which a named second category is either label at least `USEFUL_SHARE` of the time."""
    steps = second_choices(judged, scale)
    return next((step["threshold"] for step in steps if step["either_label"] >= USEFUL_SHARE), _SECONDS[-1])


def figures_of(judged: HeldOut, scale: float, platt: tuple[float, float], origin: str) -> dict[str, Any]:
    """The quality on messages of one origin: top-1, top-3, macro-F1 over codes present, labour, calibration errors."""
    rows = _rows(judged, origin)
    shares = shares_of(judged, scale)[rows]
    order = np.argsort(-shares, 1)
    truth = [judged.messages[row].code for row in rows]
    choice = [judged.classes[place] for place in order[:, 0]]
    right = np.array([a == b for a, b in zip(choice, truth, strict=True)])
    first_three = [code in {judged.classes[c] for c in order[n, :3]} for n, code in enumerate(truth)]
    by_code = {code: f1([c == code for c in choice], [t == code for t in truth])["f1"] for code in sorted(set(truth))}
    related = 1 / (1 + np.exp(-(judged.labour_scores[rows] * platt[0] + platt[1])))
    labour = np.array([judged.messages[row].labour for row in rows])
    return {
        "messages": len(rows),
        "top1": round(float(right.mean()), 3),
        "top3": round(float(np.mean(first_three)), 3),
        "macro_f1": round(float(np.mean(list(by_code.values()))), 3),
        "codes": len(by_code),
        "calibration_error": round(calibration_error(shares.max(1), right), 3),
        "labour": f1((related >= 0.5).tolist(), labour.tolist()),
        "labour_calibration_error": round(
            calibration_error(np.maximum(related, 1 - related), (related >= 0.5) == labour), 3
        ),
        "f1_by_code": by_code,
    }


def _rows(judged: HeldOut, origin: str) -> list[int]:
    return [row for row, message in enumerate(judged.messages) if message.origin == origin]
