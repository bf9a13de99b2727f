"""What happens when the same thing is asked twice at the same moment, or two officers act on one order at once?

Real threads against the real server. One of the two legal orders must come out: never a fault, never two events.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from typing import Any

import httpx
import pytest

from tests.faults.stage import BASE, Stage, body

ROUNDS = 2
TWICE = 2
MANY = 8


def at_once(*calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The answers of calls that start together."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int) -> None:
        gate.wait(timeout=30)
        answers[place] = calls[place]()  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert all(answer is not None for answer in answers)
    return answers  # type: ignore[return-value]


def kinds(stage: Stage, code: str) -> Counter[str]:
    """How often each kind of event stands in an appeal's trace."""
    rows = stage.rows(
        "SELECT e.kind FROM audit_event e JOIN appeals_appeal a ON a.id = e.subject_id"
        " WHERE e.subject_kind = 'appeal' AND a.code = %s",
        code,
    )
    return Counter(kind for (kind,) in rows)


def begun_with(stage: Stage, code: str, kind: str) -> int:
    """How many events of these kinds."""
    return sum(number for name, number in kinds(stage, code).items() if name.startswith(kind))


def test_the_same_number_from_eight_at_once(stage: Stage) -> None:
    clients = [stage.api("hotline") for _ in range(MANY)]
    for _ in range(ROUNDS):
        sent = body()
        answers = at_once(*[lambda who=who, sent=sent: who.post(BASE, json=sent) for who in clients])
        said = [answer.text[:200] for answer in answers]
        assert sorted(answer.status_code for answer in answers) == [200] * (MANY - 1) + [201], said
        assert len({answer.json()["code"] for answer in answers}) == 1
        assert sum(answer.json()["query_password"] is not None for answer in answers) == 1
        found = stage.value("SELECT count(*) FROM appeals_appeal WHERE external_id = %s", sent["external_id"])
        assert found == 1
        assert kinds(stage, answers[0].json()["code"])["appeal.received"] == 1


def test_the_same_form_of_a_worker_twice(stage: Stage) -> None:
    worker = stage.pages("worker")
    form = {
        "external_id": body()["external_id"],
        "text": "厂里三个月没发工资了",
        "county": "330206",
        "town": "330206001",
    }
    answers = at_once(*[lambda: worker.post("/say", data=form) for _ in range(TWICE)])
    assert {answer.status_code for answer in answers} <= {302, 409}, [answer.text[:300] for answer in answers]
    assert any(answer.status_code == 302 for answer in answers)
    found = stage.value("SELECT count(*) FROM appeals_appeal WHERE external_id = %s", form["external_id"])
    assert found == 1


def signed(stage: Stage, code: str) -> None:
    """A case that the town has signed."""
    assert stage.pages("town").post(f"/desk/appeals/{code}/steps/sign").status_code == 302


def answered(stage: Stage, code: str) -> None:
    """A case whose answer the county has taken."""
    given = {"result": "工资已到账", "outcome": "settled"}
    assert stage.api("town").post(f"{BASE}/{code}/resolve", json=given).status_code == 200
    stage.api("county").post(f"{BASE}/{code}/review", json={"approve": True, "note": "同意"})


def fresh(stage: Stage, code: str) -> None:
    """A case as it came."""


# step, who presses it, what is sent, what stands before it, the beginning of the event's name
PRESSED: list[tuple[str, str, dict[str, Any], Callable[[Stage, str], None], str]] = [
    ("sign", "town", {}, fresh, "appeal.signed"),
    ("contact", "town", {"note": "已电话联系"}, signed, "appeal.contacted"),
    ("resolve", "town", {"result": "工资已到账，职工确认", "outcome": "settled"}, signed, "appeal.review_asked"),
    ("extend", "town", {"working_days": "2", "reason": "还要核对考勤"}, signed, "appeal.extension_asked"),
    ("return", "town", {"reason": "企业在小港街道"}, signed, "appeal.returned"),
    ("pause", "town", {"reason": "waiting_for_material", "note": "等工资条"}, signed, "appeal.paused"),
    ("supervise", "county", {"note": "请本周办结"}, fresh, "appeal.supervised"),
    ("urge", "county", {"note": "请抓紧"}, fresh, "appeal.urged"),
    ("evaluate", "hotline", {"satisfaction": "satisfied", "text": "拿到了"}, answered, "appeal.evaluated"),
]


@pytest.mark.parametrize(("verb", "who", "sent", "before", "kind"), PRESSED, ids=[row[0] for row in PRESSED])
def test_a_button_pressed_twice(
    stage: Stage,
    verb: str,
    who: str,
    sent: dict[str, Any],
    before: Callable[[Stage, str], None],
    kind: str,
) -> None:
    page = stage.pages(who)
    code = stage.created()
    before(stage, code)
    known = begun_with(stage, code, kind)
    answers = at_once(*[lambda: page.post(f"/desk/appeals/{code}/steps/{verb}", data=sent) for _ in range(TWICE)])
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 302, [answer.text[-1500:] for answer in answers]
    assert set(statuses) <= {302, 403, 404, 409, 422}, statuses
    assert begun_with(stage, code, kind) - known == 1
    for answer in answers:
        if answer.status_code in (409, 422):
            assert "alert" in answer.text
    invariant = stage.value(
        "SELECT count(*) FROM dispatch_order o JOIN appeals_appeal a ON a.id = o.appeal_id WHERE a.code = %s"
        " AND o.role = 'handle' AND o.closed_at IS NULL",
        code,
    )
    assert invariant <= 1


VERBS: dict[str, tuple[str, dict[str, Any]]] = {
    "sign": ("town", {}),
    "resolve": ("town", {"result": "工资已到账，职工确认"}),
    "return": ("town", {"reason": "企业在小港街道"}),
    "transfer": ("county", {"organisation": "T2", "reason": "企业在小港街道"}),
    "pause": ("town", {"reason": "waiting_for_material", "note": "等工资条"}),
    "extend": ("town", {"working_days": 2, "reason": "还要核对考勤"}),
    "withdraw": ("hotline", {"reason": "厂里补发了"}),
    "supervise": ("city", {"note": "请本周办结"}),
}


@pytest.mark.parametrize(("one", "other"), list(combinations(VERBS, 2)), ids="-".join)
def test_two_officers_on_one_order(stage: Stage, one: str, other: str) -> None:
    code = stage.created()
    signed(stage, code) if "sign" not in (one, other) else None
    calls = []
    for verb in (one, other):
        who, sent = VERBS[verb]
        client = stage.api(who)
        calls.append(lambda client=client, verb=verb, sent=sent: client.post(f"{BASE}/{code}/{verb}", json=sent))
    answers = at_once(*calls)
    statuses = [answer.status_code for answer in answers]
    assert 200 in statuses, [answer.text for answer in answers]
    assert set(statuses) <= {200, 403, 404, 409}, [answer.text for answer in answers]
    for answer in answers:
        if answer.status_code != 200:
            assert answer.json()["errors"][0]["message"]
    found = kinds(stage, code)
    for kind in ("appeal.signed", "appeal.resolved", "appeal.returned", "appeal.withdrawn", "appeal.paused"):
        assert found[kind] <= 1, found
    stage.check()
