"""Fit on everything, weigh on what was held out, write the weights and their card."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gongqing.language import fit, quality
from gongqing.language.cutting import words_of
from gongqing.language.fit_material import JUDGED, TEACHING, Places
from gongqing.language.linear import save
from gongqing.language.material import (
    LABELS,
    Message,
    invented_messages,
    legal_questions,
    real_messages,
    taught_messages,
)
from gongqing.language.names import names_in
from gongqing.language.shipped import CARD, FILES, MEANINGS, WORDS, as_card, digest_of
from gongqing.language.text import segments
from gongqing.lib.errors import BadInput

LONGEST_WORD = 5
WORD_RARE = 4
"""A word enters the lexicon when at least this many unrelated messages hold it."""


def fit_weights(data: Path, out: Path, labels: Path = LABELS) -> dict[str, Any]:
    """Write the weights and `card.json` to a folder and return the card.

    Factors and thresholds come from held-out real messages; the weights themselves from all messages.
    The card's figures speak of messages that neither training nor choosing saw. `BadInput` when a table is missing or
    has other columns.
    """
    if out.exists() and not out.is_dir():
        raise BadInput("out", f"输出位置不是目录：{out}")
    real, questions = real_messages(data, labels), legal_questions(data)
    taught = taught_messages(data, labels)
    material = fit.Material.of([*real, *invented_messages(), *taught, *questions])
    return write_weights(material, fit.held_out(material, *_parts(material)), out)


def write_weights(material: fit.Material, judged: fit.Judged, out: Path) -> dict[str, Any]:
    """Write what is learnt from all of the material; `judged` are its held-out judgements."""
    places, teaching = _parts(material)
    quick, careful = fit.weighings(material, places, judged.scores)
    learnt = fit.learn(material, np.concatenate([places, teaching]), judged.title_times)
    out.mkdir(parents=True, exist_ok=True)
    save(learnt.ngrams, out)
    np.savez_compressed(
        out / MEANINGS,
        weights=learnt.encoder_weights.astype(np.float16),
        intercepts=learnt.encoder_intercepts.astype(np.float32),
    )
    spoken = [message for message in material.messages if message.origin != "question"]
    words = lexicon(spoken, material.groups.tolist())
    (out / WORDS).write_text("".join(f"{word}\t{count}\n" for word, count in words), encoding="utf-8")
    alone = quality.judgement(judged.messages, judged.quick, _is_real)
    untitled = quality.judgement(judged.messages, judged.untitled[0], _is_real)
    either = quality.both(alone, untitled)
    origins = Counter(message.origin for message in material.messages)
    card = {
        "version": _version(out),
        "triage_below": quality.threshold(either, quality.RIGHT_SHARE),
        "second_at_least": quality.second_threshold(alone),
        "join_below": fit.JOIN_BELOW,
        "title_times": judged.title_times,
        "weighing": as_card(quick, careful),
        "files": {name: digest_of(out / name) for name in FILES},
        "trained_on": {name: origins[name] for name in (*JUDGED, *TEACHING)},
        "ngrams": len(learnt.ngrams.vocabulary),
        "held_out": {
            reader: {
                "real": quality.figures_of(quality.judgement(judged.messages, said, _is_real)),
                "real_untitled": quality.figures_of(quality.judgement(judged.messages, bare, _is_real)),
                "written": quality.figures_of(quality.judgement(judged.messages, said, _is_written)),
            }
            for reader, said, bare in zip(
                ("quick", "careful", "cascade"),
                (judged.quick, judged.careful, judged.cascade),
                judged.untitled,
                strict=True,
            )
        },
        "title_times_of_folds": list(judged.chosen_times),
        "encoder_joined": round(float(judged.joined.mean()), 3),
    }
    (out / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return card


def lexicon(messages: Sequence[Message], groups: Sequence[int]) -> list[tuple[str, int]]:
    """Chinese words of up to five characters that unrelated messages share and that name nobody, with their counts."""
    held: dict[str, set[int]] = {}
    counts: Counter[str] = Counter()
    for message, group in zip(messages, groups, strict=False):
        for run in segments(message.words):
            for word in words_of(run):
                if len(word) <= LONGEST_WORD and all("\u4e00" <= letter <= "\u9fff" for letter in word):
                    counts[word] += 1
                    held.setdefault(word, set()).add(int(group))
    names = names_in(message.words for message in messages)
    return sorted((word, counts[word]) for word in held if len(held[word]) >= WORD_RARE and word not in names)


def _parts(material: fit.Material) -> tuple[Places, Places]:
    return material.places(*JUDGED), material.places(*TEACHING)


def _is_real(message: Message) -> bool:
    return message.origin == "real"


def _is_written(message: Message) -> bool:
    return message.origin == "written"


def _version(folder: Path) -> str:
    """`reader-` and eight hex digits of the weights' SHA-256: the same weights have the same name anywhere."""
    digest = hashlib.sha256()
    for name in FILES:
        digest.update((folder / name).read_bytes())
    return f"reader-{digest.hexdigest()[:8]}"
