"""Is this code well formed, and what is its check character?

The code of an appeal, the unified social credit code of an enterprise, the citizen's identity number, the mobile
number. Nothing here knows whether a number was ever issued; it only says whether it can be one.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from gongqing.lib.errors import BadInput

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
APPEAL_CODE_LENGTH = 24
LARGEST_SERIAL = 9_999_999

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100—2015: no I, O, S, V, Z
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ID_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_ID_CHECKS = "10X98765432"
_INVENTED_AREA = "990000"  # GB/T 2260 assigns no province 99
_INVENTED_FIRST_BIRTH = date(1960, 1, 1).toordinal()
_INVENTED_BIRTHS = 16_000
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)


def tidy(text: str) -> str:
    """The text in half-width capitals without spaces, dashes and control characters."""
    if text.isascii() and text.isdigit():
        return text
    narrow = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in narrow if unicodedata.category(sign)[0] not in "ZC" and sign not in "-‐—–_·")


def check_char_37_36(body: str) -> str:
    """The ISO 7064 MOD 37,36 check character of a text of digits and capital letters.

    Raises:
        ValueError: when another sign occurs.
    """
    state = 36
    for sign in body:
        state = ((state + ALPHABET.index(sign)) % 36 or 36) * 2 % 37
    return ALPHABET[(1 - state) % 36]


def appeal_code(county: str, day: date, serial: int) -> str:
    """The one code of an appeal: `GQ`, county, day of receipt, serial of the day, check character; 24 signs.

    Args:
        county: six digits of the county, or of the city when the county is unknown.
        day: the day of receipt in Shanghai.
        serial: 1 to 9,999,999, counted afresh every day; gaps are allowed.

    Raises:
        ValueError: when county or serial is out of range.
    """
    if not re.fullmatch(r"\d{6}", county, re.ASCII):
        raise ValueError(f"not a six-digit region code: {county!r}")
    if not 1 <= serial <= LARGEST_SERIAL:
        raise ValueError(f"serial out of range: {serial}")
    body = f"GQ{county}{day:%Y%m%d}{serial:07d}"
    return body + check_char_37_36(body)


def check_appeal_code(text: str) -> str:
    """The code as it is stored, however it was typed: spaces, dashes, case and width do not matter.

    Raises:
        BadInput: on `code`, saying which part is wrong.
    """
    code = tidy(text)
    if not code:
        raise BadInput("code", "请输入诉求编号。")
    if not code.startswith("GQ"):
        raise BadInput("code", "诉求编号以 GQ 开头，请核对开头两个字母。")
    if len(code) != APPEAL_CODE_LENGTH:
        raise BadInput("code", f"诉求编号应为 {APPEAL_CODE_LENGTH} 位，现在是 {len(code)} 位，请核对有没有漏写或多写。")
    body, check = code[:-1], code[-1]
    if not re.fullmatch(r"\d{21}", body[2:], re.ASCII):
        raise BadInput("code", "诉求编号 GQ 之后、最后一位之前都应是数字，请核对是否把 0 写成了字母 O。")
    if not _is_day(body[8:16]):
        raise BadInput("code", f"诉求编号里的日期 {body[8:16]} 不存在，请核对第 9 至 16 位。")
    if body[16:] == "0" * 7:
        raise BadInput("code", "诉求编号里的流水号不能全是 0，请核对第 17 至 23 位。")
    if check != check_char_37_36(body):
        raise BadInput("code", "诉求编号的校验位对不上，有一位可能写错了，请逐位核对。")
    return code


def uscc_check_char(body: str) -> str:
    """The 18th character of a 统一社会信用代码 from its first 17 (GB 32100—2015).

    Raises:
        ValueError: when the body is not 17 signs of the code's alphabet.
    """
    if len(body) != 17:
        raise ValueError("the body of a unified social credit code has 17 signs")
    total = sum(_USCC_ALPHABET.index(sign) * weight for sign, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def is_uscc(text: str) -> bool:
    """Whether the text, once tidied, is a 统一社会信用代码 with a right check character."""
    code = tidy(text)
    if len(code) != 18 or any(sign not in _USCC_ALPHABET for sign in code) or not code[2:8].isdigit():
        return False
    return uscc_check_char(code[:-1]) == code[-1]


def id_check_char(body: str) -> str:
    """The 18th character of a citizen's identity number from its first 17 digits (GB 11643—1999).

    Raises:
        ValueError: when the body is not 17 digits.
    """
    if not re.fullmatch(r"\d{17}", body, re.ASCII):
        raise ValueError("the body of an identity number has 17 digits")
    return _ID_CHECKS[sum(int(sign) * weight for sign, weight in zip(body, _ID_WEIGHTS, strict=True)) % 11]


def is_id_number(text: str) -> bool:
    """Whether the text, once tidied, is an 18-digit identity number with a real birth date and right check."""
    number = tidy(text)
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number, re.ASCII) or not _is_day(number[6:14]):
        return False
    return int(number[6:10]) >= 1880 and id_check_char(number[:-1]) == number[-1]


def invented_id_number(serial: int) -> str:
    """A number that passes every check and can belong to nobody: its area 990000 is assigned to no place.

    Args:
        serial: 0 to 15,983,999; each gives another number, with births from 1960 to 2003.

    Raises:
        ValueError: when the serial is out of range.
    """
    if not 0 <= serial < _INVENTED_BIRTHS * 999:
        raise ValueError(f"serial out of range: {serial}")
    order, born = divmod(serial, _INVENTED_BIRTHS)
    body = f"{_INVENTED_AREA}{date.fromordinal(_INVENTED_FIRST_BIRTH + born):%Y%m%d}{order + 1:03d}"
    return body + id_check_char(body)


def is_invented_id_number(text: str) -> bool:
    """Whether the number lies in the range that `invented_id_number` draws from."""
    return tidy(text).startswith(_INVENTED_AREA)


def tidy_mobile(text: str) -> str:
    """The number as it is stored: no spaces, dashes, brackets or +86 before it."""
    number = re.sub(r"[()（）.]", "", tidy(text))
    return re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", number)


def is_mobile(text: str) -> bool:
    """Whether the text, once tidied, is a mainland mobile number: 11 digits from 13 to 19."""
    return _MOBILE.fullmatch(tidy_mobile(text)) is not None


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True
