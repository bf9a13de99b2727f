"""What is a worker asked, and where does a refusal stand?"""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from gongqing.appeals.models import Satisfaction
from gongqing.appeals.rules import attachments as rules
from gongqing.lib.codes import is_mobile, tidy_mobile
from gongqing.lib.errors import BadInput
from gongqing.registry.queries import CountyChoice

# what the actions call a field, and what the page calls it
PAGE_FIELDS = {
    "person.phone": "phone",
    "person.name": "name",
    "region_code": "town",
    "file": "photos",
    "reason": "text",
    "note": "text",
}


def refuse(form: forms.Form, error: BadInput) -> forms.Form:
    """Write a refusal beside its field, or over the form when it has none there."""
    name = PAGE_FIELDS.get(error.field, error.field)
    form.add_error(name if name in form.fields else None, error.message)
    return form


class WordsField(forms.CharField):
    """Words as people paste them: a NUL is dropped, not refused; a line's end counts once, as browsers count."""

    default_error_messages = {"max_length": "最多 %(limit_value)d 字，现在 %(show_value)d 字，请删短一些。"}

    def to_python(self, value: Any) -> Any:
        """The words without NUL, every line ended by one sign."""
        return super().to_python(value.replace("\x00", "").replace("\r\n", "\n") if isinstance(value, str) else value)


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: MultiValueDict[str, UploadedFile[bytes]], name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class FilesField(forms.Field):
    """Several files, judged by their size here and by their content in `read_files`."""

    widget = ManyFiles

    def clean(self, value: Any) -> list[UploadedFile[bytes]]:
        """The files; none at all is fine.

        Raises:
            ValidationError: too many or too large.
        """
        given = [one for one in value or [] if isinstance(one, UploadedFile)]
        if len(given) > rules.MOST:
            raise forms.ValidationError(f"最多 {rules.MOST} 个，请去掉几个。")
        for one in given:
            if (one.size or 0) > rules.LARGEST:
                most = rules.LARGEST // 1024 // 1024
                raise forms.ValidationError(f"“{one.name}”太大，每个最大 {most} MB，请换小一点的。")
        return given


class FilesForm(forms.Form):
    photos = FilesField(label="照片或文件", required=False)
    voice = FilesField(label="录音", required=False)

    def read_files(self) -> list[tuple[str, bytes]]:
        """Name and content of every file; a refusal is written at its field.

        Returns:
            what can be taken; empty when anything was refused, the form then has errors.
        """
        read: list[tuple[str, bytes]] = []
        for field in ("photos", "voice"):
            for upload in self.cleaned_data.get(field) or []:
                content = upload.read()
                try:
                    rules.media_type_of(content)
                except BadInput as refused:
                    self.add_error(field, f"“{upload.name}”：{refused.message}")
                read.append((upload.name or "", content))
        if len(read) > rules.MOST:
            self.add_error("photos", f"照片和录音一共最多 {rules.MOST} 个，请去掉几个。")
        return [] if self.errors else read


class SayForm(FilesForm):
    external_id = WordsField(max_length=64, required=False, widget=forms.HiddenInput)
    text = WordsField(
        label="用自己的话说",
        widget=forms.Textarea,
        strip=False,
        error_messages={"required": "请写下发生了什么事，哪怕只有一句话。"},
    )
    county = forms.ChoiceField(label="在哪个区县", required=False)
    town = forms.ChoiceField(label="在哪个镇、街道", required=False)
    place = WordsField(label="具体在哪儿", max_length=200, required=False)
    allows_study = forms.BooleanField(label="可以用我写的字改进机器分类", required=False)
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    employer = WordsField(label="单位叫什么", max_length=128, required=False)
    join = forms.BooleanField(label="和他们一起办", required=False)
    anonymous_to_employer = forms.BooleanField(label="不让单位知道是我说的", required=False)
    name = WordsField(label="怎么称呼您", max_length=64, required=False)
    phone = WordsField(label="手机号", max_length=20, required=False)

    def __init__(self, *args: Any, counties: list[CountyChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        county_field = cast(forms.ChoiceField, self.fields["county"])
        town_field = cast(forms.ChoiceField, self.fields["town"])
        county_field.choices = [("", "请选区县"), *((each["code"], each["name"]) for each in counties)]
        town_field.choices = [("", "请选镇、街道"), *(_town_group(each) for each in counties)]

    def clean_external_id(self) -> str:
        """The identity of this form; a new one when the page brought none."""
        return str(self.cleaned_data.get("external_id") or "").strip() or str(uuid4())

    def clean_phone(self) -> str:
        """A mobile number or nothing."""
        number = tidy_mobile(self.cleaned_data.get("phone") or "")
        if number and not is_mobile(number):
            raise forms.ValidationError("手机号应为 11 位数字，请核对。")
        return number

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("name") and not given.get("phone") and "phone" not in self.errors:
            self.add_error("phone", "留了称呼，也请留手机号；不想留就两样都空着。")
        return given


class SupplementForm(FilesForm):
    text = WordsField(
        label="补充几句", widget=forms.Textarea(attrs={"rows": 3}), strip=False, required=False, max_length=20_000
    )


class EvaluationForm(forms.Form):
    satisfaction = forms.ChoiceField(
        label="满意程度",
        choices=Satisfaction.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选一个：满意、基本满意或不满意。"},
    )
    text = WordsField(
        label="还有什么想说的",
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="不满意请说说哪里没办好，我们好换人再办。",
    )


class LookupForm(forms.Form):
    code = WordsField(
        label="编号",
        max_length=40,
        help_text="GQ 开头的一串，空格可以不管。",
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
        error_messages={"required": "请填编号。"},
    )
    password = WordsField(
        label="查询密码",
        max_length=12,
        help_text="发出去那一页上的 6 位数字。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "请填查询密码。"},
    )


def _town_group(county: CountyChoice) -> tuple[str, list[tuple[str, str]]]:
    return county["name"], [(town["code"], town["name"]) for town in county["towns"]]
