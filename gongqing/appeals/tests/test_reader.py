"""Is the reader taught by what people correct, and does only what is better speak?"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from gongqing.appeals import actions
from gongqing.appeals.models import Appeal, ReaderCorrection, ReaderVersion
from gongqing.appeals.queries import reader
from gongqing.appeals.queries.reader_page import reader_page
from gongqing.appeals.rules.intake import Intake
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.language import lessons, training
from gongqing.language.classify import VERSION
from gongqing.language.tests.test_training import material
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.registry import actions as registry
from gongqing.registry.models import Consent


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A place for versions of its own, and little material enough."""
    monkeypatch.setattr(training, "LEAST_MATERIAL", 24)
    monkeypatch.setattr(lessons, "LEAST_MATERIAL", 24)
    monkeypatch.setattr(reader, "readers_folder", lambda: tmp_path / "readers")
    reader._read.clear()
    return tmp_path


def told(text, *, at, by, number, **given):
    intake = Intake(source="试", external_id=f"r-{number}", channel="visit", text=text, **given)
    with scope.acting_as(SYSTEM):
        return actions.receive_appeal(intake, by=by, at=at).appeal


def settled(appeal, code, *, by, at, **given):
    with scope.acting_as(by):
        actions.classify_appeal(appeal_id=appeal.pk, code=code, by=by, at=at, **given)


@pytest.fixture
def corrected(cast, home, at):
    """Thirty-three appeals of nobody known, in a tongue that the city's supervisor alone understands."""
    for lesson in material(33):
        appeal = told(lesson.text, at=at, by=SYSTEM, number=lesson.number)
        settled(appeal, lesson.code, reason="方言", by=cast.city.actor, at=at)
    return cast


def test_a_correction_keeps_what_was_said_and_what_the_person_said(cast, at):
    appeal = told("厂里三个月没发工资了，我们二十个人都没拿到，老板说再等等。", at=at, by=SYSTEM, number="a")
    said = appeal.category
    settled(
        appeal,
        "LE02",
        second_code="LE08",
        labour=False,
        kind="need",
        grade="red",
        reason="有人要堵门",
        by=cast.city.actor,
        at=at,
    )
    with scope.acting_as(SYSTEM):
        kept = ReaderCorrection.objects.get(appeal=appeal)
        after = Appeal.objects.get(pk=appeal.pk)
    assert (kept.suggested, kept.chosen.code, kept.chosen_second.code) == (said, "LE02", "LE08")
    assert (kept.suggested_labour, kept.chosen_labour, kept.chosen_kind) == (True, False, "need")
    assert (kept.suggested_grade, kept.chosen_grade) == (appeal.grade, "red")
    assert (kept.model_version, kept.by_user_id, kept.at) == (VERSION, cast.city.user_id, at)
    assert (after.second_category.code, after.labour_related, after.kind, after.grade) == ("LE08", False, "need", "red")


def test_a_person_who_says_it_is_no_labour_matter_lowers_no_grade(cast, at):
    appeal = told("厂里三个月没发工资了，我们二十个人都没拿到，老板说再等等。", at=at, by=SYSTEM, number="a")
    settled(appeal, "OT04", labour=False, by=cast.city.actor, at=at)
    with scope.acting_as(SYSTEM):
        assert Appeal.objects.get(pk=appeal.pk).grade == appeal.grade


def test_the_same_second_category_is_refused(cast, at):
    appeal = told("厂里三个月没发工资了。", at=at, by=SYSTEM, number="a")
    with pytest.raises(BadInput) as refused:
        settled(appeal, "LE02", second_code="le02", by=cast.city.actor, at=at)
    assert refused.value.field == "second_code"


def test_what_the_system_settles_teaches_nobody(cast, at):
    appeal = told("厂里三个月没发工资了。", at=at, by=SYSTEM, number="a")
    settled(appeal, "LE02", by=SYSTEM, at=at)
    with scope.acting_as(SYSTEM):
        assert not ReaderCorrection.objects.exists()


