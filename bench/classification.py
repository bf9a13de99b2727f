"""Measure reading: every part of ours and three other ways side by side, on messages that none of them trained on.

Prints one JSON line. `python bench/classification.py --data DIR` takes about five minutes of processor time. Ours: five
folds; factors and thresholds are found for each on the held-out scores of the other four. The others get the same outer
folds: TF-IDF with a linear SVM, the nearest centroid of the encoder's numbers, and the keyword rules of the package
`baisitong2`, which is installed into an environment of its own (`--rules none` leaves it out). The legal topics are in
no training set.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.svm import LinearSVC

from gongqing.language import fit, quality
from gongqing.language import material as texts
from gongqing.language.classify import VERSION, classify
from gongqing.language.crisis import found_by_rules, read_crisis
from gongqing.language.facts import Flag, read_facts
from gongqing.language.facts.spans import narrow
from gongqing.language.fit_material import JUDGED, TEACHING
from gongqing.language.material import Message
from gongqing.language.weighing import CODES

SAMPLE, LONG = 500, 420
SHARES = (0.25, 0.5, 0.75)
RULES = "baisitong2==1.0.2"
MAPPED = {
    "环境卫生": "OT04",
    "噪音扰民": "OT04",
    "违章建筑": "OT04",
    "公共设施": "OT04",
    "物业管理": "OT04",
    "交通安全": "OT04",
}
"""Categories of the keyword rules that are one of ours; 民生保障 holds several of ours (`NEAR`), 其他 is OT06."""
NEAR = ("LE07", "OT01", "OT02", "CD04")
ASKED = """
import json, sys
from baisitong2.services.analyzer import RuleAnalyzer
print(json.dumps([RuleAnalyzer().classify(text) for text in json.load(sys.stdin)], ensure_ascii=False))
"""


def main() -> None:
    """Read the data, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rules", choices=["baisitong2", "none"], default="baisitong2")
    options = parser.parse_args()
    real = texts.real_messages(options.data)
    taught, questions = texts.taught_messages(options.data), texts.legal_questions(options.data)
    material = fit.Material.of([*real, *texts.invented_messages(), *taught, *questions])
    places, teaching = material.places(*JUDGED), material.places(*TEACHING)
    judged = fit.held_out(material, places, teaching)
    result = measured(material, judged, options.data, rules=options.rules != "none")
    print(json.dumps(result, ensure_ascii=False))


def measured(material: fit.Material, judged: fit.Judged, data: Path, *, rules: bool) -> dict[str, Any]:
    """Every figure."""
    real = [message for message in material.messages if message.origin == "real"]
    known = {message.text for message in material.messages}
    readers = {"quick": judged.quick, "careful": judged.careful, "cascade": judged.cascade}
    groups: dict[str, Callable[[Message], bool]] = {
        "real": _is_real,
        "real_labelled_later": lambda message: _is_real(message) and message.later,
        "written": lambda message: message.origin == "written",
    }
    cascade = quality.judgement(judged.messages, judged.cascade, _is_real)
    quick = quality.judgement(judged.messages, judged.quick, _is_real)
    bare = (quality.judgement(judged.messages, said, _is_real) for said in judged.untitled)
    without = dict(zip(readers, bare, strict=True))
    return {
        "version": VERSION,
        "ours": {
            name: {
                group: quality.figures_of(quality.judgement(judged.messages, said, wanted))
                for group, wanted in groups.items()
            }
            for name, said in readers.items()
        },
        "untitled": {name: quality.figures_of(said) for name, said in without.items()},
        "encoder_joined": round(float(judged.joined[[_is_real(m) for m in judged.messages]].mean()), 3),
        "others": others(material, rules=rules),
        "by_code": quality.f1_by_code(cascade),
        "confused": quality.confused(cascade),
        "reliability": {
            name: quality.reliability(quality.judgement(judged.messages, said, _is_real))
            for name, said in readers.items()
        },
        "trade_off": quality.trade_off(cascade),
        "trade_off_quick": quality.trade_off(quick),
        "trade_off_untitled": {name: quality.trade_off(said) for name, said in without.items()},
        "second": quality.second_choices(cascade),
        "title_times_of_folds": list(judged.chosen_times),
        "learning": learning(material, judged.title_times),
        "crisis": crisis(real),
        "facts": facts(real),
        "legal_topics": legal_topics(data),
        "triage": {name: triage(data / name, known) for name in ("hot_topics.csv", "replies.csv")},
        "speed": speed(data),
    }


def _is_real(message: Message) -> bool:
    return message.origin == "real"


