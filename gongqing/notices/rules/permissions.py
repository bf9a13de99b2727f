"""Who looks after short messages, and whose program reports what became of them?"""

from __future__ import annotations

from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import NotPermitted

KEEPERS = frozenset({Role.ADMINISTRATOR, Role.CITY_SUPERVISOR})
RECEIPTS = "messages:write"


def check_can_keep_messages(by: Actor) -> None:
    """The queue and the words of short messages are the administrators' and the city supervisor's.

    Raises:
        NotPermitted.
    """
    if by.role not in KEEPERS:
        raise NotPermitted("短信由系统管理员和市级督办岗位管理。")


def check_can_report_receipts(by: Actor) -> None:
    """Only a key that was issued for it, to an account that looks after messages, says what became of them.

    Raises:
        NotPermitted.
    """
    if by.role not in KEEPERS | {Role.SYSTEM}:
        raise NotPermitted("送达回执的密钥应发给系统管理员或市级派单督办岗位的账号。")
    if by.scopes is None or RECEIPTS not in by.scopes:
        raise NotPermitted(f"这把密钥没有“{RECEIPTS}”权限，请联系管理员另发密钥。")
