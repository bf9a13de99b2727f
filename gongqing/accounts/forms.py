"""What is asked on the pages of accounts; what a value must be is checked by the actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from gongqing.accounts import rules
from gongqing.accounts.models import Posting, RoleChoice
from gongqing.lib.errors import BadInput, BadInputs
from gongqing.lib.sheets import BOOKS, TEXTS
from gongqing.registry.actions.loads import Option
from gongqing.registry.models import OrganisationKind

ROLES = [(role.value, RoleChoice(role.value).label) for role in rules.ROLE_PLACES]


def refuse(form: forms.Form, error: BadInput | BadInputs | Exception) -> forms.Form:
    """Write a refusal beside its field, or over the form when it has none there."""
    for one in error.errors if isinstance(error, BadInputs) else [error]:
        field = one.field if isinstance(one, BadInput) and one.field in form.fields else None
        form.add_error(field, str(one))
    return form


def _password(label: str, *, new: bool = False, **options: Any) -> forms.CharField:
    widget = forms.PasswordInput(
        render_value=not new, attrs={"autocomplete": "new-password" if new else "current-password"}
    )
    return forms.CharField(label=label, strip=False, max_length=128, widget=widget, **options)


class SignInForm(forms.Form):
    username = forms.CharField(
        label="用户名",
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = _password("密码")


class SecondStepForm(forms.Form):
    code = forms.CharField(
        label="动态口令",
        max_length=20,
        help_text="手机验证器上的 6 位数；手机不在身边，可以用一个恢复码。",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
    )


class ConfirmFactorForm(forms.Form):
    code = forms.CharField(
        label="验证器上的 6 位数",
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class RemoveFactorForm(forms.Form):
    password = _password("密码")
    code = forms.CharField(
        label="动态口令或恢复码", max_length=20, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )


class OwnPasswordForm(forms.Form):
    new = _password("新密码", new=True, help_text="至少 10 位，不要全是数字，不要用常见的密码。")
    again = _password("再输一次新密码", new=True)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("new") != given.get("again"):
            self.add_error("again", "两次输入的新密码不一致。")
        return given


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label="手机号", max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"})
    )


class CodeForm(forms.Form):
    phone = forms.CharField(max_length=20, widget=forms.HiddenInput)
    code = forms.CharField(
        label="短信里的 6 位验证码",
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class PasswordForm(OwnPasswordForm):
    old = _password("原密码")


class ResetForm(forms.Form):
    new = _password("新密码", new=True, help_text="设好后请当面告诉本人，并请本人登录后修改。")


class NewUserForm(forms.Form):
    username = forms.CharField(label="用户名", max_length=64, help_text="登录用，2 至 64 个字符，不含空格。")
    name = forms.CharField(label="姓名", max_length=64)
    last_digits = forms.CharField(label="手机号末四位", max_length=4, required=False, help_text="用于页面水印。")
    password = _password("初始密码", new=True, help_text="至少 10 位。")


class PostingForm(forms.Form):
    role = forms.ChoiceField(label="岗位", choices=ROLES)
    organisation = forms.CharField(
        label="组织编码",
        max_length=32,
        required=False,
        help_text="审计员和系统管理员可以不填。",
        widget=forms.TextInput(attrs={"list": "organisations"}),
    )
    since = forms.DateField(label="任职起始日", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class EndPostingForm(forms.Form):
    """Why somebody leaves a posting, and who takes over."""

    successor = forms.TypedChoiceField(
        label="谁接手",
        coerce=int,
        empty_value=None,
        required=False,
        choices=[],
        help_text="不选，在办的事留在单位，由同事签收交接清单后接手。",
    )
    reason = forms.CharField(label="原因", max_length=200, required=False, help_text="例如：调离、退休、换岗。")

    def __init__(self, data: Any = None, *, colleagues: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        choice: Any = self.fields["successor"]
        choice.choices = [("", "先不定"), *colleagues]


class DeputyForm(forms.Form):
    posting = forms.ChoiceField(label="哪个岗位")
    user = forms.CharField(label="由谁代理", max_length=64, help_text="填用户名；没有同名的也可以填姓名。")
    since = forms.DateField(label="从哪天起", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last_day = forms.DateField(label="到哪天（含）", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label="原因", max_length=100, help_text="例如：休假、出差。")

    def __init__(self, data: Any = None, *, postings: list[Posting], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        chosen: Any = self.fields["posting"]
        chosen.choices = [(str(one.pk), posting_words(one)) for one in postings]


def posting_words(posting: Posting) -> str:
    """`李文斌：区县派单督办 · 海曙区总工会`."""
    place = f" · {posting.organisation}" if posting.organisation else ""
    return f"{posting.user.name}：{posting.get_role_display()}{place}"


class StaffPhoneForm(forms.Form):
    phone = forms.CharField(
        label="工作手机号", max_length=20, required=False, help_text="11 位手机号；留空是去掉登记的号码。"
    )


class KeyForm(forms.Form):
    scopes = forms.MultipleChoiceField(
        label="用途", choices=list(rules.SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label="给谁用", max_length=128, help_text="例如：12345 热线对接程序。")
    limit_per_minute = forms.IntegerField(label="每分钟最多调用次数", required=False, min_value=1, max_value=100_000)


class PersonForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=64, help_text="办理的工会联系您时用来称呼您。")


class OrganisationForm(forms.Form):
    code = forms.CharField(label="组织编码", max_length=32, help_text="全市唯一，定了以后不再改。")
    name = forms.CharField(label="名称", max_length=128)
    short_name = forms.CharField(label="简称", max_length=64, required=False)
    kind = forms.ChoiceField(label="类型", choices=OrganisationKind.choices)
    parent = forms.CharField(
        label="上级组织编码",
        max_length=32,
        required=False,
        help_text="市总工会和横向部门不填。",
        widget=forms.TextInput(attrs={"list": "organisations"}),
    )
    region = forms.CharField(label="所在区划代码", max_length=12, required=False, help_text="4、6 或 9 位。")
    phone = forms.CharField(label="联系电话", max_length=32, required=False)


class LetterMarkForm(forms.Form):
    letter_mark = forms.CharField(
        label="公文代字",
        max_length=16,
        required=False,
        help_text="文号的开头，例如“甬工”，出文时写成“甬工诉受〔2026〕1号”。不填就用单位名称。",
    )


class MoveForm(forms.Form):
    parent = forms.CharField(
        label="新的上级组织编码", max_length=32, widget=forms.TextInput(attrs={"list": "organisations"})
    )
    reason = forms.CharField(
        label="为什么调整", max_length=200, help_text="下级和它们能看到的诉求都跟着走；原来的上级从此看不到。"
    )


class LinkForm(forms.Form):
    union = forms.CharField(label="工会编码", max_length=32, widget=forms.TextInput(attrs={"list": "organisations"}))
    since = forms.DateField(label="自哪天起", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class UploadForm(forms.Form):
    """A file, where it is from, and what its kind of load asks besides."""

    file = forms.FileField(label="文件", widget=forms.FileInput(attrs={"accept": ",".join((*BOOKS, *TEXTS))}))
    source = forms.CharField(
        label="来源",
        max_length=32,
        help_text="同一来源的编号只登记一次；列对应也按来源记住。",
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, files: Any = None, *, options: Sequence[Option] = ()) -> None:
        super().__init__(data, files)
        for one in options:
            self.fields[one.name] = forms.ChoiceField(
                label=one.title, choices=one.choices, help_text=one.hint, required=False
            )


class ReasonForm(forms.Form):
    reason = forms.CharField(label="为什么撤销", max_length=200)
