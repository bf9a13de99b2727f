"""How are the shipped weights made, and how good are they on messages that they never saw?

Training reads real labelled messages and real legal questions from a folder given by the caller, and the invented
messages and the phrases of the taxonomy shipped with the package. Folds keep near-duplicates together; invented
messages are counted apart from real ones. The same inputs give the same weights. Needs scikit-learn.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from gongqing.language.linear import LinearModel, softmax
from gongqing.language.names import may_name_person, names_in
from gongqing.language.taxonomy import categories
from gongqing.language.text import ngram_counts, ngrams, whole_text
from gongqing.lib.errors import BadInput

FOLDS = 5
SEED = 7
RARE = 3
"""An n-gram enters a vocabulary when at least this many unrelated messages hold it."""
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
    """One training message: `origin` is `real`, `written`, `phrase` or `question` (legal, no code)."""

    title: str
    text: str
    code: str
    second_code: str
    labour: bool
    origin: str

    @property
    def words(self) -> str:
        """What the models read."""
        return whole_text(self.title, self.text)


@dataclass(frozen=True)
class HeldOut:
    """What models said about messages that they were not trained on.

    Attributes:
        messages: those judged, in the order of the rows below.
        scores: raw scores, shape (messages, 32).
        labour_scores: raw scores, shape (messages,).
        classes: the 32 codes in the order of the columns.
    """

    messages: list[Message]
    scores: npt.NDArray[np.float64]
    labour_scores: npt.NDArray[np.float64]
    classes: tuple[str, ...]


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


def real_messages(data: Path) -> list[Message]:
    """The labelled messages of a data folder (`appeals_labelled.csv`)."""
    rows = read_rows(data / "appeals_labelled.csv", ("title", "text", "labour", "code", "code2"))
    return [
        Message(row["title"], row["text"], row["code"], row["code2"], row["labour"] == "1", "real")
        for row in rows
        if row["code"] in categories()
    ]


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
    measuring = {gram for row in read_rows(data / "legal_topics.csv", ("text",)) for gram in _long_ngrams(row["text"])}
    found: list[Message] = []
    for row in read_rows(data / "legal_questions.csv", ("text",)):
        sure, touched = _SURELY_LABOUR.search(row["text"]), _LABOUR_WORDS.search(row["text"])
        grams = set(_long_ngrams(row["text"]))
        repeats = len(grams & measuring) > REPEATED * len(grams)
        if (sure or not touched) and not repeats:
            found.append(Message("", row["text"], "", "", bool(sure), "question"))
    return found


def near_duplicate_groups(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """A group number for each text; texts of which one nearly repeats the other share it."""
    vectors = TfidfVectorizer(analyzer=_long_ngrams, min_df=2, dtype=np.float32).fit_transform(texts)
    alike = csr_matrix((vectors @ vectors.T) > NEAR_DUPLICATE)
    return np.asarray(connected_components(alike, directed=False)[1], np.int64)


def _long_ngrams(text: str) -> list[str]:
    return [gram for gram in ngrams(text, longest=4) if len(gram) == 4]


def train_codes(messages: Sequence[Message]) -> LinearModel:
    """One-vs-rest squared-hinge model of the 32 codes; thin categories weigh more, by the square root."""
    codes = [message.code for message in messages]
    counts = Counter(codes)
    weights = {code: (len(codes) / count / len(counts)) ** 0.5 for code, count in counts.items()}
    return _train(messages, codes, LinearSVC(C=1.0, class_weight=weights, random_state=SEED))


def train_labour(messages: Sequence[Message]) -> LinearModel:
    """Model of labour relevance; both sides weigh the same, a legal question half a message."""
    weights = np.array([0.5 if message.origin == "question" else 1.0 for message in messages])
    labels = [str(int(message.labour)) for message in messages]
    return _train(messages, labels, LinearSVC(C=1.0, class_weight="balanced", random_state=SEED), weights)


def _train(
    messages: Sequence[Message],
    labels: Sequence[str],
    learner: Any,
    sample_weight: npt.NDArray[np.float64] | None = None,
) -> LinearModel:
    texts = [message.words for message in messages]
    vectorizer = TfidfVectorizer(analyzer=ngrams, sublinear_tf=True, vocabulary=_frequent(texts))
    learner.fit(vectorizer.fit_transform(texts), labels, sample_weight=sample_weight)
    classes = tuple(learner.classes_)
    return LinearModel(
        vocabulary=dict(vectorizer.vocabulary_),
        idf=vectorizer.idf_.astype(np.float32),
        weights=np.ascontiguousarray(learner.coef_.T, np.float32),
        intercepts=np.asarray(learner.intercept_, np.float32),
        classes=classes if len(classes) > 2 else classes[1:],
        scale=1.0,
        shift=0.0,
    )


def _frequent(texts: Sequence[str]) -> dict[str, int]:
    """N-grams held by at least three groups of messages (near-duplicates count once) that name nobody."""
    groups = near_duplicate_groups(texts)
    holding = {(gram, int(group)) for text, group in zip(texts, groups, strict=True) for gram in ngrams(text)}
    held = Counter(gram for gram, _ in holding)
    names = names_in(texts)
    kept = sorted(gram for gram, count in held.items() if count >= RARE and not may_name_person(gram, names))
    return {gram: row for row, gram in enumerate(kept)}


def scores_of(model: LinearModel, messages: Sequence[Message]) -> npt.NDArray[np.float64]:
    """Calibrated scores, shape (messages, classes); a text without a known n-gram gets the intercepts."""
    return np.array([model.logits(*model.features(ngram_counts(message.words))) for message in messages], np.float64)


def folds_of(messages: Sequence[Message]) -> Iterator[tuple[list[int], list[int]]]:
    """Five pairs of places to learn from and to judge; near-duplicates stay on one side."""
    groups = near_duplicate_groups([message.words for message in messages])
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    codes = [message.code for message in messages]
    for learn, judge in splitter.split(codes, codes, groups):
        yield learn.tolist(), judge.tolist()


def held_out(messages: Sequence[Message], phrases: Sequence[Message], questions: Sequence[Message]) -> HeldOut:
    """Judge every real and written message by models that never saw it; phrases and questions only teach."""
    classes = tuple(categories())
    scores = np.zeros((len(messages), len(classes)))
    labour = np.zeros(len(messages))
    for learn, judge in folds_of(messages):
        known, unseen = [messages[place] for place in learn], [messages[place] for place in judge]
        codes = train_codes([*known, *phrases])
        columns = [classes.index(code) for code in codes.classes]
        scores[np.ix_(judge, columns)] = scores_of(codes, unseen)
        labour[judge] = scores_of(train_labour([*known, *phrases, *questions]), unseen)[:, 0]
    return HeldOut(list(messages), scores, labour, classes)


def calibrated(model: LinearModel, scale: float, shift: float = 0.0) -> LinearModel:
    """The same model with scores that become probabilities."""
    return replace(model, scale=scale, shift=shift)


def scale_of_codes(judged: HeldOut) -> float:
    """The factor that makes held-out real messages likeliest under the softmax of their scores."""
    rows = [place for place, message in enumerate(judged.messages) if message.origin == "real"]
    truth = [judged.classes.index(judged.messages[place].code) for place in rows]

    def surprise(scale: float) -> float:
        shares = np.array([softmax((judged.scores[place] * scale).astype(np.float32)) for place in rows])
        return float(-np.log(shares[np.arange(len(rows)), truth] + 1e-9).mean())

    return float(minimize_scalar(surprise, bounds=(0.2, 30.0), method="bounded").x)


def platt_of_labour(judged: HeldOut) -> tuple[float, float]:
    """Scale and shift that make held-out labour scores of real messages log-odds."""
    rows = [place for place, message in enumerate(judged.messages) if message.origin == "real"]
    truth = [judged.messages[place].labour for place in rows]
    fitted = LogisticRegression(C=1e6).fit(judged.labour_scores[rows].reshape(-1, 1), truth)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
