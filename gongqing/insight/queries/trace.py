"""What was done, and what was looked at, by whom and when: the whole trace, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from gongqing.accounts.models import RoleChoice
from gongqing.appeals.models import Appeal
from gongqing.appeals.queries import appeal_with_code
from gongqing.audit.actor import Actor, Role
from gongqing.audit.models import AccessLog, Event
from gongqing.audit.verification import verify_subject
from gongqing.insight.rules.trace_words import KIND_WORDS, SUBJECT_WORDS
from gongqing.lib.codes import check_appeal_code
from gongqing.lib.paging import day_asked
from gongqing.lib.workdays import end_of_day, start_of_day

PAGE = 50
ERASED = "（个人信息已按规定去除）"
OTHER_ROLES: Mapping[str, str] = {Role.CODE_HOLDER: "凭编号查询", Role.ANONYMOUS: "未登录"}
ROLE_WORDS: Mapping[str, str] = {**dict(RoleChoice.choices), **OTHER_ROLES}


@dataclass(frozen=True, slots=True)
class TraceFilters:
    """What the trace is asked for; empty values ask for nothing.

    Attributes:
        who: a part of the name.
        kind: an event's kind.
        code: an appeal's code, however typed.
        day: an ISO date in Shanghai.
    """

    who: str = ""
    kind: str = ""
    code: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One row of the trace in words.

    Attributes:
        role: in words; empty for the system.
        subject: what it was done to, in words.
        code: the appeal's code, when it was one; leads to its page.
        note: what was written, or the reason for looking.
    """

    id: int
    at: datetime
    name: str
    role: str
    organisation: str
    kind: str
    subject: str
    code: str
    note: str
    by_key: bool
    address: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class ChainLine:
    """How the trace of one appeal stands, computed now.

    Attributes:
        faults: what is wrong, in words.
        sealed_until: day of the newest seal.
    """

    appeal_id: int
    step_count: int
    faults: Sequence[str]
    sealed_until: date | None


def chain_of(actor: Actor, code: str) -> ChainLine:
    """Compute the trace of one appeal again, as far as the actor's scope reaches.

    Raises:
        BadInput: no code. NotFound: an appeal that is not there.
    """
    appeal = appeal_with_code(check_appeal_code(code), actor)
    report = verify_subject("appeal", appeal.pk)
    faults = [
        f"{KIND_WORDS.get(one.kind, '') or '整件'}{f'（编号 {one.id}）' if one.id else ''}：{one.said}"
        for one in report.findings
    ]
    return ChainLine(appeal.pk, report.event_count, faults, report.sealed_until)


def known_kinds() -> list[tuple[str, str]]:
    """Every kind that has a name, for the filter."""
    return list(KIND_WORDS.items())


def events_page(actor: Actor, filters: TraceFilters, *, before: int | None) -> tuple[list[TraceLine], int | None]:
    """A page of what was done, newest first, and where the next one begins; None on the last.

    Raises:
        BadInput: a filter that cannot be. NotFound: an appeal that is not there.
    """
    rows = list(Event.objects.filter(_wanted(actor, filters, before)).order_by("-id")[: PAGE + 1])
    codes = _codes(rows)
    lines = [_line(row, codes, row.note) for row in rows[:PAGE]]
    return lines, lines[-1].id if len(rows) > PAGE else None


def looks_page(actor: Actor, filters: TraceFilters, *, before: int | None) -> tuple[list[TraceLine], int | None]:
    """A page of what personal data was looked at, newest first, and where the next one begins.

    Raises:
        BadInput: a filter that cannot be. NotFound: an appeal that is not there.
    """
    rows = list(AccessLog.objects.filter(_wanted(actor, filters, before)).order_by("-id")[: PAGE + 1])
    codes = _codes(rows)
    lines = [_line(row, codes, row.reason, address=row.address or "", count=row.count) for row in rows[:PAGE]]
    return lines, lines[-1].id if len(rows) > PAGE else None


def _wanted(actor: Actor, filters: TraceFilters, before: int | None) -> Q:
    wanted = Q()
    if filters.who:
        wanted &= Q(name__contains=filters.who)
    if filters.kind:
        wanted &= Q(kind=filters.kind)
    if filters.code:
        appeal = appeal_with_code(check_appeal_code(filters.code), actor)
        wanted &= Q(subject_kind="appeal", subject_id=appeal.pk)
    if filters.day:
        day = day_asked(filters.day)
        wanted &= Q(at__gte=start_of_day(day), at__lt=end_of_day(day))
    if before is not None:
        wanted &= Q(pk__lt=before)
    return wanted


def _codes(rows: Sequence[Event | AccessLog]) -> dict[int, str]:
    numbers = {row.subject_id for row in rows if row.subject_kind == "appeal" and row.subject_id is not None}
    return dict(Appeal.objects.filter(pk__in=numbers).values_list("pk", "code"))


def _line(
    row: Event | AccessLog, codes: Mapping[int, str], note: str, *, address: str = "", count: int = 1
) -> TraceLine:
    code = codes.get(row.subject_id or 0, "") if row.subject_kind == "appeal" else ""
    number = f" {row.subject_id}" if row.subject_id is not None and not code else ""
    return TraceLine(
        id=row.pk,
        at=row.at,
        name=row.name or "职工",
        role="" if row.role == Role.SYSTEM else ROLE_WORDS.get(row.role, row.role),
        organisation=row.organisation_name,
        kind=KIND_WORDS.get(row.kind, row.kind),
        subject=f"{SUBJECT_WORDS.get(row.subject_kind, row.subject_kind)}{number}",
        code=code,
        note=ERASED if row.erased_at else note,
        by_key=row.key_id is not None,
        address=address,
        count=count,
    )
