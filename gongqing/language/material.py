"""What does the reader learn from, and which texts nearly repeat each other?

Real labelled messages and real legal questions come from a folder given by the caller, further labels of the same
messages from the repository (`bench/labels`, numbers of rows and labels without a word of text), the invented messages
and the phrases of the taxonomy from the package.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

from gongqing.language.taxonomy import categories
from gongqing.language.text import ngrams, whole_text
from gongqing.language.weighing import PURPOSES
from gongqing.lib.errors import BadInput

LABELS = Path(__file__).parents[2] / "bench" / "labels"
"""Where the labels lie that were read for this project; an installed package has none."""
NEAR_DUPLICATE = 0.4
"""Cosine of 4-gram vectors from which two messages never stand on both sides of a fold."""
REPEATED = 0.5
"""A legal question is left out of training when the measuring questions hold more than this share of its 4-grams."""

_LABOUR_WORDS = re.compile(
    "工资|薪水|薪资|工伤|劳动合同|劳动仲裁|劳动关系|加班|社保|辞退|辞职|离职|试用期|产假|上班|工作|单位|公司|老板|打工|干活|员工|职工|入职|工地"
)
_SURELY_LABOUR = re.compile(
    "(拖欠|克扣|不发|没发|不给|欠).{0,6}(工资|工钱|薪)|(工资|工钱).{0,8}(拖欠|克扣|不发|没发|不给|要不回)|工伤|劳动仲裁|劳动合同|劳动关系|加班费"
    "|(公司|单位|厂里?|老板).{0,12}(辞退|开除|解雇|裁员|不交社保|没交社保)|试用期|产假"
)


@dataclass(frozen=True)
class Message:
    """One training message.

    Attributes:
        origin: `real`, `written`, `phrase`, `question` (legal, no code) or `taught` (real, never measured on).
        purpose: one of `PURPOSES`; empty where nobody read it.
        need: a service wished for (需求) rather than a grievance (诉求); None where nobody read it.
        crisis: words of danger, as people read them; None where nobody did.
        grade: the readers' grade; empty where there is none.
        workers, amount, months, employer: as the readers found them in the text, empty where it says none.
        later: labelled after the settings of the reader had been chosen.
    """

    title: str
    text: str
    code: str
    second_code: str
    labour: bool
    origin: str
    purpose: str = ""
    need: bool | None = None
    crisis: bool | None = None
    grade: str = ""
    workers: str = ""
    amount: str = ""
    months: str = ""
    employer: str | None = None
    later: bool = False

    @property
    def words(self) -> str:
        """What the models read."""
        return whole_text(self.title, self.text)


def letter_digest(title: str, text: str) -> str:
    """Sixteen hexadecimal digits that name a real letter, whatever its row."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:16]


