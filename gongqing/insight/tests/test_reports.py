"""Is a report drafted, written in, signed by a second person, issued under its number, kept as it left and put right?"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from docx import Document

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.audit.models import AccessLog, Event
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, WAGES, received
from gongqing.insight import actions, jobs
from gongqing.insight.documents import weekly
from gongqing.insight.models import ReportSnapshot, WeeklyReport
from gongqing.insight.queries import reports as queries
from gongqing.insight.queries.report_figures import asked_of, canonical, figures_of
from gongqing.insight.rules import reporting
from gongqing.insight.rules.weeks import Week, week_of
from gongqing.lib import times
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotFound, NotPermitted
from gongqing.lib.times import day_of
from tests.cast import Cast

NAME, PHONE = "周小满", "13912345678"
WEEK_LATER = timedelta(days=7)


@pytest.fixture
def week(at: datetime) -> Week:
    return week_of(day_of(at))


@pytest.fixture
def made(cast: Cast, at: datetime) -> list[Appeal]:
    """Two appeals of one county, one red, and a need."""
    given = {"person_name": NAME, "person_phone": PHONE, "employer": "宁波海螺机械有限公司"}
    return [
        received(WAGES, by=cast.hotline.actor, at=at, region_code="330206001", channel="hotline_12351", **given),
        received(FLED, by=cast.hotline.actor, at=at, region_code="330206002", channel="hotline_12351", **given),
        received(BIRTHDAY, by=cast.hotline.actor, at=at, kind="need"),
    ]


@pytest.fixture
def draft(cast: Cast, made: list[Appeal], week: Week, at: datetime) -> WeeklyReport:
    return drafted(cast.places.county.pk, week, at + WEEK_LATER)


def drafted(organisation_id: int, week: Week, at: datetime) -> WeeklyReport:
    return actions.draft_report(organisation_id=organisation_id, week=week, by=SYSTEM, at=at)


def done(action: Callable[..., Any], report: WeeklyReport, by: Actor, at: datetime, **given: Any) -> Any:
    with scope.acting_as(by):
        return action(report_id=report.pk, by=by, at=at, **given)


def write(report: WeeklyReport, by: Actor, at: datetime, **words: str) -> WeeklyReport:
    return done(actions.edit_report, report, by, at, words=words, addressees="区委、区政府", copies="")


def issued(report: WeeklyReport, by: Actor, at: datetime) -> WeeklyReport:
    done(actions.sign_report, report, by, at)
    return done(actions.issue_report, report, by, at)


def said(content: bytes) -> str:
    paper = Document(io.BytesIO(content))
    lines = [line.text for line in paper.paragraphs]
    lines += [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join(lines)


def test_the_snapshot_counts_what_is_there(cast: Cast, made: list[Appeal], week: Week, at: datetime) -> None:
    city = figures_of(asked_of(cast.places.city, week, at + WEEK_LATER))
    assert (city["spans"]["week"]["received"], city["spans"]["week"]["need_received"]) == (
        {"n": 2, "d": None},
        {"n": 1, "d": None},
    )
    assert (city["spans"]["before"], city["spans"]["year_ago"]) == (None, None)
    assert {row["name"]: row["received"]["n"] for row in city["places"] if row["key"]}["北仑区"] == 2
    assert sum(row["received"] for row in city["trend"]) == 2
    assert [case["grade"] for case in city["serious"]["cases"]] == ["red", "orange"]
    assert [case["people_unsure"] for case in city["serious"]["cases"] if case["people"]] == [False, True]
    assert city["services"]["visits"] == {"n": None, "d": None}
    assert {cell for row in city["cross"]["rows"] for cell in row["cells"]} <= {None, 0}
    other = figures_of(asked_of(cast.places.county, week.before(), at + WEEK_LATER))
    assert other["spans"]["week"]["received"]["n"] == 0


def test_no_name_phone_or_employer_is_in_a_snapshot(cast: Cast, draft: WeeklyReport) -> None:
    text = canonical(draft.snapshot.figures).decode()
    assert all(word not in text for word in (NAME, PHONE, "海螺机械", "欠了八千块"))
    assert "海××有限公司" in text


def test_the_same_snapshot_gives_the_same_bytes(cast: Cast, draft: WeeklyReport, at: datetime, made) -> None:
    with scope.acting_as(SYSTEM):
        first = weekly.document_of(queries.paper_of_snapshot(queries.snapshot_named(draft.snapshot.name)))
        Appeal.objects.filter(pk=made[0].pk).update(status="withdrawn")
        received(WAGES, by=cast.hotline.actor, at=at, region_code="330206001")
        again = queries.snapshot_named(draft.snapshot.name)
        assert weekly.document_of(queries.paper_of_snapshot(again)) == first
    assert draft.snapshot.name.startswith("330206-2025W42-")
    assert draft.snapshot.digest[:12] == draft.snapshot.name[-12:]
    assert draft.snapshot.name in said(first)


def test_a_report_goes_from_draft_to_issue(cast: Cast, draft: WeeklyReport, at: datetime) -> None:
    later = at + WEEK_LATER
    write(draft, cast.county.actor, later, overview="本周平稳。", outlook="下周盯紧欠薪。")
    signed = done(actions.sign_report, draft, cast.city.actor, later)
    assert (signed.state, signed.signed_by_name) == ("signed", cast.city.actor.name)
    out = done(actions.issue_report, draft, cast.county.actor, later)
    assert (out.state, out.year, out.number) == ("issued", 2025, 1)
    name, content = done(actions.open_report_file, draft, cast.county.actor, later)
    assert name == "工情通动态情况报告 北仑区总工会 2025年第1期.docx"
    text = said(content)
    assert all(
        one in text
        for one in ("2025年第1期", "按语。本周平稳。", "研判。下周盯紧欠薪。", cast.city.actor.name, "一、总体情况")
    )
    written = [line.text for line in Document(io.BytesIO(content)).paragraphs if line.style.name == "人工撰写"]
    assert written == ["按语。本周平稳。", "研判。下周盯紧欠薪。"]
    with scope.acting_as(SYSTEM):
        kinds = set(
            Event.objects.filter(subject_kind="weeklyreport", subject_id=draft.pk).values_list("kind", flat=True)
        )
        look = AccessLog.objects.get(kind="report.opened", subject_id=draft.pk)
        assert look.reason == name.removesuffix(".docx")  # whose, and of a draft the week: it has no number
    assert kinds == {"report.started", "report.figures_taken", "report.edited", "report.signed", "report.issued"}


def test_numbers_run_in_each_organisation_and_year(cast: Cast, made: list[Appeal], week: Week, at: datetime) -> None:
    numbers = []
    for organisation, begun, moment in (
        (cast.places.county, week.before(), at),
        (cast.places.county, week, at + WEEK_LATER),
        (cast.places.city, week, at + WEEK_LATER),
        (cast.places.county, week.before(-11), at + timedelta(days=90)),
    ):
        out = issued(drafted(organisation.pk, begun, moment), cast.city.actor, moment)
        numbers.append((out.year, out.number))
    assert numbers == [(2025, 1), (2025, 2), (2025, 1), (2026, 1)]


def test_who_wrote_does_not_sign(cast: Cast, draft: WeeklyReport, at: datetime) -> None:
    later = at + WEEK_LATER
    write(draft, cast.county.actor, later, overview="平稳。")
    with pytest.raises(NotPermitted, match="另一位"):
        done(actions.sign_report, draft, cast.county.actor, later)
    with pytest.raises(NotPermitted, match="系统不能签发"):
        done(actions.sign_report, draft, SYSTEM, later)
    with pytest.raises(IntegrityError), transaction.atomic(), scope.acting_as(SYSTEM):
        WeeklyReport.objects.filter(pk=draft.pk).update(signed_by_user_id=cast.county.user_id)


@pytest.mark.parametrize("name", ["town", "outsider", "auditor", "zone_chief", "hotline", "admin"])
def test_others_change_nothing(name: str, cast: Cast, draft: WeeklyReport, at: datetime) -> None:
    by, later = cast.players()[name].actor, at + WEEK_LATER
    for action in (actions.sign_report, actions.issue_report, actions.ask_for_figures):
        with pytest.raises((NotPermitted, NotFound)):
            done(action, draft, by, later)
    with pytest.raises((NotPermitted, NotFound)):
        write(draft, by, later, overview="我来写")
    with pytest.raises((NotPermitted, NotFound)), scope.acting_as(by):
        actions.start_report(organisation_id=draft.organisation_id, week=week_of(day_of(at)).before(), by=by, at=later)


def test_each_step_has_its_time(cast: Cast, draft: WeeklyReport, at: datetime) -> None:
    by, later = cast.city.actor, at + WEEK_LATER
    with pytest.raises(NotAllowed, match="签发以后才能编发"):
        done(actions.issue_report, draft, by, later)
    with pytest.raises(NotAllowed, match="直接修改草稿"):
        done(actions.correct_report, draft, by, later, reason="数字有误")
    with pytest.raises(NotAllowed, match="还是草稿"):
        done(actions.send_report_back, draft, by, later, reason="请再核对")
    done(actions.sign_report, draft, by, later)
    with pytest.raises(NotAllowed, match="已签发"):
        write(draft, cast.county.actor, later, overview="改一改")
    with pytest.raises(NotAllowed, match="已签发"):
        done(actions.ask_for_figures, draft, by, later)
    with pytest.raises(BadInput, match="原因"):
        done(actions.send_report_back, draft, by, later, reason="无")
    back = done(actions.send_report_back, draft, by, later, reason="数字请再核对")
    assert (back.state, back.signed_by_name) == ("draft", "")
    issued(draft, by, later)
    with pytest.raises(NotAllowed, match="已编发"):
        write(draft, cast.county.actor, later, overview="改一改")
    with pytest.raises(NotAllowed, match="已经编发过"):
        done(actions.issue_report, draft, by, later)


def test_what_is_issued_and_every_snapshot_stays(cast: Cast, draft: WeeklyReport, at: datetime) -> None:
    issued(draft, cast.city.actor, at + WEEK_LATER)
    for change in (
        lambda: WeeklyReport.objects.filter(pk=draft.pk).update(words={"overview": "悄悄改"}),
        lambda: WeeklyReport.objects.filter(pk=draft.pk).delete(),
        lambda: ReportSnapshot.objects.filter(pk=draft.snapshot_id).update(digest="x"),
    ):
        with pytest.raises(IntegrityError, match="kept as it is"), transaction.atomic(), scope.acting_as(SYSTEM):
            change()


def test_a_correction_says_what_it_corrects(cast: Cast, draft: WeeklyReport, at: datetime, made) -> None:
    by, later = cast.city.actor, at + WEEK_LATER
    write(draft, cast.county.actor, later, overview="本周平稳。")
    issued(draft, by, later)
    _, before = done(actions.open_report_file, draft, by, later)
    first = done(actions.correct_report, draft, cast.county.actor, later, reason="归集数漏了一件，重新取数")
    assert (first.state, first.words, first.snapshot) == ("draft", {"overview": "本周平稳。"}, None)
    with pytest.raises(NotAllowed, match="已有更正"):
        done(actions.correct_report, draft, by, later, reason="再更正一次吧")
    actions.take_figures(report_id=first.pk, by=SYSTEM, at=later)
    out = issued(first, by, later)
    assert (out.year, out.number, out.correction) == (2025, 1, 1)
    name, content = done(actions.open_report_file, out, by, later)
    text = said(content)
    assert "2025年更正第1期" in name
    assert "本期更正2025年第1期（2025年10月20日编发），原期内容以本期为准。更正原因：归集数漏了一件，重新取数" in text
    assert done(actions.open_report_file, draft, by, later)[1] == before
    with scope.acting_as(by):
        assert queries.report_page(by, draft.pk).newest.pk == out.pk
    second = done(actions.correct_report, out, cast.county.actor, later, reason="更正里又有错字")
    assert second.corrects_id == draft.pk
    actions.take_figures(report_id=second.pk, by=SYSTEM, at=later)
    assert "2025年更正第1期（第2次）" in done(actions.open_report_file, issued(second, by, later), by, later)[0]


def test_a_week_that_runs_is_not_signed(cast: Cast, made: list[Appeal], week: Week, at: datetime) -> None:
    draft = drafted(cast.places.city.pk, week, at + timedelta(hours=1))
    with pytest.raises(NotAllowed, match="本周结束之前"):
        done(actions.sign_report, draft, cast.city.actor, at + WEEK_LATER)
    fresh = drafted(cast.places.city.pk, week, at + WEEK_LATER)
    assert (fresh.pk, fresh.snapshot.taken_at) == (draft.pk, at + WEEK_LATER)
    done(actions.sign_report, fresh, cast.city.actor, at + WEEK_LATER)
    assert drafted(cast.places.city.pk, week, at + WEEK_LATER * 2).snapshot == fresh.snapshot
    with pytest.raises(BadInput), scope.acting_as(SYSTEM):
        actions.start_report(organisation_id=cast.places.city.pk, week=week.before(-9), by=SYSTEM, at=at)


def seen_by(by: Actor) -> set[int]:
    """What the rule lets through, and what the database alone lets through: they must be the same."""
    with scope.acting_as(by):
        ruled = set(WeeklyReport.objects.visible_to(by).values_list("pk", flat=True))
        assert ruled == set(WeeklyReport.objects.values_list("pk", flat=True))
        assert ReportSnapshot.objects.count() == len(ruled)
    return ruled


def test_drafts_stay_above_and_issues_go_down(cast: Cast, draft: WeeklyReport, week: Week, at: datetime) -> None:
    later = at + WEEK_LATER
    city = drafted(cast.places.city.pk, week, later)
    assert seen_by(cast.city.actor) == seen_by(cast.auditor.actor) == {draft.pk, city.pk}
    assert seen_by(cast.county.actor) == {draft.pk}
    assert seen_by(cast.town.actor) == seen_by(cast.outsider.actor) == seen_by(cast.worker.actor) == set()
    issued(city, cast.city.actor, later)
    issued(draft, cast.city.actor, later)
    assert seen_by(cast.county.actor) == seen_by(cast.town.actor) == {draft.pk, city.pk}
    assert seen_by(cast.outsider.actor) == {city.pk}  # of another county
    assert seen_by(cast.worker.actor) == set()


def test_too_much_and_unknown_parts_are_refused(cast: Cast, draft: WeeklyReport, at: datetime) -> None:
    later = at + WEEK_LATER
    with pytest.raises(BadInputs) as refused:
        write(draft, cast.county.actor, later, overview="长" * (reporting.LONGEST_WORDS + 1), weather="晴")
    assert {error.field for error in refused.value.errors} == {"overview", "weather"}
    with pytest.raises(BadInputs, match="主送"):
        done(actions.edit_report, draft, cast.county.actor, later, words={}, addressees=" ", copies="")


def test_hostile_words_are_words(cast: Cast, draft: WeeklyReport, at: datetime) -> None:
    odd = "见 {{ 7*7 }} 与 {%p if x %} <b>&</b> \x07 {_{ y }_}"
    done(actions.edit_report, draft, cast.county.actor, at, words={"overview": odd}, addressees=odd, copies="")
    text = said(done(actions.open_report_file, draft, cast.county.actor, at)[1])
    assert "{{ 7*7 }}" in text
    assert "<b>&</b>" in text


def test_figures_come_by_a_job(cast: Cast, made, week: Week, at: datetime, run_jobs, monkeypatch) -> None:
    monkeypatch.setattr(times, "now", lambda: at + WEEK_LATER)
    with scope.acting_as(cast.county.actor):
        report = actions.start_report(
            organisation_id=cast.places.county.pk, week=week, by=cast.county.actor, at=at + WEEK_LATER
        )
    with pytest.raises(NotAllowed, match="正在取数"):
        done(actions.open_report_file, report, cast.county.actor, at)
    run_jobs()
    with scope.acting_as(SYSTEM):
        report.refresh_from_db()
        assert (report.figures_asked_at, report.snapshot.taken_at) == (None, at + WEEK_LATER)
    before = report.snapshot_id
    done(actions.ask_for_figures, report, cast.county.actor, at)
    received(WAGES, by=cast.hotline.actor, at=at, region_code="330206001")
    run_jobs()
    with scope.acting_as(SYSTEM):
        report.refresh_from_db()
    assert report.snapshot_id != before
    with pytest.raises(NotAllowed, match="已经有了"), scope.acting_as(cast.county.actor):
        actions.start_report(
            organisation_id=report.organisation_id, week=week, by=cast.county.actor, at=at + WEEK_LATER
        )


def test_every_monday_all_are_drafted_once(cast: Cast, made, week: Week, at: datetime, monkeypatch) -> None:
    monkeypatch.setattr(times, "now", lambda: at + WEEK_LATER)
    jobs.draft_weekly_reports(0)
    jobs.draft_weekly_reports(0)
    with scope.acting_as(SYSTEM):
        found = list(WeeklyReport.objects.values_list("organisation__name", "first_on", "state"))
        unions = queries.reporting_unions()
    assert sorted(found) == sorted((union.name, week.first, "draft") for union in unions)
    assert {union.name for union in unions} >= {"宁波市总工会", "北仑区总工会"}


@pytest.mark.django_db(transaction=True)
def test_all_figures_are_read_in_one_view(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def looking(**_given: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            asked.append(cursor.fetchone()[0])
        raise NotAllowed("enough")

    monkeypatch.setattr("gongqing.insight.actions.reporting._locked", lambda *_: looking())
    with pytest.raises(NotAllowed, match="enough"):
        actions.take_figures(report_id=1, by=SYSTEM, at=times.now())
    assert asked == ["repeatable read"]


def command(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("report", "weekly", *arguments, stdout=out)
    except CommandError as refused:
        return refused.returncode, str(refused)
    return 0, out.getvalue()


@pytest.fixture
def on_monday(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gongqing.insight.management.commands.report.now", lambda: at + WEEK_LATER)


def test_the_command_writes_a_week(cast: Cast, made, on_monday: None, tmp_path) -> None:
    out = tmp_path / "city.docx"
    code, words = command("--week", "2025-W42", "--level", "city", "--out", str(out))
    assert (code, "宁波市总工会2025年第42周，草稿" in words) == (0, True)
    assert "归集职工诉求2件" in said(out.read_bytes())
    name = words.split("快照 ")[1].split("，")[0]
    again = tmp_path / "again.docx"
    assert command("--snapshot", name, "--out", str(again))[0] == 0
    assert again.read_bytes() == out.read_bytes()
    county = tmp_path / "county.docx"
    assert command("--week", "2025-10-15", "--level", "county", "--county", "北仑区", "--out", str(county))[0] == 0
    assert "北仑区职工诉求动态情况" in said(county.read_bytes())


def test_a_week_without_data_is_said(cast: Cast, on_monday: None, tmp_path) -> None:
    out = tmp_path / "none.docx"
    assert command("--week", "2024-W30", "--out", str(out))[0] == 0
    assert "没有归集到诉求和需求" in said(out.read_bytes())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--week", "2025-W60", "--out", "a.docx"), "不是一周"),
        (("--week", "2026-W01", "--out", "a.docx"), "还没有开始"),
        (("--out", "a.docx"), "--week"),
        (("--week", "2025-W42", "--out", "a.pdf"), ".docx"),
        (("--week", "2025-W42", "--out", "/nowhere/a.docx"), "没有 /nowhere"),
        (("--week", "2025-W42", "--level", "county", "--out", "a.docx"), "--county"),
        (("--week", "2025-W42", "--level", "county", "--county", "上海", "--out", "a.docx"), "上海"),
        (("--snapshot", "x", "--out", "a.docx"), "没有编号为"),
    ],
)
def test_bad_input_ends_with_two(arguments, words, cast: Cast, on_monday: None, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, told = command(*arguments)
    assert (code, words in told, list(tmp_path.glob("*.docx"))) == (2, True, [])


Browser = Callable[[str], Client]


def test_the_desk_takes_it_from_draft_to_correction(cast: Cast, made, browser_of: Browser, run_jobs) -> None:
    last = week_of(day_of(times.now())).before()
    county, city = browser_of("county"), browser_of("city")
    assert "起草" in county.get("/desk/reports").content.decode()
    answer = county.post("/desk/reports/start", {"week": last.name})
    assert answer.status_code == 302
    page = answer["Location"]
    assert "正在取数" in county.get(page).content.decode()
    run_jobs()
    assert "总体情况" in county.get(page).content.decode()
    assert county.get(f"{page}/words").status_code == 200
    assert county.post(f"{page}/words", {"addressees": ""}).status_code == 422
    assert county.post(f"{page}/words", {"addressees": "区委", "overview": "本周平稳。"}).status_code == 302
    shown = city.get(page).content.decode()
    assert "人工撰写" in shown
    assert county.post(f"{page}/step", {"press": "sign"}).status_code == 403
    assert county.post(f"{page}/step", {"press": "issue"}).status_code == 409
    assert city.post(f"{page}/step", {"press": "sign"}).status_code == 302
    assert county.post(f"{page}/step", {"press": "send_back", "reason": ""}).status_code == 422
    assert county.post(f"{page}/step", {"press": "issue"}).status_code == 302
    file = browser_of("town").get(f"{page}.docx")
    assert (file.status_code, file["X-Content-Type-Options"]) == (200, "nosniff")
    assert county.post(f"{page}/step", {"press": "correct", "reason": "数字漏了一件"}).status_code == 302
    assert "更正正在办理" in county.get(page).content.decode()
    assert browser_of("outsider").get(page).status_code == 404
    assert county.post(f"{page}/step", {"press": "burn"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "status"),
    [("", 302), ("worker", 403), ("admin", 403), ("zone_chief", 403), ("town", 200), ("auditor", 200), ("city", 200)],
)
def test_who_opens_the_list(name: str, status: int, browser_of: Browser) -> None:
    assert browser_of(name).get("/desk/reports").status_code == status


def test_a_reader_starts_none(browser_of: Browser) -> None:
    assert browser_of("town").post("/desk/reports/start", {"week": "2025-W42"}).status_code == 403
    assert browser_of("county").post("/desk/reports/start", {"week": "x"}).status_code == 302


def test_a_supervisor_of_another_county_edits_nothing(cast: Cast) -> None:
    other = replace(cast.county.actor, path="/1/999/", paths=("/1/999/",))
    assert not reporting.can_edit(other, path=cast.places.county.path)
    assert reporting.can_edit(cast.county.actor, path=cast.places.county.path)
