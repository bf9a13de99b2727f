"""One appeal from its door to its archive, through the actions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch import actions, queries
from gongqing.dispatch.models import CallBack, Clock, Order, Supervision
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, UNCLEAR, fresh, received
from gongqing.lib.errors import NotAllowed, NotFound, NotPermitted
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_wages_from_the_worker_to_the_archive(cast: Cast, at):
    """The worker speaks, the town signs, speaks to the worker, answers; the worker is satisfied; it is archived."""
    worker, town = cast.worker.actor, cast.town.actor
    appeal = received(by=worker, at=at, employer=cast.places.workshop.name)
    assert (appeal.status, appeal.category.code) == (Status.DISPATCHED, "LE01")
    assert appeal.handler == cast.places.town
    with scope.acting_as(town):
        actions.sign_order(appeal_id=appeal.pk, by=town, at=at + timedelta(minutes=20))
        actions.contact_worker(
            appeal_id=appeal.pk, note="电话联系，约明天到厂里谈", by=town, at=at + timedelta(hours=1)
        )
        actions.report_progress(appeal_id=appeal.pk, note="厂方答应月底前付清", by=town, at=at + timedelta(days=1))
        actions.resolve_order(
            appeal_id=appeal.pk, result="八千元已到账", people=1, amount=8000, by=town, at=at + timedelta(days=2)
        )
    done = fresh(appeal)
    expected = Status.IN_REVIEW if done.grade in ("orange", "red") else Status.RESOLVED
    assert done.status == expected
    if expected == Status.IN_REVIEW:
        county = cast.county.actor
        with scope.acting_as(county):
            actions.review_resolution(
                appeal_id=appeal.pk, approve=True, note="同意", by=county, at=at + timedelta(days=2)
            )
    with scope.acting_as(SYSTEM):
        appeals.invite_evaluation(appeal_id=appeal.pk, by=SYSTEM, at=at + timedelta(days=2))
    with scope.acting_as(worker):
        appeals.evaluate_appeal(appeal_id=appeal.pk, satisfaction="satisfied", by=worker, at=at + timedelta(days=3))
    assert fresh(appeal).status == Status.ARCHIVED
    with scope.acting_as(SYSTEM):
        kinds = list(Event.objects.filter(subject_kind="appeal", subject_id=appeal.pk).values_list("kind", flat=True))
        assert {clock.state for clock in Clock.objects.filter(appeal=appeal)} <= {"met"}
    for kind in ("received", "classified", "dispatched", "signed", "contacted", "evaluated", "archived"):
        assert f"appeal.{kind}" in kinds


def test_strangers_see_nothing(cast: Cast, at):
    """Neither another worker nor another county's officer finds the appeal, by query or by row-level security."""
    appeal = received(by=cast.worker.actor, at=at)
    for player in (cast.stranger, cast.outsider, cast.admin, cast.zone_helper):
        with scope.acting_as(player.actor):
            assert not Appeal.objects.visible_to(player.actor).filter(pk=appeal.pk).exists()
            assert not Appeal.objects.filter(pk=appeal.pk).exists()
            with pytest.raises(NotFound):
                actions.sign_order(appeal_id=appeal.pk, by=player.actor, at=at)


def test_an_anonymous_matter_never_reaches_the_employers_own_union(cast: Cast, at):
    text = "车间周末强制加班，一天十二个小时，没有加班费，请不要让厂里知道是我说的。"
    appeal = received(text, by=cast.worker.actor, at=at, employer=cast.places.factory.name, anonymous_to_employer=True)
    assert appeal.handler_id != cast.places.union.pk
    with scope.acting_as(cast.grassroots.actor):
        assert not Appeal.objects.filter(pk=appeal.pk).exists()
    with scope.acting_as(cast.city.actor), pytest.raises(NotAllowed, match="保密"):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.union.pk, by=cast.city.actor, at=at)


def test_a_fled_boss_and_94_workers_are_red_at_the_county(cast: Cast, at):
    appeal = received(FLED, by=cast.hotline.actor, at=at, channel="hotline_12351")
    assert appeal.grade == "red"
    assert appeal.handler == cast.places.county
    assert {"G04", "G09"} <= {reason["rule"] for reason in appeal.grade_reasons}


