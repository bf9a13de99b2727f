"""Which circumstances does the text assert: arrears, flight, gathering, injury, retaliation …?

The table of `signs` says how each is written; petitions, blockades and exposure are read here, for they may be done,
prepared together or threatened alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from gongqing.language.facts.senses import means_else
from gongqing.language.facts.signs import DANGERS, SIGNS, Flag, Sign
from gongqing.language.facts.spans import (
    Evidence,
    clause_after,
    clause_before,
    evidence_at,
    is_cited,
    is_fiction,
    is_general_question,
    is_hypothetical,
    is_long_ago,
    is_negated,
    sentence_after,
    sentence_before,
)
from gongqing.language.told import is_abroad, is_closed, is_decades_ago, is_for_study, is_refuted

_LASTING = frozenset({Flag.DEATH, Flag.SERIOUS_INJURY, Flag.MANY_INJURED, Flag.POISONING})
"""Deaths and injuries stay what they are when the matter is settled."""
_GROWN_UP = frozenset({Flag.DEATH, Flag.SERIOUS_INJURY, Flag.CHILD_LABOUR, Flag.GATHERED})
"""What happened decades ago needs nobody at once any more."""

_ACTION = re.compile(
    r"上访|越级|围堵|堵[门路大工马桥高了着在厂]|封路|拦路|拦车|罢工|罢运|停运|罢课|停课|静坐"
    r"|拉[^，。！？；]{0,3}横幅|拉[^，。！？；]{0,2}条幅|[挂打举]横幅(?![^，。！？；]{0,6}(?:宣传|欢迎|庆|倡议|致敬))|聚集|请愿(?!意)|(?<![旅导郊])游行|示威"
    r"|围[了住着在攻][^，。！？；]{0,6}(?:公司|厂|门|政府|工地|项目部|售楼部|大楼)"
    r"|曝光|[找请叫通联][^，。！？；]{0,4}(?:媒体|记者|电视台)|发抖音|上抖音|发到?(?:网上"
    r"|抖音|微博|头条|快手|朋友圈)|讨薪|讨要?说法|维权|一起去|一起到|集体去|集体到"
    r"|坐在[^，。！？；]{0,8}(?:门口|大厅|办公)|守在[^，。！？；]{0,8}(?:门|大厅|工地)"
    r"|停工|闹事|[去上到赴](?:北京|京城|中央)|进京"
    r"|[去到往][^，。！？；]{0,3}省[^，。！？；]{0,8}(?:反映|反应|上访|信访|投诉|面诉|告状"
    r"|申诉|告你)|(?<!报)告到(?:省|中央|北京|国务院|上面)|上级信访|市政府门口|政府门口|坐坐"
)
_GROUP_ACTION = re.compile(
    r"上访|围堵|堵|封路|拦路|拦车|罢工|罢运|停运|罢课|停课|静坐|横幅|条幅|聚集|请愿(?!意)|游行|示威"
    r"|围[了住着在攻]|讨薪|说法|一起|集体|坐在|守在|停工|闹事|政府门口|坐坐|维权"
)
_SINGLE_ACTION = re.compile(
    r"上访|越级|围堵|堵[门路大工马桥高厂]|罢工|罢运|横幅|曝光|媒体|记者|抖音|电视台|网上"
    r"|微博|头条|快手|朋友圈|北京|省|中央|进京|京城|告到|上级信访|静坐"
)
_DONE_ONLY = re.compile(
    r"堵[了着在门路大工马桥高厂]|罢工|罢运|停运|静坐|横幅|条幅|聚集|游行|示威"
    r"|围[了住着在攻堵]|集体上访|请愿(?!意)|坐在|守在"
)
_FUTURE = re.compile(
    r"(?:准备|打算|商量|约好|约定|计划|马上|明天|后天|下周|过几天|想要?|想着|要去|要|将|讲好"
    r"|明朝|会去|就去|就要|就会|只能|只有|只好|扬言|威胁|说好|再不|不然|否则|逼|被迫|号召"
    r"|组织|串联|组群|建群|考虑|可能|决定|集合|相约|合计|酝酿)"
)
_COLLECTIVE = re.compile(
    r"一起|集体|大家|大伙|我们|工友|工人|员工|职工|结伴|抱团|几十|多人|全体|司机们|骑手们"
    r"|约好|商量|串联|人"
)
_RESOLVED = re.compile(
    r"(?<!作为)(?<!是)(?<![一某][名位个])(?<!有[名位个])(?:民工|骑手|教师|村民|居民|业主|家长|住户|商户|百姓|群众)们?"
    r"[^，。！？；]{0,4}(?:准备|打算|决定|商量|约好|约定|说好|计划|相约|酝酿|扬言)[^，。！？；]{0,10}$"
)
"""People who are several by what they are have made up their minds."""
_NOT_RESOLVED = re.compile(
    r"曾|当年|当时|以前|[去前]年|20\d\d年|放弃|取消|推迟|准备好|请问|怎么|如何|哪[里个]|材料|程序|流程"
)
_ROUGH_ACTION = re.compile(r"上访|堵|封路|拦[路车]|罢[工课运]|静坐|横幅|条幅|请愿|游行|示威|围[住攻堵]")
"""What such people do together; milder words (维权, 讨薪) one of them may mean as well."""
_NOT_ACTION_AFTER = re.compile(
    r"^(?:的?(?:历史|旧闻|新闻|往事|故事|权利?|含义|定义)|的事情?早(?:就|已经?)?(?:解决|过去|平息|结束)|(?:到底|究竟|这事)?(?:合不合法|合法吗|是否合法|是不是合法|违不违法|违法吗|犯法吗|算不算)"
    r"|[^，。]{0,8}不可抗力|(?:听|等号|等我|等了|排队|办[理事]|开会)"
    r"|(?:参加|献血|学习|培训|体检|聚餐|团建|报名|上课|郊游|春游|旅游|看(?:电影|展|花|演出|比赛|望|病))"
    r"|[^，。]{0,8}(?:已散|散去|是气话)|台|留薪|办|热线|平台|案例|条例|回复|答复|事项|局[^，。]{0,2}(?:回复|答复|转)"
    r"|接待日|大厅上班|工作者|律师|课|知识|意识|讲座|宣传|手册|服务|中心|援助|渠道|途径|待产|整顿|停产|人|部门)"
)
_NOT_ACTION_BEFORE = re.compile(
    r"(?:没有?|从未|从不|未|不会|不想|不要(?!让|逼)|别(?!让|逼)|拒绝|劝|劝阻|不愿|不敢"
    r"|从没)[^，。]{0,8}$|(?<![再要得能是若])不(?:再)?去?$|反对[^，。]{0,4}$|(?:依法|合法|依规|理性|正规)[^，。]{0,3}$|(?:如遇|遇有|发生|历史上|国外|外国|海外|[一二三四五六七八九]{2}大?)[^，。]{0,8}$"
)
_MACHINE_BEFORE = re.compile(
    r"(?:(?<!司)机(?!手|长|师|务|组)|电梯|空调|设备|系统|电脑|冰箱|热水器|风扇)[^，。人员工们]{0,8}$"
)
_TRAFFIC = re.compile(
    r"接送|错峰|排队|高峰|停车|乱停|车流|超时|堵车|卸货|红绿灯|上下班|幼儿园|消防通道|货物|杂物|下水|管道|水管"
)
_DEMAND = re.compile(
    r"我们[^，。]{0,4}堵|大家|工友|工人|工资|说法|老板|讨|钱|全部|转告|集合|熄火|锁车|明[天早晚]|约好|横[着在]"
)
_MATCHES_READ = 5000
"""How many places of one pattern are looked at; no honest text comes near it."""


def read_flags(text: str, titles: list[tuple[int, int]]) -> dict[Flag, list[Evidence]]:
    """Every flag the text asserts with its evidence; `titles` are the spans of book titles to pass over."""
    found: dict[Flag, list[Evidence]] = {}
    for sign in SIGNS:
        for evidence in _signs(text, sign, titles):
            found.setdefault(sign.flag, []).append(evidence)
    for flag, evidence in _actions(text, titles):
        found.setdefault(flag, []).append(evidence)
    return found


def _signs(text: str, sign: Sign, titles: list[tuple[int, int]]) -> Iterator[Evidence]:
    for match in islice(sign.pattern.finditer(text), _MATCHES_READ):
        start, end = match.span()
        if _inside(start, titles) or is_negated(text, start) or is_fiction(text, start) or is_cited(text, start):
            continue
        if not sign.threat and (is_hypothetical(text, start) or is_general_question(text, start)):
            continue
        if sign.flag is Flag.DEATH and is_long_ago(text, start, end):
            continue
        if sign.flag in DANGERS and (_is_only_told(text, sign.flag, start, end) or means_else(text, start, end)):
            continue
        if sign.not_after and sign.not_after.search(clause_after(text, end, 8)):
            continue
        if sign.not_within and sign.not_within.search(match.group()):
            continue
        if sign.not_before and sign.not_before.search(clause_before(text, start, 12)):
            continue
        around = sentence_before(text, start, 40) + match.group() + sentence_after(text, end, 30)
        if sign.near and not sign.near.search(around):
            continue
        yield evidence_at(text, start, end)


def _actions(text: str, titles: list[tuple[int, int]]) -> Iterator[tuple[Flag, Evidence]]:
    """Petitions, blockades, strikes and exposure: done, prepared together, or threatened alone."""
    for match in islice(_ACTION.finditer(text), _MATCHES_READ):
        start, end = match.span()
        words = match.group()
        if _inside(start, titles) or is_fiction(text, start) or is_cited(text, start):
            continue
        if "是否" in clause_before(text, start, 24):
            continue
        if _NOT_ACTION_AFTER.search(clause_after(text, end, 14)):
            continue
        if _NOT_ACTION_BEFORE.search(clause_before(text, start, 12)) or is_general_question(text, start):
            continue
        if _is_no_protest(text, start, end) or _is_only_told(text, Flag.GATHERED, start, end) or is_abroad(text, start):
            continue
        if means_else(text, start, end):
            continue
        evidence = evidence_at(text, start, end)
        before = sentence_before(text, start, 26)
        future = bool(_FUTURE.search(clause_before(text, start, 14)))
        together = bool(_COLLECTIVE.search(before + words + clause_after(text, end, 8)))
        together = together or _is_resolved(text, start, end)
        if _GROUP_ACTION.search(words) and future and together:
            yield Flag.PREPARING, evidence
        if _DONE_ONLY.search(clause_before(text, start, 4)[-2:] + words) and not future:
            yield Flag.GATHERED, evidence
        if _SINGLE_ACTION.search(words):
            yield Flag.OVER_HEADS, evidence


def _is_resolved(text: str, start: int, end: int) -> bool:
    """Residents, parents, workers from the country have decided on a rough action, now."""
    before = clause_before(text, start, 26)
    if not _ROUGH_ACTION.search(text[start:end]) or not _RESOLVED.search(before):
        return False
    return not _NOT_RESOLVED.search(before + clause_after(text, end, 14))


def _is_only_told(text: str, flag: Flag, start: int, end: int) -> bool:
    """Found untrue, asked about for a lesson, settled, or decades past."""
    if is_refuted(text, start, end) or is_for_study(text, start, end):
        return True
    if flag in _GROWN_UP and is_decades_ago(text, start, end):
        return True
    return flag not in _LASTING and is_closed(text, start, end)


def _is_no_protest(text: str, start: int, end: int) -> bool:
    """A machine on strike, or a road that traffic alone blocks."""
    words = text[start:end]
    if words == "罢工":
        return bool(_MACHINE_BEFORE.search(clause_before(text, start, 14)))
    if not words.startswith("堵"):
        return False
    around = sentence_before(text, start, 30) + words + sentence_after(text, end, 30)
    return bool(_TRAFFIC.search(around)) and not _DEMAND.search(around)


def _inside(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)
