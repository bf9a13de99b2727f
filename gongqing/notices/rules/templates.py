"""What may a short message say, and how long is it?

A template's text holds places such as `{code}`. Each template has its own places; those that the message would be
useless without are needed. A city rewrites the words, never the places.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gongqing.lib.errors import BadInput

LONGEST = 500  # of a message as it leaves
LONGEST_TEMPLATE = 300
ONE_PART, LATER_PARTS = 70, 67  # characters a short message holds alone, and as one of several
_TOKEN = re.compile(r"(https?://[^\s/]+/[a-z]/)[A-Za-z0-9_-]{12,}")
_CODE_DIGITS = re.compile(r"验证码(?:是|为)?[：:\s]*\d{4,8}")
_PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of short message.

    Attributes:
        title: what it is called on the desk.
        occasion: when it goes out, and to whom.
        places: place → what stands there, with an invented value for the preview.
        needed: the places that every version must hold.
        first: the shipped first version.
    """

    title: str
    occasion: str
    places: Mapping[str, tuple[str, str]]
    needed: frozenset[str]
    first: str


_CODE = ("编号", "GQ33020620251013000001X")
_LINK = ("网页链接", "https://gq.example.cn/lookup")
_HANDLER = ("办理单位", "柴桥街道总工会")
_DUE = ("期限", "10月20日（周一）")

TEMPLATES: Mapping[str, Template] = {
    "received": Template(
        "已收到",
        "职工留了手机号的诉求登记后发给职工；匿名的不发",
        {"code": _CODE, "link": _LINK},
        frozenset({"code"}),
        "【工情】您说的事工会收到了，编号{code}。凭编号和查询密码可以随时看进展：{link}",
    ),
    "transferred": Template(
        "已转办",
        "诉求派到办理单位后发给职工",
        {"code": _CODE, "handler": _HANDLER, "due": _DUE},
        frozenset({"handler", "due"}),
        "【工情】您说的事已转给{handler}办理，最晚{due}答复您。编号{code}",
    ),
    "transferred_again": Template(
        "重新转办",
        "退回重办、换上一级单位后发给职工",
        {"code": _CODE, "handler": _HANDLER, "due": _DUE},
        frozenset({"handler", "due"}),
        "【工情】您说的事已重新转给{handler}办理，最晚{due}答复您。编号{code}",
    ),
    "answered": Template(
        "已答复",
        "办理单位告知结果、不需要评价时发给职工",
        {"code": _CODE, "handler": _HANDLER, "link": _LINK},
        frozenset({"code"}),
        "【工情】{handler}已答复您说的事，编号{code}，请打开查看：{link}",
    ),
    "evaluate": Template(
        "请评价",
        "诉求办结后发给职工，链接不用登录",
        {
            "code": _CODE,
            "link": ("评价链接", "https://gq.example.cn/e/Xk3vQ2m9Lr7TzB4nYw8cHd5s"),
            "days": ("天数", "15"),
        },
        frozenset({"link"}),
        "【工情】您说的事办好了，请点开看结果，说一句满意不满意（{days}天内）：{link}",
    ),
    "call_back": Template(
        "将回电话",
        "安排回访后发给职工",
        {"code": _CODE, "handler": _HANDLER, "due": _DUE},
        frozenset({"handler"}),
        "【工情】{handler}会在{due}前给您打电话，请留意接听。编号{code}",
    ),
    "duty": Template(
        "值班呼叫",
        "红色诉求等紧急事项发给值班人员，不受免打扰时段限制",
        {
            "code": _CODE,
            "reason": ("呼叫原因", "红色诉求等待签收"),
            "answer_by": ("应答期限", "14:35"),
            "link": ("网页链接", "https://gq.example.cn/desk/duty"),
        },
        frozenset({"code", "answer_by"}),
        "【工情值班】{reason}，编号{code}，请在{answer_by}前应答，逾时呼叫下一位：{link}",
    ),
    "data_answered": Template(
        "个人信息请求已答复",
        "职工查阅、更正、删除个人信息的请求答复后发给职工",
        {"right": ("请求的种类", "更正"), "link": ("网页链接", "https://gq.example.cn/me/data")},
        frozenset({"right"}),
        "【工情】您关于个人信息的请求（{right}）已经答复，请登录查看：{link}",
    ),
    "need_done": Template(
        "共性需求已办成",
        "多位职工说过的同一件事办成后，发给其中每一位留了手机号的职工，每人一次",
        {"code": _CODE, "result": ("结果", "园区开了夜班公交，末班23:30")},
        frozenset({"result"}),
        "【工情】您和别的职工都说过的一件事有了结果：{result}。您那一件的编号{code}",
    ),
    "phone_changed": Template(
        "手机号已更换",
        "职工本人更换手机号后发给原来的手机号",
        {"phone": ("新手机号（脱敏）", "138****0417")},
        frozenset({"phone"}),
        "【工情】您在工会登记的手机号已换成{phone}。如果不是您本人操作，请立即拨打12351。",
    ),
}


