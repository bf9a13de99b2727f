"""How do the appeals live that the stored ones are copies of? Through the real actions and their real listeners.

Each life leaves the rows of one way an appeal can go. `stored.py` copies them many times under other numbers, names,
words and days.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from bench import words
from bench.city import City
from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import Intake
from gongqing.audit import events
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.config.demo import texts
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch import queries
from gongqing.lib import times
from gongqing.lib.codes import check_appeal_code
from gongqing.registry import actions as registry

SOURCE = "bench"
SHORTEST = 150
# ending → share of all appeals; those of OPEN_SHARES are the three per cent in hand
CLOSED_SHARES = {
    "archived": 0.62,
    "unevaluated": 0.18,
    "reported": 0.06,
    "reopened": 0.03,
    "returned": 0.03,
    "extended": 0.02,
    "withdrawn": 0.02,
    "invalid": 0.01,
}
OPEN_SHARES = {
    "triage": 0.002,
    "dispatched": 0.006,
    "signed": 0.004,
    "in_progress": 0.009,
    "paused": 0.002,
    "asked": 0.001,
    "in_review": 0.001,
    "awaiting": 0.005,
}
DOORS = (("hotline_12345", 30), ("hotline_12351", 22), ("app", 26), ("governance", 8), ("visit", 8), ("import", 6))
CODES_OF_TRIAGE = ("LE02", "LE03", "SC01", "OT02")


class Life:
    """One appeal led to its ending; `tail` are the words that every copy says in another way."""

    def __init__(self, city: City, rng: Random, number: int, ending: str, *, at: datetime) -> None:
        self.city, self.rng, self.number, self.ending, self.at = city, rng, number, ending, at
        self.tail, self.name, self.employer = "", words.person_name(rng), ""
        self.appeal = Appeal()

    def live(self) -> None:
        """From its door to its ending."""
        self._receive()
        if self.appeal.status == "triage":
            if self.ending == "triage":
                return
            self._pass(0.5, 2)
            code = self.rng.choice(CODES_OF_TRIAGE)
            self._act(appeals.classify_appeal, self._above("county"), code=code, reason="看过原文，主要诉求是这一类")
        if self.ending == "invalid":
            self._pass(0.5, 3)
            self._act(appeals.invalidate_appeal, self._above("city"), reason=self.rng.choice(texts.INVALID))
            return
        open_it(self.appeal, by=self._above("county"), at=self.at)
        if self.ending not in ("dispatched", "triage"):
            self._handle()

    def _receive(self) -> None:
        rng = self.rng
        town = rng.choice(self.city.towns)
        union, employer = rng.choice(self.city.unions[town])
        channel = rng.choices([name for name, _ in DOORS], [weight for _, weight in DOORS])[0]
        said = [one for one in texts.sayings() if (one.voice == "i") == (channel in ("app", "import"))]
        # few of the texts are grave: most of a city's appeals are green or yellow
        saying = rng.choice(said)
        own = self.number % 5 == 0
        self.employer = "" if own else f"宁波{words.brand(rng)}制品有限公司"
        named = employer.name if own else self.employer
        lead = saying.filled(
            employer=named, town=union.region.name if union.region else "", month=3, yuan=rng.randrange(21, 94) * 100
        )
        if self.ending == "triage":
            lead = "想问一下这个情况应该找谁，我也说不清楚属于哪一种。"
        self.tail = words.tail(rng, at_least=max(60, SHORTEST - len(lead)))
        phone = f"1380{self.number:07d}"
        by = rng.choice(self.city.seats) if channel == "hotline_12351" else SYSTEM
        if own:
            person = registry.find_or_register_person(name=self.name, phone=phone, by=SYSTEM, at=self.at)
            since = (self.at - timedelta(days=200)).date()
            registry.admit_member(person_id=person.pk, union_id=union.pk, since=since, by=SYSTEM, at=self.at)
        intake = Intake(
            source=SOURCE,
            external_id=f"life-{self.number:07d}",
            channel=channel,
            text=lead + self.tail,
            region_code=town,
            employer=named if own or rng.random() < 0.6 or saying.names_employer else "",
            person_name=self.name,
            person_phone=phone,
            anonymous_to_employer=rng.random() < 0.05,
        )
        with patch("gongqing.lib.times.now", lambda: self.at):
            self.appeal = appeals.receive_appeal(intake, by=by, at=self.at).appeal
            run_listeners()
        check_appeal_code(self.appeal.code)
        self._refresh()

    def _handle(self) -> None:
        if self.ending == "returned":
            self._pass(0.2, 0.4)
            self._act(dispatch.return_order, self._hand, reason=self.rng.choice(texts.RETURNS))
            self._pass(0.5, 1)
            self._act(dispatch.dispatch_appeal, self._above("city"), note="请就近办理")
        self._pass(0.2, 2)
        self._act(dispatch.sign_order, self._hand)
        open_it(self.appeal, by=self._hand, at=self.at)
        if self.ending == "signed":
            return
        self._pass(0.3, 2)
        self._act(dispatch.contact_worker, self._hand, note=self.rng.choice(texts.CONTACTS))
        if self.ending == "withdrawn":
            self._pass(1, 5)
            self._act(appeals.withdraw_appeal, self._worker, reason=self.rng.choice(texts.WITHDRAWALS))
            return
        if self.ending in ("reported", "in_progress", "extended", "asked"):
            self._pass(1, 6)
            self._act(dispatch.report_progress, self._hand, note=self.rng.choice(texts.REPORTS))
            self._act(appeals.add_material, self._worker, text=self.rng.choice(texts.MATERIAL))
        if self.ending in ("extended", "asked"):
            self._pass(0.5, 2)
            self._act(dispatch.request_extension, self._hand, working_days=1, reason=self.rng.choice(texts.EXTENSIONS))
            if self.ending == "extended":
                self._pass(0.5, 2)
                self._act(dispatch.decide_extension, self._above("city"), approve=True, answer="同意延长一个工作日")
        if self.ending == "paused":
            self._pass(0.5, 2)
            reason, note = texts.PAUSES[0]
            self._act(dispatch.pause_order, self._hand, reason=reason, note=note)
        if self.ending in ("in_progress", "asked", "paused"):
            return
        self._answer()

    def _answer(self) -> None:
        self._pass(2, 8)
        outcome, result = texts.answer_to("OT02", self.rng)
        self._act(dispatch.resolve_order, self._hand, result=result, outcome=outcome, people=1)
        if self.ending == "in_review":
            return
        if self.appeal.status == "in_review":
            self._pass(0.5, 3)
            self._act(dispatch.review_resolution, self._reviewer, approve=True, note="情况属实，同意办结。")
        if self.ending == "awaiting":
            return
        if self.ending == "unevaluated":
            self.at += timedelta(days=15, hours=2)
            self._act(appeals.close_unevaluated, SYSTEM)
            return
        self._pass(3, 30)
        bad = self.ending == "reopened" and self.appeal.reopened_count == 0
        satisfaction = "not" if bad else self.rng.choice(("satisfied", "satisfied", "satisfied", "basically"))
        reason, said = texts.COMPLAINTS[0] if bad else ("", self.rng.choice(texts.PRAISES))
        self._act(appeals.evaluate_appeal, self._worker, satisfaction=satisfaction, reason=reason, text=said)
        if bad:
            self._handle()

    def _act(self, action: Any, by: Actor, **given: Any) -> None:
        """One action and everything that listens to it, as if it were that moment."""
        with patch("gongqing.lib.times.now", lambda: self.at):
            action(appeal_id=self.appeal.pk, by=by, at=self.at, **given)
            run_listeners()
        self._refresh()

    def _pass(self, least: float, most: float) -> None:
        """Working hours go by."""
        hours = timedelta(hours=self.rng.uniform(least, most))
        self.at = queries.calendar().add_working_time(self.at, hours) + timedelta(seconds=self.rng.randrange(20, 900))

    def _refresh(self) -> None:
        self.appeal = Appeal.objects.select_related("handler").get(pk=self.appeal.pk)

    @property
    def _hand(self) -> Actor:
        held = self.appeal.handler
        assert held is not None  # noqa: S101
        return self.city.staff[held.pk][0] if self.city.staff[held.pk] else self._above("city")

    @property
    def _reviewer(self) -> Actor:
        return self.city.city_staff[2]

    @property
    def _worker(self) -> Actor:
        return Actor(role=Role.CODE_HOLDER, name="职工", appeal_id=self.appeal.pk)

    def _above(self, level: str) -> Actor:
        held = self.appeal.handler
        return self.city.above(held, level) if held is not None else self.city.city_staff[0]


def run_listeners() -> None:
    """Run listeners and queued jobs in this transaction, and what they queue, until none is left; send messages."""
    from django.db import connection
    from procrastinate.contrib.django import app

    from gongqing.audit.delivery import deliver_batch
    from gongqing.notices.actions import deliver_due_messages

    while True:
        if deliver_batch():
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM procrastinate_jobs WHERE id ="
                " (SELECT min(id) FROM procrastinate_jobs WHERE status = 'todo') RETURNING task_name, args"
            )
            job = cursor.fetchone()
        if job is None:
            if deliver_due_messages(at=times.now(), most=1000, seconds=60):
                continue
            return
        arguments = json.loads(job[1]) if isinstance(job[1], str) else job[1]
        app.tasks[job[0]].func(**arguments)


def open_it(appeal: Appeal, *, by: Actor, at: datetime) -> None:
    """A look at the case, as its page writes it down."""
    events.record_access("appeal.opened", subject_kind="appeal", subject_id=appeal.pk, by=by, at=at, address="10.1.0.7")
