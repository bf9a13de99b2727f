"""Which pieces of a Chinese text may a model look at?

Everything that could single out a person or a place is taken away before counting: digits become one `0`, addresses on
the web, masked places and salutations disappear, and what is neither Chinese, Latin nor a digit only separates.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

LONGEST = 4000
"""Characters of a message that are read; what matters stands before."""
TITLE_READ = 100
"""Characters of a title that count more than others."""

_ERASED = re.compile(r"https?://\S+|西地省|[A-Za-z]\d*(?=[市区县镇])")
_SALUTATION = re.compile(
    r"^\s*(?:尊敬的|敬爱的)?[\u4e00-\u9fff]{0,8}?(?:书记|市长|县长|区长|厅长|局长|主任|领导|省长)[\u4e00-\u9fff]{0,6}[：:，,！!]\s*"
)
_DIGITS = re.compile(r"[0-9]+")
_WORD = re.compile(r"[0-9a-z\u4e00-\u9fff]+")


def segments(text: str) -> list[str]:
    """The runs of Chinese, Latin letters and `0` of a text's first 4000 characters, in order; never raises."""
    plain = _SALUTATION.sub("", text[:LONGEST])
    plain = unicodedata.normalize("NFKC", _ERASED.sub(" ", plain)).lower()
    return _WORD.findall(_DIGITS.sub("0", plain))


def ngrams(text: str, *, longest: int = 3) -> list[str]:
    """All n-grams of one to `longest` characters inside the segments, with repetitions."""
    return _ngrams_of(segments(text), longest)


def ngram_counts(text: str) -> Counter[str]:
    """How often each n-gram of one to three characters occurs; empty for a text without letters."""
    return counts_of(segments(text))


def counts_of(runs: Iterable[str]) -> Counter[str]:
    """`ngram_counts` of a text that is cut into segments already."""
    return Counter(_ngrams_of(runs, 3))


def with_title(counts: Counter[str], title: str, times: int) -> Counter[str]:
    """The counts of title and text with those of the title so many times over; the same ones without a title."""
    if not title:
        return counts
    found = counts.copy()
    for gram, count in ngram_counts(title[:TITLE_READ]).items():
        found[gram] += (times - 1) * count
    return found


def _ngrams_of(runs: Iterable[str], longest: int) -> list[str]:
    found: list[str] = []
    for run in runs:
        found += run
        for size in range(2, longest + 1):
            found += [run[start : start + size] for start in range(len(run) - size + 1)]
    return found


def whole_text(title: str, text: str) -> str:
    """Title and body as the models read them: the title stands on a line of its own."""
    return f"{title}\n{text}" if title else text
