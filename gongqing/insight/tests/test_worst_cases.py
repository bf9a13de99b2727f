"""Which cases press the most, how the board goes down the tree, and how several are acted on from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.dispatch import actions
from gongqing.dispatch.models import Supervision
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, WAGES, fresh, received
from gongqing.insight.queries import boards
from gongqing.insight.queries.boards import Asked
from gongqing.insight.queries.worst import WorstCase, ranking
from gongqing.insight.queries.worst import worst as shown
from gongqing.insight.rules.urgency import LATE, LATE_SHARE, Pressing, delay_words, urgency_of
from gongqing.lib.times import now
from tests.cast import Cast

DAY = timedelta(hours=8)


def test_every_point_is_said() -> None:
    found = urgency_of(
        Pressing(
            grade="red",
            late_by=2 * DAY,
            late_share=0.5,
            clock="办结",
            legal_days_left=4,
            worker_count=94,
            amount=126_000,
            unanswered=1,
            returns=1,
            reopened_count=1,
        )
    )
    assert [str(each) for each in found.reasons] == [
        "红级 +40",
        "办结逾期 2 个工作日 +20",
        "离法定最长期限 4 天 +20",
        "涉及 94 人 +20",
        "涉及 12.6 万元 +10",
        "督办没有回复 +10",
        "不满意重办 +10",
        "退回过 1 次 +5",
    ]
    assert found.points == 135


def test_what_is_calm_has_no_points() -> None:
    assert urgency_of(Pressing(grade="green", legal_days_left=50)).points == 0
    assert [str(each) for each in urgency_of(Pressing(grade="green", is_due_today=True)).reasons] == ["今天到期 +8"]


@given(
    grade=st.sampled_from(["green", "yellow", "orange", "red"]),
    share=st.floats(0, 50),
    further=st.floats(0, 50),
    workers=st.integers(0, 500),
    unanswered=st.integers(0, 9),
)
def test_worse_never_counts_less(grade: str, share: float, further: float, workers: int, unanswered: int) -> None:
    def points(share: float, workers: int, unanswered: int) -> int:
        case = Pressing(
            grade=grade, late_by=DAY, late_share=share, clock="办结", worker_count=workers, unanswered=unanswered
        )
        found = urgency_of(case)
        assert found.points == sum(each.points for each in found.reasons)
        return found.points

    before = points(share, workers, unanswered)
    assert points(share + further, workers, unanswered) >= before
    assert points(share, workers + 1, unanswered) >= before
    assert points(share, workers, unanswered + 1) >= before
    assert LATE <= before <= 40 + LATE + LATE_SHARE + 20 + 20


@pytest.mark.parametrize(
    ("late", "words"),
    [(2 * DAY, "2 个工作日"), (1.25 * DAY, "1.2 个工作日"), (timedelta(hours=3), "3 小时"), (timedelta(0), "1 分钟")],
)
def test_a_delay_in_words(late: timedelta, words: str) -> None:
    assert delay_words(late, DAY) == words


@pytest.mark.parametrize(
    ("late", "words"), [(timedelta(days=50, hours=21), "51 天"), (timedelta(hours=36), "1.5 天"), (DAY, "8 小时")]
)
def test_a_delay_in_natural_time_counts_no_working_days(late: timedelta, words: str) -> None:
    assert delay_words(late, None) == words


def worst(actor: Actor, at: datetime, asked: Asked, *, most: int) -> list[WorstCase]:
    ranked = ranking(boards.board(actor, at, asked), at, most=most)
    cases = boards.drill_cases(actor, [each.number for each in ranked], at)
    return shown(ranked, {each.item.appeal.pk: each for each in cases})


@pytest.fixture
def made(cast: Cast, at: datetime) -> dict[str, Appeal]:
    """A red one of 94 workers, a yellow one long overdue, a fresh green one."""
    seat = cast.hotline.actor
    made = {
        "red": received(FLED, by=seat, at=at - timedelta(days=20)),
        "late": received(WAGES, by=seat, at=at - timedelta(days=40)),
        "calm": received(BIRTHDAY, by=seat, at=at),
    }
    with scope.acting_as(SYSTEM):
        actions.sweep_clocks(at=at)
    return made


def test_what_is_tracked_outside_presses_only_while_its_report_is_late(
    cast: Cast, made: dict[str, Appeal], at: datetime
) -> None:
    with scope.acting_as(SYSTEM):
        Appeal.objects.filter(pk__in=[made["red"].pk, made["calm"].pk]).update(status="tracked")
        Appeal.objects.filter(pk=made["late"].pk).update(status="paused")
    with scope.acting_as(cast.city.actor):
        found = worst(cast.city.actor, at, Asked(), most=3)
    assert [each.code for each in found] == [made["red"].code]
    reasons = [str(each) for each in found[0].urgency.reasons]
    assert any("签收逾期 20 天" in each for each in reasons)
    assert not any("法定" in each for each in reasons)


def test_the_worst_comes_first_and_says_why(cast: Cast, made: dict[str, Appeal], at: datetime) -> None:
    with scope.acting_as(cast.city.actor):
        found = worst(cast.city.actor, at, Asked(), most=3)
        only_green = worst(cast.city.actor, at, Asked(grade="green"), most=3)
    assert [each.code for each in found] == [made[name].code for name in ("red", "late", "calm")]
    reasons = [str(each) for each in found[0].urgency.reasons]
    assert any(each.startswith("红级 +40") for each in reasons)
    assert any("94 人" in each for each in reasons)
    assert any("逾期" in each for each in reasons)
    assert [each.code for each in only_green] == [made["calm"].code]


def test_the_worst_of_ones_own_area_alone(cast: Cast, made: dict[str, Appeal], at: datetime) -> None:
    with scope.acting_as(cast.outsider.actor):
        assert worst(cast.outsider.actor, at, Asked(), most=3) == []


def test_an_order_without_answer_presses(cast: Cast, made: dict[str, Appeal], at: datetime) -> None:
    city = cast.city.actor
    with scope.acting_as(SYSTEM):
        Supervision.objects.filter(appeal=made["calm"]).delete()
        Supervision.objects.create(
            appeal=made["calm"], kind="supervise", at=at, by_name="市总", due_at=at + timedelta(days=1)
        )
    with scope.acting_as(city):
        seen = boards.board(city, at)
        before = worst(city, at, Asked(grade="green"), most=1)[0].urgency.points
        after = worst(city, at + timedelta(days=1, minutes=1), Asked(grade="green"), most=1)[0]
    assert seen.total["supervised"] >= 1
    assert any(str(each) == "督办没有回复 +10" for each in after.urgency.reasons)
    assert after.urgency.points > before


def test_down_the_tree(cast: Cast, made: dict[str, Appeal], at: datetime) -> None:
    city, places = cast.city.actor, cast.places
    with scope.acting_as(city):
        actions.dispatch_appeal(appeal_id=made["calm"].pk, organisation_id=places.zone.pk, by=city, at=at)
        whole = boards.board(city, at)
        county = next(row for row in whole.rows if row.node == places.county.pk)
        inside = boards.board(city, at, boards.asked_of(city, within=str(places.county.pk)))
        town = boards.board(city, at, boards.asked_of(city, within=str(places.town.pk)))
    assert str(places.other_county) in whole.quiet, "a county with nothing in hand has no row"
    assert all(row.counts["all"] for row in whole.rows)
    assert inside.total["all"] == county.counts["all"]
    assert [str(each) for each in town.trail] == [str(places.city), str(places.county), str(places.town)]
    assert {row.name for row in town.rows} == {str(places.zone), f"{places.town}本级"}


def test_by_grade_and_by_category_add_up(cast: Cast, made: dict[str, Appeal], at: datetime) -> None:
    city = cast.city.actor
    with scope.acting_as(city):
        by_grade = boards.board(city, at, Asked(group="grade"))
        by_category = boards.board(city, at, Asked(group="category"))
        for seen in (by_grade, by_category):
            for row in seen.rows:
                numbers, count = boards.drilled(seen, "all", at, row=row.key)
                cases = boards.drill_cases(city, numbers, at)
                assert len(cases) == count == row.counts["all"]
    assert by_grade.total == by_category.total == boards_total(city, at)
    assert by_grade.rows[0].key == "red"


def boards_total(actor: object, at: datetime) -> object:
    with scope.acting_as(actor):  # type: ignore[arg-type]
        return boards.board(actor, at).total  # type: ignore[arg-type]


def test_nobody_looks_beyond_the_own_organisation(cast: Cast, at: datetime) -> None:
    with scope.acting_as(cast.town.actor):
        assert boards.asked_of(cast.town.actor, within=str(cast.places.other_county.pk)).within is None
        assert boards.asked_of(cast.town.actor, within="x", group="y", grade="z") == Asked()


def test_since_when_it_lies_unsigned(cast: Cast, made: dict[str, Appeal], at: datetime) -> None:
    with scope.acting_as(cast.city.actor):
        seen = boards.board(cast.city.actor, at)
    assert max(row.unsigned_days or 0 for row in seen.rows) > 5


def test_acted_on_from_the_board(cast: Cast, browser_of: Callable[[str], Client]) -> None:
    appeal = received(FLED, by=cast.hotline.actor, at=now() - timedelta(days=9))
    city = browser_of("city")
    page = city.get("/desk/supervision").content.decode()
    assert f'name="case" value="{appeal.code}" checked' in page
    asked = city.get(f"/desk/supervise?verb=supervise&case={appeal.code}&back=/desk/supervision%3Fgrade%3Dred")
    assert "请两个工作日内" in asked.content.decode()
    assert 'href="/desk/supervision?grade=red"' in asked.content.decode()
    done = city.post(
        "/desk/supervise",
        {"verb": "supervise", "case": [appeal.code, "GQ1"], "note": "今天到现场", "back": "//evil.cn"},
    )
    assert done.status_code == 200
    text = done.content.decode()
    assert "1 件已办，1 件没有办" in text
    assert 'href="/desk/supervision"' in text, "a foreign way back is not taken"
    with scope.acting_as(SYSTEM):
        assert Supervision.objects.filter(appeal=appeal, kind="supervise", note="今天到现场").count() == 1


def test_what_was_typed_comes_back(cast: Cast, browser_of: Callable[[str], Client]) -> None:
    appeal = received(WAGES, by=cast.hotline.actor, at=now())
    given = {"verb": "transfer", "case": [appeal.code], "note": "请小港办", "organisation": "没有这个街道"}
    answer = browser_of("city").post("/desk/supervise", given)
    assert answer.status_code == 422
    assert "没有这个单位" in answer.content.decode()
    assert "请小港办" in answer.content.decode()
    empty = browser_of("city").post("/desk/supervise", {"verb": "urge", "note": "请抓紧"})
    assert empty.status_code == 422
    assert fresh(appeal).handler != cast.places.neighbour_town


@pytest.mark.parametrize(
    ("name", "status"),
    [("", 302), ("zone", 403), ("zone_chief", 403), ("auditor", 403), ("town", 200), ("worker", 403)],
)
def test_who_acts_on_several(name: str, status: int, browser_of: Callable[[str], Client]) -> None:
    assert browser_of(name).get("/desk/supervise?verb=urge&case=GQ1").status_code == status


def test_the_reader_sees_no_buttons(cast: Cast, browser_of: Callable[[str], Client]) -> None:
    received(FLED, by=cast.hotline.actor, at=now() - timedelta(days=9))
    page = browser_of("auditor").get("/desk/supervision").content.decode()
    assert "最急的" in page
    assert 'name="case"' not in page
    assert 'id="act"' not in page


def test_an_unsure_number_is_said_to_be_one(cast: Cast, at: datetime) -> None:
    text = "听说那边三十几个工人被欠薪，厂里三个月没发工资，请来看看。"
    received(text, by=cast.hotline.actor, at=at)
    with scope.acting_as(cast.city.actor):
        (found,) = worst(cast.city.actor, at, Asked(), most=3)
    assert "涉及约 30 人（待核）" in [each.words for each in found.urgency.reasons]


def test_what_the_auditor_sees_is_marked_as_well(cast: Cast, made: dict[str, Appeal], at: datetime) -> None:
    with scope.acting_as(cast.auditor.actor):
        found = worst(cast.auditor.actor, at, Asked(), most=1)
    assert [each.words for each in found[0].urgency.reasons if each.number == "workers"] == ["涉及 94 人"]
