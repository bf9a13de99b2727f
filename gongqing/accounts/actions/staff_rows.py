"""What does a row of a sheet of staff say, and which cannot be kept? Values in, values out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gongqing.accounts import rules
from gongqing.accounts.models import RoleChoice
from gongqing.audit.actor import Role
from gongqing.lib import codes
from gongqing.lib.columns import Column
from gongqing.lib.errors import BadInput
from gongqing.lib.passwords import FIGURES, LETTERS
from gongqing.registry.models.sealing import index_of
from gongqing.registry.rules import plain

COLUMNS = (
    Column("name", "姓名", ("人员姓名", "干部姓名"), is_required=True),
    Column("username", "用户名", ("登录名", "账号"), hint="不填时用工号；工号也没有，就按手机号生成"),
    Column("number", "工号", ("员工编号", "人员编号")),
    Column("phone", "手机号", ("手机", "联系电话", "手机号码", "电话"), hint="11 位，加密保存", mask="phone"),
    Column(
        "organisation",
        "组织编码",
        ("工会编码", "所在组织编码", "单位编码", "组织代码"),
        is_required=True,
        hint="审计员和系统管理员可以不填",
    ),
    Column(
        "role",
        "岗位",
        ("角色", "职务", "系统岗位"),
        is_required=True,
        hint="、".join(RoleChoice(role.value).label for role in rules.ROLE_PLACES),
    ),
    Column("since", "任职开始", ("开始日期", "任职起始日", "任职时间", "起始日期"), hint="不填就从今天起"),
    Column("last", "任职结束", ("结束日期", "任职截止", "截止日期", "离任日期"), hint="最后一天；不填就没有期限"),
    Column("verb", "动作", ("操作", "变动"), hint="任职或离任；不填就是任职"),
)
TITLES: Mapping[str, str] = {column.name: column.title for column in COLUMNS}
ROLE_OF_WORD: Mapping[str, Role] = {
    **{word: role for role in rules.ROLE_PLACES for word in (role.value, RoleChoice(role.value).label)},
    "基层干部": Role.GRASSROOTS_OFFICER,
    "工会干部": Role.GRASSROOTS_OFFICER,
    "坐席": Role.HOTLINE_SEAT,
    "片区工作者": Role.ZONE_WORKER,
    "专职工作者": Role.ZONE_WORKER,
    "指导员": Role.ZONE_INSTRUCTOR,
    "辅助人员": Role.ZONE_HELPER,
    "镇街督办": Role.TOWN_SUPERVISOR,
    "区县督办": Role.COUNTY_SUPERVISOR,
    "市级督办": Role.CITY_SUPERVISOR,
    "联络员": Role.DEPARTMENT_LIAISON,
    "管理员": Role.ADMINISTRATOR,
}
VERBS: Mapping[str, bool] = {
    "": True,
    "任职": True,
    "任命": True,
    "新增": True,
    "离任": False,
    "结束": False,
    "免职": False,
}
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?: 00:00:00)?")
_EARLIEST, _LATEST = date(1990, 1, 1), date(2100, 1, 1)

Cells = Mapping[str, str]
Problem = tuple[str, str]
Held = tuple[str, str, Role]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row as it was read.

    Attributes:
        until: the first day without the posting; None for an open end.
        is_dated: the row itself says from when.
        begins: whether somebody comes, or leaves.
    """

    name: str
    username: str
    phone: str
    organisation: str
    role: Role
    since: date
    until: date | None
    is_dated: bool
    begins: bool

    @property
    def held(self) -> Held:
        """Who, where, as what."""
        return (self.username, self.organisation, self.role)


@dataclass(slots=True)
class Account:
    """An account as it stands, or would stand."""

    name: str
    id: int = 0
    is_active: bool = True
    is_worker: bool = False
    has_signed_in: bool = False
    has_phone: bool = False


@dataclass(slots=True)
class Term:
    """A posting as it stands, or would stand; `row` says which row of the file made it."""

    since: date
    until: date | None
    id: int = 0
    row: int = 0


