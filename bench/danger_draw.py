"""Which real letters are read for danger? Draws them by digest and writes their numbers, never a word of them.

`python bench/danger_draw.py --data DIR --part teaching|blind|passed4|blind4 --out FILE` writes `digest,stratum,weight`.
The teaching part is drawn from `messages.csv`, the blind one from `hot_topics.csv` and `replies.csv` without what
nearly repeats a message that teaches or was labelled. The fourth set is letters about work (labelled so, or held for it
by the labour reader) that nobody read for danger: `passed4` from all tables, with a digest that begins with 0 to 3, and
`blind4` from the tables of the blind part, with one from 6 on, where the earlier drawings left every stratum but `look`
whole. Each letter is in one stratum, the first that fits: `graded` (the present reader takes it for danger), `look` (a
person would look first), `near` (its n-grams come near that), `words` (a wide list of words), `rest`. Of each stratum
those with the lowest digests are taken; weight is how many letters of the pool one of them stands for, letters read
before included. Nothing that the reader says of a single letter is printed.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from scipy.sparse import vstack
from sklearn.feature_extraction.text import HashingVectorizer

from gongqing.language.classify import classify
from gongqing.language.danger_meaning import near_pieces
from gongqing.language.facts import Flag, read_facts
from gongqing.language.facts.signs import DANGERS
from gongqing.language.material import LABELS, NEAR_DUPLICATE, letter_digest, long_ngrams, read_rows, real_messages
from gongqing.language.text import whole_text

THREATS = frozenset({Flag.SELF_HARM, Flag.HARM_OTHERS})
STRATA = ("graded", "look", "near", "words", "rest")
SIZES: Mapping[str, Mapping[str, int]] = {
    "teaching": {"graded": 130, "look": 90, "near": 50, "words": 60, "rest": 30},
    "blind": {"graded": 110, "look": 90, "near": 70, "words": 100, "rest": 80},
    "passed4": dict.fromkeys(STRATA, 400),
    "blind4": dict.fromkeys(STRATA, 400),
}
POOLS = {
    "teaching": ("messages.csv",),
    "blind": ("hot_topics.csv", "replies.csv"),
    "passed4": ("messages.csv", "replies.csv", "hot_topics.csv", "appeals_labelled.csv"),
    "blind4": ("hot_topics.csv", "replies.csv"),
}
FIRST_DIGITS = {"passed4": "0123", "blind4": "6789abcdef"}
"""Of the letters about work those whose digest begins so are in the fourth set."""
WORDS = re.compile(
    "死|自杀|轻生|跳楼|跳下|不想活|活不下去|遗书|农药|割腕|上吊|绝路|想不开|抑郁|崩溃|自残|寻短|杀|砍|捅|刀|同归|报复|放火|炸|汽油|纵火|投毒|拼命|恐吓|威胁"
    "|打人|殴|被打|打伤|打我|暴力|骚扰|猥亵|强奸|性侵|虐待|体罚|家暴|黑社会|混混|追砍|扬言|上访|堵路|堵门|拦车|封路|围堵|围攻|聚集|闹事|横幅|静坐|罢工|罢课|停运|示威|游行|群体|激化"
    "|中毒|爆炸|着火|起火|火灾|火情|坍塌|倒塌|塌方|滑坡|触电|漏电|漏气|泄漏|煤气|溺水|坠|晕倒|昏迷|抢救|重伤|骨折|住院|伤亡|死亡|身亡|遇难|丧命|生命危险|人命|命案|救命|救救|求救"
    "|童工|未成年|未满|岁孩|孕妇|怀孕|拘禁|关在|锁在|扣押|扣留|限制自由|不让走|强迫|传销|绑架|失踪|拐|工伤|事故|跑路|欠薪|讨薪|气死|累死|要命|急死|逼死|送命|出事|危及"
)


def letters(data: Path, names: Sequence[str]) -> dict[str, str]:
    """The different letters of some tables by their digest."""
    rows = [row for name in names for row in read_rows(data / name, ("title", "text"))]
    return {letter_digest(row["title"], row["text"]): whole_text(row["title"], row["text"]) for row in rows}


def letters_of_workers(data: Path, part: str) -> dict[str, str]:
    """The letters about work by their digest, whoever said so: a label, or the labour reader (its n-grams alone)."""
    rows = [row for name in POOLS["passed4"] for row in read_rows(data / name, ("title", "text"))]
    labelled = {letter_digest(row["title"], row["text"]) for row in rows if row.get("labour") == "1"}
    found = {}
    for row in (row for name in POOLS[part] for row in read_rows(data / name, ("title", "text"))):
        digest = letter_digest(row["title"], row["text"])
        if digest[0] in FIRST_DIGITS[part] and (
            digest in labelled or classify(row["text"], row["title"], careful=False).labour_related
        ):
            found[digest] = whole_text(row["title"], row["text"])
    return found


def labelled_for_danger(data: Path) -> tuple[set[str], list[str]]:
    """Digests of the letters labelled for danger before the fourth set, and whatever was so labelled, invented too."""
    tables = [read_rows(file, ()) for file in sorted(LABELS.glob("danger_*.csv")) if not file.stem.endswith("4")]
    rows = [row for table in tables for row in table]
    digests = {row["digest"] for row in rows if "digest" in row}
    real = letters(data, POOLS["passed4"])
    return digests, [real[digest] for digest in sorted(digests)] + [row["text"] for row in rows if "text" in row]


def stratum_of(letter: str) -> str:
    """The first stratum that fits."""
    flags = read_facts(letter).flags
    if not (THREATS | DANGERS).isdisjoint(flags):
        return "graded"
    if Flag.SUSPECTED in flags:
        return "look"
    if near_pieces(letter):
        return "near"
    return "words" if WORDS.search(letter) else "rest"


def drawn(
    pool: Mapping[str, str], known: Sequence[str], sizes: Mapping[str, int], named: Container[str] = ()
) -> list[tuple[str, str, float]]:
    """Digest, stratum and weight of what is drawn; what nearly repeats a known or an earlier letter is passed over.

    The passed-over count neither for the stratum's size nor for the weight, which a share of them estimates. Letters
    `named` before are not drawn again; others of their stratum stand for them.
    """
    strata: dict[str, list[str]] = {name: [] for name in sizes}
    for digest in sorted(pool):
        strata[stratum_of(pool[digest])].append(digest)
    cutter = HashingVectorizer(analyzer=long_ngrams, alternate_sign=False)
    seen = cutter.transform([*known, ""])
    found = []
    for name, size in sizes.items():
        taken, passed = list[str](), 0
        for digest in strata[name]:
            if len(taken) == size:
                break
            if digest in named:
                continue
            own = cutter.transform([pool[digest]])
            if (seen @ own.T).max() > NEAR_DUPLICATE:
                passed += 1
                continue
            taken.append(digest)
            seen = vstack([seen, own], format="csr")
        free = len(strata[name]) * len(taken) / max(len(taken) + passed, 1)
        found += [(digest, name, free / len(taken)) for digest in taken]
    return found


def pool_of(part: str, data: Path) -> tuple[dict[str, str], list[str], set[str]]:
    """The letters that a part is drawn from, what none of them may nearly repeat, and which were read before."""
    if part == "teaching":
        return letters(data, POOLS[part]), [], set()
    taught = [message.words for message in real_messages(data)] + list(letters(data, POOLS["teaching"]).values())
    if part == "blind":
        return letters(data, POOLS[part]), taught, set()
    named, known = labelled_for_danger(data)
    if part == "blind4":
        earlier = letters(data, POOLS["blind"]).items()
        known += taught + [text for digest, text in earlier if digest[0] in FIRST_DIGITS["passed4"]]
    return letters_of_workers(data, part), known, named


def main() -> None:
    """Draw one part and write it in the order of the digests, so that nobody sees the stratum while reading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=sorted(SIZES), required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    pool, known, named = pool_of(chosen.part, chosen.data)
    rows = sorted(drawn(pool, known, SIZES[chosen.part], named))
    with chosen.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("digest", "stratum", "weight"))
        writer.writerows((digest, name, f"{weight:.3f}") for digest, name, weight in rows)


if __name__ == "__main__":
    main()
