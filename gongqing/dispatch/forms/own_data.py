"""What is asked on the pages of personal data; what a value must be is checked by the actions."""

from __future__ import annotations

from django import forms

from gongqing.dispatch.forms.worker import WordsField
from gongqing.registry.models import Right

RIGHTS = [(right.value, right.label) for right in (Right.CORRECT, Right.EXPLAIN)]


class NewPhoneForm(forms.Form):
    phone = WordsField(
        label="新手机号",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": "请填新手机号。"},
    )


class PhoneCodeForm(forms.Form):
    phone = WordsField(max_length=20, widget=forms.HiddenInput)
    code = WordsField(
        label="新手机收到的 6 位验证码",
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "请填验证码。"},
    )


class WishForm(forms.Form):
    right = forms.ChoiceField(label="要办什么", choices=RIGHTS, widget=forms.RadioSelect)
    wish = WordsField(
        label="请写明",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="哪一项不对、应该是什么；或者想知道什么。",
        error_messages={"required": "请写明要更正或了解什么。"},
    )


class DeletionForm(forms.Form):
    wish = WordsField(
        label="想说的话",
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AnswerForm(forms.Form):
    granted = forms.ChoiceField(
        label="怎么办",
        choices=[("yes", "同意，照办"), ("no", "不能办")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选同意还是不能办。"},
    )
    answer = WordsField(
        label="给职工的答复",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明办了什么；不能办的，写明为什么、可以怎么办。职工看得到。",
        error_messages={"required": "请写给职工的答复。"},
    )


class CorrectionForm(AnswerForm):
    name = WordsField(label="改正后的姓名", max_length=64, required=False)
    phone = WordsField(label="改正后的手机号", max_length=20, required=False)
    id_number = WordsField(
        label="改正后的身份证号",
        max_length=24,
        required=False,
        widget=forms.TextInput(attrs={"data-draft-skip": True}),
    )
    address = WordsField(label="改正后的住址", max_length=200, required=False, help_text="不用改的空着。")