def test_a_need_goes_to_the_zone(cast: Cast, at):
    appeal = received(BIRTHDAY, by=cast.worker.actor, at=at)
    assert (appeal.kind, appeal.grade, appeal.handler) == ("need", "green", cast.places.zone)


def test_an_unclear_text_waits_for_a_person(cast: Cast, at):
    appeal = received(UNCLEAR, by=cast.worker.actor, at=at)
    assert (appeal.status, appeal.handler) == (Status.TRIAGE, None)
    county = cast.county.actor
    with scope.acting_as(county):
        appeals.classify_appeal(appeal_id=appeal.pk, code="OT05", by=county, at=at)
    assert fresh(appeal).status == Status.DISPATCHED


def test_dissatisfied_reopens_once_one_level_up_with_a_call_back(cast: Cast, at):
    worker, town = cast.worker.actor, cast.town.actor
    appeal = received(by=worker, at=at, employer=cast.places.workshop.name)
    with scope.acting_as(town):
        actions.resolve_order(appeal_id=appeal.pk, result="单位答应下月付", by=town, at=at)
    assert fresh(appeal).status == Status.IN_REVIEW
    with scope.acting_as(cast.city.actor):
        actions.review_resolution(appeal_id=appeal.pk, approve=True, note="同意", by=cast.city.actor, at=at)
    with scope.acting_as(worker):
        appeals.evaluate_appeal(appeal_id=appeal.pk, satisfaction="not", reason="钱还没到", by=worker, at=at)
    again = fresh(appeal)
    assert (again.status, again.handler, again.reopened_count) == (Status.REOPENED, cast.places.county, 1)
    with scope.acting_as(SYSTEM):
        assert CallBack.objects.filter(appeal=appeal, done_at__isnull=True).count() == 1
    county = cast.county.actor
    with scope.acting_as(town), pytest.raises(NotPermitted):
        actions.sign_order(appeal_id=appeal.pk, by=town, at=at)
    with scope.acting_as(county):
        actions.resolve_order(appeal_id=appeal.pk, result="钱已到账", by=county, at=at + timedelta(days=1))
        if fresh(appeal).status == Status.IN_REVIEW:
            city = cast.city.actor
            with scope.acting_as(city):
                actions.review_resolution(
                    appeal_id=appeal.pk, approve=True, note="同意", by=city, at=at + timedelta(days=1)
                )
    with scope.acting_as(worker):
        appeals.evaluate_appeal(
            appeal_id=appeal.pk, satisfaction="not", reason="还是少了", by=worker, at=at + timedelta(days=2)
        )
    assert fresh(appeal).status == Status.ARCHIVED


def test_the_second_return_is_decided_above(cast: Cast, at):
    appeal = received(by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    town, county = cast.town.actor, cast.county.actor
    with scope.acting_as(town):
        actions.return_order(appeal_id=appeal.pk, reason="属于小港街道的企业", by=town, at=at)
    assert fresh(appeal).status == Status.RETURNED
    with scope.acting_as(county):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.neighbour_town.pk, by=county, at=at)
        actions.return_order(appeal_id=appeal.pk, reason="企业地址在新碶街道", by=county, at=at)
    assert fresh(appeal).status == Status.DISPATCHED
    with scope.acting_as(county):
        actions.decide_return(appeal_id=appeal.pk, accept=False, answer="注册地在小港，由小港办", by=county, at=at)
        with pytest.raises(NotAllowed, match="不能再退"):
            actions.return_order(appeal_id=appeal.pk, reason="企业地址在新碶街道", by=county, at=at)


