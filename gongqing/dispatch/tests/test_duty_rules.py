"""Who is called next at a given instant, which hours has nobody, and which shifts does a pattern make?"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from gongqing.dispatch.rules import duty, duty_patterns
from gongqing.dispatch.rules.calendar_file import Entry, calendar_text
from gongqing.dispatch.rules.duty import DESK, EVERYBODY, Called, Rung, Watch, next_in_line
from gongqing.dispatch.rules.duty_patterns import Pattern, planned, sorted_out
from gongqing.lib.errors import BadInput
from gongqing.lib.times import SHANGHAI
from gongqing.lib.workdays import Calendar

CALENDAR = Calendar()
TOWN, COUNTY, CITY = 1, 2, 3
ANN, BO, CAI, DAI, ENO, FEI = 11, 12, 13, 21, 31, 14


def moment(text: str) -> datetime:
    """`10-14 03:10` in 2025: Monday 13 October is a working day; 1 to 8 October are holidays."""
    return datetime.strptime(f"2025-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def watch(user: int, rank: int, start: str, end: str) -> Watch:
    return Watch(user, f"人{user}", rank, moment(start), moment(end))


NIGHT = [
    watch(ANN, 1, "10-13 17:30", "10-14 08:30"),
    watch(BO, 2, "10-13 17:30", "10-14 08:30"),
    watch(CAI, 1, "10-14 17:30", "10-15 08:30"),
]
LADDER = [
    Rung(TOWN, "镇", NIGHT, 3),
    Rung(COUNTY, "县", [watch(DAI, 1, "10-13 17:30", "10-14 08:30")], 2),
    Rung(CITY, "市", [watch(ENO, 1, "10-13 17:30", "10-14 08:30")], 4),
]


def call(place: int, user: int | None, rank: int = 1) -> Called:
    return Called(place, user, rank)


TABLE = [
    ("at night the first rank", "10-14 03:10", [], (TOWN, ANN, 1)),
    ("then the second", "10-14 03:20", [call(TOWN, ANN)], (TOWN, BO, 2)),
    ("then the level above", "10-14 03:30", [call(TOWN, ANN), call(TOWN, BO, 2)], (COUNTY, DAI, 1)),
    ("then the city", "10-14 03:40", [call(TOWN, ANN), call(TOWN, BO, 2), call(COUNTY, DAI)], (CITY, ENO, 1)),
    (
        "then everybody at the city",
        "10-14 03:50",
        [call(TOWN, ANN), call(TOWN, BO, 2), call(COUNTY, DAI), call(CITY, ENO)],
        (CITY, None, EVERYBODY),
    ),
    ("the first second of a shift counts", "10-13 17:30", [], (TOWN, ANN, 1)),
    ("the last does not: then it is working time", "10-14 08:30", [], (TOWN, None, DESK)),
    ("in working hours the desk", "10-14 09:00", [], (TOWN, None, DESK)),
    ("then the desk above", "10-14 09:10", [call(TOWN, None, DESK)], (COUNTY, None, DESK)),
    ("then the city's desk", "10-14 09:20", [call(TOWN, None, DESK), call(COUNTY, None, DESK)], (CITY, None, DESK)),
    (
        "then everybody there",
        "10-14 09:30",
        [call(TOWN, None, DESK), call(COUNTY, None, DESK), call(CITY, None, DESK)],
        (CITY, None, EVERYBODY),
    ),
    (
        "a change of shift in the middle: the desk follows the night",
        "10-14 08:35",
        [call(TOWN, ANN)],
        (TOWN, None, DESK),
    ),
    ("the other way round: the night follows the desk", "10-14 17:35", [call(TOWN, None, DESK)], (TOWN, CAI, 1)),
    ("midday is no working time", "10-14 12:30", [], (CITY, None, EVERYBODY)),
    ("a hole at the town goes up at once, past every hole", "10-15 20:00", [], (CITY, None, EVERYBODY)),
    ("a holiday is no working time, though it is a Wednesday", "10-08 10:00", [], (CITY, None, EVERYBODY)),
    ("a Saturday that is worked is working time", "10-11 10:00", [], (TOWN, None, DESK)),
]


@pytest.mark.parametrize(("at", "called", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_who_is_called(at, called, expected):
    turn = next_in_line(LADDER, called, CALENDAR, moment(at))
    assert turn is not None
    assert (turn.organisation_id, turn.user_id, turn.rank) == expected


def test_holes_on_the_way_are_named_once():
    turn = next_in_line(LADDER, [], CALENDAR, moment("10-15 20:00"))
    assert turn is not None
    assert turn.holes == ("镇此刻没有人值班", "县此刻没有人值班", "市此刻没有人值班")
    later = next_in_line(LADDER, [call(TOWN, ANN), call(COUNTY, DAI)], CALENDAR, moment("10-15 20:10"))
    assert later is not None
    assert later.holes == ("市此刻没有人值班",)


def test_without_a_first_rank_the_second_is_called_and_it_is_said():
    rung = Rung(TOWN, "镇", [watch(BO, 2, "10-13 17:30", "10-14 08:30")], 2)
    turn = next_in_line([rung, *LADDER[1:]], [], CALENDAR, moment("10-14 03:00"))
    assert turn is not None
    assert (turn.user_id, turn.rank, turn.reason) == (BO, 2, "镇值班第二顺位，第一顺位空缺")


def test_nobody_is_called_twice_in_a_round():
    above = Rung(
        COUNTY, "县", [watch(ANN, 1, "10-13 17:30", "10-14 08:30"), watch(DAI, 2, "10-13 17:30", "10-14 08:30")], 2
    )
    turn = next_in_line([LADDER[0], above], [call(TOWN, ANN), call(TOWN, BO, 2)], CALENDAR, moment("10-14 03:00"))
    assert turn is not None
    assert (turn.organisation_id, turn.user_id) == (COUNTY, DAI)


def test_everybody_unanswered_is_called_six_times_and_no_more():
    called, at, seen = [], moment("10-14 02:00"), []
    while (turn := next_in_line(LADDER, called, CALENDAR, at)) is not None:
        seen.append((turn.organisation_id, turn.user_id))
        called.append(Called(turn.organisation_id, turn.user_id, turn.rank))
        at += timedelta(minutes=10)
    assert seen == [(TOWN, ANN), (TOWN, BO), (COUNTY, DAI), (CITY, ENO), *[(CITY, None)] * duty.MOST_REPEATS]


def test_nobody_at_all():
    assert next_in_line([], [], CALENDAR, moment("10-14 03:00")) is None
    empty = [Rung(TOWN, "镇"), Rung(CITY, "市")]
    assert next_in_line(empty, [], CALENDAR, moment("10-14 10:00")) is None


def spans(found):
    return [(f"{one.starts_at:%m-%d %H:%M}", f"{one.ends_at:%m-%d %H:%M}") for one in found]


def test_holes_are_what_neither_the_first_rank_nor_the_desk_covers():
    found = duty.holes(NIGHT, CALENDAR, start=moment("10-13 14:20"), end=moment("10-15 00:00"))
    assert spans(found) == [("10-14 12:00", "10-14 13:30")]
    found = duty.holes([], CALENDAR, start=moment("10-13 14:20"), end=moment("10-14 09:00"))
    assert spans(found) == [("10-13 17:30", "10-14 08:30")]
    second_rank = [watch(BO, 2, "10-13 17:30", "10-14 08:30")]
    assert spans(duty.holes(second_rank, CALENDAR, start=moment("10-13 14:20"), end=moment("10-14 09:00"))) == [
        ("10-13 17:30", "10-14 08:30")
    ]


def test_holes_of_rest_days_reach_from_evening_to_morning():
    found = duty.holes([], CALENDAR, start=moment("10-17 17:30"), end=moment("10-20 09:00"))
    assert spans(found) == [("10-17 17:30", "10-20 08:30")]
    part = [watch(ANN, 1, "10-18 08:30", "10-19 08:30")]
    found = duty.holes(part, CALENDAR, start=moment("10-17 17:30"), end=moment("10-20 09:00"))
    assert spans(found) == [("10-17 17:30", "10-18 08:30"), ("10-19 08:30", "10-20 08:30")]


def test_a_place_without_a_desk_has_holes_in_working_hours():
    found = duty.holes([], CALENDAR, start=moment("10-14 08:30"), end=moment("10-14 10:00"), has_desk=False)
    assert spans(found) == [("10-14 08:30", "10-14 10:00")]


def test_somebody_in_two_places_is_named():
    here, there = watch(ANN, 1, "10-13 17:30", "10-14 08:30"), watch(ANN, 2, "10-14 06:00", "10-14 12:00")
    found = duty.clashes([("镇", here), ("县", there), ("县", watch(BO, 1, "10-13 17:30", "10-14 08:30"))])
    assert [(one.name, one.places) for one in found] == [("人11", ("镇", "县"))]
    assert spans([found[0].span]) == [("10-14 06:00", "10-14 08:30")]
    assert duty.clashes([("镇", here), ("县", watch(ANN, 1, "10-14 08:30", "10-14 12:00"))]) == []


PEOPLE = ((ANN, "安"), (BO, "博"), (CAI, "蔡"))


def test_a_pattern_leaves_no_hole_over_a_holiday():
    pattern = Pattern(PEOPLE, ranks=2, first=date(2025, 9, 29), weeks=2)
    found = planned(pattern, CALENDAR)
    assert duty.holes(found, CALENDAR, start=moment("09-29 08:30"), end=moment("10-13 08:30")) == []
    for rank in (1, 2):
        mine = [one for one in found if one.rank == rank]
        assert not any(one.meets(other) for number, one in enumerate(mine) for other in mine[number + 1 :])
    first_of = {one.starts_at.date(): one for one in found if one.rank == 1}
    assert [first_of[date(2025, 9, 29) + timedelta(step)].user_id for step in range(4)] == [ANN, BO, CAI, ANN]
    assert all(
        one.user_id != other.user_id for one in found for other in found if one.rank < other.rank and one.meets(other)
    )


def test_a_pattern_by_week_and_by_kind_of_hours():
    nights = planned(
        Pattern(PEOPLE, ranks=1, first=date(2025, 10, 13), weeks=2, noons=False, rest_days=False, turn="week"), CALENDAR
    )
    assert [one.user_id for one in nights] == [ANN] * 5 + [BO] * 5
    assert {f"{one.starts_at:%H:%M}-{one.ends_at:%H:%M}" for one in nights} == {"17:30-08:30"}
    rest = planned(Pattern(PEOPLE, ranks=1, first=date(2025, 10, 13), weeks=1, nights=False, noons=False), CALENDAR)
    assert spans(rest) == [("10-18 08:30", "10-19 08:30"), ("10-19 08:30", "10-20 08:30")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"people": ()}, "people"),
        ({"people": (PEOPLE[0], PEOPLE[0])}, "people"),
        ({"ranks": 0}, "ranks"),
        ({"ranks": 4}, "ranks"),
        ({"people": PEOPLE[:1], "ranks": 2}, "ranks"),
        ({"weeks": 13}, "weeks"),
        ({"nights": False, "noons": False, "rest_days": False}, "hours"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_named(change, field):
    given = {"people": PEOPLE, "ranks": 1, "first": date(2025, 10, 13), "weeks": 1, **change}
    with pytest.raises(BadInput) as refused:
        duty_patterns.check_pattern(Pattern(**given))
    assert refused.value.field == field


def test_what_is_taken_already_is_left_out_and_said():
    held = [watch(CAI, 1, "10-13 20:00", "10-13 22:00")]
    wanted = [
        watch(ANN, 1, "10-13 17:30", "10-14 08:30"),
        watch(CAI, 2, "10-13 17:30", "10-14 08:30"),
        watch(BO, 3, "10-13 17:30", "10-14 08:30"),
        watch(BO, 2, "10-13 17:30", "10-14 08:30"),
    ]
    assert [why for _, why in sorted_out(wanted, held)] == [
        "这个时段的第 1 顺位已排人13",
        "人13这个时段已排在第 1 顺位",
        "",
        "人12这个时段已排在第 3 顺位",
    ]


@pytest.mark.parametrize(
    ("rank", "start", "end", "field"),
    [
        (0, "10-14 17:30", "10-15 08:30", "rank"),
        (4, "10-14 17:30", "10-15 08:30", "rank"),
        (1, "10-14 17:30", "10-14 17:30", "ends_at"),
        (1, "10-14 17:30", "10-23 17:30", "ends_at"),
        (1, "10-12 17:30", "10-13 08:30", "ends_at"),
    ],
)
def test_what_is_wrong_with_a_shift_is_named(rank, start, end, field):
    with pytest.raises(BadInput) as refused:
        duty.check_shift(watch(ANN, rank, start, end), now=moment("10-13 14:20"))
    assert refused.value.field == field


def test_a_calendar_file_is_folded_and_escaped():
    entry = Entry(
        "shift-1@gongqing", "值班，第一顺位；" * 6, "A, B; C\\D", moment("10-13 17:30"), moment("10-14 08:30")
    )
    text = calendar_text([entry], name="我的值班", at=moment("10-13 14:20"))
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    plain = text.replace("\r\n ", "")
    assert "DTSTART:20251013T093000Z\r\n" in plain
    assert "LOCATION:A\\, B\\; C\\\\D\r\n" in plain
    assert "SUMMARY:" + "值班，第一顺位；" * 6 + "\r\n" in plain
