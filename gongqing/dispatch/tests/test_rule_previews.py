"""Does a preview say who would have had an appeal, by when, and how urgent it would have been?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gongqing.appeals import actions as appeal_actions
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions
from gongqing.dispatch.models import Order
from gongqing.dispatch.queries import previews, rule_changes
from gongqing.dispatch.queries.previews import Period
from gongqing.dispatch.rules.rule_contents import moved, row_of, with_row
from gongqing.dispatch.tests.make import BIRTHDAY, WAGES, fresh, received
from gongqing.lib.errors import BadInput

PERIOD = Period(date(2025, 10, 1), date(2025, 10, 31))


@pytest.fixture
def three(cast, at):
    """Wages for the town, the same again a day later, and a wish for the zone."""
    wages = received(WAGES, by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    again = received(WAGES + "再说一次", by=cast.stranger.actor, at=at + timedelta(days=1))
    wish = received(BIRTHDAY, by=cast.worker.actor, at=at)
    return fresh(wages), fresh(again), fresh(wish)


def shown(kind, after, cast, at, period=PERIOD, before=None):
    with scope.acting_as(cast.city.actor):
        base = {} if kind == "calendar" else before or rule_changes.content_of(kind, 1)
        return previews.preview(kind, base, after, period=period, actor=cast.city.actor, at=at + timedelta(days=3))


def content(kind):
    return rule_changes.content_of(kind, 1)


def put(kind, key, **fields):
    base = content(kind)
    return with_row(kind, base, key, {**row_of(kind, base, key), **fields})


def test_the_same_rules_move_nothing(cast, at, three):
    for kind, part in (("routing", "routing"), ("limits", "deadlines"), ("grading", "grades")):
        made = shown(kind, content(kind), cast, at)
        assert (made["population"], made["looked"], made[part]["changed"]) == (3, 3, 0)
    assert (
        shown("routing", content("routing"), cast, at, Period(date(2025, 9, 1), date(2025, 9, 30)))["population"] == 0
    )


def test_the_rules_in_force_give_what_was_dispatched(cast, at, three):
    """The side of the rules in force is the real one: it names the organisations that hold the orders."""
    raised = with_row(
        "routing", content("routing"), "new", {"id": "R-41", "note": "都归市里", "when": {}, "level": "city"}
    )
    for _ in range(10):
        raised = moved("routing", raised, "R-41", -1)
    made = shown("routing", raised, cast, at)["routing"]
    with scope.acting_as(SYSTEM):
        held = {order.appeal_id: str(order.organisation) for order in Order.objects.filter(role="handle")}
    assert {case["id"]: case["from"] for case in made["cases"]} == held
    assert {case["to"] for case in made["cases"]} == {str(cast.places.city)}
    assert made["changed"] == sum(move["count"] for move in made["moves"]) == 3
    loads = {load["name"]: load["change"] for load in made["loads"]}
    assert loads[str(cast.places.city)] == 3
    assert sum(loads.values()) == 0


def test_one_row_moves_only_what_it_speaks_of(cast, at, three):
    wages, _, wish = three
    rows = with_row(
        "routing",
        content("routing"),
        "new",
        {"id": "R-41", "note": "这类归区县", "when": {"category": [wages.category.code]}, "at_least": "county"},
    )
    made = shown("routing", rows, cast, at)["routing"]
    assert made["changed"] == 2
    assert wish.code not in {case["code"] for case in made["cases"]}
    assert {case["to"] for case in made["cases"]} == {str(cast.places.county)}
    assert made["moves"] == [{"from": "镇街", "to": "区县市总工会", "count": 2}]
    helped = put("routing", "R-12", assisting=[])
    beside = shown("routing", helped, cast, at)["routing"]
    assert (beside["changed"], beside["beside"]) == (0, 2)


def test_deadlines_cross_in_both_directions(cast, at, three):
    wages = three[0]
    grade = f"grade:{wages.grade}"
    with scope.acting_as(cast.town.actor):
        actions.sign_order(appeal_id=wages.pk, by=cast.town.actor, at=at + timedelta(minutes=90))
    shorter = put("limits", grade, sign={"amount": 1, "unit": "natural_hours", "basis": "试"})
    made = shown("limits", shorter, cast, at)["deadlines"]
    signs = {row["clock"]: row for row in made["clocks"]}["签收"]
    assert (signs["earlier"], signs["later"]) == (2, 0)
    assert signs["newly_late"] == 1
    assert made["cases"][0]["code"] == wages.code
    assert made["cases"][0]["verdict"] == "newly_late"
    back = shown("limits", content("limits"), cast, at, before=shorter)["deadlines"]
    assert {row["clock"]: row for row in back["clocks"]}["签收"]["newly_in_time"] == 1


def test_a_day_off_moves_deadlines(cast, at, three):
    day = {"day": "2025-10-15", "is_workday": False, "note": "台风停工", "source": ""}
    made = shown("calendar", {"days": [day], "base": []}, cast, at)["deadlines"]
    assert made["changed"] == 3
    assert all(row["earlier"] == 0 for row in made["clocks"])


def test_grades_go_up_and_down(cast, at, three):
    base = {reason["rule"] for reason in three[0].grade_reasons}
    assert "G06" in base
    rules = put("grading", "G06", grade="red")
    made = shown("grading", rules, cast, at)["grades"]
    assert (made["changed"], made["raised"], made["lowered"]) == (2, 2, 0)
    assert {case["to"] for case in made["cases"]} == {"红"}
    assert sum(sum(row["counts"]) for row in made["matrix"]) == 3
    back = shown("grading", content("grading"), cast, at, before=rules)["grades"]
    assert back["lowered"] == 2


def test_a_category_touches_its_own_alone(cast, at, three):
    code = three[0].category.code
    rows = put("categories", code, level="county", limit_working_days=2, grade="red")
    made = shown("categories", rows, cast, at)
    assert [(each["code"], each["count"]) for each in made["touched"]] == [(code, 2)]
    assert made["routing"]["changed"] == 2
    assert made["grades"]["raised"] == 2
    assert made["deadlines"]["changed"] == 2
    named = shown("categories", put("categories", code, name="欠薪"), cast, at)
    assert {"routing", "grades", "deadlines"} & set(named) == set()


def test_many_are_sampled_and_it_is_said(cast, at, three, monkeypatch):
    monkeypatch.setattr(previews, "MOST", 2)
    made = shown("routing", content("routing"), cast, at)
    assert (made["population"], made["looked"]) == (3, 2)


def test_hand_made_grades_play_no_part_in_regrading(cast, at, three):
    wages = three[0]
    with scope.acting_as(SYSTEM):
        appeal_actions.classify_appeal(
            appeal_id=wages.pk, code="", grade="red", reason="现场看了很急", by=SYSTEM, at=at
        )
    assert shown("grading", content("grading"), cast, at)["grades"]["changed"] == 0


def test_a_period_is_a_period():
    today = date(2025, 10, 13)
    assert previews.period_of("", "", today) == Period(date(2025, 9, 13), date(2025, 10, 12))
    for since, until, field in (("x", "", "since"), ("2025-10-02", "2025-10-01", "until"), ("2023-01-01", "", "since")):
        with pytest.raises(BadInput) as refused:
            previews.period_of(since, until, today)
        assert refused.value.field == field
