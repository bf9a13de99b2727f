"""The explanation: the look board's table line by line, and a ruler that agrees with the deadline."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongqing.dispatch.rules import clocks, explanations
from gongqing.dispatch.rules.explanations import DayKind
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import Limit, Unit
from gongqing.lib.times import SHANGHAI, day_of
from gongqing.lib.workdays import Calendar

PLAIN = Calendar()
WD, WH, MIN, DAY = Unit.WORKDAYS, Unit.WORKING_HOURS, Unit.NATURAL_MINUTES, Unit.NATURAL_DAYS
SEVEN = Limit(7, WD, "7 个工作日：LE01 类别时限与橙级最长 7 个工作日取较短")
PAUSED_BY = "暂停事由一：待补材料，最长 5 个工作日"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def start(text):
    return Entry(EntryKind.START, at(text))


BOARD = [
    start("2025-09-28T10:12"),
    Entry(EntryKind.PAUSE, at("2025-10-09T15:40"), 5, WD, "待职工补工资条，经职工同意", PAUSED_BY),
    Entry(EntryKind.RESUME, at("2025-10-10T15:40"), reason="材料收到"),
]


def told(limit, entries, asked, calendar=PLAIN):
    return [(line.when, line.counted, line.note) for line in explanations.explanation(limit, entries, calendar, asked)]


def test_the_look_boards_table():
    assert told(SEVEN, BOARD, at("2025-10-13T14:20")) == [
        ("9月28日 10:12", "收到，起算", "次日起算，起算日不计。9月28日是周日，国庆节调休上班，算工作日"),
        ("9月29、30日", "计 2 天", "第 1、2 个工作日"),
        ("10月1—8日", "不计", "国庆节、中秋节放假 8 天"),
        ("10月9日", "计 1 天", "第 3 个工作日（15:40 后暂停）"),
        ("10月9日 15:40", "暂停", "待职工补工资条，经职工同意"),
        ("10月10日 15:40", "恢复", "材料收到。净停 1 个工作日，到期日顺延 1 天"),
        ("10月11日", "计 1 天", "周六，国庆节调休上班。第 4 个工作日"),
        ("10月12日", "不计", "周日"),
        ("10月13—15日", "计 3 天", "第 5、6、7 个工作日"),
        ("10月15日（周三） 24:00", "到期", "已计 4.6 个工作日，剩 2.4 个工作日，占 35%（计入时间）。时限过半"),
    ]


def test_every_line_names_its_basis():
    basis = [line.basis for line in explanations.explanation(SEVEN, BOARD, PLAIN, at("2025-10-13T14:20"))]
    assert basis == [
        SEVEN.basis, "工作日", "2025 年放假安排", "工作日", PAUSED_BY, "同上", "2025 年放假安排", "周末", "工作日", "合计 7 个工作日",
    ]  # fmt: skip


def test_the_api_gets_sentences():
    first, *_, last = explanations.explanation_text(SEVEN, BOARD, PLAIN, at("2025-10-13T14:20"))
    assert first.startswith("9月28日 10:12 收到，起算：次日起算")
    assert (
        last
        == "10月15日（周三） 24:00 到期：已计 4.6 个工作日，剩 2.4 个工作日，占 35%（计入时间）。时限过半（合计 7 个工作日）"
    )


def test_the_look_boards_ruler():
    days = explanations.day_ruler(SEVEN, BOARD, PLAIN, at("2025-10-13T14:20"))
    assert [day.label for day in days[:4]] == ["9/29", "30", "10/1", "2"]
    drawn = "".join({"gone": "#", "left": "_", "off": ".", "pause": "/", "over": "!"}[day.kind] for day in days)
    assert drawn == "##........#/#.___"
    assert (days[2].caption, days[2].span) == ("国庆节、中秋节放假，不计", 8)
    assert [day.caption for day in days[11:]] == ["暂停", "调休", "", "今天", "", "到期"]
    today = days[14]
    assert today.is_today
    assert today.share == pytest.approx(13 / 3 / 7.5)
    assert days[-1].is_due


def test_part_of_a_day_is_rounded_up_and_said_so():
    book = [
        start("2025-11-03T09:00"),
        Entry(EntryKind.PAUSE, at("2025-11-04T10:00")),
        Entry(EntryKind.RESUME, at("2025-11-04T11:00")),
    ]
    lines = told(Limit(3, WD), book, at("2025-11-05T09:00"))
    assert lines[2] == ("11月4日 11:00", "恢复", "净停 0.1 个工作日，累计不足一天的按一天，到期日顺延 1 天")
    assert lines[3] == ("11月5—7日", "计 3 天", "第 1、2、3 个工作日")


def test_a_forgotten_pause_resumes_by_itself_in_its_place():
    book = [start("2025-11-03T09:00"), Entry(EntryKind.PAUSE, at("2025-11-04T08:30"), 5, WD, "待补材料", PAUSED_BY)]
    lines = told(Limit(3, WD), book, at("2025-11-13T10:00"))
    assert lines[4][:2] == ("11月11日 24:00", "恢复")
    assert lines[4][2].startswith("暂停已满 5 个工作日，自动恢复。净停 6 个工作日")
    late = [*book, Entry(EntryKind.RESUME, at("2025-11-20T10:00"), reason="材料收到")]
    assert [line[1] for line in told(Limit(3, WD), late, at("2025-11-21T10:00"))].count("恢复") == 1


def test_extensions_and_ends_are_lines_too():
    more = [
        start("2025-11-03T09:00"),
        Entry(EntryKind.EXTEND, at("2025-11-05T09:00"), 2, WD, "对方负责人出差", "橙级延期最长 5 个工作日"),
        Entry(EntryKind.STOP, at("2025-11-07T09:00"), reason="送审办结"),
    ]
    lines = told(Limit(3, WD), more, at("2025-12-01T09:00"))
    assert ("11月5日 09:00", "延期", "批准延期 2 个工作日：对方负责人出差") in lines
    assert ("11月7日 09:00", "完成", "送审办结") in lines
    assert lines[-1] == ("11月10日（周一） 24:00", "到期", "按时完成")


@pytest.mark.parametrize(
    ("end", "asked", "note"),
    [
        (None, "2025-11-10T09:00", "已超时，红牌"),
        ((EntryKind.STOP, "2025-11-08T09:00"), "2025-11-10T09:00", "已超时完成"),
        ((EntryKind.CANCEL, "2025-11-08T09:00"), "2025-11-10T09:00", "不再计时，不提醒"),
        ((EntryKind.PAUSE, "2025-11-05T09:00"), "2025-11-10T09:00", "暂停中，恢复后到期日相应顺延"),
    ],
)
def test_how_the_sum_ends(end, asked, note):
    book = [start("2025-11-03T09:00")] + ([Entry(end[0], at(end[1]))] if end else [])
    assert told(Limit(3, WD), book, at(asked))[-1][2] == note


def test_hours_and_natural_time():
    hours = told(Limit(4, WH), [start("2025-09-30T16:00")], at("2025-09-30T17:00"))
    assert [line[:2] for line in hours] == [
        ("9月30日 16:00", "收到，起算"),
        ("9月30日", "计 1.5 工时"),
        ("10月1—8日", "不计"),
        ("10月9日", "计 2.5 工时"),
        ("10月9日（周四） 11:00", "到期"),
    ]
    assert told(Limit(30, MIN), [start("2025-10-03T23:50")], at("2025-10-03T23:55"))[1][1] == "计 30 分钟"
    assert told(Limit(5, DAY), [start("2025-09-30T10:00")], at("2025-10-01T12:00"))[-1][0] == "10月5日（周日） 24:00"


def test_an_unpublished_year_says_that_it_is_provisional():
    lines = explanations.explanation(Limit(3, WD), [start("2027-09-30T10:00")], PLAIN, at("2027-10-01T10:00"))
    assert [line.when for line in lines[1:-1]] == ["10月1—3日", "10月4—6日"]
    assert all("暂按周末和固定节日" in line.basis for line in lines[1:-1])


def test_an_overdue_ruler_goes_on_to_the_present_but_not_for_ever():
    days = explanations.day_ruler(Limit(1, WD), [start("2025-11-03T09:00")], PLAIN, at("2025-11-10T12:00"))
    assert [day.kind.value for day in days] == ["gone", "over", "over", "over", "off", "off", "over"]
    long_ago = explanations.day_ruler(Limit(1, WD), [start("2020-11-03T09:00")], PLAIN, at("2025-11-10T12:00"))
    assert len(long_ago) == explanations.LONGEST_RULER
    assert [day.day.isoformat() for day in long_ago if day.caption in ("到期", "今天")] == ["2020-11-04", "2025-11-10"]


moments = st.integers(0, 500 * 24 * 60).map(lambda minutes: at("2025-06-01T00:00") + timedelta(minutes=minutes))


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 12), moments, st.lists(st.integers(1, 5 * 24 * 60), max_size=5), st.integers(0, 20 * 24 * 60))
def test_the_counted_days_are_exactly_the_limit(amount, begin, steps, later):
    book, moment = [Entry(EntryKind.START, begin)], begin
    for place, step in enumerate(steps):
        moment += timedelta(minutes=step)
        book.append(Entry(EntryKind.RESUME if place % 2 else EntryKind.PAUSE, moment))
    asked = moment + timedelta(minutes=later)
    due = clocks.due_at(Limit(amount, WD), book, PLAIN, asked)
    ruler = explanations.day_ruler(Limit(amount, WD), book, PLAIN, asked)
    lines = explanations.explanation(Limit(amount, WD), book, PLAIN, asked)
    counted = sum(int(line.counted.split()[1]) for line in lines if line.counted.startswith("计"))
    within = [day for day in ruler if day.day <= day_of(due - timedelta(seconds=1))]
    assert counted == sum(day.kind in (DayKind.GONE, DayKind.LEFT) for day in within)
    assert counted == amount
