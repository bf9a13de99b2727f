"""How many workers does the text speak for, of how many employers, and how many are laid off?"""

from __future__ import annotations

import re
from typing import NamedTuple

from gongqing.language.facts.numerals import CHARACTERS, read_count
from gongqing.language.facts.spans import (
    Evidence,
    clause_after,
    clause_before,
    evidence_at,
    is_cited,
    sentence_after,
    sentence_before,
)


class Count(NamedTuple):
    """A number of people or firms, whether it is only a lower bound, and the words it rests on."""

    value: int
    approximate: bool
    evidence: Evidence


_RUN = (
    rf"(?<![\dA-Za-z.．{CHARACTERS}第前每少多])(?:\d{{1,4}}[-~—至到])?"
    rf"[\d{CHARACTERS}][\d{CHARACTERS},]{{0,9}}[多余来几]{{0,2}}"
)
_NOUN = (
    r"(?:职工|员工|工人|民工|农民工|工友|同事|老师|教师|司机|骑手|小哥|兄弟|姐妹|保安|保洁"
    r"|环卫|护士|医生|师傅|船员|队员"
    r"|求职者|教职|代课|网格员|业务员|驾驶员|乘务员|售票员|村医|辅警|协管员|协警|消防员|矿工|[木瓦泥焊电油杂]工|钢筋工|养路工"
    r"|会员|退休|下岗|劳动者|临时工|派遣工|合同工|学生工|打工|老乡|人员)"
)
_PEOPLE = re.compile(
    rf"(?P<number>{_RUN})(?:(?P<quantity>名|位|个(?![月小星编项班礼]|工(?!人|友|程师))|号(?=人|职工|员工"
    rf"|工人|兄弟|工友)|来号|多号|余名|多名|多位|多个|余位|余人|多?户(?=职工|工人|员工))"
    rf"(?P<who>[^，。！？；、\s\d《》是任便成于月年单件镇厂家在把为向和与多]{{0,8}}?{_NOUN}|人(?!民|口|均|事|力|为|工(?![资钱钿])|家|次|月))?"
    rf"|(?P<bare>{_NOUN}|人(?!民|口|均|事|力|为|工(?![资钱钿])|家|次|才|身|类|大|生|行|格|质|间|组|月)))"
)
_PAIR = re.compile(r"(?:我们|咱们|我|夫妻|兄弟|姐妹|父子|爷)(?P<pair>俩|仨)|两口子")
_FEW = re.compile(r"(?:我们|咱们|我|阿拉)(?:这|那)?(?:几个|几位|几人|几名|哥几个|姐妹几个)|哥几个")
_ALONE = re.compile(r"(?:就|只|仅)(?:是|有)?我(?:自己)?一?个?人|我一个人(?=被|没|未|的工资|的钱)")
_GROUP = re.compile(
    r"我们(?:这|那)?(?:一?帮|一?伙|一?群|一?批|全体|所有|全厂|全班组|整个班组|班组|工人|民工"
    r"|农民工|员工|职工|大家|大伙)"
    r"|全体(?:职工|员工|工人|教师|老师|民工|司机|人员|同仁|退休)|全厂(?:职工|员工|工人)|所有(?:员工|职工|工人|民工)"
    r"|(?:广大|众多|许多|很多|不少|大批)(?:职工|员工|工人|民工|农民工|教师|司机)|大伙儿?|工友们|职工们|员工们|工人们"
)
_EMPLOYERS = re.compile(
    rf"(?P<number>[\d{CHARACTERS}][\d{CHARACTERS}]{{0,3}})[多余]?家(?:[^，。！？；、\s\d]{{0,6}}?)(?:企业"
    rf"|公司|工厂|厂|单位|用人单位|店)"
)
_LAYOFF = re.compile(r"(?:裁员|裁减|裁掉|裁了|裁撤|辞退|解雇|遣散|被裁|优化掉|优化了|开除|解除)")
_LAYOFF_NUMBER = re.compile(rf"(?P<number>[\d{CHARACTERS}]{{1,8}}[多余来几]{{0,2}})(?:名|位|个|号|人)")
_LAYOFF_SHARE = re.compile(
    rf"(?:(?P<percent>\d{{1,3}})\s?[%％]|百分之(?P<words>[{CHARACTERS}]{{1,4}})|(?P<tenths>[一二两三四五六七八九])成)"
    r"|(?P<half>一半|过半|半数)"
)

