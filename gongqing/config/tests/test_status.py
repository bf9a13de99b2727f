"""Is the installation measured as it is, shown to those who answer for it, and told to the administrators once?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Delivery, Event
from gongqing.config import actions, metrics, web
from gongqing.config.queries import facts as measured
from gongqing.config.queries import status
from gongqing.config.rules import points
from gongqing.config.rules.points import Colour, Point
from gongqing.lib.times import now
from gongqing.notices.models import Message

BROKEN = Point("backup", "备份", Colour.RED, "还没有备份过。", "运行 gongqing backup。")
WELL = replace(BROKEN, colour=Colour.GREEN, said="上一次在 2 小时前。", advice="")


def _insert_worker(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))", [seconds]
        )


def _queue(task: str, *, status: str = "todo", minutes: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('q', %s, %s) RETURNING id",
            [task, status],
        )
        number = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - make_interval(mins => %s) WHERE job_id = %s",
            [minutes, number],
        )


@pytest.mark.django_db
def test_the_measures_are_those_of_the_database(cast):
    _insert_worker(9)
    _insert_worker(500)
    _queue("a.slow", minutes=12)
    _queue("b.dead", status="failed")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp) VALUES (%s, extract(epoch FROM now()) - 90)",
            [measured.SWEEP],
        )
    at = now()
    actions.note_backup(name="b.tar", size=1, digest="00", by=SYSTEM, at=at - timedelta(hours=5))
    found = measured.facts(at)
    assert abs(found.skew_seconds or 99) < 5
    assert found.time_zone == "Asia/Shanghai"
    assert found.pending_migrations == 0
    assert found.role is not None
    assert (found.role.is_superuser, found.role.bypasses, found.role.owns_tables) == (False, False, False)
    assert found.unheld_tables == []
    assert (found.worker_count, found.worker_silence) == (1, timedelta(seconds=9))
    assert found.queue_count == 1
    assert found.queue_wait == timedelta(minutes=12)
    assert (found.failed_count, list(found.failed_names)) == (1, ["b.dead"])
    assert timedelta(seconds=89) <= (found.sweep_age or timedelta(0)) <= timedelta(seconds=95)
    assert found.backup_age == timedelta(hours=5)
    assert found.administrator_count == 1
    assert found.disk_total > found.disk_free > 0


@pytest.mark.django_db
def test_what_nobody_has_heard_of_waits_in_the_queue_too(cast):
    before = measured.facts(now()).queue_count
    Delivery.objects.create(event_id=1, listeners=["a.b"], queued_at=now() - timedelta(minutes=31))
    found = measured.facts(now())
    assert found.queue_count == before + 1
    assert timedelta(minutes=30, seconds=55) < (found.queue_wait or timedelta(0)) < timedelta(minutes=32)
    assert points.queue(found).colour is Colour.RED


@pytest.mark.django_db
def test_a_turn_that_waits_makes_the_sweep_late(cast):
    _queue(measured.SWEEP, minutes=8)
    assert measured.facts(now()).sweep_age == timedelta(minutes=8)


@pytest.mark.django_db
def test_a_change_is_written_and_told_once(cast, at):
    later = at + timedelta(minutes=10)
    assert len(actions.write_status(found=[BROKEN], by=SYSTEM, at=at)) == 1
    assert actions.write_status(found=[BROKEN], by=SYSTEM, at=later) == []
    with scope.acting_as(SYSTEM):
        told = list(Message.objects.filter(subject_kind="installation"))
        assert [one.user_id for one in told] == [cast.admin.user_id]
        assert told[0].text.startswith("故障：备份")
        assert status.remembered(later)["backup"].since == at
    actions.write_status(found=[WELL], by=SYSTEM, at=later)
    with scope.acting_as(SYSTEM):
        assert Message.objects.filter(text__startswith="已恢复").count() == 1


@pytest.mark.django_db
def test_a_point_that_goes_to_and_fro_is_written_but_not_told_without_end(cast, at):
    for step in range(10):
        actions.write_status(found=[BROKEN if step % 2 == 0 else WELL], by=SYSTEM, at=at + timedelta(minutes=10 * step))
    with scope.acting_as(SYSTEM):
        assert Event.objects.filter(kind="status.changed").count() == 10
        assert Event.objects.filter(kind="status.changed", data__told=True).count() == 4


@pytest.mark.django_db
def test_the_page_says_what_is_wrong_since_when_and_what_to_do(browser_of, cast):
    at = now() - timedelta(hours=3)
    actions.write_status(found=[BROKEN], by=SYSTEM, at=at)
    admin = browser_of("admin")
    page = admin.get("/desk/status").content.decode()
    assert "还没有备份过" in page
    assert "gongqing backup --to" in page
    assert "给您的告警" in page
    assert f"{at.month}月{at.day}日 {at:%H:%M}" in page
    admin.post("/desk/notices/read")
    assert "给您的告警" not in admin.get("/desk/status").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "answer"), [("city", 200), ("auditor", 200), ("county", 403), ("worker", 403), ("", 302)]
)
def test_the_page_is_for_those_who_answer_for_it(name, answer, browser_of):
    assert browser_of(name).get("/desk/status").status_code == answer


@pytest.mark.django_db
def test_the_figures_hold_no_person_and_count_what_is_open(cast, at):
    from gongqing.dispatch.tests.make import WAGES, received

    appeal = received(WAGES, by=cast.worker.actor, at=at, person_phone=cast.worker.phone)
    client = Client()
    client.get(f"/a/{appeal.code}")
    text = client.get("/metrics").content.decode()
    assert f'gongqing_appeals_open{{grade="{appeal.grade}"' in text
    assert "gongqing_database_up 1.0" in text
    assert "gongqing_requests_total{" in text
    assert appeal.code not in text
    assert cast.worker.phone not in text


@pytest.mark.parametrize(
    ("token", "given", "is_open"),
    [
        ("", {"REMOTE_ADDR": "127.0.0.1"}, True),
        ("", {"REMOTE_ADDR": "192.0.2.1"}, False),
        ("", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.1"}, False),
        ("s3cret", {"REMOTE_ADDR": "127.0.0.1"}, False),
        ("s3cret", {"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer s3cret"}, True),
        ("s3cret", {"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer other"}, False),
    ],
)
def test_the_figures_are_guarded(token, given, is_open, settings):
    settings.GONGQING = replace(settings.GONGQING, metrics_token=token)
    assert web._may_read_figures(RequestFactory().get("/metrics", **given)) is is_open


def test_a_request_is_counted_under_its_route_alone():
    before = metrics.REQUESTS.labels("GET", "/healthz", "200")._value.get()
    Client().get("/healthz?q=13800000001")
    assert metrics.REQUESTS.labels("GET", "/healthz", "200")._value.get() == before + 1


@pytest.mark.django_db
def test_the_checklist_speaks_line_by_line_and_fails(cast, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("checklist", production=True)
    assert ended.value.code == 2
    lines = capsys.readouterr().out.splitlines()
    assert all(line[:2] in ("✓ ", "✗ ") for line in lines)
    assert any(line.startswith("✗ HTTPS") and "→" in line for line in lines)
    assert any(line.startswith("✓ 数据范围") for line in lines)


@pytest.mark.django_db
def test_demo_passwords_are_found(cast, at, settings):
    from gongqing.accounts import actions as accounts
    from gongqing.accounts.rules import demo_password

    accounts.reset_password(user_id=cast.town.user_id, new=demo_password("town"), by=SYSTEM, at=at)
    assert measured.setup(with_passwords=True).demo_accounts == ["town"]


def test_the_worst_colour_wins():
    assert points.worst([WELL, BROKEN]) is Colour.RED
    assert points.worst([]) is Colour.GREEN
