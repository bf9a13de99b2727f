"""Voices for tests, brought in through the real actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import Intake
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.voices import actions
from gongqing.voices.models import SharedNeed

NIGHT_BUS = (
    "下夜班十点半，公交早没了，要走3公里到大路上才打得到车，一个人走心里发毛。",
    "晚班下来没有公交车，厂门口黑漆漆的，走三公里才有车，女同事多，能不能加一班夜班公交？",
    "来电人称在园区上小夜班，23点下班无公交可乘，步行近3公里才能打到车，建议开通夜间班线。",
    "又是下夜班走回去的，没有公交。能不能跟公交公司商量，十一点前后有一班夜班公交就够了。",
    "女职工来电：下夜班没有公交车坐，打车要四十几块，希望园区开通夜班公交。",
    "园区好几家厂都是十一点下夜班，没有公交车，大家盼着开一班夜班公交。",
)
EMPLOYERS = ("甬江轴承（虚构）厂", "海曙针织（虚构）厂", "小港模具（虚构）厂")
_serial = count(1)


def said(text: str, *, at: datetime, phone: str = "", employer: str = "", **more: Any) -> Appeal:
    """One more appeal from somebody."""
    number = next(_serial)
    given: dict[str, Any] = {
        "source": "voices",
        "external_id": f"v-{number}",
        "channel": "hotline_12351",
        "text": text,
        "region_code": "330206001",
        "person_phone": phone or f"139{number:08d}",
        "employer": employer,
        "received_at": at,
        **more,
    }
    with scope.acting_as(SYSTEM):
        return appeals.receive_appeal(Intake(**given), by=SYSTEM, at=at).appeal


def wave(at: datetime, texts: Sequence[str] = NIGHT_BUS, **more: Any) -> list[Appeal]:
    """The night-bus wave: six voices of three employers within a week before a moment."""
    return [
        said(text, at=at - timedelta(days=6 - number), employer=EMPLOYERS[number % len(EMPLOYERS)], **more)
        for number, text in enumerate(texts)
    ]


def heard(at: datetime) -> list[SharedNeed]:
    """Read everything and gather."""
    with scope.acting_as(SYSTEM):
        actions.read_texts()
        return actions.gather_needs(by=SYSTEM, at=at)


def taken_up(need: SharedNeed, by: Actor, at: datetime, **more: Any) -> SharedNeed:
    """The need after it was taken up for the deputies."""
    given = {
        "title": "园区夜班公交",
        "route": "motion",
        "partner": "区人大代表联络站",
        "plan": "下周一起到园区调研夜班人数。",
        **more,
    }
    with scope.acting_as(by):
        return actions.take_up_need(need_id=need.pk, by=by, at=at, **given)


def done(need: SharedNeed, by: Actor, at: datetime) -> SharedNeed:
    """The need after it was taken up, answered and done."""
    taken_up(need, by, at)
    with scope.acting_as(by):
        actions.answer_need(need_id=need.pk, answer="年内开通一条夜班线。", answered_by="区交通运输局", by=by, at=at)
        return actions.finish_need(need_id=need.pk, result="园区开了夜班公交，末班23:30。", done_on=None, by=by, at=at)
