"""What a rung of the ladder sets going: cards, supervision orders, lines of the weekly notice, talks, reminders.

Written for many appeals at once: everything that a slice of the sweep has to say is gathered, and written together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import AccessReason, Appeal
from gongqing.audit import events
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import queries
from gongqing.dispatch.actions.digesting import remind, reminder_of
from gongqing.dispatch.models import Clock, Interview, Order, OrderRole, Reminder, ReminderKind, Supervision
from gongqing.dispatch.models.orders import OPEN_ORDERS, SupervisionKind
from gongqing.dispatch.queries.ladder import copied_to, supervising_level_of, supervisor_of, unanswered_supervisions
from gongqing.dispatch.rules import ladder
from gongqing.dispatch.rules.ladder import Rung
from gongqing.dispatch.rules.limits import ClockName
from gongqing.lib.times import day_of
from gongqing.lib.workdays import start_of_day
from gongqing.registry.models import Organisation


@dataclass(frozen=True, slots=True)
class Climb:
    """One clock that has climbed: the rungs that it reached now, lowest first."""

    appeal: Appeal
    clock: Clock
    rungs: Sequence[Rung]


@dataclass(slots=True)
class Climbing:
    """All that the climbs of one slice set going, at one moment."""

    at: datetime
    climbs: list[Climb] = field(default_factory=list)
    _reminders: list[Reminder] = field(default_factory=list)
    _supervisors: dict[tuple[Any, ...], Organisation | None] = field(default_factory=dict)

    def write(self) -> None:
        """Write everything. The appeals are locked, and the scope sees all."""
        if not self.climbs:
            return
        assignees = self._assignees()
        cases: dict[int, list[Climb]] = {}
        for climb in self.climbs:
            cases.setdefault(climb.appeal.pk, []).append(climb)
            self._tell_handler(climb, assignees.get(climb.appeal.pk))
        for climbs in cases.values():
            self._record_cards(climbs)
        self._supervise([c for c in map(self._asking, cases.values()) if c])
        self._report(cases.values())
        self._call_in(cases.values())
        remind(self._reminders)

    def _assignees(self) -> dict[int, int]:
        """Who works on each case, where somebody has signed it."""
        held = Order.objects.filter(
            appeal_id__in={climb.appeal.pk for climb in self.climbs}, role=OrderRole.HANDLE, status__in=OPEN_ORDERS
        )
        return {number: user for number, user in held.values_list("appeal_id", "assignee_user_id") if user is not None}

    def _tell_handler(self, climb: Climb, assignee: int | None) -> None:
        """Hints and yellow cards go to whoever works on it, red cards to the whole organisation; the highest alone."""
        kinds = {Rung.HALF: ReminderKind.HALF, Rung.FIFTH: ReminderKind.FIFTH, Rung.OVERDUE: ReminderKind.OVERDUE}
        told = [kinds[rung] for rung in climb.rungs if rung in kinds]
        if not told or climb.appeal.handler_id is None:
            return
        user_id = assignee if told[-1] is not ReminderKind.OVERDUE else None
        self._remind(climb.appeal, told[-1], climb.appeal.handler_id, user_id=user_id, clock=climb.clock.name)

    def _remind(
        self,
        appeal: Appeal,
        kind: ReminderKind,
        organisation_id: int | None,
        *,
        user_id: int | None = None,
        clock: str = "",
    ) -> None:
        if organisation_id is not None or user_id is not None:
            line = reminder_of(appeal, kind, at=self.at, organisation_id=organisation_id, user_id=user_id, clock=clock)
            self._reminders.append(line)

    def _record_cards(self, climbs: Sequence[Climb]) -> None:
        for climb in climbs:
            name = ClockName.label_of(climb.clock.name)
            if Rung.OVERDUE in climb.rungs:
                self._record("appeal.clock_overdue", climb.appeal, f"{name}超过时限", clock=climb.clock.name)
            elif Rung.FIFTH in climb.rungs:
                self._record("appeal.clock_warned", climb.appeal, f"{name}只剩两成时间", clock=climb.clock.name)

    def _record(self, kind: str, appeal: Appeal, note: str, **data: Any) -> None:
        events.record(kind, subject=appeal, by=SYSTEM, at=self.at, note=note, **data)

    @staticmethod
    def _asking(climbs: Sequence[Climb]) -> list[Climb]:
        """The clocks of one case whose red card asks for a supervision order."""
        return [
            c for c in climbs if Rung.OVERDUE in c.rungs and ladder.asks_for_supervision(c.clock.name, c.appeal.grade)
        ]

    def _supervise(self, cases: Sequence[Sequence[Climb]]) -> None:
        """One order for a case, whatever clocks are late; one that still wants an answer takes further clocks in."""
        held = {
            one.appeal_id: one
            for one in unanswered_supervisions().filter(
                appeal_id__in=[climbs[0].appeal.pk for climbs in cases], kind=SupervisionKind.ESCALATE, automatic=True
            )
        }
        made = []
        for climbs in cases:
            appeal, names = climbs[0].appeal, _names(climbs)
            if appeal.pk in held:
                self._join(held[appeal.pk], names)
                continue
            organisation = self._supervisor(appeal)
            made.append(
                Supervision(
                    appeal=appeal,
                    kind=SupervisionKind.ESCALATE,
                    level=organisation.level if organisation else supervising_level_of(appeal),
                    organisation=organisation,
                    at=self.at,
                    by_name=SYSTEM.name,
                    note=f"{_labels(names)}超过时限，自动督办",
                    automatic=True,
                    clocks=names,
                    copied_to=copied_to(appeal),
                    due_at=ladder.answer_due(appeal.grade, self.at, queries.calendar()),
                )
            )
        Supervision.objects.bulk_create(made)
        for one in made:
            self._announce(one)

    def _announce(self, order: Supervision) -> None:
        appeal, organisation = order.appeal, order.organisation
        handler = appeal.handler
        sees = bool(organisation and handler and handler.path.startswith(organisation.path))
        if organisation is not None:
            if not sees:
                appeals.grant_access(appeal=appeal, why=AccessReason.SUPERVISE, path=organisation.path, at=self.at)
            self._remind(appeal, ReminderKind.SUPERVISE, organisation.pk)
        data: dict[str, Any] = {
            "clock": order.clocks[0],
            "clocks": order.clocks,
            "level": order.level,
            "organisation_name": str(organisation) if organisation else "",
            "is_granted": not sees,
        }
        self._record("appeal.escalated", appeal, order.note, **data)

    @staticmethod
    def _join(order: Supervision, names: Sequence[str]) -> None:
        order.clocks = list(dict.fromkeys([*order.clocks, *names]))
        order.save(update_fields=["clocks"])

    def _report(self, cases: Any) -> None:
        """A line in the weekly notice, once a week for a case."""
        rising = [found for climbs in cases if (found := _reaching(climbs, Rung.NOTICE))]
        monday = start_of_day(_monday(day_of(self.at)))
        numbers = [climbs[0].appeal.pk for climbs in rising]
        lines = Supervision.objects.filter(appeal_id__in=numbers, kind=SupervisionKind.NOTICE, at__gte=monday)
        held = {one.appeal_id: one for one in lines}
        made = []
        for climbs in rising:
            appeal, names = climbs[0].appeal, _names(climbs)
            if appeal.pk in held:
                self._join(held[appeal.pk], names)
                continue
            organisation = self._supervisor(appeal)
            made.append(
                Supervision(
                    appeal=appeal,
                    kind=SupervisionKind.NOTICE,
                    level=organisation.level if organisation else "",
                    organisation=organisation,
                    at=self.at,
                    by_name=SYSTEM.name,
                    note=f"{_labels(names)}超时满 {ladder.NOTICE_AFTER} 个工作日，写进本周通报",
                    automatic=True,
                    clocks=names,
                )
            )
            self._remind(appeal, ReminderKind.NOTICE, appeal.handler_id)
            self._record("appeal.noticed", appeal, made[-1].note, clocks=names)
        Supervision.objects.bulk_create(made)

    def _call_in(self, cases: Any) -> None:
        """A talk to be held and put on record; a case has one that is open at a time."""
        rising = [found for climbs in cases if (found := _reaching(climbs, Rung.INTERVIEW))]
        numbers = [climbs[0].appeal.pk for climbs in rising]
        held = set(
            Interview.objects.filter(appeal_id__in=numbers, recorded_at__isnull=True).values_list(
                "appeal_id", flat=True
            )
        )
        made = []
        for climbs in rising:
            appeal, supervisor = climbs[0].appeal, self._supervisor(climbs[0].appeal)
            if appeal.pk in held or appeal.handler_id is None or supervisor is None:
                continue
            why = f"{_labels(_names(climbs))}超时满 {ladder.INTERVIEW_AFTER} 个工作日"
            made.append(
                Interview(
                    appeal=appeal,
                    organisation_id=appeal.handler_id,
                    held_by=supervisor,
                    why=why,
                    made_at=self.at,
                    due_at=ladder.interview_due(self.at, queries.calendar()),
                )
            )
            for organisation_id in dict.fromkeys((supervisor.pk, appeal.handler_id)):
                self._remind(appeal, ReminderKind.INTERVIEW, organisation_id)
            self._record("appeal.interview_called", appeal, f"{why}，由{supervisor}约谈")
        Interview.objects.bulk_create(made)

    def _supervisor(self, appeal: Appeal) -> Organisation | None:
        """Who watches a case of this grade at its present handler, asked once for each place."""
        level = supervising_level_of(appeal)
        key = (appeal.handler_id, level, appeal.region_id)
        if key not in self._supervisors:
            self._supervisors[key] = supervisor_of(appeal, level, day_of(self.at))
        return self._supervisors[key]


def _reaching(climbs: Sequence[Climb], rung: Rung) -> list[Climb]:
    return [c for c in climbs if rung in c.rungs and ladder.asks_for_supervision(c.clock.name, c.appeal.grade)]


def _names(climbs: Sequence[Climb]) -> list[str]:
    return [climb.clock.name for climb in climbs]


def _labels(names: Sequence[str]) -> str:
    return "、".join(ClockName.label_of(name) for name in names)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