_OURS = (
    r"(?:我|我们|咱们|本|阿拉)(?:司|这里|这边|这|那)?"
    r"(?:厂|公司|单位|中心|站|院|校|店|矿|所|队|班|班组|车间|工地|部门|村|局)?"
)
_CLAIMANTS_AT_ONCE = re.compile(
    rf"(?:{_OURS}(?:里|上)?(?:全部|现在?|一起|目前|共|一共|总共|还)?有?|(?:等(?:共|一共)?|欠了?|拖欠|克扣|涉及|致使|导致|联名|代表|关乎|帮助|全体"
    r"|影响到?|侵害了?|侵犯了?|维权的|剩下?|还有|包括|为|我[和与带]了?|[一总]?共|[共合]计|多达|高达|人数[为有达]?|涉及[^，。]{1,4}|一起[干做]?活?的?))(?:有|其他|另外|另)?(?:近|约|将近|大概|大约|上|的|这)?$"
)
_WAITING = re.compile(r"(?:取号|排队|前面)[^，。]{0,3}等了?$|等了$|村只?有$|^只有$")
_CLAIMANTS_AFTER_AT_ONCE = re.compile(
    r"[^，。！？；]{0,3}(?:的?(?:工资|工钿|薪|社保|养老|工钱|血汗|加班费|劳务费|钱)|被|都|没|未|要求|请求|讨|签名|联名|维权|一起|全部|集体|停工|罢工|堵|聚集|围|打算|准备|泣血)"
)
_CLAIMANTS_BEFORE = re.compile(
    r"我们|咱们|本人等|[\u4e00-\u9fff]等(?!了|待|到|着)|[一总]共|全体|欠|涉及|影响|侵犯|侵害|扣|致使|剩|还有|帮助|包括|导致|代表|关乎|联名|大概|大约"
)
_CLAIMANTS_AFTER = re.compile(
    r"(?:工资|工钿|薪|社保|养老|保险|工钱|血汗|被|都是|都没|没|未|要求|请求|讨|诉求|利益"
    r"|签名|联名|维权|权益|打算|准备|要去|一起|全部|集体"
    r"|的钱|盼|恳求|求助|泣血|停工|罢工|堵|聚集|围)"
)
_OTHERS_BEFORE = re.compile(
    r"(?:领导|共?招|招聘|招录|招收|股东|注册|派了?|叫来|喊来|来了|找来|雇了|干部|编制|其中|占"
    r"|公司有|厂有|厂里有|单位有|拥有|打手|黑社会"
    r"|名额|排名|录取|择优从|岗位|不超过|不足|不到|超过|每班|班上|入围|聘请了?|安排了?|新招"
    r"|同批这|管理着?|公司现有|多出|少了|规定|满|班上有|编制定|定员|核定|[\d十百][-—~至到]"
    r"|(?<!我)(?<!我们)(?:公司|单位|[厂矿店院校]里?)(?:现|共|总共)?有近?约?|年前有|谎报有?|带领了?|招聘到了?|(?<!我)(?<!我们)(?:公司|单位|厂)里?(?:一共|总共|共)|培[育养]了?|教[过了]"
    r"|近?[Pp]前)$"
)
_OTHERS_AFTER = re.compile(
    r"^(?:打|来了|威胁|干部|党员|领导|编制|股东|岁|次|间|入围|报名|座|为一组|一组|一间|宿舍"
    r"|聚餐|以上|以下|以内|左右的企业|规模|中排|中的?第|学生|考生|居民|业主|村民|游客|旅客"
    r"|乘客|孩子|幼儿|客户|顾客|专家|评委|人口|户|老板|家属|亲[人属]|副|校长|局长|主任|科长"
    r"|代表名额|参加(?:面试|考试|笔试)|报考)"
)


def read_workers(text: str) -> Count | None:
    """The largest number of people the text claims for; a bare headcount of a firm does not count."""
    best: tuple[int, int] | None = None
    chosen: Count | None = None
    for match in _PEOPLE.finditer(text):
        count = _people(text, match)
        if count is None:
            continue
        standing = _standing(text, match)
        if standing is not None and (best is None or (standing, count.value) > best):
            best, chosen = (standing, count.value), count
    if chosen:
        return chosen
    return _few(text)


