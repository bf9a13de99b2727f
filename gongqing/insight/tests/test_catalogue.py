"""Is every figure in the catalogue, is what is missing said to be missing, and does the API tell the same?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import pytest
from django.test import Client

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.tests.make import FLED, WAGES, received
from gongqing.insight.queries import catalogue as queries
from gongqing.insight.queries.catalogue import measure
from gongqing.insight.rules import catalogue
from gongqing.insight.rules.catalogue import CATALOGUE, few_judged, indicators_of, shown, without_small_cells
from gongqing.insight.rules.indicators import INDICATORS, MEASURES
from gongqing.insight.rules.periods import period_of
from gongqing.lib.errors import BadInput, NotPermitted
from gongqing.lib.times import day_of, now
from gongqing.registry.models import Organisation, Region
from tests.cast import Cast


def test_every_indicator_counts_something_known() -> None:
    for key, one in CATALOGUE.items():
        assert key == one.key
        assert one.definition.endswith("。")
        if one.application:
            continue
        assert {one.numerator, one.denominator or one.numerator} <= {*MEASURES, *catalogue.SUMS}
        assert (one.unit == "%") == one.is_rate
        assert not one.is_rate or (one.numerator_words and one.denominator_words)
    assert set(INDICATORS) <= set(CATALOGUE.values())


@pytest.mark.parametrize(
    ("judged", "hidden"),
    [
        ({"a": 2, "b": 9, "c": 4, "d": 0}, {"a", "c"}),
        ({"a": 1, "b": 1, "c": 40}, {"a", "b", "c"}),
        ({"a": 2, "b": 1, "c": 40}, {"a", "b"}),
        ({"a": 2, "b": 0}, {"a"}),
        ({"a": 3, "b": 9}, set()),
        ({}, set()),
    ],
)
def test_a_hidden_rate_of_few_judgements_does_not_follow_from_the_total(
    judged: dict[str, int], hidden: set[str]
) -> None:
    assert few_judged(judged) == hidden


def test_values_are_printed_as_the_trade_does() -> None:
    assert [shown(98.31, "%"), shown(1780, "件"), shown(None, "%"), shown(0, "件")] == ["98.31%", "1,780", "—", "0"]


def test_an_unknown_indicator_is_named() -> None:
    with pytest.raises(BadInput) as refused:
        indicators_of(["received", "nothing"])
    assert refused.value.field == "keys"
    assert "nothing" in refused.value.message


def test_small_cells_are_hidden_and_do_not_follow_from_totals() -> None:
    cells = {
        ("甲", "LE01"): 9,
        ("甲", "LE02"): 2,
        ("甲", "LE03"): 5,
        ("乙", "LE01"): 4,
        ("乙", "LE02"): 8,
        ("乙", "LE03"): 0,
    }
    kept = without_small_cells(cells)
    assert kept["甲", "LE02"] is None
    assert kept["甲", "LE01"] == 9
    _nothing_follows_from_a_total(kept)
    assert without_small_cells({("甲", "LE01"): 3, ("乙", "LE01"): 0}) == {("甲", "LE01"): 3, ("乙", "LE01"): 0}


def test_a_small_cell_among_empty_ones_does_not_follow_either() -> None:
    cells = {
        ("甲", "LE05"): 1,
        ("甲", "LE01"): 2,
        ("乙", "LE05"): 0,
        ("乙", "LE01"): 8,
        ("丙", "LE05"): 0,
        ("丙", "LE01"): 0,
    }
    kept = without_small_cells(cells)
    assert kept["甲", "LE05"] is None
    assert kept["乙", "LE05"] is None  # the total of LE05 is one: without this it would be known whose
    assert (kept["丙", "LE05"], kept["丙", "LE01"]) == (0, 0)  # whose total is nought: there is nothing to hide
    _nothing_follows_from_a_total({key: count for key, count in kept.items() if key[0] != "丙"})


def _nothing_follows_from_a_total(kept: Mapping[tuple[str, str], int | None]) -> None:
    for side in (0, 1):
        for name in {key[side] for key in kept}:
            assert sum(kept[key] is None for key in kept if key[side] == name) != 1


def test_what_no_application_counts_is_not_connected(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    period = period_of("week", today=day_of(at))
    monkeypatch.setattr(queries, "_sources", {})
    with scope.acting_as(cast.city.actor):
        found = measure(cast.city.actor, ["visits", "received"], period=period, at=at)
    assert (found["visits"].words, found["visits"].value, found["visits"].not_connected) == ("未接入", None, True)
    assert found["received"].words == "0"
    queries.connect("zones", lambda actor, key, period, area: 12)
    with scope.acting_as(cast.city.actor):
        assert measure(cast.city.actor, ["visits"], period=period, at=at)["visits"].words == "12"


def test_an_organisation_is_measured_by_who_stands_at_or_above_it(cast: Cast, at: datetime) -> None:
    received(WAGES, by=cast.worker.actor, at=at, region_code="330206001")
    received(FLED, by=cast.hotline.actor, at=at, region_code="330212001")
    period = period_of("week", today=day_of(at))
    town = Organisation.objects.get(path=cast.town.actor.path)
    other = Organisation.objects.get(path=cast.outsider.actor.path)
    with scope.acting_as(cast.county.actor):
        assert measure(cast.county.actor, ["received"], period=period, at=at, area=town)["received"].value == 1
        with pytest.raises(NotPermitted):
            measure(cast.county.actor, ["received"], period=period, at=at, area=other)
        elsewhere = Region.objects.get(code="330212")
        assert measure(cast.county.actor, ["received"], period=period, at=at, area=elsewhere)["received"].value == 0
    with scope.acting_as(cast.worker.actor), pytest.raises(NotPermitted):
        measure(cast.worker.actor, ["received"], period=period, at=at)
    with scope.acting_as(SYSTEM):
        assert measure(SYSTEM, ["received"], period=period, at=at)["received"].value == 2


def test_the_api_tells_the_catalogue_and_the_figures(cast: Cast, api_of: Callable[[str], Client]) -> None:
    received(WAGES, by=cast.worker.actor, at=now(), region_code="330206001")
    client = api_of("county")
    listed = {one["key"]: one for one in client.get("/api/v1/indicators").json()}
    assert set(listed) == set(CATALOGUE)
    assert listed["answered_rate"]["denominator"] == "归集"
    assert listed["mediations"]["connected"] is False
    told = client.get("/api/v1/figures?keys=received,answered_rate,visits&period=week&by=area").json()
    assert told["values"]["received"] == {
        "value": "1",
        "numerator": "1",
        "denominator": None,
        "connected": True,
        "words": "1",
    }
    assert (told["values"]["answered_rate"]["denominator"], told["values"]["visits"]["words"]) == (1, "未接入")
    assert {row["name"]: row["values"]["received"]["value"] for row in told["rows"]}["新碶街道"] == "1"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("keys=none", "keys"),
        ("area=999999", "area"),
        ("area=o99999", "area"),
        ("by=phone", "by"),
        ("period=custom&from=x&to=y", "from"),
        ("period=custom&from=2025-01-02&to=2025-01-01", "to"),
    ],
)
def test_the_api_names_what_is_wrong(query: str, field: str, api_of: Callable[[str], Client]) -> None:
    answer = api_of("city").get(f"/api/v1/figures?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_the_api_is_for_who_reads_figures(api_of: Callable[[str], Client], client: Client) -> None:
    for path in ("/api/v1/indicators", "/api/v1/figures"):
        assert client.get(path).status_code == 401
        assert api_of("admin").get(path).status_code == 403
