"""Is danger only told of: found untrue, settled, decades past, elsewhere, or asked about for a lesson?

Each answer looks at a bounded number of characters around the words, and is no in doubt. `language.crisis` and
`language.facts.flags` ask before they take words of danger as said.
"""

from __future__ import annotations

import re

_SENTENCE_ENDS = "。！？!?；;\n"
_CLAUSE_ENDS = _SENTENCE_ENDS + "，,：:"

_CLAIMED = re.compile(
    r"网上?传|谣传|传言|所述|(?:来信|来电|举报|投诉|工单|信访|反映)[人件者]?(?:所?[称指述]|反映|的[^，。]{0,4}(?:问题|情况))"
)
_FOUND_UNTRUE = re.compile(
    r"(?<![没未不])辟谣|不实(?![施行际习])|不属实|并非事实|纯属(?:谣言|误会|虚构|造谣)|实为|实系|(?:产生|属于?|是一场)误会|系谣言|旧视频|是[^，。]{0,6}年前的"
)
_FOUND_TRUE = re.compile(r"(?<!不)属实|查实|确有|但|其实|亲眼|真[的有]|仍|我[就也要]")

_CLOSED = re.compile(
    r"^[^，。！？；\n]{0,4}(?:的|那|这)[^，。！？；\n]{0,2}(?:件|桩|次|回)?(?:事情?|纠纷|案子|风波|矛盾)"
    r"[^。！？；\n]{0,16}?(?:圆满|妥善|顺利|已经?|都|早就?|得到)[^，。！？；\n没未不]{0,4}(?:解决|处理|平息|了结|化解|办结|判[了决刑])"
)
_GOES_ON = re.compile(
    r"又|仍|还[是在没有要敢被]|至今|再[次来犯]|继续|没有?[完解处兑人]|未|不[给认服了行对公]|假|骗|报复|可是|但|敷衍|威胁|吗|[?？]|希望|要求|必须"
)
_SAID_TO_BE = re.compile(r"(?:说|称|没有?|不|谎|如果|要是|等)[^，。]{0,6}$")

_STUDY = re.compile(
    r"备考|考证|社工证|(?:课|课程|学校|老师)[^，。]{0,4}作业|写[^，。]{0,4}论文|毕业论文|备课|教案|宣讲|课件"
    r"|(?:制度|规章|手册|合同)[^，。]{0,2}(?:修订|起草|汇编)|(?:修订|起草|编写?)[^，。]{0,6}(?:制度|规章|手册|合同文本)|范本"
)
_ASKS_LAW = re.compile(
    r"算不算|算工伤|工伤吗|违法|合法|犯法|哪一?条|法律|规定|标准|开除|认定|必须|写进|处罚|罪|构不构成|补助金"
)
_SOMEBODY = re.compile(
    r"我(?!国)|俺|咱|他(?!人)|她|老板|工友|同事|昨|今[天早晚]|刚|现在|正在|有人|扬言|想|要(?!求)|准备|打算|被|公司|[这那]个|厂里|去"
)

_DECADES = re.compile(
    r"老底子|上个?世纪|(?:19|一九)[\d〇零一二三四五六七八九]{2}年|[五六七八九][几十](?:年代)|[五六七八九]几年"
    r"|小时候|儿时|(?:[二三四五六七八九]?十[几多一二三四五六七八九]?|[1-9]\d)多?年[以之]?前|解放前|旧社会"
)
_LATER = re.compile(r"去年|今年|前年|近[年来日期]|上个?月|这些年|这几年|如今|现今|现在|目前|20[12]\d年")
_THEN = re.compile(r"那时|那会|当时|当年|那年")
_NOT_OVER = re.compile(
    r"又|再|还[在想有是要]|也[想要会是得]|现在[^，。]{0,3}(?:也|才|就|在|十[一二三四五])|跟着|学[他她着]|一样|像[他她]|今[天晚早]|昨|刚刚|快[来去救]|马上|仍|至今"
    r"|轮到|下一个|别逼|逼我|我[就要会]"
)
_ANEW = re.compile(r"又|再|还[在想有是要]|也[想要会]")
_MEANS_IT = re.compile(
    r"又|再|还[想在要]|这[次回]|今[天晚早][^，。]{0,2}[我就也]|真|除非|不然|否则|等着|但|可是|才怪|算了"
)

_ELSEWHERE = re.compile(
    r"(?:隔壁|对面|别的|其他|其它|外地|外省|邻近|旁边|兄弟|附近)(?:那?个|的|那家|一家|某)?[^，。]{0,3}(?:园区|厂|公司|单位|工地|小区|项目|企业|学校)"
)
_EARLIER = re.compile(r"去年|前年|前些年|前几年|早几年|以前|之前|前两年|上半年|那年|多年前|年前")
_MEANT = re.compile(r"要|想|会|说|喊|扬言|准备|打算|威胁|差点|正在?|闹|现在|今|昨|我[爸妈老哥弟姐妹儿女侄舅叔]|站在|爬")
_ABROAD = re.compile(
    r"(?:美国|英国|法国|德国|韩国|日本|印度|加拿大|意大利|西班牙|澳大利亚|澳洲|巴西|俄罗斯|欧洲|国外|外国|海外)"
    r"(?P<between>[^，,。！？!?；;\n]{0,12})$"
)
_OF_OURS = re.compile(r"老板|厂|公司|企业|独资|合资|客户|主管|项目|工地|回来|我|打工|留学|务工|这里|这边")

