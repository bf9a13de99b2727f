"""Taking in the city's own Word template of the weekly report, and going back to the shipped one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from gongqing.audit import events
from gongqing.audit.actor import Actor, Role
from gongqing.insight.documents import templates
from gongqing.lib import crypto
from gongqing.lib.errors import NotAllowed, NotPermitted


@transaction.atomic
def load_report_template(*, content: bytes, by: Actor, at: datetime) -> Sequence[str]:
    """Let the weekly reports to come follow this template; answers what it lacks, in words for whoever installs it.

    Raises:
        NotPermitted: not by an administrator.
        BadInput: it is no Word document, or its places cannot be filled in.
        OSError: it cannot be written.
    """
    _check_may(by)
    lacks = templates.lacks_of(content)
    place = templates.own_place()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = place.with_suffix(".new")
    with written.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    events.record(
        "report_template.loaded",
        subject=_NoSubject(),
        subject_kind="reporttemplate",
        by=by,
        at=at,
        digest=crypto.digest(content),
        lack_count=len(lacks),
    )
    written.replace(place)
    return lacks


@transaction.atomic
def drop_report_template(*, by: Actor, at: datetime) -> None:
    """Let the weekly reports to come follow the shipped template again.

    Raises:
        NotPermitted: not by an administrator.
        NotAllowed: there is no own template.
    """
    _check_may(by)
    if not templates.own_place().exists():
        raise NotAllowed("没有装过本市的模板，用的就是平台自带的。")
    events.record("report_template.dropped", subject=_NoSubject(), subject_kind="reporttemplate", by=by, at=at)
    templates.own_place().unlink()


def _check_may(by: Actor) -> None:
    if not by.is_system and by.role is not Role.ADMINISTRATOR:
        raise NotPermitted("周报模板由系统管理员装入。")


class _NoSubject:
    pk = None  # a template is a file and has no row
