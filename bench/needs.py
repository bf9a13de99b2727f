"""How well does the platform find out that many messages speak of the same matter? Prints one JSON line.

Groups a stream of messages (`--messages`: id, title, time, text) in the order of time and compares with the topics that
a reader gave to a sample of them (`bench/labels/topics.csv`: id, topic; 0 a matter of its own), side by side on equal
vectors: ours, single-pass clustering, HDBSCAN, connected components. What a method lets one choose is chosen on half of
the topics, and everything is measured on the other half: B-cubed precision, recall and F1 over the labelled messages.

    python bench/needs.py --messages hot_topics.csv
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import re
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import HDBSCAN

from gongqing.language.classify import classify
from gongqing.language.clusters import COMMON, COMMON_AT_LEAST, Nearness, Voice, grouped
from gongqing.language.vectors import MEANINGS, vector_of, wordings

LABELS = Path(__file__).parent / "labels" / "topics.csv"
PLACE = re.compile(r"([A-M]\d+[区县市])([\u4e00-\u9fff]{2,3}?(?:街道|镇|乡))")
KNOWN = "丽发新城"
HOT_FOR = np.timedelta64(28, "D")
Grouping = Callable[[], Sequence[int]]


@dataclass(frozen=True)
class Message:
    """One message of the stream; `place` is the first town that it names with its county."""

    id: str
    title: str
    text: str
    at: str
    place: str


def main() -> None:
    """Measure every method and print the line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=Path, required=True)
    parser.add_argument("--hottest", action="store_true", help="print the titles of the hottest groups as well")
    options = parser.parse_args()
    messages = read(options.messages)
    truth = {row["id"]: int(row["topic"]) for row in csv.DictReader(LABELS.open(encoding="utf-8"))}
    began = time.perf_counter()
    vectors = [vector_of(each.title, each.text) for each in messages]
    vector_ms = (time.perf_counter() - began) / len(messages) * 1000
    voices = [
        Voice(vector, each.place, classify(each.text, each.title).code)
        for vector, each in zip(vectors, messages, strict=True)
    ]
    line: dict[str, Any] = {"messages": len(messages), "labelled": len(truth), "topics": len(set(truth.values()) - {0})}
    line["vector_ms"] = round(vector_ms, 3)
    ours: Sequence[int] = []
    for name, choices in methods(voices).items():
        chosen, groups, seconds = best(messages, truth, choices)
        if name == "ours":
            ours = groups
        line[name] = {
            "choice": chosen,
            "chosen on": scores(messages, groups, truth, half=0),
            "measured": scores(messages, groups, truth, half=1),
            "all": scores(messages, groups, truth),
            "groups of five": sum(1 for size in Counter(groups).values() if size >= 5),
            "seconds": round(seconds, 2),
        }
    line["known topic"] = known_topic(messages, ours)
    hot = hottest(messages, ours)
    line["hottest"] = [{"messages": len(group), "days": days, "ids": group[:3]} for group, days in hot]
    print(json.dumps(line, ensure_ascii=False))
    if options.hottest:
        titles = {each.id: each.title for each in messages}
        for group, days in hot:
            print(len(group), days, [titles[number] for number in group[:5]])


def read(path: Path) -> list[Message]:
    """The messages in the order of time."""
    with path.open(encoding="utf-8-sig") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: (row["time"], row["id"]))
    found = [PLACE.search(row["title"] + row["text"]) for row in rows]
    return [
        Message(row["id"], row["title"], row["text"].strip(), row["time"], place.group() if place else "")
        for row, place in zip(rows, found, strict=True)
    ]


def methods(voices: Sequence[Voice]) -> dict[str, dict[str, Grouping]]:
    """By name: what can be chosen, and the groups that come of it. Ours is taken as it is shipped."""
    words = wordings([voice.vector for voice in voices])
    whole = everything_of(voices, words, Nearness())
    lengths = np.sqrt(np.asarray(whole.multiply(whole).sum(axis=1))).ravel()
    whole = csr_matrix(whole.multiply(1 / np.maximum(lengths, 1e-9)[:, None]))
    kinds = {"words": words, "words, meaning, place": whole}
    near = {name: (matrix @ matrix.T).toarray() for name, matrix in kinds.items()}
    limits = [round(float(limit), 2) for limit in np.arange(0.1, 0.62, 0.04)]
    return {
        "ours": {"shipped": lambda: grouped(voices)},
        "ours, words alone": {"0.2, 0.14": lambda: grouped(voices, Nearness(0.2, 0.14, 0, 0, 0))},
        "single pass": {
            f"{name}, {limit}": (lambda matrix=matrix, limit=limit: single_pass(matrix, limit))
            for (name, matrix), limit in itertools.product(kinds.items(), limits)
        },
        "hdbscan": {
            f"{name}, {size}, {way}": (lambda kept=kept, size=size, way=way: density(kept, size, way))
            for (name, kept), size, way in itertools.product(near.items(), (2, 3, 4, 5), ("eom", "leaf"))
        },
        "connected components": {
            f"{name}, {limit}": (lambda kept=kept, limit=limit: connected_components(csr_matrix(kept >= limit))[1])
            for (name, kept), limit in itertools.product(near.items(), limits)
        },
    }


