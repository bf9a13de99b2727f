"""How often was the reader right on messages that it had not seen, and how sure may it be before nobody looks?

Every figure is counted over held-out judgements (`fit.held_out`); real and invented messages are never mixed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gongqing.language.material import Message
from gongqing.language.taxonomy import MISCELLANEOUS
from gongqing.language.weighing import CODES, PURPOSES, Said

RIGHT_SHARE = 0.9
"""Of the choices that pass without a person, this share must have been right on held-out real messages."""
SURE_SHARE = 0.95
"""The share right at which the figures say how much would need no person."""
USEFUL_SHARE = 0.4
"""Of the second categories named, this share must be one of the message's two labels."""

Floats = npt.NDArray[np.float64]
_BINS = 10
_STEPS = tuple(step / 100 for step in range(30, 100))
_SECONDS = tuple(step / 100 for step in range(6, 41, 2))


@dataclass(frozen=True)
class Judgement:
    """What was said of some messages, and what people say that they are."""

    messages: list[Message]
    said: Said

    @property
    def choice(self) -> list[str]:
        """The first category of each."""
        return [CODES[place] for place in self.said.codes.argmax(axis=1)]

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Whether the first category is the message's."""
        return np.array([code == message.code for code, message in zip(self.choice, self.messages, strict=True)])


def judgement(messages: Sequence[Message], said: Said, wanted: Callable[[Message], bool]) -> Judgement:
    """The judgement of those messages that are wanted."""
    rows = [row for row, message in enumerate(messages) if wanted(message)]
    part = Said(said.codes[rows], said.labour[rows], said.purposes[rows], said.need[rows])
    return Judgement([messages[row] for row in rows], part)


def both(one: Judgement, other: Judgement) -> Judgement:
    """Two judgements as one."""
    parts = (np.concatenate([getattr(one.said, part), getattr(other.said, part)]) for part in Said.__annotations__)
    return Judgement([*one.messages, *other.messages], Said(*parts))


def f1(said: Sequence[bool], true: Sequence[bool]) -> dict[str, float]:
    """Precision, recall and F1 of a yes-or-no judgement; 0 where nothing was said or true."""
    hits = sum(bool(a and b) for a, b in zip(said, true, strict=True))
    precision = hits / sum(map(bool, said)) if any(said) else 0.0
    recall = hits / sum(map(bool, true)) if any(true) else 0.0
    both = 2 * precision * recall / (precision + recall) if hits else 0.0
    return {"precision": round(precision, 3), "recall": round(recall, 3), "f1": round(both, 3)}


