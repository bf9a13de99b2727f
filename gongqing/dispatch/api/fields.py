"""What kinds of value do the bodies and answers of the API hold?"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpResponse
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from gongqing.appeals.rules.intake import tidy_text
from gongqing.lib.times import SHANGHAI, local


def _without_controls(text: str) -> str:
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text):
        raise PydanticCustomError("control_characters", "有不能用的控制字符。")
    return text


def _in_shanghai(moment: datetime) -> datetime:
    try:
        return local(moment) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    except OverflowError as error:
        raise PydanticCustomError("datetime_parsing", "日期不在能用的范围内。") from error


def _written(value: Any) -> Any:
    is_written = isinstance(value, datetime) or (isinstance(value, str) and value.strip()[4:5] == "-")
    if not is_written:
        raise PydanticCustomError("datetime_type", "时间要写成 2025-10-13T14:20:00+08:00 这样的文字。")
    return value


def _iso(moment: datetime) -> str:
    return local(moment).isoformat(timespec="seconds")


def sent(answer: BaseModel, status: int = 200) -> HttpResponse:
    """An answer as it leaves, which has been checked against what the API promises when it was made."""
    return HttpResponse(
        answer.model_dump_json().encode(), content_type="application/json; charset=utf-8", status=status
    )


# a code or a word of a closed list: no control characters
Token = Annotated[str, StringConstraints(max_length=128), AfterValidator(_without_controls)]
# an appeal's code in a path; spaces, dashes, case and width do not matter
Code = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "description": "诉求编号。 The appeal's code.", "example": "GQ3302062025101300000413"}
    ),
]
# what a person writes: tidied of control characters, never reworded
Words = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(tidy_text)]
ShortWords = Annotated[str, StringConstraints(max_length=500), AfterValidator(tidy_text)]
# a moment without zone is Shanghai's
GivenMoment = Annotated[datetime, BeforeValidator(_written), AfterValidator(_in_shanghai)]
Moment = Annotated[
    datetime,
    PlainSerializer(_iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
Yuan = Annotated[Decimal, Field(ge=0, lt=1_000_000_000_000, decimal_places=2, allow_inf_nan=False)]
# an id; JSON true is not 1
Number = Annotated[int, Field(strict=True)]
People = Annotated[int, Field(ge=0, le=1_000_000)]
