"""What a changed grade or category changes for whoever handles the appeal: limits, watchers, a call-back."""

from __future__ import annotations

from datetime import datetime

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import AccessReason, Appeal
from gongqing.appeals.rules.statuses import BEING_HANDLED, Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.dispatching import shield_appeal
from gongqing.dispatch.actions.supervising import supervising_organisation, tell
from gongqing.dispatch.actions.timekeeping import relimit_clocks

HANDLED = BEING_HANDLED | {Status.DISPATCHED, Status.PAUSED, Status.REOPENED}


def follow_grade(*, appeal: Appeal, by: Actor, at: datetime, reason: str) -> None:
    """Run the open clocks by the new limits, and show an orange or red matter to the level that watches it.

    What has become confidential is taken from the employer's own union.

    Part of the action that changed the grade; a matter that nobody handles yet gets its limits when it is dispatched.
    """
    with scope.elevated():
        shield_appeal(appeal, by=by, at=at)
    if appeal.status not in HANDLED:
        return
    with scope.elevated():
        relimit_clocks(appeal, by=by, at=at, reason=reason)
        if appeal.grade in ("orange", "red"):
            watcher = supervising_organisation(appeal, at=at)
            if watcher is not None:
                appeals.grant_access(appeal=appeal, why=AccessReason.SUPERVISE, path=watcher.path, at=at)
                tell(appeal, watcher, f"已升级，请督办：{appeal.title}", at=at)
