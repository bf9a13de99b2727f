"""Is every faulty row of changed rules named, and is a good one let through?"""

from __future__ import annotations

import copy
import json
from datetime import date

import pytest

from gongqing.appeals.rules.grading import FIRST_RULES
from gongqing.dispatch.rules import changes
from gongqing.dispatch.rules.first_policy import FIRST_POLICY
from gongqing.dispatch.rules.first_routes import FIRST_ROUTES
from gongqing.dispatch.rules.rule_contents import changed_days, moved, row_of, rows_of, with_row, without_row
from gongqing.dispatch.rules.rule_faults import Known, faults_of
from gongqing.lib.errors import BadInput, NotAllowed, NotFound

ON = date(2025, 10, 13)
ROUTES = json.loads(json.dumps({"rows": FIRST_ROUTES.to_json()["rows"]}))
LIMITS = json.loads(json.dumps(FIRST_POLICY.to_json()))
for _name in ("version", "effective_from", "effective_to"):
    del LIMITS[_name]
GRADING = {"rules": [rule.as_row() for rule in FIRST_RULES]}
KNOWN = Known(
    kinds=frozenset({"appeal", "need"}),
    channels=frozenset({"app", "talk"}),
    categories=frozenset({"LE01", "LE07", "OT03", "OT04", "CD02"}),
    counties=frozenset({"330206"}),
    towns=frozenset({"330206001"}),
    organisations={7: "town"},
    rules=frozenset({"G11", "G12"}),
    first=GRADING,
)


def faults(kind, content):
    return {fault.field: fault.message for fault in faults_of(kind, content, KNOWN, on=ON)}


def changed(content, kind, key, **fields):
    return with_row(kind, content, key, {**row_of(kind, content, key), **fields})


@pytest.mark.parametrize(("kind", "content"), [("routing", ROUTES), ("limits", LIMITS), ("grading", GRADING)])
def test_the_first_versions_are_without_fault(kind, content):
    assert faults(kind, content) == {}


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("R-03.note", {"note": " "}),
        ("R-03.level", {"level": "", "assisting": []}),
        ("R-03.level", {"level": "moon"}),
        ("R-03.at_least", {"at_least": "department"}),
        ("R-03.grade", {"when": {"grade": ["purple"]}}),
        ("R-03.is_member", {"when": {"is_member": ["yes"]}}),
        ("R-03.town", {"when": {"town": ["999999999"]}}),
        ("R-03.when", {"when": {"weather": ["rain"]}}),
        ("R-03.category", {"when": {"category": []}}),
        ("R-03.organisation_id", {"organisation_id": 8}),
        ("R-03.organisation_id", {"organisation_id": 7}),
        ("R-03.role", {"role": "king"}),
    ],
)
def test_a_faulty_routing_row_is_named(field, fields):
    found = faults("routing", changed(ROUTES, "routing", "R-03", **fields))
    assert field in found
    assert found[field].startswith("R-03：")


def test_a_row_may_name_an_organisation_of_its_level():
    content = changed(ROUTES, "routing", "R-03", level="town", organisation_id=7)
    assert faults("routing", content) == {}


def test_an_id_stands_once_and_has_a_form():
    assert "R-11.id" in faults("routing", changed(ROUTES, "routing", "R-03", id="R-11"))
    assert "规则一.id" in faults("routing", changed(ROUTES, "routing", "R-03", id="规则一"))
    assert "派单规则.rows" in faults("routing", {"rows": []})


@pytest.mark.parametrize(
    ("key", "field", "fields"),
    [
        ("grade:orange", "sign", {"sign": {"amount": 0, "unit": "working_hours"}}),
        ("grade:orange", "sign", {"sign": {"amount": 2, "unit": "moons"}}),
        ("grade:orange", "close_cap", {"close_cap": {"amount": 1.5, "unit": "workdays"}}),
        ("grade:orange", "report_every", {"report_every": None}),
        ("grade:orange", "extension_by", {"extension_by": "department"}),
        ("other", "ceiling_days", {"ceiling_days": 61}),
        ("other", "extensions_at_most", {"extensions_at_most": True}),
        ("pause:moved_to_legal_procedure", "basis", {"basis": ""}),
        ("special:contact:G11,G12", "clock", {"clock": "lunch"}),
        ("special:contact:G11,G12", "rules", {"rules": ["G99"]}),
    ],
)
def test_a_faulty_limit_is_named(key, field, fields):
    found = faults("limits", changed(LIMITS, "limits", key, **fields))
    assert any(name.endswith(f".{field}") for name in found), found


