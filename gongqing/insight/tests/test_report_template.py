"""Does a report follow a city's own Word template, and is told plainly what it lacks?"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from docx import Document
from docx.enum.style import WD_STYLE_TYPE

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.insight.documents import templates
from gongqing.insight.documents.weekly import document_of
from gongqing.insight.tests.test_report_document import paper
from gongqing.lib.errors import BadInput

HEAD = ["{{ name }} {{ number }}", "{{ union }} {{ dated }} {{ signer }}", "{{ title }} {{ period }} {{ correction }}"]
FOOT = "{{ addressees }} {{ copies }} {{ end }}"


@pytest.fixture(autouse=True)
def kept(settings, tmp_path: Path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    settings.FILES_ROOT.mkdir()
    return tmp_path


def own(*lines: str) -> bytes:
    """A template as a city draws it: with the styles of a fresh Word document alone."""
    drawn = Document()
    for line in lines:
        drawn.add_paragraph(line)
    written = io.BytesIO()
    drawn.save(written)
    return written.getvalue()


WHOLE = (*HEAD, templates.PLACE, FOOT)


def paragraphs(content: bytes) -> list[tuple[str, str]]:
    return [(line.style.name, line.text) for line in Document(io.BytesIO(content)).paragraphs if line.text]


def test_the_shipped_template_lacks_nothing() -> None:
    assert templates.lacks_of(templates.shipped()) == []


def test_a_template_without_the_styles_gets_them_and_says_which() -> None:
    content = own(*WHOLE)
    assert templates.lacks_of(content) == [
        f"没有样式“{name}”：用平台自带的。" for name in templates.STYLES if name != templates.TABLE
    ]
    templates.own_place().write_bytes(content)
    said = paragraphs(document_of(paper()))
    assert said[0][1] == "工情通动态情况报告 2025年第3期（稿）"
    assert said[said.index(("附件名", "附件")) + 1] == ("附件标题", "口径")
    assert ("人工撰写", "按语。要抓紧。") in said
    assert said[-1][1].startswith("市委领导")
    document = Document(io.BytesIO(document_of(paper())))
    ours = Document(io.BytesIO(templates.shipped())).styles
    assert document.styles["附件标题"].font.size == ours["附件标题"].font.size
    assert "方正小标宋简体" in document.styles["附件标题"].element.xml
    assert document.styles["附件标题"].base_style.name == "Normal"
    assert len({style.style_id for style in document.styles}) == len(document.styles)


def test_one_style_that_is_missing_is_taken_and_the_others_stay_the_citys() -> None:
    drawn = Document(io.BytesIO(templates.shipped()))
    drawn.styles["附件标题"].delete()
    drawn.styles["公文正文"].font.name = "城市体"
    written = io.BytesIO()
    drawn.save(written)
    assert templates.lacks_of(written.getvalue()) == ["没有样式“附件标题”：用平台自带的。"]
    templates.own_place().write_bytes(written.getvalue())
    document = Document(io.BytesIO(document_of(paper())))
    assert "附件标题" in [line.style.name for line in document.paragraphs]
    assert document.styles["公文正文"].font.name == "城市体"


def test_a_style_of_another_kind_under_the_name_is_put_aside() -> None:
    drawn = Document(io.BytesIO(own(*WHOLE)))
    drawn.styles.add_style("附件标题", WD_STYLE_TYPE.CHARACTER)
    written = io.BytesIO()
    drawn.save(written)
    templates.own_place().write_bytes(written.getvalue())
    names = [style.name for style in Document(io.BytesIO(document_of(paper()))).styles]
    assert (names.count("附件标题"), "附件标题（模板）" in names) == (1, True)


def test_a_template_without_a_place_or_a_field_says_so() -> None:
    lacks = templates.lacks_of(own("{{ name }}", "{{ nubmer }}"))
    assert "没有单独成段的“［正文］”：报告正文接在模板末尾。" in lacks
    assert "没有字段 {{ number }}：报告上不会有期号。" in lacks
    assert "不认识字段 {{ nubmer }}：印成空白。" in lacks
    templates.own_place().write_bytes(own("{{ name }}", "完"))
    said = [words for _, words in paragraphs(document_of(paper()))]
    assert said[:3] == ["工情通动态情况报告", "完", "统计周期为一周。"]
    assert not any(templates.PLACE in words for words in said)


def _zip() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as parts:
        parts.writestr("a.txt", "a")
    return written.getvalue()


UNUSABLE = {
    "empty": (b"", "不是 Word 文档"),
    "text": (b"{{ name }}", "不是 Word 文档"),
    "another archive": (_zip(), "不是 Word 文档"),
    "unclosed field": (own("{{ name }", templates.PLACE), "字段写得不对"),
    "unclosed condition": (own("{% if name %}", templates.PLACE), "字段写得不对"),
    "field of a field": (own("{{ name.a.b }}", templates.PLACE), "填不进去"),
    "sum": (own("{{ name + 1 }}", templates.PLACE), "填不进去"),
    "reaching out": (own("{{ name.__class__.__mro__[1] }}", templates.PLACE), "填不进去"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_filled_in_is_refused_and_never_followed(name: str, caplog: pytest.LogCaptureFixture) -> None:
    content, words = UNUSABLE[name]
    with pytest.raises(BadInput, match=words):
        templates.lacks_of(content)
    usual = document_of(paper())
    templates.own_place().write_bytes(content)
    assert document_of(paper()) == usual
    assert "is not followed" in caplog.text


def command(*arguments: object) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("report", "template", *map(str, arguments), stdout=out)
    except CommandError as refused:
        return refused.returncode, str(refused)
    return 0, out.getvalue()


@pytest.mark.django_db
def test_the_command_installs_tells_and_takes_back(kept: Path) -> None:
    given, broken = kept / "本市.docx", kept / "坏.docx"
    given.write_bytes(own(*WHOLE))
    broken.write_bytes(own("{{ name }"))
    assert command() == (0, "现在用的是平台自带的模板。\n")
    code, words = command(broken)
    assert (code, "字段写得不对" in words, templates.own_place().exists()) == (2, True, False)
    code, words = command(given)
    assert (code, words.splitlines()[0]) == (0, "已装入，以后的周报用这个模板。")
    assert "没有样式“附件标题”：用平台自带的。" in words
    assert templates.own_place().read_bytes() == given.read_bytes()
    assert command(broken)[0] == 2
    assert templates.own_place().read_bytes() == given.read_bytes()
    assert command()[1].startswith("现在用的是本市的模板。\n没有样式")
    assert command("--drop")[0] == 0
    assert command("--drop") == (2, "没有装过本市的模板，用的就是平台自带的。")
    assert command("--shipped", kept / "自带.docx")[0] == 0
    assert templates.lacks_of((kept / "自带.docx").read_bytes()) == []
    with scope.acting_as(SYSTEM):
        found = Event.objects.filter(kind__startswith="report_template").order_by("id")
        kinds = list(found.values_list("kind", flat=True))
    assert kinds == ["report_template.loaded", "report_template.dropped"]


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_named(kept: Path) -> None:
    code, words = command(kept / "没有.docx")
    assert (code, "没有.docx" in words) == (2, True)
