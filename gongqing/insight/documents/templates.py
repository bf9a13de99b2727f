"""Which Word template does the weekly report follow, and what does a city's own one lack?

A city may draw its own; `gongqing report template` puts it among the kept files. A style that it lacks is the shipped
template's, standing on the city's own standard style; a template that cannot be filled in is not followed.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from gongqing.lib.errors import BadInput

SHIPPED = Path(__file__).parent / "weekly_report.docx"
PLACE = "［正文］"  # where the text goes in the template
LARGEST = 10 * 1024 * 1024  # bytes of a template
TABLE = "Table Grid"
STYLES = (
    "公文正文",
    "人工撰写",
    "一级标题",
    "附件",
    "附件名",
    "附件标题",
    "图",
    "图题",
    "表题",
    "表头",
    "表格左",
    "表格中",
    "表注",
    TABLE,
)
FIELDS = {
    "name": "报告名称",
    "number": "期号",
    "union": "编发单位",
    "dated": "编发日期",
    "signer": "签发人",
    "correction": "更正说明",
    "title": "标题",
    "period": "起止日期",
    "addressees": "主送",
    "copies": "抄送",
    "end": "印发机关和日期",
}
logger = logging.getLogger(__name__)


def own_place() -> Path:
    """Where the city's own template lies, if it has one."""
    return Path(settings.FILES_ROOT) / "weekly_report.docx"


def template() -> bytes:
    """The template to follow: the city's own if it can be filled in, else the shipped one."""
    try:
        own = own_place().read_bytes()
    except FileNotFoundError:
        return shipped()
    try:
        lacks_of(own)
    except BadInput as fault:
        logger.warning("the own template of the weekly report is not followed: %s", fault.message)
        return shipped()
    return own


@cache
def shipped() -> bytes:
    """The template that comes with the platform."""
    return SHIPPED.read_bytes()


def lacks_of(content: bytes) -> Sequence[str]:
    """What a template lacks and what is done instead, for whoever installs it; empty: nothing.

    Raises:
        BadInput: it is no Word document, or its places cannot be filled in.
    """
    if len(content) > LARGEST:
        raise BadInput("template", "模板太大，最多 10 MB。")
    try:
        document = Document(io.BytesIO(content))
    except Exception as fault:  # whatever a file that is none makes the reader of Word files raise
        raise BadInput("template", "这不是 Word 文档（.docx），请在 Word 里另存为 .docx。") from fault
    try:
        asked = DocxTemplate(io.BytesIO(content)).get_undeclared_template_variables(_signs())
        filled(FIELDS, content)
    except TemplateSyntaxError as fault:
        raise BadInput("template", f"模板里的字段写得不对，填不进去（{fault.message}）。{_HOW}") from fault
    except Exception as fault:  # an expression of the template may raise anything
        raise BadInput("template", f"模板里的字段填不进去（{type(fault).__name__}：{fault}）。{_HOW}") from fault
    said = [f"没有样式“{name}”：用平台自带的。" for name in _missing(document)]
    if place_in(document) is None:
        said.append(f"没有单独成段的“{PLACE}”：报告正文接在模板末尾。")
    said += [f"没有字段 {{{{ {name} }}}}：报告上不会有{words}。" for name, words in FIELDS.items() if name not in asked]
    said += [f"不认识字段 {{{{ {name} }}}}：印成空白。" for name in sorted(asked - set(FIELDS))]
    return said


def filled(values: Mapping[str, str], content: bytes) -> DocxTemplate:
    """A template with its places filled in; what they hold is text, whatever signs are in it."""
    paper = DocxTemplate(io.BytesIO(content))
    paper.render(dict(values), jinja_env=_signs(), autoescape=True)
    return paper


def place_in(document: Any) -> Paragraph | None:
    """The paragraph before which the text goes."""
    return next((line for line in document.paragraphs if PLACE in line.text), None)


def complete(document: Any) -> Paragraph:
    """Give a document the styles and the place that it lacks; answers the place."""
    lacking = _missing(document)
    if lacking:
        ours = Document(io.BytesIO(shipped())).styles
        for name in lacking:
            _take_in(document.styles, ours[name].element, name)
    return place_in(document) or document.add_paragraph(PLACE)


def _missing(document: Any) -> list[str]:
    there = {(style.name, style.type) for style in document.styles}
    return [name for name in STYLES if (name, _kind(name)) not in there]


def _take_in(styles: Any, ours: Any, name: str) -> None:
    """Copy a style under an id that is free, standing on the standard style of those that are here."""
    for other in styles:
        if other.name == name:  # of another kind: Word allows a name once
            other.name = f"{name}（模板）"
    added = deepcopy(ours)
    known = {style.style_id for style in styles}
    added.styleId = next(name for name in (f"gq{number}" for number in range(len(known) + 1)) if name not in known)
    for link in ("w:basedOn", "w:next", "w:link"):
        for found in added.findall(qn(link)):
            added.remove(found)
    styles.element.append(added)
    standard = styles.default(_kind(name))
    if standard is not None:
        styles[name].base_style = standard


def _kind(name: str) -> WD_STYLE_TYPE:
    return WD_STYLE_TYPE.TABLE if name == TABLE else WD_STYLE_TYPE.PARAGRAPH


def _signs() -> SandboxedEnvironment:
    return SandboxedEnvironment(autoescape=True)


_HOW = "字段写成 {{ number }} 的样子，括号成对；可从平台自带的模板改起。"