def others(material: fit.Material, *, rules: bool) -> dict[str, Any]:
    """Three other ways on the same outer folds, real messages alone counted."""
    places, teaching = material.places(*JUDGED), material.places("phrase", "taught")
    said: dict[str, dict[int, str]] = {"tfidf_linear_svm": {}, "nearest_centroid_of_encoder": {}}
    for learning_, judging in fit.folds_of(material, places, fit.FOLDS):
        known = np.concatenate([learning_, teaching])
        codes = np.array([material.messages[place].code for place in known])
        columns = np.where((material.counts[known] > 0).sum(axis=0).A1 >= fit.RARE)[0]
        idf = np.log((1 + len(known)) / (1 + (material.counts[known][:, columns] > 0).sum(axis=0).A1)) + 1
        svm = LinearSVC(C=1.0, random_state=fit.SEED).fit(fit.features(material.counts[known][:, columns], idf), codes)
        chosen = svm.predict(fit.features(material.counts[judging][:, columns], idf))
        said["tfidf_linear_svm"].update(zip(judging.tolist(), chosen.tolist(), strict=True))
        centres = np.array([material.meanings[known[codes == code]].mean(axis=0) for code in svm.classes_])
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        nearest = (material.meanings[judging] @ centres.T).argmax(axis=1)
        said["nearest_centroid_of_encoder"].update(zip(judging.tolist(), svm.classes_[nearest].tolist(), strict=True))
    real = material.places("real")
    found: dict[str, Any] = {}
    for name, choice in said.items():
        messages = [material.messages[place] for place in real]
        found[name] = _hits([choice[int(place)] for place in real], messages)
    if rules:
        found["keyword_rules"] = keyword_rules([material.messages[place] for place in real])
    return found


def _hits(chosen: list[str], messages: list[Message]) -> dict[str, Any]:
    truth = [message.code for message in messages]
    scores = [quality.f1([c == code for c in chosen], [t == code for t in truth])["f1"] for code in sorted(set(truth))]
    near = [c in (m.code, m.second_code) for c, m in zip(chosen, messages, strict=True)]
    labour = [not code.startswith("OT") for code in chosen]
    return {
        "messages": len(messages),
        "top1": round(float(np.mean([a == b for a, b in zip(chosen, truth, strict=True)])), 3),
        "first_or_second": round(float(np.mean(near)), 3),
        "macro_f1": round(float(np.mean(scores)), 3),
        "labour_by_category": quality.f1(labour, [message.labour for message in messages]),
    }


def keyword_rules(messages: list[Message]) -> dict[str, Any]:
    """What the rules say, as generously as they can be mapped: any of their categories may be the right one."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", RULES, "httpx", "python-dotenv"]
        subprocess.run(
            [*install, "anyio", "httpcore", "h11", "certifi", "idna", "sniffio", "typing_extensions"], check=True
        )
        asked = json.dumps([message.words for message in messages])
        answer = subprocess.run([str(python), "-c", ASKED], input=asked, capture_output=True, text=True, check=True)
    right = some = 0
    for said, message in zip(json.loads(answer.stdout.splitlines()[-1]), messages, strict=True):
        first = (
            MAPPED.get(said[0], "OT06") if said[0] != "民生保障" else message.code if message.code in NEAR else "LE07"
        )
        every = {MAPPED.get(each, "OT06") for each in said} | (set(NEAR) if "民生保障" in said else set())
        right, some = right + (first == message.code), some + (message.code in every)
    return {
        "messages": len(messages),
        "top1_most_generous": round(right / len(messages), 3),
        "any_of_its_categories": round(some / len(messages), 3),
    }


def learning(material: fit.Material, title_times: int) -> list[dict[str, float]]:
    """Top-1 of both models together, learnt from a part of the real messages; factors as found on all."""
    places, teaching = material.places(*JUDGED), material.places(*TEACHING)
    found = []
    for share in (*SHARES, 1.0):
        hits = count = 0
        for number, (known, judging) in enumerate(fit.folds_of(material, places, fit.FOLDS)):
            if number > 1:
                break  # two of the five folds show the slope
            real = np.array([place for place in known if _is_real(material.messages[place])])
            rest = np.array([place for place in known if not _is_real(material.messages[place])])
            kept = np.random.default_rng(fit.SEED).permutation(real)[: int(len(real) * share)]
            learnt = fit.learn(material, np.concatenate([kept, rest, teaching]), title_times)
            asked = np.array([place for place in judging if _is_real(material.messages[place])])
            scores = fit.scores_of(learnt, material, asked)
            likely = (3 * scores.ngrams + scores.encoder)[:, : len(CODES)].argmax(axis=1)
            hits += sum(CODES[c] == material.messages[place].code for c, place in zip(likely, asked, strict=True))
            count += len(asked)
        found.append({"share": share, "top1": round(hits / count, 3)})
    return found


def crisis(messages: list[Message]) -> dict[str, Any]:
    """Words of danger against the readers' mark, which counts collective action with danger as well."""
    asked = [message for message in messages if message.crisis is not None]
    words = [bool(read_crisis(narrow(message.words))) for message in asked]
    flags = (Flag.GATHERED, Flag.PREPARING, Flag.OVER_HEADS, Flag.VIOLENCE)
    truth = [bool(message.crisis) for message in asked]
    collective = [
        said or any(read_facts(message.words).has(flag) for flag in flags)
        for said, message in zip(words, asked, strict=True)
    ]
    return {
        "messages": len(asked),
        "marked": sum(truth),
        "words_of_harm": quality.f1(words, truth),
        "by_rules_alone": quality.f1([bool(found_by_rules(narrow(message.words))) for message in asked], truth),
        "harm_or_collective_action": quality.f1(collective, truth),
    }


