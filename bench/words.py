"""What do the measured city's workers say? Invented sentences, put together anew for every appeal.

The first words of an appeal are one of the demonstration's texts, which the classifier and the grading read; the rest
tells of shifts, places and days, so that no two texts are alike and search meets words of every frequency.
"""

from __future__ import annotations

from random import Random

PLACES = (
    *("东门", "西桥", "南塘", "北渡", "梅山", "柳汀", "望春", "甬港", "双桥", "石浦", "月湖", "清水", "鼓楼", "长丰"),
    *("高塘", "下沙", "前洋", "后隆", "大河", "小港", "云龙", "五乡", "三山", "百丈", "白鹤", "明楼", "樟树", "桑洲"),
)
TRADES = (
    *("注塑", "冲压", "装配", "包装", "质检", "仓储", "搬运", "焊接", "喷涂", "裁剪", "缝纫", "保洁", "配菜", "送餐"),
    *("驾驶", "木工", "钢筋", "水电", "数控", "打磨", "电镀", "印刷", "染整", "收银", "护理", "安保", "客服", "分拣"),
)
WHO = ("班组长", "车间主任", "人事主管", "带班师傅", "门店店长", "项目经理", "财务会计", "行政前台", "厂长助理", "线长")
WHEN = ("早班", "中班", "夜班", "周六", "周日", "月底", "月初", "节前", "换班时", "午休时", "下班后", "开会时")
SAID = (
    "让我再等等",
    "说他也做不了主",
    "说要问老板",
    "没有当面答复",
    "把电话挂了",
    "说按规定办",
    "答应下周答复",
    "推给劳务公司",
)
KEPT = ("考勤照片", "银行流水", "工资条", "聊天记录", "通话录音", "劳动合同", "排班表", "收据", "工作证", "处理单")
WISHES = (
    *("希望工会帮忙问一问", "想请工会出面协调", "盼望早点有个说法", "麻烦有人来现场看看", "请给我们一个准信"),
    *("只想把事情讲清楚", "也不想闹得难看", "能不能约双方当面谈", "希望有人教教我怎么办", "请尽快给个回音"),
)
HOMES = (
    *("家里老人身体不好", "孩子今年刚上小学", "房租这个月到期", "老家还有贷款要还", "爱人最近也没有上班"),
    *("我是外地来宁波的", "在这边做了好几年", "同一间宿舍的都知道", "一起来的老乡有几个", "平时很少请假"),
)
SENTENCES = (
    "我在{p}那边的{t}岗位做了{n}年，{w}我们{g}都在，{h}。",
    "上{n}次{w}去找{o}，{o}{s}，后来又去了{m}趟也是一样。",
    "{k}和{q}我都留着，需要的话可以送到{p}去。",
    "{w}的时候{o}当着大家的面{s}，{g}心里都不踏实。",
    "从{p}坐车到单位要{m}十分钟，{t}的活又赶，{h}。",
    "{h}，{i}，电话{w}打都可以。",
    "我们{t}组一共{m}个人，年纪都不小了，{o}{s}。",
    "这件事已经拖了{m}个多星期，{k}也给{o}看过，{i}。",
    "{p}的{g}遇到过差不多的情况，听说后来{n}天就解决了，{i}。",
    "厂里的{t}设备{w}常停，{o}{s}，我们只好在{p}等着。",
    "具体是{n}月{m}号{w}的事，当时{o}和两个{t}的同事在场。",
    "{i}，{h}，{q}复印件我可以补交。",
)
GROUPS = ("工友", "同事", "师兄弟", "几个老乡", "一条线上的人", "女职工", "新来的", "老员工")
SYLLABLES = tuple(
    "安宝昌诚达德丰福光广海恒宏华汇佳嘉建金锦景康立利隆茂美明宁鹏启庆荣瑞森盛顺泰天通万旺伟祥欣新兴旭亚阳益永裕源远云泽展振正中众"
)
SURNAMES = "陈王张李周徐胡林郑沈俞毛方朱史柴竺励应邬杨吴赵孙黄何郭罗谢韩"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红"
BRAND_LENGTH = 4


def tail(rng: Random, *, at_least: int) -> str:
    """So many characters or a little more of what nobody else has said in this order."""
    said, length = [], 0
    choice = rng.choice
    while length < at_least:
        sentence = choice(SENTENCES).format(
            p=choice(PLACES),
            t=choice(TRADES),
            o=choice(WHO),
            w=choice(WHEN),
            s=choice(SAID),
            k=choice(KEPT),
            q=choice(KEPT),
            i=choice(WISHES),
            h=choice(HOMES),
            g=choice(GROUPS),
            n=int(rng.random() * 8) + 2,
            m=int(rng.random() * 7) + 3,
        )
        said.append(sentence)
        length += len(sentence)
    return "".join(said)


def person_name(rng: Random) -> str:
    """A name of three characters."""
    return rng.choice(SURNAMES) + rng.choice(GIVEN) + rng.choice(GIVEN)


def brand(rng: Random) -> str:
    """The four characters that tell one invented employer from another."""
    return "".join(rng.choices(SYLLABLES, k=BRAND_LENGTH))