def _standing(text: str, match: re.Match[str]) -> int | None:
    """How surely the counted people are those who claim, 2 to 0; None when they are others."""
    at_once, after = clause_before(text, match.start(), 12), sentence_after(text, match.end(), 18)
    if _OTHERS_BEFORE.search(at_once) or _OTHERS_AFTER.search(after) or _WAITING.search(at_once):
        return None
    if _CLAIMANTS_AT_ONCE.search(at_once) or _CLAIMANTS_AFTER_AT_ONCE.match(after):
        return 2
    if _CLAIMANTS_BEFORE.search(sentence_before(text, match.start(), 20)) or _CLAIMANTS_AFTER.search(after):
        return 1
    if match["who"] or match["bare"] != "人" or re.search(rf"{_NOUN}$", sentence_before(text, match.start(), 20)):
        return 0
    return None


def _people(text: str, match: re.Match[str]) -> Count | None:
    quantity = match["quantity"]
    if quantity and not match["who"] and quantity in ("个", "多个", "号"):
        return None
    number = read_count(re.split(r"(?<=\d)[-~—至到]", match["number"])[0])
    if number is None or number.value > 2_000_000:
        return None
    if not quantity and re.match(r"[年月日号]", text[match.end("number") : match.end("number") + 1]):
        return None
    value = int(number.value)
    if match["number"] in ("4050", "40,50") or match["number"][0] == "万":  # an age group of a job programme, 成千上万
        return None
    if value >= 10_000 and not quantity and match["bare"] != "人":
        return None
    if quantity and quantity[-1] in "名位" and not match["who"] and not _is_named(text, match):
        return None
    if value == 1:
        return None
    vague = number.approximate or bool(quantity and quantity[0] in "来多余")
    return Count(value, vague, evidence_at(text, *match.span()))


def _is_named(text: str, match: re.Match[str]) -> bool:
    """Whether 30名 counts people: a word follows, or the people were named before (职工30名)."""
    follows = re.match(r"[一-鿿]", text[match.end() : match.end() + 1])
    return bool(follows) or bool(re.search(_NOUN, clause_before(text, match.start(), 10)))


def _few(text: str) -> Count | None:
    pair = _PAIR.search(text)
    few = _FEW.search(text)
    if few:
        return Count(3, True, evidence_at(text, *few.span()))
    if pair:
        return Count(3 if pair["pair"] == "仨" else 2, False, evidence_at(text, *pair.span()))
    alone = _ALONE.search(text)
    return Count(1, False, evidence_at(text, *alone.span())) if alone else None


def read_group(text: str) -> list[Evidence]:
    """Where the text speaks for many without saying how many (全体职工, 我们一帮人)."""
    return [evidence_at(text, *match.span()) for match in _GROUP.finditer(text)]


def read_employers_count(text: str) -> Count | None:
    """How many firms the matter concerns (4家企业), the largest number named; None below 2."""
    counts = []
    for match in _EMPLOYERS.finditer(text):
        number = read_count(match["number"])
        if number and 2 <= number.value <= 10_000:
            counts.append(Count(int(number.value), number.approximate, evidence_at(text, *match.span())))
    return max(counts, key=lambda count: count.value, default=None)


def read_layoff(text: str) -> tuple[Count | None, tuple[float, Evidence] | None]:
    """How many people are to go, and what share (0–1) of the staff, as said within one sentence of the layoff."""
    people: list[Count] = []
    shares: list[tuple[float, Evidence]] = []
    for match in _LAYOFF.finditer(text):
        if is_cited(text, match.start()):
            continue
        end = match.end() + len(clause_after(text, match.end(), 18))
        start = match.start() - len(clause_before(text, match.start(), 18))
        for found in _LAYOFF_NUMBER.finditer(text, start, end):
            number = read_count(found["number"])
            if number and 2 <= number.value <= 2_000_000:
                people.append(Count(int(number.value), number.approximate, evidence_at(text, *found.span())))
        after = match.end() + len(sentence_after(text, match.end(), 24))
        for found in _LAYOFF_SHARE.finditer(text, match.end(), after):
            share = _share(found)
            if 0 < share <= 1:
                shares.append((share, evidence_at(text, *found.span())))
    most = max(people, key=lambda count: count.value, default=None)
    return most, max(shares, key=lambda pair: pair[0], default=None)


def _share(found: re.Match[str]) -> float:
    if found["percent"]:
        return int(found["percent"]) / 100
    if found["half"]:
        return 0.5
    number = read_count(found["words"] or found["tenths"])
    if number is None:
        return 0.0
    return number.value / (100 if found["words"] else 10)
