"""What does the page of a weekly report ask for?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from gongqing.dispatch.forms.desk import StepForm, line, words
from gongqing.insight.rules import reporting as rules
from gongqing.insight.rules.report_paper import ASKED, SECTIONS
from gongqing.lib.errors import BadInput


class WordsForm(StepForm):
    """What people write into a draft: a field for every section, to whom it goes, who gets a copy."""

    addressees = line("主送", most=rules.LONGEST_LINE)
    copies = line("抄送", required=False, most=rules.LONGEST_LINE)

    def __init__(self, data: Any = None, *, initial: Mapping[str, str] | None = None) -> None:
        super().__init__(data, verb="report")
        for key, hint in ASKED.items():
            self.fields[key] = words(
                f"{SECTIONS[key]}：人工撰写", hint=hint, rows=4, required=False, most=rules.LONGEST_WORDS
            )
        self.initial = dict(initial or {})

    @property
    def by_section(self) -> dict[str, str]:
        """What was written, by section."""
        return {key: self.cleaned_data[key] for key in ASKED}

    def box(self, key: str) -> forms.BoundField:
        """The field of one section."""
        return self[key]


class ReasonForm(StepForm):
    """Why something goes back, or is corrected."""

    reason = words("原因", rows=2, most=rules.LONGEST_LINE)

    def refuse_with(self, error: BadInput) -> None:
        """Write the refusal beside the reason."""
        self.add_error("reason", error.message)
