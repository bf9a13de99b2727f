"""When are texts read and needs heard, and what happens when words are taken out of an appeal?"""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.lib import times
from gongqing.voices import actions

READS_FOR = timedelta(seconds=25)
SLICE = 250
PLACED_AT_ONCE = 10_000  # half a minute: whoever stops the platform loses no more, and each slice reads the window anew


@app.periodic(cron="* * * * *")
@app.task(name="voices.read_texts", queue="sweeps", queueing_lock="read_texts", lock="read_texts")
def read_texts(timestamp: int) -> None:
    """Every minute: make the vectors of what came in; what is too much for one run goes on in the next."""
    until = times.now() + READS_FOR
    made = SLICE
    while made == SLICE and times.now() < until:
        with scope.acting_as(SYSTEM):
            made = actions.read_texts(most=SLICE)


@app.periodic(cron="*/10 * * * *")
@app.task(name="voices.gather_needs", queue="sweeps", queueing_lock="gather_needs", lock="gather_needs")
def gather_needs(timestamp: int) -> None:
    """Every ten minutes: hear what many people ask for; what waits is placed a slice at a time, each kept."""
    at, waits = times.now(), True
    while waits:
        with scope.acting_as(SYSTEM):
            waits = actions.place_voices(at=at, most=PLACED_AT_ONCE)
    with scope.acting_as(SYSTEM):
        actions.gather_needs(by=SYSTEM, at=at)


@events.on("words.masked")
def forget_text(event: Event) -> None:
    """Words that were taken out of an appeal leave its vector as well."""
    if event.subject_id is not None:
        actions.forget_text(appeal_id=event.subject_id)
