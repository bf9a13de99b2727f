"""What does the desk ask for, step by step?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from gongqing.appeals.models import Channel, HotlineKind, Kind, Satisfaction
from gongqing.appeals.rules.intake import LONGEST_TEXT
from gongqing.dispatch.forms.worker import FilesField, FilesForm, WordsField
from gongqing.dispatch.models.orders import HandoverState
from gongqing.dispatch.rules.limits import PauseReason
from gongqing.dispatch.rules.outcomes import Outcome
from gongqing.dispatch.rules.slips import Identified
from gongqing.lib.errors import BadInput

GRADES = [("", "按规则"), ("green", "绿"), ("yellow", "黄"), ("orange", "橙"), ("red", "红")]
LABOUR = [("", "按模型的判断"), ("yes", "涉及"), ("no", "不涉及")]
KINDS = [("", "按分类"), *Kind.choices]
DESK_CHANNELS = [
    (channel.value, channel.label)
    for channel in (
        Channel.VISIT,
        Channel.WALK_IN,
        Channel.TALK,
        Channel.HOTLINE_12351,
        Channel.HOTLINE_12345,
        Channel.GOVERNANCE,
    )
]


def words(label: str, *, hint: str = "", rows: int = 3, required: bool = True, most: int = 2000) -> WordsField:
    """A field of several lines."""
    box = forms.Textarea(attrs={"rows": rows})
    return WordsField(label=label, help_text=hint, required=required, max_length=most, widget=box)


def line(label: str, *, hint: str = "", required: bool = True, most: int = 128, list_id: str = "") -> WordsField:
    """A field of one line; `list_id` names a datalist of the page."""
    attributes = {"list": list_id, "autocomplete": "off"} if list_id else {}
    box = forms.TextInput(attrs=attributes)
    return WordsField(label=label, help_text=hint, required=required, max_length=most, widget=box)


def _code_in(text: str) -> str:
    return text.strip()[:4].strip().upper()


class StepForm(forms.Form):
    """A step on a case; `verb` keeps the ids of several forms on one page apart."""

    def __init__(self, data: Any = None, files: Any = None, *, verb: str = "") -> None:
        super().__init__(data, files, auto_id=f"{verb}-%s")

    def refuse(self, error: BadInput) -> None:
        """Write a refusal beside its field, or over the form when it has none there."""
        self.add_error(error.field if error.field in self.fields else None, error.message)

    def judge(self, name: str, check: Callable[[Any], object]) -> None:
        """Ask a rule about a field that holds something, so that all that is wrong is named at once."""
        if (value := self.cleaned_data.get(name)) not in (None, ""):
            try:
                check(value)
            except BadInput as refused:
                self.refuse(refused)


class SignForm(StepForm):
    note = line("备注", required=False)


class ContactForm(StepForm):
    note = words("联系情况", hint="例如：电话联系，约明天下午到厂里谈。")


class NoteForm(StepForm):
    note = words("办理记录", hint="只有工作人员看得到。")


class ReportForm(StepForm):
    note = words("办到哪一步、下一步谁做什么", hint="职工能看到第一句。", rows=4)


class MessageForm(StepForm):
    text = words("写给职工的话", hint="职工会看到全文。")


class AssistedForm(StepForm):
    note = words("协办做了什么")


class ResolveForm(StepForm):
    result = words("答复职工的话", hint="职工会看到这段话：办成什么样、还有什么路可走。", rows=4, most=5000)
    outcome = forms.ChoiceField(label="办理结果", required=False, choices=[("", "按类型默认"), *Outcome.choices()])
    people = forms.IntegerField(label="受益人数", required=False, min_value=0)
    amount = forms.DecimalField(label="挽回金额（元）", required=False, min_value=0, max_digits=14, decimal_places=2)
    evidence = words("凭证", hint="协议编号、转账记录、签收单等。", required=False, rows=2)
    resource = line("匹配的资源", required=False, hint="需求类填用哪项服务或资源满足的。")


class ReviewForm(StepForm):
    decision = forms.ChoiceField(
        label="审核", choices=[("yes", "同意办结"), ("no", "退回继续办理")], widget=forms.RadioSelect, initial="yes"
    )
    note = words("意见", hint="退回时必须写明还差什么。", required=False)


class DecisionForm(StepForm):
    decision = forms.ChoiceField(
        label="决定", choices=[("yes", "同意"), ("no", "不同意")], widget=forms.RadioSelect, initial="yes"
    )
    note = words("意见", hint="不同意时必须写明理由。", required=False)


class ExtendForm(StepForm):
    working_days = forms.IntegerField(label="延长几个工作日", min_value=1, max_value=60)
    reason = words("为什么需要更多时间")


class PauseForm(StepForm):
    reason = forms.ChoiceField(label="情形", choices=PauseReason.choices(), widget=forms.RadioSelect)
    note = words("说明", hint="例如等职工补哪份材料。")


class ResumeForm(StepForm):
    note = line("说明", required=False, hint="例如：材料已收到。")


class ReasonForm(StepForm):
    reason = words("原因")


class ReturnForm(StepForm):
    reason = words("为什么不归您办、应该归谁", hint="第一次退回马上生效；第二次由派单上级裁定。")


class TransferForm(StepForm):
    organisation = line("转给哪个单位", list_id="places", hint="输入单位名称，或从列表里选。")
    reason = words("为什么转交")


class PassUpForm(StepForm):
    reason = words("为什么超出本级", hint="已经做了什么、卡在哪里、希望上级做什么。上级主办，办结期限接着算。")


class AnswerSupervisionForm(StepForm):
    answer = words("回复督办单位", hint="为什么晚了、现在办到哪一步、几时办完。")


class AssistForm(StepForm):
    organisation = line("请哪个单位协办", list_id="places", hint="基层工会、片区、镇街、区县或调处工作室。")
    note = words("请对方协助什么")


class HandOverForm(StepForm):
    department = line("请哪个部门办", list_id="departments", hint="输入部门名称，或从列表里选。")
    reason = words("请部门办什么")
    partner = forms.ChoiceField(
        label="怎么转",
        choices=[("account", "部门在平台上办"), ("file", "出转办函和信息表，送到部门")],
        widget=forms.RadioSelect,
        initial="account",
        required=False,
    )
    outside_number = line("对方编号", required=False, most=64)

    def clean_partner(self) -> str:
        """By account where nothing was chosen."""
        return str(self.cleaned_data["partner"] or "account")


class HandoverStateForm(StepForm):
    handover = forms.TypedChoiceField(label="哪一件", coerce=int, choices=[])
    state = forms.ChoiceField(label="部门办到哪一步", choices=HandoverState.choices)
    answer = words("部门的答复", required=False)
    outside_number = line("对方编号", required=False, most=64)


class AlertForm(StepForm):
    reason = words("现场情况", hint="橙色、红色的诉求可以直接报告，不用先请示。")


class UrgeForm(StepForm):
    note = words("催办的话", required=False, rows=2)


class SuperviseForm(StepForm):
    note = words("督办要求", hint="写明要办到什么、几时回报。")


class RaiseForm(StepForm):
    reason = words("为什么提级", hint="由上一级主办，原单位协办；办结期限接着算。", rows=2)


class TakeOverForm(StepForm):
    reason = words("为什么接管", hint="由您的单位主办，原单位协办；办结期限接着算。", rows=2)


class ClassifyForm(StepForm):
    code = line("分类", required=False, list_id="categories", hint="输入编码或名称里的字，从 32 小类里选。")
    second_code = line("第二类", required=False, list_id="categories", hint="同时说到另一类时填。")
    labour = forms.ChoiceField(label="涉及劳动关系", required=False, choices=LABOUR)
    kind = forms.ChoiceField(label="诉求还是需求", required=False, choices=KINDS)
    grade = forms.ChoiceField(label="等级", required=False, choices=GRADES)
    reason = words("理由", hint="改等级必须写理由；下调红色要区县以上，下调橙色要镇街以上。", required=False, rows=2)

    def clean_code(self) -> str:
        """The code at the beginning of `LE01 工资拖欠与克扣`."""
        return _code_in(self.cleaned_data["code"])

    def clean_second_code(self) -> str:
        """As `clean_code`."""
        return _code_in(self.cleaned_data["second_code"])

    def clean_labour(self) -> bool | None:
        """None where it was left as it is."""
        return {"yes": True, "no": False}.get(self.cleaned_data["labour"])


class HotlineKindForm(StepForm):
    kind = forms.ChoiceField(label="这件热线诉求", choices=HotlineKind.choices, widget=forms.RadioSelect)
    reason = words("为什么这样定", hint="难点、特别复杂的办结时限更长，职工会看到新的日子。", rows=2)


class LocateForm(StepForm):
    place = line(
        "事情发生在", list_id="towns", most=64, hint="镇街或区县的名称、代码；没有签收的会按规则改派，编号不变。"
    )
    reason = line("根据什么", required=False, hint="例如：电话里问过职工。")


class DispatchForm(StepForm):
    organisation = line("派给", required=False, list_id="places", hint="不填就按派单规则选；也可输入单位名称指定。")
    note = line("说明", required=False)


class EvaluateForm(StepForm):
    satisfaction = forms.ChoiceField(label="职工怎么说", choices=Satisfaction.choices, widget=forms.RadioSelect)
    text = words("职工的原话", required=False, hint="不满意时请记下哪里没办好。")


class CallBackForm(StepForm):
    result = words("回访情况")


class AttachForm(StepForm):
    file = forms.FileField(label="照片、录音或文件")


class RevealForm(StepForm):
    reason = line("查看用途", hint="会留痕，例如：电话核实欠薪月份。")


class PasswordForm(StepForm):
    """How the worker was known, before another query password is given."""

    identified = forms.ChoiceField(label="怎样核实的身份", choices=Identified.choices(), widget=forms.RadioSelect)
    digits = line("手机号后四位", required=False, most=4, hint="选手机号核实时填，由职工说出，您来填。")
    reason = line("为什么重新发放", hint="例如：回执丢了，本人来办。")


class RegisterForm(StepForm, FilesForm):
    """An appeal that an officer takes down for a worker."""

    photos = FilesField(
        label="材料", required=False, help_text="扫描件、照片、PDF、Word、Excel，最多 9 个，每个 10 MB 以内。"
    )
    voice = None  # type: ignore[assignment]

    external_id = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    channel = forms.ChoiceField(label="怎么来的", choices=DESK_CHANNELS)
    text = words("职工怎么说", hint="照职工的原话记，不用改写。", rows=6, most=LONGEST_TEXT)
    employer = line("用人单位", required=False, hint="职工不愿说可以空着。")
    region_code = forms.ChoiceField(label="事情发生在", required=False, choices=[])
    name = line("职工姓名", required=False, most=64)
    phone = line("电话", required=False, hint="手机，或带区号的座机。手机收短信，座机打电话；只加密保存。", most=20)
    anonymous_to_employer = forms.BooleanField(label="不让单位知道是谁反映的", required=False)
    no_messages = forms.BooleanField(label="不要短信，打电话联系", required=False)
    received_at = forms.DateTimeField(
        label="收到时间",
        required=False,
        help_text="现在收到的不用填。",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, regions: list[tuple[str, str]], initial: Any = None
    ) -> None:
        super().__init__(data, files, verb="new")
        self.initial = initial or {}
        region: Any = self.fields["region_code"]
        region.choices = [("", "不清楚"), *regions]


FORMS: dict[str, Callable[..., StepForm]] = {
    "sign": SignForm,
    "contact": ContactForm,
    "note": NoteForm,
    "report": ReportForm,
    "message": MessageForm,
    "assisted": AssistedForm,
    "resolve": ResolveForm,
    "review": ReviewForm,
    "extension-decision": DecisionForm,
    "return-decision": DecisionForm,
    "extend": ExtendForm,
    "pause": PauseForm,
    "resume": ResumeForm,
    "return": ReturnForm,
    "transfer": TransferForm,
    "assist": AssistForm,
    "hand-over": HandOverForm,
    "handover-state": HandoverStateForm,
    "alert": AlertForm,
    "pass-up": PassUpForm,
    "answer-supervision": AnswerSupervisionForm,
    "urge": UrgeForm,
    "supervise": SuperviseForm,
    "raise": RaiseForm,
    "take-over": TakeOverForm,
    "classify": ClassifyForm,
    "locate": LocateForm,
    "hotline-kind": HotlineKindForm,
    "dispatch": DispatchForm,
    "invalidate": ReasonForm,
    "withdraw": ReasonForm,
    "evaluate": EvaluateForm,
    "reopen": ReasonForm,
    "call-back": CallBackForm,
    "attach": AttachForm,
}
