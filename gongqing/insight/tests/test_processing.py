"""Are the records of processing complete, true to the tables, and closed to those who need them not?"""

from __future__ import annotations

import pytest
from django.apps import apps

from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.insight.queries import processing
from gongqing.insight.rules.processing import ACTIVITIES
from gongqing.lib.errors import NotPermitted
from gongqing.registry import actions as registry
from gongqing.registry.models import Purpose


def test_every_sealed_column_stands_in_the_records():
    assert processing.unlisted_columns() == []


def test_every_column_of_the_records_is_a_column():
    for activity in ACTIVITIES:
        for place in activity.columns:
            label, model, column = place.split(".")
            assert apps.get_model(label, model)._meta.get_field(column), place


def test_nothing_is_left_blank():
    for activity in ACTIVITIES:
        assert all((activity.purpose, activity.basis, activity.recipients, activity.retention, activity.whose))
        assert activity.columns


def test_a_column_that_is_forgotten_is_named_on_the_page(browser_of, monkeypatch):
    monkeypatch.setattr(processing, "ACTIVITIES", ACTIVITIES[1:])
    page = browser_of("auditor").get("/desk/processing-records").content.decode()
    assert "registry.Person.id_number_sealed" in page
    assert "没有写进记录" in page


def test_numbers_follow_what_happens(cast, at):
    worker, admin = cast.worker.actor, cast.admin.actor
    with scope.acting_as(SYSTEM):
        registry.load_privacy_notice(by=SYSTEM, at=at)
    with scope.acting_as(admin):
        before = processing.counts(admin, at)
    appeal = received(WAGES, by=worker, at=at)
    with scope.acting_as(SYSTEM):
        for kind, subject, count in (
            ("appeal.opened", "appeal", 1),
            ("person.phone_revealed", "person", 1),
            ("list.exported", "list", 42),
        ):
            events.record_access(
                kind, subject_kind=subject, subject_id=appeal.pk, by=cast.town.actor, at=at, count=count
            )
        events.record_access("appeal.opened", subject_kind="appeal", subject_id=appeal.pk, by=worker, at=at)
    with scope.acting_as(worker):
        registry.withdraw_consent(person_id=worker.person_id, purpose=Purpose.CONTACT, by=worker, at=at)
    with scope.acting_as(admin):
        after = processing.counts(admin, at)
    assert after.person_count == before.person_count >= 2
    assert (after.look_count, after.reveal_count) == (2, 1)
    assert (after.export_count, after.copied_row_count) == (1, 42)
    assert after.withdrawn_count == 1
    with scope.acting_as(worker):
        registry.give_consent(person_id=worker.person_id, purpose=Purpose.CONTACT, by=worker, at=at)
    with scope.acting_as(admin):
        assert processing.counts(admin, at).withdrawn_count == 0


@pytest.mark.parametrize(
    ("name", "status"), [("", 302), ("worker", 403), ("town", 403), ("city", 403), ("admin", 200), ("auditor", 200)]
)
def test_who_reads_the_records(name, status, browser_of):
    answer = browser_of(name).get("/desk/processing-records")
    assert answer.status_code == status
    if status == 200:
        assert "个人信息处理活动记录" in answer.content.decode()


def test_others_get_no_numbers(cast, at):
    for ask in (lambda by: processing.records(by), lambda by: processing.counts(by, at)):
        with pytest.raises(NotPermitted):
            ask(cast.county.actor)
