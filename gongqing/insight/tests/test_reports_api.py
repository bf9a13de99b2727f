"""Do partners read weekly reports and fetch their files, within the scope of their key?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.insight import actions
from gongqing.insight.models import WeeklyReport
from gongqing.insight.rules.report_paper import SECTIONS
from gongqing.insight.rules.weeks import last_whole_week
from gongqing.lib.times import now
from tests.cast import Cast


@pytest.fixture
def report(cast: Cast) -> WeeklyReport:
    """A draft of the county with its figures."""
    monday = last_whole_week(now()).begins_at
    received(WAGES, by=cast.hotline.actor, at=monday + timedelta(hours=10), region_code="330206001")
    return actions.draft_report(organisation_id=cast.places.county.pk, week=last_whole_week(now()), by=SYSTEM, at=now())


def test_sections_come_with_words_and_tables(report: WeeklyReport, api_of: Callable[[str], Client]) -> None:
    county = api_of("county")
    listed = county.get("/api/v1/reports").json()["items"]
    assert [(one["id"], one["state"], one["week"]) for one in listed] == [
        (report.pk, "draft", last_whole_week(now()).name)
    ]
    told = county.get(f"/api/v1/reports/{report.pk}").json()
    assert [one["title"] for one in told["sections"]] == list(SECTIONS.values())
    assert told["snapshot"]
    assert told["sections"][0]["computed"]
    assert any(one["tables"] for one in told["sections"])


def test_the_file_is_a_word_file_and_the_look_is_logged(report: WeeklyReport, api_of: Callable[[str], Client]) -> None:
    answer = api_of("county").get(f"/api/v1/reports/{report.pk}/file")
    assert answer.content.startswith(b"PK")
    with scope.acting_as(SYSTEM):
        assert AccessLog.objects.filter(kind="report.opened", subject_id=report.pk).count() == 1


@pytest.mark.parametrize("ending", ["", "/file"])
def test_who_may_not(ending: str, report: WeeklyReport, api_of: Callable[[str], Client], client: Client) -> None:
    address = f"/api/v1/reports/{report.pk}{ending}"
    assert client.get(address).status_code == 401
    assert api_of("worker").get(address).status_code == 403
    assert api_of("town").get(address).status_code in (403, 404)
    assert api_of("county").get(f"/api/v1/reports/0{ending}").status_code in (404, 422)
