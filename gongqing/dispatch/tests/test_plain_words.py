"""Are days and deeds told in plain words?"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gongqing.appeals.rules.statuses import Status
from gongqing.dispatch.rules.clocks import reckon
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import Limit, Unit
from gongqing.dispatch.rules.plain_words import (
    Deed,
    Phase,
    first_sentence,
    reading_deadline,
    standing_words,
    step_of,
    why_that_day,
)
from gongqing.lib.times import SHANGHAI
from gongqing.lib.workdays import Calendar

SAID = datetime(2025, 9, 28, 10, 12, tzinfo=SHANGHAI)
TRADE = ("工单", "派单", "流转", "签收", "督办", "起算", "时限", "归档", "退单")


def why(limit: Limit, *more: Entry, at: datetime = SAID) -> list[str]:
    return why_that_day(reckon(limit, [Entry(EntryKind.START, SAID), *more], Calendar(), at), Calendar())


def test_the_national_day_is_named_and_its_make_up_day_counts() -> None:
    assert why(Limit(7, Unit.WORKDAYS)) == [
        "要 7 个工作日，从说的第二天算起",
        "10月1—8日国庆节、中秋节放假，不算",
        "10月11日（周六）调休上班，要算",
        "周末不算",
    ]


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        (Unit.NATURAL_HOURS, "要 24 个小时，夜里和节假日也算"),
        (Unit.WORKING_HOURS, "要 24 个小时，只算上班时间"),
        (Unit.NATURAL_DAYS, "要 24 天，从第二天算起，节假日也算"),
    ],
)
def test_other_units(unit: Unit, words: str) -> None:
    assert why(Limit(24, unit))[0] == words


def test_a_pause_and_an_extension_are_told() -> None:
    pause = Entry(EntryKind.PAUSE, datetime(2025, 9, 29, 15, 0, tzinfo=SHANGHAI), reason="等材料")
    resume = Entry(EntryKind.RESUME, datetime(2025, 9, 30, 15, 0, tzinfo=SHANGHAI))
    longer = Entry(EntryKind.EXTEND, datetime(2025, 9, 30, 16, 0, tzinfo=SHANGHAI), 3, Unit.WORKDAYS)
    told = why(Limit(7, Unit.WORKDAYS), pause, resume, longer, at=datetime(2025, 9, 30, 17, 0, tzinfo=SHANGHAI))
    assert "难办，上级同意多办 3 个工作日" in told
    assert any(words.startswith("9月29日（周一）到9月30日（周二）停过") for words in told)


def test_a_person_reads_by_the_end_of_the_next_working_day() -> None:
    assert reading_deadline(datetime(2025, 9, 30, 1, 0, tzinfo=UTC), Calendar()).date() == date(2025, 10, 9)


def test_every_status_has_words_without_the_trade() -> None:
    for status in Status:
        words = standing_words(status, "新碶街道总工会")
        assert words
        assert not any(word in words for word in TRADE)


@pytest.mark.parametrize("kind", ["appeal.noted", "appeal.read", "appeal.clock_warned", "x.y"])
def test_inner_work_is_no_step(kind: str) -> None:
    assert step_of(Deed(kind, {}, note="内部")) is None


def test_more_time_is_told_in_the_days_that_count() -> None:
    step = step_of(Deed("appeal.extension_granted", {"working_days": 5}))
    assert step is not None
    assert step.text == "事情难办，答复日往后推 5 个工作日"


def test_a_report_tells_its_first_sentence() -> None:
    step = step_of(Deed("appeal.reported", {}, note="厂里认了账。老板是熟人", place="新碶街道总工会"))
    assert step is not None
    assert (step.phase, step.note) == (Phase.HANDLED, "厂里认了账")
    assert first_sentence(" 。") == ""