def everything_of(voices: Sequence[Voice], words: csr_matrix, nearness: Nearness) -> csr_matrix:
    """Rows whose inner products are the nearness of two messages: words, place x meaning, place, category."""
    held = np.bincount(words.indices, minlength=words.shape[1])
    kept = words.astype(np.float64)
    kept.data[held[kept.indices] > max(COMMON_AT_LEAST, COMMON * words.shape[0])] = 0
    lengths = np.sqrt(np.asarray(kept.multiply(kept).sum(axis=1))).ravel()
    parts = [kept.multiply(1 / np.maximum(lengths, 1e-9)[:, None])]
    meanings = np.stack([voice.vector.meaning for voice in voices]) * np.sqrt(nearness.meaning)
    for of, weight in (("place", nearness.place), ("category", nearness.category)):
        codes = [str(getattr(voice, of)) for voice in voices]
        rows = np.array([row for row, code in enumerate(codes) if code and not voices[row].vector.is_empty])
        names = {code: number for number, code in enumerate(sorted({codes[row] for row in rows}))}
        columns = np.array([names[codes[row]] for row in rows])
        parts.append(csr_matrix((np.full(len(rows), np.sqrt(weight)), (rows, columns)), (len(voices), len(names))))
        if of == "place":
            places = (columns[:, None] * MEANINGS + np.arange(MEANINGS)).ravel()
            shape = (len(voices), len(names) * MEANINGS)
            parts.append(csr_matrix((meanings[rows].ravel(), (np.repeat(rows, MEANINGS), places)), shape))
    return hstack(parts, format="csr")


def single_pass(matrix: csr_matrix, limit: float) -> list[int]:
    """Each message joins the group whose mean vector is nearest by cosine, or begins one."""
    sums = np.zeros((matrix.shape[0], matrix.shape[0]), np.float32)  # nearness of every sum to every message
    near = (matrix @ matrix.T).toarray().astype(np.float32)
    squares, labels, count = np.zeros(matrix.shape[0]), [], 0
    for row in range(matrix.shape[0]):
        scores = sums[:count, row] / np.sqrt(squares[:count])
        chosen = int(scores.argmax()) if count else 0
        if not count or scores[chosen] < limit:
            chosen, count = count, count + 1
        squares[chosen] += 2 * float(sums[chosen, row]) + float(near[row, row])
        sums[chosen] += near[row]
        labels.append(chosen)
    return labels


def density(near: np.ndarray, size: int, way: str) -> list[int]:
    """HDBSCAN on cosine distances; what it calls noise stands alone."""
    found = HDBSCAN(min_cluster_size=size, metric="precomputed", cluster_selection_method=way, copy=True)
    labels = found.fit_predict(np.clip(1 - near, 0, 2).astype(np.float64))
    alone = itertools.count(int(labels.max()) + 1)
    return [int(label) if label >= 0 else next(alone) for label in labels]


def best(
    messages: Sequence[Message], truth: Mapping[str, int], choices: Mapping[str, Grouping]
) -> tuple[str, Sequence[int], float]:
    """The choice with the highest F1 on the first half, its groups, and the seconds that it took."""
    answers = {}
    for name, run in choices.items():
        began = time.perf_counter()
        groups = [int(group) for group in run()]
        answers[name] = (groups, time.perf_counter() - began)
    chosen = max(answers, key=lambda name: scores(messages, answers[name][0], truth, half=0)["f1"])
    return chosen, *answers[chosen]


def scores(
    messages: Sequence[Message], groups: Sequence[int], truth: Mapping[str, int], *, half: int | None = None
) -> dict[str, float]:
    """B-cubed precision, recall and F1 over the labelled messages of one half of the topics, or of all."""
    group_of = {each.id: group for each, group in zip(messages, groups, strict=True)}
    topic_of = {number: f"topic {topic}" if topic else f"message {number}" for number, topic in truth.items()}
    asked = [number for number, topic in topic_of.items() if half is None or zlib.crc32(topic.encode()) % 2 == half]
    members, same = defaultdict(set), defaultdict(set)
    for number in truth:
        members[group_of[number]].add(number)
        same[topic_of[number]].add(number)
    precision = recall = 0.0
    for number in asked:
        found, true = members[group_of[number]], same[topic_of[number]]
        both = len(found & true)
        precision, recall = precision + both / len(found), recall + both / len(true)
    precision, recall = precision / len(asked), recall / len(asked)
    f1 = 2 * precision * recall / (precision + recall)
    return {"p": round(precision, 4), "r": round(recall, 4), "f1": round(f1, 4), "n": len(asked)}


def known_topic(messages: Sequence[Message], groups: Sequence[int]) -> dict[str, int]:
    """The titles that name the one place that is known, and how many of them the group with most of them holds."""
    named = Counter(group for each, group in zip(messages, groups, strict=True) if KNOWN in each.title)
    group, held = named.most_common(1)[0]
    return {"titles": named.total(), "in one group": held, "group": sum(1 for one in groups if one == group)}


def hottest(messages: Sequence[Message], groups: Sequence[int]) -> list[tuple[list[str], int]]:
    """The five groups with most messages in any four weeks: their ids in the order of time, and the days they span."""
    held: dict[int, list[Message]] = defaultdict(list)
    for each, group in zip(messages, groups, strict=True):
        held[group].append(each)
    largest = sorted(held.values(), key=lambda one: (-_heat(one), one[0].at))[:5]
    return [([each.id for each in one], _days(each.at for each in one)) for one in largest]


def _heat(group: Sequence[Message]) -> int:
    """The most messages of a group within four weeks."""
    days = sorted(np.datetime64(each.at[:10].replace("/", "-")) for each in group)
    ends = np.searchsorted(days, np.array(days) + HOT_FOR)
    return int((ends - np.arange(len(days))).max())


def _days(moments: Iterable[str]) -> int:
    known = sorted(moment[:10].replace("/", "-") for moment in moments)
    spans = [np.datetime64(day) for day in (known[0], known[-1])]
    return int((spans[1] - spans[0]).astype(int)) + 1


if __name__ == "__main__":
    main()
