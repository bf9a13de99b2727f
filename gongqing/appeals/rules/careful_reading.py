"""When does a careful reading settle what an appeal is about, and what is said of it in the trace?"""

from __future__ import annotations

from gongqing.language.classify import Reading, words_read


def may_settle(reading: Reading, text: str, title: str) -> bool:
    """Whether a reading is as sure as one that settles on receipt; never for words that order the reader about."""
    return not reading.needs_person and not words_read(text, title)[2]


def note_of(name: str, confidence: float, before: float | None, *, is_settled: bool) -> str:
    """What a careful reading came to, in a sentence for the trace.

    Args:
        name: of the category that it takes it for.
        before: how sure the reading on receipt was.
    """
    was = f"，收到时是 {before:.0%}" if before is not None else ""
    end = "够确定，按机器分类派单" if is_settled else "仍请人确认"
    return f"细读后像{name}，把握 {confidence:.0%}{was}；{end}"
