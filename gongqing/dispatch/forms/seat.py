"""What does a seat type while somebody speaks, and what does it write after ringing back or checking?"""

from __future__ import annotations

from typing import Any

from django import forms

from gongqing.appeals.models import HotlineKind, Satisfaction
from gongqing.appeals.rules.intake import LONGEST_TEXT
from gongqing.dispatch.forms.desk import StepForm, line, words
from gongqing.dispatch.rules.hotline import INCOMING, OUTGOING, PLAIN_ENDINGS, CallOutcome
from gongqing.dispatch.rules.quality import POINTS, Mark
from gongqing.lib.errors import BadInput

PAGE_FIELDS = {
    "person.phone": "phone",
    "person.name": "name",
    "region_code": "place",
    "category": "category",
    "code": "category",
}


class NumberForm(StepForm):
    """Who is calling."""

    phone = line("来电号码", required=False, hint="没有显示号码就空着。", most=20)


class SeatForm(StepForm):
    """The caller's words and what goes with them; what was typed is kept on this computer until it is sent."""

    text = words("来电人说的事", rows=9, most=LONGEST_TEXT)
    employer = line("用人单位", required=False, list_id="employers")
    place = line("事情发生在", required=False, list_id="towns", most=64)
    name = line("来电人姓名", required=False, most=64)
    phone = line("回电另用号码", required=False, most=20)
    hotline_kind = forms.ChoiceField(
        label="热线件", choices=HotlineKind.choices, widget=forms.RadioSelect, initial=HotlineKind.ORDINARY
    )
    category = line("分类", required=False, list_id="categories")
    anonymous_to_employer = forms.BooleanField(label="不让单位知道是谁反映的", required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, verb="seat")

    def clean_category(self) -> str:
        """The code at the beginning of `LE01 工资拖欠与克扣`."""
        return str(self.cleaned_data["category"]).strip()[:4].strip().upper()

    def refuse(self, error: BadInput) -> None:
        """Write a refusal at the field that the page shows for it."""
        super().refuse(BadInput(PAGE_FIELDS.get(error.field, error.field), error.message))


class EndForm(StepForm):
    """How a call without a new appeal ended."""

    outcome = forms.ChoiceField(label="这通电话的结果", choices=[], widget=forms.RadioSelect)
    note = line("记一句", required=False, most=500)

    def __init__(self, data: Any = None, *, done: str = "") -> None:
        super().__init__(data, verb="end")
        known: Any = self.fields["outcome"]
        offered = [one for one in INCOMING if one == done] if done else list(PLAIN_ENDINGS)
        known.choices = [(one.value, one.label) for one in offered]
        self.initial = {"outcome": done}
        self.done_words = CallOutcome.label_of(done) if done else ""


class CallBackOutcomeForm(StepForm):
    """What came of ringing somebody back."""

    outcome = forms.ChoiceField(
        label="打通了吗", choices=[(one.value, one.label) for one in OUTGOING], widget=forms.RadioSelect
    )
    note = words("职工怎么说", required=False, rows=3, hint="接通了必须写；不满意的，写清哪里没办好。")
    satisfaction = forms.ChoiceField(
        label="职工的评价",
        required=False,
        choices=[("", "没有评价"), *Satisfaction.choices],
        widget=forms.RadioSelect,
        help_text="职工亲口说的才记；不满意的会退回重办，升一级。",
    )

    def __init__(self, data: Any = None, *, can_judge: bool) -> None:
        super().__init__(data, verb="back")
        if not can_judge:
            del self.fields["satisfaction"]


class QualityForm(StepForm):
    """The points of a check and what the seat is told about them."""

    note = words("给坐席的话", required=False, rows=3, hint="有扣分的必须写：哪里不对、该怎么做。")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, verb="check")
        points: dict[str, forms.Field] = {
            point.code: forms.ChoiceField(
                label=f"{point.name}（{point.weight} 分）",
                help_text=point.hint,
                choices=Mark.choices(),
                widget=forms.RadioSelect,
            )
            for point in POINTS
        }
        self.fields = {**points, "note": self.fields["note"]}
