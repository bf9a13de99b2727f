"""Who may hold which role where, how long does a sign-in last, and when is a door tried too often?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted

Limits = Sequence[tuple[int, timedelta]]

FAILURES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=15)
FAILURES_PER_ADDRESS: Limits = ((30, timedelta(minutes=10)),)
FAILURES_PER_NAME: Limits = ((FAILURES_BEFORE_LOCK, LOCK),)

CODE_LASTS = timedelta(minutes=5)
CODE_TRIES = 5
CODES_PER_PHONE: Limits = ((1, timedelta(minutes=1)), (10, timedelta(days=1)))
# a factory's workers share one address
CODES_PER_ADDRESS: Limits = ((10, timedelta(minutes=1)), (200, timedelta(days=1)))
CODE_TRIES_PER_ADDRESS: Limits = ((60, timedelta(minutes=10)),)
FIRST_PASSWORD_LASTS = timedelta(days=14)
WAITING_LASTS = timedelta(minutes=10)  # between the password and the last step of a sign-in
RECOVERY_CODES = 10

STAFF_SESSION = timedelta(hours=8)
STAFF_IDLE = timedelta(minutes=30)
HUNG_SESSION = timedelta(days=90)  # of a screen on a wall, which opens the cockpit alone
WORKER_SESSION = timedelta(days=7)
LONGEST_DEPUTY = timedelta(days=183)

SCOPES: Mapping[str, str] = {
    "appeals:read": "查看诉求",
    "appeals:write": "登记和办理诉求",
    "messages:write": "回传短信送达情况",
}
USUAL_SCOPES = ("appeals:read", "appeals:write")

_UNIONS = frozenset({"grassroots_union", "federation"})
# role → kinds of organisation it is held at; empty: it may be held nowhere in particular
ROLE_PLACES: Mapping[Role, frozenset[str]] = {
    Role.HOTLINE_SEAT: frozenset({"hotline"}),
    Role.GRASSROOTS_OFFICER: _UNIONS,
    Role.ZONE_WORKER: frozenset({"zone"}),
    Role.ZONE_CHIEF: frozenset({"zone"}),
    Role.ZONE_INSTRUCTOR: frozenset({"zone"}),
    Role.ZONE_HELPER: frozenset({"zone"}),
    Role.TOWN_SUPERVISOR: frozenset({"town_union"}),
    Role.COUNTY_SUPERVISOR: frozenset({"county_union", "industrial_union"}),
    Role.CITY_SUPERVISOR: frozenset({"city_union"}),
    Role.DEPARTMENT_LIAISON: frozenset({"department"}),
    Role.MEDIATOR: frozenset({"mediation_room"}),
    Role.AUDITOR: frozenset(),
    Role.ADMINISTRATOR: frozenset(),
}
_OF_A_ZONE = frozenset({Role.ZONE_WORKER, Role.ZONE_CHIEF, Role.ZONE_INSTRUCTOR})
SUPERVISORS = frozenset({Role.TOWN_SUPERVISOR, Role.COUNTY_SUPERVISOR, Role.CITY_SUPERVISOR})
HANDLE_NOTHING = frozenset({Role.ZONE_HELPER, Role.AUDITOR, Role.ADMINISTRATOR})
_OWN_REPORTS_ONLY = frozenset({Role.ZONE_HELPER, Role.ADMINISTRATOR})

# where a day at the desk begins, for those whose work does not wait in an inbox
FIRST_PAGES: Mapping[Role, str] = {
    Role.HOTLINE_SEAT: "/desk/seat",
    Role.AUDITOR: "/desk/trace",
    Role.ADMINISTRATOR: "/desk/staff",
}
INBOX = "/desk"

# the standing accounts of a demonstration, and what they show
DEMO_ACCOUNTS: Mapping[str, str] = {
    "worker": "职工",
    "hotline": "热线坐席",
    "grassroots": "基层工会干部",
    "zone": "片区专职工作者",
    "town": "镇街派单督办",
    "county": "区县派单督办",
    "city": "市级派单督办",
    "city-2": "市级派单督办第二人（批准规则修订）",
    "department": "部门联络员",
    "mediator": "调解员",
    "auditor": "审计员",
    "admin": "系统管理员",
    "outsider": "外镇工会干部（应看不到任何事项）",
}
DEMO_PHONE = "13800000417"


def first_page(role: str) -> str:
    """The address of the page that somebody in this role works on all day."""
    return FIRST_PAGES.get(Role(role), INBOX)


def demo_password(username: str) -> str:
    """The password of a demonstration account; shown on the demonstration's sign-in page and nowhere else."""
    return f"{username}-gongqing"


