"""What a demonstration shows of short messages and of personal data: every state, words changed once, two requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gongqing.appeals.models import Appeal
from gongqing.audit import events
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.config.demo.stage import Stage
from gongqing.dispatch import actions as dispatch
from gongqing.notices import actions as notices
from gongqing.notices.rules.permissions import RECEIPTS
from gongqing.registry import actions as registry
from gongqing.registry.models import Purpose, Right

RECEIVED_WORDS = "【工情】您说的事工会收到了，编号{code}。凭编号和查询密码随时看进展：{link} 急事请打12351"


def show_messages(stage: Stage) -> None:
    """Messages in every state, a template with a history, and a worker who has asked about the own data."""
    _show_words(stage)
    _show_states(stage)
    _show_own_data(stage)


def _show_words(stage: Stage) -> None:
    city, at = stage.cast.named["city"], stage.until
    notices.revise_template(name="received", text=RECEIVED_WORDS, by=city, at=at - timedelta(days=20))


def _show_states(stage: Stage) -> None:
    """Delivered, undelivered and waiting, as a gateway with receipts leaves them."""
    gateway = replace(SYSTEM, scopes=frozenset({RECEIPTS}))
    fates = ("delivered", "delivered", "undelivered", "sent")
    told = Appeal.objects.filter(person__isnull=False, handler__isnull=False).select_related("handler", "person")
    for number, appeal in enumerate(told.order_by("-id")[: len(fates)]):
        at = max(appeal.received_at + timedelta(minutes=2), stage.until - timedelta(hours=20))
        at = min(at + timedelta(minutes=7 * number), stage.until - timedelta(minutes=5))
        values = {"code": appeal.code, "handler": str(appeal.handler), "due": "7个工作日内"}
        phone = appeal.person.reveal("phone") if appeal.person else ""
        if not phone:
            continue
        message = notices.send_message(
            phone=phone,
            template="transferred",
            values=values,
            subject_kind="appeal",
            subject_id=appeal.pk,
            urgent=True,  # so that it has left whatever the hour
            by=SYSTEM,
            at=at,
        )
        message = notices.deliver_message(message_id=message.pk, at=at)
        if fates[number] != "sent":
            notices.note_receipt(
                message_id=message.pk,
                is_delivered=fates[number] == "delivered",
                fault="空号或已停机",
                by=gateway,
                at=at + timedelta(minutes=1),
            )


def _show_own_data(stage: Stage) -> None:
    worker, city, town = (stage.cast.named[name] for name in ("worker", "city", "town"))
    at = stage.until
    _show_looks(stage, worker, town)
    registry.record_consents(
        person_id=worker.person_id or 0,
        purposes=[Purpose.HANDLING, Purpose.CONTACT],
        door="app",
        by=worker,
        at=at - timedelta(days=30),
    )
    answered = dispatch.ask_data_right(
        right=Right.EXPLAIN, wish="想知道我的电话都给了哪些单位看。", by=worker, at=at - timedelta(days=12)
    )
    dispatch.settle_data_request(
        request_id=answered.pk,
        granted=True,
        answer="只给办理您这几件事的工会看过，每次都有理由，您在“谁看过我的信息”里能看到单位和时间。",
        by=city,
        at=at - timedelta(days=9),
    )
    dispatch.ask_data_right(
        right=Right.CORRECT,
        wish="我去年换了身份证，住址也搬了，现在住在新碶街道，请帮我改过来。",
        by=worker,
        at=at - timedelta(days=2),
    )
    other = stage.cast.workers[1]
    dispatch.ask_data_right(
        right=Right.DELETE, wish="已经回老家了，不想再留电话。", by=other.actor, at=at - timedelta(days=1)
    )


def _show_looks(stage: Stage, worker: Actor, town: Actor) -> None:
    at = stage.until - timedelta(days=6)
    for appeal in Appeal.objects.filter(person_id=worker.person_id or 0).order_by("id")[:2]:
        events.record_access("appeal.opened", subject_kind="appeal", subject_id=appeal.pk, by=town, at=at)
    registry.reveal_person(
        person_id=worker.person_id or 0,
        field="phone",
        reason="打电话核实排班表",
        by=town,
        at=at + timedelta(minutes=3),
        may=lambda _by, _person: True,
    )
