"""Does a reply tell a worker something about the law that the law does not say?

Few rules, each of one plain sentence that is wrong whatever the case, with the article that says otherwise. A sentence
that denies, asks, reports what the employer said or speaks of a case of another kind is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gongqing.language.facts.spans import Evidence, evidence_at
from gongqing.language.replies.findings import Finding, Kind

_MOST_NAMED = 3
_OTHER_CASE = re.compile(
    r"不定时|综合计算|综合工时|补休|调休|加班申请|退休|返聘|实习|在校|学生|兼职|承揽|承包|合伙|劳务关系|劳务合同"
    r"|醉酒|吸毒|故意|自残|自杀|下班|途中|交通|严重违反|严重违纪|期满"
)
"""Words of a case in which the sentence may well be right."""
_SENTENCE = re.compile(r"[^。！!？?；;\n\r]+[？?]?")
_REPORTED = re.compile(
    r"(?:单位|公司|企业|厂[里方家]?|老板|对方|负责人|经理|人事|店[里家]|包工头|您|你|职工|信访人)[^，,]{0,6}?"
    r"(?:认为|声称|称|说|讲|表示|提出|主张|以为|告诉|坚持|解释|辩称|(?<![可所])以)"
)
_DENIED = re.compile(
    r"不合法|不是合法|并非合法|(?<![不未有])违[法反]|不属于合法|不符合|不能说|不能认为|不等于|不代表|不意味|不影响|并不是|并非|不是说|没有依据|无效|错误|不对|不成立"
    r"|不得|不允许|不能(?:免除|以|因)|不应|是否|会不会|有没有|算不算|纠正|责令|要求|劝说|应当|应该|必须|但是?|除非|例外|不再"
)
_WORK = r"(?:公司|单位|企业|厂里|工厂|老板|用人单位|店里|对方)"
_NOT_PAY = r"(?:不给|不付|不发|不支付|没给|没发|没有支付|拒付|不算)"
_LAWFUL = (
    r"(?:是|属于|属|都是|也是|也)?"
    r"(?:合法|合规|合理合法|符合(?:法律|劳动法|规定)|不违法|不违反|没有违法|没有违反|没有错|没错)"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One wrong statement.

    Attributes:
        pattern: how it is said, within one sentence.
        hint: what the law says, and where.
    """

    pattern: re.Pattern[str]
    hint: str


