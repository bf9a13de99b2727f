"""Everything that is done with what many workers say: read it, hear needs in it, take them to their end."""

from gongqing.voices.actions.gathering import gather_needs
from gongqing.voices.actions.reading import forget_text, read_texts
from gongqing.voices.actions.tracking import (
    answer_need,
    dismiss_need,
    feed_back_need,
    finish_need,
    leave_out_voice,
    take_up_need,
)

__all__ = [
    "answer_need",
    "dismiss_need",
    "feed_back_need",
    "finish_need",
    "forget_text",
    "gather_needs",
    "leave_out_voice",
    "read_texts",
    "take_up_need",
]
