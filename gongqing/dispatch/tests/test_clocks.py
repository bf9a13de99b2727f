"""The clock at fixed instants: holidays, make-up days, pauses, extensions, reopening, merging, imports."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongqing.dispatch.rules import clocks, ledger
from gongqing.dispatch.rules.clocks import ClockState, WarningLevel
from gongqing.dispatch.rules.first_policy import FIRST_POLICY
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import ClockName, Limit, Unit, limits_for
from gongqing.lib.errors import NotAllowed
from gongqing.lib.times import SHANGHAI
from gongqing.lib.workdays import Calendar

PLAIN = Calendar()
WD, WH, MIN, HOUR, DAY = Unit.WORKDAYS, Unit.WORKING_HOURS, Unit.NATURAL_MINUTES, Unit.NATURAL_HOURS, Unit.NATURAL_DAYS


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def entries(text):
    """`start 2025-09-28T10:12; pause 2025-10-09T15:40 5 workdays; resume …` as a ledger."""
    units = {unit.value: unit for unit in Unit}
    made = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        kind, moment, *limit = part.split()
        amount, unit = (float(limit[0]), units[limit[1]]) if limit else (None, None)
        made.append(Entry({each.value: each for each in EntryKind}[kind], at(moment), amount, unit))
    return made


# Each row: what it shows, limit, ledger, deadline ("24:00" is written as 00:00 of the next day).
TABLE = [
    ("the look board's example", (7, WD), "start 2025-09-28T10:12; pause 2025-10-09T15:40; resume 2025-10-10T15:40", "2025-10-16T00:00"),
    ("the same without the pause", (7, WD), "start 2025-09-28T10:12", "2025-10-15T00:00"),
    ("sign in 2 working hours over lunch", (2, WH), "start 2025-09-28T10:12", "2025-09-28T13:42"),
    ("contact in 4 working hours", (4, WH), "start 2025-09-28T10:12", "2025-09-28T15:42"),
    ("a report 2 working days on", (2, WD), "start 2025-10-11T10:05", "2025-10-15T00:00"),
    ("a normal week", (3, WD), "start 2025-11-03T09:00", "2025-11-07T00:00"),
    ("over a weekend", (3, WD), "start 2025-11-06T09:00", "2025-11-12T00:00"),
    ("received on a Saturday", (1, WD), "start 2025-11-08T09:00", "2025-11-11T00:00"),
    ("received after 17:30 the start day is still not counted", (1, WD), "start 2025-11-03T20:00", "2025-11-05T00:00"),
    ("received at midnight", (1, WD), "start 2025-11-04T00:00", "2025-11-06T00:00"),
    ("hours after 17:30 begin next morning", (2, WH), "start 2025-11-03T17:31", "2025-11-04T10:30"),
    ("hours before work begin at 08:30", (2, WH), "start 2025-11-03T06:00", "2025-11-03T10:30"),
    ("hours during lunch begin at 13:30", (2, WH), "start 2025-11-03T12:20", "2025-11-03T15:30"),
    ("hours that fill the morning end at noon", (2, WH), "start 2025-11-03T10:00", "2025-11-03T12:00"),
    ("hours over the weekend", (4, WH), "start 2025-11-07T16:00", "2025-11-10T11:00"),
    ("hours over the National Day holiday", (4, WH), "start 2025-09-30T16:00", "2025-10-09T11:00"),
    ("hours on a make-up Saturday", (4, WH), "start 2025-10-11T09:00", "2025-10-11T14:30"),
    ("received inside the holiday", (1, WD), "start 2025-10-04T12:00", "2025-10-10T00:00"),
    ("over Spring Festival 2025 with its make-up day", (3, WD), "start 2025-01-26T10:00", "2025-02-07T00:00"),
    ("over Spring Festival 2026", (3, WD), "start 2026-02-13T10:00", "2026-02-26T00:00"),
    ("over National Day 2026 and the make-up Saturday", (3, WD), "start 2026-09-30T10:00", "2026-10-11T00:00"),
    ("the make-up Sunday before National Day 2026", (1, WD), "start 2026-09-18T10:00", "2026-09-21T00:00"),
    ("over New Year 2026 with its make-up Sunday", (2, WD), "start 2025-12-31T10:00", "2026-01-06T00:00"),
    ("2027 is provisional: fixed dates and weekends", (3, WD), "start 2027-09-30T10:00", "2027-10-07T00:00"),
    ("2027 is provisional: no Spring Festival known", (2, WD), "start 2027-02-05T10:00", "2027-02-10T00:00"),
    ("red in natural minutes at night", (30, MIN), "start 2025-10-03T23:50", "2025-10-04T00:20"),
    ("red in natural hours on a holiday", (2, HOUR), "start 2025-10-03T23:00", "2025-10-04T01:00"),
    ("red in natural days over the holiday", (5, DAY), "start 2025-09-30T10:00", "2025-10-06T00:00"),
    ("red with a pause in natural time", (5, DAY), "start 2025-09-30T10:00; pause 2025-10-01T10:00; resume 2025-10-02T10:00", "2025-10-07T00:00"),
    ("natural hours paused to the minute", (2, HOUR), "start 2025-11-03T10:00; pause 2025-11-03T11:00; resume 2025-11-03T11:20", "2025-11-03T12:20"),
    ("working hours paused to the minute", (4, WH), "start 2025-11-03T10:00; pause 2025-11-03T11:00; resume 2025-11-03T11:20", "2025-11-03T15:50"),
    ("a pause over the whole holiday takes nothing but working time", (7, WD), "start 2025-09-28T10:12; pause 2025-09-30T17:30; resume 2025-10-09T08:30", "2025-10-15T00:00"),
    ("a pause over the holiday and one working day", (7, WD), "start 2025-09-28T10:12; pause 2025-09-30T17:30; resume 2025-10-10T08:30", "2025-10-16T00:00"),
    ("resumed the same day: part of a day counts as one", (3, WD), "start 2025-11-03T09:00; pause 2025-11-04T10:00; resume 2025-11-04T11:00", "2025-11-08T00:00"),
    ("two short pauses are rounded up together", (3, WD), "start 2025-11-03T09:00; pause 2025-11-04T10:00; resume 2025-11-04T11:00; pause 2025-11-05T10:00; resume 2025-11-05T11:00", "2025-11-08T00:00"),
    ("paused and resumed in the lunch break takes nothing", (3, WD), "start 2025-11-03T09:00; pause 2025-11-04T12:05; resume 2025-11-04T13:10", "2025-11-07T00:00"),
    ("paused before counting begins", (3, WD), "start 2025-11-03T09:00; pause 2025-11-03T10:00; resume 2025-11-03T16:00", "2025-11-07T00:00"),
    ("a pause ends by itself after 5 working days", (3, WD), "start 2025-11-03T09:00; pause 2025-11-04T00:00 5 workdays; resume 2025-11-28T10:00", "2025-11-15T00:00"),
    ("a pause after the deadline changes nothing", (3, WD), "start 2025-11-03T09:00; pause 2025-11-10T09:00; resume 2025-11-12T09:00", "2025-11-07T00:00"),
    ("paused in the last evening, resumed days later", (3, WD), "start 2025-11-03T09:00; pause 2025-11-06T18:00; resume 2025-11-09T10:00", "2025-11-11T00:00"),
    ("extended", (7, WD), "start 2025-09-28T10:12; extend 2025-10-13T10:00 3 workdays", "2025-10-18T00:00"),
    ("extended while paused", (7, WD), "start 2025-09-28T10:12; pause 2025-10-09T15:40; extend 2025-10-10T09:00 2 workdays; resume 2025-10-10T15:40", "2025-10-18T00:00"),
    ("extended in another unit: after what was due", (5, DAY), "start 2025-09-30T10:00; extend 2025-10-04T10:00 2 workdays", "2025-10-11T00:00"),
    ("a changed limit keeps the pause", (10, WD), "start 2025-09-28T10:12; pause 2025-10-09T15:40; resume 2025-10-10T15:40; relimit 2025-10-11T09:00 7 workdays", "2025-10-16T00:00"),
    ("reopened: a new round with the whole limit", (7, WD), "start 2025-09-01T10:00; stop 2025-09-05T10:00; start 2025-09-28T10:12", "2025-10-15T00:00"),
    ("the next report counts from the last one", (2, WD), "start 2025-09-28T10:12; stop 2025-09-30T16:20; start 2025-09-30T16:20 2 workdays; pause 2025-10-09T15:40; resume 2025-10-10T15:40", "2025-10-12T00:00"),
    ("red: first report in 2 hours, the next the day after", (2, HOUR), "start 2025-10-01T10:00; stop 2025-10-01T11:00; start 2025-10-01T11:00 1 natural_days", "2025-10-03T00:00"),
    ("received in the past the deadline may be past too", (3, WD), "start 2025-08-01T10:00", "2025-08-07T00:00"),
    ("the end of the year", (5, WD), "start 2026-12-30T10:00", "2027-01-08T00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("limit", "text", "due"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_deadlines(limit, text, due):
    assert clocks.due_at(Limit(*limit), entries(text), PLAIN) == at(due)


SEVEN = Limit(7, WD)
BOARD = "start 2025-09-28T10:12; pause 2025-10-09T15:40 5 workdays; resume 2025-10-10T15:40"

STATES = [
    ("before counting begins", "start 2025-09-28T10:12", "2025-09-28T18:00", "running", 1.0, "none"),
    ("after one working day", "start 2025-09-28T10:12", "2025-09-29T17:30", "running", 6 / 7, "none"),
    ("the night changes nothing", "start 2025-09-28T10:12", "2025-09-30T03:00", "running", 6 / 7, "none"),
    ("the holiday changes nothing", "start 2025-09-28T10:12", "2025-10-08T20:00", "running", 5 / 7, "none"),
    ("past half", "start 2025-09-28T10:12", "2025-10-11T13:00", "running", 1 - (4 + 3.5 / 7.5) / 7, "half"),
    ("a fifth left", "start 2025-09-28T10:12", "2025-10-14T08:30", "running", 1 / 7, "fifth"),
    ("the last evening is not late", "start 2025-09-28T10:12", "2025-10-14T23:59", "running", 0.0, "fifth"),
    ("at 24:00 itself it is not late", "start 2025-09-28T10:12", "2025-10-15T00:00", "running", 0.0, "fifth"),
    ("a second later it is", "start 2025-09-28T10:12", "2025-10-15T00:00:01", "overdue", 0.0, "overdue"),
    ("the look board", BOARD, "2025-10-13T14:20", "running", 1 - (34 + 1 / 3) / 52.5, "half"),
    ("while paused nothing warns", BOARD[: BOARD.rindex(";")], "2025-10-10T09:00", "paused", None, "none"),
    ("a pause that ran out runs on", BOARD[: BOARD.rindex(";")], "2025-10-17T09:00", "running", None, "half"),
    ("a forgotten pause ends late too", BOARD[: BOARD.rindex(";")], "2025-11-17T09:00", "overdue", 0.0, "overdue"),
    ("met on the last evening", "start 2025-09-28T10:12; stop 2025-10-14T23:00", "2025-12-01T09:00", "met", 0.0, "none"),
    ("met too late stays late and is silent", "start 2025-09-28T10:12; stop 2025-10-15T09:00", "2025-12-01T09:00", "overdue", 0.0, "none"),
    ("merged", "start 2025-09-28T10:12; cancel 2025-10-09T10:00", "2025-12-01T09:00", "stopped", None, "none"),
    ("withdrawn when late", "start 2025-09-28T10:12; cancel 2025-11-09T10:00", "2025-12-01T09:00", "stopped", 0.0, "none"),
    ("withdrawn while paused", "start 2025-09-28T10:12; pause 2025-10-09T10:00; cancel 2025-10-10T10:00", "2025-12-01T09:00", "stopped", None, "none"),
    ("resolved while paused", "start 2025-09-28T10:12; pause 2025-10-09T10:00; stop 2025-10-10T10:00", "2025-12-01T09:00", "met", None, "none"),
    ("reopened, fresh", "start 2025-09-01T10:00; stop 2025-09-05T10:00; start 2025-09-28T10:12", "2025-09-28T12:00", "running", 1.0, "none"),
    ("a pause after the deadline hides nothing", "start 2025-09-28T10:12; pause 2025-10-20T09:00", "2025-10-21T09:00", "overdue", 0.0, "overdue"),
    ("paused in the last evening", "start 2025-09-28T10:12; pause 2025-10-14T18:00", "2025-10-15T03:00", "paused", 0.0, "none"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "asked", "state", "left", "warning"), [row[1:] for row in STATES], ids=[row[0] for row in STATES]
)
def test_where_it_stands(text, asked, state, left, warning):
    book = entries(text)
    assert clocks.state(SEVEN, book, PLAIN, at(asked)) == state
    assert clocks.warning_level(SEVEN, book, PLAIN, at(asked)) == warning
    if left is not None:
        assert clocks.left_share(SEVEN, book, PLAIN, at(asked)) == pytest.approx(left, abs=1e-9)


def test_an_open_pause_moves_the_deadline_with_the_clock():
    book = entries("start 2025-11-03T09:00; pause 2025-11-04T08:30")
    assert clocks.due_at(Limit(3, WD), book, PLAIN) == at("2025-11-07T00:00")
    assert clocks.due_at(Limit(3, WD), book, PLAIN, at("2025-11-05T17:30")) == at("2025-11-11T00:00")


def test_a_changed_calendar_moves_an_open_clock():
    typhoon = Calendar({date(2025, 9, 29): False})
    book = entries("start 2025-09-28T10:12")
    assert clocks.due_at(SEVEN, book, typhoon) == at("2025-10-16T00:00")
    published = Calendar({date(2027, 10, day): False for day in (4, 5, 6, 7)}, settled_years=frozenset({2027}))
    later = entries("start 2027-09-30T10:00")
    assert clocks.due_at(Limit(3, WD), later, PLAIN) == at("2027-10-07T00:00")
    assert clocks.due_at(Limit(3, WD), later, published) == at("2027-10-13T00:00")


def test_the_clocks_of_an_appeal_received_in_the_past():
    made = limits_for(FIRST_POLICY, grade="orange", category_days=10)
    opened = ledger.opening_entries(made, received_at=at("2025-09-26T16:00"), entered_at=at("2025-09-28T10:12"))
    starts = {name: entry.at for name, (_, entry) in opened.items()}
    assert starts == {
        ClockName.SIGN: at("2025-09-28T10:12"),
        ClockName.CONTACT: at("2025-09-28T10:12"),
        ClockName.REPORT: at("2025-09-28T10:12"),
        ClockName.CLOSE: at("2025-09-26T16:00"),
    }


def test_an_imported_closed_case_has_no_clocks():
    made = limits_for(FIRST_POLICY, grade="red", category_days=10)
    moments = {"received_at": at("2025-01-01T10:00"), "entered_at": at("2025-09-28T10:12")}
    assert ledger.opening_entries(made, **moments, is_closed=True) == {}
    assert clocks.state(SEVEN, [], PLAIN, at("2025-12-01T09:00")) is ClockState.STOPPED
    assert clocks.warning_level(SEVEN, [], PLAIN, at("2025-12-01T09:00")) is WarningLevel.NONE


def test_reassigning_restarts_sign_and_owed_contact_only():
    moment, running = at("2025-10-09T10:00"), entries("start 2025-09-28T10:12")
    done = entries("start 2025-09-28T10:12; stop 2025-09-28T11:00")

    def kinds(name, book):
        return [entry.kind.value for entry in ledger.reassigned_entries(name, book, at=moment, reason="改派")]

    assert kinds(ClockName.SIGN, running) == ["cancel", "start"]
    assert kinds(ClockName.SIGN, done) == ["start"]
    assert kinds(ClockName.CONTACT, running) == ["cancel", "start"]
    assert [kinds(name, done) for name in (ClockName.CONTACT, ClockName.REPORT, ClockName.CLOSE)] == [[], [], []]
    assert [kinds(name, running) for name in (ClockName.REPORT, ClockName.CLOSE)] == [[], []]
    again = [*done, *ledger.reassigned_entries(ClockName.SIGN, done, at=moment, reason="改派")]
    assert clocks.due_at(Limit(1, WD), again, PLAIN) == at("2025-10-11T00:00")


def test_reopening_begins_a_new_round():
    done = entries("start 2025-09-01T10:00; stop 2025-09-20T10:00")
    again = [*done, *ledger.reopened_entries(done, at=at("2025-09-28T10:12"), reason="职工不满意，退回重办")]
    assert clocks.due_at(SEVEN, again, PLAIN) == at("2025-10-15T00:00")
    assert clocks.state(SEVEN, again, PLAIN, at("2025-09-29T10:00")) is ClockState.RUNNING


def test_a_report_ends_its_round_and_begins_the_next():
    every = Limit(2, WD, "每 2 个工作日")
    moment = at("2025-09-30T16:20")
    book = [*entries("start 2025-09-28T10:12"), *ledger.reported_entries(every, at=moment)]
    assert clocks.due_at(every, book, PLAIN) == at("2025-10-11T00:00")
    once = [*entries("start 2025-09-28T10:12"), *ledger.reported_entries(None, at=moment)]
    assert clocks.state(every, once, PLAIN, at("2025-12-01T00:00")) is ClockState.MET


@pytest.mark.parametrize(
    ("book", "entry"),
    [
        ("start 2025-11-03T09:00", "start 2025-11-04T09:00"),
        ("start 2025-11-03T09:00", "resume 2025-11-04T09:00"),
        ("start 2025-11-03T09:00", "stop 2025-11-02T09:00"),
        ("start 2025-11-03T09:00; pause 2025-11-04T09:00", "pause 2025-11-05T09:00"),
        ("start 2025-11-03T09:00; stop 2025-11-04T09:00", "pause 2025-11-05T09:00"),
        ("start 2025-11-03T09:00; cancel 2025-11-04T09:00", "extend 2025-11-05T09:00 1 workdays"),
        ("", "pause 2025-11-05T09:00"),
    ],
)
def test_what_a_ledger_refuses(book, entry):
    with pytest.raises(NotAllowed):
        ledger.check_can_append(entries(book), entries(entry)[0])


@pytest.mark.parametrize(
    ("book", "entry"),
    [
        ("", "start 2025-11-03T09:00"),
        ("start 2025-11-03T09:00; pause 2025-11-04T09:00", "resume 2025-11-04T09:00"),
        ("start 2025-11-03T09:00; pause 2025-11-04T09:00", "stop 2025-11-05T09:00"),
        ("start 2025-11-03T09:00; stop 2025-11-04T09:00", "start 2025-11-04T09:00"),
    ],
)
def test_what_a_ledger_takes(book, entry):
    ledger.check_can_append(entries(book), entries(entry)[0])


def test_a_stored_row_is_an_entry_again():
    row = {
        "kind": "pause",
        "at": at("2025-11-03T09:00"),
        "amount": 5.0,
        "unit": "workdays",
        "reason": "待补材料",
        "source": "",
    }
    assert Entry.from_row(row) == Entry(EntryKind.PAUSE, row["at"], 5.0, WD, "待补材料")
    assert Entry.from_row({**row, "unit": "", "amount": None}).limit is None
    with pytest.raises(ValueError, match="not an entry"):
        Entry.from_row({**row, "kind": "freeze"})


moments = st.integers(0, 700 * 24 * 60).map(lambda minutes: at("2025-06-01T00:00") + timedelta(minutes=minutes))
all_limits = st.builds(Limit, st.integers(1, 20), st.sampled_from(list(Unit)))
gaps = st.lists(st.integers(0, 8 * 24 * 60), max_size=8)


def with_pauses(start, steps):
    book, moment = [Entry(EntryKind.START, start)], start
    for place, step in enumerate(steps):
        moment += timedelta(minutes=step)
        book.append(Entry(EntryKind.RESUME if place % 2 else EntryKind.PAUSE, moment))
    return book


@settings(max_examples=200, deadline=None)
@given(all_limits, moments, gaps)
def test_a_deadline_is_never_before_the_start(limit, start, steps):
    assert clocks.due_at(limit, with_pauses(start, steps), PLAIN) > start


@settings(max_examples=200, deadline=None)
@given(all_limits, moments, gaps, st.integers(0, 8 * 24 * 60))
def test_another_pause_never_makes_it_earlier(limit, start, steps, more):
    steps = steps[: len(steps) // 2 * 2]
    book = with_pauses(start, steps)
    longer = [
        *book,
        Entry(EntryKind.PAUSE, book[-1].at),
        Entry(EntryKind.RESUME, book[-1].at + timedelta(minutes=more)),
    ]
    assert clocks.due_at(limit, longer, PLAIN) >= clocks.due_at(limit, book, PLAIN)


@settings(max_examples=200, deadline=None)
@given(all_limits, moments, gaps, st.integers(0, 10), st.integers(0, 10), st.sampled_from(list(Unit)))
def test_a_longer_extension_is_never_earlier(limit, start, steps, amount, more, unit):
    book = with_pauses(start, steps)
    dues = [
        clocks.due_at(limit, [*book, Entry(EntryKind.EXTEND, book[-1].at, size, unit)], PLAIN)
        for size in (amount, amount + more)
    ]
    assert clocks.due_at(limit, book, PLAIN) <= dues[0] <= dues[1]


@settings(max_examples=200, deadline=None)
@given(all_limits, moments, gaps, st.integers(0, 30 * 24 * 60), st.integers(0, 30 * 24 * 60))
def test_what_is_left_only_shrinks(limit, start, steps, first, second):
    book = with_pauses(start, steps)
    asked = [book[-1].at + timedelta(minutes=minutes) for minutes in sorted((first, first + second))]
    shares = [clocks.left_share(limit, book, PLAIN, moment) for moment in asked]
    assert 1 >= shares[0] >= shares[1] >= 0


@settings(max_examples=200, deadline=None)
@given(all_limits, moments, gaps, st.integers(0, 60 * 24 * 60), st.sampled_from([EntryKind.STOP, EntryKind.CANCEL]))
def test_nothing_that_ended_ever_warns(limit, start, steps, later, kind):
    book = with_pauses(start, steps)
    book.append(Entry(kind, book[-1].at))
    assert clocks.warning_level(limit, book, PLAIN, book[-1].at + timedelta(minutes=later)) is WarningLevel.NONE
    assert clocks.state(limit, book, PLAIN, book[-1].at) in (ClockState.MET, ClockState.OVERDUE, ClockState.STOPPED)
