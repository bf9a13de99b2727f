"""Draw the Word templates of the official letters afresh: `.venv/bin/python scripts/make_letter_templates.py`.

Layout after GB/T 9704 (党政机关公文格式, 信函格式): A4, margins 37, 35, 28 and 26 mm, title 小标宋 二号 in the middle,
text 仿宋 三号 with 28 points a line and two characters of indent, page number beside dashes. `{{ … }}` is filled in by
`gongqing.dispatch.documents`; each paragraph has a style of its own, which the preview on the desk reads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

HERE = Path(__file__).resolve().parent.parent / "gongqing" / "dispatch" / "documents" / "letters"
TITLE_FONT, TEXT_FONT, HEADING_FONT, LATIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "Times New Roman"
RED = RGBColor(0xD7, 0x00, 0x0F)
LINE = 28
TWIPS_A_CHARACTER = 320  # 三号, 16 points
# what stands in for a font that an office does not have; most have 仿宋 and 楷体 under another name
STAND_INS = {
    "仿宋_GB2312": "仿宋,FangSong,方正仿宋_GBK,Noto Serif CJK SC",
    "楷体_GB2312": "楷体,KaiTi,方正楷体_GBK,Noto Serif CJK SC",
    "方正小标宋简体": "方正小标宋_GBK,宋体,SimSun,Noto Serif CJK SC",
    "黑体": "SimHei,方正黑体_GBK,Noto Sans CJK SC",
    "宋体": "SimSun,Noto Serif CJK SC",
}

CONFIDENTIAL = "不得将反映的材料和职工身份透露、转给被反映的单位和个人（《信访工作条例》第三十条）。"
ARBITRATION = (
    "以上告知不影响您依法申请劳动争议调解、仲裁和提起诉讼。劳动争议申请仲裁的时效期间为一年，从知道或者应当知道权利"
    "被侵害之日起计算（《中华人民共和国劳动争议调解仲裁法》第二十七条），请您留意，不要错过。"
)
FACTS = (
    ("编号", "{{ code }}"),
    ("反映人", "{{ name }}"),
    ("联系电话", "{{ phone }}"),
    ("收到", "{{ received_on }}，{{ channel }}"),
    ("类别", "{{ category }}，{{ grade }}"),
    ("用人单位", "{{ employer }}"),
    ("发生地", "{{ place }}"),
    ("反映内容", "{{ text }}"),
)


def acceptance() -> Paper:
    """受理告知书: the worker reads who handles the matter, by when, and what he or she may do."""
    paper = _paper("受理告知书")
    _text(
        paper,
        "您于{{ received_on }}通过{{ channel }}反映的“{{ title }}”一事（编号：{{ code }}）收悉。经审核，"
        "属于工会受理范围。"
        "根据《信访工作条例》第二十三条的规定，现将受理情况告知如下：",
    )
    _item(paper, "办理单位。", "您反映的事项由{{ handler }}办理，联系电话：{{ handler_phone }}。")
    _item(
        paper,
        "答复期限。",
        "办理单位最迟于{{ due }}前答复您。情况复杂确需延长的，依照《信访工作条例》第三十四条的规定，"
        "经批准最多延长三十日，"
        "并告知您延长的理由。",
        when="due",
    )
    _item(
        paper,
        "查询办法。",
        "请打开{{ query_url }}，输入编号和查询密码查看办理进度。没有记下查询密码的，可以带身份证件到办理单位重新领取，"
        "也可以拨打12351职工热线询问。",
    )
    _item(
        paper,
        "身份保护。",
        "您反映的事项对用人单位保密。办理单位不会把您的姓名、"
        "电话和能认出您的内容告知用人单位（《信访工作条例》第三十条）。",
        when="is_shielded",
    )
    _item(
        paper,
        "您的权利。",
        "您可以补充材料，随时询问进度。对书面答复不服的，可以自收到答复之日起三十日内，"
        "请求{{ above }}复查（《信访工作条例》"
        "第三十五条）。",
    )
    _when(paper, "is_dispute", ARBITRATION)
    _when(paper, "remark", "{{ remark }}")
    _text(paper, "特此告知。", is_last=True)
    return _signed(paper)


def assignment() -> Paper:
    """交办单: the handling organisation reads what it has, by when, and what it must keep to itself."""
    paper = _paper("交办单")
    _text(paper, "根据《信访工作条例》第二十二条的规定，现将下列职工{{ kind }}交你单位办理。")
    _table(paper, FACTS)
    _text(paper, "请按下列要求办理：")
    _item(paper, "签收。", "于{{ sign_by }}前签收。", when="sign_by")
    _item(paper, "联系职工。", "于{{ contact_by }}前与职工取得联系，听取意见。", when="contact_by")
    _item(
        paper,
        "办结。",
        "于{{ due }}前办结，答复职工，并在平台提交办理结果。不能按期办结的，"
        "在期限届满前申请延期并告知职工理由，延长最多三十日"
        "（《信访工作条例》第三十四条）。",
        when="due",
    )
    _item(
        paper,
        "退回。",
        "不属于你单位职责的，于{{ return_by }}前在平台退回，写明理由和应当办理的单位；最迟不超过收到之日起五个工作日"
        "（《信访工作条例》第二十三条）。",
        when="return_by",
    )
    _item(
        paper,
        "保密。",
        "{% if is_shielded %}本件对用人单位保密，本单不写姓名和电话，联系职工请通过平台，查看留痕。{% endif %}"
        + CONFIDENTIAL,
    )
    _when(paper, "remark", "{{ remark }}")
    _text(paper, "请认真办理，按时报告结果。", is_last=True)
    return _copied(_contact(_signed(paper)))


def answer() -> Paper:
    """答复函: the worker reads what came of it, and what can be done by who is not content."""
    paper = _paper("答复函")
    _text(
        paper,
        "您于{{ received_on }}反映的“{{ title }}”一事（编号：{{ code }}），由{{ handler }}办理，已经办结。"
        "根据《信访工作条例》"
        "第三十四条的规定，现答复如下：",
    )
    _control(paper, "for line in result")
    _text(paper, "{{ line }}")
    _control(paper, "endfor")
    _when(paper, "outcome", "办理结果：{{ outcome }}{% if recovered %}，为您挽回{{ recovered }}{% endif %}。")
    _item(
        paper,
        "复查。",
        "对本答复不服的，可以自收到本函之日起三十日内，请求{{ above }}复查（《信访工作条例》第三十五条）。",
    )
    _item(
        paper,
        "评价。",
        "请您对办理结果作出评价：可以用短信里的链接，也可以打开{{ query_url }}，用编号和查询密码评价。"
        "您不满意的，由上一级工会"
        "再办理一次。",
    )
    _when(paper, "is_dispute", ARBITRATION)
    _when(paper, "remark", "{{ remark }}")
    _text(paper, "特此函复。", is_last=True)
    return _contact(_signed(paper))


def handover() -> Paper:
    """转办函: a department reads what it is asked to do, and within which limits the law lets it answer."""
    paper = _paper("转办函")
    _text(
        paper,
        "我单位收到职工反映的下列事项，涉及你单位职责。根据《信访工作条例》第二十二条的规定，现转你单位办理。",
    )
    _table(paper, (*FACTS, ("请办事项", "{{ request }}")))
    _item(
        paper,
        "受理。",
        "请自收到本函之日起十五日内，将受理情况书面告知职工并函告我单位（《信访工作条例》第二十三条）。",
    )
    _item(paper, "办结。", "请自受理之日起六十日内办结，并将结果函告我单位（《信访工作条例》第三十四条）。")
    _item(
        paper,
        "异议。",
        "不属于你单位职权范围的，请自收到之日起五个工作日内提出异议并说明理由（《信访工作条例》第二十三条）。",
    )
    _item(
        paper,
        "保密。",
        "{% if is_shielded %}本件对用人单位保密，本函不写姓名和电话，联系职工请经我单位转达。{% endif %}"
        + CONFIDENTIAL,
    )
    _item(paper, "跟踪。", "本事项由{{ handler }}继续跟踪，并向职工告知结果。")
    _when(paper, "remark", "{{ remark }}")
    _text(paper, "特此函告，请予支持。", is_last=True)
    _text(paper, "附件：诉求转办信息表", style="附件", is_last=True)
    return _copied(_contact(_signed(paper)))


def pass_on() -> Paper:
    """交接清单: what somebody leaves behind, line by line, with places for three signatures."""
    paper = _sheet("工作交接清单")
    _text(paper, "工作交接清单", style="公文标题")
    _text(
        paper,
        "{{ place }}{{ role }}{{ leaver }}于{{ made_on }}离岗{% if note %}（{{ note }}）{% endif %}，"
        "在办事项{{ count }}件{% if shifts %}、值班{{ shifts|length }}班{% endif %}，"
        "{% if successor %}由{{ successor }}接手{% else %}交回单位{% endif %}，"
        "清单如下：",
    )
    heads = ("序号", "编号", "事由", "分工", "当时状态", "办结期限")
    table = _grid(paper, (12, 55, 37, 13, 14, 25))
    line = ("{{ loop.index }}", *(f"{{{{ item.{name} }}}}" for name in ("code", "title", "part", "status", "due")))
    blank = ("",) * (len(heads) - 1)
    for words in (heads, ("{%tr for item in items %}", *blank), line, ("{%tr endfor %}", *blank)):
        _row(table, words, style="清单文字")
    _control(paper, "for shift in shifts")
    _text(paper, "值班：{{ shift }}")
    _control(paper, "endfor")
    _when(paper, "hidden", "另有{{ hidden }}件不在本人可见范围，未列出。")
    for words in ("移交人：", "接收人：{{ signed_by }}", "监交人："):
        line = _text(paper, words + "　　　　　　　　　　　　年　　月　　日", style="附注")
        line.paragraph_format.space_before = Pt(LINE)
    return paper


def _sheet(title: str) -> Paper:
    """A paper without the head of a letter."""
    paper = Document()
    paper._body.clear_content()
    _page(paper)
    _in_chinese(paper)
    _name_stand_ins(paper)
    properties = paper.core_properties
    properties.author, properties.title, properties.comments = "", title, ""
    return paper


def _in_chinese(paper: Paper) -> None:
    """Commas, stops and line breaks as on the mainland, whichever fonts there are."""
    defaults = paper.styles.element.find(qn("w:docDefaults"))
    for language in defaults.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _name_stand_ins(paper: Paper) -> None:
    part = next(part for part in paper.part.package.iter_parts() if part.partname == "/word/fontTable.xml")
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/></w:font>'
        for name, others in STAND_INS.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", f"{fonts}</w:fonts>".encode())


def _grid(paper: Paper, widths: tuple[int, ...]) -> Any:
    """An empty table with columns so many millimetres wide."""
    table = paper.add_table(rows=0, cols=len(widths))
    table.style, table.autofit = "Table Grid", False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    return table


def _row(table: Any, words: tuple[str, ...], *, style: str = "表格文字") -> None:
    cells = table.add_row().cells
    for cell, column, said in zip(cells, table.columns, words, strict=True):
        cell.width = column.width
        cell.paragraphs[0].style = style
        cell.paragraphs[0].add_run(said)


def _paper(title: str) -> Paper:
    paper = _sheet(title)
    _text(paper, "{{ issuer }}", style="发文机关")
    _text(paper, "{{ reference }}", style="文号")
    _text(paper, title, style="公文标题")
    _text(paper, "{{ addressee }}：", style="主送")
    return paper


def _page(paper: Paper) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(25)
    _styles(paper)
    paper.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)


def _styles(paper: Paper) -> None:
    normal = paper.styles["Normal"]
    _font(normal, TEXT_FONT, 16)
    normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    normal.paragraph_format.line_spacing = Pt(LINE)
    head = _style(paper, "发文机关", TITLE_FONT, 32, WD_ALIGN_PARAGRAPH.CENTER, line=52)
    head.font.color.rgb = RED
    _rule(head, "bottom", "thickThinSmallGap", 36, "D7000F")
    head.paragraph_format.space_after = Pt(6)
    _style(paper, "文号", TEXT_FONT, 16, WD_ALIGN_PARAGRAPH.RIGHT)
    title = _style(paper, "公文标题", TITLE_FONT, 22, WD_ALIGN_PARAGRAPH.CENTER, line=36)
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(22), Pt(22)
    _style(paper, "主送", TEXT_FONT, 16, WD_ALIGN_PARAGRAPH.LEFT)
    text = _style(paper, "公文正文", TEXT_FONT, 16, WD_ALIGN_PARAGRAPH.JUSTIFY)
    _indent(text, firstLineChars="200", firstLine=str(2 * TWIPS_A_CHARACTER))
    attached = _style(paper, "附件", TEXT_FONT, 16, WD_ALIGN_PARAGRAPH.LEFT)
    attached.paragraph_format.space_before = Pt(LINE)
    _indent(attached, firstLineChars="200", firstLine=str(2 * TWIPS_A_CHARACTER))
    signer = _style(paper, "署名", TEXT_FONT, 16, WD_ALIGN_PARAGRAPH.RIGHT)
    signer.paragraph_format.space_before = Pt(2 * LINE)
    signer.paragraph_format.keep_with_next = True
    dated = _style(paper, "成文日期", TEXT_FONT, 16, WD_ALIGN_PARAGRAPH.RIGHT)
    _indent(dated, rightChars="400", right=str(4 * TWIPS_A_CHARACTER))
    dated.paragraph_format.keep_with_next = True
    seal = _style(paper, "印章", TEXT_FONT, 12, WD_ALIGN_PARAGRAPH.RIGHT)
    _indent(seal, right=str(6 * TWIPS_A_CHARACTER))
    seal.paragraph_format.keep_with_next = True
    seal.font.color.rgb = RGBColor(0x80, 0x80, 0x80)
    note = _style(paper, "附注", TEXT_FONT, 16, WD_ALIGN_PARAGRAPH.LEFT)
    note.paragraph_format.keep_with_next = True
    _indent(note, firstLineChars="200", firstLine=str(2 * TWIPS_A_CHARACTER))
    copies = _style(paper, "抄送", TEXT_FONT, 14, WD_ALIGN_PARAGRAPH.LEFT)
    copies.paragraph_format.space_before = Pt(LINE)
    _rule(copies, "top", "single", 8, "000000")
    _rule(copies, "bottom", "single", 8, "000000")
    _style(paper, "表格文字", TEXT_FONT, 14, WD_ALIGN_PARAGRAPH.LEFT, line=24)
    _style(paper, "清单文字", TEXT_FONT, 12, WD_ALIGN_PARAGRAPH.LEFT, line=20)
    _style(paper, "页码", "宋体", 14, WD_ALIGN_PARAGRAPH.RIGHT)


def _style(paper: Paper, name: str, font: str, size: float, alignment: Any, *, line: float = LINE) -> Any:
    style = paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = paper.styles["Normal"]
    _font(style, font, size)
    style.paragraph_format.alignment = alignment
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    style.paragraph_format.line_spacing = Pt(line)
    return style


def _font(style: Any, name: str, size: float) -> None:
    style.font.name, style.font.size = LATIN, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for part, value in (("eastAsia", name), ("ascii", LATIN), ("hAnsi", LATIN)):
        fonts.set(qn(f"w:{part}"), value)


def _indent(style: Any, **given: str) -> None:
    where = style.element.get_or_add_pPr().get_or_add_ind()
    for name, value in given.items():
        where.set(qn(f"w:{name}"), value)


def _rule(style: Any, side: str, kind: str, size: int, colour: str) -> None:
    properties = style.element.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")
    edge = OxmlElement(f"w:{side}")
    for name, value in (("val", kind), ("sz", str(size)), ("space", "4"), ("color", colour)):
        edge.set(qn(f"w:{name}"), value)
    borders.append(edge)


def _text(paper: Paper, words: str, *, style: str = "公文正文", is_last: bool = False) -> Paragraph:
    """A paragraph; the last one stays on the page of the signature, which never stands alone."""
    line = paper.add_paragraph(words, style=style)
    line.paragraph_format.keep_with_next = is_last or None
    return line


def _control(paper: Paper, words: str) -> None:
    """A line for the template's machinery, gone from the letter."""
    paper.add_paragraph("{%p " + words + " %}")


