"""Is the Word file laid out as official documents are, with charts whose numbers can be opened?"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.shared import Mm, Pt
from python_calamine import CalamineWorkbook

from gongqing.insight.documents.weekly import ON_ONE_PAGE, document_of, lines_of
from gongqing.insight.rules.report_paper import Chart, Hand, Head, Paper, Section, Table, Text
from gongqing.lib.characters import TURNING

CHARTS = (
    Chart("近几周", "line", ["9月29日", "10月6日"], [("归集", [3, 12]), ("办结", [0, 9])]),
    Chart("小类 <居前>", "bar", ["工资拖欠与克扣"], [("本周", [8])]),
)


def paper(**given: object) -> Paper:
    head = Head(
        name="工情通动态情况报告",
        number="2025年第3期",
        title="宁波市职工诉求动态情况",
        period="2025年10月13日至10月19日",
        union="宁波市总工会",
        signer="张某",
        addressees="市委领导",
        scope="统计周期为一周。",
        snapshot="3302-2025W42-abc",
        digest="0" * 64,
        **{"copies": "市人社局", "dated": "2025年10月20日", **given},
    )
    table = Table("办理情况", ("地区", "归集"), [("北仑区", "3"), ("鄞州区\n（含园区）", "12")], (60, 40), note="注。")
    blocks = [Text("归集3件。", lead="总的看，"), Text("要抓紧。", Hand.PERSON, "按语。"), table, *CHARTS]
    return Paper(head, [Section("overview", "总体情况", blocks)], [Section("method", "口径", [Text("口径。")])])


@pytest.fixture(scope="module")
def content() -> bytes:
    return document_of(paper(is_draft=False))


def test_the_page_is_that_of_official_documents(content: bytes) -> None:
    document = Document(io.BytesIO(content))
    section = document.sections[0]
    measures = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(each.mm) for each in measures] == [37, 35, 28, 26]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    body = document.styles["公文正文"]
    assert (body.font.size, body.paragraph_format.line_spacing) == (Pt(16), Pt(28))
    assert "仿宋_GB2312" in body.element.xml
    assert "楷体_GB2312" in document.styles["人工撰写"].element.xml
    assert "方正小标宋简体" in document.styles["报头"].element.xml


def test_head_text_and_foot_stand_in_order(content: bytes) -> None:
    said = [(line.style.name, line.text) for line in Document(io.BytesIO(content)).paragraphs if line.text]
    assert said[:5] == [
        ("报头", "工情通动态情况报告"),
        ("期号", "2025年第3期"),
        ("编发", "宁波市总工会编\t签发人：张某\t2025年10月20日"),
        ("公文标题", "宁波市职工诉求动态情况"),
        ("副标题行", "（2025年10月13日至10月19日）"),
    ]
    assert ("一级标题", "一、总体情况") in said
    assert ("公文正文", "总的看，归集3件。") in said
    assert ("人工撰写", "按语。要抓紧。") in said
    assert ("附件", "附件：口径") in said
    assert said[said.index(("附件名", "附件")) + 1] == ("附件标题", "口径")
    assert "［正文］" not in str(said)


def test_the_foot_stands_at_the_foot_of_the_last_page(content: bytes) -> None:
    foot = Document(io.BytesIO(content)).tables[-1]
    said = [row.cells[0].text for row in foot.rows]
    assert said == ["主送：市委领导。", "抄送：市人社局。", "宁波市总工会\t2025年10月20日印发"]
    assert 'w:tblpYSpec="bottom"' in foot._tbl.tblPr.xml
    assert abs(foot.rows[0].cells[0].width - Mm(156)) < Mm(1)
    without = Document(io.BytesIO(document_of(paper(copies="", dated="")))).tables[-1]
    assert [row.cells[0].text for row in without.rows] == ["主送：市委领导。", "宁波市总工会\t（稿）"]


def test_fonts_that_are_missing_have_stand_ins_and_the_language_is_chinese(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        fonts, styles = (parts.read(f"word/{name}.xml").decode() for name in ("fontTable", "styles"))
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋,FangSong' in fonts
    assert 'w:eastAsia="zh-CN"' in styles


def test_a_draft_says_so() -> None:
    said = [line.text for line in Document(io.BytesIO(document_of(paper()))).paragraphs]
    assert "2025年第3期（稿）" in said


def test_a_table_fits_the_page_and_repeats_its_head(content: bytes) -> None:
    table = Document(io.BytesIO(content)).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows][2] == ["鄞州区\n（含园区）", "12"]
    assert abs(sum(cell.width for cell in table.rows[0].cells) - Mm(156)) < Mm(1)
    assert "w:tblHeader" in table.rows[0]._tr.xml


def test_each_annex_begins_a_page_and_their_list_stays_with_the_text() -> None:
    annexes = [Section("a", "甲", [Text("一。")]), Section("b", "乙", [Text("二。")])]
    given = Paper(paper().head, [Section("overview", "总体情况", [Text("正文。")])], annexes)
    lines = {line.text: line.paragraph_format for line in Document(io.BytesIO(document_of(given))).paragraphs}
    assert [lines[name].page_break_before for name in ("附件1", "附件2")] == [True, True]
    assert [lines[name].keep_with_next for name in ("正文。", "附件：1. 甲", "　　　2. 乙")] == [True, True, None]


def test_nothing_turns_the_words_around() -> None:
    turned = "要抓紧\u202e）好\u2066了\u2069。"
    table = Table(f"表{turned}", ("列",), [(turned,)], (1,), note=turned)
    chart = Chart(turned, "bar", [turned], [("本周", [1])])
    blocks = [Text(turned, lead=turned), table, chart]
    given = Paper(replace(paper().head, signer=turned), [Section("overview", turned, blocks)], [])
    with zipfile.ZipFile(io.BytesIO(document_of(given))) as parts:
        for name in ("word/document.xml", "word/charts/chart1.xml"):
            said = parts.read(name).decode()
            assert "要抓紧）好了。" in said
            assert not TURNING & set(said)


def test_a_table_of_tall_rows_may_break() -> None:
    assert lines_of(Table("表", ("地区", "归集"), [("北仑区", "3")], (60, 40))) == 2
    tall = Table("表", ("地区", "归集"), [("北仑区\n" * 2, "3"), ("字" * 60, "3")], (60, 40))
    assert lines_of(tall) == 1 + 3 + 3


def _together(rows: int) -> list[bool | None]:
    """For each row of a table of so many, whether Word keeps it on the page of the next."""
    table = Table("办理情况", ("地区", "归集"), [("北仑区", "3")] * rows, (60, 40))
    document = Document(io.BytesIO(document_of(Paper(paper().head, [Section("overview", "总体情况", [table])], []))))
    return [row.cells[1].paragraphs[0].paragraph_format.keep_with_next for row in document.tables[0].rows]


def test_a_short_table_stays_on_one_page_and_a_long_one_may_break() -> None:
    assert _together(ON_ONE_PAGE - 1) == [True] * (ON_ONE_PAGE - 1) + [None]  # and a line of heads
    assert set(_together(ON_ONE_PAGE)) == {None}


def test_charts_carry_their_numbers(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = parts.namelist()
        for number, chart in enumerate(CHARTS, 1):
            text = parts.read(f"word/charts/chart{number}.xml").decode()
            parse_xml(text.encode())
            assert '<c:externalData r:id="rId1">' in text
            assert '<c:showSerName val="0"/>' in text
            assert ('<c:smooth val="0"/>' in text) == (chart.kind == "line")
            assert all(f"<c:v>{value}</c:v>" in text for _, values in chart.series for value in values)
            book = CalamineWorkbook.from_filelike(io.BytesIO(parts.read(f"word/embeddings/data{number}.xlsx")))
            rows = book.get_sheet_by_index(0).to_python()
            assert rows[0][1:] == [name for name, _ in chart.series]
            assert [row[0] for row in rows[1:]] == list(chart.categories)
            assert '<a:ea typeface="宋体"/>' in text
        lines = parts.read("word/charts/chart1.xml").decode()
        # the lower line's numbers stand below it, but not on the axis
        assert re.findall(r'<c:dLbl><c:idx val="(\d)"/>.*?<c:dLblPos val="(\w)"/>', lines) == [("1", "b")]
        types = parts.read("[Content_Types].xml").decode()
        assert names[0] == "[Content_Types].xml"
    assert types.count("drawingml.chart+xml") == 2
    drawn = Document(io.BytesIO(content)).element.xml
    assert 'descr="近几周。归集：9月29日' in drawn


def test_the_same_report_is_the_same_bytes(content: bytes) -> None:
    assert document_of(paper(is_draft=False)) == content
