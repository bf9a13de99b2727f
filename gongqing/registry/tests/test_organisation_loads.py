"""Does a sheet of organisations become the tree that it draws, and does it come away again?"""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest
import xlsxwriter

from gongqing.audit.actor import Actor, Role
from gongqing.audit.models import Event
from gongqing.lib.codes import uscc_check_char
from gongqing.lib.errors import BadInput, NotPermitted
from gongqing.lib.times import day_of
from gongqing.registry import actions, queries
from gongqing.registry.actions import loads
from gongqing.registry.models import Enterprise, Load, LoadRow, LoadState, Organisation, Region, RowState, ZoneLink
from gongqing.registry.tests import make

HEADER = "组织编码,名称,简称,类型,上级编码,区划,单位统一社会信用代码,单位名称,电话,职工人数,所属片区,状态"


def uscc(serial: int) -> str:
    body = f"91330206MA7{serial:06d}"
    return body + uscc_check_char(body)


@pytest.fixture
def city(system: Actor, at: datetime) -> make.Tree:
    return make.tree(at)


def sheet(*lines: str, header: str = HEADER) -> bytes:
    return "\r\n".join((header, *lines)).encode()


def begun(content: bytes, at: datetime, by: Actor, name: str = "组织.csv") -> Load:
    return loads.begin_load(kind="organisations", source="基层组织库", file_name=name, content=content, by=by, at=at)


def advanced(load: Load, at: datetime, by: Actor) -> Load:
    while load.state in (LoadState.RUNNING, LoadState.UNDOING):
        load = loads.advance_load(load_id=load.pk, by=by, at=at)
    return load


def loaded(content: bytes, at: datetime, by: Actor, name: str = "组织.csv") -> Load:
    load = begun(content, at, by, name)
    return advanced(loads.start_load(load_id=load.pk, by=by, at=at, in_hand=True), at, by)


def undone(load: Load, at: datetime, by: Actor) -> Load:
    load = loads.undo_load(load_id=load.pk, by=by, at=at, reason="选错了文件", in_hand=True)
    return advanced(load, at, by)


def counts(load: Load) -> dict[str, int]:
    return {state: count for state, count in load.counts.items() if count}


def why(load: Load, number: int) -> str:
    return " ".join(one["why"] for one in LoadRow.objects.get(load=load, number=number).problems)


def upside_down(city: make.Tree) -> bytes:
    """A union, its federation, a zone and a town, each below what hangs under it."""
    return sheet(
        f"JC1,江畔五金工会,,基层工会,XSJ1,,{uscc(1)},江畔五金（虚构）有限公司,0574-86001234,120,PQ1,在用",
        "XSJ1,江畔村联合工会,江畔,小三级,JD1,,,,,,PQ1,",
        "PQ1,江畔片区,,片区,JD1,,,,,,,",
        f"JD1,江畔街道总工会,,镇街,{city.county.code},330206003,,,,,,",
    )


def test_parents_may_stand_below_their_children(city, system, at):
    load = loaded(upside_down(city), at, system)
    assert (load.state, counts(load)) == (LoadState.DONE, {"added": 4})
    union = Organisation.objects.get(code="JC1")
    town = Organisation.objects.get(code="JD1")
    assert union.path == f"{city.county.path}{town.pk}/{union.parent.pk}/{union.pk}/"
    assert union.level == "grassroots"
    assert (union.region_id, union.enterprise.name, union.enterprise.headcount) == (
        "330206003",
        "江畔五金（虚构）有限公司",
        120,
    )
    assert queries.zone_of_union(union.pk, day_of(at)).code == "PQ1"
    founded = Event.objects.filter(kind="organisation.founded", data__load=load.pk)
    assert sorted(founded.values_list("data__code", flat=True)) == ["JC1", "JD1", "PQ1", "XSJ1"]


def test_the_same_file_again_changes_nothing(city, system, at):
    loaded(upside_down(city), at, system)
    before = list(Organisation.objects.order_by("pk").values())
    again = loaded(upside_down(city), at, system)
    assert counts(again) == {"unchanged": 4}
    assert list(Organisation.objects.order_by("pk").values()) == before
    assert ZoneLink.objects.count() == 2
    assert Enterprise.objects.filter(uscc=uscc(1)).count() == 1


def test_a_try_says_what_the_run_will_do(city, system, at):
    content = (
        upside_down(city)
        + f"\r\nJC9,没有上级的工会,,基层,NONE,,,,,,,\r\n{city.union.code},改了名,,基层,,,,,,,,".encode()
    )
    load = begun(content, at, system)
    outcomes = {row.cells["code"]: outcome.state for row, outcome in loads.preview_load(load, by=system, at=at)}
    tried = advanced(loads.start_load(load_id=load.pk, by=system, at=at, dry_run=True, in_hand=True), at, system)
    assert not Organisation.objects.filter(code="JC1").exists()
    run = advanced(loads.start_load(load_id=load.pk, by=system, at=at, in_hand=True), at, system)
    assert counts(tried) == counts(run) == {"added": 4, "rejected": 1, "changed": 1}
    assert outcomes == {one.external_id: one.state for one in run.rows.all()}