RULES: tuple[Rule, ...] = (
    Rule(
        re.compile(
            rf"加班[^，]{{0,12}}{_NOT_PAY}[^，]{{0,10}}[，]?{_LAWFUL}|{_NOT_PAY}[^，]{{0,6}}加班[费工钱][^，]{{0,6}}[，]?{_LAWFUL}"
            rf"|{_WORK}(?:可以|有权){_NOT_PAY}[^，]{{0,4}}加班[费工]"
        ),
        "安排加班的，一般要付加班费：工作日不低于1.5倍，休息日不能补休的2倍，法定节假日3倍（《劳动法》第四十四条）。"
        "批准实行不定时工时制等情形另论，请写明是哪一种。",
    ),
    Rule(
        re.compile(
            r"(?:没有?|未)(?:签|订|签订|订立)(?:书面)?(?:劳动)?合同[^。]{0,12}?"
            r"(?:不受(?:劳动法|劳动合同法|法律|法)(?:律)?(?:的)?保护|(?:就|则|所以|因此)(?:没有|不存在|不构成|不算)(?:事实)?劳动关系"
            r"|(?:没办法|没法|无法|不能|不可以)(?:申请)?(?:劳动)?(?:维权|仲裁|投诉|要工资))"
        ),
        "没签书面合同，只要用工了就可以认定劳动关系，同样受法律保护（《劳动合同法》第七条）；满一个月不满一年没签的，"
        "可以要两倍工资（第八十二条）。",
    ),
    Rule(
        re.compile(
            rf"试用期[^，。]{{0,8}}(?:不用|不需要?|无需|不必|可以不|可不)(?:给您?|为您?)?(?:缴纳?|交|上|买|办|参加)[^，。]{{0,4}}(?:社保|社会保险|五险|保险)"
            rf"|试用期[^，。]{{0,6}}(?:不缴|不交|没交|没缴|未缴)[^，。]{{0,5}}(?:社保|社会保险|保险)[，]?{_LAWFUL}"
        ),
        "试用期包含在劳动合同期限内，用工之日起三十日内就要办社会保险登记（《劳动合同法》第十九条、《社会保险法》第五十八条）。",
    ),
    Rule(
        re.compile(
            r"(?:自愿|签了|写了|签过|同意|承诺)[^，。]{0,8}(?:放弃|不缴|不交)[^，。]{0,4}(?:社保|社会保险)[^，。]{0,4}[，]?"
            rf"(?:{_LAWFUL}|[^，。]{{0,6}}(?:有效|不用(?:补)?缴|不用(?:补)?交|不能再(?:要求)?补))"
        ),
        "缴纳社会保险是法定义务，约定或承诺不缴的无效（《社会保险法》第五十八条、第六十条，法释〔2025〕12号第十九条）。",
    ),
    Rule(
        re.compile(
            rf"(?:孕期|怀孕|产假|哺乳期)[^，。]{{0,8}}(?:可以(?:依法)?(?:辞退|开除|解聘|降薪|降工资|解除)"
            rf"|(?:辞退|开除|降薪|降工资)[^，。]{{0,4}}{_LAWFUL})"
        ),
        "不得因怀孕、生育、哺乳降低工资、辞退或解除劳动合同（《女职工劳动保护特别规定》第五条、《劳动合同法》第四十二条）；"
        "严重违纪等情形另论，请写明依据。",
    ),
    Rule(
        re.compile(
            rf"(?:自己离职|主动离职|自己辞职|主动辞职|自离)[^，。]{{0,8}}[，]?{_WORK}?(?:(?:可以|有权|可)(?:不给|不发|不付|扣[发除]?)|不用[给发付])"
            rf"[^，。]{{0,6}}(?:工资|工钱|薪)"
            rf"|(?:自己离职|主动离职|自己辞职|主动辞职|自离)[^，。]{{0,8}}[，]?{_WORK}?{_NOT_PAY}[^，。]{{0,6}}(?:工资|工钱|薪)[^，。]{{0,3}}[，]?{_LAWFUL}"
        ),
        "离职方式不影响已经干了的活的工资，解除劳动合同时要一次付清（《工资支付暂行规定》第九条）；只能赔实际造成的损失。",
    ),
    Rule(
        re.compile(
            r"(?:工伤|受伤)[^，。]{0,16}(?:违章|违规|操作不当|自己不小心|自己的错|本人过错|本人有过错)[^，。]{0,6}[，]?"
            r"(?:所以|因此|就)?(?:不算|不能算|不属于|不是|不能认定(?:为)?|不予认定)工伤"
            r"|(?:违章|违规操作|操作不当|自己不小心|本人过错|本人有过错)[^，。]{0,10}[，]?(?:所以|因此|就)?(?:不算|不能算|不属于|不能认定(?:为)?)工伤"
        ),
        "职工有过错一般不影响认定工伤，只有故意犯罪、醉酒或吸毒、自残或自杀不认定（《工伤保险条例》第十六条）。",
    ),
)


def lawfulness_found(reply: str) -> list[Finding]:
    """Statements that the law contradicts, each rule at most once, at most three."""
    found: list[Finding] = []
    for rule in RULES:
        spans = tuple(_stated(reply, rule.pattern))
        if spans:
            hint = f"“{spans[0].words[:30]}”好像和法律规定不一样：{rule.hint}请核对后再发。"
            found.append(Finding(Kind.UNLAWFUL, hint, spans[:_MOST_NAMED]))
    return found[:_MOST_NAMED]


def _stated(reply: str, pattern: re.Pattern[str]) -> list[Evidence]:
    """Where the office itself says so."""
    found: list[Evidence] = []
    for sentence in _SENTENCE.finditer(reply):
        words = sentence.group()
        if words.endswith(("？", "?")) or _OTHER_CASE.search(words):
            continue
        for match in pattern.finditer(words):
            around = words[: match.start()], words[match.end() :]
            if _REPORTED.search(around[0]) or _DENIED.search(words):
                continue
            if "“" in around[0] and "”" in around[1]:
                continue
            found.append(evidence_at(reply, sentence.start() + match.start(), sentence.start() + match.end()))
    return found
