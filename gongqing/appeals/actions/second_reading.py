"""Ask the second reader about an appeal that waits for a person, once, and keep what it said beside ours."""

from __future__ import annotations

import time
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from gongqing.appeals import client
from gongqing.appeals.models import Appeal, CallOutcome, ReaderCall
from gongqing.appeals.queries.second_reading import day_so_far, is_resting
from gongqing.appeals.rules import second_reading as rules
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.second_reading import SecondReader
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.language.masking import masked
from gongqing.language.titles import title_of

LONGEST_NOTE = 200


def ask_second_reader(*, appeal_id: int, by: Actor, at: datetime) -> ReaderCall | None:
    """Ask about one appeal, unless it was asked about or settled meanwhile; None then, or where there is none to ask.

    Nothing of the appeal changes: the answer is a suggestion to whoever confirms. The data base is not held while the
    other side thinks. Every call is kept, with what it cost; so is one that was not made for want of budget.
    """
    reader: SecondReader | None = settings.GONGQING.second_reader
    if reader is None:
        return None
    with scope.acting_as(SYSTEM):
        appeal = Appeal.objects.select_related("person").filter(pk=appeal_id, status=Status.TRIAGE).first()
        if appeal is None or ReaderCall.objects.filter(appeal=appeal).exists():
            return None
        hindrance = _hindrance(reader, at)
    call = ReaderCall(appeal=appeal, at=at, model=reader.model, outcome=hindrance or CallOutcome.ANSWERED)
    if not hindrance:
        _ask(reader, appeal, call)
    with scope.acting_as(SYSTEM):
        return _keep(call, by=by, at=at)


def _hindrance(reader: SecondReader, at: datetime) -> str:
    used = day_so_far(at)
    if not reader.has_left(used.calls, used.cost):
        return CallOutcome.OVER_BUDGET
    return CallOutcome.RESTING if is_resting(at) else ""


def _ask(reader: SecondReader, appeal: Appeal, call: ReaderCall) -> None:
    names = [appeal.person.name] if appeal.person is not None else []
    employers = [appeal.employer_name] if appeal.employer_name else []
    is_first_sentence = appeal.title == title_of(appeal.text) or appeal.text.startswith(appeal.title.removesuffix("…"))
    said = appeal.text if is_first_sentence else f"{appeal.title}\n{appeal.text}"
    sent = masked(said, names=names, employers=employers)[: rules.LONGEST_TEXT]
    started = time.monotonic()
    try:
        answer = client.ask(reader, rules.question_of(sent))
        call.tokens_in, call.tokens_out = answer.tokens_in, answer.tokens_out
        call.cost = reader.cost_of(answer.tokens_in, answer.tokens_out)
        opinion = rules.opinion_in(answer.content, sent=sent, ours=Grade(appeal.grade))
    except client.Outside as fault:
        call.outcome, call.note = CallOutcome.OUTSIDE, str(fault)
    except client.Late as fault:
        call.outcome, call.note = CallOutcome.LATE, str(fault)
    except client.Refused as fault:
        call.outcome, call.note = CallOutcome.REFUSED, str(fault)
    except (client.Malformed, ValueError) as fault:
        call.outcome, call.note = CallOutcome.MALFORMED, str(fault)
    except OSError as fault:
        call.outcome, call.note = CallOutcome.UNREACHABLE, type(fault).__name__
    else:
        call.code, call.second_code, call.labour = opinion.code, opinion.second_code, opinion.labour
        call.grade, call.evidence = opinion.grade, list(opinion.evidence)
    call.note = call.note[:LONGEST_NOTE]
    call.milliseconds = round((time.monotonic() - started) * 1000)


@transaction.atomic
def _keep(call: ReaderCall, *, by: Actor, at: datetime) -> ReaderCall | None:
    try:
        with transaction.atomic():
            call.save(force_insert=True)
    except IntegrityError:  # a job runs twice at times: the first answer stays
        return None
    events.record(
        "appeal.second_read",
        subject=call.appeal,
        by=by,
        at=at,
        outcome=call.outcome,
        code=call.code,
        tokens=[call.tokens_in, call.tokens_out],
        cost=str(call.cost),
        milliseconds=call.milliseconds,
    )
    return call
