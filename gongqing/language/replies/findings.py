"""What can be found about a reply?"""

from __future__ import annotations

from dataclasses import dataclass

from gongqing.language.facts.spans import Evidence
from gongqing.lib.choices import Choice


class Kind(Choice):
    """What a finding is about."""

    EMPTY = "empty", "没有内容"
    OFF_TOPIC = "off_topic", "答非所问"
    INCOMPLETE = "incomplete", "没有答全"
    PERSONAL = "personal", "写了别人的信息"
    AMOUNTS = "amounts", "数目对不上"
    UNLAWFUL = "unlawful", "和法律不一样"
    PROMISE_PAST = "promise_past", "答应的日子已过"
    PROMISE_VAGUE = "promise_vague", "没有说几时"
    LONG_SENTENCES = "long_sentences", "句子太长"
    WORDING = "wording", "不好懂的词"


WARNINGS = frozenset(
    {
        *(Kind.EMPTY, Kind.OFF_TOPIC, Kind.INCOMPLETE, Kind.PERSONAL),
        *(Kind.AMOUNTS, Kind.UNLAWFUL, Kind.PROMISE_PAST),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the writer of a reply should look at once more.

    Attributes:
        hint: what to do about it, in plain Chinese.
        spans: the words of the reply that it rests on; empty for what is missing.
        points: the asked points that it is about, in the appeal's words.
    """

    kind: Kind
    hint: str
    spans: tuple[Evidence, ...]
    points: tuple[str, ...] = ()

    @property
    def is_warning(self) -> bool:
        """Whether it leaves a worker without an answer or harms somebody."""
        return self.kind in WARNINGS
