"""Are the events of an appeal one unbroken chain, however they are written?"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from gongqing.audit import events, queries, rules, scope
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.audit.models import AccessLog, ChainHead, Event
from gongqing.lib import crypto

SEAT = Actor(role=Role.HOTLINE_SEAT, name="陈洁", user_id=7, organisation_id=3, organisation_name="热线", path="1/2/")


@dataclass
class Appeal:
    """Stands for a row of that name; the trace asks for its number alone."""

    pk: int


@dataclass
class User:
    """A subject without a chain."""

    pk: int


@pytest.fixture
def heard():
    """The kinds that listeners of the test heard of, in order."""
    found = []
    kinds = ("test.first", "test.second", "test.third")
    known_at_once, known_queued = dict(events._at_once), dict(events._queued)
    events.on("test.first", at_once=True)(lambda event: found.append(event.kind))
    yield found
    for registry, known in ((events._at_once, known_at_once), (events._queued, known_queued)):
        for kind in kinds:
            registry.pop(kind, None)
        registry.update(known)


def rows(appeal_id=1):
    return list(queries.events_of("appeal", appeal_id))


def check_chain(found):
    previous = ""
    for event in found:
        assert event.previous_digest == previous
        aside = rules.aside_digest(event.salt, event.name, event.organisation_name, event.note)
        assert event.aside_digest == aside
        assert event.digest == crypto.digest(event.canonical())
        previous = event.digest
    head = ChainHead.objects.get(subject_kind="appeal", subject_id=found[0].subject_id)
    assert (head.length, head.digest) == (len(found), previous)


def jobs():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.kind, e.id FROM audit_delivery d JOIN audit_event e ON e.id = d.event_id ORDER BY d.id"
        )
        return cursor.fetchall()


def test_each_event_holds_the_one_before(system, at):
    for kind in ("test.first", "test.second", "test.third"):
        events.record(kind, subject=Appeal(1), by=SEAT, at=at, note="谈过了", amount=3200.5, of=[1, {"half": 1.0}])
    events.record("test.other", subject=Appeal(2), by=SEAT, at=at)
    found = rows()
    assert [event.kind for event in found] == ["test.first", "test.second", "test.third"]
    check_chain(found)
    check_chain(rows(2))


def test_other_subjects_have_a_digest_and_no_chain(system, at):
    for _ in range(2):
        event = events.record("user.tested", subject=User(5), by=SYSTEM, at=at)
        assert event.previous_digest == ""
        assert event.digest == crypto.digest(Event.objects.get(pk=event.pk).canonical())
    assert not ChainHead.objects.filter(subject_kind="user").exists()


def test_the_chain_holds_no_name_and_no_note(system, at):
    event = events.record("test.first", subject=Appeal(1), by=SEAT, at=at, note="王芳 13800000417", outcome="done")
    form = Event.objects.get(pk=event.pk).canonical().decode()
    assert not {word for word in ("陈洁", "热线", "王芳", "13800000417") if word in form}
    assert '"outcome":"done"' in form


def test_recording_costs_two_exchanges(system, at, made):
    events.record("test.first", subject=Appeal(1), by=SYSTEM, at=at)
    for subject, opens in ((Appeal(1), False), (User(1), False), (Appeal(2), True)):
        made.clear()
        events.record("test.second", subject=subject, by=SYSTEM, at=at, opens=opens)
        assert len(made) == 2
    check_chain(rows(2))


def test_a_chain_is_opened_once(system, at):
    events.record("test.first", subject=Appeal(1), by=SYSTEM, at=at, opens=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        events.record("test.second", subject=Appeal(1), by=SYSTEM, at=at, opens=True)
    check_chain(rows())


def test_a_listener_that_fails_is_tried_again_alone(system, at, heard, run_jobs):
    told = []

    def fails(event):
        told.append("fails")
        events.record("test.second", subject=Appeal(7), by=SYSTEM, at=at)
        raise ValueError("invented")

    def works(event):
        told.append("works")

    events.on("test.third")(fails)
    events.on("test.third")(works)
    events.record("test.third", subject=Appeal(1), by=SYSTEM, at=at)
    with pytest.raises(ValueError, match="invented"):
        run_jobs()
    assert told == ["fails", "works", "fails"]
    assert rows(7) == [], "what a listener did that failed is taken back"


def test_a_block_is_written_at_its_end(system, at, heard, made):
    made.clear()
    with events.written_together():
        first = events.record("test.first", subject=Appeal(1), by=SYSTEM, at=at)
        events.record("test.first", subject=Appeal(2), by=SYSTEM, at=at)
        with events.written_together():
            last = events.record("test.second", subject=Appeal(1), by=SYSTEM, at=at, note="后")
        assert heard == ["test.first", "test.first"]
        assert first.pk is None
        assert made == []
    assert len(made) == 3  # the heads are looked for; laid and looked for again; everything is written
    assert first.pk < last.pk
    check_chain(rows())
    check_chain(rows(2))
    made.clear()
    with events.written_together():
        events.record("test.second", subject=Appeal(1), by=SYSTEM, at=at)
        events.record("test.second", subject=Appeal(2), by=SYSTEM, at=at)
    assert len(made) == 2


def test_whoever_reads_in_a_block_finds_what_was_recorded(system, at):
    with events.written_together():
        events.record("test.first", subject=Appeal(1), by=SYSTEM, at=at)
        assert [event.kind for event in rows()] == ["test.first"]
        events.record("test.second", subject=Appeal(1), by=SYSTEM, at=at)
    assert [event.kind for event in rows()] == ["test.first", "test.second"]
    check_chain(rows())


def test_a_block_that_fails_writes_nothing(system, at):
    @transaction.atomic
    def fail():
        with events.written_together():
            events.record("test.first", subject=Appeal(1), by=SYSTEM, at=at)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    events.record("test.second", subject=Appeal(1), by=SYSTEM, at=at)
    assert [event.kind for event in rows()] == ["test.second"]


@transaction.atomic
def fail_after(kind, at, *, reads):
    events.record(kind, subject=Appeal(1), by=SYSTEM, at=at)
    if reads:
        rows()
    raise ValueError("no")


@pytest.mark.parametrize("reads", [False, True])
def test_what_a_savepoint_takes_back_is_forgotten(system, at, heard, reads):
    events.on("test.first", "test.second", "test.third")(lambda event: None)
    with events.written_together():
        events.record("test.first", subject=Appeal(1), by=SYSTEM, at=at)
        with pytest.raises(ValueError, match="no"):
            fail_after("test.second", at, reads=reads)
        events.record("test.third", subject=Appeal(1), by=SYSTEM, at=at)
    found = rows()
    assert [event.kind for event in found] == ["test.first", "test.third"]
    check_chain(found)
    assert jobs() == [(event.kind, event.pk) for event in found]


def test_a_block_needs_a_transaction(transactional_db, at):
    with pytest.raises(transaction.TransactionManagementError), events.written_together():
        pass


def test_a_job_is_queued_when_it_concerns_the_listener(system, at, heard):
    events.on("test.first", when=lambda event: event.data.get("grade") == "red")(lambda event: None)
    events.record("test.first", subject=Appeal(1), by=SYSTEM, at=at, grade="green")
    event = events.record("test.first", subject=Appeal(1), by=SYSTEM, at=at, grade="red")
    assert jobs() == [("test.first", event.pk)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("together", [False, True])
def test_two_at_once_never_fork(at, together):
    def write(serial):
        try:
            with scope.acting_as(SYSTEM):
                for step in range(5):
                    if together:
                        with events.written_together():
                            events.record("test.first", subject=Appeal(1), by=SYSTEM, at=at, serial=serial, step=step)
                            events.record("test.second", subject=Appeal(1), by=SYSTEM, at=at, serial=serial, step=step)
                    else:
                        events.record("test.first", subject=Appeal(1), by=SYSTEM, at=at, serial=serial, step=step)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    with scope.acting_as(SYSTEM):
        found = rows()
        assert len(found) == (60 if together else 30)
        check_chain(found)


def test_a_look_costs_one_statement_in_any_scope(db, at):
    nobody = Actor(role=Role.CODE_HOLDER, name="凭编号查询", appeal_id=1)
    with transaction.atomic():
        scope.bind(nobody)
        with CaptureQueriesContext(connection) as asked:
            events.record_access(
                "appeal.opened", subject_kind="appeal", subject_id=1, by=nobody, at=at, address="2001:DB8:0::1"
            )
        assert len(asked) == 1
        with scope.acting_as(SYSTEM):
            look = AccessLog.objects.get()
            assert look.digest == crypto.digest(look.canonical())
            place = rules.address_text(look.address)
            assert look.aside_digest == rules.aside_digest(look.salt, look.name, "", "", place)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc你"), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(
    data=st.dictionaries(st.text("abc中"), values, max_size=4), hours=st.integers(-12, 14), second=st.integers(0, 10**9)
)
def test_the_form_is_the_same_whoever_reads_it(data, hours, second):
    moment = datetime.fromtimestamp(second, UTC)
    shared = {
        "role": "system",
        "user_id": None,
        "organisation_id": 1,
        "key_id": None,
        "kind": "k",
        "subject_kind": "appeal",
    }
    rest = {"subject_id": 1, "aside_digest": "a", "previous_digest": "p"}
    here = moment.astimezone(timezone(timedelta(hours=hours)))
    turned = dict(reversed(data.items()))
    one = rules.event_form(at=moment, data=data, **shared, **rest)
    assert one == rules.event_form(at=here, data=turned, **shared, **rest)


def test_data_comes_back_from_the_table_as_it_went(system, at):
    made = []

    @given(data=values)
    def keep(data):
        made.append(events.record("test.data", subject=User(1), by=SYSTEM, at=at, value=data))

    keep()
    read = Event.objects.in_bulk([event.pk for event in made])
    assert len(made) > 50
    for event in made:
        assert read[event.pk].canonical() == event.canonical()
