"""Hear appeals that came in once more for words of danger, with the encoder, and let a person look first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate, pairwise

from django.db import transaction

from gongqing.appeals import queries
from gongqing.appeals.models import Appeal, ListeningMark
from gongqing.appeals.queries.careful_reading import is_untouched
from gongqing.appeals.queries.listening import (
    LATE_WRITERS,
    have_written,
    listening_mark,
    moment,
    newest_appeal,
    unheard,
)
from gongqing.appeals.rules.statuses import Status
from gongqing.appeals.rules.suspicion import HEARD_AGAIN, LOOK_WITHIN, suspicion_at, suspicion_of
from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.language.apart import meanings_of
from gongqing.language.danger_meaning import near_pieces, suspected
from gongqing.language.facts import Evidence


def listen_again(*, most: int, by: Actor, at: datetime) -> int:
    """Hear up to so many appeals after the kept place; answers how many of them became suspected.

    Each is heard once: whatever has a lower number than one of them was written before, or never will be. While
    somebody writes for long, only what came in minutes ago is heard. Only what nobody has begun to handle, and whose
    n-grams came near a suspicion, is asked of the encoder. The data base is not held meanwhile. The place moves on when
    all of them were heard; the first run only sets it, so that nothing older than the listening is heard.

    Raises:
        Broken: the encoder gave no answer; the place stays, and the next run hears them again.
    """
    with scope.acting_as(SYSTEM):
        mark = listening_mark()
        if mark is None:
            keep_listening_mark(upto=newest_appeal(), by=by, at=at)
            return 0
        newest, seen_at = newest_appeal(), moment()
    entered_by = None if have_written(seen_at) else at - LATE_WRITERS
    with scope.acting_as(SYSTEM):
        heard = unheard(mark.upto_appeal_id, most=most, upto=newest, entered_by=entered_by)
    asked = [(appeal, near_pieces(appeal.text)) for appeal in heard if _may_be_asked(appeal)]
    asked = [(appeal, near) for appeal, near in asked if near]
    meanings = meanings_of([(piece.plain, "") for _, near in asked for piece in near])
    places = pairwise(accumulate((len(near) for _, near in asked), initial=0))
    raised = 0
    for (appeal, near), (start, end) in zip(asked, places, strict=True):
        found = [piece.evidence for piece in suspected(near, meanings[start:end])]
        if found:
            with scope.acting_as(SYSTEM):
                raised += suspect_danger(appeal_id=appeal.pk, spans=found, by=by, at=at) is not None
    if heard:
        with scope.acting_as(SYSTEM):
            keep_listening_mark(upto=heard[-1].pk, by=by, at=at)
    return raised


@transaction.atomic
def suspect_danger(*, appeal_id: int, spans: Sequence[Evidence], by: Actor, at: datetime) -> Appeal | None:
    """Let a person look first at an appeal whose words may mean danger; grade and place stay as they are.

    In triage it waits for the look as one does that was suspected on receipt. One that was dispatched by itself and
    that nobody has signed keeps its clocks; whoever is on duty is called. None where it is red, called about or
    suspected anyway, is not open any more, or somebody of staff has done anything with it. Runs in the system's scope.
    """
    appeal = queries.lock(appeal_id, by)
    if not _may_be_asked(appeal) or not is_untouched(appeal):
        return None
    suspicion = suspicion_at(spans, grade=appeal.grade, needs_call_back=appeal.needs_call_back)
    if suspicion is None:
        return None
    appeal.grade_reasons = [*appeal.grade_reasons, suspicion]
    if appeal.status == Status.TRIAGE:
        appeal.next_due_at = at + LOOK_WITHIN
    appeal.save(update_fields=["grade_reasons", "next_due_at"])
    events.record("appeal.suspected", subject=appeal, by=by, at=at, note=suspicion["evidence"][:200])
    return appeal


@transaction.atomic
def keep_listening_mark(*, upto: int, by: Actor, at: datetime) -> None:
    """Part of the listening: the place up to which every appeal was heard. No event: it says nothing of anybody."""
    ListeningMark.objects.update_or_create(pk=1, defaults={"upto_appeal_id": upto, "at": at})


def _may_be_asked(appeal: Appeal) -> bool:
    is_known = appeal.grade == "red" or appeal.needs_call_back or suspicion_of(appeal.grade_reasons) is not None
    return appeal.status in HEARD_AGAIN and not is_known
