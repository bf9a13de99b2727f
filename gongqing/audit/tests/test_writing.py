"""Are rows that are written together the same as rows that are saved one by one, and all there or none?"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gongqing.appeals.models import Access, Appeal, SearchText
from gongqing.appeals.queries import found_ids
from gongqing.audit import writing
from gongqing.audit.actor import Actor
from gongqing.audit.standing import standing_rules
from gongqing.registry.models import Person, Region


def person(at: datetime, **given: Any) -> Person:
    return Person(name="演员甲", created_at=at, **given)


def appeal(at: datetime, **given: Any) -> Appeal:
    values: dict[str, Any] = {
        "code": f"GQ33020020251013{given.get('external_id', '1'):0>8}",
        "source": "test",
        "external_id": "1",
        "content_digest": "d",
        "query_password_digest": "p",
        "channel": "app",
        "title": "“引号”、\\反斜线、%s、{}、\t和'单引号'",
        "text": "第一行\n第二行 😀 𠮷 ；DROP TABLE",
        "received_at": at,
        "entered_at": at + timedelta(microseconds=123456),
    }
    return Appeal(**{**values, **given})


def columns(row: Any) -> dict[str, Any]:
    row.refresh_from_db()
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}


def test_every_kind_of_value_arrives_as_it_would_alone(system: Actor, at: datetime) -> None:
    values: dict[str, Any] = {
        "category_words": ["工资", "拖欠"],
        "grade_reasons": [{"rule": "G06", "spans": [[0, 2]], "evidence": "“三个月”没发"}],
        "amount": Decimal("12345678.90"),
        "worker_count": 0,
        "category_confidence": 0.1 + 0.2,
        "longitude": -121.55,
        "is_anonymous": True,
        "due_at": at,
        "closed_at": None,
    }
    saved = appeal(at, **values)
    saved.save()
    with writing.together("test"):
        written = writing.insert(appeal(at, **{**values, "external_id": "2"}))
    apart = {"code", "external_id"}
    assert {k: v for k, v in columns(written).items() if k not in apart} == {
        k: v for k, v in columns(saved).items() if k not in apart
    }
    sealed = person(at, phone_sealed=b"\x00\xff\\x", phone_index=b"\x01", phone_mask="138****0000")
    with writing.together("test"):
        writing.insert(sealed)
    sealed.refresh_from_db()
    assert (bytes(sealed.phone_sealed or b""), bytes(sealed.phone_index or b"")) == (b"\x00\xff\\x", b"\x01")


def test_many_rows_of_several_tables_take_one_journey(system: Actor, at: datetime, made: list[int]) -> None:
    with writing.together("test.many"):
        writing.insert(person(at))  # the first time draws the numbers of each table when they are wanted
        writing.insert(appeal(at))
    made.clear()
    with writing.together("test.many"):
        someone = writing.insert(person(at))
        matter = writing.insert(appeal(at, external_id="2", person=someone))
        writing.insert(SearchText(appeal=matter, body="工资", grams=["工资"]))
    assert len(made) == 2  # the numbers, the rows
    assert Appeal.objects.get(external_id="2").person == someone
    assert found_ids("工资") == [matter.pk]


def test_changes_of_a_row_meet_at_the_end(system: Actor, at: datetime) -> None:
    matters = [appeal(at, external_id=str(number)) for number in range(3)]
    Appeal.objects.bulk_create(matters)
    with CaptureQueriesContext(connection) as seen, writing.together("test"):
        for matter in matters:
            matter.status = "classified"
            writing.save(matter, ["status"])
            matter.grade = "yellow"
            writing.save(matter, ["grade"])
        assert Appeal.objects.filter(status="classified").count() == 0
        writing.write_now()
        assert Appeal.objects.filter(status="classified", grade="yellow").count() == 3
        matters[0].grade = "red"
        writing.save(matters[0], ["grade"])
    assert sorted(Appeal.objects.values_list("grade", flat=True)) == ["red", "yellow", "yellow"]
    assert len([one for one in seen.captured_queries if one["sql"].startswith("UPDATE")]) == 2


def test_a_row_that_is_gone_is_not_passed_over(system: Actor, at: datetime) -> None:
    gone = person(at, pk=10**9)
    gone._state.adding = False
    with pytest.raises(RuntimeError, match="not there"), writing.together("test"):
        writing.save(gone, ["name"])


def test_a_block_that_fails_writes_nothing(system: Actor, at: datetime) -> None:
    def fails() -> None:
        with transaction.atomic(), writing.together("test"):
            writing.insert(appeal(at))
            raise ValueError("invented")

    def doubles() -> None:
        with transaction.atomic(), writing.together("test"):
            writing.insert(person(at))
            writing.insert(appeal(at))
            writing.insert(appeal(at))

    with pytest.raises(ValueError, match="invented"):
        fails()
    with pytest.raises(IntegrityError):
        doubles()
    assert not Appeal.objects.exists()
    assert not Person.objects.exists()


def test_a_grant_that_is_there_stands(system: Actor, at: datetime) -> None:
    matter = appeal(at)
    matter.save()
    for _ in range(2):
        with writing.together("test"):
            writing.insert(Access(appeal=matter, path="/1/", why="handler", since=at), is_lenient=True)
            writing.insert(Access(appeal=matter, path="/1/", why="handler", since=at), is_lenient=True)
    assert Access.objects.filter(appeal=matter).count() == 1


def test_outside_of_a_block_everything_is_written_at_once(system: Actor, at: datetime) -> None:
    matter = writing.insert(appeal(at))
    matter.grade = "orange"
    writing.save(matter, ["grade"])
    assert Appeal.objects.get(pk=matter.pk).grade == "orange"
    assert writing.kept() is None


def stamp() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT md5(string_agg(value::text, ',' ORDER BY slot)) FROM audit_stamp")
        return str(cursor.fetchone()[0])


def test_a_change_of_regions_draws_a_stamp_that_was_never_there(system: Actor, at: datetime) -> None:
    before = stamp()
    appeal(at).save()
    assert stamp() == before
    try:
        with transaction.atomic():
            Region.objects.create(code="330299", name="试县", level="county")
            inside = stamp()
            raise ValueError
    except ValueError:
        pass
    assert inside != before
    assert stamp() == before
    Region.objects.create(code="330299", name="试县", level="county")
    assert stamp() not in (before, inside)


def test_standing_answers_follow_a_change(system: Actor) -> None:
    from gongqing.registry import queries

    Region.objects.create(code="330299", name="试县", level="county")
    with standing_rules():
        assert str(queries.region_of("330299")) == "试县"
    with CaptureQueriesContext(connection) as seen, standing_rules():
        queries.region_of("330299")
    assert len(seen) == 1
    Region.objects.filter(code="330299").update(name="新县")
    with standing_rules():
        assert str(queries.region_of("330299")) == "新县"