def test_pause_moves_the_deadline_and_the_sweep_escalates_once(cast: Cast, at):
    appeal = received(by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    town = cast.town.actor
    with scope.acting_as(town):
        actions.sign_order(appeal_id=appeal.pk, by=town, at=at)
        before = fresh(appeal).due_at
        actions.pause_order(
            appeal_id=appeal.pk,
            reason="waiting_for_material",
            note="等职工补工资条",
            by=town,
            at=at + timedelta(days=1),
        )
        actions.resume_order(appeal_id=appeal.pk, by=town, at=at + timedelta(days=2))
    after = fresh(appeal).due_at
    assert after > before
    late = after + timedelta(days=1)
    assert actions.sweep_clocks(at=late) >= 1
    assert fresh(appeal).is_overdue
    with scope.acting_as(SYSTEM):
        escalations = Supervision.objects.filter(appeal=appeal, automatic=True).count()
    assert escalations >= 1
    assert actions.sweep_clocks(at=late) == 0
    with scope.acting_as(SYSTEM):
        assert Supervision.objects.filter(appeal=appeal, automatic=True).count() == escalations


def test_withdrawn_matters_never_warn(cast: Cast, at):
    worker = cast.worker.actor
    appeal = received(by=worker, at=at)
    with scope.acting_as(worker):
        appeals.withdraw_appeal(appeal_id=appeal.pk, reason="已经解决", by=worker, at=at)
    assert actions.sweep_clocks(at=at + timedelta(days=90)) == 0
    with scope.acting_as(SYSTEM):
        assert not Order.objects.filter(appeal=appeal, closed_at__isnull=True).exists()
        assert {view.state.value for view in queries.clocks_of(appeal.pk, at)} == {"stopped"}


def test_fifteen_days_without_a_word_close_as_not_evaluated(cast: Cast, at):
    appeal = received(BIRTHDAY, by=cast.worker.actor, at=at)
    zone = cast.zone.actor
    with scope.acting_as(zone):
        actions.resolve_order(appeal_id=appeal.pk, result="周五在驿站办集体生日会", by=zone, at=at)
    assert actions.sweep_unevaluated(at=at + timedelta(days=14)) == 0
    assert actions.sweep_unevaluated(at=at + timedelta(days=15)) == 1
    closed = fresh(appeal)
    assert (closed.status, closed.satisfaction) == (Status.ARCHIVED, "")


def test_a_raised_grade_shortens_the_open_clocks_and_calls_the_watcher(cast: Cast, at):
    appeal = received(BIRTHDAY, by=cast.worker.actor, at=at)
    zone, county = cast.zone.actor, cast.county.actor
    with scope.acting_as(zone):
        actions.sign_order(appeal_id=appeal.pk, by=zone, at=at)
    before = fresh(appeal).due_at
    with scope.acting_as(county):
        appeals.classify_appeal(appeal_id=appeal.pk, code="", grade="red", reason="现场有人扬言堵门", by=county, at=at)
    after = fresh(appeal)
    assert after.due_at < before
    with scope.acting_as(SYSTEM):
        assert {"close", "report"} <= set(
            Clock.objects.filter(appeal=appeal, ended_at__isnull=True).values_list("name", flat=True)
        )


def test_a_mediation_room_is_asked_to_help_and_sees_the_matter(cast: Cast, at):
    appeal = received(by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    town, mediator = cast.town.actor, cast.mediator.actor
    with scope.acting_as(mediator):
        assert not Appeal.objects.filter(pk=appeal.pk).exists()
    with scope.acting_as(town):
        actions.ask_assistance(
            appeal_id=appeal.pk, organisation_id=cast.places.room.pk, note="请调解员一起约谈", by=town, at=at
        )
    with scope.acting_as(mediator):
        assert Appeal.objects.filter(pk=appeal.pk).exists()
        actions.finish_assisting(appeal_id=appeal.pk, note="双方谈妥分两次付清", by=mediator, at=at)


def test_nobody_consents_to_an_answer_of_their_own(cast: Cast, at):
    appeal = received(by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    county = cast.county.actor
    with scope.acting_as(county):
        actions.resolve_order(appeal_id=appeal.pk, result="已代镇街谈妥付清", by=county, at=at)
        with pytest.raises(NotAllowed, match="另一位同事"):
            actions.review_resolution(appeal_id=appeal.pk, approve=True, note="同意", by=county, at=at)


@pytest.mark.usefixtures("system")
def test_without_anybody_to_have_it_a_matter_waits_and_is_not_lost(at):
    """A city that has founded no union yet still takes the worker's words."""
    appeals.load_categories(by=SYSTEM, at=at)
    appeals.load_grade_policy(by=SYSTEM, at=at)
    actions.load_clock_policy(by=SYSTEM, at=at)
    actions.load_routing_policy(by=SYSTEM, at=at)
    appeal = received(by=SYSTEM, at=at, region_code="")
    assert (appeal.status, appeal.handler) == (Status.CLASSIFIED, None)
