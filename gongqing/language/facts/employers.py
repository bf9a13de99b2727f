"""Which employer does the text name?

The name as it stands in the text, ended by a suffix that only organisations bear and begun after a word that cannot
belong to a name; None when what is left says nothing (我们公司).
"""

from __future__ import annotations

import re

from gongqing.language.facts.spans import Evidence, evidence_at

_SUFFIX = re.compile(
    r"(?:有限责任公司|股份有限公司|有限公司|分公司|子公司|总公司|集团公司|公司|集团|项目部"
    r"|指挥部|工程处|合作社|事务所|研究院|加工厂|工厂|厂|矿业|煤矿|矿"
    r"|大酒店|酒店|宾馆|饭店|医院|卫生院|学校|学院|大学|中学|小学|幼儿园|超市|商场|影院|车队"
    r"|车行|银行|支行|分行|物业|工地|林场|农场|渔场|站点|配送站|快递点"
    r"|管理局|管理站|管理处|管理中心|中心|办事处|服务部|经营部|餐厅|饭馆|火锅店|专卖店|门店"
    r"|工作室|培训机构|剧团|车站|联社|供销社|林业局|烟草局|邮政局|税务局|城管局|执法局"
    r"|教育局|交警队)"
    r"(?!里面?的|长|房|区|家|商|址|子|务|员工|方)"
)
_STRONG = ("有限责任公司", "股份有限公司", "有限公司")
_STOPS = re.compile(
    r"(?:我们|我是|我在|我于|我|本人|你们|他们|位于|坐落在|座落于|在职|就职于|任职于|供职于"
    r"|入职|进入|来到|到了|去了|投诉|举报|关于|反映|反应|请问|请求|请|要求|恳请|恳求|强烈"
    r"|控告"
    r"|向|在|到|被|由|从|为|给|让|叫|把|将|于|是|和|与|及|跟|找|因|至|对|以及|或|说|称|但|就"
    r"|去|来|的|了|着|这家|这个|这|那家|那个|那|该|某|一家|一个|家|名|位|个|月|日|年"
    r"|老板|拖欠|欠|现在|目前|原|系|属|即|如|还|也|都|经|年|督促|解决|帮助|责令|查处|曝光"
    r"|处理|督办|尊敬|领导|您好|你好|打工|上班|工作|承建|承包|发包|转包|总包|挂靠|介绍|保护"
    r"|查实|核实|担任|黑心企业|黑心|无良|无耻|那些|这些|并且|而且|再问|期间|一所|办好|统招"
    r"|谁管|真心|希望|如何|怎么|为何|为什么|凭什么|帮帮?|救救|子弟|丈夫|妻子|老伴|儿子|父亲"
    r"|同意|原来|后来|其中|通过|经过|没有|已经|仍|被告|单位名称|公司名称|被投诉)"
)
_TOLD = frozenset(("反映", "反应", "投诉", "举报", "控告", "关于"))
"""Words of telling; right before a suffix they leave it no name (来电人反映工地十八名木工)."""
_NAME_CHARACTERS = re.compile(r"[A-Za-z0-9一-鿿（）()·#]")
_EMPTY = re.compile(
    r"^(?:(?:我们|你们|他们|咱们|人家|我|本|该|此|贵|某|原|新|老|大|小|总|分|母|子|外包|外地"
    r"|私人|民营|国营|国有|劳务|派遣|劳务派遣|建筑|物业|保安|快递|外卖|网约车|出租车|上市"
    r"|施工|建设|人力资源|第三方"
    r"|中介|平台|食品|电子|服装|鞋|纺织|化工|机械|五金|塑料|模具|工|建|家具|印刷|用人|各|每"
    r"|别的|其他|其它|几|多|两|三|全|私营|合资|外资|中小|这样的|有关|省|市|县|区|镇|街道"
    r"|调解|服务|仲裁|社保|就业|医保|人才|政务|信访|行政|便民|社区|客服|呼叫|研发|活动|培训"
    r"|体检|工会|指导|监督|保险|房产|装修|销售|包装|运输|物流|贸易|科技)*)$"
)
_MAXIMUM = 26
_OPENING = 60
"""A name in the first characters, where people say whom they complain of, counts more."""


def read_employer(text: str) -> Evidence | None:
    """The employer's name as it stands in the text with its place, or None when unsure.

    A name that ends in 有限公司 wins over other suffixes, one in the opening over a later one, then the first.
    """
    best: tuple[int, int] | None = None
    chosen: Evidence | None = None
    for match in _SUFFIX.finditer(text):
        start = _beginning(text, match.start())
        name = text[start : match.end()]
        stem = text[start : match.start()]
        if len(stem) < 2 or _EMPTY.match(stem) or not re.search(r"[一-鿿]", stem):
            continue
        rank = (_strength(match.group()) + (match.start() < _OPENING), -match.start())
        if best is None or rank > best:
            best, chosen = rank, evidence_at(text, start, start + len(name))
    return chosen


def _strength(suffix: str) -> int:
    if suffix in _STRONG:
        return 3
    if suffix.endswith(("公司", "集团", "厂", "矿", "项目部", "工地")):
        return 2
    return 1 if suffix not in ("中心", "物业", "学校", "车队", "银行") else 0


def _beginning(text: str, end: int) -> int:
    floor = max(0, end - _MAXIMUM)
    start = end
    while start > floor and _NAME_CHARACTERS.match(text[start - 1]):
        start -= 1
    if start < end and text[start] in ")）":
        start += 1
    last = start
    for stop in _STOPS.finditer(text, start, end):
        if stop.end() < end or stop.group() in _TOLD:
            last = stop.end()
    return last
