"""Do organisations stand in the right place, and do zones hold unions by dated links?"""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from gongqing.audit.actor import Actor, Role
from gongqing.audit.models import Event
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.registry import actions, queries, rules
from gongqing.registry.models import Organisation, Region, ZoneLink
from gongqing.registry.tests import make

MONDAY, TUESDAY = date(2025, 10, 13), date(2025, 10, 14)


def test_a_path_is_made_of_ids_and_scope_is_one_prefix(system, at):
    tree = make.tree(at)
    assert tree.union.path == f"/{tree.city.pk}/{tree.county.pk}/{tree.town.pk}/{tree.union.pk}/"
    under = set(queries.organisations_under(tree.town.path))
    assert under == {tree.town, tree.zone, tree.other_zone, tree.union}
    assert tree.department.path == f"/d/{tree.department.pk}/"
    assert tree.room.level == "county"
    assert tree.hotline.level == "city"
    assert Event.objects.filter(kind="organisation.founded").count() == 11


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        ("county_union", "town_union"),
        ("zone", "zone"),
        ("zone", None),
        ("department", "city_union"),
        ("town_union", None),
    ],
)
def test_a_kind_does_not_hang_just_anywhere(kind, parent):
    with pytest.raises(NotAllowed):
        rules.level_in_tree(kind, parent, "town")


@pytest.mark.parametrize("kind", ["town_union", "county_union", "industrial_union"])
def test_a_zone_hangs_under_town_county_or_industrial_union(kind):
    assert rules.level_in_tree("zone", kind, "town") == "zone"


def test_codes_are_unique_and_named_fields_are_wrong(system, at):
    city = make.organisation(at, "city_union")
    with pytest.raises(BadInput) as refused:
        make.organisation(at, "county_union", city, code=city.code)
    assert refused.value.field == "code"
    with pytest.raises(BadInput) as refused:
        make.organisation(at, "county_union", city, name=" ")
    assert refused.value.field == "name"


def test_redrawing_zones_moves_links_and_never_paths(system, at):
    tree = make.tree(at)
    path = tree.union.path
    actions.link_union_to_zone(zone_id=tree.zone.pk, union_id=tree.union.pk, since=MONDAY, by=system, at=at)
    actions.link_union_to_zone(zone_id=tree.other_zone.pk, union_id=tree.union.pk, since=TUESDAY, by=system, at=at)
    assert queries.zone_of_union(tree.union.pk, MONDAY) == tree.zone
    assert queries.zone_of_union(tree.union.pk, TUESDAY) == tree.other_zone
    assert list(queries.unions_of_zone(tree.zone.pk, TUESDAY)) == []
    assert Organisation.objects.get(pk=tree.union.pk).path == path
    actions.unlink_union(union_id=tree.union.pk, until=date(2025, 10, 20), by=system, at=at)
    assert queries.zone_of_union(tree.union.pk, date(2025, 10, 20)) is None


def test_a_link_moved_on_its_first_day_leaves_one_link(system, at):
    tree = make.tree(at)
    for zone in (tree.zone, tree.zone, tree.other_zone):
        actions.link_union_to_zone(zone_id=zone.pk, union_id=tree.union.pk, since=MONDAY, by=system, at=at)
    assert [link.zone for link in ZoneLink.objects.all()] == [tree.other_zone]


