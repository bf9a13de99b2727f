"""What may come in through a door, and what is it called?"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import add

from gongqing.language.facts.personal import mask_personal
from gongqing.lib.characters import TURNING
from gongqing.lib.errors import BadInput

LONGEST_TEXT = 20_000
LONGEST_TITLE = 200
LONGEST_QUERY = 200
OLDEST = timedelta(days=3650)
UNSEEN = frozenset("\u00ad\u180e\u200b\u200c\u200e\u200f\u2060\ufeff")  # would hide words from the search
_BLANKS = re.compile(r"[ \t\u3000]+")
_LINES = re.compile(r"\n{3,}")
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Intake:
    """What a door hands over.

    Attributes:
        source: which door or partner, e.g. `worker_app`.
        external_id: the door's own number; with `source` it makes a repeat recognisable.
        channel: how the worker spoke, one of `models.Channel`.
        text: the worker's own words.
        kind: `appeal`, `need`, or empty to let the category decide.
        received_at: when the worker spoke; None for now.
        together_with: code of an open appeal of the same employer that this one joins.
        hotline_kind: how hard a matter of the 12351 hotline is, one of `models.HotlineKind`; empty elsewhere.
        source_due_at: the day by which the source itself asks for an answer.
        person_line: a land line; it may be called back, but finds nobody, for many share one.
        allows_study: the words, without name and phone, may be used to better the sorting.
        wants_messages: the person agrees to be told by short message.
    """

    source: str
    external_id: str
    channel: str
    text: str
    title: str = ""
    kind: str = ""
    region_code: str = ""
    place: str = ""
    longitude: float | None = None
    latitude: float | None = None
    employer: str = ""
    person_name: str = ""
    person_phone: str = ""
    anonymous_to_employer: bool = False
    received_at: datetime | None = None
    together_with: str = ""
    hotline_kind: str = ""
    source_due_at: datetime | None = None
    person_line: str = ""
    allows_study: bool = False
    wants_messages: bool = True


def tidy_text(text: str) -> str:
    """The words without control characters and stray blanks; the wording is never changed."""
    kept = text if text.replace("\n", "").isprintable() else _without_controls(text)
    return _LINES.sub("\n\n", _BLANKS.sub(" ", kept)).strip()


def _without_controls(text: str) -> str:
    return "".join(
        "\n" if char in "\r\n\u2028\u2029" else char
        for char in text.replace("\r\n", "\n")
        if char in "\r\n\t\u2028\u2029"
        or (unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"} and char not in TURNING | UNSEEN)
    )


def check_text(text: str) -> str:
    """The tidy words of an appeal.

    Raises:
        BadInput: nothing is said, or more than `LONGEST_TEXT` characters.
    """
    words = tidy_text(text)
    if not any(char.isalnum() for char in words):
        raise BadInput("text", "请写下发生了什么事，哪怕只有一句话。")
    if len(words) > LONGEST_TEXT:
        raise BadInput("text", f"内容太长（{len(words)} 字），最多 {LONGEST_TEXT} 字；请写要点，其余作为附件上传。")
    return words


def check_received_at(received_at: datetime, *, at: datetime) -> None:
    """Refuse a moment at which nobody can have spoken.

    Raises:
        BadInput: in the future, or more than ten years ago.
    """
    if received_at > at + timedelta(minutes=5):
        raise BadInput("received_at", "收到时间在将来，请核对日期。")
    if received_at < at - OLDEST:
        raise BadInput("received_at", "收到时间早于十年前，请核对日期。")


def title_given(title: str) -> str:
    """A title that somebody wrote, tidy, masked and not too long; empty when there is none."""
    return mask_personal(tidy_text(title))[:LONGEST_TITLE]


def indexed(text: str) -> tuple[str, list[str]]:
    """`searchable` and `grams_of` of a text at once."""
    said = folded(text)
    plain = _words_in(said)
    return f"{plain}\n{said}", _grams(said, plain)


def grams_of(text: str) -> list[str]:
    """The distinct pairs of neighbouring characters, as said and as words alone, in order of the alphabet.

    A text shorter than two characters gives none.
    """
    return indexed(text)[1]


def searchable(text: str) -> str:
    """The text as search sees it: a line of words alone, and a line with every sign as it was said."""
    return indexed(text)[0]


def folded(text: str) -> str:
    """Width and case folded, every blank a single one, signs kept."""
    seen = unicodedata.normalize("NFKC", text).lower().replace("\n", " ")
    if not seen.isprintable():
        seen = "".join(char if char.isprintable() else " " for char in seen)
    # a backslash would escape what follows it in a text search query
    return " ".join(seen.replace("\\", "＼").split())


def _words_in(said: str) -> str:
    """The letters and digits of a folded text, a blank where signs were."""
    return _SIGNS.sub(" ", said).strip()


def _grams(said: str, plain: str) -> list[str]:
    pairs, of_words = set(map(add, said, said[1:])), set(map(add, plain, plain[1:]))
    return sorted(pairs.union(pair for pair in of_words - pairs if " " not in pair))


def phrases_of(query: str) -> list[str]:
    """The phrases of a query that must each occur, at least two characters long.

    Words are sought wherever they stand; a query without a word of two characters is sought as it was written.

    Raises:
        BadInput: fewer than two characters, or more than `LONGEST_QUERY`.
    """
    if len(query) > LONGEST_QUERY:
        raise BadInput("q", f"查找的字最多 {LONGEST_QUERY} 个，现在 {len(query)} 个，请删短一些。")
    phrases = [phrase for phrase in _words_in(folded(query)).split(" ") if len(phrase) >= 2]
    if not phrases and len(folded(query)) >= 2:
        return [folded(query)]
    if not phrases:
        raise BadInput("q", "请输入至少两个字再查找。")
    return phrases[:8]
