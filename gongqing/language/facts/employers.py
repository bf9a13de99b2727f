"""Which employer does the text name?

The name as it stands in the text, ended by a suffix that only organisations bear and begun after a word that cannot
belong to a name; None when what is left says nothing (我们公司). Schools, hospitals and offices are named by everybody:
they count where the words around them speak of work there.
"""

from __future__ import annotations

import re

from gongqing.language.facts.spans import Evidence, evidence_at

_LIMITED = r"(?:有限责任公司|股份有限公司|有限公司)(?:[A-Z\d一-鿿]{1,8}?分公司)?"
_FIRM = (
    r"分公司|子公司|总公司|集团公司|公司|集团|加工厂|工厂|总厂|厂|矿业|煤矿|矿|项目部|工程处|合作社|事务所|经营部|工作室"
    r"|大酒店|酒店|宾馆|饭店|饭馆|餐厅|超市|商场|影院|火锅店|专卖店|门店|美容院|会所|网吧|驾校|幼儿园"
    r"|养老院|敬老院|电站|农场|林场|渔场|茶场|车队|车行|剧团|物业|联社|信用社|供销社|储蓄所|支行|分行"
    r"|劳务队|施工队|工程队|诊所|药店|营业厅|售楼部|配送站|站点|快递点|工地"
)
_PUBLIC = (
    r"医院|卫生院|学校|学院|大学|中学|小学|银行|研究院|研究所|设计院|文化宫|培训机构|收费站|管理处|管理站|管理所"
    r"|工作站|服务站|中心|环卫处|环卫所|环卫站|电视台|党校|监狱|车站|客运站|第?[一二三四五六七八九十]{1,2}中"
)
_AGENCY = r"局|(?<=[县区镇乡])政府|委员会|村委会|居委会|办事处|办公室|检察院|法院|大队|中队|总队|支队|指挥部|管委会"
_TRADE = r"科技|电信|移动|联通|铁路|化工|实业|快运|速运|置业|电子|重工|传媒|药业|酒业|集成电路|[一-鿿]钢"
_SUFFIX = re.compile(
    rf"(?P<limited>{_LIMITED})|(?P<public>{_PUBLIC})|(?P<firm>{_FIRM})|(?P<agency>{_AGENCY})|(?P<trade>{_TRADE})"
)
_NOT_AFTER = re.compile(
    r"里面?的|长(?!期)|房|区|家|商(?!场)|址|子(?!公司)|务|员工(?=的?福利|制)|方|业(?!务)|卡|账|帐|贷|流水|存|产(?!业)|石|物|工时"
    r"|生(?!活|产|病|育)|毕业|本科|学历|文凭|文化|(?<=[中小]学)(?:高级|[一二三]级|教师(?:资格|职称))|(?<=心)[校城]|思想|驶|面|总|部(?!门)|外|内"
)
_CUE = re.compile(
    r"的?[^，。！？；\n]{0,6}?(?:职工|员工|工人|教师|老师|医生|护士|医务人员|职员|保安|保洁|清洁工|司机|临时工|合同工|劳务工"
    r"|临聘|编外|聘用|代课|干部|工作人员|人员|退休|下岗|上班|工作|打工|任职|任教|当|做|拖欠|克扣|欠|不发|没发|强制|强迫|恶意"
    r"|违法|违反|违规|侵犯|侵害|辞退|辞职|解雇|开除|解除|不给|不买|不交|不签|不缴|没有给|没有|从事|协警|队员|驾驶员|加班)"
)
_CUE_AT_ONCE = re.compile(
    r"的?(?:一名|一个|在职|全体|下属|老|编外|临聘)?(?:职工|员工|工人|退休|下岗|临时工|合同工|工作人员|工作|上班|协管|协警|司机)"
)
_OFFICE_FOR_ALL = re.compile(r"(?:社保|人社|人事|教育|公积金|劳动|医保|公务员|信访|保障|就业|监察|仲裁|人民)$")
"""Offices that everybody writes to; they employ only who says so right beside the name."""
_CUE_BEFORE = re.compile(
    r"(?:我们?是|本人是|在|就职于|任职于|供职于|入职|进入|招工[到至]|调[入到]|分配[到至]|投诉|举报|反映|关于|拖欠|原)$"
)
_STOPS = re.compile(
    r"我们|我[是在于]|我|本人|你们|他们|位于|坐落在|座落于|在职|就职于|任职过?于?|供职于"
    r"|入职|进入|来到|到了|去了|投诉|举报|关于|反映|反应|请问|请求|请(?!意)|要求|恳请|恳求|强烈"
    r"|控告|(?<!方)向(?![阳荣])|在|到|被|由|从|(?<!华)为|给(?![水排])|让|叫|把|将(?!军)|于|是|和(?![平谐美泰顺])|与|及|跟|找"
    r"|因|至|对|以及|或|说|(?<!名)称|但|就(?!业)"
    r"|去|来|的|了|着|这家|这个|这|那家|那个|那|该|某|一家|一个|[两几多]家|(?<![国专独万私])家|[\d一二三四五六七八九十百多余几](?:名|位|个|月|日|年)"
    r"|(?<=\d)[日年月]|各位|老板|拖欠|欠|现在|目前|原(?![野生])|(?<![体])系(?!统)|属(?!院)|即|如(?!意)|还|也|(?<![成首丰])都"
    r"|经(?![开济贸营纬])|督促|解决|帮助|责令|查处|曝光"
    r"|处理(?![厂站中])|督办|尊敬|领导|您好|你好|打工|上班|工作(?![站室])|承建|承包|发包|转包|总包|挂靠|介绍|保护"
    r"|查实|核实|担任|黑心企业|黑心|无良|无耻|那些|这些|并且|而且|而|再问|期间|一所|办好|统招"
    r"|谁管|真心|希望|如何|怎么|为何|为什么|什么|凭什么|帮帮?|救救?(?!助)|子弟|丈夫|妻子|老伴|儿子|父亲|母亲"
    r"|同意|原来|后来|其中|通过|经过|没有|已经|仍|被告|单位名称|公司名称|被投诉|维护|恢复|质疑|咨询|建议|过问一?下?"
    r"|盼望?|严查|[期渴]望|(?<=请)望|听听|参加了?|调[动入]|拨通|送往|养活|接收|漠视|加强|规范|更有|问下|可否|组织下?|敢问|贪污了?|说说|谈谈"
    r"|看看|关怀|录用|毕业|分配|教过|评了?|取得|晋升|认定|作为|所以|可是|只需|一份|所有|导[制致]|扩大|调整|深化|放在|关系"
    r"|国企(?=[A-Z])|离职后?|任(?!丘)|当(?!代)|不(?![锈二])|无条件|牵头|负责|召开|人民政府"
    r"|哪[家个所些]?|每[个家所]|很多|难道|[昨今前]天[上下]?午?|当时|(?<=[当有同])时|知道|想(?:报考)?|按照|要么|面临|年[前底]|[些几]年|节骨眼上|垄断|楼[上下]|以上|部分"
    r"|看见|告知|特呈|祈求|参照|以下简称|结果|考[进入]|成立|可以|开标前|拿(?=医院|[A-Z])|比(?=私人|公办)|鼓励|有(?=公司|学校)|回(?=[厂校])|(?<=来)自"
)
_HOLLOW = frozenset("的到在给把被向去个家说为是这那该某来了")
"""Right before a suffix these leave no name (的医院, 一家公司)."""
_NAME_CHARACTERS = re.compile(r"[A-Za-z0-9一-鿿（）()·#]")
_EMPTY = re.compile(
    r"(?:我们|你们|他们|咱们|人家|我|本|该|此|贵|某|原|新|老|大|小|总|分|母|子|外包|外地|外省|外市"
    r"|私人|民营|国营|国有|非国有|劳务|派遣|劳务派遣|建筑|物业|保安|快递|外卖|网约车|出租车|出租|租车|上市"
    r"|施工|建设|人力资源|人力|第三方|汽车|公交|客运|旅游|工程|直属|下属|下面|属下|乡下|乡里|村里"
    r"|中介|平台|食品|电子|服装|鞋|纺织|化工|机械|五金|塑料|模具|工|建|家具|家属|印刷|用人|各|每|全|全县|全市|全省|省里"
    r"|别的|其他|其它|几|多|两|三|私营|私家|合资|外资|中小|这样的|有关|当地|异地|基层|公办|民办|私立|重点|普通|高中|初中|中|高等"
    r"|成人|职业|技工|技术|专业|普教性|三甲|二甲|三级|二级|专科|综合|公立|生育|养老|失业|医疗|利益|五七|子弟|小微|住房|公积金"
    r"|省|市|县|区|镇|乡|村|街道|乡镇|镇街|些|城区|农村|城市|中心|市里|县里|厂矿"
    r"|县级|区级|市级|省级|省市|县市|市直|省直|区直|县直|市属|区属|政府|一|名|所|家|城"
    r"|调解|服务|仲裁|社保|就业|医保|人才|人社|劳动|劳动监察|监察|教育|信访|卫生|公安|交警|派出|税务|工商|民政|财政|行政|便民|社区|客服|呼叫|研发|活动|培训"
    r"|体检|工会|指导|监督|保险|房产|装修|销售|包装|运输|物流|贸易|科技|管理|事业|单位|企业|交流|考试|发展|开发|开办|投资|合伙|集体)*"
)
_PLACE_ALONE = re.compile(
    r"(?:[A-Z]\d{0,2}[省市县区州])+(?:一|公办|民办|私家|私营|中小?|小|大|开办|城市|重点|某|市直|外|各|些|乡镇|[两几]家)*"
)
_PLACE_AGAIN = re.compile(r"[区县镇村](?=(?:[A-Z]\d?市|[一-鿿]{2}[省市])[^局院])")
_MAXIMUM = 26
_OPENING = 60
"""A name in the first characters, where people say whom they complain of, counts more."""
_TITLE = 3
"""A school or hospital with which the text begins is whom it speaks of."""
_STRENGTH = {"limited": 4, "firm": 3, "public": 1, "agency": 0, "trade": 0}
_NEEDS_CUE = frozenset(("agency", "trade"))