def test_zones_hold_unions_only_and_the_database_holds_one_link(system, at):
    tree = make.tree(at)
    with pytest.raises(NotAllowed, match="只挂联"):
        actions.link_union_to_zone(zone_id=tree.zone.pk, union_id=tree.county.pk, since=MONDAY, by=system, at=at)
    with pytest.raises(NotAllowed, match="没有挂联"):
        actions.unlink_union(union_id=tree.union.pk, until=MONDAY, by=system, at=at)
    ZoneLink.objects.create(zone=tree.zone, union=tree.union, since=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        ZoneLink.objects.create(zone=tree.other_zone, union=tree.union, since=MONDAY)


def test_who_answers_for_a_region(system, at):
    tree = make.tree(at)
    town = tree.town.region
    assert queries.candidates("town", town) == [tree.town]
    assert queries.candidates("county", town) == [tree.county]
    assert queries.candidates("city", town) == [tree.city]
    assert queries.candidates("zone", town) == [tree.zone, tree.other_zone]
    assert queries.candidates("department", town) == [tree.department]
    assert queries.candidates("town", Region.objects.get(code="330206")) == []
    assert queries.zone_of_region(town) == tree.zone
    assert queries.city_union() == tree.city


def test_closing_ends_links_and_waits_for_those_below(system, at):
    tree = make.tree(at)
    actions.link_union_to_zone(zone_id=tree.zone.pk, union_id=tree.union.pk, since=date(2025, 9, 1), by=system, at=at)
    with pytest.raises(NotAllowed, match="下面还有"):
        actions.close_organisation(organisation_id=tree.town.pk, reason="撤并", by=system, at=at)
    actions.close_organisation(organisation_id=tree.union.pk, reason="企业注销", by=system, at=at)
    assert queries.zone_of_union(tree.union.pk, MONDAY) is None
    with pytest.raises(NotAllowed, match="已经停用"):
        actions.close_organisation(organisation_id=tree.union.pk, reason="企业注销", by=system, at=at)


def test_an_employer_is_known_by_its_code(system, at):
    known = make.enterprise(at)
    again = actions.register_enterprise(name=known.name, uscc=f" {known.uscc.lower()} ", by=system, at=at)
    assert again == known
    with pytest.raises(BadInput, match="已登记为"):
        actions.register_enterprise(name="别的公司", uscc=known.uscc, by=system, at=at)
    with pytest.raises(BadInput) as refused:
        actions.register_enterprise(name="甲", uscc=known.uscc[:-1] + "!", by=system, at=at)
    assert refused.value.field == "uscc"
    union = make.organisation(at, "grassroots_union", make.organisation(at, "city_union"), enterprise=known)
    assert queries.union_of_enterprise(known.pk) == union


def test_employers_are_found_by_any_two_characters(system, at):
    make.enterprise(at, "甬江精密制造（虚构）有限公司")
    short = make.enterprise(at, "甬江食品（虚构）店")
    assert queries.employers_like("甬江")[0] == short
    assert len(queries.employers_like("江")) == 0
    assert queries.employer_named(" 甬江食品（虚构）店 ") == short


def test_a_moved_organisation_takes_those_below_along(system, at):
    tree = make.tree(at)
    below = make.organisation(at, "grassroots_union", tree.union)
    actions.move_organisation(
        organisation_id=tree.union.pk, parent_id=tree.other_town.pk, reason="区划调整", by=system, at=at
    )
    tree.union.refresh_from_db()
    below.refresh_from_db()
    assert tree.union.parent == tree.other_town
    assert tree.union.path == f"{tree.other_town.path}{tree.union.pk}/"
    assert below.path == f"{tree.union.path}{below.pk}/"
    told = Event.objects.get(kind="organisation.moved")
    assert told.data["path"][1] == tree.union.path


def test_who_and_what_is_not_moved(system, at):
    tree = make.tree(at)
    below = make.organisation(at, "grassroots_union", tree.union)

    def move(place, above, reason="区划调整", by=system):
        actions.move_organisation(organisation_id=place.pk, parent_id=above.pk, reason=reason, by=by, at=at)

    with pytest.raises(NotPermitted):
        move(tree.union, tree.other_town, by=Actor(role=Role.CITY_SUPERVISOR, name="市"))
    with pytest.raises(NotAllowed, match="它的下级"):
        move(tree.union, below)
    with pytest.raises(NotAllowed, match="它自己"):
        move(tree.union, tree.union)
    with pytest.raises(NotAllowed, match="已经是"):
        move(tree.union, tree.town)
    with pytest.raises(NotAllowed, match="不能设在"):
        move(tree.town, tree.other_town)
    with pytest.raises(BadInput, match="为什么"):
        move(tree.union, tree.other_town, reason=" ")
    actions.close_organisation(organisation_id=tree.other_union.pk, reason="撤并", by=system, at=at)
    with pytest.raises(NotAllowed, match="停用"):
        move(below, tree.other_union)
