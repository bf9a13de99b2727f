"""Measure classification: five folds over real and invented messages, legal topics, triage share and speed.

Prints one JSON line. `python bench/classification.py --data DIR`; the folds take a few minutes.
Held-out figures never come from messages trained on; the legal topics are in no training set; `triage` reads
messages that are not labelled, with the shipped weights.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

from gongqing.language import classify as reading
from gongqing.language import fit, quality

SAMPLE = 500


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    real, invented, questions = fit.real_messages(data), fit.invented_messages(), fit.legal_questions(data)
    written = [message for message in invented if message.origin == "written"]
    phrases = [message for message in invented if message.origin == "phrase"]
    judged = fit.held_out([*real, *written], phrases, questions)
    scale, platt = fit.scale_of_codes(judged), fit.platt_of_labour(judged)
    seen = {message.text for message in real}
    print(
        json.dumps(
            {
                "version": reading.VERSION,
                "real": quality.figures_of(judged, scale, platt, "real"),
                "written": quality.figures_of(judged, scale, platt, "written"),
                "trade_off": quality.trade_off(judged, scale),
                "second": quality.second_choices(judged, scale),
                "legal_topics": legal_topics(data),
                "triage": {name: triage(data / name, seen) for name in ("hot_topics.csv", "replies.csv")},
                "speed": speed(data),
            },
            ensure_ascii=False,
        )
    )


def legal_topics(data: Path) -> dict[str, object]:
    """Labour relevance where nobody speaks like a petitioner; only 劳动纠纷 counts as labour, by the source's label."""
    rows = fit.read_rows(data / "legal_topics.csv", ("text", "label"))
    said = [reading.classify(row["text"]).labour_related for row in rows]
    wrong = Counter(row["label"] for row, yes in zip(rows, said, strict=True) if yes and row["label"] != "劳动纠纷")
    return {**quality.f1(said, [row["label"] == "劳动纠纷" for row in rows]), "called_labour_elsewhere": dict(wrong)}


def triage(table: Path, seen: set[str]) -> dict[str, object]:
    """How many of `SAMPLE` evenly spaced unlabelled messages wait for a person, and what the others are."""
    rows = [row for row in fit.read_rows(table, ("title", "text")) if row["text"] not in seen]
    readings = [reading.classify(row["text"], row["title"]) for row in rows[:: max(len(rows) // SAMPLE, 1)][:SAMPLE]]
    return {
        "messages": len(readings),
        "triage_share": round(sum(found.needs_person for found in readings) / len(readings), 3),
        "labour_share": round(sum(found.labour_related for found in readings) / len(readings), 3),
        "codes": dict(Counter(found.code for found in readings).most_common()),
    }


def speed(data: Path) -> dict[str, float]:
    """Texts cut at 400 characters, one thread, models loaded before."""
    texts = [row["text"][:400] for row in fit.read_rows(data / "hot_topics.csv", ("text",))[:2000]]
    start = time.perf_counter()
    reading.classify_many(texts)
    spent = time.perf_counter() - start
    return {"texts_per_second": round(len(texts) / spent), "milliseconds_per_text": round(spent * 1000 / len(texts), 2)}


if __name__ == "__main__":
    main()
