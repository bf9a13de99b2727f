"""What is a message about, is it a matter of workers' rights, what does it want, and how sure are we?

Linear models over character n-grams answer at once; where they are unsure and the caller has ten milliseconds, a
sentence encoder joins. Both ship as numbers under `weights/`, fitted by `gongqing language fit`. Nothing is fetched,
nothing is random; the method and its measured quality are in `docs/methods/classification.md`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from gongqing.language.addressed import without_orders
from gongqing.language.adjusting import Adjustment
from gongqing.language.explaining import carrying_words
from gongqing.language.linear import Floats, Rows
from gongqing.language.shipped import Shipped, opened, read_card
from gongqing.language.taxonomy import MISCELLANEOUS
from gongqing.language.text import counts_of, ngram_counts, segments, whole_text, with_title
from gongqing.language.thanks import is_thanks
from gongqing.language.titles import own_title
from gongqing.language.weighing import CODE_COLUMNS, CODES, PURPOSES, Said, weigh, with_first

_CARD = read_card()

VERSION: str = _CARD["version"]
"""Which fitted weights answer; it changes with every training."""

TRIAGE_BELOW: float = _CARD["triage_below"]
"""A first choice less sure than this waits for a person; chosen on held-out messages."""

SECOND_AT_LEAST: float = _CARD["second_at_least"]
"""A second category is named from this probability on; chosen on held-out messages."""

JOIN_BELOW: float = _CARD["join_below"]
"""A careful reading asks the encoder where n-grams alone are less sure than this."""

TITLE_TIMES: int = _CARD["title_times"]
"""How often the n-grams of the title count; chosen on held-out messages."""

CAREFUL: bool = os.environ.get("GONGQING_READER") == "careful"
"""Whether the encoder joins while an appeal is taken in; some ten milliseconds for half of the appeals."""

_UNREADABLE = 0.05
_ORDERED_AT_MOST = 0.5
"""A text that orders the reader is never surer than this, and so always waits for a person."""
_FOREIGN_AT_MOST = 0.5
_FOREIGN = re.compile(r"[0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the models read in one message.

    Attributes:
        code: the first choice among the 32 categories.
        confidence: calibrated probability that `code` is right, 0–1.
        second_code: a second category, when it is likely enough to be named.
        labour_related: whether it concerns employment or workers' rights (涉劳动关系/职工权益).
        labour_confidence: calibrated probability that `labour_related` is right, 0.5–1.
        top: the three likeliest categories with their probabilities, likeliest first.
        words: at most five words or short phrases of the text that carried the first choice, strongest first.
        version: of the weights.
        purpose: `consult` 咨询, `request` 求决, `suggest` 意见建议 or `praise` 表扬; empty when nothing could be read.
        is_need: it wishes for a service (需求) rather than complaining of a wrong (诉求), as the words have it.
        careful: the encoder has joined.
    """

    code: str
    confidence: float
    second_code: str | None
    labour_related: bool
    labour_confidence: float
    top: tuple[tuple[str, float], ...]
    words: tuple[str, ...]
    version: str
    purpose: str = ""
    is_need: bool = False
    careful: bool = False

    @property
    def needs_person(self) -> bool:
        """Whether the choice waits for a person: OT06 always does, any other below `TRIAGE_BELOW`."""
        return self.code == MISCELLANEOUS or self.confidence < TRIAGE_BELOW


def classify(
    text: str,
    title: str = "",
    *,
    learnt: Adjustment | None = None,
    careful: bool | None = None,
    meaning: Floats | None = None,
    explained: bool = True,
) -> Reading:
    """Read one message; never raises on any string.

    Only the first 4000 characters of title and text are read; a title that was only cut from the text is none. A text
    without one known n-gram (empty, emoji only) is OT06 with a confidence of 0.05. Few different characters, a foreign
    language and sentences that order the reader lower the confidence. What only thanks after the fact is praise, and
    OT06. The same text gives the same reading in every
    thread and process.

    Args:
        learnt: what this city's corrections taught; without it, as shipped.
        careful: ask the encoder as well where n-grams alone are unsure; None as `GONGQING_READER` has it.
        meaning: the encoder's numbers of `words_read`, when the caller has them.
        explained: say which words carried the choice.
    """
    head, body, is_ordered = words_read(text, title)
    words = whole_text(head, body)
    runs = segments(words)
    counts = counts_of(runs)
    shipped = opened()
    weighed = with_title(counts, head, TITLE_TIMES)
    known = shipped.ngrams.known(weighed)
    if not known:
        return _unreadable()
    rows, values = shipped.ngrams.features(weighed, known)
    is_careful = CAREFUL if careful is None else careful
    said, joined = _said(shipped, rows, values, body, head, careful=is_careful, meaning=meaning)
    shares, related = said.codes[0].astype(np.float32), float(said.labour[0])
    if learnt is not None:
        shares, related = learnt.adjusted(CODES, shares, related, counts)
    shares = _limited(shares, _at_most(runs, ordered=is_ordered))
    thanks = is_thanks(words)
    if thanks:
        shares = _only_thanked(shares)
    order = np.argsort(-shares, kind="stable")[:3]
    top = tuple((CODES[place], round(float(shares[place]), 4)) for place in order)
    second = next((code for code, share in top[1:] if share >= SECOND_AT_LEAST and code != MISCELLANEOUS), None)
    purpose = PURPOSES.index("praise") if thanks else int(said.purposes[0].argmax())
    carrying: tuple[str, ...] = ()
    if explained:
        pulls = shipped.ngrams.pull(rows, values, int(order[0]), CODE_COLUMNS)
        carrying = carrying_words(runs, dict(zip(known, pulls.tolist(), strict=True)), shipped.words)
    return Reading(
        code=top[0][0],
        confidence=top[0][1],
        second_code=second,
        labour_related=related >= 0.5,
        labour_confidence=round(max(related, 1 - related), 4),
        top=top,
        words=carrying,
        version=learnt.version if learnt else VERSION,
        purpose=PURPOSES[purpose],
        is_need=bool(said.need[0] >= 0.5),
        careful=joined,
    )


