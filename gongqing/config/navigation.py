"""What stands in the desk's navigation?

Every application registers here under one of the six scenarios. The numbers are counted when a desk page asks for them;
a page that cannot be counted (no database, nobody signed in) is shown without numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from django.db import DatabaseError, transaction
from django.http import HttpRequest

from gongqing.accounts.rules import FIRST_PAGES
from gongqing.appeals.rules.permissions import HANDLERS
from gongqing.audit.actor import ANONYMOUS, Actor, Role
from gongqing.audit.reading import read_ahead, reading_together
from gongqing.dispatch.queries import desk
from gongqing.dispatch.queries.call_backs import asked_of_call_backs, call_backs_due
from gongqing.dispatch.queries.groups import READERS as GROUP_READERS
from gongqing.dispatch.queries.interviews import READERS as INTERVIEW_READERS
from gongqing.dispatch.queries.passing_on import asked_of_unsigned, unsigned_count
from gongqing.dispatch.queries.replies import READERS as REPLY_READERS
from gongqing.dispatch.rules.permissions import LEVEL_OF_SUPERVISOR
from gongqing.dispatch.rules.quality import READERS as QUALITY_READERS
from gongqing.dispatch.rules.scenarios import SCENARIOS
from gongqing.dispatch.rules.settling import READERS as LIST_READERS
from gongqing.insight.rules.cockpit import READERS as COCKPIT_READERS
from gongqing.insight.rules.processing import READERS as RECORD_READERS
from gongqing.insight.rules.readers import BOARD_READERS, NO_FIGURES, TRACE_READERS
from gongqing.insight.rules.reporting import READERS as REPORT_READERS
from gongqing.notices.queries import asked_of_unread, unread_count
from gongqing.notices.rules.permissions import KEEPERS as MESSAGE_KEEPERS
from gongqing.registry.actions.loads import kinds_for
from gongqing.voices.rules.track import READERS as NEED_READERS

RIGHTS, ORGANISING, SUPPORT = SCENARIOS[2], SCENARIOS[4], SCENARIOS[5]
PEOPLE_PAGES = ("/desk/organisations", "/desk/regions")
SUPPORT_PAGES = (
    "/desk/staff",
    "/desk/deputies",
    "/desk/notices",
    "/desk/first-passwords",
    "/desk/account",
    "/desk/posting",
    "/desk/trace",
    "/desk/messages",
    "/desk/data-requests",
    "/desk/processing-records",
    "/desk/status",
    "/desk/reader",
)
REGISTRARS = HANDLERS | {Role.HOTLINE_SEAT, Role.ZONE_HELPER}


@dataclass(frozen=True, slots=True)
class Application:
    """One line of the left column.

    Attributes:
        view: the list of the desk whose number stands behind it; empty for none.
        late: whether a number other than zero is drawn as late.
    """

    name: str
    url: str
    view: str = ""
    late: bool = False


STATUS = Application("运行状态", "/desk/status")
READER = Application("分类模型", "/desk/reader")
NOTICES = Application("站内提醒", "/desk/notices", "notices")


def context(request: HttpRequest) -> dict[str, Any]:
    """The template variables of every page."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    if not actor.is_staff:
        door = "/desk/sign-in" if request.path.startswith("/desk") else ""
        return {"home_url": "/", "sign_in_url": door, "account_id": actor.user_id}
    account = getattr(request, "account", None)
    counts = _counted(request, actor)
    is_reader = actor.role is not Role.ADMINISTRATOR
    return {
        "home_url": FIRST_PAGES.get(actor.role, "/desk/"),
        "scenarios": _scenarios(request, actor),
        "applications": cache(lambda: _applications(request, actor, counts())),
        "search_url": "/desk/search" if is_reader else "",
        "search_hint": "编号、单位、原话里的字",
        "search_text": request.GET.get("q", ""),
        **_inbox(actor, counts),
        "account_id": actor.user_id,
        "viewer_name": actor.name,
        "viewer_place": actor.organisation_name,
        "viewer_url": "/desk/account",
        "sign_out_url": "/desk/sign-out",
        "watermark": f"{actor.name} {account.last_digits if account else ''}".strip(),
    }