_TAKEN_BACK = re.compile(r"^[^，。！？；\n]{0,4}(?<!不)是(?:喝多了|喝醉了?|酒话|气话|一时冲动|一时糊涂|吓唬人)")
_SAID_MYSELF = re.compile(
    r"(?:那天|那次|当时|上次|上回|前几天)[^，。！？；\n]{0,4}我[^，。！？；\n]{0,3}[说讲喊][^，。！？；\n]{0,4}$"
)


def is_only_told(text: str, start: int, end: int) -> bool:
    """Whether words of harm are called untrue, asked about for a lesson, or told of others' past or of other places."""
    if is_refuted(text, start, end) or is_for_study(text, start, end) or _is_taken_back(text, start, end):
        return True
    is_own = "我" in _before(text, start, 20, _CLAUSE_ENDS)
    return (is_decades_ago(text, start, end) and not is_own) or _is_elsewhere(text, start, end)


def is_own_past(text: str, start: int, end: int) -> bool:
    """Whether the speaker tells what he felt decades ago (一九八六年…，那时候我真想…)."""
    then = _THEN.search(_before(text, start, 20, _CLAUSE_ENDS))
    return bool(then) and is_decades_ago(text, start, end)


def is_refuted(text: str, start: int, end: int) -> bool:
    """Whether somebody claimed it and it was found untrue (网传…，警方已辟谣; 工单所述“…”，经核实为误会)."""
    if not _CLAIMED.search(_before(text, start, 40, _SENTENCE_ENDS)):
        return False
    after = text[end : end + 150]
    found = _FOUND_UNTRUE.search(after)
    return bool(found) and not _FOUND_TRUE.search(after[: found.end() + 30] if found else "")


def is_closed(text: str, start: int, end: int) -> bool:
    """Whether it is called a matter that came to its end (堵门那件事已经解决), and nothing of it goes on."""
    if not _CLOSED.search(text[end : end + 40]):
        return False
    return not _GOES_ON.search(text[end : end + 60]) and not _SAID_TO_BE.search(_before(text, start, 12, _CLAUSE_ENDS))


def is_for_study(text: str, start: int, end: int) -> bool:
    """Whether it asks how the law has it, for an examination, a lesson or a set of rules, and tells of nobody."""
    clause = _before(text, start, 30, _CLAUSE_ENDS) + text[start:end] + _after(text, end, 30, _CLAUSE_ENDS)
    if _SOMEBODY.search(clause):
        return False
    sentence = _before(text, start, 40, _SENTENCE_ENDS) + text[start:end] + _after(text, end, 40, _SENTENCE_ENDS)
    return bool(_ASKS_LAW.search(sentence)) and bool(_STUDY.search(text[max(0, start - 60) : end + 60]))


def is_decades_ago(text: str, start: int, end: int) -> bool:
    """Whether the sentence sets it ten years ago or more, or in somebody's childhood, and nothing of it goes on."""
    told = _before(text, start, 90, _SENTENCE_ENDS) + text[start:end] + _after(text, end, 12, _CLAUSE_ENDS)
    found = _DECADES.search(told)
    if not found or _LATER.search(told[found.end() :]):
        return False
    return not _ANEW.search(_before(text, start, 20, _CLAUSE_ENDS)) and not _NOT_OVER.search(text[end : end + 40])


def is_abroad(text: str, start: int) -> bool:
    """Whether it happens in another country (美国码头工人罢工), and not to somebody of ours there."""
    found = _ABROAD.search(_before(text, start, 20, _CLAUSE_ENDS))
    return bool(found) and not _OF_OURS.search(_before(text, start, 20, _CLAUSE_ENDS))


def _is_elsewhere(text: str, start: int, end: int) -> bool:
    """It happened to others at another place, some time ago; or in another country."""
    if _NOT_OVER.search(text[end : end + 40]):
        return False
    if is_abroad(text, start):
        return not _MEANT.search(_before(text, start, 8, _CLAUSE_ENDS))
    before = _before(text, start, 40, _SENTENCE_ENDS)
    found = _ELSEWHERE.search(before)
    if not found or not _EARLIER.search(before):
        return False
    return not _MEANT.search(before[found.end() :])


def _is_taken_back(text: str, start: int, end: int) -> bool:
    """The speaker says of his own words that they were not meant (那天我说要…是喝多了)."""
    if not _SAID_MYSELF.search(_before(text, start, 20, _CLAUSE_ENDS)) or not _TAKEN_BACK.search(text[end : end + 12]):
        return False
    return not _MEANS_IT.search(text[end : end + 60])


def _before(text: str, place: int, limit: int, ends: str) -> str:
    before = text[max(0, place - limit) : place]
    return before[max(before.rfind(mark) for mark in ends) + 1 :]


def _after(text: str, place: int, limit: int, ends: str) -> str:
    after = text[place : place + limit]
    found = [at for at in (after.find(mark) for mark in ends) if at >= 0]
    return after[: min(found)] if found else after
