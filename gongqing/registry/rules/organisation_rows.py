"""What does a row of a sheet of organisations say, in which order can the rows be kept, and which cannot?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gongqing.lib.columns import Column
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.registry.rules.regions import short_region_code
from gongqing.registry.rules.tree import IN_ZONES, TERRITORIAL, check_can_hold, level_in_tree
from gongqing.registry.rules.values import check_uscc, plain

COLUMNS = (
    Column("code", "组织编码", ("工会编码", "组织代码", "编码"), is_required=True, hint="全市唯一，32 位以内"),
    Column("name", "名称", ("组织名称", "工会名称", "组织全称"), is_required=True, hint="全称，128 字以内"),
    Column("short_name", "简称", ("组织简称", "工会简称"), hint="页面上显示的短名"),
    Column(
        "kind",
        "类型",
        ("组织类型", "工会类型", "类别"),
        is_required=True,
        hint="市总工会、区县总工会、镇街总工会、产业工会、小三级、基层工会、片区、部门、热线、调处工作室",
    ),
    Column("parent", "上级编码", ("上级组织编码", "上级工会编码", "上级代码"), hint="上级在表里哪一行都可以"),
    Column("parent_name", "上级名称", ("上级组织", "上级工会", "上级组织名称"), hint="没有上级编码时用，不能重名"),
    Column("region", "区划", ("所在区划", "行政区划", "区划代码", "所属区划"), hint="代码或名称；不填时随上级"),
    Column("uscc", "单位统一社会信用代码", ("统一社会信用代码", "信用代码"), hint="18 位，核对校验位"),
    Column("employer", "单位名称", ("用人单位", "企业名称", "所在单位")),
    Column("phone", "电话", ("联系电话", "办公电话")),
    Column("headcount", "职工人数", ("职工数", "用工人数"), hint="用人单位的职工人数"),
    Column("zone", "所属片区", ("片区", "片区编码", "所属片区编码"), hint="片区的组织编码，小三级和基层工会才有"),
    Column("status", "状态", ("使用状态", "组织状态"), hint="在用或停用；不填就不变"),
)
TITLES: Mapping[str, str] = {column.name: column.title for column in COLUMNS}
KINDS: Mapping[str, tuple[str, ...]] = {
    "city_union": ("市总工会", "市总", "市"),
    "county_union": ("区县市总工会", "区县总工会", "区县（市）总工会", "区总工会", "县总工会", "区县", "区县市"),
    "town_union": ("镇街总工会", "街道总工会", "乡镇总工会", "镇总工会", "镇街", "乡镇街道", "街道", "乡镇"),
    "industrial_union": ("产业工会", "产业"),
    "federation": ("小三级联合会", "小三级", "联合工会", "工会联合会", "村级联合工会", "园区联合工会"),
    "grassroots_union": ("基层工会", "基层", "企业工会", "单独基层工会", "基层工会委员会"),
    "zone": ("片区",),
    "department": ("横向部门", "部门"),
    "hotline": ("热线", "职工热线"),
    "mediation_room": ("调处工作室", "调解室", "工作室"),
}
KIND_OF_WORD: Mapping[str, str] = {word: kind for kind, words in KINDS.items() for word in (kind, *words)}
STATUSES: Mapping[str, bool] = {
    **dict.fromkeys(("在用", "正常", "启用", "有效", "是"), True),
    **dict.fromkeys(("停用", "撤销", "已撤销", "已停用", "注销", "无效", "否"), False),
}
PHONE = re.compile(r"[\d\-+()（） 、,，;；/转]{3,32}")
MOST_HEADCOUNT = 2_000_000

Cells = Mapping[str, str]
Problem = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the file says as a whole.

    Attributes:
        order: the row numbers, parents and zones first, what is to be closed last and from below.
        row_of_code: where a code stands first.
        repeated: number of a row → the number of the row that has its code already.
        circles: number of a row → the codes round which it hangs under itself.
        code_of_name: full name → code, where the file has the name once.
    """

    order: tuple[int, ...]
    row_of_code: Mapping[str, int]
    repeated: Mapping[int, int]
    circles: Mapping[int, tuple[str, ...]]
    code_of_name: Mapping[str, str]


@dataclass(slots=True)
class Known:
    """An organisation as it stands, or as it would stand after the rows so far; `id` is 0 until it is founded."""

    code: str
    name: str
    kind: str
    level: str
    id: int = 0
    path: str = ""
    short_name: str = ""
    phone: str = ""
    parent: str = ""
    region: str = ""
    uscc: str = ""
    employer: str = ""
    headcount: int | None = None
    zone: str = ""
    is_active: bool = True


