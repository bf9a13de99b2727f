"""What is left when a process is killed in the middle of its work?

After each: whatever was answered is there exactly once, nothing is half done, and nobody has to start anything by hand.
"""

from __future__ import annotations

import signal

import httpx

from gongqing.appeals.tests import sheets
from gongqing.lib import times
from tests.faults.stage import BASE, Burst, Stage, body, is_gone, killed, until

ROWS = 600


def test_a_killed_web_worker(stage: Stage) -> None:
    first = stage.web()
    with Burst(stage) as burst:
        burst.after(10)
        for worker in stage.web_workers():
            killed(worker)
        burst.after(10)
    burst.check()
    assert stage.web() == first


def test_a_killed_web_server(stage: Stage) -> None:
    first = stage.web()
    with Burst(stage) as burst:
        burst.after(10)
        stage.kill_web()
        burst.after(10)
    burst.check()
    assert stage.web() != first
    assert "网页服务 退出" in stage.printed()


def test_the_same_number_after_a_crash_is_the_same_appeal(stage: Stage) -> None:
    sent = body()
    first = stage.api("hotline").post(BASE, json=sent)
    assert first.status_code == 201
    stage.kill_web()
    again = stage.api("hotline").post(BASE, json=sent)
    assert again.status_code == 200
    assert again.json()["code"] == first.json()["code"]
    assert again.json()["query_password"] is None


def test_a_killed_job_worker(stage: Stage) -> None:
    seat, code = stage.pages("hotline"), stage.created()
    content = sheets.csv(sheets.lines(ROWS, at=times.now(), labour=1.0))
    begun = seat.post(
        "/desk/loads/new?kind=appeals", data={"source": "12345"}, files={"file": ("工单.csv", content, "text/csv")}
    )
    assert begun.status_code == 302, begun.text[-2000:]
    number = int(begun.headers["location"].rpartition("/")[2])
    assert seat.post(f"/desk/loads/{number}/start").status_code == 302
    done = "SELECT done_count FROM registry_load WHERE id = %s"
    until(lambda: stage.value(done, number) > 0, "the first rows")
    killed(stage.jobs())
    half = stage.value(done, number)
    assert half < ROWS
    assert stage.api("town").post(f"{BASE}/{code}/resolve", json={"result": "工资已到账"}).status_code == 200
    stage.recovered()
    until(lambda: stage.jobs().is_running(), "a new job worker")
    stage.revive()
    state = "SELECT state FROM registry_load WHERE id = %s"
    until(lambda: stage.value(state, number) == "done", "the whole load")
    stage.work_through()
    (row,) = stage.rows("SELECT row_count, done_count FROM registry_load WHERE id = %s", number)
    assert row == (ROWS, ROWS)
    assert stage.value("SELECT count(DISTINCT number) FROM registry_loadrow WHERE load_id = %s", number) == ROWS
    made = "SELECT count(*), count(DISTINCT external_id) FROM appeals_appeal WHERE source = '12345'"
    assert stage.rows(made) == [(ROWS, ROWS)]
    assert not stage.value("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")


def test_a_killed_database(stage: Stage) -> None:
    web, workers = stage.web(), stage.web_workers()
    with Burst(stage) as burst:
        burst.after(10)
        killed(stage.postmaster())
        until(stage.is_ready, "the platform")
        burst.after(10)
    burst.check()
    assert burst.statuses <= {0, 200, 201, 409, 503}, burst.statuses
    assert stage.web() == web
    assert stage.web_workers() == workers
    assert "数据库退出，重新启动" in stage.printed()


def test_people_read_that_it_comes_back(stage: Stage) -> None:
    keeper, town = stage.keeper(), stage.pages("town")
    code = stage.created()
    keeper.send_signal(signal.SIGSTOP)  # so that the database stays away while we look
    try:
        stage.postmaster().send_signal(signal.SIGINT)
        until(lambda: not stage.is_ready(), "an absent database")
        for answer in (
            town.get("/desk/"),
            town.get(f"/desk/appeals/{code}"),
            town.post(f"/desk/appeals/{code}/steps/sign"),
            stage.pages().post("/lookup", data={"code": code, "password": "000000"}),
        ):
            assert answer.status_code == 503, answer.status_code
            assert "平台正在恢复" in answer.text
            assert "Traceback" not in answer.text
            assert answer.headers["Retry-After"] == "10"
        told = stage.api("hotline").post(BASE, json=body())
        assert told.status_code == 503
        assert "平台正在恢复" in told.json()["errors"][0]["message"]
        assert httpx.get(f"{stage.platform.address}/healthz").status_code == 200
    finally:
        keeper.send_signal(signal.SIGCONT)
    stage.recovered()
    until(lambda: town.get("/desk/").status_code == 200, "the desk")
    for _ in range(30):  # no process serves from what it held before
        assert town.get("/desk/").status_code == 200
    assert stage.value("SELECT status FROM appeals_appeal WHERE code = %s", code) == "dispatched"


def test_everything_killed_and_started_again(stage: Stage) -> None:
    with Burst(stage) as burst:
        burst.after(10)
        parts = [stage.web(), stage.jobs(), *stage.web_workers()]
        killed(stage.keeper())
        until(lambda: all(is_gone(part) for part in parts), "no process that was left behind")
        assert stage.postmaster().is_running()
        stage.start()
        burst.after(10)
    burst.check()
