"""Does the command line check, seal and list, and say it with its exit code?"""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import DailySeal, Event
from gongqing.config import actions, jobs, metrics
from gongqing.config.demo.trace import show_trace
from gongqing.config.queries import facts as measured
from gongqing.config.queries import trace
from gongqing.config.rules import points
from gongqing.config.rules.points import Colour
from gongqing.dispatch.tests.make import received
from gongqing.insight.rules.trace_words import KIND_WORDS
from gongqing.lib.times import now


def run(*arguments):
    out = StringIO()
    try:
        call_command("audit", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def point(at):
    return points.trace(measured.facts(at))


@pytest.fixture
def case(cast, at):
    """An appeal with its whole intake in the trace."""
    return received("老板欠薪三个月，一共两万元", by=cast.worker.actor, at=at)


def test_a_clean_trace_is_sealed_checked_and_listed(cast, case, capsys):
    assert point(now()).colour is Colour.GREY
    code, said = run("seal")
    assert code == 0
    assert said.startswith("已封存至")
    assert "已经封存过" in run("seal")[1]
    code, said = run("verify")
    assert code == 0
    assert "校验通过，最近封存至" in said
    assert (point(now()).colour, "校验通过" in point(now()).said) == (Colour.GREEN, True)
    with scope.acting_as(SYSTEM):
        seal = DailySeal.objects.get()
        assert Event.objects.get(kind="trace.verified").data["faults"] == 0
    assert seal.digest in run("seals")[1]
    run("seals", "--csv")
    header, line = capsys.readouterr().out.strip().splitlines()
    assert header.startswith("日期,封存时间")
    assert seal.digest in line


def test_seals_go_into_a_file(cast, case, tmp_path):
    run("seal")
    target = tmp_path / "seals.csv"
    assert "1 次封存" in run("seals", "--csv", str(target))[1]
    assert "封存值" in target.read_text(encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        run("seals", "--csv", str(tmp_path / "none" / "seals.csv"))
    assert refused.value.returncode == 2


def test_one_appeal_is_checked_by_its_code(cast, case):
    code, said = run("verify", "--appeal", case.code)
    assert code == 0
    assert "留痕链 1 条" in said


@pytest.mark.parametrize("wrong", [("--from", "昨天"), ("--appeal", "GQ1"), ("--appeal", "GQ330206202510130000019")])
def test_bad_input_is_refused(cast, wrong):
    with pytest.raises(CommandError) as refused:
        run("verify", *wrong)
    assert refused.value.returncode == 2


def test_without_the_key_file_the_rest_is_checked(cast, case, monkeypatch):
    run("seal")
    monkeypatch.setattr(trace.sealing, "ring", lambda: (_ for _ in ()).throw(OSError("no file")))
    code, said = run("verify")
    assert code == 0
    assert "签名没有校验" in said
    with pytest.raises(CommandError) as refused:
        run("seal")
    assert refused.value.returncode in (0, 2)


def test_what_was_put_in_is_named_told_and_shown(cast, case, at, browser_of):
    with scope.acting_as(SYSTEM):
        forged = Event.objects.create(
            at=at, role="system", name="系统", kind="appeal.noted", subject_kind="appeal", subject_id=case.pk
        )
    code, said = run("verify")
    assert code == 1
    row = f"编号 {forged.pk} 2025-10-13 14:20:00 {KIND_WORDS[forged.kind]}（{case.code}）"
    assert f"✗ 留痕 {row}：内容被改动" in said
    assert f"✗ 留痕链 {row}：不在链上" in said
    assert "校验没有通过：发现 2 处问题。" in said
    assert run("verify", "--appeal", case.code)[0] == 1
    found = point(now())
    assert (found.colour, "发现 2 处" in found.said) == (Colour.RED, True)
    jobs.verify_trace(0)
    with scope.acting_as(SYSTEM):
        assert Event.objects.filter(kind="trace.verified", data__faults=2).count() == 2
    assert "gongqing_trace_faults 2.0" in metrics.exposition(now()).decode()
    page = browser_of("auditor").get(f"/desk/trace?code={case.code}").content.decode()
    assert "留痕校验：没有通过" in page
    assert f"（编号 {forged.pk}）：内容被改动" in page


def test_the_job_seals_yesterday_once(cast, case):
    jobs.seal_trace(0)
    jobs.seal_trace(0)
    with scope.acting_as(SYSTEM):
        assert DailySeal.objects.get().day == (now() - timedelta(days=1)).date()
        assert Event.objects.filter(kind="trace.sealed").count() == 1


def test_a_seal_that_is_late_alarms(cast, case):
    at = now()
    actions.seal_until(day=(at - timedelta(days=3)).date(), by=SYSTEM, at=at)
    assert point(at).colour is Colour.AMBER
    assert point(at + timedelta(days=2)).colour is Colour.RED
    actions.note_verification(report=trace.report_on(), by=SYSTEM, at=at - timedelta(days=10))
    with scope.acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_dailyseal")
        assert cursor.fetchone() == (1,)


def test_the_pages_say_it(cast, case, browser_of):
    run("seal")
    page = browser_of("auditor").get(f"/desk/trace?code={case.code}").content.decode()
    assert "留痕校验：通过，共" in page
    assert "最近封存至" in page
    with scope.acting_as(SYSTEM):
        digest = DailySeal.objects.get().digest
    assert digest in browser_of("admin").get("/desk/status").content.decode()


def test_the_demonstration_shows_a_sealed_and_verified_trace(cast, case):
    show_trace(now())
    assert "校验通过" in point(now()).said
    assert run("verify")[0] == 0
