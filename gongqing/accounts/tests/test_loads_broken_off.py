"""Does a load that was cut off in the middle lose nothing and double nothing?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from gongqing.accounts import jobs
from gongqing.appeals.models import Appeal
from gongqing.appeals.tests import sheets
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.registry.actions import loads
from gongqing.registry.models import Load, LoadRow, LoadState

pytestmark = pytest.mark.django_db(transaction=True)
DYING = """
import os, signal, sys
import django
django.setup()
from gongqing.accounts import jobs
from gongqing.appeals.actions import sheet_loads
real, seen = sheet_loads.receive_appeal, []
def dies(*args, **given):
    seen.append(1)
    if len(seen) == 30:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **given)
sheet_loads.receive_appeal = dies
sheet_loads.AppealLoad.chunk = 20
jobs.run_load(int(sys.argv[1]))
"""


def begun(at: datetime, count: int) -> Load:
    from tests import cast

    cast.build(at)
    content = sheets.csv(sheets.lines(count, at=at, labour=1.0))
    with scope.acting_as(SYSTEM):
        load = loads.begin_load(kind="appeals", source="12345", file_name="a.csv", content=content, by=SYSTEM, at=at)
        return loads.start_load(load_id=load.pk, by=SYSTEM, at=at)


def seen(load: Load) -> tuple[Load, int, int]:
    with scope.acting_as(SYSTEM):
        rows, appeals = LoadRow.objects.filter(load=load).count(), Appeal.objects.filter(source="12345").count()
        return Load.objects.get(pk=load.pk), rows, appeals


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(at: datetime) -> None:
    load = begun(at, 50)
    settings = connection.settings_dict
    address = f"postgresql://{settings['USER']}:{settings['PASSWORD']}@/{settings['NAME']}?host={settings['HOST']}"
    if settings["PORT"]:
        address += f"&port={settings['PORT']}"
    surroundings = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "gongqing.config.settings"}
    died = subprocess.run([sys.executable, "-c", DYING, str(load.pk)], env=surroundings, check=False)
    assert died.returncode == -signal.SIGKILL
    for _ in range(50):  # the server notices the broken connection and takes the open transaction back
        halted, rows, appeals = seen(load)
        if rows == appeals == 20:
            break
        time.sleep(0.1)
    assert (halted.state, halted.done_count, rows, appeals) == (LoadState.RUNNING, 20, 20, 20)
    jobs.run_load(load.pk)
    done, rows, appeals = seen(load)
    assert (done.state, done.done_count, rows, appeals) == (LoadState.DONE, 50, 50, 50)


def test_what_a_dead_worker_was_at_is_queued_again(at: datetime) -> None:
    load = begun(at, 1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'accounts.run_load'")
    app.tasks["audit.revive_jobs"].func(timestamp=0)
    (job,) = ProcrastinateJob.objects.filter(task_name="accounts.run_load")
    assert (job.status, job.args) == ("todo", {"load_id": load.pk})


def test_a_dead_slice_whose_next_is_queued_is_dropped(at: datetime) -> None:
    load = begun(at, 1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'accounts.run_load'")
    jobs.queue_slice(load.pk)
    app.tasks["audit.revive_jobs"].func(timestamp=0)
    (job,) = ProcrastinateJob.objects.filter(task_name="accounts.run_load")
    assert job.status == "todo"
