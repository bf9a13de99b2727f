"""What does the record of a talk ask for?"""

from __future__ import annotations

from django import forms

from gongqing.dispatch.forms.desk import StepForm, line, words


class InterviewForm(StepForm):
    """When, who, what was said, what was agreed; the action says what is missing."""

    held_at = forms.DateTimeField(
        label="什么时候谈的",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "请填写日期和时间，例如 2025-10-20 14:30。"},
    )
    people = line("哪些人参加", required=False, most=200, hint="例如：新碶街道总工会主席王某、区总工会权益保障部。")
    said = words("谈了什么", required=False, hint="为什么超时、有什么困难。", rows=4)
    agreed = words("谈定什么", required=False, hint="谁、几时、办到哪一步。", rows=3)