def _inbox(actor: Actor, counts: Callable[[], dict[str, int | str]]) -> dict[str, Any]:
    """Where the work waits; an administrator has notices alone."""
    if actor.role is Role.ADMINISTRATOR:
        return {"inbox_url": NOTICES.url, "inbox_count": lambda: counts().get(NOTICES.view, 0)}
    return {
        "inbox_url": "/desk/" if "mine" in desk.views_of(actor) else "",
        "inbox_count": lambda: counts().get("mine", 0),
    }


def _counted(request: HttpRequest, actor: Actor) -> Callable[[], dict[str, int | str]]:
    @cache
    def counts() -> dict[str, int | str]:
        try:
            with transaction.atomic(), reading_together():
                lists = request.lists or desk.counts(actor, request.at)  # type: ignore[attr-defined]
                read_ahead(*asked_of_unread(actor), asked_of_call_backs(actor), *asked_of_unsigned(actor))
                return {
                    **lists,
                    "notices": unread_count(actor),
                    "call-backs": call_backs_due(actor),
                    "pass-on": unsigned_count(actor),
                }
        except (DatabaseError, AttributeError):
            return {}

    return counts


def _scenarios(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    homes = {RIGHTS: "/desk/" if actor.role is not Role.ADMINISTRATOR else ""}
    if actor.role is Role.ADMINISTRATOR:
        homes |= {ORGANISING: "/desk/organisations", SUPPORT: "/desk/staff"}
    elif actor.role in TRACE_READERS:
        homes |= {SUPPORT: "/desk/trace"}
    here = _scenario_of(request)
    return [
        {"name": name, "url": homes.get(name) or f"/desk/scenarios/{quote(name)}", "current": name == here}
        for name in SCENARIOS
    ]


def _scenario_of(request: HttpRequest) -> str:
    path = request.path
    if path.startswith("/desk/scenarios/"):
        return path.removeprefix("/desk/scenarios/")
    if path.startswith(PEOPLE_PAGES):
        return ORGANISING
    if path.startswith(SUPPORT_PAGES) or _is_administrator(request):
        return SUPPORT
    return RIGHTS


def _is_administrator(request: HttpRequest) -> bool:
    """Whose left column holds nothing of the appeals."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    return actor.role is Role.ADMINISTRATOR


def _groups(actor: Actor) -> list[tuple[str, list[Application]]]:
    """The applications that this role may open, under their headings."""
    if actor.role is Role.ADMINISTRATOR:
        return [
            ("组织建设", [Application("组织", "/desk/organisations"), Application("行政区划", "/desk/regions")]),
            ("值班和提醒", [NOTICES, Application("值班表", "/desk/duty"), Application("代理", "/desk/deputies")]),
            (
                "发展支撑",
                [
                    Application("账号与任职", "/desk/staff"),
                    Application("初始密码", "/desk/first-passwords"),
                    Application("数据导入", "/desk/loads"),
                    READER,
                    STATUS,
                ],
            ),
            *_messages_and_data(actor),
            ("口径", _rules()),
        ]
    views = desk.views_of(actor)
    appeals = [Application(desk.VIEW_WORDS[name], f"/desk/?view={name}", name, name == "overdue") for name in views]
    if actor.role in REGISTRARS:
        appeals.append(Application("登记诉求", "/desk/new"))
    if actor.role in GROUP_READERS:
        appeals.append(Application("群体案", "/desk/groups"))
    if actor.role in NEED_READERS:
        appeals.append(Application("共性需求", "/desk/needs"))
    if actor.role in HANDLERS:
        appeals.append(Application("工作交接", "/desk/pass-on", "pass-on"))
    if kinds_for(actor):
        appeals.append(Application("数据导入", "/desk/loads"))
    groups = [("诉求", appeals)]
    if hotline := _hotline(actor):
        groups.insert(0 if actor.role is Role.HOTLINE_SEAT else 1, ("热线", hotline))
    if looking := _looking(actor):
        groups.append(("督办", looking))
    duties = [("值班表", "/desk/duty"), ("值班呼叫", "/desk/duty/calls"), ("代理", "/desk/deputies")]
    groups.append(("值班和提醒", [NOTICES, *(Application(name, url) for name, url in duties)]))
    if actor.role in TRACE_READERS:
        groups.append(("审计", [Application("留痕和查看记录", "/desk/trace"), READER, STATUS]))
    return [*groups, *_messages_and_data(actor), ("口径", _rules())]


def _looking(actor: Actor) -> list[Application]:
    """What supervisors run their day on, and the figures."""
    offered = [
        (actor.role in COCKPIT_READERS, "驾驶舱", "/cockpit"),
        (actor.role in BOARD_READERS, "到期看板", "/desk/supervision"),
        (actor.role in LEVEL_OF_SUPERVISOR, "办理负荷", "/desk/load"),
        (actor.role in INTERVIEW_READERS, "约谈", "/desk/interviews"),
        (actor.role not in NO_FIGURES, "指标看板", "/desk/dashboard"),
        (actor.role not in NO_FIGURES, "指标明细", "/desk/figures"),
        (actor.role in LIST_READERS, "清单销号", "/desk/lists"),
        (actor.role in REPORT_READERS, "周报", "/desk/reports"),
        (actor.role in REPLY_READERS, "答复检查", "/desk/replies"),
    ]
    return [Application(name, url) for may_open, name, url in offered if may_open]


def _messages_and_data(actor: Actor) -> list[tuple[str, list[Application]]]:
    items = [Application("短信", "/desk/messages")] if actor.role in MESSAGE_KEEPERS else []
    if actor.role is Role.CITY_SUPERVISOR:
        items.append(Application("个人信息请求", "/desk/data-requests"))
    if actor.role in RECORD_READERS:
        items.append(Application("个人信息处理记录", "/desk/processing-records"))
    return [("短信和个人信息", items)] if items else []


def _hotline(actor: Actor) -> list[Application]:
    """Taking calls is the seats'; ringing back theirs and the handlers'; checking the supervisors'."""
    found = [Application("接听", "/desk/seat")] if actor.role is Role.HOTLINE_SEAT else []
    if actor.role in HANDLERS | {Role.HOTLINE_SEAT}:
        found.append(Application("回访", "/desk/call-backs", "call-backs"))
    if actor.role in QUALITY_READERS:
        found.append(Application("质检", "/desk/quality"))
    return found


def _rules() -> list[Application]:
    return [
        Application("期限与日历", "/desk/rules"),
        Application("派单规则", "/desk/rules/routing"),
        Application("分类", "/desk/rules/categories"),
        Application("分级规则", "/desk/rules/grading"),
        Application("规则修订", "/desk/rules/changes"),
    ]


def _applications(request: HttpRequest, actor: Actor, counts: dict[str, int | str]) -> list[dict[str, Any]]:
    first = f"/desk/?view={desk.first_view_of(actor)}"
    here = f"{request.path}?view={request.GET['view']}" if request.GET.get("view") else request.path
    here = first if here == "/desk/" else here
    groups = _groups(actor)
    known = {each.url for _, items in groups for each in items}
    current = here if here in known else _nearest(request.path, known)
    return [
        {
            "heading": heading,
            "items": [
                {
                    "name": each.name,
                    "url": each.url,
                    "count": counts.get(each.view) if each.view else None,
                    "late": each.late,
                    "current": each.url == current,
                }
                for each in items
            ],
        }
        for heading, items in groups
    ]


def _nearest(path: str, known: set[str]) -> str:
    """The application whose address begins the path, the longest one."""
    return max((url for url in known if path == url or path.startswith(f"{url}/")), key=len, default="")
