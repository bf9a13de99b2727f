"""What do the pages of the lists to settle ask for?"""

from __future__ import annotations

from typing import Any

from django import forms

from gongqing.dispatch.forms.desk import StepForm, line, words
from gongqing.dispatch.forms.worker import FilesField
from gongqing.dispatch.models import ListKind, SettlingList
from gongqing.dispatch.queries.cases import organisation_given
from gongqing.dispatch.rules import settling as rules
from gongqing.dispatch.rules.settling import NO_DOCUMENTS
from gongqing.lib.errors import BadInput

STANDINGS = [("open", "在办的"), ("answered", "已办结的"), ("", "在办和已办结的")]


def _day(label: str, *, hint: str = "", required: bool = True) -> forms.DateField:
    box = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, help_text=hint, required=required, widget=box)


class ListForm(StepForm):
    """A new list."""

    title = line("清单名称", hint="例如：2025年第四季度欠薪清单。", most=100)
    kind = forms.ChoiceField(label="种类", choices=ListKind.choices, widget=forms.RadioSelect)
    due_on = _day("销号期限", hint="这一天以前全部销号；单项可以另定。")
    opened_on = _day("建立日期", required=False, hint="今天建立的不用填。")
    note = words("说明", required=False, rows=2, most=1000)

    def clean(self) -> None:
        self.judge("title", rules.check_title)


class ListTermsForm(StepForm):
    """What may be changed of a list."""

    title = line("清单名称", most=100)
    due_on = _day("销号期限")
    note = words("说明", required=False, rows=2, most=1000)

    def clean(self) -> None:
        self.judge("title", rules.check_title)


class MatterForm(StepForm):
    """A matter from outside."""

    title = line("事由", hint="哪家单位、什么事；不写职工姓名和电话。", most=200)
    organisation = line("责任单位", list_id="places", hint="由它解决后报请销号。")
    due_on = _day("销号期限", required=False, hint="不填就按清单的期限。")

    def clean(self) -> None:
        self.judge("title", rules.check_matter)
        self.judge("organisation", lambda given: organisation_given(given, field="organisation"))


class EnlistForm(StepForm):
    """One appeal put on a list."""

    on_list = forms.ChoiceField(label="列入哪份清单", choices=[])
    due_on = _day("销号期限", required=False, hint="不填就按清单的期限。")

    def __init__(self, data: Any = None, *, lists: list[SettlingList]) -> None:
        super().__init__(data, verb="enlist")
        chosen: Any = self.fields["on_list"]
        chosen.choices = [(one.pk, f"{one.title}（{one.organisation}）") for one in lists]


class ClaimForm(StepForm):
    """The claim that a matter is settled; `kept` files came with an earlier one."""

    kept = 0
    evidence = words("怎么解决的、凭什么认定", hint="例如：签了调解协议，工资已全部到账，有银行回单。", rows=4)
    helped_count = line("帮助职工（人）", most=12)
    recovered_amount = line("挽回金额（元）", most=20)
    figures_reason = line(
        "和诉求办结时登记的不一样，为什么", required=False, most=200, hint="人数和金额没有改就不用填。"
    )
    documents = FilesField(
        label="材料", required=False, help_text="至少一份：协议、回单、照片，最多 9 个，每个 10 MB 以内；加密保存。"
    )
    no_documents = forms.ChoiceField(
        label="确实没有材料的，为什么",
        required=False,
        choices=[("", "有材料"), *NO_DOCUMENTS.items()],
        help_text="选的原因和说明一起留存，核对的人会看到。",
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for name in ("documents", "no_documents"):
            self.fields[name].widget.attrs["data-one-of"] = "documents"  # neither is optional by itself

    def clean(self) -> None:
        chosen = len(self.cleaned_data.get("documents", ()))
        self.judge("evidence", lambda said: rules.check_evidence(said, self.kept + chosen))
        self.judge("helped_count", rules.people_of)
        self.judge("recovered_amount", rules.yuan_of)
        if not self.errors.keys() & {"documents", "no_documents"}:
            try:
                rules.evidence_kept("", self.kept + chosen, self.cleaned_data["no_documents"])
            except BadInput as refused:
                self.refuse(refused)

    def read_files(self) -> list[tuple[str, bytes]]:
        """The chosen files with their names."""
        return [(one.name or "材料", one.read()) for one in self.cleaned_data["documents"]]


class StrikeOffForm(StepForm):
    note = line("核对意见", required=False, most=500)


class ReasonForm(StepForm):
    reason = words("理由", hint="对方会看到。", rows=2, most=500)


class RescheduleForm(StepForm):
    due_on = _day("新的期限")
    reason = words("为什么改期", hint="责任单位会看到。", rows=2, most=500)
