"""How is an official letter written as a Word file, and read back for the preview?

The words stand in the templates under `letters/`, which `scripts/make_letter_templates.py` draws. Whatever a letter
quotes is text: no sign in it is read as markup or as a place of the template.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from docx import Document
from docx.table import Table
from docxtpl import DocxTemplate

from gongqing.dispatch.rules.letters import LetterName, LetterWords, day_words, printable

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEMPLATES = Path(__file__).parent / "letters"
NUMERALS = "一二三四五六七八九十"
CHARACTER, DATE_RIGHT = 320, 4  # twips a character of 三号; characters that the date stands from the right
# the parts of a letter by the style of their paragraph, as the preview names them
PARTS = {
    "发文机关": "head",
    "文号": "reference",
    "公文标题": "title",
    "主送": "to",
    "署名": "signed",
    "成文日期": "signed",
    "印章": "seal",
    "抄送": "copies",
}
_ESCAPES = re.compile(r"([{%}]_)([{%}])")  # docxtpl would turn them into the signs of a place


@dataclass(frozen=True, slots=True)
class Part:
    """One paragraph of a letter, or its table of facts as `rows`."""

    name: str
    text: str = ""
    rows: Sequence[tuple[str, str]] = ()


def letter_of(letter: LetterName, words: LetterWords) -> bytes:
    """The letter as a Word file."""
    return filled_in(letter, _context(words), title=f"{words.reference} {words.title}")


def filled_in(template: str, context: Mapping[str, Any], *, title: str) -> bytes:
    """A template with its places filled in; what they hold is text, whatever signs are in it."""
    paper = DocxTemplate(io.BytesIO(_template(template)))
    paper.render(context, autoescape=True)
    paper.core_properties.title = title[:200]
    written = io.BytesIO()
    paper.save(written)
    return written.getvalue()


def parts_of(content: bytes) -> list[Part]:
    """What a letter says, part by part, for the preview."""
    found = []
    for block in Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(block, Table):
            found.append(Part("facts", rows=[(row.cells[0].text, row.cells[1].text) for row in block.rows]))
        elif block.text.strip():
            found.append(Part(PARTS.get(str(block.style.name if block.style else ""), "line"), text=block.text))
    return found


@cache
def _template(name: str) -> bytes:
    return (TEMPLATES / f"{name}.docx").read_bytes()


def _context(words: LetterWords) -> Mapping[str, Any]:
    given: dict[str, Any] = {each.name: _written(getattr(words, each.name)) for each in fields(words)}
    for name, blank in (("employer", "未说明"), ("place", "未说明"), ("category", "待分类")):
        given[name] = given[name] or blank
    given["name"] = given["name"] or ("对用人单位保密，不具名" if words.is_shielded else "没有留姓名")
    given["phone"] = given["phone"] or ("请经我单位联系" if words.is_shielded else "没有留电话")
    given["text"] = "\n".join(given["text"])
    return {**given, "n": _numbers(), "signer_indent": str(_signer_indent(words))}


def _written(value: object) -> object:
    if isinstance(value, date):
        return day_words(value)
    if isinstance(value, str):
        return _ESCAPES.sub("\\1\u200b\\2", printable(value))
    return [_written(each) for each in value] if isinstance(value, list | tuple) else value


def _numbers() -> Callable[[], str]:
    def numerals() -> Iterator[str]:
        for index in count():
            yield NUMERALS[index % len(NUMERALS)]

    return numerals().__next__


def _signer_indent(words: LetterWords) -> int:
    """How far the issuer's name stands from the right so that the date lies under its middle, in twips."""
    dated = sum(1 if ord(sign) > 255 else 0.5 for sign in day_words(words.signed_on))
    beside = DATE_RIGHT + (dated - len(words.issuer)) / 2
    return int(max(0.0, beside) * CHARACTER)
