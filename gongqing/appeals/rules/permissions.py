"""Who may do what to an appeal? (What state it must be in is another question: `statuses`.)"""

from __future__ import annotations

from gongqing.audit.actor import Role
from gongqing.lib.errors import NotPermitted

SUPERVISORS = frozenset({Role.TOWN_SUPERVISOR, Role.COUNTY_SUPERVISOR, Role.CITY_SUPERVISOR})
HANDLERS = SUPERVISORS | {
    Role.GRASSROOTS_OFFICER,
    Role.ZONE_WORKER,
    Role.ZONE_CHIEF,
    Role.ZONE_INSTRUCTOR,
    Role.DEPARTMENT_LIAISON,
    Role.MEDIATOR,
}
REPORTERS = HANDLERS | {Role.WORKER, Role.HOTLINE_SEAT, Role.ZONE_HELPER, Role.ANONYMOUS, Role.SYSTEM}
CLASSIFIERS = SUPERVISORS | {Role.HOTLINE_SEAT, Role.SYSTEM}
RECORDERS_OF_EVALUATION = SUPERVISORS | {Role.HOTLINE_SEAT, Role.SYSTEM}


def check_can_report(role: Role) -> None:
    """Refuse those who only look: auditors and administrators.

    Raises:
        NotPermitted.
    """
    if role not in REPORTERS:
        raise NotPermitted("您的岗位不登记诉求。")


def check_can_classify(role: Role, *, level: str) -> None:
    """Category and grade are settled by hotline seats and by supervisors of town, county and city.

    Raises:
        NotPermitted.
    """
    if role not in CLASSIFIERS:
        raise NotPermitted("分类定级由热线坐席和镇街及以上派单督办岗位确认。")


def check_can_locate(role: Role) -> None:
    """The place is settled by those who settle the category.

    Raises:
        NotPermitted.
    """
    if role not in CLASSIFIERS:
        raise NotPermitted("所在地由热线坐席和镇街及以上派单督办岗位核定。")


def check_can_evaluate(role: Role, *, is_party: bool, is_reporter: bool, is_handler: bool) -> None:
    """The worker judges; the door it came through or a supervisor records what the worker said on the phone.

    The handler never records a judgement of its own work, unless the handler itself brought the appeal in.

    Raises:
        NotPermitted.
    """
    if is_party or is_reporter or role is Role.CODE_HOLDER:
        return
    if role in RECORDERS_OF_EVALUATION and not is_handler:
        return
    raise NotPermitted("评价由职工本人作出；回访时可由热线或非主办单位的督办岗位代录。")


def check_can_withdraw(role: Role, *, is_party: bool, is_reporter: bool) -> None:
    """The worker, or the door that brought it in on the worker's word, may withdraw.

    Raises:
        NotPermitted.
    """
    if not (is_party or is_reporter or role is Role.CODE_HOLDER):
        raise NotPermitted("只有职工本人或代为登记的人可以撤回。")
