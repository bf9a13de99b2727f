"""Are the official divisions read, checked and loaded, for Ningbo and for any other city?"""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from gongqing.lib.errors import BadInput, BadInputs
from gongqing.registry import actions, queries, rules
from gongqing.registry.models import Region
from gongqing.registry.tests import make


def test_ningbo_has_its_city_ten_counties_and_162_towns():
    rows = rules.region_rows(make.SHIPPED.read_text(encoding="utf-8"))
    levels = [row.level for row in rows]
    assert (levels.count("city"), levels.count("county"), levels.count("town")) == (1, 10, 162)


def test_concatenated_files_and_long_codes_of_another_city():
    text = (
        '\ufeffcode,name,provinceCode\n3301,"杭州市",33\n3302,"宁波市",33\n'
        'code,name,cityCode,provinceCode\n330106000000,"西湖区",3301,33\n'
        'code,name,areaCode,provinceCode,cityCode\n330106001000,"北山街道",330106,33,3301\n'
    )
    rows = rules.region_rows(text, within="3301")
    assert [(row.code, row.level) for row in rows] == [("3301", "city"), ("330106", "county"), ("330106001", "town")]


def test_a_city_without_counties_hangs_its_towns_under_itself(system, at):
    text = 'code,name,areaCode,provinceCode,cityCode\n4419,"东莞市",,44,\n441900003,"东城街道",441900,44,4419\n'
    actions.load_regions(rows=rules.region_rows(text), by=system, at=at)
    assert Region.objects.get(code="441900003").parent_id == "4419"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("33020x,甲区", "第 2 行：区划代码“33020x”应为"),
        ("33,甲省", "应为 4、6、9 或 12 位数字"),
        ("330203,", "名称为空"),
        ("330203,甲区\n330203,乙区", "第 3 行：代码 330203 与第 2 行重复"),
    ],
)
def test_wrong_rows_are_named_by_line(line, words):
    with pytest.raises(BadInputs, match=words):
        rules.region_rows(f"code,name\n{line}\n")


def test_a_file_without_a_header_is_refused():
    with pytest.raises(BadInput, match="表头"):
        rules.region_rows("330203,海曙区\n")


def test_loading_again_changes_nothing_and_corrections_count(system, at):
    make.regions(at)
    again = rules.region_rows(make.SHIPPED.read_text(encoding="utf-8"))
    assert actions.load_regions(rows=again, by=system, at=at).unchanged_count == 173
    renamed = rules.region_rows("code,name\n330203,海曙新区\n")
    assert actions.load_regions(rows=renamed, by=system, at=at) == actions.Loaded(0, 1, 0)


def test_an_orphan_refuses_the_whole_file(system, at):
    rows = rules.region_rows("code,name\n3302,宁波市\n330303001,无主街道\n")
    with pytest.raises(BadInputs, match="没有它的上级区划"):
        actions.load_regions(rows=rows, by=system, at=at)
    assert not Region.objects.exists()


def test_the_picker_gets_counties_with_towns_in_one_query(system, at, django_assert_num_queries):
    make.regions(at)
    with django_assert_num_queries(1):
        counties = queries.region_tree()
    assert [county["name"] for county in counties][:2] == ["海曙区", "江北区"]
    assert sum(len(county["towns"]) for county in counties) == 162


def test_regions_are_found_by_padded_codes(system, at):
    make.regions(at)
    assert queries.region_of("330203001000").name == "南门街道"
    assert queries.region_of("330200").name == "宁波市"
    assert queries.city().code == "3302"
    assert queries.region_of("999999") is None


def test_the_command_loads_and_refuses_in_chinese(db, tmp_path, capsys):
    call_command("regions", "load")
    assert "新增 173 个" in capsys.readouterr().out
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("code,name\nabc,甲\n", encoding="utf-8")
    with pytest.raises(CommandError, match="第 2 行"):
        call_command("regions", "load", str(wrong))