def read_rows(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a UTF-8 table; `BadInput` names a missing file or column."""
    if not path.is_file():
        raise BadInput(path.name, f"找不到训练数据：{path.name}")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        table = csv.DictReader(handle)
        missing = [name for name in needed if name not in (table.fieldnames or [])]
        if missing:
            raise BadInput(path.name, f"{path.name} 缺少列：{'、'.join(missing)}")
        return list(table)


def real_messages(data: Path, labels: Path = LABELS) -> list[Message]:
    """The labelled messages of a folder: `appeals_labelled.csv`, and `messages.csv` as far as `labels` names it."""
    more = {row["id"]: row for file in sorted(labels.glob("more_*.csv")) for row in read_rows(file, ("id",))}
    rows = read_rows(data / "appeals_labelled.csv", ("id", "title", "text", "labour", "code", "code2"))
    known = [row for row in rows if row["code"] in categories()]
    found = [_message({**row, **more.get(row["id"], {})}, later=False) for row in known]
    files = sorted(labels.glob("new_*.csv"))
    if files:
        texts = read_rows(data / "messages.csv", ("title", "text"))
        seen = {message.text for message in found}
        for file in files:
            for row in read_rows(file, ("id", "labour", "code", "code2")):
                if int(row["id"]) >= len(texts):
                    raise BadInput(
                        "messages.csv", f"messages.csv 没有 {file.name} 所标的第 {row['id']} 行，不是标注时的那份数据"
                    )
                text = texts[int(row["id"])]
                if row["code"] in categories() and text["text"] not in seen:
                    seen.add(text["text"])
                    found.append(_message({**row, "title": text["title"], "text": text["text"]}, later=True))
    return found


def taught_messages(data: Path, labels: Path = LABELS) -> list[Message]:
    """Letters of `messages.csv` that `taught.csv` names by their digests: chosen where the reader wavered, to teach it.

    Nothing is measured on them, for they stand for no ordinary mixture. None where the labels hold no such table.
    """
    file = labels / "taught.csv"
    if not file.is_file():
        return []
    rows = read_rows(data / "messages.csv", ("title", "text"))
    texts = {letter_digest(row["title"], row["text"]): row for row in rows}
    found = []
    for row in read_rows(file, ("digest", "labour", "code", "code2")):
        if row["digest"] not in texts:
            raise BadInput("messages.csv", f"messages.csv 没有 {file.name} 所标的来信 {row['digest']}")
        if row["code"] in categories():
            found.append(_message({**row, **texts[row["digest"]]}, later=True, origin="taught"))
    return found


def _message(row: dict[str, str], *, later: bool, origin: str = "real") -> Message:
    purpose = row.get("kind") or ""
    return Message(
        row["title"],
        row["text"],
        row["code"],
        row["code2"] or "",
        row["labour"] == "1",
        origin,
        purpose=purpose if purpose in PURPOSES else "",
        need=_yes(row.get("need")),
        crisis=_yes(row.get("crisis")),
        grade=row.get("grade") or "",
        workers=row.get("workers") or "",
        amount=row.get("amount") or "",
        months=row.get("months") or "",
        employer=row.get("employer"),
        later=later,
    )


def _yes(value: str | None) -> bool | None:
    return {"0": False, "1": True}.get(value or "")


def invented_messages() -> list[Message]:
    """The messages of `written/*.csv` and the taxonomy's own phrases."""
    folder = resources.files("gongqing.language").joinpath("written")
    found: list[Message] = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".csv"):
            rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
            found += [Message("", row["text"], row["code"], "", row["labour"] == "1", "written") for row in rows]
    for code, kind in categories().items():
        labour = not code.startswith("OT")
        found += [Message("", phrase, code, "", labour, "phrase") for phrase in (*kind.phrases, kind.definition)]
    return found


def legal_questions(data: Path) -> list[Message]:
    """Legal questions that are surely about labour or surely not; the unclear ones are left out.

    So is what nearly repeats a question of `legal_topics.csv`, which only measures.
    """
    measuring = {gram for row in read_rows(data / "legal_topics.csv", ("text",)) for gram in long_ngrams(row["text"])}
    found: list[Message] = []
    for row in read_rows(data / "legal_questions.csv", ("text",)):
        sure, touched = _SURELY_LABOUR.search(row["text"]), _LABOUR_WORDS.search(row["text"])
        grams = set(long_ngrams(row["text"]))
        repeats = len(grams & measuring) > REPEATED * len(grams)
        if (sure or not touched) and not repeats:
            found.append(Message("", row["text"], "", "", bool(sure), "question"))
    return found


def near_duplicate_groups(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """A group number for each text; texts of which one nearly repeats the other share it."""
    vectors = TfidfVectorizer(analyzer=long_ngrams, min_df=2, dtype=np.float32).fit_transform(texts)
    alike = csr_matrix((vectors @ vectors.T) > NEAR_DUPLICATE)
    return np.asarray(connected_components(alike, directed=False)[1], np.int64)


def long_ngrams(text: str) -> list[str]:
    """The n-grams of four characters, as often as they stand there; by them near-duplicates are told."""
    return [gram for gram in ngrams(text, longest=4) if len(gram) == 4]
