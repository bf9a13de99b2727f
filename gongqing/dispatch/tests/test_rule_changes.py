"""Are rules changed by two persons, from a day on, without writing over a version?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from gongqing.accounts import actions as accounts
from gongqing.accounts import queries as account_queries
from gongqing.appeals import actions as appeal_actions
from gongqing.appeals import queries as appeals
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.audit.models import Event
from gongqing.dispatch import actions, queries
from gongqing.dispatch.models import CalendarDay, Clock, ClockPolicy, RoutingPolicy, RuleChange
from gongqing.dispatch.queries import rule_changes
from gongqing.dispatch.rules.rule_contents import row_of, with_row
from gongqing.dispatch.tests.make import WAGES, fresh, received
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotFound, NotPermitted
from gongqing.notices.models import Message

REASON = "按市总工会今年的派单口径调整"


@dataclass(frozen=True)
class Pair:
    maker: Actor
    second: Actor


@pytest.fixture
def pair(cast, at) -> Pair:
    """The city's supervisor and a colleague."""
    return Pair(cast.city.actor, colleague(cast, at))


def colleague(cast, at) -> Actor:
    with scope.acting_as(SYSTEM):
        user = accounts.create_user(username="city_second", name="演员二", last_digits="0418", by=SYSTEM, at=at)
        posting = accounts.appoint(
            user_id=user.pk,
            role=Role.CITY_SUPERVISOR,
            organisation_id=cast.places.city.pk,
            since=(at - timedelta(days=300)).date(),
            by=SYSTEM,
            at=at,
        )
        return account_queries.actor_of(user, posting, on=at.date())


def start(pair, at, kind="routing", **more):
    with scope.acting_as(pair.maker):
        return actions.start_rule_change(kind=kind, by=pair.maker, at=at, **more)


def put(pair, change, key, at, **fields):
    """Change fields of one row."""
    with scope.acting_as(pair.maker):
        row = {**row_of(change.kind, RuleChange.objects.get(pk=change.pk).content, key), **fields}
        return actions.edit_rule_row(change_id=change.pk, key=key, row=row, by=pair.maker, at=at)


def submit(pair, change, at, *, day=None, reason=REASON):
    with scope.acting_as(pair.maker):
        actions.edit_rule_change(change_id=change.pk, effective_from=day, reason=reason, by=pair.maker, at=at)
        return actions.submit_rule_change(change_id=change.pk, by=pair.maker, at=at)


def approve(pair, change, at):
    with scope.acting_as(pair.second):
        return actions.approve_rule_change(change_id=change.pk, by=pair.second, at=at)


def approved(pair, at, kind, key, day=None, **fields):
    change = start(pair, at, kind)
    put(pair, change, key, at, **fields)
    submit(pair, change, at, day=day)
    return approve(pair, change, at)


def test_two_persons_bring_a_new_version_of_the_routes(pair, at):
    change = start(pair, at)
    assert (change.based_on, change.effective_from, change.state) == (1, at.date(), "draft")
    put(pair, change, "R-12", at, note="橙级由区县主办", at_least="county")
    change = submit(pair, change, at, day=date(2025, 10, 20))
    assert change.preview["population"] == 0
    with scope.acting_as(pair.maker), pytest.raises(NotPermitted, match="另一位"):
        actions.approve_rule_change(change_id=change.pk, by=pair.maker, at=at)
    change = approve(pair, change, at)
    assert (change.state, change.version, change.decided_by_name) == ("approved", 2, "演员二")
    assert RoutingPolicy.objects.count() == 2
    before, after = queries.routes_on(date(2025, 10, 19)), queries.routes_on(date(2025, 10, 20))
    assert (before.version, after.version) == (1, 2)
    assert next(row for row in before.rows if row.id == "R-12").at_least == "town"
    assert next(row for row in after.rows if row.id == "R-12").at_least == "county"
    with scope.acting_as(SYSTEM):
        kinds = list(
            Event.objects.filter(kind__startswith="rule_change.").order_by("id").values_list("kind", flat=True)
        )
        told = dict(Message.objects.filter(subject_kind="rulechange").values_list("user_id", "text"))
    assert kinds[0] == "rule_change.started"
    assert kinds[-2:] == ["rule_change.submitted", "rule_change.approved"]
    assert "请您审批" in told[pair.second.user_id]
    assert "10月20日起生效" in told[pair.maker.user_id]


