#!/usr/bin/env python
"""Draw the Word template of the weekly report, laid out as official documents are (GB/T 9704).

A4, margins 37, 35, 28 and 26 mm, 22 lines of 28 characters, 仿宋 三号 on 28 points, page numbers outside. Run it
after a change of the layout; the template is kept in the repository and an office may edit its own copy in Word.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import make_letter_templates as letters
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

HERE = Path(__file__).resolve().parent.parent / "gongqing" / "insight" / "documents"
PERSON_FONT = "楷体_GB2312"
WIDTH = 156  # millimetres between the margins
LINES, CLOSER = 579, -5  # twips a line, 22 to a page; twips less a character, so that 28 stand on a line
CENTRE, LEFT, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT


def weekly_report() -> Paper:
    """工情通动态情况报告: head, the place of the text, foot."""
    paper = letters._sheet("工情通动态情况报告")
    _grid_of_lines(paper)
    _report_styles(paper)
    letters._text(paper, "{{ name }}", style="报头")
    letters._text(paper, "{{ number }}", style="期号")
    letters._text(paper, "{{ union }}编\t签发人：{{ signer }}\t{{ dated }}", style="编发")
    letters._text(paper, "{{ title }}", style="公文标题").paragraph_format.space_after = Pt(0)
    letters._text(paper, "{{ period }}", style="副标题行")
    letters._when(paper, "correction", "{{ correction }}")
    letters._text(paper, "［正文］")
    _foot(paper)
    return paper


def _foot(paper: Paper) -> None:
    """Who gets it and who issued it, as wide as the text and at the foot of the last page."""
    rows = ("主送：{{ addressees }}。", "{%tr if copies %}", "抄送：{{ copies }}。", "{%tr endif %}", "{{ end }}")
    letters._text(paper, "", style="文末")
    paper.paragraphs[-1].paragraph_format.space_after = Pt(
        letters.LINE
    )  # where a program lets the table follow the text
    table = paper.add_table(rows=0, cols=1)
    table.autofit = False
    table.columns[0].width = Mm(WIDTH)
    for words in rows:
        cell = table.add_row().cells[0]
        cell.width = Mm(WIDTH)
        cell.paragraphs[0].style = "版记末" if "end }}" in words else "版记"
        cell.paragraphs[0].add_run(words)
    _edges(table.rows[-1].cells[0], "top", 4)
    properties = table._tbl.tblPr
    place = _element(
        "w:tblpPr", leftFromText="0", rightFromText="0", vertAnchor="margin", tblpXSpec="center", tblpYSpec="bottom"
    )
    properties.insert_element_before(place, "w:tblW", "w:tblLook")
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom"):
        borders.append(_element(f"w:{side}", val="single", sz="8", space="0", color="000000"))
    properties.append(borders)
    letters._text(paper, "", style="文末")


def _edges(cell: Any, side: str, size: int) -> None:
    borders = OxmlElement("w:tcBorders")
    borders.append(_element(f"w:{side}", val="single", sz=str(size), space="0", color="000000"))
    cell._tc.get_or_add_tcPr().append(borders)


def _element(name: str, **given: str) -> Any:
    made = OxmlElement(name)
    for key, value in given.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _grid_of_lines(paper: Paper) -> None:
    section = paper.sections[0]._sectPr
    grid = section.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section.append(grid)
    for name, value in (("type", "lines"), ("linePitch", str(LINES))):
        grid.set(qn(f"w:{name}"), value)


def _report_styles(paper: Paper) -> None:
    head = letters._style(paper, "报头", letters.TITLE_FONT, 40, CENTRE, line=60)
    head.font.color.rgb = letters.RED
    head.paragraph_format.space_before = Pt(12)
    letters._style(paper, "期号", letters.TEXT_FONT, 16, CENTRE).paragraph_format.space_before = Pt(8)
    issue = letters._style(paper, "编发", letters.TEXT_FONT, 14, LEFT)
    issue.paragraph_format.tab_stops.add_tab_stop(Mm(86), WD_TAB_ALIGNMENT.CENTER)
    issue.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    issue.paragraph_format.space_before = Pt(8)
    letters._rule(issue, "bottom", "single", 18, "D7000F")
    heading = letters._style(paper, "一级标题", letters.HEADING_FONT, 16, LEFT)
    letters._indent(heading, firstLineChars="200", firstLine=str(2 * letters.TWIPS_A_CHARACTER))
    heading.paragraph_format.keep_with_next = True
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "0")
    heading.element.get_or_add_pPr().append(level)
    person = letters._style(paper, "人工撰写", PERSON_FONT, 16, WD_ALIGN_PARAGRAPH.JUSTIFY)
    letters._indent(person, firstLineChars="200", firstLine=str(2 * letters.TWIPS_A_CHARACTER))
    for style in (paper.styles["公文正文"], person):
        _closer(style)
    period = letters._style(paper, "副标题行", PERSON_FONT, 16, CENTRE)
    period.paragraph_format.space_after = Pt(14)
    title = letters._style(paper, "表题", letters.HEADING_FONT, 12, CENTRE, line=22)
    title.paragraph_format.space_before, title.paragraph_format.keep_with_next = Pt(8), True
    for name, font, alignment in (
        ("表头", letters.HEADING_FONT, CENTRE),
        ("表格中", letters.TEXT_FONT, CENTRE),
        ("表格左", letters.TEXT_FONT, LEFT),
    ):
        _off_grid(letters._style(paper, name, font, 10, alignment, line=14))
    note = letters._style(paper, "表注", letters.TEXT_FONT, 10, LEFT, line=14)
    note.paragraph_format.space_after = Pt(8)
    _off_grid(note)
    drawn = letters._style(paper, "图", letters.TEXT_FONT, 12, CENTRE)
    drawn.paragraph_format.line_spacing_rule, drawn.paragraph_format.line_spacing = WD_LINE_SPACING.SINGLE, 1.0
    drawn.paragraph_format.keep_with_next, drawn.paragraph_format.space_before = True, Pt(6)
    _off_grid(drawn)
    under = letters._style(paper, "图题", letters.HEADING_FONT, 12, CENTRE, line=22)
    under.paragraph_format.space_after = Pt(8)
    foot = letters._style(paper, "版记", letters.TEXT_FONT, 14, LEFT, line=24)
    foot.paragraph_format.keep_with_next = True  # the foot stands on one page
    letters._indent(foot, left="1120", hanging="840", right="280")  # a further line stands under the first name
    last = letters._style(paper, "版记末", letters.TEXT_FONT, 14, LEFT, line=24)
    letters._indent(last, left="280", right="280")
    last.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH - 9), WD_TAB_ALIGNMENT.RIGHT)
    letters._style(paper, "文末", letters.TEXT_FONT, 1, LEFT, line=1)
    letters._style(paper, "附件标题", letters.TITLE_FONT, 22, CENTRE, line=36).paragraph_format.space_after = Pt(4)
    letters._style(paper, "附件名", letters.HEADING_FONT, 16, LEFT).paragraph_format.keep_with_next = True


def _closer(style: Any) -> None:
    """The characters a little closer, so that a line of 156 mm takes twenty-eight."""
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), str(CLOSER))
    style.element.get_or_add_rPr().insert_element_before(spacing, "w:sz", "w:szCs")


def _off_grid(style: Any) -> None:
    """Small type keeps its own line, not the grid's."""
    properties = style.element.get_or_add_pPr()
    mark = OxmlElement("w:snapToGrid")
    mark.set(qn("w:val"), "0")
    properties.insert_element_before(mark, "w:spacing", "w:ind", "w:jc", "w:outlineLvl")


if __name__ == "__main__":
    HERE.mkdir(parents=True, exist_ok=True)
    weekly_report().save(str(HERE / "weekly_report.docx"))
