"""Is one sending of a form of the case page kept once, and are two honest notes with the same words kept as two?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch.tests.make import fresh, received
from gongqing.lib import times
from tests.cast import Cast

NUMBER = r'steps/{verb}".*?name="sending" value="(\w{{32}})"'
LATER = timedelta(minutes=2)  # more than a button that is pressed twice
WORDS = "打了电话，没有人接"


@pytest.fixture
def signed(cast: Cast, browser_of: Callable[[str], Client]) -> Appeal:
    """A case that the town has signed."""
    appeal = received(by=SYSTEM, at=times.now())
    with scope.acting_as(SYSTEM):
        if fresh(appeal).status == "triage":
            appeals.classify_appeal(appeal_id=appeal.pk, code="LE01", by=SYSTEM, at=times.now())
    assert step(browser_of("town"), appeal, "sign").status_code == 302
    return appeal


def step(client: Client, appeal: Appeal, verb: str, *, later: timedelta = timedelta(), **sent: str) -> Any:
    """Send a form of the case page, now or later."""
    moment = times.now() + later
    with patch.object(times, "now", lambda: moment):
        return client.post(f"/desk/appeals/{appeal.code}/steps/{verb}", sent, follow=bool(later))


def number_in(client: Client, appeal: Appeal, verb: str = "note") -> str:
    """The once-only number of a form on a fresh page."""
    page = client.get(f"/desk/appeals/{appeal.code}").content.decode()
    found = re.search(NUMBER.format(verb=verb), page, re.DOTALL)
    assert found, "the form carries no number"
    return found[1]


def kept(appeal: Appeal, kind: str = "appeal.noted") -> int:
    """How many of this event the case has."""
    with scope.acting_as(SYSTEM):
        return Event.objects.filter(subject_kind="appeal", subject_id=appeal.pk, kind=kind).count()


def test_a_note_that_is_sent_again_minutes_later_is_kept_once(browser_of: Any, signed: Appeal) -> None:
    town = browser_of("town")
    sent = {"note": WORDS, "sending": number_in(town, signed)}
    assert step(town, signed, "note", **sent).status_code == 302
    page = step(town, signed, "note", later=LATER, **sent).content.decode()
    assert "只记一次" in page
    assert kept(signed) == 1


def test_the_same_words_from_a_fresh_page_are_another_note(browser_of: Any, signed: Appeal) -> None:
    town = browser_of("town")
    for later in (timedelta(), LATER):
        step(town, signed, "note", later=later, note=WORDS, sending=number_in(town, signed))
    assert kept(signed) == 2


def test_other_words_under_the_same_number_are_not_lost(browser_of: Any, signed: Appeal) -> None:
    town, number = browser_of("town"), number_in(browser_of("town"), signed)
    step(town, signed, "note", note=WORDS, sending=number)
    step(town, signed, "note", note=f"{WORDS}，下午再打", sending=number)
    assert kept(signed) == 2


@pytest.mark.parametrize(
    ("verb", "field", "kind"),
    [("contact", "note", "appeal.contacted_again"), ("report", "note", "appeal.reported")],
)
def test_other_forms_are_kept_once_as_well(browser_of: Any, signed: Appeal, verb: str, field: str, kind: str) -> None:
    town = browser_of("town")
    step(town, signed, "contact", note="先打了一次电话")
    known = kept(signed, kind)
    sent = {field: WORDS, "sending": number_in(town, signed, verb)}
    for later in (timedelta(), LATER):
        step(town, signed, verb, later=later, **sent)
    assert kept(signed, kind) == known + 1


def test_a_refused_form_keeps_its_number(browser_of: Any, signed: Appeal) -> None:
    town, number = browser_of("town"), number_in(browser_of("town"), signed)
    page = step(town, signed, "note", note="字", sending=number)
    assert page.status_code == 422
    assert f'value="{number}"' in page.content.decode()


def test_the_draft_of_what_was_sent_is_cleared(browser_of: Any, signed: Appeal) -> None:
    town = browser_of("town")
    page = step(town, signed, "note", later=LATER, note=WORDS).content.decode()
    assert f'data-draft-clear="{signed.code}-note"' in page
