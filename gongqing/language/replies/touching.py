"""Does a reply speak of the same matter as an appeal, and does it touch one of its points?

Two texts are compared by pairs of Chinese characters, without the pairs that occur in any letter, and by the concepts
of the trade that they name, so that 工钱 meets 工资 and 社保 meets 养老保险.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gongqing.language.replies.asking import Asks, Point

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_USUAL_PAIRS = """
我们 你们 他们 您好 你好 领导 尊敬 敬的 希望 请问 谢谢 感谢 问题 情况 反映 有关 相关 部门
关部 政府 单位 公司 一个 没有 可以 可是 但是 因为 所以 如果 就是 不是 这个 那个 什么 怎么
为什 么时 时候 现在 目前 已经 能够 应该 自己 老百 百姓 解决 处理 办理 回复 答复 工作 进行
予以 按照 根据 关于 以及 并且 还有 其他 其它 今年 去年 明年 今天 昨天 之前 以后 之后 后来
一直 多次 联系 电话 网友 留言 书记 市长 人员 我的 您的 的问 题的 的时 的是 是不 不是 们的
的工 有一 一下 下的 到的 了的 在的 也是 都是 还是 不能 不会 不到 不了 要求 建议 咨询 投诉
请求 恳请 呼吁 关注 重视 支持 理解 监督 尽快 及时 认真 调查 核实 了解 经过 经调 现将 如下
复如 将有 关情 况回
"""
_USUAL = frozenset(_USUAL_PAIRS.split())

_CONCEPTS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "pay",
            r"工资|工钱|薪|报酬|劳务费|血汗钱|工钿|欠|提成|奖金|绩效|尾款|计件|块钱|到账|结清|付清|打卡上|津贴|补贴|派费",
        ),
        ("overtime", r"加班|超时|双休|单休|排班|工时|工作时间|夜班|倒班"),
        ("leave", r"年休|年假|病假|产假|婚假|丧假|休假|假期|请假|休息|带薪|高温假|陪产|补休|调休|考勤"),
        ("contract", r"合同|劳动关系|劳务派遣|外包|试用期|竞业"),
        ("insurance", r"社保|社会保险|养老保险|五险|医保|公积金|缴费|参保|补缴|断缴|失业金"),
        ("injury", r"工伤|受伤|伤残|骨折|伤|职业病|尘肺|劳动能力鉴定|医药费|治疗费"),
        ("dismissal", r"辞退|开除|裁员|裁撤|撤销|解除|解雇|离职|辞职|补偿|赔偿|离开|买断|工龄|N\+1"),
        ("safety", r"安全|防护|危险|高温|暑|粉尘|噪音|有毒|隐患|消防|劳保"),
        ("women", r"女职工|怀孕|孕|哺乳|产检|生育|性骚扰"),
        ("law", r"仲裁|诉讼|起诉|打官司|法院|法律|律师|劳动监察|监察|调解"),
        ("union", r"工会|会员|入会|建会|会费|职代会|职工代表|厂务公开"),
        ("care", r"困难|帮扶|慰问|救助|补助|互助|低保|大病|助学|爱心"),
        ("training", r"培训|技能|证书|职称|考证|学历|求学|评价|等级|劳模|工匠|晋升|面试|录用"),
        ("canteen", r"食堂|伙食|吃饭|餐|宿舍|住宿|热水|空调|澡|驿站|厕所|充电"),
        ("commute", r"班车|公交|停车|通勤|路灯|站点"),
        ("family", r"托管|孩子|子女|小孩|幼儿|入学|学校|学区|暑托|托育"),
        ("mood", r"心理|压力|抑郁|情绪|联谊|相亲|交友|活动|健身|文体|比赛|图书"),
        ("house", r"房|物业|小区|拆迁|安置|产权|违建"),
        ("road", r"路|桥|地铁|交通|红绿灯|车道"),
        ("noise", r"噪音|噪声|扰民|油烟|污染|垃圾|臭|环境"),
        ("fee", r"收费|费用|价格|退费|退款|学费"),
    )
)

_ANSWERS = {
    Asks.WHEN: re.compile(
        r"\d{1,2}月|\d{4}年|年底|月底|上半年|下半年|季度|\d+个?(?:工作日|天|周|月)|[一二三四五六七八九十]个?(?:工作日|天|周|月)|下周|明天|本周|暂无|暂未|无法确定|尚未确定|待"
    ),
    Asks.HOW_MUCH: re.compile(r"\d|[一二三四五六七八九十百千万]+(?:元|块|天|年|倍|个)|标准"),
    Asks.WHERE: re.compile(r"局|中心|窗口|地址|电话|街道|社区|大厅|平台|公众号|网站|科|处|工会|仲裁委|法院|\d{7,}"),
    Asks.WHY: re.compile(
        r"因|由于|鉴于|为(?:了|切实|解决|保证|确保|方便|避免)|是为|属|考虑|所致|导致|只能|无能力|限制|条件|根据|按照|要求"
    ),
    Asks.WHETHER: re.compile(r"可|支持|会|能|不能|不得|不予|属于|不属于|已|没有|未|是|符合|不符合|有|无|需"),
    Asks.HOW: re.compile(r"可|需|请|先|携带|持|凭|按|通过|到|向|申请|登记|办理"),
    Asks.DONE: re.compile(
        r"已|将|会|拟|计划|不|未|无|正|要求|责令|完成|安排|协商|支付|到位|可|为\d|标准|现场|约谈|答应|同意"
    ),
}
ENOUGH_RELEVANCE = 0.2
ENOUGH_FOR_A_WISH = 0.12
ENOUGH_SHARED = 0.2
ENOUGH_PAIRS = 60


@dataclass(frozen=True, slots=True)
class Matter:
    """What a text speaks of: its telling pairs of characters, and the concepts that it names."""

    pairs: frozenset[str]
    concepts: frozenset[str]


def matter_of(text: str) -> Matter:
    """The matter of a text; linear in its length."""
    pairs = {run[n : n + 2] for run in _HAN.findall(text) for n in range(len(run) - 1)}
    return Matter(frozenset(pairs - _USUAL), frozenset(name for name, pattern in _CONCEPTS if pattern.search(text)))


def relevance_of(appeal: Matter, reply: Matter) -> float:
    """How much of the appeal's matter the reply speaks of, 0–1."""
    fewer = min(len(appeal.pairs), len(reply.pairs), ENOUGH_PAIRS)
    shared = len(appeal.pairs & reply.pairs) / fewer if fewer else 0.0
    named = len(appeal.concepts & reply.concepts) / len(appeal.concepts) if appeal.concepts else 0.0
    return min(1.0, shared + 0.3 * named * (1 - min(shared, 1.0)))


def touches(point: Point, reply: Matter, said: str, whole: float) -> bool:
    """Whether a reply touches a point: by its words, or by a word of the kind that would answer it.

    Args:
        said: the reply without its courtesies.
        whole: how much of the whole appeal the reply speaks of.
    """
    mine = matter_of(point.text)
    shared = len(mine.pairs & reply.pairs) / len(mine.pairs) if mine.pairs else 1.0
    enough = ENOUGH_RELEVANCE if point.is_question else ENOUGH_FOR_A_WISH
    if not _ANSWERS[point.asks].search(said):
        return False
    return shared >= ENOUGH_SHARED or bool(mine.concepts & reply.concepts) or whole >= enough
