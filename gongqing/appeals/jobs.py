"""What appeals hear: organisations that move, appeals in doubt, trainings that were asked for; what is read again."""

from __future__ import annotations

import logging

from django.conf import settings
from procrastinate.contrib.django import app

from gongqing.appeals import actions
from gongqing.appeals.actions.classification import UNSURE
from gongqing.appeals.queries.reader import TRAINING
from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.language.classify import TRIAGE_BELOW
from gongqing.lib.errors import NotAllowed
from gongqing.lib.times import now

logger = logging.getLogger(__name__)

HEARD_AT_ONCE = 600  # appeals of one run: some three seconds where a third is asked of the encoder
READ_AT_ONCE = 200  # appeals of one run: some two seconds of the encoder


@events.on("organisation.moved", at_once=True)
def carry_grants(event: Event) -> None:
    """What an organisation saw before it was moved it sees afterwards; those above it change."""
    before, after = event.data["path"]
    actions.carry_grants(before=before, after=after)


@events.on("organisation.moved", takes_long=True)
def carry_late_grants(event: Event) -> None:
    """The same once more: a grant may have been written to the old path while the organisation was being moved."""
    carry_grants(event)


def _is_in_doubt(event: Event) -> bool:
    is_sure = event.data["confidence"] >= TRIAGE_BELOW and event.data["category"] != UNSURE
    return settings.GONGQING.second_reader is not None and not is_sure


@events.on("appeal.read", when=_is_in_doubt)
def hear_of_doubt(event: Event) -> None:
    """The second reader is asked about what waits for a person; the question is a job of its own."""
    if event.subject_id is not None:
        ask_second_reader.defer(appeal_id=event.subject_id)


@app.task(name="appeals.ask_second_reader", queue="second_reader", lock="appeals.second_reader")
def ask_second_reader(*, appeal_id: int) -> None:
    """One question at a time; it is not tried again, for a person waits for nothing here."""
    actions.ask_second_reader(appeal_id=appeal_id, by=SYSTEM, at=now())


@app.periodic(cron="* * * * *")
@app.task(name="appeals.read_carefully", queue="sweeps", queueing_lock="read_carefully", lock="appeals.read_carefully")
def read_carefully(timestamp: int) -> None:
    """Every minute: what waits for a person is read carefully; what is too much for one run goes on in the next.

    Raises:
        Broken: the encoder gave no answer; the job fails, which the state of the installation shows.
    """
    if settings.GONGQING.reads_carefully_later:
        actions.read_carefully(most=READ_AT_ONCE, by=SYSTEM, at=now())


@app.periodic(cron="* * * * *")
@app.task(name="appeals.listen_again", queue="sweeps", queueing_lock="listen_again", lock="appeals.listen_again")
def listen_again(timestamp: int) -> None:
    """Every minute: what came in is heard again for words of danger, with the encoder; the rest in the next run.

    Raises:
        Broken: the encoder gave no answer; the job fails, which the state of the installation shows.
    """
    if settings.GONGQING.reads_carefully_later:
        actions.listen_again(most=HEARD_AT_ONCE, by=SYSTEM, at=now())


@events.on("reader.training_asked")
def hear_of_training(event: Event) -> None:
    """A training is a job of its own: it takes minutes, and nobody waits behind it."""
    train_reader.defer()


@app.task(name=TRAINING, queue="training", lock=TRAINING)
def train_reader() -> None:
    """Train as an administrator asked; what stands in the way meanwhile is logged."""
    try:
        with scope.acting_as(SYSTEM):
            version = actions.train_reader(by=SYSTEM, at=now())
    except NotAllowed as refused:
        logger.warning("没有训练：%s", refused)
    else:
        logger.info("已训练 %s，%s %s", version.name, version.get_state_display(), version.reason)
