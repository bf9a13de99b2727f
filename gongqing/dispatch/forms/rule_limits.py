"""How are the limits written on a page, number and unit side by side, and read back?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from gongqing.appeals.models import Channel
from gongqing.appeals.rules.grading import Grade
from gongqing.dispatch.forms.desk import line
from gongqing.dispatch.forms.rule_rows import RUNGS, Offered, Row, RowForm, many, one_of
from gongqing.dispatch.rules.limits import ClockName, Unit


class LimitWidget(forms.MultiWidget):
    """A number and its unit, side by side."""

    template_name = "dispatch/desk/limit_widget.html"

    def __init__(self, attrs: Any = None) -> None:
        number = forms.NumberInput(attrs={"min": "0", "step": "any", "inputmode": "decimal"})
        unit = forms.Select(choices=Unit.choices(), attrs={"aria-label": "单位"})
        super().__init__([number, unit], attrs)

    def id_for_label(self, id_: str) -> str:
        """The number bears the label; the unit names itself."""
        return f"{id_}_0"

    def decompress(self, value: Any) -> list[Any]:
        """Number and unit of a stored limit."""
        return [f"{value['amount']:g}", value["unit"]] if value else [None, Unit.WORKDAYS.value]


class LimitField(forms.MultiValueField):
    """A limit as the rules store it, without its source; None when no number is given."""

    def __init__(self, label: str, *, required: bool = True, hint: str = "") -> None:
        parts = (forms.FloatField(required=False, min_value=0), forms.ChoiceField(choices=Unit.choices()))
        super().__init__(
            fields=parts,
            label=label,
            required=required,
            help_text=hint,
            widget=LimitWidget(),
            require_all_fields=False,
            error_messages={"required": "请填数和单位。"},
        )

    def compress(self, data_list: Any) -> Any:
        """A stored limit; whole numbers stay whole."""
        if not data_list or data_list[0] is None:
            if self.required:
                raise forms.ValidationError(self.error_messages["required"])
            return None
        amount = float(data_list[0])
        return {"amount": int(amount) if amount == int(amount) else amount, "unit": data_list[1], "basis": ""}


class GradeLimitsForm(RowForm):
    """The limits of one grade."""

    BASES: ClassVar[Mapping[str, str]] = {
        "sign": "分级处置时限：{grade}级签收",
        "contact": "分级处置时限：{grade}级首次联系",
        "report": "分级处置时限：{grade}级首次报告 {limit}",
        "report_every": "分级处置时限：{grade}级每 {limit} 报告",
        "close_cap": "{grade}级最长 {limit}",
        "extension_cap": "{grade}级延期最长 {limit}",
    }
    sign = LimitField("签收")
    contact = LimitField("首次联系")
    report = LimitField("首次阶段报告", required=False, hint="不要求就空着。")
    report_every = LimitField("以后每次报告", required=False)
    close_cap = LimitField("办结最多", required=False, hint="办结时限按分类，这里定上限；不设就空着。")
    extension_by = one_of("延期由谁批", RUNGS[1:], required=True)
    extension_cap = LimitField("延期最多", required=False, hint="空着就是不超过原时限。")
    supervised_by = one_of("督办", RUNGS[1:], required=True)
    copied_to = line("抄送", required=False, hint="几个单位用顿号隔开。")
    review = forms.BooleanField(label="办结前由上一级审核", required=False)

    def first(self, stored: Row) -> dict[str, Any]:
        """Names as one line."""
        return {**stored, "copied_to": "、".join(stored.get("copied_to", ()))}

    def row(self) -> dict[str, Any]:
        """The row; a limit that stays keeps its source."""
        made = {**self.stored, **self.cleaned_data}
        grade = Grade(self.stored["grade"]).title_zh
        for name, form in self.BASES.items():
            made[name] = _sourced(made[name], self.stored.get(name), form, grade=grade)
        made["copied_to"] = [name for name in self.cleaned_data["copied_to"].replace("，", "、").split("、") if name]
        return made


def _sourced(given: Any, before: Any, form: str, **said: str) -> Any:
    """A limit with its source: its own from before when it stays, else one that names the new number."""
    if given is None:
        return None
    if before and (before["amount"], before["unit"]) == (given["amount"], given["unit"]):
        return before
    limit = f"{given['amount']:g} {Unit.label_of(given['unit'])}"
    return {**given, "basis": form.format(limit=limit, **said)}


class SpecialForm(RowForm):
    """A shorter limit for some appeals."""

    names = {"limit": "limit"}
    clock = one_of("时钟", ClockName.choices(), required=True)
    limit = LimitField("时限")
    basis = line("依据", hint="例如：有自伤或伤人言语，30 分钟内人工联系。")
    rules = many("符合这些定级规则的诉求")
    channels = many("从这些渠道来的诉求", Channel.choices)

    def offer(self, offered: Offered) -> None:
        """The grading rules in force."""
        known: Any = self.fields["rules"]
        known.choices = offered.rules

    def first(self, stored: Row) -> dict[str, Any]:
        """The source as a field of its own."""
        return {**stored, "basis": stored.get("limit", {}).get("basis", "")}

    def row(self) -> dict[str, Any]:
        """The row with the source in its limit."""
        given = self.cleaned_data
        limit = {**given["limit"], "basis": given["basis"]}
        return {"clock": given["clock"], "limit": limit, "rules": given["rules"], "channels": given["channels"]}


class PauseForm(RowForm):
    """How long one reason may stop a clock."""

    longest = LimitField("最长", required=False, hint="空着就是到约定日或恢复为止。")
    basis = line("依据")


class HotlineForm(RowForm):
    """The closing limit of one kind of hotline matter."""

    close = LimitField("办结")
    basis = line("依据")

    def first(self, stored: Row) -> dict[str, Any]:
        """The source as a field of its own."""
        return {**stored, "basis": stored.get("close", {}).get("basis", "")}

    def row(self) -> dict[str, Any]:
        """The row with the source in its limit."""
        return {**self.stored, "close": {**self.cleaned_data["close"], "basis": self.cleaned_data["basis"]}}


class OtherLimitsForm(RowForm):
    """Returns, extensions and the legal ceiling."""

    return_within = LimitField("派单后多久内可以退回")
    extensions_at_most = forms.IntegerField(label="每件最多延期几次", min_value=0)
    ceiling_days = forms.IntegerField(
        label="从收到起最多多少天", min_value=1, help_text="信访工作条例第34条：不超过 60 天。"
    )
    ceiling_extension_days = forms.IntegerField(label="延期后再加多少天", min_value=0, help_text="不超过 30 天。")

    def row(self) -> dict[str, Any]:
        """The fields; the source of the return limit follows its number."""
        given = dict(self.cleaned_data)
        before = self.stored.get("return_within")
        given["return_within"] = _sourced(given["return_within"], before, "退单须在 {limit}内并写明理由")
        return given
