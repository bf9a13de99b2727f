"""Is every kind of tampering found, and named?"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from gongqing.audit import events, scope, seals
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog, DailySeal, Event
from gongqing.audit.tests import world
from gongqing.audit.tests.world import SECRET, tamper
from gongqing.audit.verification import verify_subject, verify_trace
from gongqing.lib import crypto


@pytest.fixture
def trace(django_db_setup, django_db_blocker, at):
    """The steps of the second of three appeals, fifteen each, two days of them sealed."""
    with django_db_blocker.unblock(), world.in_one_transaction():
        world.build(at)
        with scope.acting_as(SYSTEM):
            rows = Event.objects.filter(subject_kind="appeal", subject_id=2).order_by("id")
            numbers = [event.pk for event in rows]
        yield numbers


def found(**options):
    return verify_trace(secret=SECRET, **options)


def said(report):
    return [(one.part, one.id, one.said) for one in report.findings]


def test_an_untouched_trace_passes(trace):
    report = found()
    assert said(report) == []
    assert (report.event_count, report.look_count, report.chain_count, report.seal_count) == (50, 9, 3, 2)


def test_an_empty_trace_passes(db):
    assert found().is_clean


@pytest.mark.parametrize(
    "change",
    [
        "at = at - interval '1 microsecond'",
        "role = 'city_supervisor'",
        "user_id = 8",
        "organisation_id = NULL",
        "kind = 'appeal.returned'",
        "data = jsonb_set(data, '{step}', '7')",
        'data = data || \'{"grade": "green"}\'',
        "aside_digest = repeat('0', 64)",
    ],
)
def test_a_changed_field_is_found(trace, change):
    tamper(f"UPDATE audit_event SET {change} WHERE id = %s", trace[6])
    assert said(found()) == [("event", trace[6], "内容被改动")]
    with scope.acting_as(SYSTEM):
        assert said(verify_subject("appeal", 2)) == [("event", trace[6], "内容被改动")]
        assert verify_subject("appeal", 1).is_clean


@pytest.mark.parametrize("change", ["note = '没谈过'", "name = '别人'", "organisation_name = '别处'", "salt = 'a'"])
def test_a_changed_note_is_found(trace, change):
    tamper(f"UPDATE audit_event SET {change} WHERE id = %s", trace[6])
    assert said(found()) == [("event", trace[6], "姓名或说明被改动")]


def test_a_changed_subject_is_found(trace):
    tamper("UPDATE audit_event SET subject_id = 3 WHERE id = %s", trace[12])
    report = found()
    assert ("event", trace[12], "内容被改动") in said(report)
    assert {one.subject_id for one in report.findings if one.part == "chain"} == {2, 3}


def test_a_rewritten_digest_breaks_the_chain_and_the_seal(trace):
    with scope.acting_as(SYSTEM):
        event = Event.objects.get(pk=trace[6])
    event.kind = "appeal.returned"
    tamper("UPDATE audit_event SET kind = %s, digest = %s WHERE id = %s", event.kind, digest_of(event), event.pk)
    report = found()
    assert ("chain", trace[7], "前面的一步被删除或改动") in said(report)
    assert any(one.part == "seal" and "被改动或调换" in one.said for one in report.findings)


def digest_of(event):
    return crypto.digest(event.canonical())


def test_a_removed_step_is_found_and_numbered(trace):
    tamper("DELETE FROM audit_event WHERE id = %s", trace[6])
    report = found()
    assert ("chain", trace[7], "前面的一步被删除或改动") in said(report)
    assert any(one.part == "seal" and f"空着的编号：{trace[6]}" in one.said for one in report.findings)


def test_numbers_of_what_was_taken_back_are_not_called_missing(django_db_setup, django_db_blocker, at):
    with django_db_blocker.unblock(), world.in_one_transaction():
        world.record_some(at)
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('audit_event_id_seq') FROM generate_series(1, 2)")
            spent = [number for (number,) in cursor.fetchall()]
        world.record_some(at + timedelta(hours=1))
        seals.seal_trace(day=at.date(), secret=SECRET, by=SYSTEM, at=at + timedelta(hours=10))
        assert said(found()) == []
        with scope.acting_as(SYSTEM):
            removed = Event.objects.filter(pk__gt=spent[-1], subject_kind="appeal").order_by("id")[2].pk
        tamper("DELETE FROM audit_event WHERE id = %s", removed)
        (seal,) = [one.said for one in found().findings if one.part == "seal"]
        named, _, rest = seal.partition("少了 1 行，在空着的编号 ")[2].partition(" 之中")
        empty = [int(number) for number in named.split("、")]
        assert {*spent, removed} <= set(empty)
        assert rest == f"（其余 {len(empty) - 1} 个封存时就空着，不是少的）"


def test_a_removed_end_is_found(trace):
    tamper("DELETE FROM audit_event WHERE id = ANY(%s)", trace[-2:])
    assert said(found()) == [("chain", None, "末尾的 2 步被删除：应有 15 步，现有 13 步")]


def test_a_removed_case_is_found(trace):
    tamper("DELETE FROM audit_event WHERE subject_kind = 'appeal' AND subject_id = 2")
    assert ("chain", None, "15 步全部被删除") in said(found())


def test_swapped_steps_are_found(trace):
    first, second = trace[-3:-1]
    tamper("UPDATE audit_event SET id = -1 WHERE id = %s", first)
    tamper("UPDATE audit_event SET id = %s WHERE id = %s", first, second)
    tamper("UPDATE audit_event SET id = %s WHERE id = -1", second)
    assert ("chain", second, f"顺序被调换，应在编号 {first} 之前") in said(found())


def test_swapped_rows_without_a_chain_are_found(trace):
    with scope.acting_as(SYSTEM):
        first, second = Event.objects.filter(subject_kind="user").order_by("id").values_list("pk", flat=True)[:2]
    tamper("UPDATE audit_event SET id = -1 WHERE id = %s", first)
    tamper("UPDATE audit_event SET id = %s WHERE id = %s", first, second)
    tamper("UPDATE audit_event SET id = %s WHERE id = -1", second)
    report = found()
    assert {one.day.day for one in report.findings if "被改动或调换" in one.said} == {13, 14}


@pytest.mark.parametrize("knows", [False, True])
def test_an_inserted_step_is_found(trace, knows):
    """Also one whose digest was computed as ours are, and that stands at the end of the chain."""
    with scope.acting_as(SYSTEM):
        last = Event.objects.get(pk=trace[-1])
    last.pk, last.previous_digest, last.kind = None, last.digest, "appeal.archived"
    last.digest = digest_of(last) if knows else "f" * 64
    with scope.acting_as(SYSTEM):
        last.save(force_insert=True)
    report = found()
    assert ("chain", last.pk, "不在链上：是后来插入的，或者链尾被改动") in said(report)
    assert (("event", last.pk, "内容被改动") in said(report)) is not knows


def test_a_row_put_into_a_sealed_day_is_found(trace):
    with scope.acting_as(SYSTEM):
        event = Event.objects.filter(subject_kind="user").earliest("id")
    tamper("DELETE FROM audit_event WHERE id = %s", trace[3])
    event.pk, event.kind = trace[3], "user.appointed"
    event.digest = digest_of(event)
    with scope.acting_as(SYSTEM):
        event.save(force_insert=True)
    assert any(one.part == "seal" and "被改动或调换" in one.said for one in found().findings)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("kind = 'list.exported'", "内容被改动"),
        ("count = 2", "内容被改动"),
        ("user_id = NULL", "内容被改动"),
        ("reason = ''", "姓名或说明被改动"),
        ("address = '10.0.0.9'", "姓名或说明被改动"),
    ],
)
def test_a_changed_look_is_found(trace, change, what):
    with scope.acting_as(SYSTEM):
        look = AccessLog.objects.earliest("id").pk
    tamper(f"UPDATE audit_accesslog SET {change} WHERE id = %s", look)
    assert said(found()) == [("look", look, what)]


def test_a_removed_look_is_found(trace):
    with scope.acting_as(SYSTEM):
        look = AccessLog.objects.order_by("id")[1].pk
    tamper("DELETE FROM audit_accesslog WHERE id = %s", look)
    (one,) = found().findings
    assert one.part == "seal"
    assert one.said.endswith(f"少了 1 行，现在空着的编号：{look}")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("digest = repeat('0', 64)", "链尾记录被改动，或末尾的一步被换掉：应有 15 步，现有 15 步"),
        ("length = 14", "链尾记录被改动：记为 14 步，链上有 15 步"),
        ("length = 16", "链尾记录被改动：记为 16 步，链上有 15 步"),
    ],
)
def test_a_changed_head_is_found(trace, change, what):
    tamper(f"UPDATE audit_chainhead SET {change} WHERE subject_id = 2")
    assert said(found()) == [("chain", None, what)]


def test_a_removed_head_is_found(trace):
    tamper("DELETE FROM audit_chainhead WHERE subject_id = 2")
    assert said(found()) == [("chain", None, "链尾记录被删除")]


def test_a_cut_end_with_its_head_is_found_once_it_is_sealed(trace, at):
    with scope.acting_as(SYSTEM):
        kept = Event.objects.get(pk=trace[7])
    tamper("DELETE FROM audit_event WHERE subject_id = 2 AND subject_kind = 'appeal' AND id > %s", kept.pk)
    tamper("UPDATE audit_chainhead SET length = 8, digest = %s WHERE subject_id = 2", kept.digest)
    report = found()
    assert {one.part for one in report.findings} == {"seal"}
    assert any("少了 2 行" in one.said for one in report.findings)


@pytest.mark.parametrize("change", ["event_count = 1", "root = repeat('0', 64)", "blocks = '{}'", "last_event_id = 3"])
def test_a_changed_seal_is_found(trace, at, change):
    tamper(f"UPDATE audit_dailyseal SET {change} WHERE day = %s", at.date())
    assert ("seal", None, "封存被改动") in said(found())


def test_a_seal_made_without_the_key_is_found(trace, at):
    with scope.acting_as(SYSTEM):
        seal = DailySeal.objects.order_by("-day").first()
    seal.event_count -= 1
    tamper(
        "UPDATE audit_dailyseal SET event_count = %s, digest = %s, signature = %s WHERE id = %s",
        seal.event_count, crypto.digest(seal.canonical()), "0" * 64, seal.pk,
    )  # fmt: skip
    assert ("seal", None, "封存的签名不对：不是本平台的密钥所签") in said(found())


def test_a_removed_seal_is_found(trace, at):
    tamper("DELETE FROM audit_dailyseal WHERE day = %s", at.date())
    assert [one.said for one in found().findings] == [
        "前一次封存被删除或改动",
        "封存被删除或改动：留痕里记有这次封存，封存表里没有",
    ]
    tamper("DELETE FROM audit_dailyseal")
    assert {one.day.day for one in found().findings} == {13, 14}


def test_a_later_start_passes_over_what_was_before(trace, at):
    tamper("UPDATE audit_event SET kind = 'x' WHERE id = %s", trace[1])
    tamper("UPDATE audit_event SET kind = 'x' WHERE id = %s", trace[-1])
    assert [one.id for one in found(since=at.date()).findings] == [trace[1], trace[-1]]
    report = found(since=(at + timedelta(days=1)).date())
    assert [one.id for one in report.findings] == [trace[-1]]
    assert report.event_count < 50


def test_what_was_erased_silently_is_found(trace):
    tamper("UPDATE audit_event SET note = '', salt = '', erased_at = now() WHERE id = %s", trace[2])
    assert said(found()) == [("event", trace[2], "文字被抹去，没有去除个人信息的记录")]
    tamper("UPDATE audit_event SET note = '另一句话' WHERE id = %s", trace[2])
    assert ("event", trace[2], "标为已去除个人信息，却还有文字") in said(found())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET kind = 'x'",
        "DELETE FROM audit_event",
        "UPDATE audit_accesslog SET reason = ''",
        "DELETE FROM audit_accesslog",
        "UPDATE audit_dailyseal SET root = ''",
        "DELETE FROM audit_dailyseal",
        "DELETE FROM audit_chainhead",
        "UPDATE audit_chainhead SET subject_id = 9",
        "TRUNCATE audit_event",
        "LOCK TABLE audit_event IN SHARE MODE",
    ],
)
def test_the_bound_role_cannot_rewrite_anything(db, statement):
    with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_a_day_is_sealed_once(trace, at):
    day = (at + timedelta(days=1)).date()
    seal, is_new = seals.seal_trace(day=day, secret=SECRET, by=SYSTEM, at=at + timedelta(days=2))
    assert (seal.day, is_new) == (day, False)
    older, is_new = seals.seal_trace(day=at.date(), secret=SECRET, by=SYSTEM, at=at + timedelta(days=2))
    assert (older.day, is_new) == (day, False)


def test_a_missed_day_is_under_the_next_seal(trace, at):
    world.record_some(at + timedelta(days=3))
    day = (at + timedelta(days=6)).date()
    seal, is_new = seals.seal_trace(day=day, secret=SECRET, by=SYSTEM, at=at + timedelta(days=7))
    assert is_new
    assert seal.event_count == 33  # two days of sixteen, and the event of the last seal
    assert found().is_clean


@pytest.mark.django_db(transaction=True)
def test_a_seal_waits_for_whoever_writes(at):
    """A number that was drawn and is not committed yet must not stay below the seal's last one unseen."""
    started, finish = threading.Event(), threading.Event()

    def write():
        try:
            with scope.acting_as(SYSTEM):
                number = events.record("step.late", subject=world.Appeal(1), by=SYSTEM, at=at).pk
                started.set()
                finish.wait(5)
                return number
        finally:
            connection.close()

    def seal():
        try:
            return seals.seal_trace(day=at.date(), secret=SECRET, by=SYSTEM, at=at)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        written = pool.submit(write)
        assert started.wait(5)
        sealed = pool.submit(seal)
        with pytest.raises(TimeoutError):
            sealed.result(0.3)
        finish.set()
        assert sealed.result(5).last_event_id == written.result(5)
    assert found().is_clean
