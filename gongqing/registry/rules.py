"""What may stand where in the tree, and what does a file of regions say?"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO

from gongqing.lib import codes
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed

LEVEL_OF_LENGTH = {4: "city", 6: "county", 9: "town"}
MOST_ERRORS_SHOWN = 20
SHORTEST_REASON = 4

TERRITORIAL = {"city": "city_union", "county": "county_union", "town": "town_union"}
# kind → (level, kinds of organisation it may hang under); None: may stand alone
PLACES: Mapping[str, tuple[str, frozenset[str | None]]] = {
    "city_union": ("city", frozenset({None})),
    "county_union": ("county", frozenset({"city_union"})),
    "industrial_union": ("county", frozenset({"city_union"})),
    "town_union": ("town", frozenset({"county_union"})),
    "federation": ("grassroots", frozenset({"town_union", "county_union", "industrial_union", "federation"})),
    "grassroots_union": (
        "grassroots",
        frozenset({"federation", "town_union", "county_union", "industrial_union", "city_union", "grassroots_union"}),
    ),
    "zone": ("zone", frozenset({"town_union", "county_union", "industrial_union"})),
    "department": ("department", frozenset({None})),
    "hotline": ("city", frozenset({"city_union", "county_union"})),
    "mediation_room": ("county", frozenset({"city_union", "county_union", "town_union", "industrial_union"})),
}
LEVEL_FROM_PARENT = frozenset({"hotline", "mediation_room"})
IN_ZONES = frozenset({"federation", "grassroots_union"})


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One official division as the file gives it.

    Attributes:
        parents: codes the parent may have, nearest first.
    """

    code: str
    name: str
    level: str
    parents: tuple[str, ...]


def plain(text: str) -> str:
    """One line of text as the database takes it: no control characters, no half characters, no blanks around it."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cs")).strip()


def level_in_tree(kind: str, parent_kind: str | None, parent_level: str | None) -> str:
    """The level of an organisation of this kind under this parent.

    Raises:
        NotAllowed: such an organisation does not hang there.
    """
    if kind not in PLACES:
        raise BadInput("kind", "没有这种组织类型。")
    level, parents = PLACES[kind]
    if parent_kind not in parents:
        where = "不能有上级组织" if parents == frozenset({None}) else "不能设在这一上级组织下"
        raise NotAllowed(f"这种类型的组织{where}，请核对组织类型和上级组织。")
    return parent_level or level if kind in LEVEL_FROM_PARENT else level


def check_can_hold(zone_kind: str, union_kind: str) -> None:
    """A zone holds federations and grassroots unions, nothing else."""
    if zone_kind != "zone":
        raise NotAllowed("只有片区才能挂联工会。")
    if union_kind not in IN_ZONES:
        raise NotAllowed("片区只挂联小三级联合会和基层工会。")


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


def region_rows(text: str, *, within: str = "") -> list[RegionRow]:
    """The divisions in a CSV file with a header: `code,name` and, where known, `areaCode,cityCode`.

    The files cities.csv, areas.csv and streets.csv of china-division are such files, and so is their concatenation.
    Codes may have 4, 6, 9 or, ending in zeros, 12 digits.

    Args:
        within: keep only divisions whose code begins so; wrong rows elsewhere are still named.

    Raises:
        BadInputs: every wrong row with its line number, the first twenty.
    """
    reader = csv.DictReader(StringIO(text.lstrip("\ufeff")))
    if not {"code", "name"} <= set(reader.fieldnames or ()):
        raise BadInput("file", "第 1 行应是表头，至少有 code 和 name 两列。")
    rows: list[RegionRow] = []
    errors: list[BadInput] = []
    lines: dict[str, int] = {}
    for row in reader:
        if row["code"] == "code":  # the header of the next file in a concatenation
            continue
        try:
            rows.append(_region_row(row, lines, reader.line_num))
        except BadInput as error:
            errors.append(error)
    if errors:
        raise BadInputs(errors[:MOST_ERRORS_SHOWN])
    return [row for row in rows if row.code.startswith(within)]


def _region_row(row: Mapping[str, str | None], lines: dict[str, int], line: int) -> RegionRow:
    written, name = plain(row["code"] or ""), plain(row["name"] or "")
    code = short_region_code(written)
    if len(code) not in LEVEL_OF_LENGTH or not re.fullmatch(r"\d+", code, re.ASCII):
        raise BadInput("file", f"第 {line} 行：区划代码“{written}”应为 4、6、9 或 12 位数字。")
    if not name or len(name) > 64:
        raise BadInput("file", f"第 {line} 行：代码 {code} 的名称为空或超过 64 字。")
    if code in lines:
        raise BadInput("file", f"第 {line} 行：代码 {code} 与第 {lines[code]} 行重复。")
    lines[code] = line
    written_parents = [short_region_code((row.get(column) or "").strip()) for column in ("areaCode", "cityCode")]
    parents = dict.fromkeys([*written_parents, code[:6], code[:4]])
    return RegionRow(
        code, name, LEVEL_OF_LENGTH[len(code)], tuple(one for one in parents if one and len(one) < len(code))
    )


def short_region_code(code: str) -> str:
    """`330203001000` as `330203001`, `330200` as `3302`: an official code without the zeros that pad it."""
    if len(code) == 12 and code.endswith("000"):
        code = code[:9]
        code = code[:6] if code.endswith("000") else code
    return code[:4] if len(code) == 6 and code.endswith("00") else code


def parents_first(rows: Iterable[RegionRow]) -> list[RegionRow]:
    """The rows so that no row stands before its parent."""
    return sorted(rows, key=lambda row: (len(row.code), row.code))