@dataclass(slots=True)
class Ledger:
    """What the rows are held against; `judged` keeps it up to date.

    Attributes:
        organisations: by code.
        code_of_name: full name → code, of names that one active organisation bears.
        territorial: region code → code of the active territorial union there.
        regions: code → name.
        employers: 统一社会信用代码 → the name it is registered under.
        active_children: code → how many active organisations hang directly under it.
    """

    organisations: dict[str, Known]
    code_of_name: dict[str, str] = field(default_factory=dict)
    territorial: dict[str, str] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    employers: dict[str, str] = field(default_factory=dict)
    active_children: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of a row.

    Attributes:
        state: `added`, `changed`, `unchanged` or `rejected`.
        stands: the organisation as it will stand.
        changes: field → (before, after), of an organisation that there is already.
    """

    state: str
    stands: Known | None = None
    changes: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    note: str = ""


def planned(rows: Sequence[tuple[int, Cells]], levels: Mapping[str, int] | None = None) -> Plan:
    """Look over the whole file: who hangs under whom, which code stands twice, who hangs under itself.

    Args:
        levels: how deep organisations stand already, by code; what is to be closed is closed from below.
    """
    first: dict[str, int] = {}
    repeated: dict[int, int] = {}
    names = Counter(plain(cells.get("name", "")) for _, cells in rows)
    code_of_name: dict[str, str] = {}
    for number, cells in rows:
        code, name = plain(cells.get("code", "")), plain(cells.get("name", ""))
        if code and code in first:
            repeated[number] = first[code]
        elif code:
            first[code] = number
            if names[name] == 1:
                code_of_name[name] = code
    above = {
        plain(cells.get("code", "")): _parent_code(cells, code_of_name)
        for number, cells in rows
        if first.get(plain(cells.get("code", ""))) == number
    }
    depths, circles = _depths(above)
    places = {number: _place(number, cells, depths, levels or {}) for number, cells in rows}
    return Plan(
        order=tuple(sorted(places, key=lambda number: places[number])),
        row_of_code=first,
        repeated=repeated,
        circles={first[code]: circle for code, circle in circles.items()},
        code_of_name=code_of_name,
    )


def judged(number: int, cells: Cells, plan: Plan, ledger: Ledger) -> Verdict:
    """What is to become of one row, given those before it; the ledger learns it."""
    problems = _form_problems(number, cells, plan)
    if problems:
        return Verdict("rejected", problems=tuple(problems))
    wanted, problems = _read(cells, plan, ledger)
    known = ledger.organisations.get(wanted.code)
    if known is None and is_closing(cells):
        return Verdict("unchanged", note="状态是停用，系统里也没有这个组织，不用导入。")
    problems += _place_problems(wanted, known, plan, ledger)
    problems += _holder_problems(wanted, known, ledger)
    if problems:
        return Verdict("rejected", problems=tuple(problems))
    note = _note(wanted, known)
    if known is None:
        return Verdict("added", stands=_settled(wanted, ledger), note=note)
    return _compared(wanted, known, plain(cells.get("status", "")), ledger, note)


def _parent_code(cells: Cells, code_of_name: Mapping[str, str]) -> str:
    return plain(cells.get("parent", "")) or code_of_name.get(plain(cells.get("parent_name", "")), "")


def _depths(above: Mapping[str, str]) -> tuple[dict[str, int], dict[str, tuple[str, ...]]]:
    """How many rows of the file stand above each code, and which codes hang in a circle."""
    depths: dict[str, int] = {}
    circles: dict[str, tuple[str, ...]] = {}
    for start in above:
        trail: list[str] = []
        seen: set[str] = set()
        code = start
        while code in above and code not in depths and code not in seen:
            trail.append(code)
            seen.add(code)
            code = above[code]
        if code in seen:
            circle = tuple(trail[trail.index(code) :])
            circles.update(dict.fromkeys(circle, circle))
        depth = depths.get(code, -1)
        for each in reversed(trail):
            depth += 1
            depths[each] = depth
    return depths, circles


def is_closing(cells: Cells) -> bool:
    """Whether the row says that its organisation is out of use."""
    return STATUSES.get(plain(cells.get("status", ""))) is False


def _place(
    number: int, cells: Cells, depths: Mapping[str, int], levels: Mapping[str, int]
) -> tuple[int, int, int, int]:
    code = plain(cells.get("code", ""))
    depth = depths.get(code, 0)
    if is_closing(cells):
        return (1, 0, -levels.get(code, depth), number)
    return (0, KIND_OF_WORD.get(plain(cells.get("kind", ""))) in IN_ZONES, depth, number)


def _form_problems(number: int, cells: Cells, plan: Plan) -> list[Problem]:
    """What is wrong with the row by itself and within its file."""
    problems: list[Problem] = []
    code, name, kind, status = (plain(cells.get(key, "")) for key in ("code", "name", "kind", "status"))
    if not code or len(code) > 32:
        problems.append((TITLES["code"], "请填写组织编码，不超过 32 位。"))
    elif number in plan.repeated:
        problems.append((TITLES["code"], f"编码 {code} 与第 {plan.repeated[number]} 行重复，只导入第一行。"))
    elif number in plan.circles:
        problems.append((TITLES["parent"], _circle_words(plan.circles[number])))
    if not name or len(name) > 128:
        problems.append((TITLES["name"], "请填写名称，不超过 128 字。"))
    if kind not in KIND_OF_WORD:
        said = f"没有“{kind}”这种类型" if kind else "请填写类型"
        problems.append((TITLES["kind"], f"{said}，应为：{'、'.join(words[0] for words in KINDS.values())}。"))
    if status and status not in STATUSES:
        problems.append((TITLES["status"], f"状态“{status}”看不懂，请填“在用”或“停用”。"))
    return problems


def _circle_words(circle: tuple[str, ...]) -> str:
    if len(circle) == 1:
        return f"{circle[0]} 的上级写成了它自己。"
    return f"上下级绕成了一圈：{' → '.join((*circle[:6], '…') if len(circle) > 6 else (*circle, circle[0]))}。"


def _read(cells: Cells, plan: Plan, ledger: Ledger) -> tuple[Known, list[Problem]]:
    """The row as an organisation, with what is wrong in its cells."""
    problems: list[Problem] = []
    given = {key: plain(cells.get(key, "")) for key in TITLES}
    wanted = Known(
        code=given["code"],
        name=given["name"],
        kind=KIND_OF_WORD[given["kind"]],
        level="",
        short_name=given["short_name"][:64],
        employer=given["employer"][:128],
        zone=given["zone"],
    )
    wanted.parent = _parent_of(given, plan, ledger, problems)
    wanted.region = _region_of(given["region"], ledger, problems)
    if given["phone"] and not PHONE.fullmatch(given["phone"]):
        problems.append((TITLES["phone"], f"电话“{given['phone'][:40]}”不对，只能有数字和分隔符，不超过 32 位。"))
    wanted.phone = given["phone"]
    if given["uscc"]:
        try:
            wanted.uscc = check_uscc(given["uscc"])
        except BadInput as fault:
            problems.append((TITLES["uscc"], str(fault)))
    count = given["headcount"].removesuffix("人").replace(",", "").replace("，", "")
    if count and (not count.isascii() or not count.isdigit() or int(count) > MOST_HEADCOUNT):
        problems.append((TITLES["headcount"], f"职工人数“{given['headcount'][:20]}”不是整数。"))
    elif count:
        wanted.headcount = int(count)
    return wanted, problems


def _parent_of(given: Cells, plan: Plan, ledger: Ledger, problems: list[Problem]) -> str:
    if given["parent"] or not given["parent_name"]:
        return given["parent"]
    name = given["parent_name"]
    code = plan.code_of_name.get(name) or ledger.code_of_name.get(name, "")
    if not code:
        problems.append((TITLES["parent_name"], f"没有找到上级“{name}”，或者有几个同名的，请改填上级编码。"))
    return code


def _region_of(text: str, ledger: Ledger, problems: list[Problem]) -> str:
    if not text:
        return ""
    if (code := short_region_code(text)) in ledger.regions:
        return code
    found = [code for code, name in ledger.regions.items() if name == text]
    if len(found) == 1:
        return found[0]
    why = "有几个同名的区划，请改填代码" if found else "没有这个区划，请填代码或全称"
    problems.append((TITLES["region"], f"区划“{text[:40]}”：{why}。"))
    return ""


def _place_problems(wanted: Known, known: Known | None, plan: Plan, ledger: Ledger) -> Iterable[Problem]:
    """What is wrong with where it is to stand."""
    if known is not None:
        if known.kind != wanted.kind:
            yield TITLES["kind"], f"{known.code} 已经登记为{KINDS[known.kind][0]}，类型不能由导入改变。"
        if wanted.parent and wanted.parent != known.parent:
            yield (
                TITLES["parent"],
                f"上级要从 {known.parent or '无'} 改为 {wanted.parent}：请打开这个组织的页面，用“调整上级”办理。",
            )
        return
    above = ledger.organisations.get(wanted.parent)
    if wanted.parent and above is None:
        row = plan.row_of_code.get(wanted.parent)
        said = f"（第 {row} 行）没有通过，请先改好那一行" if row else "不在文件里，系统里也没有"
        yield TITLES["parent"], f"上级 {wanted.parent} {said}。"
        return
    if above is not None and not above.is_active:
        yield TITLES["parent"], f"上级 {above.code} 已停用，不能再设下级。"
    try:
        wanted.level = level_in_tree(wanted.kind, above.kind if above else None, above.level if above else None)
    except NotAllowed:
        where = f"{KINDS[above.kind][0]}（{above.code}）下" if above else "没有上级的地方"
        yield TITLES["parent"], f"{KINDS[wanted.kind][0]}不能设在{where}，请核对类型和上级。"
        return
    if wanted.kind in TERRITORIAL.values() and (other := ledger.territorial.get(wanted.region)):
        yield (
            TITLES["region"],
            f"这个区划已有“{ledger.organisations[other].name}”（编码 {other}）：请把这一行的编码改为 {other}。"
            if other in ledger.organisations
            else f"这个区划已有编码为 {other} 的总工会：请把这一行的编码改为 {other}。",
        )


def _holder_problems(wanted: Known, known: Known | None, ledger: Ledger) -> Iterable[Problem]:
    """What is wrong with the employer and the zone."""
    if wanted.uscc:
        registered = ledger.employers.get(wanted.uscc, "")
        if registered and wanted.employer and registered != wanted.employer:
            yield TITLES["uscc"], f"这个统一社会信用代码已登记为“{registered}”，请核对单位名称。"
        elif not registered and not wanted.employer:
            yield TITLES["employer"], "请填写单位名称。"
    if wanted.zone:
        zone = ledger.organisations.get(wanted.zone)
        if zone is None or not zone.is_active:
            yield TITLES["zone"], f"没有编码为 {wanted.zone} 的片区，或者它已停用、那一行没有通过。"
            return
        try:
            check_can_hold(zone.kind, known.kind if known else wanted.kind)
        except NotAllowed as refused:
            yield TITLES["zone"], str(refused)


def _has_employer(wanted: Known, known: Known | None) -> bool:
    return bool(wanted.uscc or wanted.employer or (known and known.employer))


def _note(wanted: Known, known: Known | None) -> str:
    if wanted.headcount is not None and not _has_employer(wanted, known):
        return "没有填单位，职工人数没有登记。"
    if known is None and wanted.kind in TERRITORIAL.values() and not wanted.region:
        return "没有填区划，按区划派单时找不到它。"
    return ""


def _settled(wanted: Known, ledger: Ledger) -> Known:
    """A new organisation as it will stand; the ledger holds it from now on."""
    above = ledger.organisations.get(wanted.parent)
    if wanted.kind not in TERRITORIAL.values():
        wanted.region = wanted.region or (above.region if above else "")
    wanted.employer = wanted.employer or ledger.employers.get(wanted.uscc, "")
    _learn(wanted, ledger)
    ledger.active_children[wanted.parent] += 1
    return wanted


def _learn(stands: Known, ledger: Ledger) -> None:
    ledger.organisations[stands.code] = stands
    if stands.uscc:
        ledger.employers[stands.uscc] = stands.employer
    if stands.kind in TERRITORIAL.values() and stands.region:
        ledger.territorial[stands.region] = stands.code


def _compared(wanted: Known, known: Known, status: str, ledger: Ledger, note: str) -> Verdict:
    changes: dict[str, tuple[object, object]] = {}
    for name in ("name", "short_name", "phone", "region", "zone"):
        before, after = getattr(known, name), getattr(wanted, name)
        if after and after != before:
            changes[name] = (before, after)
    if wanted.uscc and wanted.uscc != known.uscc:
        changes["uscc"] = (known.uscc, wanted.uscc)
    elif not wanted.uscc and wanted.employer and wanted.employer != known.employer:
        changes["employer"] = (known.employer, wanted.employer)
    if wanted.headcount is not None and _has_employer(wanted, known) and wanted.headcount != known.headcount:
        changes["headcount"] = (known.headcount, wanted.headcount)
    is_active = STATUSES.get(status, known.is_active)
    if is_active != known.is_active:
        if not is_active and ledger.active_children[known.code]:
            return Verdict("rejected", problems=((TITLES["status"], "下面还有在用的组织，不能停用。"),))
        changes["is_active"] = (known.is_active, is_active)
        ledger.active_children[known.parent] += 1 if is_active else -1
    for name, (_, after) in changes.items():
        setattr(known, name, after)
    if "employer" in changes:
        known.uscc = ""
    if "uscc" in changes:
        known.employer = wanted.employer or ledger.employers.get(wanted.uscc, "")
        ledger.employers[wanted.uscc] = known.employer
    return Verdict("changed" if changes else "unchanged", stands=known, changes=changes, note=note)
