"""What does the page of the reader ask for?"""

from __future__ import annotations

from django import forms

from gongqing.appeals.rules.readers import LONGEST_REASON


class RunForm(forms.Form):
    """Which version is to speak from now on, and why."""

    version = forms.CharField(max_length=32, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="为什么换",
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请写明为什么换，以后查得到。"},
    )
