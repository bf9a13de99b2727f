"""Does the wall show what its viewer sees, add up, and keep private what must not hang in a corridor?"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings

from gongqing.accounts import rules
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.config import setup_city
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.insight.actions.outlines import load_outlines
from gongqing.insight.models import Outline
from gongqing.insight.queries import cockpit as queries
from gongqing.insight.queries.counting import IN_HAND
from gongqing.insight.rules.cockpit import READERS
from gongqing.insight.stream.drawing import parts_of
from gongqing.insight.stream.viewing import Sight, Watcher, picture_for, watcher_of
from gongqing.lib import times
from gongqing.lib.errors import NotFound, NotPermitted
from gongqing.lib.workdays import end_of_day
from gongqing.voices.models import SharedNeed
from tests.cast import Cast, Player

Opened = Callable[[str], Client]
MAY = ("city", "county", "auditor")
COUNTY = "330206"


def _wages(cast: Cast) -> Appeal:
    return received(
        WAGES, by=cast.worker.actor, at=times.now(), employer=cast.places.factory.name, person_phone=cast.worker.phone
    )


def _in_hand(player: Player) -> int:
    with scope.acting_as(player.actor):
        seen = Appeal.objects.visible_to(player.actor).filter(kind="appeal", status__in=[*IN_HAND])
        return seen.count()


@pytest.mark.parametrize("name", MAY)
def test_the_cockpit_opens_for_who_looks_over_a_city_or_a_county(browser_of: Opened, name: str) -> None:
    answer = browser_of(name).get("/cockpit")
    assert answer.status_code == 200
    assert "各" in answer.content.decode()


@pytest.mark.parametrize("path", ["/cockpit", "/cockpit/picture"])
def test_it_does_not_open_for_others(cast: Cast, browser_of: Opened, path: str) -> None:
    others = [name for name, player in cast.players().items() if player.actor.role not in READERS]
    assert len(others) > 5
    for name in others:
        assert browser_of(name).get(path).status_code == 403, name
    assert browser_of("").get(path)["Location"].startswith("/desk/sign-in")


def test_everything_in_hand_adds_up(cast: Cast) -> None:
    _wages(cast)
    for player in (cast.city, cast.county):
        with scope.acting_as(player.actor):
            wall = queries.wall(player.actor, times.now())
        whole = wall.total["open"]
        assert whole == _in_hand(player) > 0
        assert sum(part.counts["open"] for part in [*wall.parts, *wall.rest]) == whole
        assert sum(counts["open"] for counts in wall.grades.values()) == whole
        assert sum(int(row.values["received"].value or 0) for row in wall.days[:-1]) == wall.weeks.count
        assert wall.today.values["received"].value == 1


def test_another_county_counts_nothing_of_it(cast: Cast) -> None:
    _wages(cast)
    elsewhere = replace(
        cast.county.actor,
        user_id=cast.stranger.user_id,
        organisation_id=cast.places.other_county.pk,
        path=cast.places.other_county.path,
        paths=(cast.places.other_county.path,),
    )
    with scope.acting_as(elsewhere):
        wall = queries.wall(elsewhere, times.now())
    assert wall.total["open"] == 0
    assert wall.place == "鄞州区"
    assert not any(row.values["received"].value for row in wall.days)


def test_a_county_is_looked_into_by_its_own_and_from_above(cast: Cast) -> None:
    with scope.acting_as(cast.city.actor):
        assert queries.area_of(cast.city.actor, COUNTY).code == COUNTY
    with scope.acting_as(cast.county.actor):
        assert queries.area_of(cast.county.actor, COUNTY).code == COUNTY
        for other in ("330203", "33", "330206001", "x"):
            with pytest.raises(NotFound):
                queries.area_of(cast.county.actor, other)


def test_an_unknown_place_is_not_found(browser_of: Opened) -> None:
    for path in ("/cockpit?area=110101", "/cockpit/picture?area=%00", "/cockpit?area=330206001"):
        assert browser_of("city").get(path).status_code == 404


def test_what_must_be_kept_quiet_does_not_hang_on_the_wall(cast: Cast, browser_of: Opened) -> None:
    appeal = _wages(cast)
    with scope.acting_as(SYSTEM):
        Appeal.objects.filter(pk=appeal.pk).update(grade="red", restricted=True)
    page = browser_of("city").get("/cockpit").content.decode()
    assert "须保密，内容不上屏" in page
    assert appeal.code not in page
    with scope.acting_as(SYSTEM):
        Appeal.objects.filter(pk=appeal.pk).update(restricted=False)
    shown = browser_of("city").get("/cockpit").content.decode()
    assert "须保密，内容不上屏" not in shown
    assert "工资" in shown


def test_the_picture_of_the_stream_is_the_page(cast: Cast, browser_of: Opened) -> None:
    appeal = _wages(cast)
    given = json.loads(browser_of("county").get("/cockpit/picture").content)
    picture = picture_for(Watcher(cast.county.actor))
    assert set(given["parts"]) == set(picture.parts)
    text = json.dumps(given, ensure_ascii=False)
    for private in (appeal.code, appeal.text[:8], cast.worker.phone, cast.worker.phone[-4:]):
        assert private not in text
    assert picture.parts["now"] == given["parts"]["now"]


def test_a_session_is_asked_again_and_ends_the_stream(cast: Cast, browser_of: Opened) -> None:
    client = browser_of("county")
    cookies = f"sessionid={client.cookies['sessionid'].value}"
    found = watcher_of(cookies, "")
    assert found is not None
    assert found.actor.organisation_id == cast.county.actor.organisation_id
    assert watcher_of(cookies, "110101") is None
    assert watcher_of("sessionid=unknown", "") is None
    assert watcher_of("", "") is None
    client.post("/desk/sign-out")
    assert watcher_of(cookies, "") is None


def test_a_sign_in_that_may_not_watch_has_no_stream(browser_of: Opened) -> None:
    client = browser_of("town")
    assert watcher_of(f"sessionid={client.cookies['sessionid'].value}", "") is None


def test_a_hung_screen_opens_the_cockpit_and_nothing_else(cast: Cast, browser_of: Opened) -> None:
    client = browser_of("city")
    assert client.post("/cockpit/hang")["Location"] == "/cockpit"
    page = client.get("/cockpit").content.decode()
    assert "取下大屏" in page
    assert "/desk/figures/cases" not in page
    assert client.get("/desk/")["Location"].startswith("/desk/sign-in")
    assert client.get("/desk/figures")["Location"].startswith("/desk/sign-in")
    found = watcher_of(f"sessionid={client.cookies['sessionid'].value}", "")
    assert found is not None
    assert found.is_hung
    assert "sign-in" in client.post("/cockpit/take-down")["Location"]
    assert client.get("/cockpit").status_code == 302
    with scope.acting_as(SYSTEM):
        kinds = list(Event.objects.filter(kind__startswith="screen.").order_by("id").values_list("kind", "user_id"))
    assert kinds == [("screen.hung", cast.city.user_id), ("screen.taken_down", cast.city.user_id)]


def test_who_may_not_watch_hangs_nothing(browser_of: Opened) -> None:
    assert browser_of("town").post("/cockpit/hang").status_code == 403
    assert browser_of("").post("/cockpit/hang")["Location"].startswith("/desk/sign-in")


def test_a_hung_screen_outlives_idle_hours_and_ends_after_ninety_days() -> None:
    at = times.now()
    for days, is_over in ((1, False), (89, False), (90, True)):
        since = at - days * (rules.HUNG_SESSION / 90)
        assert rules.is_session_over(since=since, seen=since, at=at, is_staff=True, is_hung=True) is is_over


def test_the_stream_is_named_to_the_content_policy_of_this_page_alone(browser_of: Opened) -> None:
    client = browser_of("city")
    given = settings.GONGQING
    with override_settings(GONGQING=replace(given, live_port=8001, behind_proxy=False, live_url="")):
        page = client.get("/cockpit")
        assert "connect-src 'self' http://testserver:8001" in page["Content-Security-Policy"]
        assert 'data-live="http://testserver:8001/live/cockpit"' in page.content.decode()
        assert "8001" not in client.get("/desk/figures")["Content-Security-Policy"]
    with override_settings(GONGQING=replace(given, behind_proxy=True, live_url="")):
        page = client.get("/cockpit?area=330206")
        assert 'data-live="/live/cockpit?area=330206"' in page.content.decode()
        assert "connect-src 'self';" in page["Content-Security-Policy"] + ";"
    with override_settings(GONGQING=replace(given, live_port=0)):
        assert 'data-live=""' in client.get("/cockpit").content.decode()


@pytest.mark.parametrize(
    ("origin", "host", "may"),
    [
        ("", "127.0.0.1:8001", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8001", True),
        ("http://127.0.0.1:8002", "127.0.0.1:8001", False),
        ("http://localhost:8000", "127.0.0.1:8001", False),
        ("https://evil.example", "127.0.0.1:8001", False),
        ("null", "127.0.0.1:8001", False),
        ("", "evil.example", False),
        ("http://evil.example:8000", "evil.example:8001", False),
    ],
)
def test_only_our_own_pages_read_the_stream(origin: str, host: str, may: bool) -> None:
    with override_settings(ALLOWED_HOSTS=["127.0.0.1", "localhost"]):
        assert Sight().may_ask(origin, host) is may


def test_the_map_is_drawn_from_what_was_loaded_and_says_its_source(cast: Cast, browser_of: Opened) -> None:
    client = browser_of("city")
    with scope.acting_as(SYSTEM):
        Outline.objects.all().delete()
    assert 'class="map"' not in client.get("/cockpit").content.decode()
    with scope.acting_as(SYSTEM):
        count = setup_city.add_shipped_outlines(by=SYSTEM, at=times.now())
        assert setup_city.add_shipped_outlines(by=SYSTEM, at=times.now()) == 0, "what is there stays"
    page = client.get("/cockpit").content.decode()
    assert count > 0
    assert page.count('<path class="m') == count
    assert "审图号未登记" in page
    with override_settings(GONGQING=replace(settings.GONGQING, map_approval="浙S(2026)1号", map_source="市测绘院")):
        assert "市测绘院，浙S(2026)1号" in client.get("/cockpit").content.decode()


def test_a_county_shows_its_towns_within_its_outline(cast: Cast, browser_of: Opened) -> None:
    client = browser_of("county")
    with scope.acting_as(SYSTEM):
        Outline.objects.all().delete()
    assert "<svg viewBox" not in client.get("/cockpit").content.decode().split('id="part-map"')[1].split("<p class")[0]
    with scope.acting_as(SYSTEM):
        setup_city.add_shipped_outlines(by=SYSTEM, at=times.now())
    page = client.get("/cockpit").content.decode()
    with scope.acting_as(cast.county.actor):
        wall = queries.wall(cast.county.actor, times.now())
    assert wall.border
    assert page.count('clip-path="url(#border)"') == 1
    assert page.count('<path class="m') == len(wall.parts) > 0
    assert "GeoNames" in page
    assert "不是镇街界线" in page


def test_the_command_says_which_counties_have_an_outline(cast: Cast, tmp_path: Path) -> None:
    ring = [[[121.5, 29.9], [121.6, 29.9], [121.6, 30.0], [121.5, 29.9]]]

    def told(*codes: str) -> str:
        shapes = [
            {"properties": {"adcode": code}, "geometry": {"type": "Polygon", "coordinates": ring}} for code in codes
        ]
        file, out = tmp_path / "outlines.geojson", io.StringIO()
        file.write_text(json.dumps({"features": shapes}), encoding="utf-8")
        call_command("outlines", file, stdout=out)
        return out.getvalue().strip()

    with scope.acting_as(SYSTEM):
        Outline.objects.all().delete()
        named = {county.code: county.name for county in queries.counties()}
    first, second, *others = named
    bare = "、".join(named[code] for code in others)
    assert told(first).startswith("装入 1 个区县市的轮廓。没有轮廓：" + named[second])
    left = f"没有轮廓：{bare}，在图下列出。" if others else ""
    assert told(second) == f"装入 1 个区县市的轮廓。文件里没有{named[first]}，仍用原来的轮廓。{left}"
    assert told(*named) == f"装入 {len(named)} 个区县市的轮廓。"


def test_nobody_but_an_administrator_loads_outlines(cast: Cast, at: datetime) -> None:
    with pytest.raises(NotPermitted):
        load_outlines(outlines={}, source="x", by=cast.city.actor, at=at)


def test_an_empty_city_says_what_will_come(system: Any, at: datetime) -> None:
    setup_city.prepare_city(rows=setup_city.shipped_regions(settings.GONGQING.city_code), by=system, at=at)
    wall = queries.wall(system, at)
    parts = parts_of(wall, may_open=True)
    assert wall.is_empty
    assert "今年还没有诉求" in parts["map"]
    assert "没有在办的红色件" in parts["reds"]
    assert "没有收到诉求" in parts["rising"]
    assert parts["year"].count("算不出来") == len(queries.RATES)
    assert not [word for part in parts.values() for word in ("None", "NaN", "nan") if word in part]


def test_a_city_without_divisions_says_what_is_missing(system: Any, at: datetime) -> None:
    assert "区划还没有装入" in parts_of(queries.wall(system, at), may_open=True)["map"]


def test_every_number_leads_to_as_many_cases(cast: Cast, browser_of: Opened) -> None:
    _wages(cast)
    for name, path in (("city", "/cockpit"), ("city", f"/cockpit?area={COUNTY}"), ("county", "/cockpit")):
        client = browser_of(name)
        page = client.get(path).content.decode()
        found = re.findall(r'<a[^>]*href="(/cockpit/cases[^"]+)"([^>]*)>(.*?)</a>', page, re.S)
        asked = {html.unescape(address): _said(named, inside) for address, named, inside in found}
        assert len(asked) > len(queries.RATES)
        assert max(asked.values()) > 0
        for address, count in asked.items():
            assert f" {count} 件</h1>" in client.get(address).content.decode(), address


def _said(named: str, inside: str) -> int:
    """How many cases a link says that it leads to."""
    words = re.sub(r"<[^>]+>", " ", inside)
    said = re.search(r"(?:在办|归集) (\d+) 件", named) or re.search(r"(\d+)(?:/\d+)?\s+件", words)
    return int(said.group(1) if said else re.findall(r"\d+", words)[0])


def test_the_cases_of_the_wall_name_nobody_and_say_nothing(cast: Cast, browser_of: Opened) -> None:
    appeal = _wages(cast)
    address = "/cockpit/cases?measure=open&basis=now&kind=appeal"
    page = browser_of("city").get(address).content.decode()
    assert "工资" in page
    for private in (appeal.code, appeal.title, appeal.text[:8], cast.worker.phone[-4:], cast.places.factory.name):
        assert private not in page
    with scope.acting_as(SYSTEM):
        Appeal.objects.filter(pk=appeal.pk).update(restricted=True)
    kept = browser_of("city").get(address).content.decode()
    assert "须保密，内容不上屏" in kept
    assert appeal.category.name not in kept


def test_a_hung_screen_lists_no_cases(browser_of: Opened) -> None:
    client = browser_of("city")
    address = "/cockpit/cases?measure=open&basis=now"
    assert client.get(address).status_code == 200
    client.post("/cockpit/hang")
    assert client.get(address).status_code == 403
    assert "/cockpit/cases" not in client.get("/cockpit").content.decode()


def test_a_new_day_begins_at_midnight(cast: Cast) -> None:
    _wages(cast)
    midnight = end_of_day(times.day_of(times.now()))
    with scope.acting_as(cast.city.actor):
        before, after = (queries.wall(cast.city.actor, midnight + timedelta(seconds=seconds)) for seconds in (-1, 1))
    assert [wall.today.values["received"].value for wall in (before, after)] == [1, 0]
    assert after.days[-2].values["received"].value == 1
    assert (before.weeks.count, after.weeks.count) == (0, 1)
    words = [f"{day.month}月{day.day}日 0 时起" for day in map(times.day_of, (before.at, after.at))]
    for wall, said in zip((before, after), words, strict=True):
        assert said in parts_of(wall, may_open=True)["now"]


def test_shared_needs_stand_on_the_wall_without_naming_anybody(cast: Cast, browser_of: Opened, at: datetime) -> None:
    numbers = dict.fromkeys(("usual", "high", "chance", "employer_count"), 1)
    moments = dict.fromkeys(("found_at", "first_at", "last_at", "heard_at"), times.now())
    with scope.acting_as(SYSTEM):
        for title, people, state in (
            ("下夜班没有车", 7, "proposed"),
            ("只有两个人提", 2, "proposed"),
            ("已经办完的事", 9, "fed_back"),
        ):
            SharedNeed.objects.create(
                organisation=cast.places.county,
                title=title,
                state=state,
                suggested_route="department",
                route="department",
                result="办成",
                done_on=at.date(),
                feedback="谢谢",
                voice_count=8,
                week_count=8,
                person_count=people,
                **numbers,
                **moments,
            )
    for name in ("city", "county"):
        page = browser_of(name).get("/cockpit").content.decode()
        assert "下夜班没有车" in page
        assert "待研判" in page
        assert "只有两个人提" not in page
        assert "已经办完的事" not in page
    assert "下夜班没有车" not in browser_of("city").get("/cockpit?area=330212").content.decode()
