"""What is asked on the pages of short messages; what the words may hold is checked by the rules."""

from __future__ import annotations

from django import forms


class TemplateForm(forms.Form):
    text = forms.CharField(
        label="短信内容",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "短信内容不能为空。", "max_length": "短信内容太长，最多 300 字。"},
    )
    gateway_template = forms.CharField(
        label="运营商模板编号",
        required=False,
        max_length=80,
        help_text="运营商要求报备模板时填，例如 SMS_480001234；不要求就空着。",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
