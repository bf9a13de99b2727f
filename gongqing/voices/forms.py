"""What do the steps of a shared need ask for?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from gongqing.lib.errors import BadInput
from gongqing.voices.models import SharedNeed
from gongqing.voices.rules.hearing import ROUTE_WORDS
from gongqing.voices.rules.track import LONGEST


class _Words(forms.CharField):
    """Words as people paste them: a NUL is dropped, a line's end counts once."""

    default_error_messages = {"max_length": "最多 %(limit_value)d 字，现在 %(show_value)d 字，请删短一些。"}

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("\x00", "").replace("\r\n", "\n") if isinstance(value, str) else value)


def _line(label: str, *, hint: str = "", required: bool = True, most: int = 128) -> _Words:
    return _Words(label=label, help_text=hint, required=required, max_length=most, widget=forms.TextInput())


def _words(label: str, *, hint: str = "", rows: int = 3, most: int = LONGEST) -> _Words:
    return _Words(label=label, help_text=hint, max_length=most, widget=forms.Textarea(attrs={"rows": rows}))


class NeedForm(forms.Form):
    """A step of a need; `step` keeps the ids of several forms on one page apart."""

    def __init__(self, data: Any = None, *, need: SharedNeed | None = None, step: str = "") -> None:
        super().__init__(data, auto_id=f"{step}-%s", initial=self.before(need) if need else {})

    def before(self, need: SharedNeed) -> dict[str, Any]:
        """What stands in the fields before anybody writes."""
        return {}

    def refuse(self, error: BadInput) -> None:
        """Write a refusal beside its field, or over the form when it has none there."""
        self.add_error(error.field if error.field in self.fields else None, error.message)


class TakeUpForm(NeedForm):
    """Make it one's own."""

    title = _line("叫什么", hint="职工和领导一看就懂，不写人名。", most=60)
    route = forms.ChoiceField(label="怎么办", choices=list(ROUTE_WORDS.items()), widget=forms.RadioSelect)
    partner = _line("请谁一起办", required=False, hint="例如：区人大代表联络站、区交通运输局。自己办活动的可以不填。")
    plan = _words("下一步谁做什么", rows=2)

    def before(self, need: SharedNeed) -> dict[str, Any]:
        """Its present name and the route that is suggested."""
        return {"title": need.title, "route": need.suggested_route}


class DismissForm(NeedForm):
    """It is none."""

    reason = _words("为什么不成立", hint="例如：几件说的不是同一件事；记下后不再提示。", rows=2)


class AnswerForm(NeedForm):
    """What was answered."""

    answered_by = _line("谁答复的")
    answer = _words("答复了什么")

    def before(self, need: SharedNeed) -> dict[str, Any]:
        """Whoever was asked, and the answer that is known."""
        return {"answered_by": need.answered_by or need.partner, "answer": need.answer}


class FinishForm(NeedForm):
    """What was done."""

    result = _words("办成了什么", hint="从哪天起、在哪里、惠及谁。")
    done_on = forms.DateField(
        label="办成的日子",
        required=False,
        help_text="今天办成的不用填。",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class FeedBackForm(NeedForm):
    """What everybody is told."""

    words = _words("告诉职工的话", hint="每位说过的职工都会收到，每人一次；不要写别人的姓名和单位。", most=200)

    def before(self, need: SharedNeed) -> dict[str, Any]:
        """What was done, to be made plainer."""
        return {"words": need.result[:200]}


class RenameForm(NeedForm):
    """Another name."""

    title = _line("叫什么", hint="地方和要办的事，例如：鄞州区 · 夜班公交（加开班次）。不写人名和单位名。", most=60)

    def before(self, need: SharedNeed) -> dict[str, Any]:
        """Its present name."""
        return {"title": need.title}


class MergeForm(NeedForm):
    """The same as another one; `others` are those that it may be merged into."""

    into = forms.IntegerField(
        label="并入哪一项", widget=forms.Select, error_messages={"invalid": "请选一项。", "required": "请选一项。"}
    )
    reason = _line("为什么是同一件事", hint="并入后一起办、一起反馈，每位职工只收到一次；可以再拆开。", most=200)

    def offer(self, others: Sequence[SharedNeed]) -> None:
        """Let one of these be chosen."""
        choices = [(each.pk, f"{each.title}（{each.organisation}，{each.person_count} 人）") for each in others]
        cast("forms.Select", self.fields["into"].widget).choices = [("", "请选择"), *choices]


class SeparateForm(NeedForm):
    """Not the same after all."""

    reason = _line("为什么不是同一件事", hint="拆出后，原来的件和办到的一步都回到这一项。", most=200)


class SplitOffForm(NeedForm):
    """A need of its own."""

    title = _line("新的一项叫什么", most=60)
    reason = _line("为什么不是同一件事", most=200)


class TakeBackForm(NeedForm):
    """It belongs to it after all: nothing is asked for."""


class LeaveOutForm(NeedForm):
    """Something else."""

    reason = _line("为什么不是同一件事", most=200)