def facts(messages: list[Message]) -> dict[str, Any]:
    """How often numbers and names are read as people read them, where people found one and where they found none."""
    labour = [(message, read_facts(message.words)) for message in messages if message.labour]
    found: dict[str, Any] = {}
    for name, field in (("workers", "workers"), ("amount", "amount"), ("months", "months_owed")):
        said = [(getattr(message, name), getattr(read, field)) for message, read in labour]
        there = [(float(want), got) for want, got in said if want]
        found[name] = {
            "labelled": len(there),
            "exact": round(float(np.mean([got == want for want, got in there])), 3) if there else None,
            "read_where_none": round(float(np.mean([got is not None for want, got in said if not want])), 3),
        }
    named = [(message.employer, read.employer) for message, read in labour if message.employer]
    found["employer"] = {
        "labelled": len(named),
        "exact": round(float(np.mean([want == got for want, got in named])), 3),
        "overlapping": round(float(np.mean([bool(got) and (got in want or want in got) for want, got in named])), 3),
    }
    return found


def legal_topics(data: Path) -> dict[str, Any]:
    """Labour relevance where nobody speaks like a petitioner; only 劳动纠纷 counts as labour, by the source's label."""
    rows = texts.read_rows(data / "legal_topics.csv", ("text", "label"))
    said = [classify(row["text"], careful=True).labour_related for row in rows]
    wrong = Counter(row["label"] for row, yes in zip(rows, said, strict=True) if yes and row["label"] != "劳动纠纷")
    return {**quality.f1(said, [row["label"] == "劳动纠纷" for row in rows]), "called_labour_elsewhere": dict(wrong)}


def triage(table: Path, seen: set[str]) -> dict[str, Any]:
    """How many of `SAMPLE` evenly spaced unlabelled messages wait for a person, quickly and carefully read."""
    rows = [row for row in texts.read_rows(table, ("title", "text")) if row["text"] not in seen]
    chosen = rows[:: max(len(rows) // SAMPLE, 1)][:SAMPLE]
    quick = [classify(row["text"], row["title"]) for row in chosen]
    careful = [classify(row["text"], row["title"], careful=True) for row in chosen]
    return {
        "messages": len(chosen),
        "triage_share_quick": round(sum(found.needs_person for found in quick) / len(chosen), 3),
        "triage_share_careful": round(sum(found.needs_person for found in careful) / len(chosen), 3),
        "labour_share": round(sum(found.labour_related for found in careful) / len(chosen), 3),
    }


def speed(data: Path) -> dict[str, float]:
    """Texts of exactly 420 characters, one thread, models loaded before, the words that carried the choice included."""
    joined = "".join(row["text"].strip() for row in texts.read_rows(data / "hot_topics.csv", ("text",))[:1500])
    cut = [joined[start : start + LONG] for start in range(0, len(joined) - LONG, LONG)][:600]
    classify(cut[0], careful=True)
    result: dict[str, float] = {"characters": LONG}
    for name, careful in (("quick", False), ("careful", True)):
        part = cut if name == "quick" else cut[:200]
        began, used = time.perf_counter(), time.process_time()
        for text in part:
            classify(text, careful=careful)
        result[f"{name}_texts_per_second"] = round(len(part) / (time.perf_counter() - began))
        result[f"{name}_texts_per_processor_second"] = round(len(part) / (time.process_time() - used))
    result["megabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return result


if __name__ == "__main__":
    main()
