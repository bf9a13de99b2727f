"""Is nothing overlooked when an action asks once what hangs on an appeal, and does that keep its statements few?"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongqing.appeals.models import Appeal
from gongqing.audit import writing
from gongqing.audit.journeys import asked
from gongqing.dispatch.models import CallBack, Extension, Order, Supervision
from gongqing.dispatch.queries.hanging import (
    Hanging,
    forget_hanging,
    hanging_asked,
    hangs,
    keep_hanging,
    known_hanging,
)
from gongqing.dispatch.tests.make import received
from gongqing.lib.times import day_of

ANSWER = "已联系单位，拖欠工资已经全部补发，职工确认收到。"
MOST = {"dispatch": 21, "resolve": 19}  # statements of a request; they were 28 and 29


def found(appeal, at):
    with writing.together("test.hanging"):
        (answer,) = asked([hanging_asked(appeal.pk, day_of(at))])
        keep_hanging(appeal, answer)
        known = known_hanging(appeal.pk)
        assert all(hangs(appeal.pk, each) == (each in known) for each in Hanging)
        forget_hanging(appeal)
        assert known_hanging(appeal.pk) is None
    return set(known)


def test_what_was_not_looked_for_may_be_there(at, system, cast):
    appeal = received(by=cast.worker.actor, at=at)
    assert all(hangs(appeal.pk, each) for each in Hanging)


def test_what_hangs_on_an_appeal_is_seen_until_it_is_done(at, system, cast):
    appeal = received(by=cast.worker.actor, at=at)
    held, place = found(appeal, at), cast.places.union
    order = Order.objects.get(appeal=appeal, role="handle")
    given = {"appeal": appeal, "organisation": place}
    CallBack.objects.create(**given, reason="回访", made_at=at, due_at=at)
    Supervision.objects.create(**given, kind="supervise", at=at, by_name="督办", due_at=at + timedelta(days=1))
    Extension.objects.create(order=order, working_days=3, reason="要调查", asked_at=at, decider_level="town")
    assert found(appeal, at) - held == {Hanging.CALL_BACK, Hanging.SUPERVISION, Hanging.EXTENSION}
    CallBack.objects.update(done_at=at)
    Supervision.objects.update(answered_at=at)
    Extension.objects.update(approved=False)
    Order.objects.exclude(role="handle").update(status="done")
    Order.objects.create(appeal=appeal, organisation=place, role="assist", level="grassroots", dispatched_at=at)
    part = received(by=cast.worker.actor, at=at)
    Appeal.objects.filter(pk=part.pk).update(merged_into=appeal)
    assert found(appeal, at) - (held - {Hanging.ASSISTING}) == {Hanging.ASSISTING, Hanging.PART}
    assert Hanging.MEMBERSHIP in held
    assert Hanging.MEMBERSHIP not in found(received(by=cast.stranger.actor, at=at), at)


def test_a_dispatch_and_an_answer_take_few_statements(at, cast, api_of):
    client = api_of("city")
    spent = {}
    for _ in range(2):  # the second time what stands still is known
        code = received(by=cast.worker.actor, at=at).code
        for verb, body in (
            ("dispatch", {"organisation": cast.places.county.code, "note": "请县总办理"}),
            ("resolve", {"result": ANSWER, "outcome": "settled"}),
        ):
            with CaptureQueriesContext(connection) as seen:
                answer = client.post(f"/api/v1/appeals/{code}/{verb}", body, content_type="application/json")
            assert answer.status_code == 200, answer.content.decode()
            spent[verb] = len(seen.captured_queries)
    assert all(spent[verb] <= most for verb, most in MOST.items()), spent
