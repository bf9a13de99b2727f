"""What belongs into the record of a talk with a handler that is late?"""

from __future__ import annotations

from datetime import datetime

from gongqing.lib.errors import BadInput
from gongqing.lib.times import in_words

SHORTEST = 4


def check_record(
    *, held_at: datetime | None, made_at: datetime, at: datetime, people: str, said: str, agreed: str
) -> None:
    """Refuse a record that says too little, or a talk that was not held between the call and now.

    Raises:
        BadInput: on the field.
    """
    if held_at is None:
        raise BadInput("held_at", "请填写什么时候谈的。")
    if held_at > at:
        raise BadInput("held_at", "约谈时间还没有到，谈过以后再填。")
    if held_at < made_at:
        raise BadInput("held_at", f"约谈时间早于发起的时间（{in_words(made_at)}），请核对。")
    if len(people.strip()) < 2:
        raise BadInput("people", "请写明哪些人参加。")
    if len(said.strip()) < SHORTEST:
        raise BadInput("said", "请写明谈了什么：为什么超时、有什么困难。")
    if len(agreed.strip()) < SHORTEST:
        raise BadInput("agreed", "请写明谈定了什么：谁、几时、办到哪一步。")
