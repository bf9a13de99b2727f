"""What does one say to several handlers at once?"""

from __future__ import annotations

from typing import Any

from django import forms

from gongqing.dispatch.forms.desk import StepForm, line, words
from gongqing.dispatch.rules.higher_hands import VERBS


class ManyForm(StepForm):
    """The words to all of them and, for a transfer, where to."""

    organisation = line("转给哪个单位", list_id="places", hint="输入单位名称，或从列表里选。")
    note = words("写给办理单位的话", hint="已经替您写好，可以改；办理单位会看到，留在每件的过程里。", most=500)

    def __init__(self, data: Any = None, *, verb: str) -> None:
        super().__init__(data, verb="many")
        if not VERBS[verb].is_placed:
            del self.fields["organisation"]
        self.initial["note"] = VERBS[verb].note
        self.fields["note"].widget = forms.Textarea(attrs={"rows": 3})
