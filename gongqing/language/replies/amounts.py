"""Do the sums of a reply agree with each other, with the form and with what the worker said?"""

from __future__ import annotations

import re
from decimal import Decimal

from gongqing.language.facts.numerals import CHARACTERS, read_number
from gongqing.language.facts.spans import Evidence, evidence_at
from gongqing.language.replies.findings import Finding, Kind

_SUM = rf"(?P<sum>[\d{CHARACTERS}][\d{CHARACTERS}.,]{{0,14}})(?:多|余)?(?:元|块)"
_RECOVERED = re.compile(
    rf"(?:追回|补发|支付|付清|发放|发给|打给|付给|付了|给付|到账|拿到|领到|挽回|结清|赔偿|补偿|退还|退回)了?[^，。；！？\d{CHARACTERS}]{{0,12}}{_SUM}"
    rf"|{_SUM}[^，。；！？]{{0,8}}(?:已(?:经)?(?:到账|付清|补发|发放|结清|支付)|到账)".replace(
        "(?P<sum>", "(?P<first>", 1
    ).replace("(?P<sum>", "(?P<second>", 1)
)
_EACH = re.compile(rf"(?:每人|人均|每位|每名)(?:职工|工人|员工)?[^，。；！？\d{CHARACTERS}]{{0,6}}{_SUM}")
_PEOPLE = re.compile(rf"(?<![\d{CHARACTERS}])(?P<count>[\d{CHARACTERS}]{{1,6}})(?:名|位|个人|人(?!民))")
_TOTAL = re.compile(rf"(?:合计|共计|总计|一共|总共|总额|共)[^，。；！？\d{CHARACTERS}]{{0,6}}{_SUM}")
_OWED = re.compile(rf"(?:拖欠|欠薪|欠发|欠付|欠|应发|应付|认定|核定|核实)[^，。；！？\d{CHARACTERS}]{{0,12}}{_SUM}")
_EXPLAINED = re.compile(
    r"扣除|核减|实际|实发|其中|先付|首付|首期|分[两二三四]?[次期批]|剩余|余款|尾款|还差|尚欠|部分|减去|折算|协商|自愿|放弃|按\d|预付|借支"
)
_TOLERANCE = Decimal("0.01")


def amounts_found(reply: str, *, owed: Decimal | int | None, recovered: Decimal | int | None) -> list[Finding]:
    """What does not agree: people × each with the total, the sum paid with the form, the sum owed with the appeal."""
    found: list[Finding] = []
    product = _product(reply)
    if product is not None:
        found.append(product)
    paid = [_read(match, "first", "second") for match in _RECOVERED.finditer(reply)]
    sums = [each for each in paid if each is not None]
    if recovered is not None and recovered > 0 and len(sums) == 1 and not _same(sums[0][0], Decimal(recovered)):
        hint = f"答复里写 {_yuan(sums[0][0])}，“挽回金额”填的是 {_yuan(Decimal(recovered))}。核对后改成一样。"
        found.append(Finding(Kind.AMOUNTS, hint, (sums[0][1],)))
    match = _OWED.search(reply)
    stated = _read(match, "sum") if match else None
    if owed and stated and not _EXPLAINED.search(reply) and not _same(stated[0], Decimal(owed), Decimal("0.05")):
        hint = f"职工说的是 {_yuan(Decimal(owed))}，答复写的是 {_yuan(stated[0])}。写明差在哪里。"
        found.append(Finding(Kind.AMOUNTS, hint, (stated[1],)))
    return found


def _product(reply: str) -> Finding | None:
    each, people, total = _EACH.search(reply), _PEOPLE.search(reply), _TOTAL.search(reply)
    if not (each and people and total) or len(_PEOPLE.findall(reply)) > 1:
        return None
    one, count, whole = _read(each, "sum"), read_number(people["count"]), _read(total, "sum")
    if one is None or count is None or whole is None or count.approximate or count.value < 2:
        return None
    expected = one[0] * Decimal(str(count.value))
    if _same(expected, whole[0]):
        return None
    hint = (
        f"{count.value:.0f} 人、每人 {_yuan(one[0])}，合起来是 {_yuan(expected)}，答复里写 {_yuan(whole[0])}。请核对。"
    )
    return Finding(Kind.AMOUNTS, hint, (one[1], whole[1]))


def _read(match: re.Match[str], *groups: str) -> tuple[Decimal, Evidence] | None:
    name = next((each for each in groups if match[each]), None)
    number = read_number(match[name]) if name else None
    if name is None or number is None or number.approximate:
        return None
    return Decimal(str(round(number.value, 2))), evidence_at(match.string, match.start(name), match.end())


def _same(one: Decimal, other: Decimal, share: Decimal = _TOLERANCE) -> bool:
    return abs(one - other) <= max(Decimal(1), share * max(one, other))


def _yuan(amount: Decimal) -> str:
    return f"{amount:,.2f}".rstrip("0").rstrip(".") + " 元"
