"""What is asked on the pages of duty?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from gongqing.accounts.models import User
from gongqing.dispatch.forms.desk import line, words
from gongqing.dispatch.rules.duty import MOST_RANK, RANK_WORDS
from gongqing.dispatch.rules.duty_patterns import MOST_WEEKS, TURNS
from gongqing.lib.errors import BadInput

RANKS = [(rank, RANK_WORDS[rank]) for rank in range(1, MOST_RANK + 1)]


class DutyForm(forms.Form):
    """A form of a duty page; `verb` keeps the ids of several on one page apart."""

    def __init__(self, data: Any = None, files: Any = None, *, verb: str = "", initial: Any = None) -> None:
        super().__init__(data, files, auto_id=f"{verb}-%s", initial=initial)

    def refuse(self, error: BadInput) -> None:
        """Write a refusal beside its field, or over the form when it has none there."""
        self.add_error(error.field if error.field in self.fields else None, error.message)


def _moment(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget)


def _person(people: Sequence[User]) -> list[tuple[str, str]]:
    return [("", "请选择"), *((str(user.pk), f"{user.name}（{user.username}）") for user in people)]


class ShiftForm(DutyForm):
    user = forms.ChoiceField(label="值班人")
    starts_at = _moment("从")
    ends_at = _moment("到")
    rank = forms.TypedChoiceField(label="顺位", choices=RANKS, coerce=int, initial=1)

    def __init__(self, *given: Any, people: Sequence[User], **more: Any) -> None:
        super().__init__(*given, verb="shift", **more)
        chosen: Any = self.fields["user"]
        chosen.choices = _person(people)


class PatternForm(DutyForm):
    people = words("轮值的人", hint="按轮值顺序填姓名或用户名，用顿号或换行分开。", rows=2)
    first = forms.DateField(label="从哪天起", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    weeks = forms.IntegerField(label="排几周", min_value=1, max_value=MOST_WEEKS, initial=4)
    ranks = forms.IntegerField(
        label="每班几人", min_value=1, max_value=MOST_RANK, initial=2, help_text="第一人先叫，十分钟没有应答叫下一人。"
    )
    turn = forms.ChoiceField(label="怎么轮", choices=list(TURNS.items()), initial="day", widget=forms.RadioSelect)
    nights = forms.BooleanField(label="工作日下班到次日上班", required=False, initial=True)
    noons = forms.BooleanField(label="工作日午间", required=False, initial=True)
    rest_days = forms.BooleanField(label="休息日和节假日全天", required=False, initial=True)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, verb="pattern", **more)


class RosterFileForm(DutyForm):
    file = forms.FileField(
        label="值班表文件",
        help_text="Excel 或 csv，列：值班人、用户名、开始、结束、顺位；导出的文件改好后可以直接传。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods,.csv"}),
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, verb="file", **more)


class ReplaceForm(DutyForm):
    user = forms.ChoiceField(label="由谁来值")
    reason = line("原因", hint="例如：发烧、出差。")

    def __init__(self, *given: Any, people: Sequence[User], **more: Any) -> None:
        super().__init__(*given, verb="replace", **more)
        chosen: Any = self.fields["user"]
        chosen.choices = _person(people)


class SwapForm(DutyForm):
    other = forms.TypedChoiceField(label="和哪一班对换", coerce=int)
    reason = line("原因")

    def __init__(self, *given: Any, others: Sequence[tuple[int, str]], **more: Any) -> None:
        super().__init__(*given, verb="swap", **more)
        chosen: Any = self.fields["other"]
        chosen.choices = [("", "请选择"), *others]


class RemoveForm(DutyForm):
    reason = line("原因")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, verb="remove", **more)


class DutySettingForm(DutyForm):
    needs_roster = forms.BooleanField(label="必须排班，有空岗要提醒", required=False)
    answer_minutes = forms.IntegerField(label="呼叫后几分钟内应答", min_value=3, max_value=60)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, verb="setting", **more)
