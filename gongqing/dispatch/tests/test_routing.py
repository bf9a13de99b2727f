"""Routing: the overrides of domain 3.2, the way up, and the promises that no row can break."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongqing.dispatch.rules import routing
from gongqing.dispatch.rules.first_routes import FIRST_ROUTES
from gongqing.dispatch.rules.levels import LADDER, Level, is_at_least, level_above, rank
from gongqing.dispatch.rules.routing import Candidate, Matter, Routes, RoutingRow

OWN = "/1/2/3/9/"
PLACE = (
    Candidate(9, "grassroots", OWN, "望汀装配工会"),
    Candidate(8, "grassroots", "/1/2/3/8/", "别家工会"),
    Candidate(7, "zone", "/1/2/3/7/", "后所片区"),
    Candidate(3, "town", "/1/2/3/", "柴桥街道总工会"),
    Candidate(2, "county", "/1/2/", "北仑区总工会"),
    Candidate(1, "city", "/1/", "市总工会"),
    Candidate(20, "department", "/20/", "教育部门", categories=frozenset({"OT03"})),
    Candidate(21, "department", "/21/", "交通部门", categories=frozenset({"OT04"})),
)


def matter(category="LE02", level="grassroots", grade="green", **facts):
    return Matter(grade, category, level, **{"own_union": OWN, "is_member": True, **facts})


def route(asked, place=PLACE, **more):
    return routing.choose_handler(asked, FIRST_ROUTES, place, **more)


@pytest.mark.parametrize(
    ("asked", "level", "rule", "supervising"),
    [
        (matter(), "grassroots", "类别", "zone"),
        (matter("LE01", "town", "yellow"), "town", "类别", "county"),
        (matter("SC01", "zone"), "zone", "类别", "town"),
        (matter("LE11", "county", "yellow"), "county", "类别", "city"),
        (matter(is_member=False), "zone", "R-03", "town"),
        (matter(own_union=None), "zone", "R-03", "town"),
        (matter("LE01", "town", "yellow", is_member=False), "town", "类别", "county"),
        (matter(anonymous_to_employer=True), "town", "R-11", "county"),
        (matter(against="own_union"), "town", "R-11", "county"),
        (matter(against="employer"), "grassroots", "类别", "zone"),
        (matter("LE10", "county", "yellow"), "county", "类别", "city"),
        (matter("DP05", "grassroots"), "town", "R-11", "county"),
        (matter(rules=frozenset({"G17"})), "town", "R-11", "county"),
        (matter("LE03", "grassroots", "orange"), "town", "R-12", "county"),
        (matter("LE01", "town", "red"), "county", "R-13", "city"),
        (matter("LE11", "county", "orange"), "county", "类别", "city"),
        (matter("OT03", "department"), "department", "R-02", "county"),
        (matter("OT03", "department", kind="need"), "zone", "R-01", "town"),
        (matter("OT04", "department", "red"), "county", "R-13", "city"),
        (matter("SC03", "zone", kind="need", is_member=False), "zone", "R-01", "town"),
        (matter("SC02", "county", "red", kind="need"), "county", "R-13", "city"),
    ],
)
def test_who_handles(asked, level, rule, supervising):
    found = route(asked)
    assert (found.level, found.rule_id, found.supervising_level) == (level, rule, supervising)
    assert found.reasons


def test_the_look_boards_case():
    found = route(matter("LE01", "town", "orange", is_member=False, anonymous_to_employer=True))
    assert (found.organisation_name, found.role, found.supervising_level) == (
        "柴桥街道总工会",
        "town_supervisor",
        "county",
    )
    assert [(part.name, part.part) for part in found.assisting] == [("后所片区", "assist")]
    assert "对单位保密，不派本单位工会" in found.reasons


def test_a_department_handles_and_the_union_follows():
    found = route(matter("OT04", "department"))
    assert (found.organisation_name, found.role) == ("交通部门", "department_liaison")
    assert [(part.name, part.part) for part in found.assisting] == [("后所片区", "follow")]
    without_zone = [each for each in PLACE if each.level != "zone"]
    assert [part.name for part in route(matter("OT04", "department"), without_zone).assisting] == ["柴桥街道总工会"]


def test_a_department_that_is_not_there_leaves_it_to_the_county():
    found = route(matter("LE07", "department"))
    assert (found.organisation_name, found.assisting) == ("北仑区总工会", ())
    assert "横向部门没有可派的单位，转区县市" in found.reasons


def test_where_a_level_is_empty_the_next_one_up_has_it():
    for gone in range(5):
        place = [each for each in PLACE if each.level not in LADDER[:gone]]
        assert route(matter(), place).level == LADDER[gone]
    nobody = route(matter(), ())
    assert nobody.organisation_id is None
    assert "请人工派单" in nobody.reasons[-1]


def test_another_employers_union_never_handles():
    assert route(matter(), [each for each in PLACE if each.organisation_id != 9]).level == "zone"


def test_among_equals_the_least_loaded_then_the_first():
    zones = [
        Candidate(30, "zone", "/1/30/", "甲", 6, 3),
        Candidate(31, "zone", "/1/31/", "乙", 4, 4),
        Candidate(32, "zone", "/1/32/", "丙", 1, 1),
    ]
    assert route(matter("SC01", "zone"), zones).organisation_name == "乙"
    assert "同级 3 家里人均在办最少" in route(matter("SC01", "zone"), zones).reasons
    assert (
        route(matter("SC01", "zone"), [*zones, Candidate(33, "zone", "/1/33/", "丁", 0, 0)]).organisation_name == "丁"
    )


def test_reopening_and_returning():
    assert route(matter(), at_least="zone").organisation_name == "后所片区"
    assert route(matter(), at_least="city").level == "city"
    assert route(matter(), excluded={9}).organisation_name == "后所片区"


def test_a_row_may_name_an_organisation():
    row = RoutingRow(
        "R-09", "心理诉求由指定县级单位办", when={"category": ("SC02",)}, level="county", organisation_id=40
    )
    routes = replace(FIRST_ROUTES, rows=(row, *FIRST_ROUTES.rows))
    place = [*PLACE, Candidate(40, "county", "/1/40/", "心理援助中心", 99)]
    found = routing.choose_handler(matter("SC02", "county", "yellow"), routes, place)
    assert (found.organisation_name, found.rule_id) == ("心理援助中心", "R-09")


def test_routes_go_through_json():
    assert Routes.from_json(json.loads(json.dumps(FIRST_ROUTES.to_json()))) == FIRST_ROUTES
    second = replace(FIRST_ROUTES, version=2, effective_from=date(2026, 1, 1), effective_to=date(2027, 1, 1))
    assert Routes.from_json(json.loads(json.dumps(second.to_json()))) == second
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2027, 1, 1))
    assert [routing.routes_in_force([FIRST_ROUTES, second], day).version for day in days] == [1, 2, 1]
    with pytest.raises(ValueError, match="no routes"):
        routing.routes_in_force([FIRST_ROUTES], date(2019, 1, 1))


@pytest.mark.parametrize("row", [{"when": {"weather": ["rain"]}}, {"level": "province"}, {"at_least": "moon"}])
def test_rows_that_mean_nothing_are_refused(row):
    with pytest.raises(ValueError, match="unknown"):
        RoutingRow("R-99", "", **row)
    with pytest.raises(ValueError, match="unknown level"):
        routing.choose_level(matter(level="province"), FIRST_ROUTES)


def test_levels():
    assert [level_above(level) for level in LADDER] == ["zone", "town", "county", "city", None]
    assert level_above("department") == "county"
    assert not is_at_least("department", "grassroots")
    assert rank("city") == 4


matters = st.builds(
    Matter,
    grade=st.sampled_from(["green", "yellow", "orange", "red"]),
    category=st.sampled_from(["LE01", "LE02", "LE07", "LE10", "DP05", "OT03", "OT04", "CD02", "SC01"]),
    category_level=st.sampled_from([level.value for level in Level]),
    own_union=st.sampled_from([None, OWN]),
    is_member=st.booleans(),
    anonymous_to_employer=st.booleans(),
    against=st.sampled_from(["", "employer", "own_union"]),
    rules=st.sampled_from([frozenset(), frozenset({"G17"}), frozenset({"G01"})]),
    kind=st.sampled_from(["appeal", "need"]),
)
places = st.lists(st.sampled_from(PLACE), unique=True)
level_names = st.sampled_from(["", *(level.value for level in Level)])
rows = st.builds(
    RoutingRow, st.just("R-x"), st.just("本市规则"), level=level_names, at_least=level_names,
    assisting=st.lists(st.sampled_from([level.value for level in Level]), max_size=3).map(tuple), following=level_names,
    organisation_id=st.sampled_from([None, 9, 8, 3]),
)  # fmt: skip
any_routes = st.lists(rows, max_size=4).map(lambda made: Routes(9, date(2020, 1, 1), tuple(made)))


@settings(max_examples=300, deadline=None)
@given(matters, any_routes, places, level_names)
def test_whatever_the_rows_a_shielded_appeal_never_reaches_the_own_union(asked, routes, place, at_least):
    found = routing.choose_handler(asked, routes, place, at_least=at_least)
    reached = {found.organisation_id, *(part.organisation_id for part in found.assisting)}
    if asked.is_shielded and asked.own_union:
        assert 9 not in reached
    assert 8 not in reached


@settings(max_examples=300, deadline=None)
@given(matters, places)
def test_red_is_never_below_the_county_and_orange_never_below_the_town(asked, place):
    found = route(asked, place)
    least = {"red": "county", "orange": "town"}.get(asked.grade)
    if least:
        assert is_at_least(found.level, least)
    assert found.supervising_level == "city" or rank(found.supervising_level) > rank(found.level)


@settings(max_examples=300, deadline=None)
@given(matters, any_routes, places)
def test_where_there_is_a_city_there_is_a_handler(asked, routes, place):
    city = next(each for each in PLACE if each.level == "city")
    found = routing.choose_handler(asked, routes, [*(each for each in place if each != city), city])
    assert found.organisation_id is not None
    assert found.organisation_id not in {part.organisation_id for part in found.assisting}


@settings(max_examples=100, deadline=None)
@given(matters, st.permutations(PLACE))
def test_the_order_of_candidates_does_not_matter(asked, place):
    assert route(asked, place) == route(asked)