def paths_of(role: Role, path: str, linked: Sequence[str]) -> tuple[str, ...]:
    """The path prefixes whose grants a posting sees.

    A zone posting sees its zone and the unions linked now; a helper and an administrator see nothing by path.
    """
    if not path or role in _OWN_REPORTS_ONLY:
        return ()
    return (path, *linked) if role in _OF_A_ZONE else (path,)


def check_administers(by: Actor) -> None:
    """Accounts, postings and keys are an administrator's and the system's."""
    if by.role not in (Role.ADMINISTRATOR, Role.SYSTEM):
        raise NotPermitted("只有系统管理员可以管理账号、任职和接口密钥。")


def check_place(role: Role, kind: str | None) -> None:
    """A role is held where it belongs.

    Raises:
        BadInput: on `role` or `organisation`.
    """
    if role not in ROLE_PLACES:
        raise BadInput("role", "这种身份不能任命。")
    kinds = ROLE_PLACES[role]
    if kinds and kind not in kinds:
        raise BadInput("organisation", "这个岗位不能设在所选组织，请核对组织和岗位。")


def check_username(text: str) -> str:
    """A username as it is stored: 2 to 64 signs, no blanks.

    Raises:
        BadInput: on `username`.
    """
    username = text.strip()
    if not 2 <= len(username) <= 64 or not username.isprintable() or " " in username:
        raise BadInput("username", "用户名为 2 至 64 个字符，中间不能有空格。")
    return username


def check_scopes(scopes: Sequence[str]) -> list[str]:
    """What a key may do, each once, in order.

    Raises:
        BadInput: on `scopes`, when none or an unknown one is asked for.
    """
    chosen = sorted(set(scopes))
    if not chosen or not set(chosen) <= set(SCOPES):
        raise BadInput("scopes", f"请选择密钥的用途：{'、'.join(SCOPES.values())}。")
    return chosen


def seconds_to_wait(tries: Sequence[datetime], limits: Limits, at: datetime) -> int:
    """How long until one more try stays within every limit; 0 when it does now.

    Args:
        tries: moments of the tries so far, in any order.
        limits: so many in so long, sliding.
    """
    ordered = sorted(tries)
    wait = 0.0
    for count, span in limits:
        within = [moment for moment in ordered if moment > at - span]
        if len(within) >= count:
            wait = max(wait, (within[-count] + span - at).total_seconds())
    return int(-(-wait // 1))


def is_session_over(*, since: datetime, seen: datetime, at: datetime, is_staff: bool, is_hung: bool = False) -> bool:
    """Whether a sign-in has run out: staff after 8 hours or 30 idle minutes, workers after 7 days, screens after 90."""
    if is_hung:
        return at - since >= HUNG_SESSION
    if is_staff:
        return at - since >= STAFF_SESSION or at - seen >= STAFF_IDLE
    return at - since >= WORKER_SESSION


def check_may_deputise(by: Actor, *, holder_id: int, role: Role, organisation_id: int | None, is_deputy: bool) -> None:
    """A deputy is named by the holder of the posting, by a supervisor of the same organisation, or by an administrator.

    Auditors and administrators are stood in for only as an administrator decides; a deputy has no deputy.

    Raises:
        NotPermitted, NotAllowed.
    """
    if by.role not in (Role.ADMINISTRATOR, Role.SYSTEM):
        if role in (Role.AUDITOR, Role.ADMINISTRATOR):
            raise NotPermitted("审计员和系统管理员的代理由系统管理员指定。")
        is_supervisor = by.role in SUPERVISORS and by.organisation_id == organisation_id
        if by.user_id != holder_id and not is_supervisor:
            raise NotPermitted("代理由本人、本单位的派单督办岗位或系统管理员指定。")
    if is_deputy:
        raise NotAllowed("这是代理的岗位，代理人不能再找人代理。")


def deputy_days(since: date, until: date | None, on: date) -> tuple[date | None, str]:
    """The last day of a deputy, None for one that was undone before it began, and `now`, `later` or `over`."""
    if until is None or until <= since:
        return None, "over"
    return until - timedelta(days=1), "over" if until <= on else "now" if since <= on else "later"


def check_deputy_days(since: date, until: date, *, today: date) -> None:
    """The days of a deputy: from today on, at most half a year; `until` is the first day after.

    Raises:
        BadInput: on `since` or `last_day`.
    """
    if since < today:
        raise BadInput("since", "代理最早从今天开始。")
    if until <= since:
        raise BadInput("last_day", "结束日期不能早于开始日期。")
    if until - since > LONGEST_DEPUTY:
        raise BadInput("last_day", f"一次代理最长 {LONGEST_DEPUTY.days} 天，到期可以再指定。")
