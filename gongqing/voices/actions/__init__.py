"""Everything that is done with what many workers say: read it, hear needs in it, take them to their end."""

from gongqing.voices.actions.gathering import gather_needs, place_voices
from gongqing.voices.actions.merging import merge_needs, separate_need, split_off_need
from gongqing.voices.actions.reading import forget_text, read_texts
from gongqing.voices.actions.tracking import (
    answer_need,
    dismiss_need,
    feed_back_need,
    finish_need,
    leave_out_voice,
    rename_need,
    take_back_voice,
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
    "merge_needs",
    "place_voices",
    "read_texts",
    "rename_need",
    "separate_need",
    "split_off_need",
    "take_back_voice",
    "take_up_need",
]
