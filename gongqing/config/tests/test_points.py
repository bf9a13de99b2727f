"""Has every point the colour that its values deserve, and does the checklist refuse what is unsafe?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gongqing.config.rules import alarms, checklist, points
from gongqing.config.rules.facts import BoundRole, Facts, KeyFile, Setup
from gongqing.config.rules.points import Colour, Point

GB = 1024**3


@pytest.fixture
def healthy(at) -> Facts:
    """An installation without a fault."""
    return Facts(
        at=at,
        version="1.0",
        database_version="PostgreSQL 18",
        skew_seconds=0.1,
        time_zone="Asia/Shanghai",
        pending_migrations=0,
        role=BoundRole("gongqing_app", is_superuser=False, bypasses=False, owns_tables=False),
        worker_silence=timedelta(seconds=9),
        worker_count=1,
        queue_wait=timedelta(0),
        failed_count=0,
        sweep_age=timedelta(seconds=40),
        message_count=0,
        message_wait=timedelta(0),
        backup_age=timedelta(hours=7),
        sealed_until=at.date() - timedelta(days=1),
        verified_at=at - timedelta(days=3),
        disk_free=80 * GB,
        disk_total=100 * GB,
        certificate_until=at + timedelta(days=200),
        is_next_year_provisional=False,
        roster_holes=[],
        administrator_count=2,
    )


@pytest.fixture
def safe() -> Setup:
    """Settings without a fault."""
    return Setup(
        is_debug=False,
        allowed_hosts=("localhost", "gongqing.city.example"),
        is_secure=True,
        is_behind_proxy=True,
        site_url="https://gongqing.city.example",
        sms_gateway="http",
        key_files=[KeyFile("secret.key", 64, 0o600, 64), KeyFile("keyring.json", 200)],
    )


def point(facts: Facts, key: str) -> Point:
    return next(one for one in points.running_points(facts) if one.key == key)


def test_a_healthy_installation_is_green_all_over(healthy, safe):
    assert {one.colour for one in points.running_points(healthy)} == {Colour.GREEN}
    assert checklist.failures(checklist.checklist(healthy, safe, is_production=True), is_production=True) == []


@pytest.mark.parametrize(
    ("key", "changed", "colour"),
    [
        ("database", {"skew_seconds": None}, "red"),
        ("database", {"skew_seconds": -3.0}, "amber"),
        ("database", {"skew_seconds": 31.0}, "red"),
        ("database", {"time_zone": "UTC"}, "amber"),
        ("migrations", {"pending_migrations": 2}, "red"),
        ("migrations", {"pending_migrations": None}, "grey"),
        ("row_scope", {"role": BoundRole("postgres", True, False, False)}, "red"),
        ("row_scope", {"role": BoundRole("app", False, True, False)}, "red"),
        ("row_scope", {"role": BoundRole("owner", False, False, True)}, "red"),
        ("row_scope", {"unheld_tables": ["appeals_appeal"]}, "red"),
        ("worker", {"worker_silence": timedelta(seconds=46)}, "red"),
        ("worker", {"worker_silence": None}, "red"),
        ("queue", {"queue_wait": timedelta(minutes=5)}, "green"),
        ("queue", {"queue_wait": timedelta(minutes=6)}, "amber"),
        ("queue", {"queue_wait": timedelta(minutes=31)}, "red"),
        ("failed_jobs", {"failed_count": 1, "failed_names": ["notices.deliver"]}, "amber"),
        ("sweep", {"sweep_age": None}, "grey"),
        ("sweep", {"sweep_age": timedelta(minutes=6)}, "amber"),
        ("sweep", {"sweep_age": timedelta(minutes=21)}, "red"),
        ("messages", {"message_wait": timedelta(minutes=31), "message_count": 4}, "amber"),
        ("messages", {"message_wait": timedelta(hours=5), "message_count": 4}, "red"),
        ("messages", {"message_failed_count": 1}, "amber"),
        ("backup", {"backup_age": None}, "red"),
        ("backup", {"backup_age": timedelta(hours=27)}, "amber"),
        ("backup", {"backup_age": timedelta(days=4)}, "red"),
        ("disk", {"disk_free": 14 * GB}, "amber"),
        ("disk", {"disk_free": 4 * GB}, "red"),
        ("disk", {"disk_free": GB, "disk_total": 4 * GB}, "amber"),
        ("certificate", {"certificate_until": None}, "grey"),
        ("certificate", {"certificate_fault": "证书读不出来。"}, "red"),
        ("certificate", {"is_trial_certificate": True}, "amber"),
        ("roster", {"roster_holes": ["10月18日 海曙区"]}, "amber"),
        ("roster", {"roster_holes": None}, "grey"),
        ("second_factor", {"bare_administrators": ["张三"]}, "amber"),
        ("second_factor", {"administrator_count": 0}, "red"),
    ],
)
def test_each_fault_has_its_colour_and_an_advice(key, changed, colour, healthy):
    found = point(replace(healthy, **changed), key)
    assert found.colour.value == colour
    if found.colour in (Colour.AMBER, Colour.RED):
        assert found.advice


@pytest.mark.parametrize(("days", "colour"), [(30, "green"), (29, "amber"), (6, "red"), (-1, "red")])
def test_a_certificate_warns_in_time(days, colour, healthy, at):
    assert point(replace(healthy, certificate_until=at + timedelta(days=days)), "certificate").colour.value == colour


@pytest.mark.parametrize(("month", "day", "colour"), [(10, 31, "green"), (11, 1, "amber"), (12, 31, "amber")])
def test_next_years_calendar_is_asked_for_from_november(month, day, colour, healthy, at):
    late = replace(healthy, is_next_year_provisional=True, at=at.replace(month=month, day=day))
    assert point(late, "calendar").colour.value == colour


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"is_debug": True}, "debug"),
        ({"allowed_hosts": ("localhost", "127.0.0.1", "[::1]")}, "hosts"),
        ({"allowed_hosts": ("*",)}, "hosts"),
        ({"is_secure": False}, "https"),
        ({"site_url": "http://gongqing.city.example"}, "https"),
        ({"has_demo_data": True}, "demo"),
        ({"demo_accounts": ["admin"]}, "demo"),
        ({"sms_gateway": "console"}, "gateway"),
        ({"key_files": [KeyFile("secret.key", 64, 0o644, 64)]}, "keys"),
        ({"key_files": [KeyFile("secret.key", 12, 0o600, 12)]}, "keys"),
        ({"key_files": [KeyFile("keyring.json", None)]}, "keys"),
    ],
)
def test_an_unsafe_setting_is_refused_in_production(changed, key, healthy, safe):
    found = checklist.checklist(healthy, replace(safe, **changed), is_production=True)
    failed = checklist.failures(found, is_production=True)
    assert [one.key for one in failed] == [key]
    assert failed[0].advice


def test_a_trial_needs_less(healthy, safe):
    trial = replace(healthy, backup_age=None, certificate_until=None, administrator_count=0, roster_holes=None)
    open_door = replace(safe, is_secure=False, has_demo_data=True)
    assert checklist.failures(checklist.checklist(trial, open_door, is_production=False), is_production=False) == []
    without = replace(trial, worker_silence=None)
    failed = checklist.failures(checklist.checklist(without, open_door, is_production=False), is_production=False)
    assert [one.key for one in failed] == ["worker"]


def test_what_nobody_can_see_fails_in_production(healthy, safe):
    unseen = checklist.checklist(replace(healthy, certificate_until=None), safe, is_production=True)
    assert [one.key for one in checklist.failures(unseen, is_production=True)] == ["certificate"]


def test_only_news_is_told_and_not_without_end(healthy):
    red = point(replace(healthy, worker_silence=None), "worker")
    green = point(healthy, "worker")
    grey = point(replace(healthy, sweep_age=None), "sweep")
    assert alarms.changes([green, grey], {}, {}) == []
    assert alarms.changes([red], {"worker": Colour.RED}, {}) == []
    (news,) = alarms.changes([red], {}, {})
    assert (news.before, news.is_told) == (Colour.GREEN, True)
    assert news.text.startswith("故障：任务进程。")
    (over,) = alarms.changes([green], {"worker": Colour.RED}, {"worker": alarms.TOLD_AT_MOST})
    assert (over.text.startswith("已恢复"), over.is_told) == (True, False)


@pytest.mark.parametrize(
    ("length", "words"),
    [(59, "59 秒"), (60, "1 分钟"), (3600, "1 小时"), (47 * 3600, "47 小时"), (48 * 3600, "2 天")],
)
def test_lengths_are_written_in_one_unit(length, words):
    assert points.in_words(timedelta(seconds=length)) == words
