"""Which words assert which circumstance: the table of flags.

Each row is one way of saying it. Alternatives begin with literal characters, and every gap is bounded, so a search is
linear in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Flag(StrEnum):
    """A circumstance that a grading rule may ask for."""

    ARREARS = "arrears"
    FLED = "employer_fled"
    GATHERED = "gathered"
    PREPARING = "preparing_collective_action"
    HEATED = "heated"
    REPEATED = "repeated_asking"
    OVER_HEADS = "over_heads"
    LAYOFF = "layoff"
    DEATH = "work_death"
    SERIOUS_INJURY = "serious_injury"
    MANY_INJURED = "three_seriously_injured"
    POISONING = "poisoning"
    RISKY_WORK = "risky_work"
    CHILD_LABOUR = "child_labour"
    FORCED_LABOUR = "forced_labour"
    WITHHELD_DOCUMENTS = "withheld_documents"
    CONFINED = "confined"
    SEXUAL_HARASSMENT = "sexual_harassment"
    VIOLENCE = "violence"
    RETALIATION = "retaliation"
    MINOR = "minor"
    PREGNANCY = "pregnancy"
    DISABLED = "disabled"
    HARDSHIP = "hardship"
    MEDIA = "media"
    GROUP = "unnumbered_group"
    RESUBMITTED = "resubmitted"
    SELF_HARM = "self_harm"
    HARM_OTHERS = "harm_others"
    SUSPECTED = "suspected_danger"


DANGERS = frozenset(
    {
        *(Flag.GATHERED, Flag.PREPARING, Flag.DEATH, Flag.SERIOUS_INJURY, Flag.MANY_INJURED, Flag.POISONING),
        *(Flag.CHILD_LABOUR, Flag.FORCED_LABOUR, Flag.WITHHELD_DOCUMENTS, Flag.CONFINED),
        *(Flag.SEXUAL_HARASSMENT, Flag.VIOLENCE),
    }
)
"""What is danger beside threats: blockades, deaths and injuries, people held, beaten or harassed."""


@dataclass(frozen=True, slots=True)
class Sign:
    """How a flag is written.

    Args:
        pattern: the words.
        near: words one of which must stand within the sentence around, when given.
        not_after: what may not follow at once.
        not_before: what may not stand before, in the clause.
        not_within: what the matched words themselves may not hold.
        threat: a threat counts also when it is conditional (再不…就…), asked or told with 如果.
    """

    flag: Flag
    pattern: re.Pattern[str]
    near: re.Pattern[str] | None = None
    not_after: re.Pattern[str] | None = None
    not_before: re.Pattern[str] | None = None
    not_within: re.Pattern[str] | None = None
    threat: bool = False


_WORK = (
    r"(?:工伤|上班|车间|机器|工地|干活|作业|受伤|因工|因公|厂里|下井|施工|做工|摔|砸|压伤"
    r"|压断|烫|绞|切|坠|触电|电锯|行车|叉车|事故"
    r"|工作中|工作时|送货|送餐|送外卖|派送|途中)"
)
_PAY = (
    r"(?:工资|薪水|薪资|薪金|工钱|工钿|钞票|铜钿|劳务费|劳动报酬|报酬|血汗钱|工程款|提成"
    r"|尾款|加班费|加班工资|绩效|奖金)"
)
_NOT = r"(?:没有|没|未|不|勿|冇|莫|呒没|呒|木有)"
_PAY_VERB = r"(?:发放|发|付|给|结算|结清|结|兑现|兑付|支付|到手|到账|着落|拿到|拿|领到|领|拔|拨)"

SIGNS: tuple[Sign, ...] = (
    Sign(
        Flag.ARREARS,
        re.compile(
            r"欠薪|讨薪|讨工[资钱]|追薪|讨要[^，。！？；]{0,6}(?:工资|薪|工钱|血汗)"
            r"|追讨[^，。！？；]{0,10}(?:工资|薪|工钱)"
            rf"|拖欠[^，。！？；《》]{{0,24}}{_PAY}|欠[^，。！？；《》]{{0,14}}{_PAY}"
            rf"|拖[^，。！？；《》]{{1,10}}工[资钱钿]"
            rf"|(?:报酬|工资)[^，。！？；]{{0,4}}(?:克扣|被扣)|克扣[^，。！？；]{{0,10}}(?:工资|薪"
            rf"|报酬|工钱)|扣押[^，。！？；]{{0,6}}工资|扣发[^，。！？；]{{0,6}}工资"
            rf"|压[着了]?[^，。！？；]{{0,6}}工[资钱]"
        ),
        not_after=re.compile(r"(?:支付条例|的规定|纠纷案例)"),
        not_within=re.compile(r"退休|养老|社保|保险"),
    ),
    Sign(
        Flag.ARREARS,
        re.compile(
            rf"{_PAY}[^，。！？；《》]{{0,14}}?{_NOT}(?:按时|及时|能|见|有|曾|得到|给我们|给我|得)?{_PAY_VERB}"
            rf"|{_NOT}(?:有|给|按时|及时|能)?(?:发放|发|付|给|结算|结|支付|拿到过?|领到过?"
            rf"|见到)[^，。！？；《》]{{0,8}}(?:工资|薪水|薪资|工钱|工钿|钞票|血汗钱)"
            r"|发不出工[资钱]|白干[了活]?|分文[未没]|一分钱?[^，。！？；]{0,4}(?:没|未"
            r"|都没)[^，。！？；]{0,3}(?:拿|给|发|结|付)"
            r"|拿不到[^，。！？；]{0,6}(?:工资|工钱|薪|工钿|钱)|领不到[^，。！？；]{0,6}(?:工资|工钱"
            r"|薪)|要不到[^，。！？；]{0,6}(?:工资|工钱|薪|钱)"
        ),
        near=re.compile(r"工资|薪|工钱|工钿|报酬|血汗|活|老板|劳务|提成|绩效|加班|钞票|铜钿|款"),
        not_after=re.compile(r"(?:加班费?的|条例)"),
        not_before=re.compile(r"(?:退休|养老)[^，。]{0,6}$"),
        not_within=re.compile(r"退休|养老|社保|保险"),
    ),
    Sign(
        Flag.FLED,
        re.compile(
            r"跑路|卷款|卷钱|逃匿|失联|失踪|人间蒸发|玩消失|躲[起了]来|躲债|潜逃|联系不[上到]"
            r"|找不到(?:老板|人|负责人|包工头)|不见踪影|不见人影|(?:老板|包工头|工头|负责人|法人"
            r"|经理|东家|厂长|公司|中介)[^，。！？；]{0,6}(?:跑[了掉]|不见[了勒咯]|消失|跑[得的]没影"
            r"|逃[了走])"
            r"|连夜搬|半夜搬|偷偷搬|搬空|转移(?:设备|资产|财产|机器|资金)|人去楼空"
            r"|电话[^，。！？；]{0,4}(?:打不通|关机|停机|空号|不接)|逃走|逃跑|溜[掉了]"
            r"|拉黑|不知去向|下落不明|大门紧锁|关门走人"
        ),
        near=re.compile(r"老板|公司|厂|负责人|包工头|工头|法人|企业|东家|店|经理|承包|设备|工资|欠"),
        not_before=re.compile(r"(?:时间|机会|福利|人才|员工|骑手|司机|工人)[^，。]{0,2}$"),
    ),
    Sign(
        Flag.REPEATED,
        re.compile(
            r"多次[^，。！？；]{0,16}(?:讨|要|找|催|反映|反应|协商|交涉|投诉|沟通|上门|打电话|联系"
            r"|维权|请求|要求|提出|去|到)|多番|数次|无数次|屡次|屡屡|三番[五两四]次"
            r"|一次次|一次又一次|一拖再拖|一再拖|一直推|互相推|相互推|推诿|推三阻四|推脱|踢皮球|扯皮"
            r"|反复(?:讨|找|要|催|反映|协商)|天天(?:找|催|问|打电话)|每次都(?:说|是|推)"
            r"|[去跑找要催讨问][了过]?(?:好几|[两三四五六七八九十几多]|[3-9])[五六七]?[次趟回遍]"
            r"|讨要无果|协商无果|讨薪无果|追讨无果|沟通无果|投诉无果|都没有?结果|一直没有?结果"
            r"|[两三四五六七八九十]次三番|催了[^，。！？；]{0,4}遍"
        ),
    ),
    Sign(
        Flag.HEATED,
        re.compile(
            r"一触即发|矛盾[^，。！？；]{0,4}激化|激化矛盾|情绪(?:很|非常|十分|比较|都很|都|越来越"
            r"|特别|极其)?(?:激动|激烈|失控|不稳|冲动)|群情激[愤奋昂]|压不住了|快要?闹起来|要出大?事"
            r"|引发群体"
            r"|群体性事件|剑拔弩张|随时可能(?:爆发|冲突|闹)"
        ),
        not_before=re.compile(r"(?:不要|避免|防止|以免|不想)[^，。]{0,6}$"),
    ),
    Sign(
        Flag.RESUBMITTED,
        re.compile(
            r"第[二三四五六七2-7]次(?:发帖|留言|反映|投诉|写信|来信|求助|上书)|再次(?:反映|反应|留言"
            r"|投诉|求助|来信|写信|上书|请求|恳请|质疑)|又一次(?:反映|留言|投诉|求助)|重复投诉"
            r"|已[经]?(?:是)?(?:第?[两二三四五六七八九2-9]次|多次)[^，。！？；]{0,10}(?:反映|留言"
            r"|投诉)|上次(?:反映|留言|投诉|回复)"
            r"|(?:反映|投诉|留言|举报|反应|信访)[^。！？；\n]{0,24}(?:没有|没|未|不予|石沉大海|杳无"
            r"|迟迟|不见|无人)[^，。！？；]{0,6}(?:回复|答复|处理|解决|回应|回音|结果|音信|理睬|受理"
            r"|有所作为)"
            r"|(?:质疑|不服|不满意?|不认可|不同意)[^，。！？；]{0,24}(?:回复|答复)|(?:回复"
            r"|答复)[^，。！？；]{0,10}(?:质疑|不服|不满|敷衍|避重就轻|答非所问)|信访(?:事项)?复查"
            r"|[部局厅府委站队会办][^，。！？；]{0,12}(?:踢皮球|推诿|互相推)"
            r"|(?:反映|投诉|找过|找了)[^。！？；\n]{0,24}(?:无果|均无|都没有?解决|没有?解决"
            r"|未[能得][^，。]{0,4}解决|都没有?结果)"
        ),
        near=re.compile(
            r"局|部门|政府|热线|12345|12333|12351|监察|仲裁|信访|厅|劳保|社区|街道|工会|平台|书记"
            r"|市长|领导|回复|答复|帖|留言|大队|站|办"
        ),
    ),
    Sign(
        Flag.LAYOFF,
        re.compile(
            r"裁员|裁减|裁掉|被裁|裁了|大规模(?:裁|辞退|解除)|批量(?:辞退|解除)|集体(?:辞退|解雇"
            r"|遣散)|遣散|全部(?:辞退|解除|裁)|优化掉|关门裁"
        ),
        not_after=re.compile(r"^(?:条件|标准|赔偿标准|的规定|补偿怎么算)"),
    ),
    Sign(
        Flag.DEATH,
        re.compile(
            r"工亡|因[工公][^，。！？；]{0,4}(?:死|身亡|去世|牺牲|殉职)|当场死亡|抢救无效|抢救不过来"
            r"|当场[^，。！？；]{0,3}(?:没了(?![^，。！？；、\s])|没气|断气|咽气|不行了)|没(?:能)?救(?:回来|过来|活)"
            r"|医院[^，。！？；]{0,4}(?:人就?没了|就没了|人走了|没气了)"
            r"|没抢救过来|[摔压砸电闷轧撞绞淹]死[了在人]|触电死亡|坠亡|坠落死亡|猝死|身亡|遇难"
            r"|出了?人命|死了[一二两三四五六七八九\d]+个?人|累死在|死在(?:工地|岗位|车间|厂里)"
        ),
        near=re.compile(_WORK + r"|工人|职工|员工|同事|工友|岗位|加班|矿|塔吊|脚手架|吊车"),
        not_after=re.compile(r"^(?:待遇|标准|补助|补偿|赔偿标准|怎么|人员|职工|家属|抚恤|的?风险|的?可能|率|保险)"),
        not_before=re.compile(r"非$"),
    ),
    Sign(
        Flag.SERIOUS_INJURY,
        re.compile(
            r"骨折|截肢|重伤|住院|昏迷|植物人|瘫痪|大面积烧伤|烧伤|重症|ICU|icu|抢救|动了?手术"
            r"|做了?手术|断[手指腿脚臂]|切断|压断|绞断|轧断|锯断|夹断|截断|开颅|脑出血|失明"
            r"|眼睛[^，。！？；]{0,3}瞎|残废|粉碎性"
            r"|[一二三四五六1-6]级(?:伤残|残疾)"
        ),
        near=re.compile(_WORK),
        not_after=re.compile(
            r"^(?:补助|津贴|军人|证|人士|就业|保障金|医保|费?报销|[^，。没未不]{0,3}(?:拆了?石膏|拆了?钢板|愈合|痊愈|养好|长好))"
        ),
        not_before=re.compile(
            r"(?:父亲|母亲|妻子|老婆|孩子|儿子|女儿|生病|患病|疾病|心脏病|高血压|生育|产检|分娩|生小孩|感冒|癌|肿瘤"
            r"|糖尿病)[^，。]{0,8}$"
        ),
    ),
    Sign(
        Flag.MANY_INJURED,
        re.compile(
            r"(?:[三四五六七八九十百]|[3-9]|[1-9]\d)[多余]?[个名位]?[^，。！？；\d]{0,4}(?:受)?重伤"
            r"|重伤(?:[三四五六七八九十]|[3-9]|[1-9]\d)[人名个]"
        ),
    ),
    Sign(
        Flag.POISONING,
        re.compile(
            r"急性[^，。！？；]{0,6}中毒|集体中毒|中毒[^，。！？；]{0,8}(?:住院|昏迷|晕倒|送医|抢救"
            r"|倒下|急救)|(?:苯|硫化氢|一氧化碳|煤气|氨气|氯气|有机溶剂|正己烷|甲醛|铅)中毒"
        ),
        near=re.compile(_WORK + r"|工人|职工|员工|工友|同事|厂|公司"),
        not_after=re.compile(r"^(?:怎么预防|的?预防|演练|知识|事故应急)"),
    ),
    Sign(
        Flag.RISKY_WORK,
        re.compile(
            r"违章指挥|违规指挥|冒险作业|冒险施工|强令[^，。！？；]{0,8}作业"
            r"|重大[^，。！？；]{0,4}隐患|严重[^，。！？；]{0,4}安全隐患|带病运[行转]"
            r"|[没无不](?:有)?(?:给)?(?:系|发|配|戴)?(?:任何)?(?:安全带|安全帽|安全绳|防护措施"
            r"|防护网|防护栏|安全措施|防护装置)"
            r"|随时(?:会|都会|可能|都可能|有可能|要)[^，。！？；]{0,6}(?:塌|倒|掉|爆|炸|着火|出事"
            r"|坠)|防护罩[^，。！？；]{0,4}(?:拆|坏)|安全装置[^，。！？；]{0,4}(?:拆|坏|失灵)"
            r"|刹车[^，。！？；]{0,4}(?:失灵|坏)"
        ),
        near=re.compile(_WORK + r"|高空|脚手架|上岗|工人|职工|员工|厂|公司|老板|吊"),
        not_before=re.compile(r"(?:房屋|小区|道路|马路|交通|电梯|食品)[^，。]{0,8}$"),
    ),
    Sign(
        Flag.CHILD_LABOUR,
        re.compile(
            r"童工|(?:未满|不满|不到)(?:16|十六|15|十五|14|十四)周?岁|才?(?:1[0-5]"
            r"|十[一二三四五])岁[^，。！？；]{0,12}(?:上班|打工|干活|做工|进厂|厂里|工厂|工作)"
            r"|(?:1[0-5]|十[一二三四五]{1,2})岁的?(?:小孩|孩子|娃|小姑娘|小男孩|小女孩|学生|初中生|小鬼)[^，。！？；]{0,4}"
            r"在[^，。！？；家学]{0,8}(?:车间|流水线|厂|工地|作坊|店|机器)[^，。！？；]{0,4}(?:干|做|打工|上班|搬|装|缝)"
        ),
        near=re.compile(r"工|厂|店|公司|雇|招|上班|车间|流水线"),
        not_after=re.compile(r"^(?:规定|怎么认定|的?(?:法律|危害|年龄|定义|界定)|[^，。]{0,3}(?:参加工作|入伍|参军))"),
        not_before=re.compile(r"(?:工作时|工龄|参军|入伍|当时|参加工作|禁止|严禁|不得|招用|属于?)[^，。]{0,8}$"),
    ),
    Sign(
        Flag.FORCED_LABOUR,
        re.compile(
            r"强迫(?:劳动|我们干|工人干|干活)|强制劳动|逼(?:着)?(?:我们|工人)?(?:没日没夜|日夜)?干活"
            r"|黑砖窑|奴役|不干就打"
        ),
    ),
    Sign(
        Flag.WITHHELD_DOCUMENTS,
        re.compile(
            r"(?:扣押|扣留|扣住|扣下|扣了|扣着|没收|收走|收了|押了|押着|押"
            r"|扣)[^，。！？；钱费工资]{0,8}(?:身份证|护照|毕业证|驾驶证|证件)|(?:身份证|护照|证件"
            r"|毕业证|驾驶证)[^，。！？；]{0,6}(?:被扣|扣押|扣着|扣下|扣住|收走|收了去|没收|押在"
            r"|不还)"
        ),
        not_after=re.compile(r"^(?:复印件|号|[^，。没未不]{0,4}(?:发还|归还|退还|还了|还给))"),
    ),
    Sign(
        Flag.CONFINED,
        re.compile(
            r"限制[^，。！？；]{0,6}人身自由|非法拘禁|(?:关|锁)在[^，。！？；]{0,8}(?:里|宿舍|屋|房"
            r"|仓库|办公室)[^，。！？；]{0,6}(?:不让|不准|出不)|不让(?:我|我们|工人|人)?(?:走|离开"
            r"|出厂|出门|出大门|回家)|不准(?:离开|出厂|出门)|看(?:守)?着(?:我们)?不让"
        ),
        near=re.compile(r"厂|公司|老板|工地|宿舍|经理|保安|人身|车间|工头|工人|中介|单位|我"),
        not_before=re.compile(r"(?:业主|小区|物业|怪我|说我)[^，。]{0,8}$"),
        not_after=re.compile(r"^(?:赔偿|消防|正门|前门|侧门|电梯|通道|近路|快车道|机动车道|高速)"),
    ),
    Sign(
        Flag.SEXUAL_HARASSMENT,
        re.compile(
            r"性骚扰|猥亵|性侵|动手动脚|毛手毛脚|摸[我她](?!底)|咸猪手|黄色(?:笑话|段子|短信)|开黄腔"
            r"|(?:主管|领导|经理|老板|组长|师傅|上司|同事|厂长|店长)[^，。！？；]{0,6}骚扰|骚扰(?:女"
            r"|我|她)"
        ),
        not_after=re.compile(r"^(?:电话|短信|的?定义|讲座|培训|(?:的?(?:防治|预防|防范|防控))|条款|专章|制度)"),
        not_before=re.compile(r"(?:电话|短信|噪音)[^，。]{0,4}$|[防反]$"),
    ),
    Sign(
        Flag.VIOLENCE,
        re.compile(
            r"殴打|鸥打|(?<!社会的)(?<!生活的)(?<!现实的)毒打|暴打|追打|群殴|打[晕昏](?!头)"
            r"|打得[^，。！？；]{0,4}(?:吐血|住院|骨折|痛晕|[晕昏]了?过去)|拳打脚踢|(?:打|扇|抽|甩)[^，。！？；自]{0,6}耳光"
            r"|体罚(?:了|我|学生|孩子|小孩|员工|工人|徒弟)|打人(?!工)|打伤|打了(?:我|他|她|我们|工人|人)|被[^，。！？；]{0,6}打(?!电话|字|爆|趴|听"
            r"|磨|交道|入|破|卡|工|扫|发|压|击|断|算|分|造|印|包)|暴力|围殴|黑社会|打手"
            r"|社会(?:上的)?人员|人身威胁|威胁(?:我|恐吓|他|她|员工|工人|要|说)|受到威胁"
            r"|遭[^，。！？；]{0,8}威胁|恐吓|扬言要打|找人(?:打|收拾|修理|弄)"
        ),
        not_after=re.compile(r"^(?:执法|强拆|犯罪|片|事件频发)"),
        not_before=re.compile(r"(?:家庭|冷)$"),
    ),
    Sign(
        Flag.RETALIATION,
        re.compile(
            r"打击报复|报复(?!社会|性消费)|穿小鞋|秋后算账|因[为]?[^，。！？；]{0,10}(?:举报|投诉"
            r"|维权|反映|参加工会|仲裁)[^，。！？；]{0,8}(?:被|遭|就)[^，。！？；]{0,6}(?:辞退|开除"
            r"|调岗|降薪|处分|辞|停)|(?:举报|投诉|维权)[^，。！？；]{0,6}(?:后|之后|以后"
            r"|了)[，,]?[^，。！？；]{0,6}(?:被|就被|遭)[^，。！？；]{0,6}(?:辞退|开除|调岗|降薪"
            r"|处分|停职|针对)"
        ),
        not_before=re.compile(r"(?:怕|害怕|担心|防止|避免|避免受|恐)[^，。]{0,6}$"),
    ),
    Sign(
        Flag.MINOR,
        re.compile(
            r"未成年工?|(?:未满|不满|不到|未)(?:18|十八)周?岁|(?<![\d一二三四五六七八九十])(?:16|17"
            r"|十六|十七)周?岁"
        ),
        near=re.compile(r"工|厂|店|公司|雇|招|上班"),
        not_before=re.compile(r"(?:孩子|子女|儿子|女儿|小孩)[^，。]{0,4}$"),
    ),
    Sign(
        Flag.PREGNANCY,
        re.compile(r"怀孕|孕期|孕妇|有了?身孕|哺乳期|怀着孩子|有喜|产期|孕[0-9一二三四五六七八九]个?月|身怀"),
    ),
    Sign(
        Flag.DISABLED,
        re.compile(r"残疾|残障|聋哑|双目失明|肢残|盲人"),
        not_before=re.compile(r"(?:女儿|孩子|儿子)[^，。]{0,3}$"),
    ),
    Sign(Flag.HARDSHIP, re.compile(r"低保|特困|困难职工|建档立卡|建档困难|在档困难|五保")),
    Sign(
        Flag.MEDIA,
        re.compile(
            r"电视台[^，。！？；]{0,6}(?:来|采访|报道|播|拍|曝光)|记者[^，。！？；]{0,4}(?:来|采访"
            r"|报道|问|拍)|媒体[^，。！？；]{0,6}(?:已|都|报道了|采访了|曝光了|关注了|报道过)"
            r"|上了?热搜|[登上]了?头条|网上(?:已经|都|到处|疯)[^，。！？；]{0,4}(?:传|转|在说|热议"
            r"|知道)|(?:已经?|都)[^，。！？；]{0,8}(?:抖音|网上|网络|微博|快手|媒体"
            r"|朋友圈)[^，。！？；]{0,6}(?:发|传|曝|报|转|火)"
            r"|(?:抖音|快手|微博|视频|帖子)[^，。！？；]{0,8}(?:播放量|点赞|转发|阅读量|浏览量)"
            r"|几[十百千万]+[^，。！？；]{0,3}(?:转发|点赞|播放)|舆情|炒得沸沸扬扬"
            r"|引起[^，。！？；]{0,6}网友"
        ),
        not_before=re.compile(r"(?:要|准备|打算|将|就|会|求|请|希望|欢迎)[^，。]{0,6}$"),
    ),
)
