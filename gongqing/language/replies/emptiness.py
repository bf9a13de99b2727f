"""What is left of a reply when courtesies, acknowledgements and passing-on are taken away?

A reply is cut into clauses. A clause that greets, thanks, acknowledges, announces that an answer follows, passes the
matter on, says that it is being dealt with, or signs, says nothing of the matter; everything else does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gongqing.language.facts.spans import Evidence, evidence_at

_CLAUSE = re.compile(r"[^，,。！!？?；;：:\n\r\t 　]+")
_HAN = re.compile(r"[\u4e00-\u9fff]|\d+")
_QUOTED = re.compile(r"《[^《》]{0,80}》|“[^“”]{0,80}”|\"[^\"]{0,80}\"|\[[^\[\]]{0,20}\]|https?\S+|_x000D_")
_OFFICE = r"[\u4e00-\u9fffA-Z0-9]{0,24}"
_DEALING = r"(?:调查|核实|核查|核处|处理|处置|办理|办复|答复|回复|反馈|协调|交办|研究|跟进|落实|查处|解决|研判|办结)"

_OTHER_SIDE = (
    r"(?:您|你|该|贵|用人|用工)?(?:厂[里方长]?|公司|单位|企业|老板|对方|资方|项目部|包工头|人事|双方)"
    r"(?:方面?)?的?(?:法人|负责人|老板|人事|领导|厂长|经理)?"
)
_TALKING = r"(?:谈[过话了]?|沟通|联系|协商|交涉|对接|约谈|商量)"
_COURTESIES = tuple(
    re.compile(pattern)
    for pattern in (
        # greeting
        r"^(?:尊敬的|亲爱的)?[“\"]?[\w\u4e00-\u9fff（）()]{0,16}[”\"]?(?:网友|网民|市民|朋友|职工|师傅|女士|先生|同志|家长|业主|来信人|写信人)?"
        r"(?:朋友)?[“\"]?[A-Za-z0-9_]{0,20}[”\"]?(?:您好|你好|大家好)$",
        r"^(?:尊敬的|亲爱的)?[“\"]?[A-Za-z0-9_]{0,20}[”\"]?(?:网友|网民|市民|朋友|职工|师傅|女士|先生|来信人|写信人|工友)?(?:朋友|们)?"
        r"[“\"]?[A-Za-z0-9_]{0,20}[”\"]?$",
        # acknowledging
        r"(?:收悉|悉知|知悉|获悉|已收到|已经收到|收到(?:您|你|了)|已阅(?:办|知)?$|已受理$|已登记$|已记录|已收集)",
        # announcing
        r"(?:回复|答复|说明|反馈|告知|汇报)如下|(?:作|做|予)(?:出)?如下(?:回复|答复|说明)|情况如下$",
        r"^(?:现|经|现就|现将|关于|针对|对于|根据)?(?:您|你|网友|网民)[们]?(?:所|在)?[^已经可不没]{0,20}"
        r"(?:反映|反应|咨询|提出|留言|来信|建议|来电|投诉|提到|所提)[^已经可不没]{0,24}(?:问题|情况|事项|一事|内容|诉求|建议|帖文)?$",
        # passing on
        rf"(?:已|现|我[办们局]|将|正|予以|我们)[^，。]{{0,24}}(?:转(?![入账移正岗让换变])|交(?![费纳给账付])|移交|交办|转办|转至|转给|转交|发函|呈报|上报)"
        rf"(?:至|给|由|到|予|办|交)?{_OFFICE}(?:{_DEALING}|部门|单位|科室|街道|乡镇|党委|政府|管理|[局委县区市镇乡办队])",
        rf"^(?:已|现已|现)?(?:经)?(?:转|交)(?:至|给|由|到|交|办)?{_OFFICE}(?:{_DEALING}){{0,2}}$",
        # being dealt with
        rf"(?:正在|正|处于)(?:积极|抓紧|进一步|依法|协商|组织)?{_DEALING}{{0,2}}(?:当中|之中|中|过程中|$)",
        r"^(?:目前|现在|此事|该事|该问题)?(?:还|仍|尚)?在(?:办理|处理|调查|研究|协调)(?:当)?中?$",
        # talked about, without a word on what came of it
        rf"^(?:我[们会局办]|工会|本会)?(?:已经?|也|又|曾|多次|再次|反复|积极|第一时间)*(?:[和与同跟找向]?{_OTHER_SIDE})?"
        rf"(?:已经?|也|又|多次|再次|反复|积极|作了?|进行了?)*{_TALKING}{{1,3}}(?:[过了]|好?几次|多次|两次|三次)*(?:{_OTHER_SIDE})?[了过]?"
        r"(?:(?:您|你)?(?:所?反映)?的?(?:工资|欠薪|社保|加班费|这件事|此事|情况|问题|诉求)的?(?:问题|事情?|一事|情况)?)?$",
        # that an answer will follow
        rf"(?:将|会|后续|如有)[^，。]{{0,16}}(?:及时|尽快|第一时间|适时|再)[^，。]{{0,10}}{_DEALING}",
        r"(?:处理|办理|核查|调查|相关|有关)?(?:情况|结果|进度|进展)[^，。]{0,12}(?:反馈|发布|告知|回复|公布|通报)",
        r"(?:敬)?请?(?:您|你)?(?:耐心|静候)(?:等待|等候)|(?:敬请|请)(?:您|你)?(?:留意|关注|期待|等候|放心)",
        rf"^(?:我[们局办会镇]|我单位|本单位|工会)?(?:将|会)?(?:尽快|抓紧|及时|认真|积极|依法|依规|继续|加强|进一步)*{_DEALING}{{1,2}}(?:好)?$",
        # being important
        r"(?:高度|非常|十分|很|极为)重视(?:此事|该问题|您的问题)?$|^(?:领导|我局|我会|我们|我单位|工会)[^，。]{0,10}(?:高度|非常|十分)重视$",
        r"^(?:第一时间|立即|马上|迅速)?(?:安排|组织|责成|要求|指派)[^，。]{0,16}(?:调查|核实|了解|处理|研究)(?:核实|了解|处理|情况)?$",
        # thanking, apologising, inviting
        r"感谢|谢谢|(?:敬请|恳请|请|望|希望|还望)(?:您|你|予以|给予|大家|能够|多)?(?:谅解|理解|见谅|包涵|支持|监督|配合)",
        r"(?:带来|造成)[^，。]{0,10}(?:不便|困扰|影响)|(?:深表|表示)[^，。]{0,4}(?:歉意|抱歉|感谢)|祝(?:您|你|愿)|生活愉快|工作顺利|万事如意",
        r"^(?:欢迎|如(?:您|你|有|果)|若)[^，。]{0,24}(?:监督|关注|意见|建议|疑问|问题|咨询|满意|疑义|其他)",
        r"^(?:请|欢迎|可|您可|可以)?(?:随时|直接|继续)?[^，。]{0,8}(?:致电|来电|拨打|联系我们|与我们联系|来电咨询)",
        r"^(?:详情|具体(?:事宜|情况)?)?(?:请|可)?(?:您|你)?(?:详细)?(?:咨询|垂询|询问|联系|致电)[^，。]{0,20}$",
        r"^特此(?:回复|答复|函复|告知|说明)|^此复|^(?:联系)?(?:电话|方式|人)|^链接$|^附件?$|^为盼",
        r"(?:宝贵|中肯|好)的?(?:建议|意见)(?:和意见|和建议)?$|(?:关心|支持|监督|理解|信任|关注)(?:和|与)?(?:支持|监督|理解|关心|关注)?$",
        # solved, without a word on how
        r"^(?:(?:您|你)?(?:的|所反映的|反映的)?(?:问题|事情|诉求|此事))?(?:已经?|均已|现已)?(?:帮您|为您|予以|得到)?(?:解决|办结|处理完毕|处理|办理完毕|办理|落实|答复|回复)(?:完毕|好|了|到位)?$",
        r"(?:教育局|[\u4e00-\u9fff]{2,10}(?:局|办|委|单位|部门))?已经?(?:作出|作了)?(?:答复|回复)$",
        r"如实(?:上报|反映|汇报)|及时向社会公(?:布|开)|^如(?:出台|有)(?:相关|新的?)?政策",
        # signing
        r"^[\d〇零一二三四五六七八九十0年月日号./ -]+$",
        r"^(?![\u4e00-\u9fff]*(?:已|将|可|转|到|由|请|向|经|去|找))[\u4e00-\u9fffA-Z0-9]{2,24}(?:局|委员会|政府|中心|办公室|总工会|工会|工会委员会|大队|公司|管理处|办事处|服务处|街道办|热线|领导小组)$",
    )
)


@dataclass(frozen=True, slots=True)
class Substance:
    """What a reply says of the matter.

    Attributes:
        text: the clauses that say something, each closed with a comma.
        length: how many Chinese characters and numbers they hold.
        courtesies: the clauses that do not, where they stand.
    """

    text: str
    length: int
    courtesies: tuple[Evidence, ...]


def substance_of(reply: str) -> Substance:
    """Cut a reply into what it says and what it only is polite with."""
    said: list[str] = []
    polite: list[Evidence] = []
    for match in _CLAUSE.finditer(reply):
        bare = _QUOTED.sub("", match.group()).strip("()（）.、-—_·*")
        if not _HAN.search(bare):
            continue
        if is_courtesy(bare):
            polite.append(evidence_at(reply, *match.span()))
        else:
            said.append(bare)
    text = "，".join(said)
    return Substance(text, len(_HAN.findall(text)), tuple(polite))


def is_courtesy(clause: str) -> bool:
    """Whether a clause says nothing of the matter."""
    return any(pattern.search(clause) for pattern in _COURTESIES)
