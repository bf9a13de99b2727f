"""Take in what a worker sends from the phone: words and files together, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals.rules.attachments import check_count
from gongqing.appeals.rules.intake import Intake
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import BadInput

Files = Sequence[tuple[str, bytes]]


@transaction.atomic
def submit_appeal(intake: Intake, files: Files, *, by: Actor, at: datetime) -> appeals.Received:
    """Receive an appeal with its files; a file that cannot be taken takes the whole back.

    Whoever sends without signing in adds the files as the holder of the new code. A repeat changes nothing.

    Args:
        files: name and content of each.

    Raises:
        BadInput, NotAllowed: as `receive_appeal` and `attach_file`.
    """
    received = appeals.receive_appeal(intake, by=by, at=at)
    if received.is_new and files:
        check_count(len(files) - 1)
        sender = by if by.role is Role.WORKER else holder_of_code(received.appeal.pk)
        with scope.acting_as(sender):
            for name, content in files:
                appeals.attach_file(appeal_id=received.appeal.pk, name=name, content=content, by=sender, at=at)
    return received


@transaction.atomic
def supplement_appeal(*, appeal_id: int, text: str, files: Files, by: Actor, at: datetime) -> None:
    """Add words, files or both to an open appeal.

    Raises:
        NotAllowed: it has ended. BadInput: neither words nor files, or a file that cannot be taken.
    """
    if not text.strip() and not files:
        raise BadInput("text", "请写几句，或者加一张照片。")
    if text.strip():
        appeals.add_material(appeal_id=appeal_id, text=text, by=by, at=at)
    for name, content in files:
        appeals.attach_file(appeal_id=appeal_id, name=name, content=content, by=by, at=at)


def holder_of_code(appeal_id: int, name: str = "凭编号查询") -> Actor:
    """Whoever has shown the code and the password, or the link, of one appeal."""
    return Actor(role=Role.CODE_HOLDER, name=name, appeal_id=appeal_id)
