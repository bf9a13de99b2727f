"""What does a row of a roster's file say, and what is wrong with it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gongqing.dispatch.rules.duty import MOST_RANK, Watch
from gongqing.lib.errors import BadInput
from gongqing.lib.sheets import Sheet, header_of, plain_name
from gongqing.lib.times import SHANGHAI

COLUMNS = ("值班人", "用户名", "开始", "结束", "顺位")
OTHER_NAMES = {"姓名": "值班人", "值班人员": "值班人", "开始时间": "开始", "结束时间": "结束", "账号": "用户名"}
MOST_ROWS = 2000
_MOMENTS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken: line as Excel counts, column, and why."""

    line: int
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What a file holds: its good rows with their lines, and the others."""

    rows: Sequence[tuple[int, Watch]]
    rejects: Sequence[Reject]


def read_roster(sheets: Sequence[Sheet], people: Sequence[tuple[int, str, str]]) -> RosterFile:
    """The shifts of a file's first sheet.

    Args:
        people: account, username and name of everybody who may stand on the roster.

    Raises:
        BadInput: on `file`: no header, no column for people or hours, no rows, or too many.
    """
    sheet = sheets[0]
    try:
        start = header_of(sheet.rows, [*COLUMNS, *OTHER_NAMES])
    except BadInput as error:
        raise BadInput("file", f"没有找到表头，第一行要有这些列：{'、'.join(COLUMNS)}。") from error
    header = [_column(cell) for cell in sheet.rows[start]]
    for needed in ("开始", "结束"):
        if needed not in header:
            raise BadInput("file", f"缺少“{needed}”列。")
    if "值班人" not in header and "用户名" not in header:
        raise BadInput("file", "缺少“值班人”列。")
    given = [(line, row) for line, row in enumerate(sheet.rows[start + 1 :], start + 2) if any(row)]
    if not given:
        raise BadInput("file", "表头下面没有数据。")
    if len(given) > MOST_ROWS:
        raise BadInput("file", f"一次最多 {MOST_ROWS} 行，请分成几个文件。")
    rows, rejects = [], []
    for line, cells in given:
        try:
            rows.append((line, _row(dict(zip(header, cells, strict=False)), people)))
        except BadInput as error:
            rejects.append(Reject(line, error.field, error.message))
    return RosterFile(rows, rejects)


def people_in(text: str, people: Sequence[tuple[int, str, str]]) -> list[tuple[int, str]]:
    """The people whose names or usernames stand in a text, in its order, apart by commas, blanks or lines.

    Raises:
        BadInput: on `people`, one that nobody here bears, or that several do.
    """
    for mark in "，,、；;\n\r\t":
        text = text.replace(mark, " ")
    return [_person(word, people, field="people") for word in text.split()]


def moment_of(text: str, *, field: str) -> datetime:
    """A moment as people and spreadsheets write it.

    Raises:
        BadInput: on `field`.
    """
    for form in _MOMENTS:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    raise BadInput(field, f"“{text[:20]}”不是时间，请写成 2025-10-13 17:30。")


def _row(cells: dict[str, str], people: Sequence[tuple[int, str, str]]) -> Watch:
    word = cells.get("用户名") or cells.get("值班人", "")
    if not word:
        raise BadInput("值班人", "没有填值班人。")
    user_id, name = _person(word, people, field="值班人")
    starts_at, ends_at = moment_of(cells["开始"], field="开始"), moment_of(cells["结束"], field="结束")
    if ends_at <= starts_at:
        raise BadInput("结束", "结束时间应晚于开始时间。")
    rank = cells.get("顺位") or "1"
    if rank not in {str(number) for number in range(1, MOST_RANK + 1)}:
        raise BadInput("顺位", f"顺位填 1 到 {MOST_RANK}。")
    return Watch(user_id, name, int(rank), starts_at, ends_at)


def _person(word: str, people: Sequence[tuple[int, str, str]], *, field: str) -> tuple[int, str]:
    found = [(user_id, name) for user_id, username, name in people if word in (username, name)]
    if not found:
        raise BadInput(field, f"本单位没有“{word[:20]}”，请填在任人员的姓名或用户名。")
    if len(found) > 1:
        raise BadInput(field, f"有 {len(found)} 位“{word[:20]}”，请改填用户名。")
    return found[0]


def _column(cell: str) -> str:
    name = plain_name(cell)
    return OTHER_NAMES.get(name, name)
