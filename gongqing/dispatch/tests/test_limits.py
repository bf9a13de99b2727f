"""The limits of domain 3.2, row by row."""

import json
from dataclasses import replace
from datetime import date, datetime

import pytest

from gongqing.dispatch.rules import limits
from gongqing.dispatch.rules.first_policy import FIRST_POLICY
from gongqing.dispatch.rules.limits import Limit, Unit
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.times import SHANGHAI


def words(limit):
    return limit and limit.words


@pytest.mark.parametrize(
    ("grade", "sign", "contact", "report", "close"),
    [
        ("green", "1 个工作日", "2 个工作日", None, "15 个工作日"),
        ("yellow", "4 工时", "1 个工作日", None, "15 个工作日"),
        ("orange", "2 工时", "4 工时", "2 个工作日", "7 个工作日"),
        ("red", "30 分钟", "1 小时", "2 小时", "5 天"),
    ],
)
def test_the_table(grade, sign, contact, report, close):
    made = limits.limits_for(FIRST_POLICY, grade=grade, category_days=15)
    assert [words(made.of(name)) for name in ("sign", "contact", "report", "close")] == [sign, contact, report, close]


@pytest.mark.parametrize(("grade", "close"), [("green", "3 个工作日"), ("orange", "3 个工作日"), ("red", "3 天")])
def test_a_short_category_limit_stays(grade, close):
    assert limits.limits_for(FIRST_POLICY, grade=grade, category_days=3).close.words == close


def test_the_closing_limit_says_why():
    made = limits.limits_for(FIRST_POLICY, grade="orange", category_days=7, category="LE01")
    assert made.close.basis == "7 个工作日：LE01 类别时限与橙级最长 7 个工作日取较短"


@pytest.mark.parametrize("rule", ["G11", "G12"])
@pytest.mark.parametrize("grade", ["green", "yellow", "orange", "red"])
def test_words_of_danger_mean_contact_in_thirty_minutes(rule, grade):
    assert limits.limits_for(FIRST_POLICY, grade=grade, category_days=10, rules={rule}).contact.words == "30 分钟"


def test_a_talk_is_answered_in_five_working_days_but_need_not_be_closed():
    made = limits.limits_for(FIRST_POLICY, grade="green", category_days=10, channel="talk")
    assert (made.report.words, made.close.words) == ("5 个工作日", "10 个工作日")
    assert (
        limits.limits_for(FIRST_POLICY, grade="orange", category_days=10, channel="talk").report.words == "2 个工作日"
    )


def test_a_policy_goes_through_json():
    stored = json.loads(json.dumps(FIRST_POLICY.to_json()))
    assert limits.Policy.from_json(stored) == FIRST_POLICY
    ended = replace(FIRST_POLICY, effective_to=date(2026, 1, 1))
    assert limits.Policy.from_json(json.loads(json.dumps(ended.to_json()))) == ended


def test_the_newest_policy_in_force_counts():
    second = replace(FIRST_POLICY, version=2, effective_from=date(2026, 1, 1), effective_to=date(2026, 7, 1))
    both = [second, FIRST_POLICY]
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [limits.policy_in_force(both, day).version for day in days] == [1, 2, 2, 1]
    with pytest.raises(ValueError, match="no policy"):
        limits.policy_in_force(both, date(2019, 1, 1))


def test_unknown_words_are_refused():
    with pytest.raises(ValueError, match="grade"):
        FIRST_POLICY.of_grade("blue")
    with pytest.raises(ValueError, match="unit"):
        Limit.from_json({"amount": 1, "unit": "moons"})
    with pytest.raises(ValueError, match="negative"):
        Limit(-1, Unit.WORKDAYS)


def test_exactly_three_reasons_pause():
    assert [row.reason for row in FIRST_POLICY.pauses] == [reason.value for reason in limits.PauseReason]
    assert limits.pause_row(FIRST_POLICY, "waiting_for_material").longest == Limit(5, Unit.WORKDAYS)
    with pytest.raises(BadInput) as refused:
        limits.pause_row(FIRST_POLICY, "too_busy")
    assert refused.value.field == "reason"


