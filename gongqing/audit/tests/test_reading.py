"""Does a prepared query answer what the query itself answers?"""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.models import Count, QuerySet
from django.test.utils import CaptureQueriesContext

from gongqing.audit.actor import Actor
from gongqing.audit.reading import Prepared, PreparedValues
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