def template_named(name: str) -> Template:
    """The template of this name.

    Raises:
        BadInput: on `template`, there is none.
    """
    if name not in TEMPLATES:
        raise BadInput("template", f"没有名为“{name[:24]}”的短信模板。")
    return TEMPLATES[name]


def places_in(text: str) -> list[str]:
    """The places that a text holds, in order, each once."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def check_template_text(name: str, text: str) -> str:
    """The text as a version of this template.

    Raises:
        BadInput: on `text`: it is empty or too long, holds a place that this template does not have, lacks one that it
            needs, or has a brace without its partner.
    """
    template, words = template_named(name), text.strip()
    if not words:
        raise BadInput("text", "短信内容不能为空。")
    if len(words) > LONGEST_TEMPLATE:
        raise BadInput("text", f"短信内容太长（{len(words)} 字），最多 {LONGEST_TEMPLATE} 字。")
    held = places_in(words)
    if unknown := [place for place in held if place not in template.places]:
        may = "、".join(f"{{{place}}}" for place in template.places)
        raise BadInput("text", f"这条短信不能用 {{{unknown[0][:24]}}}，可用：{may}。")
    if missing := sorted(template.needed - set(held)):
        raise BadInput("text", f"不能少了 {{{missing[0]}}}（{template.places[missing[0]][0]}）。")
    if re.search(r"[{}]", _PLACE.sub("", words)):
        raise BadInput("text", "花括号没有成对，请核对，例如 {code}。")
    return words


def rendered(name: str, text: str, values: Mapping[str, str]) -> str:
    """The words of a message: the text of this template with its values.

    Values that the text does not use are left out; every place that it holds needs one.

    Raises:
        BadInput: on `values`: one is missing or empty, or the template has no such place; on `text`: too long.
    """
    template = template_named(name)
    if unknown := sorted(set(values) - set(template.places)):
        raise BadInput("values", f"短信“{template.title}”没有 {{{unknown[0]}}} 这一项。")
    for place in places_in(text):
        if not str(values.get(place, "")).strip():
            raise BadInput("values", f"短信“{template.title}”缺少 {{{place}}} 的内容。")
    return check_length(_PLACE.sub(lambda found: str(values[found[1]]).strip(), text))


def check_length(text: str) -> str:
    """The words of a message as they may leave.

    Raises:
        BadInput: on `text`, empty or longer than `LONGEST`.
    """
    if not text or len(text) > LONGEST:
        raise BadInput("text", f"短信内容不能为空，也不能超过 {LONGEST} 字。")
    return text


def example_of(name: str, text: str) -> str:
    """The message with invented values, for the preview."""
    template = template_named(name)
    return _PLACE.sub(lambda found: template.places[found[1]][1] if found[1] in template.places else found[0], text)


def part_count(text: str) -> int:
    """How many short messages the operator counts for this text: 70 characters alone, 67 in each of several."""
    return 1 if len(text) <= ONE_PART else -(-len(text) // LATER_PARTS)


def without_keys(text: str) -> str:
    """The words without what opens something: the token at the end of a link, the digits of a sign-in code."""
    return _CODE_DIGITS.sub("验证码是 ******", _TOKEN.sub(r"\1…", text))
