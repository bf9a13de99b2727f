"""Measure the reading of replies: empty ones, answered points, promised days, replies under another's appeal, speed.

Prints one JSON line. `python bench/replies.py --data DIR`; about half a minute. The labels (`bench/labels/replies.csv`)
were given by reading 260 messages with their replies; one half, by a digest of the number, was looked at while the
rules were written, the other half was not. Replies laid under the appeal of somebody else need no label.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from gongqing.language import quality
from gongqing.language.facts.spans import narrow
from gongqing.language.replies import OFF_TOPIC_BELOW, Kind, ReplyReading, read_reply
from gongqing.language.replies.emptiness import substance_of
from gongqing.language.replies.touching import matter_of, relevance_of

LABELS = Path(__file__).parent / "labels" / "replies.csv"
SPEED_LENGTH = 400
_WORDS = re.compile(r"[\u4e00-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class Judged:
    """One message and its reply: how a person read them, and how we do."""

    row: dict[str, str]
    label: dict[str, str]
    read: ReplyReading


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    rows = _rows(parser.parse_args().data / "replies.csv")
    by_number = {row["id"]: row for row in rows}
    judged = [Judged(by_number[label["id"]], label, _read(by_number[label["id"]])) for label in _rows(LABELS)]
    parts = {
        "tuning": [one for one in judged if is_tuning(one)],
        "held_out": [one for one in judged if not is_tuning(one)],
    }
    told = {name: figures_of(part) for name, part in parts.items()}
    print(json.dumps({"labelled": told, "swapped": swapped(rows), "all": shares_of(rows), "speed": speed(rows)}))


def is_tuning(one: Judged) -> bool:
    """Whether the message was looked at while the rules were written."""
    return int(hashlib.sha256(f"part{one.label['id']}".encode()).hexdigest(), 16) % 2 == 0


def figures_of(part: Sequence[Judged]) -> dict[str, Any]:
    """Everything that the labels can tell, with two baselines: the reply's length and the words that both share."""
    answers = [int(one.label["answers"]) for one in part]
    complete = [int(one.label["complete"]) for one in part]
    length = [float(len(one.row["reply"])) for one in part]
    shared = [_shared_words(one.row) for one in part]
    saying = [one for one in part if one.label["empty"] == "0"]
    return {
        "replies": len(part),
        "empty": quality.f1([one.read.is_empty for one in part], [one.label["empty"] == "1" for one in part]),
        "empty_by_length_60": quality.f1([size < 60 for size in length], [one.label["empty"] == "1" for one in part]),
        "relevance_rank": rank_correlation([one.read.relevance for one in part], answers),
        "relevance_rank_by_length": rank_correlation(length, answers),
        "relevance_rank_by_words": rank_correlation(shared, answers),
        "completeness_rank": rank_correlation([one.read.completeness for one in part], complete),
        "completeness_rank_by_length": rank_correlation(length, complete),
        "completeness_rank_by_words": rank_correlation(shared, complete),
        "incomplete_warning": quality.f1(
            [_warns(one.read, Kind.OFF_TOPIC, Kind.INCOMPLETE) for one in saying],
            [one.label["complete"] != "2" for one in saying],
        ),
        "warned_of_complete": round(
            float(
                np.mean(
                    [
                        bool(_warns(one.read, Kind.OFF_TOPIC, Kind.INCOMPLETE))
                        for one in saying
                        if one.label["complete"] == "2"
                    ]
                )
            ),
            3,
        ),
        "any_warning": quality.f1(
            [_warns(one.read, Kind.EMPTY, Kind.OFF_TOPIC, Kind.INCOMPLETE) for one in part],
            [value != 2 for value in complete],
        ),
        "promise": promises_of(part),
    }


def promises_of(part: Sequence[Judged]) -> dict[str, float]:
    """How often a promised day was found, and was the right one."""
    said = [str(one.read.promised_on or "") for one in part]
    true = [one.label["promised_on"] for one in part]
    hits = sum(bool(a) and a == b for a, b in zip(said, true, strict=True))
    return {
        "labelled": sum(map(bool, true)),
        "precision": round(hits / max(sum(map(bool, said)), 1), 3),
        "recall": round(hits / max(sum(map(bool, true)), 1), 3),
    }


