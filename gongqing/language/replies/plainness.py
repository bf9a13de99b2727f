"""Is a reply written so that its reader understands it at once, and how could it be said more plainly?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gongqing.language.facts.spans import Evidence, evidence_at
from gongqing.language.replies.findings import Finding, Kind

LONG_SENTENCE = 80
_MOST_NAMED = 4
_SENTENCE = re.compile(r"[^。！!？?；;\n\r]+")

PLAINER: dict[str, str] = {
    "兹": "（删去）",
    "予以受理": "受理了",
    "不予受理": "不受理，因为……",
    "予以办理": "办",
    "予以支付": "付",
    "予以解决": "解决",
    "予以补发": "补发",
    "予以配合": "配合",
    "经研究决定": "我们决定",
    "经核查属实": "查过了，是真的",
    "情况属实": "查过了，是这样",
    "反映不实": "没有查到这种情况，查的是……",
    "依法依规": "写明按哪条规定",
    "按照有关规定": "写明是哪条规定",
    "按相关规定": "写明是哪条规定",
    "根据有关规定": "写明是哪条规定",
    "有关部门": "写明哪个部门",
    "相关部门": "写明哪个部门",
    "相关科室": "写明哪个科室",
    "有关科室": "写明哪个科室",
    "责令限期改正": "要求单位在……日前改正",
    "责令整改": "要求单位改正",
    "限期整改": "要求在……日前改好",
    "督促整改": "催单位改正",
    "积极协调": "找谁谈了、谈成什么",
    "多方协调": "找了谁、谈成什么",
    "妥善处理": "写明怎么处理",
    "妥善解决": "写明怎么解决",
    "进一步加强": "写明加做什么",
    "加大力度": "写明加做什么",
    "加大监管力度": "写明几时去查、查什么",
    "切实维护": "写明做了什么",
    "举一反三": "（删去）",
    "建立长效机制": "以后怎么防止再发生",
    "属地管理": "由当地的……管",
    "主体责任": "该由单位负责",
    "劳动报酬": "工资",
    "用人单位": "单位",
    "仲裁前置": "要先申请劳动仲裁，不服再上法院",
    "一裁终局": "单位不能再起诉，仲裁结果就算数",
    "劳动能力鉴定": "劳动能力鉴定（评伤残等级）",
    "先予执行": "先让单位付一部分",
    "支付令": "支付令（法院催单位付钱的命令）",
    "立案调查": "正式立案查",
    "行政处罚": "罚款等处罚",
    "移送司法": "交给公安、法院",
    "行政复议": "向上一级机关申请复议",
    "化解处置": "解决",
    "稳控": "（删去）",
    "涉事": "（写明是谁）",
    "当事人": "您、单位（写明是谁）",
    "工单": "您反映的事",
    "派单": "转给……办",
    "转办": "转给……办",
    "办结": "办完",
    "销号": "办完",
    "闭环": "（删去）",
    "台账": "记录",
    "研判": "商量、判断",
    "会商": "一起商量",
    "统筹推进": "写明先做什么",
    "特此函复": "（删去）",
    "特此回复": "（删去）",
    "此复": "（删去）",
    "贵": "您的",
    "该同志": "写明是谁",
    "来函收悉": "您的来信收到了",
    "收悉": "收到了",
    "获悉": "知道了",
    "知悉": "知道了",
}
_EXCEPT = {"贵": re.compile(r"贵(?=[单公帖校村])"), "兹": re.compile(r"兹(?=[将就有因回])")}
_JARGON = re.compile("|".join(sorted(map(re.escape, PLAINER), key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Style:
    """How a reply is written.

    Attributes:
        score: 0–1; a share of long sentences and of official words takes from it.
    """

    score: float
    findings: tuple[Finding, ...]


def style_of(reply: str) -> Style:
    """Long sentences and official words, each with a plainer way to say it."""
    sentences = [match for match in _SENTENCE.finditer(reply) if len(match.group().strip()) >= 2]
    if not sentences:
        return Style(1.0, ())
    long = [match for match in sentences if len(match.group().strip()) > LONG_SENTENCE]
    official = [
        evidence_at(reply, *match.span())
        for match in _JARGON.finditer(reply)
        if match.group() not in _EXCEPT or _EXCEPT[match.group()].match(reply, match.start())
    ]
    findings: list[Finding] = []
    if long:
        spans = tuple(evidence_at(reply, *match.span()) for match in long[:_MOST_NAMED])
        longest = max(len(span.words.strip()) for span in spans)
        findings.append(
            Finding(Kind.LONG_SENTENCES, f"有 {len(long)} 句很长（最长 {longest} 字），一句只说一件事会更好懂。", spans)
        )
    if official:
        findings.append(Finding(Kind.WORDING, _plainer(official), tuple(official)))
    share = sum(len(match.group()) for match in long) / sum(len(match.group()) for match in sentences)
    density = min(1.0, 20 * len(official) / max(len(reply), 100))
    return Style(max(0.0, 1 - 0.5 * share - 0.5 * density), tuple(findings))


def _plainer(official: list[Evidence]) -> str:
    words = list(dict.fromkeys(span.words for span in official))
    named = "；".join(f"“{word}”→{PLAINER[word]}" for word in words[:_MOST_NAMED])
    return f"这些词职工不一定懂：{named}。"
