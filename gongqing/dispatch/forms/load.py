"""What does the load board ask: what if, and why the cases shall change hands?"""

from __future__ import annotations

from typing import Any

from django import forms

from gongqing.dispatch.forms.desk import StepForm, words
from gongqing.dispatch.queries.outlook import WhatIf

MOST_MORE, MOST_AWAY = 500, 50
REASON = "按在办量调整，请尽快签收办理。"


class WhatIfForm(forms.Form):
    """The question in the address; what cannot be is said beside its field and left out."""

    row = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    more = forms.IntegerField(label="如果再来几件", required=False, min_value=0, max_value=MOST_MORE)
    away = forms.IntegerField(label="如果有几个人不在岗", required=False, min_value=0, max_value=MOST_AWAY)

    def asked(self) -> WhatIf:
        """The question as far as it can be understood."""
        self.is_valid()
        given = self.cleaned_data
        return WhatIf(given.get("row"), given.get("more") or 0, given.get("away") or 0)


class RedistributeForm(StepForm):
    """Why, for those who get the cases and those who lose them."""

    reason = words("为什么调整", hint="已经替您写好，可以改；两边单位都会看到。", rows=2, most=500)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, verb="load")
        self.initial["reason"] = REASON