def test_the_database_itself_asks_for_a_second_person(pair, at):
    change = start(pair, at)
    for decider in (pair.maker.user_id, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            RuleChange.objects.filter(pk=change.pk).update(state="approved", decided_by_user_id=decider)


def test_one_open_change_of_a_kind(pair, at):
    start(pair, at)
    with pytest.raises(NotAllowed, match="已有一份修订在办"):
        start(Pair(pair.second, pair.maker), at)
    assert start(pair, at, "limits").kind == "limits"
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleChange.objects.create(
            kind="routing",
            based_on=1,
            content={},
            effective_from=at.date(),
            made_by_user_id=1,
            made_at=at,
            changed_at=at,
        )


@pytest.mark.parametrize("name", ["town", "county", "auditor", "admin", "hotline"])
def test_others_change_nothing(cast, pair, at, name):
    actor = cast.players()[name].actor
    change = start(pair, at)
    with scope.acting_as(actor):
        for call in (
            lambda: actions.start_rule_change(kind="limits", by=actor, at=at),
            lambda: actions.edit_rule_change(change_id=change.pk, reason="改", by=actor, at=at),
            lambda: actions.submit_rule_change(change_id=change.pk, by=actor, at=at),
            lambda: actions.approve_rule_change(change_id=change.pk, by=actor, at=at),
            lambda: actions.refuse_rule_change(change_id=change.pk, answer="不行", by=actor, at=at),
            lambda: actions.withdraw_rule_change(change_id=change.pk, by=actor, at=at),
        ):
            with pytest.raises(NotPermitted):
                call()


def test_wrong_states_and_words_are_refused(pair, at):
    change = start(pair, at)
    with scope.acting_as(pair.second):
        with pytest.raises(NotPermitted, match="起草人"):
            actions.edit_rule_change(change_id=change.pk, reason="改一改", by=pair.second, at=at)
        with pytest.raises(NotAllowed, match="现在不能批"):
            actions.approve_rule_change(change_id=change.pk, by=pair.second, at=at)
    with pytest.raises(NotAllowed, match="没有可提交的改动"):
        submit(pair, change, at)
    put(pair, change, "R-01", at, note="需求先由片区对接资源和服务")
    with pytest.raises(BadInput, match="为什么改"):
        submit(pair, change, at, reason="改")
    with pytest.raises(BadInput, match="不能早于今天"):
        submit(pair, change, at, day=date(2025, 10, 1))
    with pytest.raises(BadInputs, match="R-02：没有“moon”这个取值"):
        put(pair, change, "R-02", at, when={"grade": ["moon"]})
    submit(pair, change, at)
    with pytest.raises(NotAllowed, match="不能再改"):
        put(pair, change, "R-01", at, note="再改")
    with scope.acting_as(pair.second):
        with pytest.raises(BadInput, match="理由"):
            actions.refuse_rule_change(change_id=change.pk, answer=" ", by=pair.second, at=at)
        refused = actions.refuse_rule_change(change_id=change.pk, answer="片区人手不够", by=pair.second, at=at)
    assert (refused.state, refused.version) == ("refused", None)
    assert RoutingPolicy.objects.count() == 1
    with scope.acting_as(pair.second), pytest.raises(NotFound):
        actions.approve_rule_change(change_id=0, by=pair.second, at=at)


def test_a_change_is_withdrawn_by_its_drafter_or_cleared_away(pair, at):
    change = start(pair, at)
    with scope.acting_as(pair.second):
        actions.withdraw_rule_change(change_id=change.pk, by=pair.second, at=at)
    change = start(pair, at)
    put(pair, change, "R-01", at, note="需求先由片区对接资源和服务")
    submit(pair, change, at)
    with scope.acting_as(pair.second), pytest.raises(NotPermitted):
        actions.withdraw_rule_change(change_id=change.pk, by=pair.second, at=at)
    with scope.acting_as(pair.maker):
        assert actions.withdraw_rule_change(change_id=change.pk, by=pair.maker, at=at).state == "withdrawn"
        with pytest.raises(NotAllowed):
            actions.withdraw_rule_change(change_id=change.pk, by=pair.maker, at=at)


def test_a_late_approval_never_reaches_back(pair, at):
    change = start(pair, at, "limits")
    put(pair, change, "grade:green", at, sign={"amount": 2, "unit": "workdays", "basis": "试"})
    submit(pair, change, at, day=date(2025, 10, 14))
    change = approve(pair, change, at + timedelta(days=5))
    assert change.effective_from == date(2025, 10, 19)
    assert queries.policy_on(date(2025, 10, 18)).version == 1


def test_whoever_has_entered_keeps_the_limits(cast, pair, at):
    """A new policy and new categories hold for those who enter from their day on."""
    old = received(WAGES, by=cast.worker.actor, at=at)
    due = fresh(old).due_at
    approved(pair, at, "categories", "LE01", limit_working_days=3, name="欠薪")
    approved(pair, at, "limits", "grade:yellow", contact={"amount": 1, "unit": "working_hours", "basis": "试"})
    tomorrow = at + timedelta(days=1)
    assert appeals.category_of("LE01", at.date()).version == 1
    assert appeals.category_of("LE01", tomorrow.date()).name == "欠薪"
    assert appeals.categories(tomorrow.date()).count() == 32
    with scope.acting_as(SYSTEM):
        actions.dispatch_appeal(appeal_id=old.pk, by=SYSTEM, at=tomorrow)
        appeal_actions.classify_appeal(appeal_id=old.pk, code="LE01", by=SYSTEM, at=tomorrow)
    assert fresh(old).due_at == due
    assert fresh(old).category.version == 1
    new = received(WAGES, by=cast.worker.actor, at=tomorrow)
    with scope.acting_as(SYSTEM):
        new = fresh(new)
        clock = Clock.objects.get(appeal=new, name="close")
    assert new.category.version == 2
    assert clock.limit["amount"] == 3


def test_confirming_the_same_category_is_no_correction(cast, pair, at):
    from gongqing.appeals.models import ReaderCorrection

    appeal = received(WAGES, by=cast.worker.actor, at=at)
    approved(pair, at, "categories", "LE01", grade="orange")
    with scope.acting_as(SYSTEM):
        code = fresh(appeal).category.code
        appeal_actions.classify_appeal(appeal_id=appeal.pk, code=code, by=cast.city.actor, at=at + timedelta(days=2))
        assert not ReaderCorrection.objects.filter(appeal=appeal).exists()


def test_an_earlier_version_comes_back_as_a_new_one(pair, at):
    approved(pair, at, "routing", "R-12", at_least="county")
    back = start(pair, at, rolls_back_to=1)
    with scope.acting_as(pair.maker), pytest.raises(NotAllowed, match="不能改内容"):
        actions.edit_rule_change(change_id=back.pk, content=back.content, by=pair.maker, at=at)
    submit(pair, back, at, reason="区县忙不过来，先退回")
    assert approve(pair, back, at).version == 3
    assert RoutingPolicy.objects.get(version=3).rows["rows"] == RoutingPolicy.objects.get(version=1).rows["rows"]
    assert queries.routes_on(at.date()).version == 3
    with pytest.raises(NotAllowed, match="最新"):
        start(pair, at, rolls_back_to=3)
    with pytest.raises(NotFound):
        start(pair, at, rolls_back_to=9)


def test_a_version_to_come_is_taken_back_before_its_day(pair, at):
    approved(pair, at, "limits", "other", day=date(2025, 12, 1), extensions_at_most=2)
    back = start(pair, at, "limits", rolls_back_to=1)
    submit(pair, back, at, reason="提前收回十二月的期限")
    approve(pair, back, at)
    assert queries.policy_on(date(2025, 12, 2)).extensions_at_most == 1
    states = {line.version: line.state for line in rule_changes.history_of("limits", at.date())}
    assert states == {1: "now", 2: "never", 3: "coming"}


def test_a_version_loaded_meanwhile_stops_the_approval(pair, at):
    from dataclasses import replace

    from gongqing.dispatch.rules.first_routes import FIRST_ROUTES

    change = start(pair, at)
    put(pair, change, "R-01", at, note="需求先由片区对接资源和服务")
    submit(pair, change, at)
    with scope.acting_as(SYSTEM):
        actions.load_routing_policy(routes=replace(FIRST_ROUTES, version=2), by=SYSTEM, at=at)
    with pytest.raises(NotAllowed, match="重新起草"):
        approve(pair, change, at)


def test_a_rule_of_grading_is_switched_off(cast, pair, at):
    text = "我怀孕了，公司不给我产检假，请工会帮我问问。"
    before = received(text, by=cast.worker.actor, at=at)
    assert "G21" in {reason["rule"] for reason in fresh(before).grade_reasons}
    approved(pair, at, "grading", "G21", is_off=True)
    after = received(text, by=cast.worker.actor, at=at + timedelta(days=1))
    assert "G21" not in {reason["rule"] for reason in fresh(after).grade_reasons}
    assert rule_changes.newest_version("grading") == 2


def test_a_day_off_moves_open_deadlines_at_once(cast, pair, at):
    appeal = received(WAGES, by=cast.worker.actor, at=at)
    due = fresh(appeal).due_at
    change = start(pair, at, "calendar")
    row = {"day": "2025-10-15", "is_workday": False, "note": "台风停工", "source": "市政府通告"}
    with scope.acting_as(pair.maker):
        actions.edit_rule_row(change_id=change.pk, key="new", row=row, by=pair.maker, at=at)
    submit(pair, change, at, reason="台风停工一天")
    with scope.acting_as(SYSTEM):
        # somebody sets another day meanwhile: it stays
        actions.override_calendar(day=date(2025, 10, 18), is_workday=True, note="补班", by=SYSTEM, at=at)
    assert fresh(appeal).due_at <= due
    settled = fresh(appeal).due_at
    approve(pair, change, at)
    assert fresh(appeal).due_at > settled
    assert set(CalendarDay.objects.values_list("day", flat=True)) == {date(2025, 10, 15), date(2025, 10, 18)}
    again = start(pair, at, "calendar")
    with scope.acting_as(pair.maker):
        actions.remove_rule_row(change_id=again.pk, key="2025-10-15", by=pair.maker, at=at)
    submit(pair, again, at, reason="台风没有来")
    approve(pair, again, at)
    assert list(CalendarDay.objects.values_list("day", flat=True)) == [date(2025, 10, 18)]
    assert fresh(appeal).due_at == settled


def test_old_limits_without_the_hotline_are_offered_with_it(pair, at):
    policy = ClockPolicy.objects.get(version=1)
    rows = {name: value for name, value in policy.rows.items() if name != "hotline"}
    ClockPolicy.objects.filter(pk=policy.pk).update(rows=rows)
    change = start(pair, at, "limits")
    page = rule_changes.change_page(change.pk, at.date())
    assert [each.title for each in page.differences] == ["热线一般件", "热线难点件", "热线特别复杂件"]
    assert {each.field for each in page.differences} == {"新增"}


def test_differences_are_said_in_words(pair, at):
    change = start(pair, at)
    put(pair, change, "R-12", at, at_least="county", when={"grade": ["orange", "red"], "county": ["330206"]})
    with scope.acting_as(pair.maker):
        actions.move_rule_row(change_id=change.pk, key="R-22", step=-1, by=pair.maker, at=at)
        row = {"id": "R-31", "note": "生日会给片区", "when": {"category": ["SC01"]}, "level": "zone"}
        actions.edit_rule_row(change_id=change.pk, key="new", row=row, by=pair.maker, at=at)
        actions.remove_rule_row(change_id=change.pk, key="R-01", by=pair.maker, at=at)
    said = {
        (each.title, each.field): (each.old, each.new)
        for each in rule_changes.change_page(change.pk, at.date()).differences
    }
    assert said["R-12", "什么情形"] == ("等级是橙", "等级是橙、红，且区县是北仑区")
    assert said["R-12", "怎么派"][1].startswith("至少由区县市总工会主办")
    assert said["R-31", "新增"][1].startswith("什么情形：分类是SC01")
    assert said["R-01", "删除"][1] == ""
    assert said["顺序", "从上到下"][1].endswith("R-22、R-21")


def test_content_given_whole_is_judged_whole(pair, at):
    change = start(pair, at)
    content = with_row("routing", change.content, "R-01", {"id": "R-02", "note": "", "level": "zone"})
    with scope.acting_as(pair.maker), pytest.raises(BadInputs) as refused:
        actions.edit_rule_change(change_id=change.pk, content=content, by=pair.maker, at=at)
    assert {error.field for error in refused.value.errors} >= {"R-02.id", "R-02.note"}


def test_a_version_is_known_by_its_text_not_by_its_row(system, at):
    """A restored data base may hold another version under a number that this process has read before."""
    from dataclasses import replace

    from gongqing.dispatch.rules.first_routes import FIRST_ROUTES

    number = actions.load_routing_policy(routes=FIRST_ROUTES, by=system, at=at).pk
    assert queries.routes_on(at.date()).rows[0].note == FIRST_ROUTES.rows[0].note
    other = replace(FIRST_ROUTES, rows=(replace(FIRST_ROUTES.rows[0], note="恢复来的"), *FIRST_ROUTES.rows[1:]))
    RoutingPolicy.objects.filter(pk=number).update(rows=other.to_json())
    assert queries.routes_on(at.date()).rows[0].note == "恢复来的"