def test_what_cannot_stand_is_named(city, system, at):
    load = loaded(
        sheet(
            "A,甲联合工会,,小三级,B,,,,,,,",
            "B,乙联合工会,,小三级,A,,,,,,,",
            "S,自己工会,,基层,S,,,,,,,",
            "K,挂在自己圈上的工会,,基层,A,,,,,,,",
            f"X,错位片区,,片区,{city.union.code},,,,,,,",
            f"D,第一个,,基层,{city.town.code},,,,,,,",
            f"D,第二个,,基层,{city.town.code},,,,,,,",
            "N,无上级,,基层,NONE,,,,,,,",
            f"T,怪类型,,俱乐部,{city.town.code},,,,,,,也许",
            f"E,坏代码工会,,基层,{city.town.code},999999,91330206MA7000001X,某公司,电话,三人,NOPE,",
            f",没编码,,基层,{city.town.code},,,,,,,",
            f"JD2,另一个街道总工会,,镇街,{city.county.code},{city.town.region_id},,,,,,",
        ),
        at,
        system,
    )
    assert counts(load) == {"added": 1, "rejected": 11}
    assert "绕成了一圈" in why(load, 2)
    assert "A → B" in why(load, 2)
    assert "上级写成了它自己" in why(load, 4)
    assert "上级 A （第 2 行）没有通过" in why(load, 5)
    assert "不能设在基层工会" in why(load, 6)
    assert "与第 7 行重复" in why(load, 8)
    assert "系统里也没有" in why(load, 9)
    assert "俱乐部" in why(load, 10)
    assert "也许" in why(load, 10)
    told = {one["column"] for one in LoadRow.objects.get(load=load, number=11).problems}
    assert told == {"区划", "单位统一社会信用代码", "电话", "职工人数", "所属片区"}
    assert "请填写组织编码" in why(load, 12)
    assert f"编码改为 {city.town.code}" in why(load, 13)
    assert loads.content_of(LoadRow.objects.get(load=load, number=13))["name"] == "另一个街道总工会"


def test_what_differs_is_changed_and_put_back(city, system, at):
    union, code = city.union, uscc(2)
    actions.link_union_to_zone(
        zone_id=city.zone.pk, union_id=union.pk, since=day_of(at - timedelta(days=30)), by=system, at=at
    )
    line = f"{union.code},新名工会,新名,基层,,,{code},新厂（虚构）,86001111,55,{city.other_zone.code},在用"
    load = loaded(sheet(line), at, system)
    assert counts(load) == {"changed": 1}
    union.refresh_from_db()
    assert (union.name, union.short_name, union.phone, union.enterprise.headcount) == (
        "新名工会",
        "新名",
        "86001111",
        55,
    )
    assert queries.zone_of_union(union.pk, day_of(at)) == city.other_zone
    assert counts(loaded(sheet(line), at, system)) == {"unchanged": 1}
    assert counts(undone(load, at, system)) == {"undone": 1}
    union.refresh_from_db()
    assert (union.name, union.phone, union.enterprise) == (city.union.name, city.union.phone, None)
    assert queries.zone_of_union(union.pk, day_of(at)) == city.zone


def test_what_somebody_changed_since_is_kept(city, system, at):
    load = loaded(sheet(f"{city.union.code},新名工会,,基层,,,,,,,,"), at, system)
    Organisation.objects.filter(pk=city.union.pk).update(name="又一个名")
    assert counts(undone(load, at, system)) == {"kept": 1}
    assert load.rows.get().note.startswith("导入以后又有人改过")


def test_a_new_parent_is_not_changed_by_a_load(city, system, at):
    load = loaded(sheet(f"{city.union.code},{city.union.name},,基层,{city.other_town.code},,,,,,,"), at, system)
    assert counts(load) == {"rejected": 1}
    assert "调整上级" in why(load, 2)


def test_organisations_are_closed_from_below_and_opened_again(city, system, at):
    town, union = city.other_town, city.other_union
    closing = sheet(
        f"{town.code},{town.name},,镇街,,,,,,,,停用",
        f"{union.code},{union.name},,基层,,,,,,,,停用",
        "Q,没有的,,基层,,,,,,,,停用",
    )
    assert counts(loaded(closing, at, system)) == {"changed": 2, "unchanged": 1}
    assert not Organisation.objects.filter(pk__in=[town.pk, union.pk], is_active=True).exists()
    opened = loaded(sheet(f"{town.code},{town.name},,镇街,,,,,,,,在用"), at, system)
    assert counts(opened) == {"changed": 1}
    refused = loaded(sheet(f"{city.town.code},{city.town.name},,镇街,,,,,,,,停用"), at, system)
    assert "下面还有" in why(refused, 2)


