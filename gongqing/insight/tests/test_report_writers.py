"""Two people write in one draft of the weekly report at the same time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.test import Client

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.insight import actions
from gongqing.insight.models import WeeklyReport
from gongqing.insight.rules.weeks import week_of
from gongqing.lib.times import day_of
from tests.cast import Cast


def test_two_who_write_at_once_lose_nothing(cast: Cast, at: datetime, browser_of: Callable[[str], Client]) -> None:
    week, union = week_of(day_of(at)).before(), cast.county.actor.organisation_id
    with scope.acting_as(SYSTEM):
        draft = actions.draft_report(organisation_id=union, week=week, by=SYSTEM, at=at)
    county, city, page = browser_of("county"), browser_of("city"), f"/desk/reports/{draft.pk}/words"

    def mark(content: bytes) -> str:
        return content.decode().split('name="seen" value="')[1].split('"')[0]

    first, second = mark(county.get(page).content), mark(city.get(page).content)
    assert county.post(page, {"addressees": "区委", "overview": "县里写的。", "seen": first}).status_code == 302
    refused = city.post(page, {"addressees": "区委", "overview": "市里写的。", "seen": second})
    shown = refused.content.decode()
    assert refused.status_code == 409
    assert "县里写的。" in shown
    assert "市里写的。" in shown
    assert cast.county.actor.name in shown
    with scope.acting_as(SYSTEM):
        assert WeeklyReport.objects.get(pk=draft.pk).words == {"overview": "县里写的。"}
    both = {"addressees": "区委", "overview": "县里写的。市里写的。", "seen": mark(refused.content)}
    assert city.post(page, both).status_code == 302
    with scope.acting_as(SYSTEM):
        assert WeeklyReport.objects.get(pk=draft.pk).words == {"overview": "县里写的。市里写的。"}
