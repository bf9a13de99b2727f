"""How is the weekly report written as a Word file, laid out as official documents are (GB/T 9704)?

Head and foot stand in the template (`documents/templates.py`); the text follows its styles. The same report is the
same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Any
from unicodedata import east_asian_width

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from gongqing.dispatch.rules.letters import printable
from gongqing.insight.documents import templates
from gongqing.insight.documents.charts import Charts
from gongqing.insight.rules.report_paper import Block, Chart, Hand, Paper, Section, Table, Text, numbered

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WIDTH = 156  # millimetres between the margins
ON_ONE_PAGE = 13  # lines of a table that stay together; what a taller one leaves empty would be seen
SIGN = 3.53  # millimetres that a Chinese character of a table is wide; a Latin one takes half
BESIDE = 1.5  # millimetres of a cell that no text takes
STYLES = {Hand.COMPUTED: "公文正文", Hand.PERSON: "人工撰写"}
_ESCAPES = re.compile(r"([{%}]_)([{%}])")  # docxtpl would turn them into the signs of a place
_LONG = re.compile(r"[0-9A-Za-z-]{20}|%）.*%）|%（\d")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def document_of(paper: Paper) -> bytes:
    """The report as a Word file."""
    head = paper.head
    filled = templates.filled(
        {
            "name": head.name,
            "number": head.number + ("（稿）" if head.is_draft else ""),
            "union": _plain(head.union),
            "dated": head.dated or "未编发",
            "signer": _plain(head.signer) or "　　　　",
            "correction": _plain(head.correction),
            "title": head.title,
            "period": f"（{head.period}）",
            "addressees": _plain(head.addressees),
            "copies": _plain(head.copies),
            "end": f"{_plain(head.union)}\t{f'{head.dated}印发' if head.dated else '（稿）'}",
        },
        templates.template(),
    )
    written = io.BytesIO()
    filled.core_properties.title = f"{head.name} {head.number}"[:200]
    filled.save(written)
    return _dated_alike(_with_text(written.getvalue(), paper))


def _with_text(content: bytes, paper: Paper) -> bytes:
    document = Document(io.BytesIO(content))
    place = templates.complete(document)
    writer = _Writer(document, place)
    writer.line(paper.head.scope, "公文正文")
    for numeral, section in numbered(paper.sections):
        writer.section(f"{numeral}、{section.title}", section)
    writer.hold_last()
    several = len(paper.annexes) > 1
    last = len(paper.annexes)
    for number, annex in enumerate(paper.annexes, 1):
        named = f"{number}. {annex.title}" if several else annex.title
        listed = writer.line(
            f"附件：{named}" if number == 1 else f"　　　{named}", "附件" if number == 1 else "公文正文"
        )
        listed.paragraph_format.keep_with_next = number < last or None
    for number, annex in enumerate(paper.annexes, 1):
        writer.line(f"附件{number if several else ''}", "附件名").paragraph_format.page_break_before = True
        writer.section(annex.title, annex, style="附件标题")
    place._element.getparent().remove(place._element)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


class _Writer:
    """Puts paragraphs, tables and charts before one paragraph of a document."""

    def __init__(self, document: Any, place: Paragraph) -> None:
        self._document, self._place = document, place
        self._charts = Charts(document)

    def section(self, title: str, section: Section, *, style: str = "一级标题") -> None:
        self.line(title, style).paragraph_format.keep_with_next = True
        for block in section.blocks:
            self._block(block)

    def hold_last(self) -> None:
        """What was written last stays on the page of what comes next: a list of annexes does not stand alone."""
        before = self._place._p.getprevious()
        if before is not None and before.tag == qn("w:p"):
            Paragraph(before, self._place._parent).paragraph_format.keep_with_next = True

    def line(self, words: str, style: str, *, lead: str = "") -> Paragraph:
        added = self._place.insert_paragraph_before(style=style)
        if lead:
            added.add_run(_clean(lead)).bold = True
        added.add_run(_clean(words))
        if _LONG.search(words):  # a line before a long code or a rate in brackets would be drawn apart
            added.alignment = WD_ALIGN_PARAGRAPH.LEFT
        return added

    def _block(self, block: Block) -> None:
        if isinstance(block, Text):
            self.line(block.words, STYLES[block.hand], lead=block.lead)
        elif isinstance(block, Chart):
            self._chart(block)
        else:
            self._table(block)

    def _chart(self, chart: Chart) -> None:
        drawn = self._place.insert_paragraph_before(style="图")
        self._charts.draw(
            drawn, replace(chart, title=_clean(chart.title), categories=[_clean(name) for name in chart.categories])
        )
        self.line(f"图　{chart.title}（单位：{chart.unit}）", "图题")

    def _table(self, table: Table) -> None:
        self.line(table.title, "表题")
        grid = self._document.add_table(rows=0, cols=len(table.head))
        grid.style, grid.autofit, grid.alignment = templates.TABLE, False, WD_TABLE_ALIGNMENT.CENTER
        widths = [Mm(WIDTH * share / sum(table.widths)) for share in table.widths]
        for column, width in zip(grid.columns, widths, strict=True):
            column.width = width
        self._row(grid, table.head, widths, frozenset(), is_head=True)
        for row in table.rows:
            self._row(grid, row, widths, table.left)
        if not table.rows:
            self._row(grid, ("没有", *("" for _ in table.head[1:])), widths, table.left)
        if lines_of(table) <= ON_ONE_PAGE:
            _keep_together(grid)
        self._place._p.addprevious(grid._tbl)
        self.line(table.note, "表注")

    @staticmethod
    def _row(
        grid: Any, words: Sequence[str], widths: Sequence[Any], left: frozenset[int], *, is_head: bool = False
    ) -> None:
        row = grid.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if is_head:
            properties.append(OxmlElement("w:tblHeader"))
        for number, (cell, said, width) in enumerate(zip(row.cells, words, widths, strict=True)):
            cell.width = width
            _margins(cell)
            line = cell.paragraphs[0]
            line.style = "表头" if is_head else "表格左" if number in left else "表格中"
            line.add_run(_clean(said))


def lines_of(table: Table) -> int:
    """How many lines a table takes, its head included: in each row the cell that breaks most often."""
    whole = sum(table.widths)
    signs = [(WIDTH * share / whole - BESIDE) / SIGN for share in table.widths]
    return sum(
        max(_lines(words, room) for words, room in zip(row, signs, strict=True)) for row in (table.head, *table.rows)
    )


def _lines(words: str, room: float) -> int:
    return sum(max(1, ceil(_signs(line) / room)) for line in words.split("\n"))


def _signs(words: str) -> float:
    return sum(1 if east_asian_width(sign) in "WF" else 0.5 for sign in words)


def _keep_together(grid: Any) -> None:
    """Every row on the page of the next: a table that fits a page is not cut in two."""
    for row in grid.rows[:-1]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _margins(cell: Any) -> None:
    """Narrow sides and a middle that stands upright."""
    properties = cell._tc.get_or_add_tcPr()
    margins = OxmlElement("w:tcMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "40")
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    properties.append(margins)
    upright = OxmlElement("w:vAlign")
    upright.set(qn("w:val"), "center")
    properties.append(upright)


def _dated_alike(content: bytes) -> bytes:
    """The file with every part dated alike, so that the time of writing leaves no mark."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as written:
        for part in sorted(given.infolist(), key=lambda one: (one.filename != "[Content_Types].xml", one.filename)):
            entry = zipfile.ZipInfo(part.filename, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, given.read(part.filename))
    return kept.getvalue()


def _plain(words: str) -> str:
    return _ESCAPES.sub("\\1\u200b\\2", _clean(words))


def _clean(words: str) -> str:
    return printable(words)