def calibration_error(confidence: npt.NDArray[Any], right: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equally wide bins, 0–1."""
    places = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(confidence[places == place].mean() - right[places == place].mean()) * (places == place).mean()
        for place in range(_BINS)
        if (places == place).any()
    ]
    return float(sum(gaps))


def reliability(judged: Judgement) -> list[dict[str, float]]:
    """For each tenth of confidence: how many first choices fell into it, how sure they were, how often right."""
    confidence, right = judged.said.codes.max(axis=1), judged.right
    places = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    return [
        {
            "from": place / _BINS,
            "messages": int((places == place).sum()),
            "confidence": round(float(confidence[places == place].mean()), 3),
            "right": round(float(right[places == place].mean()), 3),
        }
        for place in range(_BINS)
        if (places == place).any()
    ]


def trade_off(judged: Judgement) -> list[dict[str, float]]:
    """For each threshold: the share that passes without a person, and how often it is right.

    `right_or_second` also counts a choice that is the message's second label. OT06 never passes.
    """
    choice, sure = judged.choice, judged.said.codes.max(axis=1)
    found = []
    for step in _STEPS:
        passed = [n for n, code in enumerate(choice) if code != MISCELLANEOUS and sure[n] >= step]
        hits = [judged.messages[n].code == choice[n] for n in passed]
        near = [choice[n] in (judged.messages[n].code, judged.messages[n].second_code) for n in passed]
        found.append(
            {
                "threshold": step,
                "passing": round(len(passed) / max(len(choice), 1), 3),
                "right": round(float(np.mean(hits)) if hits else 0.0, 3),
                "right_or_second": round(float(np.mean(near)) if near else 0.0, 3),
            }
        )
    return found


def threshold(judged: Judgement, share: float) -> float:
    """The lowest threshold from which what passes is right at least this often."""
    return next((step["threshold"] for step in trade_off(judged) if step["right"] >= share), _STEPS[-1])


def passing(judged: Judgement, share: float) -> float:
    """The largest share of messages that can pass, the surest first, while this share of them is right.

    OT06 never passes. The cut is found on the same messages: it describes the ranking, it is no promise.
    """
    choice, right = judged.choice, judged.right
    sure = np.where([code == MISCELLANEOUS for code in choice], -1.0, judged.said.codes.max(axis=1))
    order = [n for n in np.argsort(-sure, kind="stable") if sure[n] >= 0]
    hits = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    kept = np.where(hits >= share)[0]
    return round((int(kept.max()) + 1) / len(choice), 3) if len(kept) else 0.0


def second_choices(judged: Judgement) -> list[dict[str, float]]:
    """For each threshold: how many get a second category, and how often it is either label.

    `second_label_found` is the share of messages with a second label whose second label is the one named.
    """
    messages, shares = judged.messages, judged.said.codes
    order = np.argsort(-shares, axis=1)[:, 1:3]
    labelled = sum(bool(message.second_code) for message in messages)
    found = []
    for step in _SECONDS:
        likely = [[CODES[c] for c in order[n] if shares[n, c] >= step] for n in range(len(messages))]
        named = [next((code for code in codes if code != MISCELLANEOUS), "") for codes in likely]
        pairs = [(code, message) for code, message in zip(named, messages, strict=True) if code]
        useful = sum(code in (message.code, message.second_code) for code, message in pairs)
        exact = sum(code == message.second_code for code, message in pairs)
        found.append(
            {
                "threshold": step,
                "named": round(len(pairs) / len(messages), 3),
                "either_label": round(useful / len(pairs), 3) if pairs else 0.0,
                "second_label_found": round(exact / labelled, 3) if labelled else 0.0,
            }
        )
    return found


def second_threshold(judged: Judgement) -> float:
    """The lowest threshold from which a named second category is either label at least `USEFUL_SHARE` of the time."""
    steps = second_choices(judged)
    return next((step["threshold"] for step in steps if step["either_label"] >= USEFUL_SHARE), _SECONDS[-1])


def figures_of(judged: Judgement) -> dict[str, Any]:
    """The quality of category, labour relevance, purpose and need; macro-F1 over the categories that are present."""
    messages, shares = judged.messages, judged.said.codes
    order = np.argsort(-shares, axis=1)
    choice, right = judged.choice, judged.right
    either = [code in (m.code, m.second_code) for code, m in zip(choice, messages, strict=True)]
    first_three = [m.code in {CODES[c] for c in order[n, :3]} for n, m in enumerate(messages)]
    by_code = f1_by_code(judged)
    labour = np.array([message.labour for message in messages])
    related = judged.said.labour
    return {
        "messages": len(messages),
        "top1": round(float(right.mean()), 3),
        "first_or_second": round(float(np.mean(either)), 3),
        "top3": round(float(np.mean(first_three)), 3),
        "macro_f1": round(float(np.mean([each["f1"] for each in by_code.values()])), 3),
        "codes": len(by_code),
        "calibration_error": round(calibration_error(shares.max(axis=1), right), 3),
        "no_person_at_95": passing(judged, SURE_SHARE),
        "labour": f1((related >= 0.5).tolist(), labour.tolist()),
        "labour_calibration_error": round(
            calibration_error(np.maximum(related, 1 - related), (related >= 0.5) == labour), 3
        ),
        "purpose": purposes_of(judged),
        "need": needs_of(judged),
    }


def f1_by_code(judged: Judgement) -> dict[str, dict[str, float]]:
    """Count, precision, recall and F1 of every category that is some message's."""
    truth = [message.code for message in judged.messages]
    choice = judged.choice
    return {
        code: {"messages": truth.count(code), **f1([c == code for c in choice], [t == code for t in truth])}
        for code in sorted(set(truth))
    }


def confused(judged: Judgement, most: int = 15) -> list[tuple[str, str, int]]:
    """The commonest wrong choices: the message's category, the chosen one, how often."""
    pairs = Counter(
        (message.code, code)
        for message, code in zip(judged.messages, judged.choice, strict=True)
        if message.code != code
    )
    return [(true, said, count) for (true, said), count in pairs.most_common(most)]


def purposes_of(judged: Judgement) -> dict[str, Any]:
    """Accuracy and F1 of the purpose, where people have read it."""
    rows = [n for n, message in enumerate(judged.messages) if message.purpose]
    if not rows:
        return {"messages": 0}
    truth = [judged.messages[n].purpose for n in rows]
    said = [PURPOSES[int(judged.said.purposes[n].argmax())] for n in rows]
    return {
        "messages": len(rows),
        "accuracy": round(float(np.mean([a == b for a, b in zip(said, truth, strict=True)])), 3),
        "commonest_alone": round(max(Counter(truth).values()) / len(truth), 3),
        "f1": {each: f1([s == each for s in said], [t == each for t in truth])["f1"] for each in sorted(set(truth))},
    }


def needs_of(judged: Judgement) -> dict[str, Any]:
    """Precision, recall and F1 of needs, where people have read it."""
    rows = [n for n, message in enumerate(judged.messages) if message.need is not None]
    if not rows:
        return {"messages": 0}
    truth = [bool(judged.messages[n].need) for n in rows]
    return {"messages": len(rows), "needs": sum(truth), **f1([bool(judged.said.need[n] >= 0.5) for n in rows], truth)}
