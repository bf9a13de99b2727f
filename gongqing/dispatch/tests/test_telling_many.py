"""Are the workers of many appeals told in one go what each would be told alone?"""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongqing.appeals.models import EvaluationLink
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import delivery, queries, scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions
from gongqing.dispatch.actions.telling import TOLD
from gongqing.dispatch.tests.make import BIRTHDAY, fresh, received
from gongqing.lib import times
from gongqing.notices.models import Message
from tests.cast import Cast

NEWS = actions.News


def of(number: int, cast: Cast, **given: str):
    """An appeal of a worker of its own."""
    phone = f"1390000{number:04d}"
    return received(
        f"{BIRTHDAY}第{number}个站点",
        by=cast.hotline.actor,
        at=times.now(),
        person_name="沈小满",
        person_phone=phone,
        **given,
    )


def told_of(appeal) -> list[str]:
    short = Message.objects.filter(phone_sealed__isnull=False, subject_id=appeal.pk).order_by("id")
    return list(short.values_list("template", flat=True))


def test_a_batch_tells_everybody_once_with_few_statements(cast: Cast) -> None:
    appeals = [of(number, cast) for number in range(6)]
    with scope.acting_as(SYSTEM):
        few = statements_of(delivery.deliver_batch)
        assert [told_of(one) for one in appeals] == [["received", "transferred"]] * 6
        for one in appeals:
            kinds = [event.data["about"] for event in queries.events_of("appeal", one.pk).filter(kind=TOLD)]
            assert kinds == ["receipt", "handler"]
        assert few < 60, few
        news = [(one.pk, about) for one in appeals for about in (NEWS.RECEIPT, NEWS.HANDLER)]
        assert actions.tell_workers(news=news, by=SYSTEM, at=times.now()) == [False] * 12


def statements_of(action) -> int:
    with CaptureQueriesContext(connection) as asked:
        while action():
            pass
    return len(asked)


def test_the_same_news_twice_in_one_batch_is_told_once(cast: Cast) -> None:
    appeal = of(1, cast)
    with scope.acting_as(SYSTEM):
        news = [(appeal.pk, NEWS.HANDLER), (appeal.pk, NEWS.HANDLER), (appeal.pk, NEWS.RECEIPT)]
        assert actions.tell_workers(news=news, by=SYSTEM, at=times.now()) == [True, False, True]
        assert told_of(appeal) == ["transferred", "received"]


def test_answered_ones_are_asked_and_the_rest_is_no_news(cast: Cast) -> None:
    done, open_one = of(1, cast), of(2, cast)
    at = times.now()
    with scope.acting_as(cast.zone.actor):
        actions.resolve_order(appeal_id=done.pk, result="周五在驿站办集体生日会", by=cast.zone.actor, at=at)
    with scope.acting_as(SYSTEM):
        news = [(one.pk, about) for one in (done, open_one) for about in (NEWS.RECEIPT, NEWS.HANDLER, NEWS.EVALUATION)]
        assert actions.tell_workers(news=news, by=SYSTEM, at=at) == [False, False, True, True, True, False]
        assert told_of(done) == ["evaluate"]
        assert EvaluationLink.objects.get().appeal_id == done.pk
    assert fresh(done).status == Status.AWAITING_EVALUATION


def test_one_that_cannot_be_told_does_not_silence_the_others(cast: Cast, monkeypatch) -> None:
    appeals = [of(number, cast) for number in range(3)]
    spoilt = appeals[1].pk
    tell = actions.telling._TELLERS[NEWS.RECEIPT]

    def tells(telling, appeal):
        if appeal.pk == spoilt:
            raise ValueError("invented")
        return tell(telling, appeal)

    monkeypatch.setitem(actions.telling._TELLERS, NEWS.RECEIPT, tells)
    with scope.acting_as(SYSTEM):
        while delivery.deliver_batch():
            pass
        assert [told_of(one) for one in appeals] == [
            ["received", "transferred"],
            ["transferred"],
            ["received", "transferred"],
        ]
