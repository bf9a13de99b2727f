"""What does a row of a hotline's sheet say, and what forbids to take it?"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gongqing.appeals.rules import intake as intake_rules
from gongqing.appeals.rules.intake import Intake
from gongqing.appeals.rules.sheet_columns import TITLES
from gongqing.appeals.rules.sheet_values import (
    Gazetteer,
    hotline_kind_of,
    is_yes,
    moment_of,
    phone_of,
)
from gongqing.lib import crypto
from gongqing.lib.errors import BadInput


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row as it was read.

    Attributes:
        intake: what would be received; None when something forbids it.
        problems: `(column title, why)` that forbid it.
        remarks: what was left out or taken otherwise, for the note of the row.
        seeks_place: it names no place, not even one that this city does not have.
    """

    intake: Intake | None
    problems: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    seeks_place: bool = False


def read_row(cells: Mapping[str, str], *, source: str, channel: str, gazetteer: Gazetteer, at: datetime) -> SheetRow:
    """What a row says, or what is wrong with it, by column.

    Args:
        cells: by column name.
        channel: how the worker spoke.
        at: now; nothing can have been said later.
    """
    problems: list[tuple[str, str]] = []
    remarks: list[str] = []
    text = _checked(cells, problems)
    received_at = _received_at(cells.get("received_at", ""), problems, remarks, at=at)
    due_at = _due_at(cells.get("due_at", ""), remarks)
    mobile, line = phone_of(cells.get("phone", ""))
    if cells.get("phone", "").strip() and not mobile and not line:
        remarks.append(f"“{TITLES['phone']}”认不出电话，没有采用")
    county, town = cells.get("county", ""), cells.get("town", "")
    region = gazetteer.code_of(county, town, cells.get("place", ""))
    is_whole_city = gazetteer.is_whole_city(f"{county} {town}")
    if not region and not is_whole_city:
        remarks.append(f"区域“{_cut(' '.join((county, town)).strip())}”不在本市区划里，按市级登记")
    number = "".join(unicodedata.normalize("NFKC", cells.get("number", "")).split())
    if len(number) > 64:
        problems.append((TITLES["number"], f"编号太长（{len(number)} 个字符），最多 64 个"))
    if problems:
        return SheetRow(None, tuple(problems), tuple(remarks))
    if not number:
        number = number_from(text, received_at, mobile or line)
        remarks.append("没有编号，按内容认重复")
    intake = Intake(
        source=source,
        external_id=number,
        channel=channel,
        text=text,
        title=intake_rules.tidy_text(cells.get("title", "")),
        kind="need" if any(word in cells.get("kind", "") for word in ("需求", "服务申请")) else "",
        region_code=region,
        place=cells.get("place", "")[:200],
        employer=_name_or_nothing(cells.get("employer", "")),
        person_name=_name_or_nothing(cells.get("name", ""))[:64],
        person_phone=mobile,
        person_line=line,
        anonymous_to_employer=is_yes(cells.get("secret", "")),
        received_at=received_at,
        hotline_kind=hotline_kind_of(cells.get("hotline_kind", "")),
        source_due_at=due_at,
    )
    return SheetRow(intake, (), tuple(remarks), seeks_place=is_whole_city and not region)


def words_of_row(cells: Mapping[str, str]) -> tuple[str, str, datetime | None]:
    """Text, title and moment as `read_row` takes them from a row in which nothing is wrong."""
    text, title = _checked(cells, []), intake_rules.tidy_text(cells.get("title", ""))
    return text, title, moment_of(cells.get("received_at", ""))


def number_from(text: str, received_at: datetime | None, phone: str) -> str:
    """A number made of what a row says, for a sheet that has none."""
    said = "\n".join((text, received_at.isoformat() if received_at else "", phone))
    return f"内容-{crypto.digest(said.encode(errors='surrogatepass'))[:24]}"


def _checked(cells: Mapping[str, str], problems: list[tuple[str, str]]) -> str:
    said = cells.get("text", "")
    if not said.strip():
        problems.append((TITLES["text"], "是空的，没有内容不能登记"))
        return ""
    try:
        return intake_rules.check_text(said)
    except BadInput as refused:
        problems.append((TITLES["text"], refused.message))
        return ""


def _received_at(said: str, problems: list[tuple[str, str]], remarks: list[str], *, at: datetime) -> datetime | None:
    if not said.strip():
        remarks.append(f"没有“{TITLES['received_at']}”，按导入时间登记")
        return None
    moment = moment_of(said)
    if moment is None:
        problems.append((TITLES["received_at"], f"看不懂“{_cut(said)}”，请写成 2025-03-04 08:05"))
        return None
    try:
        intake_rules.check_received_at(moment, at=at)
    except BadInput as refused:
        problems.append((TITLES["received_at"], f"“{_cut(said)}”：{refused.message}"))
    return moment


def _due_at(said: str, remarks: list[str]) -> datetime | None:
    if not said.strip():
        return None
    moment = moment_of(said)
    if moment is None:
        remarks.append(f"“{TITLES['due_at']}”写的“{_cut(said)}”不是日期，没有采用")
        return None
    is_day_alone = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return moment + timedelta(days=1) if is_day_alone else moment


def _name_or_nothing(said: str) -> str:
    name = intake_rules.tidy_text(said)
    return "" if name in {"无", "不详", "未知", "匿名", "/", "-", "—", "暂无", "null", "NULL", "不愿透露"} else name


def _cut(text: str, most: int = 20) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"
