"""Write where an appeal stands, as `dispatch` has settled it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import Status, check_can_move
from gongqing.audit import scope, writing
from gongqing.registry.models import Organisation

_KEEP: Any = object()


def place_appeal(
    appeal: Appeal,
    *,
    status: Status | None = None,
    handler: Organisation | None = _KEEP,
    handler_level: str | None = None,
    due_at: datetime | None = _KEEP,
    next_due_at: datetime | None = _KEEP,
    is_overdue: bool | None = None,
    hotline_kind: str | None = None,
) -> Appeal:
    """Move a locked appeal and mirror its main order and clocks for lists. Part of a caller's action, which records.

    Raises:
        NotAllowed: the table of statuses does not have this step.
    """
    fields: dict[str, Any] = {}
    if status is not None and status != appeal.status:
        check_can_move(appeal.status, to=status)
        fields["status"] = status
    if handler is not _KEEP:
        fields["handler"] = handler
    if handler_level is not None:
        fields["handler_level"] = handler_level
    if due_at is not _KEEP:
        fields["due_at"] = due_at
    if next_due_at is not _KEEP:
        fields["next_due_at"] = next_due_at
    if is_overdue is not None:
        fields["is_overdue"] = is_overdue
    if hotline_kind is not None:
        fields["hotline_kind"] = hotline_kind
    for name, value in fields.items():
        setattr(appeal, name, value)
    if fields:
        with scope.elevated():
            writing.save(appeal, fields)
    return appeal
