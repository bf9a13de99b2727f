"""What the installation writes about itself: changes of its state, backups, seals and checks of the trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from gongqing.accounts import queries as accounts
from gongqing.audit import events, scope, seals
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.audit.models import DailySeal
from gongqing.audit.verification import Report
from gongqing.config.queries import status
from gongqing.config.queries import trace as queries
from gongqing.config.rules import alarms
from gongqing.config.rules.points import Point
from gongqing.lib.times import day_of
from gongqing.notices import actions as notices

STATUS_PAGE = "/desk/status"


@dataclass
class Installation:
    """The subject of what happens to the whole platform; it has no row."""

    pk: None = None


@transaction.atomic
def write_status(*, found: Sequence[Point], by: Actor, at: datetime) -> list[alarms.Change]:
    """Write every point that has changed its colour, and tell each administrator once; returns the changes."""
    with scope.acting_as(SYSTEM):
        known = {key: one.colour for key, one in status.remembered(at).items()}
        news = alarms.changes(found, known, status.told_today(at))
        readers = accounts.administrators(day_of(at)) if news else []
        for change in news:
            point = change.point
            for reader in readers if change.is_told else []:
                notices.notify(
                    text=change.text, at=at, user_id=reader.pk, subject_kind=status.SUBJECT, link=STATUS_PAGE
                )
            events.record(
                status.CHANGED,
                subject=Installation(),
                by=by,
                at=at,
                note=f"{point.name}：{point.said}",
                point=point.key,
                colour=point.colour.value,
                before=change.before.value,
                told=change.is_told and bool(readers),
            )
    return news


@transaction.atomic
def note_backup(*, name: str, size: int, digest: str, by: Actor, at: datetime) -> None:
    """Write that a backup was made and verified; `digest` is SM3 of the whole file."""
    with scope.acting_as(SYSTEM):
        events.record(
            "backup.made",
            subject=Installation(),
            by=by,
            at=at,
            note=f"备份 {name}",
            name=name,
            size=size,
            digest=digest,
        )


@transaction.atomic
def note_restore(*, name: str, by: Actor, at: datetime) -> None:
    """Write that everything was put back to a backup."""
    with scope.acting_as(SYSTEM):
        events.record("backup.restored", subject=Installation(), by=by, at=at, note=f"恢复自 {name}", name=name)


def seal_until(*, day: date, by: Actor, at: datetime) -> tuple[DailySeal, bool]:
    """Seal the trace to the end of this day, and whatever earlier days were missed; answers whether it is new.

    Raises:
        OperationalError: a long writer is at it. OSError, ValueError: no key file.
    """
    return seals.seal_trace(day=day, secret=queries.secret(), by=by, at=at)


@transaction.atomic
def note_verification(*, report: Report, by: Actor, at: datetime) -> None:
    """Write that the whole trace was looked at, and what was found."""
    with scope.acting_as(SYSTEM):
        said = "；".join(list(queries.lines_of(report.findings[:3])))
        events.record(
            queries.VERIFIED,
            subject=seals.Trace(),
            by=by,
            at=at,
            note=said or "校验通过",
            events=report.event_count,
            looks=report.look_count,
            chains=report.chain_count,
            seals=report.seal_count,
            faults=report.fault_count,
        )
