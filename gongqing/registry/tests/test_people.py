"""Is personal data sealed, found exactly, never overwritten by its mask, and shown only for a reason?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.audit.models import AccessLog, Event
from gongqing.lib import crypto
from gongqing.lib.codes import invented_id_number
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.registry import actions, queries
from gongqing.registry.models import Person, sealing
from gongqing.registry.tests import make

PHONE = "13800000417"
SEAT = Actor(role=Role.HOTLINE_SEAT, name="坐席甲", user_id=7)


def register(at, by, **fields):
    return actions.find_or_register_person(**{"name": "周甲", "phone": PHONE, "by": by, "at": at, **fields})


def test_nothing_readable_reaches_the_table(system, at):
    register(at, system, id_number=invented_id_number(5), address="宁波市北仑区柴桥街道甲路 1 号")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(p)::text FROM registry_person p")
        row = cursor.fetchone()[0]
    assert PHONE not in row
    assert invented_id_number(5) not in row
    assert "138****0417" in row


def test_the_same_phone_is_the_same_person_however_written(system, at):
    first = register(at, system, name="")
    again = register(at, system, phone="+86 138-0000-0417", name="周甲")
    assert again.pk == first.pk
    assert Person.objects.get().name == "周甲"
    assert register(at, system, name="别名").name == "周甲"
    assert queries.person_by_phone("138 0000 0417") == first


def test_a_masked_value_is_never_saved(system, at):
    person = register(at, system)
    sealed = bytes(person.phone_sealed)
    actions.complete_person(person_id=person.pk, phone="138****0417", name="周**", by=system, at=at)
    person.refresh_from_db()
    assert (bytes(person.phone_sealed), person.name) == (sealed, "周甲")
    unknown = register(at, system, phone="139****0000", name="吴乙")
    assert (unknown.phone_sealed, unknown.phone_mask) == (None, "")
    assert queries.person_by_phone("138****0417") is None


@pytest.mark.parametrize(
    ("field", "value"), [("phone", "12345"), ("phone", "abc"), ("id_number", "330203199001010000")]
)
def test_what_cannot_be_a_number_is_refused_by_field(system, at, field, value):
    with pytest.raises(BadInput) as refused:
        register(at, system, **{field: value})
    assert refused.value.field == field


def test_a_seat_registers_a_person_it_may_not_look_up(db, at):
    with scope.acting_as(SEAT):
        person = register(at, SEAT)
        assert queries.person_by_phone(PHONE) is None
        assert register(at, SEAT).pk == person.pk
        with pytest.raises(NotPermitted):
            actions.complete_person(person_id=person.pk, name="改", by=SEAT, at=at)


def test_a_number_belongs_to_one_person(system, at):
    register(at, system, id_number=invented_id_number(1))
    other = register(at, system, phone="13900000001")
    with pytest.raises(BadInput, match="别人名下"):
        actions.complete_person(person_id=other.pk, phone=PHONE, by=system, at=at)
    with pytest.raises(BadInput, match="另一个手机号"):
        register(at, system, phone="13900000002", id_number=invented_id_number(1))


def test_revealing_asks_who_and_why_and_is_logged(system, at):
    person = register(at, system)

    def reveal(reason="核实联系方式", allowed=True, field="phone"):
        return actions.reveal_person(
            person_id=person.pk, field=field, reason=reason, by=system, at=at, may=lambda by, who: allowed
        )

    with pytest.raises(BadInput) as refused:
        reveal(reason=" 看看 ")
    assert refused.value.field == "reason"
    with pytest.raises(NotPermitted):
        reveal(allowed=False)
    with pytest.raises(BadInput):
        reveal(field="name")
    assert not AccessLog.objects.exists()
    assert reveal() == PHONE
    assert reveal(field="address") == ""
    look = AccessLog.objects.earliest("id")
    assert (look.kind, look.subject_id, look.reason) == ("person.phone_revealed", person.pk, "核实联系方式")


def test_membership_is_one_at_a_time(system, at):
    tree, person = make.tree(at), register(at, system)
    admit = {"person_id": person.pk, "since": date(2025, 1, 6), "by": system, "at": at}
    member = actions.admit_member(union_id=tree.union.pk, **admit)
    assert actions.admit_member(union_id=tree.union.pk, **admit) == member
    with pytest.raises(NotAllowed, match="转出"):
        actions.admit_member(union_id=tree.other_union.pk, **admit)
    assert queries.union_of_person(person.pk, date(2025, 6, 1)) == tree.union
    actions.end_membership(person_id=person.pk, until=date(2025, 7, 1), reason="离职", by=system, at=at)
    assert queries.union_of_person(person.pk, date(2025, 7, 1)) is None
    with pytest.raises(NotAllowed):
        actions.end_membership(person_id=person.pk, until=date(2025, 7, 1), reason="离职", by=system, at=at)
    with pytest.raises(NotAllowed, match="只有"):
        actions.admit_member(union_id=tree.county.pk, **admit)


@pytest.fixture
def own_keys(settings, tmp_path):
    """A key file of this test alone."""
    path = tmp_path / "keys" / "keyring.json"
    path.parent.mkdir()
    path.write_text(crypto.new_keyring().to_json(), encoding="utf-8")
    settings.HOME = tmp_path
    return path


def test_rotation_reseals_everything_and_keeps_the_index(db, at, own_keys, capsys):
    with scope.acting_as(SYSTEM):
        person = register(at, SYSTEM, address="甲路 1 号")
    call_command("keys", "rotate")
    assert "重新加密 2 项" in capsys.readouterr().out
    with scope.acting_as(SYSTEM):
        person.refresh_from_db()
        assert crypto.key_id(bytes(person.phone_sealed)) == sealing.ring().current == "k2"
        assert person.reveal("phone") == PHONE
        assert queries.person_by_phone(PHONE) == person
        assert Event.objects.get(kind="keys.rotated").data == {"key": "k2", "values": 2}
    assert own_keys.stat().st_mode & 0o077 == 0
    assert list(own_keys.parent.iterdir()) == [own_keys]
    assert actions.rotate_personal_keys(by=SYSTEM, at=at) == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one_person(at):
    def intake(_serial):
        try:
            with scope.acting_as(SEAT):
                return register(at, SEAT).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(intake, range(4)))) == 1


@pytest.mark.parametrize("name", ["a\x00b", "\ud800周", "<b>周</b>", "👷" * 60])
def test_any_name_can_be_kept(system, at, name):
    assert register(at, system, name=name).pk
    assert queries.employers_like(name) == []
    assert queries.organisation_named(name) is None
    assert queries.region_of(name) is None
