"""Does a prepared query answer what the query itself answers?"""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.models import Count, QuerySet
from django.test.utils import CaptureQueriesContext

from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.audit.models import AccessLog
from gongqing.audit.reading import Prepared, PreparedValues, counted, read_ahead, reading_together
from gongqing.lib.times import now
from gongqing.registry.models import Organisation, Region


@pytest.fixture
def places(system: Actor) -> None:
    county = Region.objects.create(code="330298", name="试县", level="county")
    town = Region.objects.create(code="330298001", name="试镇", level="town", parent=county)
    for number, region in enumerate([county, town, None]):
        Organisation.objects.create(
            code=f"T{number}", name=f"试工会{number}", kind="union", level="town", path=f"/9{number}/", region=region
        )


def joined(shape: str, code: str, *rest: int | str | date) -> QuerySet[Organisation]:
    found = Organisation.objects.select_related("region__parent").filter(code=code)
    return found.annotate(count=Count("children")) if shape == "counted" else found


def test_a_query_of_another_shape_or_other_types_asks_something_else(places: None) -> None:
    prepared = Prepared(joined)
    plain, again = prepared("330200", shape="plain"), prepared("330200", shape="plain")
    assert plain == again
    assert len({plain, again, prepared("330200", shape="counted")}) == 2
    numbers = Prepared(lambda _, number: Organisation.objects.filter(pk=number))
    assert numbers(1) != numbers(True)


@pytest.mark.parametrize("code", ["T0", "T1", "T2", "T9"])
@pytest.mark.parametrize("shape", ["plain", "counted"])
def test_rows_joins_and_counts_are_the_same(places: None, code: str, shape: str) -> None:
    prepared = Prepared(joined)
    for _ in range(2):
        asked, known = prepared.all(code, shape=shape), list(joined(shape, code))
        assert asked == known
        with CaptureQueriesContext(connection) as seen:
            for ours, theirs in zip(asked, known, strict=True):
                assert ours.__dict__.keys() == theirs.__dict__.keys()
                assert (ours.region, ours.region and ours.region.parent) == (
                    theirs.region,
                    theirs.region and theirs.region.parent,
                )
                assert getattr(ours, "count", None) == getattr(theirs, "count", None)
        assert not seen.captured_queries
    assert prepared.first(code, shape=shape) == joined(shape, code).first()


def test_an_argument_may_stand_in_several_places_but_not_in_another_form(places: None) -> None:
    twice = Prepared(lambda _, code: Organisation.objects.filter(code=code) | Organisation.objects.filter(name=code))
    assert [each.code for each in twice.all("T1")] == ["T1"]
    part = Prepared(lambda _, words: Organisation.objects.filter(name__contains=words))
    with pytest.raises(TypeError, match="as it is"):
        part.all("试工会")


def test_a_moment_may_stand_behind_any_number_of_arguments(system: Actor) -> None:
    looks = Prepared(lambda _, *given: AccessLog.objects.filter(pk__in=given[:-1], at__lt=given[-1]))
    assert looks.all(*range(40), now()) == []


def test_what_can_have_no_rows_asks_nothing(system: Actor) -> None:
    nothing = Prepared(lambda _, code: Organisation.objects.filter(code=code).none())
    with CaptureQueriesContext(connection) as seen:
        assert nothing.all("T1") == []
    assert not seen.captured_queries


def test_values_come_as_rows_and_several_may_be_asked_for(places: None) -> None:
    by_codes = PreparedValues(
        lambda _, codes: (
            Organisation.objects.extra(where=["registry_organisation.code = ANY (%s::text[])"], params=[codes])
            .order_by("code")
            .values_list("code", "region__name")
        )
    )
    assert by_codes.all(("T0", "T2", "T9")) == [("T0", "试县"), ("T2", None)]
    assert by_codes.all(("T1",)) == [("T1", "试镇")]
    assert by_codes.all(()) == []


def test_what_was_read_ahead_answers_until_the_block_ends(places: None, made: list[int]) -> None:
    named = Prepared(lambda _, code: Organisation.objects.filter(code=code))
    count = PreparedValues(lambda _, kind: counted(Organisation.objects.filter(kind=kind)))
    with reading_together():
        read_ahead(named("T0"), named("T9"), count("union"), beyond=[count("none")])
        journeys = len(made)
        assert [each.code for each in named.all("T0")] == [each.code for each in named.all("T0")] == ["T0"]
        assert named.first("T9") is None
        assert count.all("union") == [(3,)]
        assert count.all_beyond("none") == [(0,)]
        assert len(made) == journeys
        assert [each.code for each in named.all("T1")] == ["T1"]  # nobody read it ahead
        assert len(made) == journeys + 1
        named.all("T0").clear()
        assert named.first("T0") is not None
    Organisation.objects.filter(code="T0").delete()
    assert named.first("T0") is None
    read_ahead(named("T1"))
    assert len(made) == journeys + 2, "outside of a block nothing is read ahead"


def test_what_was_read_beyond_the_scope_is_for_nobody_else(places: None) -> None:
    looks = PreparedValues(lambda _, kind: counted(AccessLog.objects.filter(kind=kind)))
    stranger = Actor(role=Role.TOWN_SUPERVISOR, name="某人", user_id=1, organisation_id=1, path="/1/", paths=("/1/",))
    events.record_access("place.opened", subject_kind="place", subject_id=1, by=SYSTEM, at=now())
    with scope.acting_as(stranger), reading_together():
        assert looks.all("place.opened") == [(0,)]
        read_ahead(looks("place.opened"), beyond=[looks("place.opened")])
        assert looks.all_beyond("place.opened") == [(1,)]
        assert looks.all("place.opened") == [(0,)]
        assert AccessLog.objects.count() == 0, "the scope is as narrow as before"
    with scope.acting_as(stranger):
        assert looks.all_beyond("place.opened") == [(1,)]
        assert AccessLog.objects.count() == 0


@pytest.mark.parametrize("name", ["it's 100 %", "a\\b", "%s", "$1", "文"])
def test_what_never_changes_is_written_out_as_it_is(places: None, name: str) -> None:
    made = Organisation.objects.create(code="T9", name=name, kind="union", level="town", path="/99/")
    prepared = PreparedValues(
        lambda _, code: Organisation.objects.filter(name=name, code=code, is_active=True).values_list("pk", "name")
    )
    assert name not in prepared("T9").values()
    assert prepared.all("T9") == [(made.pk, name)]
    assert prepared.all("T1") == []
