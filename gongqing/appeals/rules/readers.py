"""Who looks after the reader, and what must hold before one of its versions runs?"""

from __future__ import annotations

from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import BadInput, NotPermitted

SHIPPED = "shipped"
"""The reader as it was shipped, wherever a version is named."""
LONGEST_REASON = 400
KEEPERS = frozenset({Role.ADMINISTRATOR, Role.SYSTEM})
WATCHERS = KEEPERS | {Role.CITY_SUPERVISOR, Role.AUDITOR}


def check_can_keep_reader(actor: Actor) -> None:
    """Training and changing versions is the administrator's.

    Raises:
        NotPermitted.
    """
    if actor.role not in KEEPERS:
        raise NotPermitted("训练和更换分类模型由系统管理员操作。")


def check_can_watch_reader(actor: Actor) -> None:
    """Its figures are read by the administrator, the city's supervisor and the auditor.

    Raises:
        NotPermitted.
    """
    if actor.role not in WATCHERS:
        raise NotPermitted("分类模型的情况供系统管理员、市级督办岗位和审计岗位查看。")


def check_reason(text: str) -> str:
    """Why a version is changed, in the words of whoever does it.

    Raises:
        BadInput: empty or too long.
    """
    words = " ".join(text.replace("\x00", "").split())
    if not words:
        raise BadInput("reason", "请写明为什么换，以后查得到。")
    if len(words) > LONGEST_REASON:
        raise BadInput("reason", f"理由最多 {LONGEST_REASON} 个字。")
    return words