def test_a_better_version_is_promoted_and_every_appeal_remembers_who_spoke(corrected, at, home):
    lesson = material(39)[-1]
    before = told(lesson.text, at=at, by=SYSTEM, number="before")
    version = actions.train_reader(by=SYSTEM, at=at)
    assert version.state == "running", version.reason
    assert version.comparison["after"]["right"] > version.comparison["before"]["right"] + 0.2
    after = told(lesson.text, at=at, by=SYSTEM, number="after")
    assert (before.model_version, after.model_version) == (VERSION, version.name)
    assert reader.read_words(lesson.text).version == version.name
    assert {path.name for path in (home / "readers" / version.name).iterdir()} == {
        "adjustment.npz",
        "adjustment.vocabulary.txt",
        "card.json",
    }
    with pytest.raises(NotAllowed, match="没有新的更正"):
        actions.train_reader(by=SYSTEM, at=at)


def test_what_is_not_better_is_kept_and_never_runs(corrected, at, monkeypatch):
    monkeypatch.setattr(training, "LEAST_GAIN", 2.0)
    version = actions.train_reader(by=SYSTEM, at=at)
    assert version.state == "refused"
    assert version.reason.startswith("没有启用：第一类判对的比例")
    with pytest.raises(NotAllowed, match="没有通过比较"):
        actions.run_reader(version=version.name, reason="试试", by=SYSTEM, at=at)
    assert reader.running_version() is None


def test_a_version_is_taken_back_and_put_in_force_again(corrected, at):
    version = actions.train_reader(by=SYSTEM, at=at)
    admin = corrected.admin.actor
    assert actions.roll_back_reader(reason="先看看", by=admin, at=at) is None
    assert reader.adjustment_in_force() is None
    with pytest.raises(NotAllowed, match="前面没有别的版本"):
        actions.roll_back_reader(reason="再退", by=admin, at=at)
    again = actions.run_reader(version=version.name, reason="还是它好", by=admin, at=at)
    assert (again.state, again.reason, again.changed_by) == ("running", "还是它好", admin.name[:64])
    assert reader.adjustment_in_force().version == version.name
    with pytest.raises(NotAllowed, match="正在运行"):
        actions.run_reader(version=version.name, reason="又", by=admin, at=at)


def test_corrupt_files_are_refused_with_the_reason_and_the_running_one_stays(corrected, at, home, caplog):
    version = actions.train_reader(by=SYSTEM, at=at)
    actions.run_reader(version="shipped", reason="演练", by=SYSTEM, at=at)
    numbers = home / "readers" / version.name / "adjustment.npz"
    numbers.write_bytes(numbers.read_bytes()[:-1] + b"x")
    with pytest.raises(NotAllowed, match=r"adjustment\.npz 的校验值不对.*现在运行的不变"):
        actions.run_reader(version=version.name, reason="启用", by=SYSTEM, at=at)
    assert reader.running_version() is None
    ReaderVersion.objects.filter(name=version.name).update(state="running")  # as if it broke while it ran
    reader._read.clear()
    assert told("厂里没发工资。", at=at, by=SYSTEM, number="broken").model_version == VERSION
    assert "不能用，改由随附模型判读" in caplog.text
    assert "校验值不对" in reader_page(days=90, at=at).fault


def test_a_card_that_was_changed_with_its_files_is_refused(corrected, at, home):
    version = actions.train_reader(by=SYSTEM, at=at)
    path = home / "readers" / version.name / "card.json"
    card = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**card, "seen": []}), "utf-8")
    assert "和登记的不一样" in reader.fault_in(version.name, version.digest)


@pytest.mark.parametrize("name", ["../keys", "x+1", "", "linear-3da8ec2f+1234567g"])
def test_no_name_leads_out_of_the_folder(cast, at, name):
    with pytest.raises(NotFound):
        actions.run_reader(version=name, reason="试", by=SYSTEM, at=at)
    with pytest.raises(Exception, match="版本名不对"):
        reader.folder_of(name)


def test_too_little_teaches_nothing(cast, at, home):
    with pytest.raises(NotAllowed, match="可用来训练的更正有 0 条，至少要 24 条"):
        actions.train_reader(by=SYSTEM, at=at)


