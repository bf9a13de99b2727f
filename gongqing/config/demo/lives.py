"""How does one appeal live, step by step, through the real actions?

A life is a generator: it yields the moment of its next step and is sent the moment when its turn comes. A life that
time does not allow to end stands where it is: that is how open appeals come about.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import Intake
from gongqing.audit.actor import ANONYMOUS, SYSTEM, Actor, Role
from gongqing.config.demo import texts
from gongqing.config.demo.plans import Ending, Plan
from gongqing.config.demo.stage import Life, Stage
from gongqing.config.demo.turns import Turn, Turns
from gongqing.dispatch import actions as dispatch
from gongqing.lib.times import local
from gongqing.registry.models import Organisation

SIGN_HOURS = {"green": 6.5, "yellow": 3.2, "orange": 1.7}
CONTACT_HOURS = {"green": 9.0, "yellow": 4.5, "orange": 2.2}
SOURCES = {
    "app": "worker_app",
    "hotline_12345": "hotline_12345",
    "governance": "governance",
    "home_app": "home_app",
}
QUICKLY = frozenset({Ending.IN_REVIEW, Ending.RESOLVED, Ending.AWAITING, Ending.REOPENED})
TOLD_WITHIN = timedelta(days=12)  # whoever brought an older matter is not told of its handler any more
LATE_SHARE, EVALUATED_SHARE = 0.04, 0.79


class Appellant:
    """The life of one planned appeal."""

    def __init__(self, plan: Plan, stage: Stage) -> None:
        self.plan, self.stage, self.rng = plan, stage, stage.rng
        self.appeal = Appeal()
        self.turns = Turns(self)
        self.answered_by: int | None = None

    def live(self) -> Life:
        """From its door to wherever it is to end."""
        at = yield self.plan.at
        self._receive(at)
        if self.appeal.status == "triage":
            if self.plan.ending is Ending.TRIAGE:
                return
            at = yield self._until_sorted(at)
            if self.plan.ending is Ending.INVALID:
                self._invalidate(at)
                return
            self._sort(at)
        elif self.plan.ending is Ending.INVALID:
            at = yield self.stage.working(at, self.rng.uniform(0.4, 2))
            self._invalidate(at)
            return
        if self.plan.ending is not Ending.CLOSED or at > self.stage.until - TOLD_WITHIN:
            dispatch.announce_handler(appeal_id=self.appeal.pk, by=SYSTEM, at=at)
        if self.plan.ending is Ending.DISPATCHED:
            return
        yield from self._round(at)

    @property
    def holder(self) -> Organisation:
        """Who handles it now."""
        number = Appeal.objects.values_list("handler_id", flat=True).get(pk=self.appeal.pk)
        return self.stage.organisations[number]

    @property
    def hand(self) -> Actor:
        """Somebody who may act for the handler."""
        return self.stage.handler(self.holder)

    @property
    def worker(self) -> Actor:
        """The worker: signed in, or as the holder of the code."""
        if self.plan.worker is not None:
            return self.plan.worker.actor
        return Actor(role=Role.CODE_HOLDER, name="职工", appeal_id=self.appeal.pk)

    def refresh(self) -> Appeal:
        """The appeal as it stands now."""
        self.appeal = Appeal.objects.get(pk=self.appeal.pk)
        return self.appeal

    @property
    def code(self) -> str:
        """Its category as it stands now."""
        return self.stage.codes.get(self.appeal.category_id or 0, "OT06")

    def _receive(self, at: datetime) -> None:
        plan = self.plan
        by, source = self._door()
        intake = Intake(
            source=source,
            external_id=f"demo-{local(plan.at):%y%m%d}-{plan.number:04d}",
            channel=plan.channel,
            text=plan.text,
            region_code=plan.town,
            place=plan.place,
            employer=plan.employer,
            person_name=plan.name or (plan.worker.name if plan.worker and by.role is not Role.WORKER else ""),
            person_phone=plan.phone or (plan.worker.phone if plan.worker and by.role is not Role.WORKER else ""),
            anonymous_to_employer=plan.anonymous_to_employer,
            allows_study=plan.number % 2 == 0,
        )
        self.appeal = appeals.receive_appeal(intake, by=by, at=at).appeal

    def _door(self) -> tuple[Actor, str]:
        plan = self.plan
        if plan.channel == "app":
            return (plan.worker.actor if plan.worker else ANONYMOUS), SOURCES["app"]
        if plan.channel == "hotline_12351":
            return self.stage.seat(), "hotline_12351"
        if plan.channel in ("visit", "talk"):
            return self.stage.visitor(plan.town), "desk"
        if plan.channel in ("walk_in", "import"):
            return self.stage.supervisor(self.stage.places.by_code[plan.town], "county"), "desk"
        return SYSTEM, SOURCES[plan.channel]

    def _until_sorted(self, at: datetime) -> datetime:
        return self.stage.working(at, self.rng.uniform(0.3, 2.5))

    def _sort(self, at: datetime) -> None:
        reason = self.rng.choice(texts.CATEGORY_REASONS)
        by = self.stage.county_officer(self.appeal)
        appeals.classify_appeal(appeal_id=self.appeal.pk, code=self.plan.code, reason=reason, by=by, at=at)
        self.refresh()

    def _invalidate(self, at: datetime) -> None:
        by = self.stage.county_officer(self.appeal)
        appeals.invalidate_appeal(appeal_id=self.appeal.pk, reason=self.rng.choice(texts.INVALID), by=by, at=at)

    def _round(self, at: datetime) -> Life:
        """One round of handling: sign, contact, work, answer, judgement; after a bad judgement once more."""
        ending = self.plan.ending if self.appeal.reopened_count == 0 else Ending.CLOSED
        if ending is Ending.FORGOTTEN and self.rng.random() < 0.4:
            return  # nobody signs: the sweep finds it
        at = yield at + timedelta(minutes=14) if ending is Ending.RETURNED else self._sign_moment(at)
        if ending is Ending.RETURNED or (ending is Ending.CLOSED and self.rng.random() < 0.025):
            if (yield from self.turns.give_back(at, stops=ending is Ending.RETURNED)):
                return
            at = yield self.stage.working(at, self.rng.uniform(1.5, 3))
        if self.refresh().status not in ("dispatched", "reopened"):
            return
        dispatch.sign_order(appeal_id=self.appeal.pk, by=self.hand, at=at)
        self._correct_category(at)
        if ending is Ending.SIGNED:
            return
        at = yield self._contact_moment(at)
        dispatch.contact_worker(appeal_id=self.appeal.pk, note=self.rng.choice(texts.CONTACTS), by=self.hand, at=at)
        if ending is Ending.WITHDRAWN:
            at = yield self.stage.working(at, self.rng.uniform(2, 12))
            reason = self.rng.choice(texts.WITHDRAWALS)
            appeals.withdraw_appeal(appeal_id=self.appeal.pk, reason=reason, by=self.worker, at=at)
            return
        answered_at = self._answer_moment(at)
        at = yield from self.turns.work(at, answered_at, ending)
        if ending in (Ending.IN_PROGRESS, Ending.FORGOTTEN, Ending.PAUSED, Ending.TRACKED):
            return
        yield from self._answer(max(at, answered_at), ending)

    def _sign_moment(self, at: datetime) -> datetime:
        if self.refresh().grade == "red":
            return at + timedelta(minutes=self.rng.uniform(4, 24))
        most = SIGN_HOURS[self.appeal.grade]
        if self.rng.random() < LATE_SHARE:
            return self.stage.working(at, most * self.rng.uniform(1.6, 3))
        return self.stage.working(at, most * self.rng.triangular(0.05, 0.9, 0.25))

    def _contact_moment(self, at: datetime) -> datetime:
        if self.refresh().grade == "red":
            entered = self.appeal.entered_at
            soon = 27 if self.appeal.needs_call_back else 52
            return max(at + timedelta(minutes=1), entered + timedelta(minutes=self.rng.uniform(soon - 5, soon)))
        return self.stage.working(at, CONTACT_HOURS[self.appeal.grade] * self.rng.triangular(0.03, 0.75, 0.2))

    def _answer_moment(self, at: datetime) -> datetime:
        """Most answer in good time, some late."""
        due = self.refresh().due_at or at + timedelta(days=5)
        is_quick = self.plan.ending in QUICKLY and self.appeal.reopened_count == 0
        share = self.rng.uniform(0.05, 0.2) if is_quick else self.rng.triangular(0.12, 0.9, 0.45)
        if self.appeal.grade == "red":
            return at + max(due - at, timedelta(hours=6)) * share
        if self.rng.random() < LATE_SHARE and self.plan.ending is Ending.CLOSED:
            share = self.rng.uniform(1.1, 1.5)
        left = self.stage.calendar.working_hours_between(at, due)
        return self.stage.working(at, max(left, 3.0) * share)

    def _correct_category(self, at: datetime) -> None:
        """A supervisor sets right what the machine got wrong, most of the time."""
        if self.code == self.plan.code or self.rng.random() < 0.3:
            return
        by = self.stage.county_officer(self.appeal)
        reason = self.rng.choice(texts.CATEGORY_REASONS)
        appeals.classify_appeal(appeal_id=self.appeal.pk, code=self.plan.code, reason=reason, by=by, at=at)

    def _answer(self, at: datetime, ending: Ending) -> Life:
        at = yield at
        self._resolve(at)
        if ending is Ending.IN_REVIEW:
            return
        if self.refresh().status == "in_review":
            at = yield from self._review(at)
        if self.refresh().status != "resolved" or ending is Ending.RESOLVED:
            return
        at = yield at + timedelta(minutes=5)
        if self.refresh().status != "resolved":
            return
        _, token = appeals.invite_evaluation(appeal_id=self.appeal.pk, by=SYSTEM, at=at)
        wants = ending is Ending.REOPENED or (ending is Ending.CLOSED and self.rng.random() < EVALUATED_SHARE)
        if not wants:
            return
        later = self._waking(at + timedelta(hours=self.rng.triangular(1, 150, 14)))
        at = yield max(at, self.stage.until - timedelta(hours=2)) if ending is Ending.REOPENED else later
        if self.refresh().status != "awaiting_evaluation":
            return
        is_bad = self._judge(token, at, ending)
        if is_bad and self.refresh().status == "reopened":
            yield from self._round(at)

    def _resolve(self, at: datetime) -> None:
        self.refresh()
        code = self.code
        outcome, result = texts.answer_to(code, self.rng)
        is_paid = code == "LE01" or (code in ("LE02", "LE03", "LE06", "LE11") and self.rng.random() < 0.6)
        settled = outcome in ("settled", "mediated")
        amount = Decimal(self.appeal.amount or self.rng.randrange(8, 95) * 100) if is_paid and settled else None
        by = self.hand
        self.answered_by = by.user_id
        dispatch.resolve_order(
            appeal_id=self.appeal.pk,
            result=result,
            outcome=outcome,
            people=self.appeal.worker_count or 1,
            amount=amount,
            evidence=self.rng.choice(texts.EVIDENCE) if self.rng.random() < 0.7 or amount else "",
            resource=self.rng.choice(texts.RESOURCES) if outcome == "need_met" else "",
            by=by,
            at=at,
        )

    def _review(self, at: datetime) -> Turn:
        at = yield self.stage.working(at, self.rng.uniform(0.5, 4))
        refuses = self.rng.random() < 0.08
        self._decide(at, approve=not refuses)
        if refuses:
            at = yield self.stage.working(at, self.rng.uniform(2, 6))
            self._resolve(at)
            at = yield self.stage.working(at, self.rng.uniform(0.5, 3))
            self._decide(at, approve=True)
        return at

    def _decide(self, at: datetime, *, approve: bool) -> None:
        level = self.turns.reviewing_level()
        by = self.stage.supervisor(self.holder, level, other_than=self.answered_by)
        note = self.rng.choice(texts.REVIEW_CONSENTS if approve else texts.REVIEW_REFUSALS)
        dispatch.review_resolution(appeal_id=self.appeal.pk, approve=approve, note=note, by=by, at=at)

    def _judge(self, token: str, at: datetime, ending: Ending) -> bool:
        drawn = self.rng.random()
        again = self.appeal.reopened_count > 0
        bad = ending is Ending.REOPENED or drawn < (0.2 if again else 0.035)
        reason, text = "", self.rng.choice(texts.PRAISES)
        word = "satisfied"
        if bad:
            word, (reason, text) = "not", self.rng.choice(texts.COMPLAINTS)
        elif drawn < 0.17:
            word, text = "basically", self.rng.choice(texts.MIDDLING)
        appeals.evaluate_appeal(
            appeal_id=self.appeal.pk, satisfaction=word, reason=reason, text=text, token=token, by=self.worker, at=at
        )
        return bad

    def _waking(self, moment: datetime) -> datetime:
        """Nobody judges at night."""
        here = local(moment)
        return here if 7 <= here.hour < 23 else here + timedelta(hours=9)