def swapped(rows: Sequence[dict[str, str]]) -> dict[str, Any]:
    """How well a reply under its own appeal is told from the same reply under somebody else's."""
    chance = random.Random(20251013)
    asked = [matter_of(narrow(f"{row['title']}\n{row['text'][:4000]}")) for row in rows]
    told = [substance_of(narrow(row["reply"][:5000])) for row in rows]
    pairs = [(n, chance.randrange(len(rows))) for n in range(len(rows)) if told[n].length >= 10]
    pairs = [(n, other) for n, other in pairs if n != other]
    matter = {n: matter_of(told[n].text) for n, _ in pairs}
    own = np.array([relevance_of(asked[n], matter[n]) for n, _ in pairs])
    others = np.array([relevance_of(asked[other], matter[n]) for n, other in pairs])
    words = np.array([_shared_words(rows[n]) for n, _ in pairs])
    words_of_others = np.array([_shared_words({**rows[n], **_asked(rows[other])}) for n, other in pairs])
    return {
        "replies": len(pairs),
        "auc": _auc(own, others),
        "auc_by_words": _auc(words, words_of_others),
        "own_below": round(float((own < OFF_TOPIC_BELOW).mean()), 3),
        "others_below": round(float((others < OFF_TOPIC_BELOW).mean()), 3),
        "own_called_off_topic": _called([(rows[n], rows[n]) for n, _ in pairs[::5]]),
        "others_called_off_topic": _called([(rows[n], rows[other]) for n, other in pairs[::5]]),
    }


def shares_of(rows: Sequence[dict[str, str]]) -> dict[str, Any]:
    """What is found in all replies, as shares."""
    found = [_read(row) for row in rows]
    kinds = {kind.value: sum(any(each.kind is kind for each in one.findings) for one in found) for kind in Kind}
    return {
        "replies": len(rows),
        "with_warning": round(sum(bool(one.warnings) for one in found) / len(rows), 3),
        **{name: round(count / len(rows), 3) for name, count in kinds.items()},
        "with_promised_day": round(sum(one.promised_on is not None for one in found) / len(rows), 3),
    }


def speed(rows: Sequence[dict[str, str]]) -> dict[str, float]:
    """Milliseconds for one reading, reply and appeal cut at 400 characters, processor time; the median and the 99th."""
    long = [row for row in rows if len(row["reply"]) >= SPEED_LENGTH and len(row["text"]) >= SPEED_LENGTH][:200]
    cut = [{**row, "reply": row["reply"][:SPEED_LENGTH], "text": row["text"][:SPEED_LENGTH]} for row in long]
    took = []
    for row in cut:
        begun = time.process_time()
        _read(row)
        took.append((time.process_time() - begun) * 1000)
    return {"p50_ms": round(float(np.median(took)), 2), "p99_ms": round(float(np.percentile(took, 99)), 2)}


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's, with ties at their mean rank."""
    return round(float(np.corrcoef(_ranks(one), _ranks(other))[0, 1]), 3)


def _ranks(values: Sequence[float]) -> np.ndarray:
    given = np.asarray(values, float)
    ordered = np.sort(given)
    return (np.searchsorted(ordered, given, "left") + np.searchsorted(ordered, given, "right")) / 2


def _auc(own: np.ndarray, others: np.ndarray) -> float:
    ordered = np.sort(others)
    below = (np.searchsorted(ordered, own, "left") + np.searchsorted(ordered, own, "right")) / 2
    return round(float(below.mean() / len(others)), 3)


def _warns(read: ReplyReading, *kinds: Kind) -> bool:
    return any(each.kind in kinds for each in read.findings)


def _read(row: dict[str, str]) -> ReplyReading:
    said_on = date.fromisoformat(row["replied_at"][:10])
    return read_reply(row["reply"], asked=row["text"], title=row["title"], said_on=said_on)


def _called(pairs: Sequence[tuple[dict[str, str], dict[str, str]]]) -> float:
    """The share of replies that are called off the topic of the appeal beside them; every fifth reply."""
    return round(float(np.mean([_warns(_read({**one, **_asked(other)}), Kind.OFF_TOPIC) for one, other in pairs])), 3)


def _asked(row: dict[str, str]) -> dict[str, str]:
    return {"title": row["title"], "text": row["text"]}


def _shared_words(row: dict[str, str]) -> float:
    """The share of the message's words, as jieba cuts them, that stand in the reply."""
    import jieba

    jieba.setLogLevel(60)
    asked = {word for word in jieba.cut(f"{row['title']}{row['text'][:1000]}") if _WORDS.fullmatch(word)}
    told = {word for word in jieba.cut(row["reply"][:1000]) if _WORDS.fullmatch(word)}
    return len(asked & told) / len(asked) if asked else 0.0


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
