"""What does the record of a talk ask for?"""

from __future__ import annotations

from typing import Any

from django import forms

from gongqing.dispatch.forms.desk import StepForm, line, words

MISSING = {
    "people": "请写明哪些人参加。",
    "said": "请写明谈了什么：为什么超时、有什么困难。",
    "agreed": "请写明谈定了什么：谁、几时、办到哪一步。",
}


class InterviewForm(StepForm):
    """When, who, what was said, what was agreed."""

    held_at = forms.DateTimeField(
        label="什么时候谈的",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": "请填写什么时候谈的。",
            "invalid": "请填写日期和时间，例如 2025-10-20 14:30。",
        },
    )
    people = line("哪些人参加", most=200, hint="例如：新碶街道总工会主席王某、区总工会权益保障部。")
    said = words("谈了什么", hint="为什么超时、有什么困难。", rows=4)
    agreed = words("谈定什么", hint="谁、几时、办到哪一步。", rows=3)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, verb="interview")
        for name, missing in MISSING.items():
            self.fields[name].error_messages["required"] = missing
