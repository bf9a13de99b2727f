"""How does a chart get into a Word file so that an official can still edit it?

Word keeps a chart as its own XML with a small workbook beside it. XlsxWriter writes both; here they are put into the
document, so that a double click opens the numbers. The same chart is the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from itertools import count
from typing import Any
from xml.sax.saxutils import quoteattr

from docx.document import Document as Paper
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Length, Mm
from docx.text.paragraph import Paragraph
from xlsxwriter import Workbook

from gongqing.insight.rules.report_paper import Chart

CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET, DATA_RELATION = "数据", "rId1"
MADE = datetime(2000, 1, 1)  # noqa: DTZ001  # in every workbook the same, so that the same chart is the same bytes
COLOURS = ("#B8141F", "#8A8F99")
WIDTH = Mm(154)
FONT = {"name": "宋体", "size": 10, "color": "#1F2329"}
# what a label does not show must be said: left out, some programs show it
_LABELS = (
    '<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/>'
    '<c:showPercent val="0"/><c:showBubbleSize val="0"/>'
)
_TYPEFACES = f'<a:latin typeface="Times New Roman"/><a:ea typeface="{FONT["name"]}"/>'
_DRAWING = (
    '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
    '<wp:docPr id="{number}" name={name} descr={said}/><wp:cNvGraphicFramePr/>'
    '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
    '<c:chart r:id="{relation}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
)


class Charts:
    """The charts of one document, numbered as they come."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._numbers = count(1)

    def draw(self, line: Paragraph, chart: Chart) -> None:
        """Put the chart into this paragraph."""
        number, package = next(self._numbers), self._paper.part.package
        book = Part(PackURI(f"/word/embeddings/data{number}.xlsx"), BOOK, _book(chart, drawn=False), package)
        part = Part(PackURI(f"/word/charts/chart{number}.xml"), CHART, _chart_xml(chart), package)
        part.rels.add_relationship(RELATIONSHIP_TYPE.PACKAGE, book, DATA_RELATION)
        relation = self._paper.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
        drawing = _DRAWING.format(
            width=int(WIDTH),
            height=int(_height(chart)),
            number=1000 + number,
            name=quoteattr(f"图{number}"),
            said=quoteattr(chart.words),
            relation=relation,
        )
        line.add_run()._r.append(parse_xml(drawing))


def _height(chart: Chart) -> Length:
    return Mm(62) if chart.kind == "line" else Mm(min(22 + 7 * len(chart.categories), 110))


def _chart_xml(chart: Chart) -> bytes:
    with zipfile.ZipFile(io.BytesIO(_book(chart, drawn=True))) as book:
        text = book.read("xl/charts/chart1.xml").decode()
    text = text.replace('<c:showVal val="1"/>', _LABELS)
    if chart.kind == "line":
        text = text.replace("</c:ser>", '<c:smooth val="0"/></c:ser>')
        text = _labels_apart(text, chart)
    text = text.replace(f'<a:latin typeface="{FONT["name"]}"/>', _TYPEFACES)
    cut = text.find("<c:printSettings>")
    data = f'<c:externalData r:id="{DATA_RELATION}"><c:autoUpdate val="0"/></c:externalData>'
    return f"{text[:cut] if cut > 0 else text.removesuffix('</c:chartSpace>')}{data}</c:chartSpace>".encode()


def _labels_apart(text: str, chart: Chart) -> str:
    """The number of the lower line stands below its point, unless the axis is there already."""
    parts = text.split("<c:dLbls>")
    for number, (_, values) in enumerate(chart.series):
        font = parts[number + 1].partition("<c:txPr>")[2].partition("</c:txPr>")[0]
        below = "".join(
            f'<c:dLbl><c:idx val="{at}"/><c:txPr>{font}</c:txPr><c:dLblPos val="b"/>{_LABELS}</c:dLbl>'
            for at in range(len(values))
            if chart.is_lower(number, at)
        )
        parts[number + 1] = below + parts[number + 1]
    return "<c:dLbls>".join(parts)


def _book(chart: Chart, *, drawn: bool) -> bytes:
    """The workbook of the numbers, with the chart drawn in it or without."""
    kept = io.BytesIO()
    book = Workbook(kept, {"in_memory": True})
    book.set_properties({"created": MADE, "author": ""})
    sheet = book.add_worksheet(SHEET)
    size = len(chart.categories)
    for row, name in enumerate(chart.categories, 1):
        sheet.write_string(row, 0, name)
    for column, (name, values) in enumerate(chart.series, 1):
        sheet.write_string(0, column, name)
        for row, value in enumerate(values, 1):
            sheet.write_number(row, column, value)
    if drawn:
        sheet.insert_chart(0, 5, _drawn(book, chart, size))
    book.close()
    return kept.getvalue()


def _drawn(book: Any, chart: Chart, size: int) -> Any:
    is_line = chart.kind == "line"
    drawn = book.add_chart({"type": "line" if is_line else "bar"})
    for column, (_, _values) in enumerate(chart.series, 1):
        colour = COLOURS[(column - 1) % len(COLOURS)]
        series: dict[str, Any] = {
            "name": [SHEET, 0, column],
            "categories": [SHEET, 1, 0, size, 0],
            "values": [SHEET, 1, column, size, column],
            "data_labels": {"value": True, "font": {**FONT, "size": 9}},
        }
        if is_line:
            series["line"] = {"color": colour, "width": 2, "dash_type": "solid" if column == 1 else "dash"}
            series["marker"] = {"type": "circle" if column == 1 else "square", "size": 5, "fill": {"color": colour}}
            series["data_labels"]["position"] = "above"
        else:
            series |= {"fill": {"color": colour}, "border": {"none": True}, "gap": 45, "overlap": -5}
        drawn.add_series(series)
    axis: dict[str, Any] = {
        "num_font": {**FONT, "size": 9},
        "line": {"color": "#8A8F99"},
        "major_tick_mark": "none",
        "minor_tick_mark": "none",
    }
    counts = {**axis, "major_gridlines": {"visible": True, "line": {"color": "#E3E5E8"}}, "min": 0, "num_format": "0"}
    # of a bar chart the upright axis is y; it begins at the foot unless it is turned round
    drawn.set_x_axis(axis if is_line else {**counts, "visible": False, "major_gridlines": {"visible": False}})
    drawn.set_y_axis(counts if is_line else {**axis, "reverse": True})
    drawn.set_legend({"position": "bottom", "font": FONT})
    drawn.set_chartarea({"border": {"none": True}})
    drawn.set_title({"none": True})
    return drawn
