"""Is the trace complete for those who may read it, and closed to everybody else?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from gongqing.audit import events, scope
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.insight.queries import trace
from gongqing.insight.queries.trace import TraceFilters
from gongqing.insight.rules.trace_words import KIND_WORDS, SUBJECT_WORDS
from gongqing.lib.errors import BadInput, NotFound
from tests.cast import Cast


def test_the_auditor_reads_what_was_done_in_chinese(
    cast: Cast, browser_of: Callable[[str], Client], at: datetime
) -> None:
    appeal = received(WAGES, by=cast.worker.actor, at=at)
    page = browser_of("auditor").get(f"/desk/trace?code={appeal.code}").content.decode()
    assert "收到，赋码" in page
    assert "派单" in page
    assert f"/desk/appeals/{appeal.code}" in page


def test_pages_follow_each_other_without_gaps(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "PAGE", 3)
    with scope.acting_as(cast.auditor.actor):
        seen, before = [], None
        while True:
            lines, before = trace.events_page(cast.auditor.actor, TraceFilters(), before=before)
            seen += [line.id for line in lines]
            if before is None:
                break
        assert seen == sorted(set(seen), reverse=True)
        assert len(seen) == events.Event.objects.count()


def test_filters_narrow(cast: Cast, at: datetime) -> None:
    appeal = received(WAGES, by=cast.worker.actor, at=at)
    received(WAGES, by=cast.hotline.actor, at=at + timedelta(days=1))
    with scope.acting_as(cast.auditor.actor):

        def asked(**given: str) -> list[trace.TraceLine]:
            return trace.events_page(cast.auditor.actor, TraceFilters(**given), before=None)[0]

        assert {line.code for line in asked(code=appeal.code)} == {appeal.code}
        assert len(asked(kind="appeal.received")) == 2
        assert len(asked(kind="appeal.received", day="2025-10-13")) == 1
        assert len(asked(kind="appeal.received", who=cast.worker.actor.name)) == 1
        with pytest.raises(BadInput):
            asked(day="2025-02-30")
        with pytest.raises((BadInput, NotFound)):
            asked(code="GQ000")


def test_looks_say_who_and_why(cast: Cast, browser_of: Callable[[str], Client], at: datetime) -> None:
    appeal = received(WAGES, by=cast.worker.actor, at=at)
    events.record_access(
        "person.phone_revealed",
        subject_kind="person",
        subject_id=cast.worker.actor.person_id,
        by=cast.town.actor,
        at=at,
        reason="电话核实欠薪月份",
        address="10.0.0.8",
    )
    events.record_access("appeal.opened", subject_kind="appeal", subject_id=appeal.pk, by=cast.town.actor, at=at)
    page = browser_of("auditor").get("/desk/trace/looks").content.decode()
    assert all(one in page for one in ("电话核实欠薪月份", "10.0.0.8", "打开诉求", cast.town.actor.name))


@pytest.mark.parametrize("place", ["/desk/trace", "/desk/trace/looks"])
@pytest.mark.parametrize(
    ("name", "status"),
    [("", 302), ("worker", 403), ("town", 403), ("county", 403), ("admin", 403), ("outsider", 403), ("city", 200)],
)
def test_who_reads_the_trace(place: str, name: str, status: int, browser_of: Callable[[str], Client]) -> None:
    assert browser_of(name).get(place).status_code == status
    assert browser_of(name).post(place).status_code in {302, 403, 405}


@pytest.mark.parametrize("query", ["day=x", "code=x", "before=-1", "before=9999999999999999999999"])
def test_wrong_filters_are_named(query: str, browser_of: Callable[[str], Client]) -> None:
    assert browser_of("auditor").get(f"/desk/trace?{query}").status_code == 422


def test_odd_characters_do_no_harm(browser_of: Callable[[str], Client]) -> None:
    assert browser_of("auditor").get("/desk/trace?who=%00%27%3Cb%3E&kind=%00").status_code == 200


def test_every_kind_has_a_chinese_name() -> None:
    written = {
        word
        for path in Path("gongqing").rglob("*.py")
        if "tests" not in path.parts
        for call in re.findall(r"events\.record(?:_access)?\(\s*(\"[^\"]+\")", path.read_text(encoding="utf-8"))
        for word in [call.strip('"')]
    }
    assert written - set(KIND_WORDS) == set()
    assert all(re.search(r"[\u4e00-\u9fff]", words) for words in [*KIND_WORDS.values(), *SUBJECT_WORDS.values()])


def test_every_thing_that_is_named_has_a_chinese_name() -> None:
    named = {
        kind
        for path in Path("gongqing").rglob("*.py")
        if "tests" not in path.parts
        for kind in re.findall(r"subject_kind=\"(\w+)\"", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert named - set(SUBJECT_WORDS) == set()
