"""How is a value written that people type: a name, a phone, a code, a reason?"""

from __future__ import annotations

import re
import unicodedata

from gongqing.lib import codes
from gongqing.lib.errors import BadInput

SHORTEST_REASON = 4


def plain(text: str) -> str:
    """One line of text as the database takes it: no control characters, no half characters, no blanks around it."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cs")).strip()


def check_uscc(text: str) -> str:
    """The 统一社会信用代码 in its stored form.

    Raises:
        BadInput: on `uscc`.
    """
    code = codes.tidy(text)
    if not codes.is_uscc(code):
        raise BadInput("uscc", "统一社会信用代码不对：应为 18 位且校验位正确，请逐位核对。")
    return code


def check_phone(text: str) -> str:
    """A mobile or a land line as it is stored: digits alone.

    Raises:
        BadInput: on `phone`.
    """
    number = codes.tidy_mobile(text)
    if codes.is_mobile(number) or (re.fullmatch(r"\d{7,12}", number, re.ASCII) and not number.startswith("1")):
        return number
    raise BadInput("phone", "电话号码不对：手机号为 11 位，座机请带区号。")


def mobile_or_line(text: str) -> tuple[str, str]:
    """A number as `(mobile, land line)`, one of them empty: a mobile finds its owner, many share a land line.

    Raises:
        BadInput: on `phone`.
    """
    number = check_phone(text) if text.strip() else ""
    return (number, "") if codes.is_mobile(number) else ("", number)


def check_mobile(text: str) -> str:
    """A mobile number as it is stored.

    Raises:
        BadInput: on `phone`.
    """
    number = codes.tidy_mobile(text)
    if not codes.is_mobile(number):
        raise BadInput("phone", "请输入 11 位手机号。")
    return number


def check_id_number(text: str) -> str:
    """An 18-digit identity number as it is stored.

    Raises:
        BadInput: on `id_number`.
    """
    number = codes.tidy(text)
    if not codes.is_id_number(number):
        raise BadInput("id_number", "身份证号不对：应为 18 位且校验位正确，请逐位核对。")
    return number


def check_reason(text: str) -> str:
    """Why personal data is looked at, in at least four characters.

    Raises:
        BadInput: on `reason`.
    """
    reason = plain(text)
    if len(reason) < SHORTEST_REASON:
        raise BadInput("reason", f"请写明查看的理由，至少 {SHORTEST_REASON} 个字。")
    return reason[:500]
