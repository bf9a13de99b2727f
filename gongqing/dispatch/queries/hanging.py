"""What hangs on an appeal, asked once by an action instead of looking for each thing that is hardly ever there.

Inside a block that writes together `hangs` answers from what was read there under the lock of the appeal; where nothing
was read it says yes, and whoever asks looks for himself.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from gongqing.appeals.models import Appeal
from gongqing.audit import writing
from gongqing.dispatch.models.orders import OPEN_ORDERS


class Hanging(StrEnum):
    """Something that may hang on an appeal."""

    CALL_BACK = "call_back"  # nobody has rung yet
    EXTENSION = "extension"  # nobody has decided yet
    SUPERVISION = "supervision"  # nobody has answered yet
    ASSISTING = "assisting"  # an open order beside the handler's
    LIST_ENTRY = "list_entry"
    PART = "part"  # an appeal that was merged into it
    DUTY_CALL = "duty_call"  # nobody has answered yet
    CALL_IN = "call_in"  # by which it came
    LINE = "line"  # a hotline that sees it
    FILE = "file"
    MEMBERSHIP = "membership"  # of its person, on the day of the question


_OPEN = ", ".join(f"'{each}'" for each in sorted(OPEN_ORDERS))
_WHERE = {
    Hanging.CALL_BACK: "dispatch_callback WHERE appeal_id = $1 AND done_at IS NULL",
    Hanging.EXTENSION: (
        "dispatch_extension e JOIN dispatch_order o ON o.id = e.order_id WHERE o.appeal_id = $1 AND e.approved IS NULL"
    ),
    Hanging.SUPERVISION: ("dispatch_supervision WHERE appeal_id = $1 AND due_at IS NOT NULL AND answered_at IS NULL"),
    Hanging.ASSISTING: f"dispatch_order WHERE appeal_id = $1 AND role <> 'handle' AND status IN ({_OPEN})",
    Hanging.LIST_ENTRY: "dispatch_listentry WHERE appeal_id = $1",
    Hanging.PART: "appeals_appeal WHERE merged_into_id = $1",
    Hanging.DUTY_CALL: "dispatch_dutycall WHERE appeal_id = $1 AND answered_at IS NULL AND passed_on_at IS NULL",
    Hanging.CALL_IN: "dispatch_call WHERE appeal_id = $1 AND direction = 'in'",
    Hanging.LINE: (
        "appeals_access a JOIN registry_organisation o ON o.path = a.path"
        " WHERE a.appeal_id = $1 AND a.why = 'intake' AND a.until IS NULL AND o.kind = 'hotline' AND o.is_active"
    ),
    Hanging.FILE: "appeals_attachment WHERE appeal_id = $1",
    Hanging.MEMBERSHIP: (
        "registry_member m JOIN appeals_appeal a ON a.person_id = m.person_id"
        " WHERE a.id = $1 AND m.since <= $2::date AND (m.until IS NULL OR m.until > $2::date)"
    ),
}
_ASK = "SELECT " + ", ".join(f"EXISTS (SELECT FROM {where})" for where in _WHERE.values())  # noqa: S608


def hanging_asked(appeal_id: int, on: date) -> tuple[str, list[Any]]:
    """The statement that finds out, to be sent together with others."""
    return _ASK, [appeal_id, on]


def keep_hanging(appeal: Appeal, answer: Any) -> None:
    """Remember what the statement answered for the rest of a block that writes together."""
    found = frozenset(each for each, is_there in zip(_WHERE, answer.fetchone(), strict=True) if is_there)
    kept = writing.kept()
    if kept is not None:
        kept["hanging", appeal.pk] = found
        appeal.has_files = Hanging.FILE in found


def forget_hanging(appeal: Appeal) -> None:
    """Let whoever asks look for himself again."""
    kept = writing.kept()
    if kept is not None:
        kept.pop(("hanging", appeal.pk), None)


def hangs(appeal_id: int, what: Hanging) -> bool:
    """Whether it may hang on this appeal; no is certain."""
    found = known_hanging(appeal_id)
    return found is None or what in found


def known_hanging(appeal_id: int) -> frozenset[Hanging] | None:
    """What was found to hang on an appeal in this block; None where nobody has looked."""
    kept = writing.kept()
    return kept.get(("hanging", appeal_id)) if kept is not None else None
