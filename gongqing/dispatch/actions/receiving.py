"""Take down what a worker at the counter says, and give another query password to one who has lost it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.actions.passwords import renew_query_password
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.attachments import check_count
from gongqing.appeals.rules.intake import Intake, tidy_text
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.queries.slips import may_reissue
from gongqing.dispatch.rules.slips import DECLINED, Identified, check_identified
from gongqing.lib.errors import BadInput, NotPermitted

Files = Sequence[tuple[str, bytes]]


@transaction.atomic
def register_walk_in(
    intake: Intake, files: Files, *, wants_messages: bool, by: Actor, at: datetime
) -> appeals.Received:
    """Register what a worker says to an officer, with the papers that were copied; all of it or nothing.

    A worker who wants no short messages gets none about this matter. A repeat changes nothing.

    Args:
        files: name and content of each.

    Raises:
        NotPermitted, NotAllowed, BadInput: as `receive_appeal` and `attach_file`.
    """
    received = appeals.receive_appeal(replace(intake, wants_messages=wants_messages), by=by, at=at)
    if not received.is_new:
        return received
    if files:
        check_count(len(files) - 1)
        for name, content in files:
            appeals.attach_file(appeal_id=received.appeal.pk, name=name, content=content, by=by, at=at)
    if not wants_messages:
        events.record(DECLINED, subject=received.appeal, by=by, at=at, note="职工不要短信，请打电话或等职工来问")
    return received


@transaction.atomic
def reissue_query_password(
    *, appeal_id: int, identified: str, digits: str, reason: str, by: Actor, at: datetime
) -> tuple[Appeal, str]:
    """Give the worker of an appeal another query password, shown once; the old one stops working at once.

    Args:
        identified: how the officer knows that it is the worker, one of `rules.slips.Identified`.
        digits: the last four of the registered phone, where the worker named them.

    Raises:
        NotFound, NotPermitted. NotAllowed: nobody is registered by whom one could be known. BadInput: on `identified`,
            `digits` or `reason`.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    with scope.elevated():
        if not may_reissue(appeal, by):
            raise NotPermitted("查询密码由登记的人、热线坐席、办理单位或其上级重新发放。")
        person = appeal.person
        check_identified(
            identified,
            digits=digits,
            name=person.name if person else "",
            phone_mask=person.phone_mask if person else "",
        )
        if len(reason.strip()) < 2:
            raise BadInput("reason", "请写明为什么重新发放，例如“回执丢了，本人来办”。")
        password = renew_query_password(appeal)
        events.record(
            "appeal.query_password_reissued",
            subject=appeal,
            by=by,
            at=at,
            note=f"{Identified.label_of(identified)}；{tidy_text(reason)}",
            identified=identified,
        )
    return appeal, password