def read_employer(text: str) -> Evidence | None:
    """The employer's name as it stands in the text with its place, or None when unsure.

    A name that ends in 有限公司 wins over other suffixes, one in the opening or beside words of work over another, then
    the first.
    """
    best: tuple[int, int] | None = None
    chosen: Evidence | None = None
    for match in _SUFFIX.finditer(text):
        if _NOT_AFTER.match(text, match.end()):
            continue
        kind = match.lastgroup or ""
        cue = _CUE.match(text, match.end()) is not None
        if kind in _NEEDS_CUE and not cue:
            continue
        start = beginning_of(text, match.start())
        stem = text[start : match.start()]
        if (
            len(stem) < 2
            or stem[-1] in _HOLLOW
            or _EMPTY.fullmatch(stem)
            or _PLACE_ALONE.fullmatch(stem)
            or not re.search(r"[一-鿿]", stem)
        ):
            continue
        before = _CUE_BEFORE.search(text, max(0, start - 8), start) is not None
        rank = (_STRENGTH[kind] + (match.start() < _OPENING) + (cue or before), -match.start())
        if kind == "agency" and _OFFICE_FOR_ALL.search(stem) and not _CUE_AT_ONCE.match(text, match.end()):
            continue
        if kind == "public" and not (cue or before or start <= _TITLE):
            continue
        if best is None or rank > best:
            best, chosen = rank, evidence_at(text, start, match.end())
    return chosen


def beginning_of(text: str, end: int) -> int:
    """Where the name begins whose last part (its suffix) begins at `end`."""
    floor = max(0, end - _MAXIMUM)
    start = end
    while start > floor and _NAME_CHARACTERS.match(text[start - 1]):
        start -= 1
    closed = max(text.rfind(")", start, end), text.rfind("）", start, end))
    if closed >= 0 and not re.search(r"[(（]", text[start:closed]):
        start = closed + 1
    last = start
    for stop in _STOPS.finditer(text, start, end + 1):
        if stop.end() < end or (stop.end() == end and len(stop.group()) > 1):
            last = stop.end()
    again = _PLACE_AGAIN.search(text, last, end)
    return again.end() if again else last
