"""Do the dashboards show what is there, lead to it, and leave as tables that run nothing?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, WAGES, received
from gongqing.insight import sheets
from gongqing.insight.queries.dashboards import dashboard
from gongqing.insight.rules.dashboards import VIEWS, usual_view
from gongqing.insight.rules.periods import Period, period_of
from gongqing.lib.sheets import read_sheets
from gongqing.lib.times import day_of, now
from tests.cast import Cast

READERS = ("city", "county", "town", "zone", "grassroots", "hotline", "department", "auditor", "outsider")


@pytest.fixture
def made(cast: Cast) -> list[Appeal]:
    """Three appeals of today in two counties, and a need."""
    return [
        received(WAGES, by=cast.worker.actor, at=now(), region_code="330206001"),
        received(WAGES, by=cast.hotline.actor, at=now(), region_code="330206002", person_phone="13800000009"),
        received(FLED, by=cast.hotline.actor, at=now(), region_code="330212001"),
        received(BIRTHDAY, by=cast.hotline.actor, at=now(), kind="need"),
    ]


@pytest.mark.parametrize("name", READERS)
def test_every_view_opens_for_who_reads_figures(
    name: str, cast: Cast, made: list[Appeal], browser_of: Callable[[str], Client]
) -> None:
    for view, words in VIEWS.items():
        page = browser_of(name).get(f"/desk/dashboard?view={view}")
        assert page.status_code == 200
        assert words in page.content.decode()


@pytest.mark.parametrize(("name", "status"), [("", 302), ("worker", 403), ("admin", 403), ("zone_helper", 403)])
def test_who_reads_no_figures(name: str, status: int, browser_of: Callable[[str], Client]) -> None:
    for path in ("/desk/dashboard", "/desk/dashboard/export"):
        assert browser_of(name).get(path).status_code == status


def test_numbers_lead_to_as_many_cases(cast: Cast, made: list[Appeal], browser_of: Callable[[str], Client]) -> None:
    client = browser_of("city")
    page = client.get("/desk/dashboard?view=area&period=week").content.decode()
    links = re.findall(r'<a href="(/desk/figures/cases\?[^"]+)"[^>]*>([\d,]+)</a>', page)
    assert len(links) > 10
    for url, count in dict(links).items():
        cases = client.get(unescape(url))
        assert f"{count} 件" in cases.content.decode(), url


def test_the_area_is_cut_as_the_viewer_is(cast: Cast, made: list[Appeal]) -> None:
    at = now()
    with scope.acting_as(cast.city.actor):
        shown = dashboard(cast.city.actor, "area", period_of("week", today=day_of(at)), at)
    assert shown.tiles[0].value == 3
    places = next(each for each in shown.pictures if each.chart.key == "places")
    assert {row.name: row.values["received"].value for row in places.rows if row.values["received"].value} == {
        "北仑区": 2,
        "鄞州区": 1,
    }
    ranked = next(each for each in shown.pictures if each.chart.key == "categories")
    counts = [row.values["received"].value for row in ranked.rows]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == 3


def test_one_s_own_organisation_counts_what_it_handles(cast: Cast, made: list[Appeal]) -> None:
    at = now()
    for name in ("county", "town"):
        actor = cast.players()[name].actor
        with scope.acting_as(SYSTEM):
            own = Appeal.objects.filter(handler_id=actor.organisation_id, kind="appeal").count()
        with scope.acting_as(actor):
            shown = dashboard(actor, "organisation", period_of("week", today=day_of(at)), at)
        assert next(one for one in shown.tiles if one.indicator.key == "received").value == own


def test_long_trends_are_drawn_by_week_and_month_and_add_up(cast: Cast, made: list[Appeal]) -> None:
    at, today = now(), day_of(now())
    with scope.acting_as(cast.city.actor):
        for days, words in ((30, "每天"), (200, "每周"), (800, "每月")):
            shown = dashboard(cast.city.actor, "area", Period("custom", today - timedelta(days=days), today), at)
            trend = shown.pictures[0]
            assert trend.title.startswith(words)
            assert sum(row.values["received"].value for row in trend.rows) == 3
            assert date.fromisoformat(trend.rows[0].key) == today - timedelta(days=days)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_leaves_is_a_table_and_is_noted(
    form: str, cast: Cast, made: list[Appeal], browser_of: Callable[[str], Client]
) -> None:
    answer = browser_of("city").get(f"/desk/dashboard/export?view=area&period=week&form={form}")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    rows = read_sheets(f"a.{form}", answer.content)[0].rows
    tiles = rows[rows.index(next(row for row in rows if row[:1] == ["指标"])) + 1 :]
    assert tiles[0][:3] == ["归集", "3", "件"]
    assert any(row[0] == "办结率" and row[4] == "3" for row in rows if len(row) > 4)
    with scope.acting_as(SYSTEM):
        assert AccessLog.objects.filter(kind="figures.exported").count() == 1


def test_a_table_says_whose_it_is_of_whom_and_in_which_units(
    cast: Cast, made: list[Appeal], browser_of: Callable[[str], Client]
) -> None:
    def rows(name: str, asked: str) -> list[list[str]]:
        answer = browser_of(name).get(f"/desk/dashboard/export?view=area&period=week&form=csv{asked}")
        return read_sheets("a.csv", answer.content)[0].rows

    for name, where in (("auditor", "全市"), ("town", cast.town.actor.organisation_name)):
        head = {row[0]: row[1] for row in rows(name, "")[:7]}
        assert all(head.values())
        assert (head["导出单位"], head["人群"]) == (where, "全部职工")
    found = rows("city", "&population=members")
    assert ["人群", "会员"] in [row[:2] for row in found]
    heads = [row for row in found if len(row) > 1 and row[1] == "归集（件）"]
    assert heads
    assert all(cell.endswith("）") for row in heads for cell in row[1:] if cell and not cell.endswith(("分子", "分母")))


def test_no_cell_is_a_formula() -> None:
    rows = [["=1+1", 2], ["@sum", "-3"]]
    assert sheets.dashboard_csv(rows).decode("utf-8-sig").splitlines() == ["'=1+1,2", "'@sum,'-3"]
    assert read_sheets("a.xlsx", sheets.dashboard_sheet(rows))[0].rows == [["=1+1", "2"], ["@sum", "-3"]]


def test_what_cannot_be_is_refused(browser_of: Callable[[str], Client]) -> None:
    client = browser_of("city")
    wrong = client.get("/desk/dashboard?view=area&period=custom&from=2025-02-30&to=2025-03-01")
    assert wrong.status_code == 422
    assert "请填写日期" in wrong.content.decode()
    assert client.get("/desk/dashboard/export?form=exe").status_code == 404
    assert client.get("/desk/dashboard?view=none").status_code == 200


def test_supervisors_open_the_whole_and_handlers_their_day(cast: Cast) -> None:
    assert usual_view(cast.city.actor.role) == "area"
    assert usual_view(cast.grassroots.actor.role) == "mine"


def test_who_has_no_organisation_is_told_so_and_gets_no_tab_for_it(browser_of: Callable[[str], Client]) -> None:
    client = browser_of("auditor")
    tabs = re.findall(r'href="\?view=(\w+)', client.get("/desk/dashboard").content.decode())
    assert tabs == ["mine", "area"]
    assert "您的账号不属于哪个单位" in client.get("/desk/dashboard?view=organisation").content.decode()


@pytest.mark.parametrize(
    ("view", "words"), [("organisation", "没有由本单位主办的诉求"), ("area", "没有您看得到的诉求")]
)
def test_a_dashboard_without_a_case_says_why(view: str, words: str, browser_of: Callable[[str], Client]) -> None:
    page = browser_of("outsider").get(f"/desk/dashboard?view={view}").content.decode()
    assert words in page
    assert 'class="charts"' not in page
    assert "</b>这段时间" not in page


def test_a_dashboard_with_a_case_shows_its_pictures(
    cast: Cast, made: list[Appeal], browser_of: Callable[[str], Client]
) -> None:
    page = browser_of("city").get("/desk/dashboard?view=area").content.decode()
    assert 'class="charts"' in page
    assert "没有您看得到的诉求" not in page