def test_the_four_grades_and_three_pauses_stay():
    content = {**LIMITS, "grades": LIMITS["grades"][1:], "pauses": LIMITS["pauses"][1:]}
    assert {"grade:green.grade", "pause:waiting_for_material.grade"} <= set(faults("limits", content))
    with pytest.raises(NotAllowed):
        without_row("limits", LIMITS, "grade:green")


def test_grading_keeps_what_the_program_reads():
    rule = row_of("grading", GRADING, "G07")
    raised = copy.deepcopy(rule)
    raised["condition"]["any"][1]["amount_at_least"] = 50_000
    assert faults("grading", with_row("grading", GRADING, "G07", raised)) == {}
    other_sign = {**rule, "condition": {**rule["condition"], "flag": "layoff"}}
    assert "G07.condition" in faults("grading", with_row("grading", GRADING, "G07", other_sign))
    assert "G11.is_off" in faults("grading", changed(GRADING, "grading", "G11", is_off=True))
    assert "G12.grade" in faults("grading", changed(GRADING, "grading", "G12", grade="green"))
    assert "G17.restricted" in faults("grading", changed(GRADING, "grading", "G17", restricted=False))
    assert faults("grading", changed(GRADING, "grading", "G21", is_off=True)) == {}
    assert "G21.id" in faults("grading", {"rules": [row for row in GRADING["rules"] if row["id"] != "G21"]})


def test_days_need_a_date_and_a_word():
    day = {"day": "2025-10-20", "is_workday": False, "note": "台风停工", "source": ""}
    assert faults("calendar", {"days": [day], "base": []}) == {}
    wrong = {**day, "day": "20 October"}
    assert "20 October.day" in faults("calendar", {"days": [wrong]})
    assert "2025-10-20.note" in faults("calendar", {"days": [{**day, "note": ""}]})
    assert "2025-10-20.id" in faults("calendar", {"days": [day, day]})
    later = {**day, "is_workday": True}
    assert changed_days({"base": [day], "days": [later]}) == ([later], [])
    assert changed_days({"base": [day], "days": []}) == ([], ["2025-10-20"])


def test_rows_move_are_added_and_taken_out():
    assert [key for key, _ in rows_of("routing", moved("routing", ROUTES, "R-03", -1))][:3] == ["R-01", "R-03", "R-02"]
    assert moved("routing", ROUTES, "R-01", -1) == ROUTES
    assert moved("routing", ROUTES, "R-22", 1) == ROUTES
    longer = with_row("routing", ROUTES, "new", {"id": "R-31", "note": "新", "level": "zone"})
    assert rows_of("routing", longer)[-1][0] == "R-31"
    assert without_row("routing", longer, "R-31") == ROUTES
    assert ROUTES["rows"][0]["id"] == "R-01"
    with pytest.raises(NotFound):
        row_of("routing", ROUTES, "R-99")
    with pytest.raises(NotAllowed):
        with_row("grading", GRADING, "new", {})
    with pytest.raises(NotAllowed):
        moved("grading", GRADING, "G07", 1)


def test_a_shorter_limit_is_found_among_the_tables():
    content = with_row(
        "limits", LIMITS, "special:new", {"clock": "sign", "limit": {}, "rules": ["G11"], "channels": []}
    )
    assert row_of("limits", content, "special:sign:G11")["clock"] == "sign"
    assert without_row("limits", content, "special:sign:G11") == LIMITS
    assert with_row("limits", LIMITS, "other", {"extensions_at_most": 2})["extensions_at_most"] == 2


def test_on_every_day_the_highest_version_that_has_begun_holds():
    first, second, third = date(2020, 1, 1), date(2025, 12, 1), date(2025, 11, 20)
    spans = {span.version: span for span in changes.spans_of([(1, first), (2, second), (3, third)])}
    assert (spans[3].until, spans[1].until) == (None, third)
    assert spans[2].state(ON) == "never"
    assert (spans[1].state(ON), spans[3].state(ON)) == ("now", "coming")
    assert (spans[1].state(third), spans[3].state(third)) == ("past", "now")


def test_a_version_never_begins_in_the_past():
    changes.check_effective_from("routing", ON, ON)
    with pytest.raises(BadInput, match="2025-10-14"):
        changes.check_effective_from("limits", ON, ON)
    with pytest.raises(BadInput, match="不能早于今天"):
        changes.check_effective_from("routing", date(2025, 10, 12), ON)
    with pytest.raises(BadInput, match="一年"):
        changes.check_effective_from("routing", date(2027, 1, 1), ON)