def test_undo_takes_away_what_nobody_used(city, system, at):
    load = loaded(upside_down(city), at, system)
    make.organisation(at, "grassroots_union", Organisation.objects.get(code="XSJ1"))
    load = undone(load, at, system)
    assert (load.state, counts(load)) == (LoadState.UNDONE, {"undone": 1, "kept": 3})
    assert set(Organisation.objects.filter(code__in=["JC1", "XSJ1", "PQ1", "JD1"]).values_list("code", flat=True)) == {
        "XSJ1",
        "PQ1",
        "JD1",
    }
    assert not Enterprise.objects.filter(uscc=uscc(1)).exists()
    assert Event.objects.filter(kind="organisation.withdrawn").count() == 1


def test_undo_of_an_unused_load_leaves_nothing(city, system, at):
    before = set(Organisation.objects.values_list("code", flat=True))
    assert counts(undone(loaded(upside_down(city), at, system), at, system)) == {"undone": 4}
    assert set(Organisation.objects.values_list("code", flat=True)) == before
    assert not ZoneLink.objects.exists()
    assert counts(loaded(upside_down(city), at, system)) == {"added": 4}


def test_a_load_that_broke_goes_on_and_is_undone_half_way(city, system, at, monkeypatch):
    monkeypatch.setattr("gongqing.registry.actions.organisation_loads.OrganisationLoad.chunk", 2)
    load = begun(upside_down(city), at, system)
    load = loads.start_load(load_id=load.pk, by=system, at=at, in_hand=True)
    load = loads.advance_load(load_id=load.pk, by=system, at=at)
    load = loads.fail_load(load_id=load.pk, fault="断电", by=system, at=at)
    assert set(load.rows.values_list("external_id", flat=True)) == {"JD1", "PQ1"}
    other = begun(upside_down(city), at, system)
    other = loads.start_load(load_id=other.pk, by=system, at=at, in_hand=True)
    other = loads.advance_load(load_id=other.pk, by=system, at=at)
    assert counts(other) == {"unchanged": 2}
    other = loads.fail_load(load_id=other.pk, fault="断电", by=system, at=at)
    assert advanced(loads.start_load(load_id=other.pk, by=system, at=at, in_hand=True), at, system).counts["added"] == 2
    assert counts(undone(load, at, system)) == {"kept": 2}


def test_sheets_as_officials_make_them(city, system, at):
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        page = book.add_worksheet("基层组织")
        page.merge_range(0, 0, 0, 4, "宁波市基层工会组织台账（2025 年）")
        for column, title in enumerate(("工会编码", "工会名称", "组织类型", "上级工会", "所在区划")):
            page.write_string(2, column, title)
        for row, (code, name) in enumerate((("K1", "渡口工会"), ("K2", "码头工会")), 3):
            page.write_string(row, 0, code)
            page.write_string(row, 1, name)
            page.write_string(row, 2, "企业工会")
        page.merge_range(3, 3, 4, 3, city.town.name)
        page.merge_range(3, 4, 4, 4, Region.objects.get(pk=city.town.region_id).name)
    load = loaded(kept.getvalue(), at, system, "台账.xlsx")
    assert (load.header_row, counts(load)) == (3, {"added": 2})
    assert Organisation.objects.filter(parent=city.town, code__in=["K1", "K2"]).count() == 2
    text = f"组织编码,名称,类型,上级编码\r\nG1,国标工会,基层,{city.town.code}"
    assert counts(loaded(text.encode("gb18030"), at, system)) == {"added": 1}
    assert counts(loaded(text.encode("utf-8-sig"), at, system)) == {"unchanged": 1}
    with pytest.raises(BadInput, match="打不开"):
        begun(kept.getvalue()[:900], at, system, "台账.xlsx")


def test_only_an_administrator_loads_organisations(city, system, at):
    town = Actor(role=Role.TOWN_SUPERVISOR, name="外人", user_id=7, path=city.town.path)
    with pytest.raises(NotPermitted):
        begun(upside_down(city), at, town)
    assert "organisations" not in loads.kinds_for(town)


def test_a_row_leads_to_its_organisation(city, system, at):
    load = loaded(upside_down(city), at, system)
    row = load.rows.get(external_id="JC1")
    links = loads.work_of("organisations").links_of([row])
    assert links == {row.pk: (f"/desk/organisations/{row.subject_id}", "江畔五金工会")}
    assert row.state == RowState.ADDED
