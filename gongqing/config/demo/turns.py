"""What may happen while an appeal is being handled: reports, returns, extensions, pauses, help from outside."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gongqing.appeals import actions as appeals
from gongqing.config.demo import texts
from gongqing.config.demo.plans import Ending
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.rules.outcomes import reviewing_level
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry

if TYPE_CHECKING:
    from gongqing.config.demo.lives import Appellant

Turn = Generator[datetime, datetime, datetime]
ROOMS = {"330203": "TJ-330203", "330282": "TJ-330282"}


class Turns:
    """The turns of one life."""

    def __init__(self, life: Appellant) -> None:
        self.life, self.rng, self.stage = life, life.rng, life.stage
        self.was_extended = False

    def reviewing_level(self) -> str:
        """Who looks at the answer of the present handler."""
        return reviewing_level(self.life.holder.level)

    def give_back(self, at: datetime, *, stops: bool) -> Generator[datetime, datetime, bool]:
        """The handler returns the order; somebody above gives it to another. Answers whether the life stops here."""
        life = self.life
        handler, organisation = life.hand, life.holder
        if at >= self.stage.calendar.end_of_workday(day_of(life.appeal.entered_at), 1):
            return False  # too late to give it back
        reason = self.rng.choice(texts.RETURNS)
        dispatch.return_order(appeal_id=life.appeal.pk, reason=reason, by=handler, at=at)
        if stops:
            return True
        at = yield self.stage.working(at, self.rng.uniform(0.5, 2.5))
        level = "county" if organisation.level in ("grassroots", "zone", "town") else "city"
        by = self.stage.supervisor(organisation, level)
        dispatch.dispatch_appeal(appeal_id=life.appeal.pk, by=by, at=at)
        return False

    def work(self, at: datetime, answered_at: datetime, ending: Ending) -> Turn:
        """Everything between the first contact and the answer."""
        grade = self.life.refresh().grade
        at = yield from self._at_once(at, grade)
        at = yield from self._special(at, ending)
        if ending in (Ending.PAUSED, Ending.TRACKED):
            return at
        last = datetime.max.replace(tzinfo=at.tzinfo) if ending is Ending.IN_PROGRESS else answered_at
        if grade in ("orange", "red"):
            at = yield from self._report_until(at, last, grade)
        elif self.rng.random() < 0.45:
            at = yield from self._note(at, answered_at)
        return at

    def _at_once(self, at: datetime, grade: str) -> Turn:
        """Orange and red: the first report, an alert to labour inspection, a supervision order."""
        life = self.life
        if grade not in ("orange", "red"):
            return at
        code = life.code
        if code == "LE01" and life.appeal.reopened_count == 0 and self.rng.random() < 0.7:
            at = yield at + timedelta(minutes=self.rng.uniform(8, 20))
            dispatch.alert_inspection(
                appeal_id=life.appeal.pk, reason=self.rng.choice(texts.ALERTS), by=life.hand, at=at
            )
        if grade == "red":
            at = yield at + timedelta(minutes=self.rng.uniform(5, 25))
            note = self.rng.choice(texts.REPORTS)
            dispatch.report_progress(appeal_id=life.appeal.pk, note=note, by=life.hand, at=at)
            at = yield at + timedelta(minutes=self.rng.uniform(10, 90))
            by = self.stage.supervisor(life.holder, "city")
            note = self.rng.choice(texts.SUPERVISIONS)
            if life.holder.pk != by.organisation_id:  # nobody orders themselves
                dispatch.supervise_appeal(appeal_id=life.appeal.pk, note=note, by=by, at=at)
        return at

    def _special(self, at: datetime, ending: Ending) -> Turn:
        """One thing out of the ordinary, now and then; or the pause and the legal procedure that the plan asks for."""
        life, drawn = self.life, self.rng.random()
        if ending is Ending.PAUSED:
            at = yield self.stage.working(at, self.rng.uniform(1, 5))
            self._pause(at)
        elif ending is Ending.TRACKED:
            at = yield self.stage.working(at, self.rng.uniform(4, 14))
            note = self.rng.choice(texts.TRACKED)
            dispatch.pause_order(
                appeal_id=life.appeal.pk, reason="moved_to_legal_procedure", note=note, by=life.hand, at=at
            )
        elif life.appeal.grade in ("green", "yellow"):
            if drawn < 0.06:
                at = yield from self._pause_and_resume(at)
            elif drawn < 0.12:
                at = at if self.was_extended else (yield from self._extend(at))
            elif drawn < 0.2:
                at = yield from self._hand_over(at)
            elif drawn < 0.26:
                at = yield from self._transfer(at)
            elif drawn < 0.32:
                at = yield from self._urge(at)
            elif drawn < 0.4:
                at = yield self.stage.working(at, self.rng.uniform(0.5, 4))
                appeals.add_material(
                    appeal_id=life.appeal.pk, text=self.rng.choice(texts.MATERIAL), by=life.worker, at=at
                )
        return at

    def _report_until(self, at: datetime, last: datetime, grade: str) -> Turn:
        life = self.life
        while True:
            is_red = grade == "red"
            following = (
                at + timedelta(hours=self.rng.uniform(19, 23))
                if is_red
                else self.stage.working(at, self.rng.uniform(8, 13))
            )
            if following >= last:
                return at
            at = yield following
            if life.refresh().status not in ("in_progress", "signed"):
                return at
            note = self.rng.choice(texts.REPORTS)
            dispatch.report_progress(appeal_id=life.appeal.pk, note=note, by=life.hand, at=at)

    def _note(self, at: datetime, last: datetime) -> Turn:
        following = self.stage.working(at, self.rng.uniform(1, 6))
        if following < last:
            at = yield following
            life = self.life
            dispatch.add_note(appeal_id=life.appeal.pk, note=self.rng.choice(texts.NOTES), by=life.hand, at=at)
        return at

    def _pause(self, at: datetime) -> None:
        reason, note = self.rng.choice(texts.PAUSES)
        life = self.life
        dispatch.pause_order(appeal_id=life.appeal.pk, reason=reason, note=note, by=life.hand, at=at)

    def _pause_and_resume(self, at: datetime) -> Turn:
        life = self.life
        at = yield self.stage.working(at, self.rng.uniform(1, 5))
        self._pause(at)
        at = yield self.stage.working(at, self.rng.uniform(6, 26))
        if life.refresh().status == "paused":
            dispatch.resume_order(appeal_id=life.appeal.pk, note="材料已补齐，恢复办理", by=life.hand, at=at)
        return at

    def _extend(self, at: datetime) -> Turn:
        life = self.life
        at = yield self.stage.working(at, self.rng.uniform(1, 6))
        self.was_extended = True  # more than once is refused, after a reopening too
        days, reason = self.rng.choice((2, 3)), self.rng.choice(texts.EXTENSIONS)
        dispatch.request_extension(appeal_id=life.appeal.pk, working_days=days, reason=reason, by=life.hand, at=at)
        at = yield self.stage.working(at, self.rng.uniform(0.5, 3))
        level = "town" if life.appeal.grade == "green" and life.holder.level in ("grassroots", "zone") else "county"
        by = self.stage.supervisor(life.holder, level)
        approve = self.rng.random() < 0.85
        answer = "同意延期，请告知职工。" if approve else "理由不充分，请按期办结。"
        dispatch.decide_extension(appeal_id=life.appeal.pk, approve=approve, answer=answer, by=by, at=at)
        return at

    def _hand_over(self, at: datetime) -> Turn:
        life = self.life
        code = life.code
        known = [one for one in registry.candidates("department", life.appeal.region) if code in one.categories]
        if not known or life.holder.level == "department":
            return at
        at = yield self.stage.working(at, self.rng.uniform(0.5, 3))
        handover = dispatch.hand_over(
            appeal_id=life.appeal.pk,
            department_id=known[0].pk,
            reason=self.rng.choice(texts.HANDOVERS),
            by=life.hand,
            at=at,
        )
        at = yield self.stage.working(at, self.rng.uniform(2, 7))
        by = self.stage.handler(known[0])
        dispatch.record_handover(
            handover_id=handover.pk,
            state="answered",
            answer=self.rng.choice(texts.HANDOVER_ANSWERS),
            outside_number=f"RS{handover.pk:06d}",
            by=by,
            at=at,
        )
        return at

    def _transfer(self, at: datetime) -> Turn:
        """Up to the town, or for a dispute to the mediation room of the county."""
        life = self.life
        holder, code = life.holder, life.code
        room = ROOMS.get((life.appeal.region_id or "")[:6]) if code in ("LE01", "LE06", "LE08") else None
        if room is not None:
            at = yield self.stage.working(at, self.rng.uniform(1, 4))
            by, target, reason = self.stage.county_officer(life.appeal), self.stage.places.by_code[room], texts.TO_ROOM
        elif holder.level in ("grassroots", "zone") and holder.parent is not None:
            at = yield self.stage.working(at, self.rng.uniform(1, 4))
            by, target, reason = life.hand, holder.parent, self.rng.choice(texts.TRANSFERS)
        else:
            return at
        dispatch.transfer_order(appeal_id=life.appeal.pk, organisation_id=target.pk, reason=reason, by=by, at=at)
        at = yield self.stage.working(at, self.rng.uniform(0.3, 1.5))
        dispatch.sign_order(appeal_id=life.appeal.pk, by=life.hand, at=at)
        at = yield self.stage.working(at, self.rng.uniform(0.2, 2))
        dispatch.contact_worker(appeal_id=life.appeal.pk, note=self.rng.choice(texts.CONTACTS), by=life.hand, at=at)
        return at

    def _urge(self, at: datetime) -> Turn:
        life = self.life
        at = yield self.stage.working(at, self.rng.uniform(6, 16))
        dispatch.urge_appeal(appeal_id=life.appeal.pk, note=self.rng.choice(texts.URGES), by=life.worker, at=at)
        return at
