"""Somebody stands in for another's posting between two days (代理)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from gongqing.accounts import queries, rules
from gongqing.accounts.models import Posting, User
from gongqing.audit import events
from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.times import day_of
from gongqing.registry.rules import plain


@transaction.atomic
def name_deputy(
    *, posting_id: int, user_id: int, since: date, last_day: date, reason: str, by: Actor, at: datetime
) -> Posting:
    """Let an account act in another's posting from one day to another, both included.

    The deputy's posting has the same role at the same organisation; the trace names both people.

    Raises:
        NotPermitted, NotAllowed: as `rules.check_may_deputise`; the posting ends, or is stood in for, in these days.
        BadInput: on `user`, `since`, `last_day` or `reason`.
    """
    posting = Posting.objects.select_for_update().get(id=posting_id)
    rules.check_may_deputise(
        by,
        holder_id=posting.user_id,
        role=Role(posting.role),
        organisation_id=posting.organisation_id,
        is_deputy=posting.deputy_of_id is not None,
    )
    until = last_day + timedelta(days=1)
    rules.check_deputy_days(since, until, today=day_of(at))
    if len(plain(reason)) < 2:
        raise BadInput("reason", "请写明为什么代理，例如“休假”“出差”。")
    if (posting.until is not None and posting.until < until) or posting.since > since:
        raise NotAllowed("这个岗位在这些日子里不是一直在任，请核对日期。")
    deputy = User.objects.select_for_update().filter(id=user_id).first()
    if deputy is None:
        raise BadInput("user", "没有这个账号。")
    _check_deputy(posting, deputy, since, until, by)
    taken = _within(Posting.objects.filter(deputy_of=posting), since, until).select_related("user").first()
    if taken is not None and taken.until is not None:
        days = f"{taken.since:%Y-%m-%d} 至 {taken.until - timedelta(days=1):%Y-%m-%d}"
        raise NotAllowed(f"{days} 已由{taken.user.name}代理，请先结束原来的代理或错开日期。")
    named = Posting.objects.create(
        user=deputy,
        organisation_id=posting.organisation_id,
        role=posting.role,
        since=since,
        until=until,
        deputy_of=posting,
    )
    events.record(
        "deputy.named",
        subject=named,
        by=by,
        at=at,
        note=plain(reason)[:200],
        user=deputy.pk,
        deputy_of=posting.pk,
        since=since.isoformat(),
        until=until.isoformat(),
    )
    return named


@transaction.atomic
def end_deputy(*, posting_id: int, by: Actor, at: datetime) -> Posting:
    """End a deputy's posting today, or undo one that has not begun; the deputy may do it too.

    Raises:
        NotPermitted, NotAllowed: it is no deputy's, or it has ended.
    """
    posting = Posting.objects.select_for_update().get(id=posting_id)
    held = posting.deputy_of
    if held is None:
        raise NotAllowed("这不是代理的岗位。")
    if by.user_id != posting.user_id:
        rules.check_may_deputise(
            by, holder_id=held.user_id, role=Role(held.role), organisation_id=held.organisation_id, is_deputy=False
        )
    if posting.until is not None and posting.until <= max(day_of(at), posting.since):
        raise NotAllowed("这项代理已经结束。")
    _end(posting, max(day_of(at), posting.since), by=by, at=at)
    return posting


@transaction.atomic
def end_deputies_of(*, posting_id: int, by: Actor, at: datetime) -> int:
    """Nobody stands in for a posting that is no longer held; returns how many deputies ended. Part of its ending."""
    held = Posting.objects.get(id=posting_id)
    if held.until is None:
        return 0
    late = list(Posting.objects.select_for_update().filter(deputy_of=held, until__gt=held.until))
    for posting in late:
        _end(posting, max(held.until, posting.since), by=by, at=at)
    return len(late)


def _end(posting: Posting, until: date, *, by: Actor, at: datetime) -> None:
    posting.until = until
    posting.save(update_fields=["until"])
    events.record("deputy.ended", subject=posting, by=by, at=at, user=posting.user_id, until=until.isoformat())


def _check_deputy(posting: Posting, deputy: User, since: date, until: date, by: Actor) -> None:
    if deputy.pk == posting.user_id:
        raise BadInput("user", "不能由本人代理自己。")
    if not deputy.is_active or deputy.person_id is not None:
        raise BadInput("user", "只能由在用的工作账号代理。")
    own = [one for one in queries.postings_of(deputy.pk, since) if one.deputy_of_id is None]
    if not own:
        raise BadInput("user", f"{deputy.name}在 {since:%Y-%m-%d} 没有在任的岗位，不能代理。")
    if by.role not in (Role.ADMINISTRATOR, Role.SYSTEM) and not _is_near(posting, own):
        raise NotPermitted("代理人应是本单位、上级或下属单位的工作人员；其他人请系统管理员指定。")
    away = _within(Posting.objects.filter(deputy_of__user=deputy), since, until).exists()
    if away:
        raise BadInput("user", f"{deputy.name}在这些日子里自己也由别人代理，请另选一人。")


def _is_near(posting: Posting, own: list[Posting]) -> bool:
    path = posting.organisation.path if posting.organisation else ""
    others = [one.organisation.path for one in own if one.organisation]
    return bool(path) and any(other.startswith(path) or path.startswith(other) for other in others)


def _within(found: QuerySet[Posting], since: date, until: date) -> QuerySet[Posting]:
    """Those that are held on any of these days; one that was undone before it began is held on none."""
    return found.filter(since__lt=until, until__gt=since).filter(until__gt=F("since"))