def test_words_are_learnt_from_with_leave_alone_and_masked(cast, at, home):
    with scope.acting_as(SYSTEM):
        registry.load_privacy_notice(by=SYSTEM, at=at)
    said = "我叫周晓燕，电话 13800000417，厂里三个月没发工资了，求你们管管。"
    given = {"person_name": "周晓燕", "person_phone": "13800000417", "employer": "甬丰五金厂"}
    appeal = told(said + "甬丰五金厂老板跑了。", at=at, by=cast.city.actor, number="a", allows_study=True, **given)
    settled(appeal, "LE02", by=cast.city.actor, at=at)
    with scope.acting_as(SYSTEM):
        (lesson,) = reader.lessons()
    for word in ("周晓燕", "13800000417", "甬丰五金厂"):
        assert word not in lesson.title + lesson.text
    assert (lesson.code, "三个月没发工资" in lesson.text) == ("LE02", True)
    with scope.acting_as(SYSTEM):
        Consent.objects.filter(purpose="study").update(withdrawn_at=at + timedelta(days=1))
        assert reader.lessons() == []
        assert reader.lesson_count() == 0


def test_others_neither_train_nor_change_versions(cast, at, home):
    for player in (cast.city, cast.town, cast.auditor, cast.worker):
        with pytest.raises(NotPermitted):
            actions.ask_training(by=player.actor, at=at)
        with pytest.raises(NotPermitted):
            actions.run_reader(version="shipped", reason="试", by=player.actor, at=at)
        with pytest.raises(NotPermitted):
            actions.roll_back_reader(reason="试", by=player.actor, at=at)


def test_the_command_trains_lists_and_rolls_back(corrected, capsys):
    call_command("reader", "train")
    told_ = capsys.readouterr().out
    assert "第一类判对" in told_
    assert told_.rstrip().endswith("。")
    assert "已启用" in told_
    call_command("reader", "versions")
    assert "▶ " + ReaderVersion.objects.get().name in capsys.readouterr().out
    call_command("reader", "rollback", "--reason", "演练")
    assert f"随附模型 {VERSION}" in capsys.readouterr().out
    with pytest.raises(CommandError, match="前面没有别的版本") as refused:
        call_command("reader", "rollback")
    assert refused.value.returncode == 2


def test_the_page_counts_shows_and_changes(corrected, browser_of, at, run_jobs):
    admin = browser_of("admin")
    page = admin.get("/desk/reader").content.decode()
    assert "还没有训练过本市的版本" in page
    assert "33 / 33" in page
    assert admin.post("/desk/reader/train").status_code == 302
    run_jobs()
    version = ReaderVersion.objects.get()
    page = admin.get("/desk/reader").content.decode()
    assert version.name in page
    assert "运行中" in page
    typed = admin.post("/desk/reader/run", {"version": "shipped", "reason": " "})
    assert (typed.status_code, "请写明为什么换" in typed.content.decode()) == (422, True)
    assert admin.post("/desk/reader/run", {"version": "无", "reason": "试"}).status_code == 404
    assert admin.post("/desk/reader/run", {"version": version.name, "reason": "试"}).status_code == 409
    assert admin.post("/desk/reader/run", {"version": "shipped", "reason": "试"}).status_code == 302
    assert reader.running_version() is None
    watcher = browser_of("city")
    page = watcher.get("/desk/reader?days=30").content.decode()
    assert "用更正训练一版" not in page
    assert watcher.post("/desk/reader/run", {"version": version.name, "reason": "试"}).status_code == 403
    assert browser_of("town").get("/desk/reader").status_code == 403
    assert material(1)[0].text[:6] not in page


def test_the_page_says_how_many_corrections_are_still_lacking(cast, browser_of):
    page = browser_of("admin").get("/desk/reader").content.decode()
    assert "还差 100 条，满 100 条可以训练" in page
    assert "disabled>还差 100 条更正</button>" in page
    assert "用更正训练一版" not in page
