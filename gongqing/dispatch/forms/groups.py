"""What do the pages of group cases ask for?"""

from __future__ import annotations

from typing import Any

from django import forms

from gongqing.dispatch.forms.desk import StepForm, line, words
from gongqing.dispatch.forms.worker import FilesField
from gongqing.lib.errors import BadInput

COLUMN_OF = {
    "name": "姓名",
    "phone": "手机",
    "id_number": "身份证",
    "employer": "单位",
    "team": "班组",
    "leader": "班组长",
    "period": "工作期间",
    "payable": "应发",
    "paid": "已发",
    "owed": "欠款",
    "basis": "依据",
}
FIELD_OF = {column: field for field, column in COLUMN_OF.items()}
MOST_FILE = 1_500_000


class SheetForm(StepForm):
    """A form whose fields are columns of the sheet."""

    def refuse(self, error: BadInput) -> None:
        """Write a refusal of a column beside its field."""
        super().refuse(BadInput(FIELD_OF.get(error.field, error.field), error.message))

    @property
    def cells(self) -> dict[str, str]:
        """The given values under the names of their columns."""
        return {COLUMN_OF[name]: value for name, value in self.cleaned_data.items() if name in COLUMN_OF}


def yuan(label: str, *, required: bool = True, hint: str = "") -> forms.CharField:
    """A field for an amount as people write it; the rules read it."""
    box = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(label=label, required=required, max_length=20, widget=box, help_text=hint)


def _voucher_files() -> FilesField:
    said = "回单、签收表的照片或 PDF，最多 9 个，每个 10 MB 以内；加密保存，打开会留痕。"
    return FilesField(label="凭证文件", required=False, help_text=said)


def read_files(form: StepForm) -> list[tuple[str, bytes]]:
    """The chosen vouchers of a valid form with their names."""
    return [(one.name or "凭证", one.read()) for one in form.cleaned_data["vouchers"]]


class ClaimForm(SheetForm):
    name = line("姓名", most=64)
    phone = line("手机", required=False, most=20)
    id_number = line("身份证", required=False, most=20)
    employer = line("单位", list_id="claim-employers")
    team = line("班组", required=False, most=64, list_id="claim-teams")
    leader = line("班组长", required=False, most=64)
    period = line("工作期间", hint="例如 2025-06 至 2025-08。", most=40)
    payable = yuan("应发（元）", required=False)
    paid = yuan("已发（元）", required=False)
    owed = yuan("欠款（元）", required=False, hint="不填就按应发减已发。")
    basis = line("依据", required=False, hint="工资条、考勤、欠条等。", most=500)


class CorrectionForm(SheetForm):
    employer = line("单位", list_id="claim-employers")
    team = line("班组", required=False, most=64, list_id="claim-teams")
    period = line("工作期间", most=40)
    payable = yuan("应发（元）", required=False)
    paid = yuan("已发（元）", required=False)
    owed = yuan("欠款（元）")
    basis = line("依据", required=False, most=500)
    reason = line("为什么更正", most=200)


class CheckForm(StepForm):
    agreed = forms.DecimalField(label="核对数（元）", min_value=0, max_digits=12, decimal_places=2)
    reason = line("和登记数不一样时写原因", required=False, most=200)


class DisputeForm(StepForm):
    note = line("争议在哪里", required=False, most=200)


class PayForm(StepForm):
    amount = forms.DecimalField(label="追回（元）", min_value=0, max_digits=12, decimal_places=2)
    paid_on = forms.DateField(label="到账日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    voucher = line("凭证", hint="转账流水号、发放表页码等。", most=200)
    over_reason = line("超过欠款时写原因", required=False, most=200)
    vouchers = _voucher_files()


class SpreadForm(StepForm):
    part = forms.ChoiceField(label="分给谁", choices=[])
    amount = forms.DecimalField(label="一共追回（元）", min_value=0, max_digits=12, decimal_places=2)
    way = forms.ChoiceField(
        label="怎么分",
        choices=[("share", "按还欠的比例"), ("equal", "每人一样多")],
        widget=forms.RadioSelect,
        initial="share",
    )
    paid_on = forms.DateField(label="到账日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    voucher = line("凭证", hint="转账流水号、发放表页码等。", most=200)
    vouchers = _voucher_files()

    def __init__(
        self, data: Any = None, files: Any = None, *, verb: str = "", parts: list[tuple[str, str]] | None = None
    ) -> None:
        super().__init__(data, files, verb=verb)
        field: Any = self.fields["part"]
        field.choices = parts or [("", "全部人")]


class VouchersForm(StepForm):
    vouchers = _voucher_files()


class SheetFileForm(StepForm):
    file = forms.FileField(label="核算表（Excel 或 csv）")

    def clean_file(self) -> Any:
        """Small enough to be kept in the page until it is confirmed."""
        given = self.cleaned_data["file"]
        if given.size > MOST_FILE:
            raise forms.ValidationError("文件太大，最大 1.5 MB，请只留核算表这一页，或分成几个文件。")
        return given


class ReasonForm(StepForm):
    reason = line("原因", most=200)


class LookForm(StepForm):
    reason = line("用途", hint="会留痕，例如：到工地和班组长核对。", most=200)


class MergeForm(StepForm):
    codes = words("要并进来的件的编号", hint="一行一个，或用逗号隔开。", rows=2)


class ConfirmMergeForm(StepForm):
    reason = line("为什么是同一件", most=500)
