"""What do the routes of the access matrix point at?

Everything belongs to the first county, the town and the zone of the cast; the outsider and the stranger have no part in
it. A route with a parameter that is not here fails the test that finds it.
"""

from __future__ import annotations

from typing import Any

from gongqing.appeals import actions as appeals
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.models import Order
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.insight import actions as insight
from gongqing.insight.rules.weeks import last_whole_week
from gongqing.lib import times
from gongqing.notices import actions as notices
from gongqing.registry import actions as registry
from gongqing.registry.actions import loads
from gongqing.registry.models import Right
from gongqing.voices.models import SharedNeed
from tests.cast import Cast

NOWHERE = 0
SHEET = "工单编号,诉求内容\r\nA1,厂里两个月没发工资了".encode()
PAPER = b"%PDF-1.4\n%%EOF\n"


def parameters(cast: Cast) -> dict[str, Any]:
    """A value for every parameter that a route can have; the appeal is made now, in the test's transaction."""
    appeal = received(
        WAGES, by=cast.worker.actor, at=times.now(), employer=cast.places.factory.name, person_phone=cast.worker.phone
    )
    with scope.acting_as(cast.worker.actor):
        attachment = appeals.attach_file(
            appeal_id=appeal.pk, name="工资条.pdf", content=PAPER, by=cast.worker.actor, at=times.now()
        )
    with scope.acting_as(SYSTEM):
        order = Order.objects.filter(appeal=appeal).order_by("id").first()
        change = dispatch.start_rule_change(kind="routing", by=cast.city.actor, at=times.now())
    with scope.acting_as(cast.hotline.actor):
        load = loads.begin_load(
            kind="appeals", source="12345", file_name="a.csv", content=SHEET, by=cast.hotline.actor, at=times.now()
        )
    with scope.acting_as(SYSTEM):
        registry.load_privacy_notice(by=SYSTEM, at=times.now())
        notices.load_templates(by=SYSTEM, at=times.now())
        message = notices.send_message(phone=cast.worker.phone, text="您好", by=SYSTEM, at=times.now())
    with scope.acting_as(cast.county.actor):
        found = dispatch.open_settling_list(
            kind="wages", title="欠薪清单", due_on=times.now().date(), by=cast.county.actor, at=times.now()
        )
        entry = dispatch.enlist_appeal(list_id=found.pk, appeal_id=appeal.pk, by=cast.county.actor, at=times.now())
    with scope.acting_as(SYSTEM):
        need = SharedNeed.objects.create(
            organisation=cast.places.town,
            title="园区夜班公交",
            suggested_route="motion",
            **dict.fromkeys(
                ("voice_count", "person_count", "employer_count", "week_count", "usual", "high", "chance"), 6
            ),
            **dict.fromkeys(("found_at", "first_at", "last_at", "heard_at"), times.now()),
        )
    report = insight.draft_report(
        organisation_id=cast.places.county.pk, week=last_whole_week(times.now()), by=SYSTEM, at=times.now()
    )
    with scope.acting_as(cast.worker.actor):
        asked = dispatch.ask_data_right(
            right=Right.EXPLAIN, wish="谁看过我的电话", by=cast.worker.actor, at=times.now()
        )
    return {
        "code": appeal.code,
        "appeal_id": appeal.pk,
        "order_id": order.pk if order else NOWHERE,
        "user_id": cast.town.user_id,
        "posting_id": cast.town.posting_id,
        "organisation_id": cast.places.town.pk,
        "union_id": cast.places.union.pk,
        "key_id": NOWHERE,
        "attachment_id": attachment.pk,
        "change_id": change.pk,
        "key": "R-01",
        "token": "no-such-token",
        "verb": "sign",
        "name": "权益维护",
        "message_id": message.pk,
        "request_id": asked.pk,
        "template_name": "received",
        "version": 1,
        "call_id": NOWHERE,
        "shift_id": NOWHERE,
        "interview_id": NOWHERE,
        "digest_id": NOWHERE,
        "call_back_id": NOWHERE,
        "check_id": NOWHERE,
        "letter_kind": "acceptance",
        "letter_id": NOWHERE,
        "handover_id": NOWHERE,
        "pass_on_id": NOWHERE,
        "claim_id": NOWHERE,
        "team_id": NOWHERE,
        "payment_id": NOWHERE,
        "voucher_id": NOWHERE,
        "load_id": load.pk,
        "kind": "appeals",
        "number": 2,
        "list_id": entry.list_id,
        "entry_id": entry.pk,
        "document_id": NOWHERE,
        "step": "claim",
        "need_id": need.pk,
        "report_id": report.pk,
    }