def _when(paper: Paper, condition: str, words: str) -> None:
    _control(paper, f"if {condition}")
    _text(paper, words)
    _control(paper, "endif")


def _item(paper: Paper, heading: str, words: str, *, when: str = "") -> None:
    """A numbered item: heading in 黑体, the rest in 仿宋."""
    if when:
        _control(paper, f"if {when}")
    line = paper.add_paragraph(style="公文正文")
    head = line.add_run("{{ n() }}、" + heading)
    head._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), HEADING_FONT)
    line.add_run(words)
    if when:
        _control(paper, "endif")


def _table(paper: Paper, rows: tuple[tuple[str, str], ...]) -> None:
    table = _grid(paper, (26, 130))
    for row in rows:
        _row(table, row)


def _signed(paper: Paper) -> Paper:
    signer = _text(paper, "{{ issuer }}", style="署名")
    where = signer._element.get_or_add_pPr()
    indent = OxmlElement("w:ind")
    indent.set(qn("w:right"), "{{ signer_indent }}")  # over the middle of the date, whatever the name's length
    where.append(indent)
    _text(paper, "{{ signed_on }}", style="成文日期")
    _text(paper, "（印章）", style="印章")
    return paper


def _contact(paper: Paper) -> Paper:
    _text(paper, "（联系人：{{ contact }}，联系电话：{{ contact_phone }}）", style="附注")
    return paper


def _copied(paper: Paper) -> Paper:
    _control(paper, "if copies")
    _text(paper, "抄送：{{ copies }}。", style="抄送")
    _control(paper, "endif")
    return paper


def _page_number(footer: Any, alignment: Any) -> None:
    footer.is_linked_to_previous = False
    line = footer.paragraphs[0]
    line.style, line.alignment = "页码", alignment
    line.add_run("— ")
    for kind, words in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = line.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = words
        run._element.append(mark)
    line.add_run(" —")


if __name__ == "__main__":
    HERE.mkdir(parents=True, exist_ok=True)
    for make in (acceptance, assignment, answer, handover, pass_on):
        make().save(str(HERE / f"{make.__name__}.docx"))