@dataclass(slots=True)
class Ledger:
    """What the rows are held against; `judged` keeps it up to date.

    Attributes:
        places: code of an organisation → its kind, whether it is in use, its id.
    """

    accounts: dict[str, Account]
    terms: dict[Held, list[Term]]
    places: Mapping[str, tuple[str, bool, int]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of a row.

    Attributes:
        state: `added`, `changed`, `unchanged`, `repeated` or `rejected`.
        opens: the account is made with the posting, or put into use again.
        term: the posting that is made or changed; `until` is its new end.
    """

    state: str
    wanted: Wanted | None = None
    opens: bool = False
    term: Term | None = None
    was_until: date | None = None
    problems: tuple[Problem, ...] = ()
    note: str = ""


def judged(number: int, cells: Cells, ledger: Ledger, *, today: date) -> Verdict:
    """What is to become of one row, given those before it; the ledger learns it."""
    wanted, problems = read(cells, today=today)
    if wanted is None:
        return Verdict("rejected", problems=tuple(problems))
    account = ledger.accounts.get(wanted.username)
    problems += _place_problems(wanted, ledger) + _account_problems(wanted, account)
    if problems:
        return Verdict("rejected", wanted, problems=tuple(problems))
    if wanted.begins:
        return _begun(number, wanted, account, ledger)
    return _left(wanted, account, ledger, today)


def read(cells: Cells, *, today: date) -> tuple[Wanted | None, list[Problem]]:
    """The row as it was meant, or what is wrong with it."""
    given = {key: plain(cells.get(key, "")) for key in TITLES}
    problems: list[Problem] = []
    if not 1 <= len(given["name"]) <= 64:
        problems.append((TITLES["name"], "请填写姓名，不超过 64 字。"))
    phone = codes.tidy_mobile(given["phone"])
    if given["phone"] and not codes.is_mobile(phone):
        problems.append((TITLES["phone"], "手机号不对，应为 11 位。"))
        phone = ""
    username = _username(given, phone, problems)
    role = ROLE_OF_WORD.get(given["role"])
    if role is None:
        words = "、".join(RoleChoice(one.value).label for one in rules.ROLE_PLACES)
        problems.append((TITLES["role"], f"没有“{given['role'][:20]}”这种岗位，应为：{words}。"))
    if given["verb"] not in VERBS:
        problems.append((TITLES["verb"], f"动作“{given['verb'][:20]}”看不懂，请填“任职”或“离任”。"))
    since, last = _day(given, "since", problems), _day(given, "last", problems)
    begins = VERBS.get(given["verb"], True)
    until = last + timedelta(days=1) if last else None
    if until is None and not begins:
        until = today
    if begins and until is not None and until <= (since or today):
        problems.append((TITLES["last"], "任职结束早于任职开始。" if since else "任职结束已经过去，请填任职开始。"))
    if problems or role is None:
        return None, problems
    return (
        Wanted(
            name=given["name"],
            username=username,
            phone=phone,
            organisation=given["organisation"],
            role=role,
            since=since or today,
            until=until,
            is_dated=since is not None,
            begins=begins,
        ),
        problems,
    )


def made_username(phone: str) -> str:
    """A username by which nobody reads the phone: its last four figures and five signs of its keyed digest."""
    digest, signs = int.from_bytes(index_of("username", phone)[:8], "big"), LETTERS + FIGURES
    made = ""
    for _ in range(5):
        digest, place = divmod(digest, len(signs))
        made += signs[place]
    return f"gh{phone[-4:]}-{made}"


def _username(given: Cells, phone: str, problems: list[Problem]) -> str:
    for column in ("username", "number"):
        if given[column]:
            try:
                return rules.check_username(given[column])
            except BadInput as fault:
                problems.append((TITLES[column], str(fault)))
                return ""
    if not phone:
        problems.append((TITLES["username"], "用户名、工号、手机号至少填一个。"))
        return ""
    return made_username(phone)


def _day(given: Cells, column: str, problems: list[Problem]) -> date | None:
    text = given[column]
    if not text:
        return None
    found = _DATE.fullmatch(text)
    try:
        if found:
            year, month, day = (int(part) for part in found.groups() if part)
            if _EARLIEST <= (made := date(year, month, day)) <= _LATEST:
                return made
    except ValueError:
        pass
    problems.append((TITLES[column], f"日期“{text[:20]}”看不懂，请写成 2025-10-13。"))
    return None


def _place_problems(wanted: Wanted, ledger: Ledger) -> list[Problem]:
    if not wanted.organisation:
        kind = None
    elif wanted.organisation not in ledger.places:
        return [(TITLES["organisation"], f"没有编码为 {wanted.organisation} 的组织，请先导入组织。")]
    else:
        kind, is_active, _ = ledger.places[wanted.organisation]
        if wanted.begins and not is_active:
            return [(TITLES["organisation"], f"组织 {wanted.organisation} 已停用，不能任命。")]
    try:
        rules.check_place(wanted.role, kind)
    except BadInput:
        label = RoleChoice(wanted.role.value).label
        where = f"组织 {wanted.organisation}" if wanted.organisation else "没有写的组织"
        return [(TITLES["role"], f"{label}不能设在{where}，请核对组织编码和岗位。")]
    return []


def _account_problems(wanted: Wanted, account: Account | None) -> list[Problem]:
    if account is None:
        return [] if wanted.begins else [(TITLES["username"], f"没有用户名为 {wanted.username} 的账号。")]
    if account.is_worker:
        return [(TITLES["username"], f"{wanted.username} 是职工的账号，请换一个用户名。")]
    if account.name != wanted.name:
        return [(TITLES["name"], f"用户名 {wanted.username} 已是另一个姓名的账号，请核对，或换一个用户名。")]
    if not account.is_active and (account.has_signed_in or not wanted.begins):
        return [(TITLES["username"], f"账号 {wanted.username} 已停用，请先在账号页面恢复使用。")]
    return []


def _begun(number: int, wanted: Wanted, account: Account | None, ledger: Ledger) -> Verdict:
    opens = account is None or not account.is_active
    terms = ledger.terms.setdefault(wanted.held, [])
    same = _same(wanted, terms)
    if same is not None:
        return _kept_on(wanted, same, number)
    clash = next((term for term in terms if _overlap(wanted, term)), None)
    if clash is not None:
        whose = f"第 {clash.row} 行" if clash.row else "已有的任职"
        return Verdict(
            "rejected",
            wanted,
            problems=((TITLES["since"], f"和{whose}（{_days(clash)}）重叠：同一个人在同一处只能有一段。"),),
        )
    term = Term(wanted.since, wanted.until, row=number)
    terms.append(term)
    ledger.accounts[wanted.username] = Account(
        wanted.name, id=account.id if account else 0, has_phone=bool(wanted.phone or (account and account.has_phone))
    )
    note = f"新账号 {wanted.username}，{_days(term)}。" if opens else f"新任职，{_days(term)}。"
    return Verdict("added", wanted, opens=opens, term=term, note=note)


def _same(wanted: Wanted, terms: Sequence[Term]) -> Term | None:
    """The posting that the row is about already, if there is one."""
    if wanted.is_dated:
        return next((term for term in terms if term.since == wanted.since), None)
    return next((term for term in terms if term.until is None or term.until > wanted.since), None)


def _kept_on(wanted: Wanted, term: Term, number: int) -> Verdict:
    if term.row and wanted.until == term.until:
        return Verdict("repeated", wanted, note=f"与第 {term.row} 行相同。")
    if wanted.until is None or wanted.until == term.until:
        return Verdict("unchanged", wanted, term=term)
    if term.row:
        return Verdict(
            "rejected", wanted, problems=((TITLES["last"], f"和第 {term.row} 行是同一段任职，结束日期却不同。"),)
        )
    before, term.until = term.until, wanted.until
    return Verdict("changed", wanted, term=term, was_until=before, note=f"任期改为{_days(term)}。")


def _left(wanted: Wanted, account: Account | None, ledger: Ledger, today: date) -> Verdict:
    terms = ledger.terms.get(wanted.held, [])
    until = wanted.until or today
    open_term = next((term for term in terms if term.until is None or term.until > until), None)
    if open_term is None:
        if any(term.until is not None and term.until <= until for term in terms):
            return Verdict("unchanged", wanted, note="已经离任。")
        return Verdict("rejected", wanted, problems=((TITLES["role"], "这个人没有这项任职，不能离任。"),))
    if until < open_term.since:
        return Verdict("rejected", wanted, problems=((TITLES["last"], f"离任早于任职开始（{open_term.since}）。"),))
    before, open_term.until = open_term.until, until
    last = until - timedelta(days=1)
    return Verdict("changed", wanted, term=open_term, was_until=before, note=f"离任，最后一天是 {last}。")


def _overlap(wanted: Wanted, term: Term) -> bool:
    starts_before = term.until is None or wanted.since < term.until
    return starts_before and (wanted.until is None or term.since < wanted.until)


def _days(term: Term) -> str:
    return f"{term.since} 起" if term.until is None else f"{term.since} 至 {term.until - timedelta(days=1)}"
