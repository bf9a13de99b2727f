"""What does a row of a sheet of unpaid wages say, and what is wrong with it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gongqing.dispatch.rules.claims import period_of, period_words, yuan_of
from gongqing.lib import masks
from gongqing.lib.codes import is_id_number, is_mobile, tidy, tidy_mobile
from gongqing.lib.errors import BadInput
from gongqing.lib.sheets import Sheet, header_of, plain_name

COLUMNS = ("姓名", "手机", "身份证", "单位", "班组", "班组长", "工作期间", "应发", "已发", "欠款", "依据")
NEEDED = ("姓名", "工作期间")
OTHER_NAMES = {
    "职工姓名": "姓名",
    "手机号": "手机",
    "手机号码": "手机",
    "电话": "手机",
    "联系电话": "手机",
    "身份证号": "身份证",
    "身份证号码": "身份证",
    "公司": "单位",
    "企业": "单位",
    "用人单位": "单位",
    "所在单位": "单位",
    "组长": "班组长",
    "带班": "班组长",
    "期间": "工作期间",
    "欠薪期间": "工作期间",
    "应发工资": "应发",
    "应发金额": "应发",
    "已发工资": "已发",
    "已发金额": "已发",
    "欠薪": "欠款",
    "拖欠": "欠款",
    "欠款金额": "欠款",
    "欠薪金额": "欠款",
    "拖欠金额": "欠款",
    "备注": "依据",
    "证据": "依据",
}
TOTALS = ("合计", "总计", "小计")
MOST_ROWS = 2000


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """What one row says; amounts in yuan, the owed one as it stands or reckoned from the other two."""

    name: str
    employer: str
    started_on: date
    ended_on: date
    owed: Decimal
    phone: str = ""
    id_number: str = ""
    team: str = ""
    leader: str = ""
    payable: Decimal | None = None
    paid: Decimal | None = None
    basis: str = ""

    @property
    def period(self) -> str:
        """The period in words."""
        return period_words(self.started_on, self.ended_on)


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken: line as Excel counts, column, and why."""

    line: int
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """What a file holds: its good rows with their lines, and the others."""

    rows: Sequence[tuple[int, ClaimRow]]
    rejects: Sequence[Reject]


def read_claims(sheets: Sequence[Sheet], *, employer: str = "") -> ClaimFile:
    """The rows of a file's first sheet.

    Args:
        employer: the case's own, for sheets or rows without a column for it.

    Raises:
        BadInput: on `file`: no header, no column that is needed, no rows, or too many.
    """
    sheet = sheets[0]
    try:
        start = header_of(sheet.rows, [*COLUMNS, *OTHER_NAMES])
    except BadInput as error:
        raise BadInput("file", f"没有找到表头，要有这些列：{'、'.join(COLUMNS[:-1])}。") from error
    header = [_column(cell) for cell in sheet.rows[start]]
    for needed in NEEDED:
        if needed not in header:
            raise BadInput("file", f"缺少“{needed}”列。")
    if "欠款" not in header and not {"应发", "已发"} <= set(header):
        raise BadInput("file", "缺少“欠款”列；没有欠款时要有“应发”和“已发”两列。")
    given = [(line, row) for line, row in enumerate(sheet.rows[start + 1 :], start + 2) if _is_claim(row)]
    if not given:
        raise BadInput("file", "表头下面没有数据。")
    if len(given) > MOST_ROWS:
        raise BadInput("file", f"一次最多 {MOST_ROWS} 行，请分成几个文件。")
    rows: list[tuple[int, ClaimRow]] = []
    rejects: list[Reject] = []
    for line, cells in given:
        try:
            rows.append((line, row_of(dict(zip(header, cells, strict=False)), employer=employer)))
        except BadInput as error:
            rejects.append(Reject(line, error.field, error.message))
    return ClaimFile(rows, rejects)


def row_of(cells: dict[str, str], *, employer: str = "") -> ClaimRow:
    """One row under the names of `COLUMNS`; what a form sends is read the same way.

    Raises:
        BadInput: on the column.
    """
    name = _tidy(cells, "姓名", 64)
    if not name or {"*", "＊"} & set(name):
        raise BadInput("姓名", "没有姓名。" if not name else "姓名是打了星号的，请填全名。")
    given = cells.get("手机", "")
    phone = "" if masks.is_masked(given) else tidy_mobile(given)  # what an export shows is no number
    if phone and not is_mobile(phone):
        raise BadInput("手机", "手机号不对，应为 11 位数字；没有可以空着。")
    place = _tidy(cells, "单位", 128) or employer
    if not place:
        raise BadInput("单位", "没有写单位。")
    start, end = period_of(cells.get("工作期间", ""), field="工作期间")
    payable, paid, owed = (yuan_of(cells.get(each, ""), field=each, name=each) for each in ("应发", "已发", "欠款"))
    if owed is None:
        if payable is None or paid is None:
            raise BadInput("欠款", "没有写欠款，应发和已发也不全。")
        owed = payable - paid
        if owed < 0:
            raise BadInput("欠款", "已发比应发多，没有欠款，请核对。")
    elif payable is not None and paid is not None and payable - paid != owed:
        raise BadInput("欠款", f"应发减已发是 {payable - paid} 元，和欠款 {owed} 元对不上。")
    return ClaimRow(
        name=name,
        employer=place,
        started_on=start,
        ended_on=end,
        owed=owed,
        phone=phone,
        id_number=_id_number(cells.get("身份证", "")),
        team=_tidy(cells, "班组", 64),
        leader=_tidy(cells, "班组长", 64),
        payable=payable,
        paid=paid,
        basis=_tidy(cells, "依据", 500),
    )


def _id_number(text: str) -> str:
    number = tidy(text)
    if number and not is_id_number(number):
        raise BadInput("身份证", "身份证号不对：应为 18 位且校验位正确；没有可以空着。")
    return number


def _is_claim(row: Sequence[str]) -> bool:
    """A row with something in it that is no line of totals."""
    filled = [cell.strip() for cell in row if cell.strip()]
    return bool(filled) and not filled[0].startswith(TOTALS)


def _tidy(cells: dict[str, str], name: str, most: int) -> str:
    text = " ".join(cells.get(name, "").split())
    if len(text) > most:
        raise BadInput(name, f"“{name}”太长，最多 {most} 个字。")
    return text


def _column(cell: str) -> str:
    name = plain_name(cell)
    return OTHER_NAMES.get(name, name)
