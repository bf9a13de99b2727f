"""The night-bus wave: a week of calls from one park is heard, taken to the deputies, and becomes a bus line."""

from __future__ import annotations

from datetime import timedelta

from gongqing.audit.actor import SYSTEM
from gongqing.config.demo.stage import Stage
from gongqing.voices import actions as voices
from gongqing.voices.models import SharedNeed

SLICE = 500
TRACK = {
    "title": "园区夜班公交",
    "route": "motion",
    "partner": "区人大代表联络站",
    "plan": "和代表一起到园区看一趟夜班下班，数清几点有多少人、住在哪几个方向，形成代表建议。",
}
ANSWER = "园区到轻轨站加开一条夜班公交，22:40 到 23:40 每二十分钟一班，本周起试运行。"
RESULT = "夜班公交开通了，22:40 到 23:40 每二十分钟一班，从园区北门到轻轨站，凭工会会员码半价。"


def show_needs(stage: Stage) -> None:
    """Read what was said, hear what many asked for, and bring the night bus as far as the last step."""
    at = stage.until
    while voices.read_texts(most=SLICE) == SLICE:
        pass
    for need in voices.gather_needs(by=SYSTEM, at=at - timedelta(hours=24)):
        if "公交" in "".join(need.words):
            _brought_home(stage, need)
    voices.gather_needs(by=SYSTEM, at=at)


def _brought_home(stage: Stage, need: SharedNeed) -> None:
    by, at = stage.supervisor(need.organisation, "county"), stage.until
    voices.take_up_need(need_id=need.pk, **TRACK, by=by, at=at - timedelta(hours=20))
    answered_by = "区交通运输局、公交公司"
    voices.answer_need(need_id=need.pk, answer=ANSWER, answered_by=answered_by, by=by, at=at - timedelta(hours=8))
    voices.finish_need(need_id=need.pk, result=RESULT, done_on=None, by=by, at=at - timedelta(hours=2))
