"""Draw closed matters of a hotline for checking, and keep what a checker finds (质检)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from random import Random
from typing import Any

from django.db import transaction

from gongqing.accounts import queries as accounts
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import tidy_text
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import QualityCheck
from gongqing.dispatch.queries.quality import candidates_of, drawing_of, register_calls_of, visible_checks
from gongqing.dispatch.rules import quality as rules
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.times import day_of
from gongqing.notices import actions as notices
from gongqing.registry.models import Organisation

SEED_BITS = 48


@transaction.atomic
def draw_quality_checks(
    *, hotline_id: int, month: date, by: Actor, at: datetime, seed: int | None = None
) -> list[QualityCheck]:
    """Draw a month's closed matters of a hotline, once; the seed is kept with the event, so it can be drawn again.

    Args:
        month: any day of the month in which the matters were closed.
        seed: of the generator; chosen by chance when left out, so that nobody knows the sample before.

    Raises:
        NotPermitted, NotFound, NotAllowed: the month is not over, or was drawn already.
    """
    rules.check_can_draw(by.role)
    first = month.replace(day=1)
    if day_of(at).replace(day=1) <= first:
        raise NotAllowed(f"{first.year}年{first.month}月还没有过完，下月一日起可以抽。")
    with scope.elevated():
        hotline = Organisation.objects.select_for_update().filter(pk=hotline_id, kind="hotline").first()
        if hotline is None:
            raise NotFound("没有这条热线。")
        if drawing_of(hotline, first) is not None:
            raise NotAllowed(f"{hotline}{first.year}年{first.month}月已经抽过。")
        found = candidates_of(hotline, first)
        chosen = secrets.randbits(SEED_BITS) if seed is None else seed
        drawn = rules.draw(found, rng=Random(chosen))  # noqa: S311
        checks = QualityCheck.objects.bulk_create(_checks(hotline, first, drawn, at=at))
        data: dict[str, Any] = {
            "month": first.isoformat(),
            "seed": chosen,
            "population": [one.appeal_id for one in found],
            "drawn": [one.appeal_id for one in drawn],
        }
        note = f"{first.year}年{first.month}月办结 {len(found)} 件，抽到 {len(drawn)} 件"
        events.record("quality_checks.drawn", subject=hotline, subject_kind="hotline", by=by, at=at, note=note, **data)
    return checks


@transaction.atomic
def record_quality_check(
    *, check_id: int, marks: Mapping[str, str], note: str, by: Actor, at: datetime
) -> QualityCheck:
    """Keep the points of a check; the seat reads the result in the inbox.

    Raises:
        NotPermitted, NotFound, NotAllowed: checked already. BadInput: names the point, or `note` when points were lost.
    """
    rules.check_can_check(by.role)
    if not visible_checks(by).filter(pk=check_id).exists():
        raise NotFound("没有这项质检，或者不在您能看的范围内。")
    score, lost = rules.score_of(marks), rules.missed_points(marks)
    note = tidy_text(note)
    if lost and len(note) < 2:
        raise BadInput("note", f"“{'、'.join(lost)}”没有做到，请写明哪里不对、该怎么做。")
    with scope.elevated():
        check = QualityCheck.objects.select_for_update(of=("self",)).select_related("appeal").get(pk=check_id)
        if check.checked_at is not None:
            raise NotAllowed("这件已经质检过，结果已告知坐席。")
        check.points = {point.code: marks[point.code] for point in rules.POINTS}
        check.score, check.passed, check.note = score, rules.has_passed(score), note
        check.checked_at, check.checked_by_name = at, by.name
        check.save()
        word = "合格" if check.passed else "不合格"
        events.record(
            "appeal.quality_checked", subject=check.appeal, by=by, at=at, note=f"{score} 分，{word}", score=score
        )
        if check.seat_user_id is not None:
            because = f"扣分：{'、'.join(lost)}。" if lost else ""
            lines = f"质检结果：{check.appeal.code} {score} 分，{word}。{because}"
            notices.notify(
                text=lines,
                at=at,
                user_id=check.seat_user_id,
                subject_kind="qualitycheck",
                subject_id=check.pk,
                link=f"/desk/quality?check={check.pk}",
            )
    return check


def _checks(hotline: Organisation, first: date, drawn: list[rules.Drawn], *, at: datetime) -> list[QualityCheck]:
    numbers = [one.appeal_id for one in drawn]
    appeals = Appeal.objects.in_bulk(numbers)
    calls = register_calls_of(numbers)
    return [
        QualityCheck(
            appeal=appeals[one.appeal_id],
            call=calls.get(one.appeal_id),
            organisation=hotline,
            seat_user_id=appeals[one.appeal_id].reporter_user_id,
            seat_name=_name_of(appeals[one.appeal_id], calls),
            drawn_for=first,
            drawn_at=at,
            why=one.why.value,
        )
        for one in drawn
    ]


def _name_of(appeal: Appeal, calls: Mapping[int, Any]) -> str:
    call = calls.get(appeal.pk)
    if call is not None:
        return str(call.seat_name)
    user = accounts.user_numbered(appeal.reporter_user_id) if appeal.reporter_user_id else None
    return user.name if user else ""
