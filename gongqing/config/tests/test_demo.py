"""Is a small slice of the demonstration whole, true to the reference cases, and loaded once?"""

from __future__ import annotations

import pytest

from gongqing.accounts import queries as accounts
from gongqing.accounts.models import Posting
from gongqing.accounts.rules import DEMO_ACCOUNTS, DEMO_PHONE, demo_password
from gongqing.appeals.models import Appeal
from gongqing.audit.actor import ANONYMOUS, Role
from gongqing.audit.models import Event
from gongqing.config import setup_city
from gongqing.config.demo import loading
from gongqing.config.demo.people import Crowd
from gongqing.config.demo.texts import sayings
from gongqing.insight.models import WeeklyReport
from gongqing.lib import codes
from gongqing.lib.errors import BadInput
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation

SLICE = 45


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.mark.django_db
def test_a_slice_of_the_demonstration(system, at, said):
    assert loading.load_demo(at=at, count=SLICE, say=said.append)
    assert not loading.load_demo(at=at, count=SLICE, say=said.append)
    assert Event.objects.filter(kind=loading.LOADED, at=at).count() == 1
    assert any(line.startswith("满意率") for line in said)

    led = Appeal.objects.exclude(source="12345").exclude(external_id__startswith="demo-group-")
    everything = {appeal.text: appeal for appeal in led.select_related("category")}
    assert led.count() == SLICE
    assert max(appeal.received_at for appeal in everything.values()) <= at
    assert Event.objects.filter(at__gt=at).count() == 0
    assert _of(everything, "共94名职工").grade == "red"
    assert _of(everything, "6名派遣职工").grade == "orange"
    assert _of(everything, "合计12.6万元").grade == "orange"
    for green in ("集体生日", "体检车", "乒乓球"):
        assert _of(everything, green).grade == "green"
    wave = [appeal for appeal in everything.values() if appeal.place == "稻穗工业园"]
    assert len(wave) >= 5
    assert {(appeal.category.code, appeal.grade) for appeal in wave} == {("OT04", "green")}

    _check_cast(at)
    _check_signers()


def _of(everything, words):
    return next(appeal for text, appeal in everything.items() if words in text)


def _check_cast(at):
    for username in DEMO_ACCOUNTS:
        user = accounts.user_named(username)
        assert user is not None, username
        assert accounts.actor_of(user, on=at.date()) is not ANONYMOUS
        assert username == "worker" or user.check_password(demo_password(username))
    actors = {name: accounts.actor_of(accounts.user_named(name), on=at.date()) for name in DEMO_ACCOUNTS}
    union = Organisation.objects.get(pk=actors["grassroots"].organisation_id)
    assert registry.zone_of_union(union.pk, at.date()).pk == actors["zone"].organisation_id
    for above in ("town", "county", "city"):
        assert union.path.startswith(actors[above].path)
    assert actors["worker"].role is Role.WORKER
    assert registry.person_by_phone(DEMO_PHONE).pk == actors["worker"].person_id
    assert registry.union_of_person(actors["worker"].person_id, at.date()).pk == union.pk
    assert not Appeal.objects.visible_to(actors["outsider"]).exists()
    assert Appeal.objects.visible_to(actors["worker"]).count() >= 5


def _check_signers():
    """A report is signed by a second person of the union that it comes from, and of no other."""
    signed = WeeklyReport.objects.filter(signed_by_user_id__isnull=False).select_related("organisation")
    assert {report.organisation.level for report in signed} == {"city", "county"}
    for report in signed:
        held = Posting.objects.get(user_id=report.signed_by_user_id)
        assert held.organisation_id == report.organisation_id
        assert report.signed_by_user_id not in report.editor_ids


@pytest.mark.django_db
def test_a_city_is_prepared_once(system, at):
    rows = setup_city.shipped_regions("330200")
    first = setup_city.prepare_city(rows=rows, by=system, at=at)
    assert (first.region_count, first.category_count, first.union_count) == (len(rows), 32, len(rows))
    again = setup_city.prepare_city(rows=rows, by=system, at=at)
    assert (again.region_count, again.category_count, again.union_count) == (0, 0, 0)
    town = Organisation.objects.get(code="330203102")
    assert (town.name, town.kind, town.parent.name) == ("集士港镇总工会", "town_union", "海曙区总工会")


@pytest.mark.django_db
def test_another_citys_file_is_refused(system, at):
    with pytest.raises(BadInput):
        setup_city.prepare_city(rows=[], by=system, at=at)


def test_numbers_are_well_formed_and_nobodys():
    from random import Random

    crowd = Crowd(Random(1))
    assert codes.is_uscc(crowd.credit_code())
    assert codes.is_invented_id_number(crowd.id_number())
    assert codes.is_id_number(crowd.id_number())
    phones = {crowd.phone() for _ in range(500)}
    assert len(phones) == 500
    assert all(codes.is_mobile(phone) and phone.startswith("1380000") for phone in phones)
    assert DEMO_PHONE not in phones


def test_the_texts_are_many_distinct_and_of_every_category():
    texts = sayings()
    assert len({one.text for one in texts}) == len(texts) >= 150
    assert len({one.code for one in texts}) == 32
    assert {one.voice for one in texts} == {"i", "h", "v"}
    for one in texts:
        assert "{" not in one.filled(employer="甲", town="乙", month=1, yuan=2)