def words_read(text: str, title: str = "") -> tuple[str, str, bool]:
    """Title and text as they are read, without sentences that order the reader, and whether there was one."""
    head, is_ordered = without_orders(own_title(title, text))
    body, is_also = without_orders(text)
    return head, body, is_ordered or is_also


def shipped_shares(text: str, title: str = "") -> tuple[tuple[str, ...], Floats, float] | None:
    """What the shipped n-grams alone say: classes, their probabilities, and that of labour relevance.

    None for a text without one known n-gram. What corrections teach is added to this (`language.adjusting`).
    """
    shipped = opened()
    title = own_title(title, text)
    counts = with_title(ngram_counts(whole_text(title, text)), title, TITLE_TIMES)
    known = shipped.ngrams.known(counts)
    if not known:
        return None
    rows, values = shipped.ngrams.features(counts, known)
    said = weigh(shipped.quick, shipped.ngrams.scores(rows, values)[None, :].astype(np.float64))
    return CODES, said.codes[0].astype(np.float32), float(said.labour[0])


def shipped_vocabulary() -> Collection[str]:
    """The n-grams that the shipped model knows; none of them names anybody."""
    return opened().ngrams.vocabulary.keys()


def _said(
    shipped: Shipped, rows: Rows, values: Floats, text: str, title: str, *, careful: bool, meaning: Floats | None
) -> tuple[Said, bool]:
    """What is said of one text, and whether the encoder joined."""
    scores = shipped.ngrams.scores(rows, values)[None, :].astype(np.float64)
    quick = weigh(shipped.quick, scores)
    related = float(quick.labour[0])
    sure = float(quick.codes.max()) >= JOIN_BELOW and max(related, 1 - related) >= JOIN_BELOW
    if not careful or (sure and CODES[int(quick.codes[0].argmax())] != MISCELLANEOUS):
        return quick, False
    if meaning is None:
        from gongqing.language.encoder import embed  # 100 MB, for careful readings alone

        meaning = embed(text, title)
    meant = meaning @ shipped.meaning_weights + shipped.meaning_intercepts
    return weigh(shipped.careful, scores, meant[None, :].astype(np.float64)), True


def _at_most(runs: Sequence[str], *, ordered: bool) -> float:
    """How sure a reading of so few or such words may be."""
    letters = "".join(runs)
    chinese = {letter for letter in set(letters) if letter >= "\u4e00"}
    written = len(_FOREIGN.sub("", letters))
    most = min(1.0, 0.25 + 0.1 * len(chinese))
    if written * 2 < len(letters):
        most = min(most, _FOREIGN_AT_MOST)
    return min(most, _ORDERED_AT_MOST) if ordered else most


def _limited(shares: Floats, most: float) -> Floats:
    """The same order, with a first share no surer than `most`."""
    if float(shares.max()) <= most:
        return shares
    limited: Floats = with_first(shares[None, :].astype(np.float64), np.array([most]))[0].astype(np.float32)
    return limited


def _only_thanked(shares: Floats) -> Floats:
    """Thanks ask for nothing: no category but the last one, and what was thanked for behind it."""
    moved: Floats = (shares / 2).astype(np.float32)
    moved[CODES.index(MISCELLANEOUS)] += np.float32(0.5)
    return moved


def _unreadable() -> Reading:
    return Reading(
        code=MISCELLANEOUS,
        confidence=_UNREADABLE,
        second_code=None,
        labour_related=False,
        labour_confidence=0.5,
        top=((MISCELLANEOUS, _UNREADABLE),),
        words=(),
        version=VERSION,
    )