@pytest.mark.parametrize(
    ("grade", "below", "level"),
    [("green", "zone", "town"), ("yellow", "town", "county"), ("orange", "town", "county"), ("red", "county", "city")],
)
def test_who_grants_more_time(grade, below, level):
    limits.check_can_grant_extension(FIRST_POLICY, grade=grade, level=level)
    limits.check_can_grant_extension(FIRST_POLICY, grade=grade, level="city")
    for refused in (below, "department"):
        with pytest.raises(NotPermitted):
            limits.check_can_grant_extension(FIRST_POLICY, grade=grade, level=refused)


@pytest.mark.parametrize(
    ("grade", "original", "most"),
    [
        ("green", Limit(10, Unit.WORKDAYS), 10),
        ("yellow", Limit(7, Unit.WORKDAYS), 7),
        ("orange", Limit(7, Unit.WORKDAYS), 5),
        ("orange", Limit(3, Unit.WORKDAYS), 3),
        ("red", Limit(5, Unit.NATURAL_DAYS), 5),
    ],
)
def test_how_much_more_time(grade, original, most):
    limits.check_can_ask_extension(FIRST_POLICY, grade=grade, original=original, granted=0, amount=most)
    for amount in (most + 1, 0, -1):
        with pytest.raises(BadInput):
            limits.check_can_ask_extension(FIRST_POLICY, grade=grade, original=original, granted=0, amount=amount)
    with pytest.raises(NotAllowed):
        limits.check_can_ask_extension(FIRST_POLICY, grade=grade, original=original, granted=1, amount=1)


def test_the_law_ends_every_limit():
    received = datetime(2025, 3, 1, 10, tzinfo=SHANGHAI)
    assert limits.legal_ceiling(FIRST_POLICY, received) == datetime(2025, 5, 1, tzinfo=SHANGHAI)
    assert limits.legal_ceiling(FIRST_POLICY, received, is_extended=True) == datetime(2025, 5, 31, tzinfo=SHANGHAI)


def test_supervision():
    watched = {row.grade: row.supervised_by for row in FIRST_POLICY.grades}
    assert watched == {"green": "zone", "yellow": "town", "orange": "county", "red": "city"}
    assert [row.grade for row in FIRST_POLICY.grades if row.review] == ["orange", "red"]


@pytest.mark.parametrize(("kind", "days"), [("ordinary", 5), ("difficult", 10), ("very_complex", 15)])
def test_each_kind_of_hotline_matter_has_its_own_closing_limit(kind, days):
    close = limits.limits_for(FIRST_POLICY, grade="green", category_days=3, category="LE01", hotline_kind=kind).close
    assert close.words == f"{days} 个工作日"
    assert "本市自定" in close.basis
    assert "LE01" not in close.basis


@pytest.mark.parametrize(("grade", "words"), [("orange", "7 个工作日"), ("red", "5 天")])
def test_no_kind_of_hotline_matter_passes_the_cap_of_its_grade(grade, words):
    assert (
        limits.limits_for(FIRST_POLICY, grade=grade, category_days=3, hotline_kind="very_complex").close.words == words
    )


def test_a_policy_from_before_the_hotline_rows_leaves_the_category_its_limit():
    stored = FIRST_POLICY.to_json()
    del stored["hotline"]
    old = limits.Policy.from_json(stored)
    assert old.hotline == ()
    assert (
        limits.limits_for(old, grade="green", category_days=3, hotline_kind="very_complex").close.words == "3 个工作日"
    )


def test_only_the_closing_clock_of_the_first_round_has_a_ceiling():
    received = datetime(2025, 3, 1, 9, tzinfo=SHANGHAI)

    def ceiling(clock, *, is_reopened=False):
        return limits.ceiling_of(FIRST_POLICY, clock, received_at=received, is_extended=False, is_reopened=is_reopened)

    assert ceiling("close") == limits.legal_ceiling(FIRST_POLICY, received)
    assert ceiling("sign") is None
    assert ceiling("close", is_reopened=True) is None
