"""Does a word of danger plainly mean something else here: a lift out of service, a form sent back, a written petition?

Each row tells one such sense by what stands at once before and behind the word. It holds only where a reader would say
at once that the word means something else; words of people who act or suffer (`unless`) keep the danger raised.
Everything here looks at a bounded number of characters, so reading stays linear in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gongqing.language.facts.spans import clause_after, clause_before, sentence_after, sentence_before


@dataclass(frozen=True, slots=True)
class OtherSense:
    """A sense of a word that is no danger.

    Args:
        word: what the matched words are, from their start.
        before: what stands before them in the clause, its end given by `$`.
        after: what follows them in the clause.
        need: words one of which must stand in the sentence around.
        unless: words that keep the danger when they stand in the sentence around.
        unless_before: words that keep it when they stand before in the clause.
    """

    word: re.Pattern[str]
    before: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None
    need: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    unless_before: re.Pattern[str] | None = None

    def holds(self, text: str, start: int, end: int) -> bool:
        """Whether the words between two places have this sense."""
        words = text[start:end]
        if not self.word.match(words):
            return False
        before = clause_before(text, start, 20)
        if self.before and not self.before.search(before):
            return False
        if self.after and not self.after.match(clause_after(text, end, 20)):
            return False
        if self.unless_before and self.unless_before.search(before):
            return False
        around = sentence_before(text, start, 40) + words + sentence_after(text, end, 40)
        if self.need and not self.need.search(around):
            return False
        return not (self.unless and self.unless.search(around))


_PROTEST = re.compile(
    r"政府|信访|法院|(?:厂|公司|单位|大|局)门|堵|横幅|条幅|说法|工资|薪|欠|讨|抗议|示威|维权|上访|请愿|打[人伤架砸]|斗殴|冲突|闹|拦|围"
    r"|明[天早晚日]|准备|打算|商量|约好"
)
_CREW = re.compile(
    r"司机|驾驶员|师傅|车主|船员|乘务|员工|职工|工人|工友|罢|集体|抗议|讨|工资|薪|威胁|扬言|逼|(?:我们|大家)[^，。]{0,4}(?:要|准备|决定|打算|就)"
)
_HURT = re.compile(
    r"受伤|摔|砸|压|烫|烧|绞|触电|坠|事故|工伤|手(?!段|续|机)|指(?!示|导|出|挥)|脚|腿|臂|胳膊|眼睛|头部|骨|血|神经|肌腱|机器|机床|车间|医院"
    r"|昏|残|打|撞|爆|车祸|(?:人|工友|职工|员工)[^，。]{0,4}[受遭]"
)
_BEATEN = re.compile(r"血|医院|拳|脚|腿|疼|痛|派出所|报警|保安|混混|棍|骨|晕|昏|鼻|脸|头上|伤")
_ROUGH = re.compile(
    r"打(?!印|电话|听|算|字)|威胁|恐吓|闹|追|堵|围|拦|殴|砸|骂|抢|逼|强[行拆占]|纠[集结]|雇|黑|混混|带人|叫来|喊来|冲"
)
_SEVERAL = re.compile(
    r"我们|咱们|俺们|大家|大伙|工友|业主|村民|居民|职工|员工|工人|家属|家长|一起|集体|联合|组织|群|同事|们|[几数多十百千][十百多]?[人名户]|\d[人名户]"
)
_PLACE_OF_LIVING = r"(?:居民|居住|人口|人员|人群|村民|住宅|住户|民居|群众|百姓|农户|学生|学校|商业|工业|产业|企业|生活)"

OTHER_SENSES: tuple[OtherSense, ...] = (
    # where people live close together; what gathers by itself; leisure in a square
    OtherSense(
        re.compile("聚集"),
        before=re.compile(_PLACE_OF_LIVING + "$"),
        after=re.compile(
            r"区(?!政府|委|人社|人力|劳|长|信访|法院|行政|住建|教育|公安|城管|总?工会|里|门)|地(?!铁|点|下|税|面|方|标)"
        ),
    ),
    OtherSense(
        re.compile("聚集"),
        before=re.compile(
            r"(?:人口|产业|房屋|民房|楼房|建筑|积水|雨水|污水|废气|油烟|烟雾|灰尘|粉尘|瓦斯|煤气|热量|蚊虫|蚊子|苍蝇|老鼠|蟑螂|垃圾"
            r"|野狗|流浪[狗猫犬]|病菌|细菌|病毒)$"
        ),
    ),
    OtherSense(
        re.compile("聚集"),
        after=re.compile(
            r"[^，。]{0,12}(?:跳舞|广场舞|打牌|打麻将|搓麻|下棋|唱歌|聊天|纳凉|乘凉|健身|玩耍|遛狗|烧烤|吃夜宵|喝酒|打扑克|揽客|拉客|摆摊|晨练|打球|嬉戏)"
        ),
        unless=_PROTEST,
    ),
    OtherSense(re.compile("聚集"), before=re.compile("(?:吸引|招揽)(?:了|来|和)?$"), unless=_PROTEST),
    # what runs on rails or ropes is out of service, and nobody strikes
    OtherSense(
        re.compile("停运"),
        before=re.compile(
            r"(?:电梯|扶梯|升降机|列车|火车|高铁|动车|城轨|城铁|轻轨|地铁|航班|飞机|索道|缆车|锅炉|水泵|泵站|机组)[^，。]{0,8}$"
        ),
        unless=_CREW,
    ),
    # a petition in writing that is not carried anywhere
    OtherSense(
        re.compile("请愿"),
        after=re.compile("[书信]"),
        unless=re.compile(
            r"[去赴往]|(?<![受得收看感遇达听])到(?![的了底])|上[街门省京]|进京|门口|集合|一起|集体|游行|静坐|广场|现场|堵|围|罢|当面|递|明天"
            r"|[几数多十百千]人|\d人"
        ),
    ),
    OtherSense(
        re.compile("罢工"),
        before=re.compile("(?:如|例如|包括|诸如)$"),
        after=re.compile("、(?:骚乱|战争|暴乱|动乱|政变)"),
    ),
    # who works at a desk does not sit in
    OtherSense(
        re.compile("坐在.*办公$"),
        after=re.compile("[桌椅]"),
        unless=re.compile(_SEVERAL.pattern + "|不走|不肯|不起|讨|说法|静坐|赖|闹|等着|等到"),
    ),
    OtherSense(
        re.compile("坐在.*办公$"),
        before=re.compile(r"(?:一[位名个][^，。们]{0,6}|(?:工作|办事)人员|办事员|科员)$"),
        after=re.compile("[桌椅]"),
        unless=re.compile("不走|不肯|不起|讨|说法|静坐|赖|闹|堵|门口"),
    ),
    OtherSense(
        re.compile("坐在.*办公$"),
        after=re.compile(
            r"室[里内中]?[^，。]{0,4}(?:养尊处优|吹空调|喝茶|玩手机|看报|聊天|享福|享受|拍脑袋|纸上谈兵|发号施令|指手画脚)"
        ),
        unless_before=re.compile(r"我|咱|俺|大家|大伙|工友|职工|家属|工人$"),
    ),
    OtherSense(
        re.compile("坐在(?:前台|窗口|柜台)里?办公$"),
        after=re.compile("(?![室楼大区门厅桌])"),
        unless_before=re.compile(r"我|咱|俺|大家|大伙|工友|职工|家属|工人"),
    ),
    # a building site stands still for want of material or money
    OtherSense(
        re.compile("停工"),
        before=re.compile(r"(?:项目|工程|楼盘)[^，。]{0,6}(?:被迫|全面|陷入|面临)$"),
        unless=re.compile(
            r"工人|工友|职工|员工|大家|大伙|集体|一起|讨|工资|薪|班组|不干|农民工|包工|说法|我们(?!的?(?:在建)?(?:项目|工程|楼盘))"
        ),
    ),
    # seeking one's right in vain, or alone
    OtherSense(
        re.compile("维权"),
        after=re.compile("无门|无路|之路|路漫漫|成本"),
        unless=re.compile("堵|闹|一起|集体|上街|死|拼"),
    ),
    OtherSense(
        re.compile("维权"),
        before=re.compile(r"(?<!们)我(?!们|和|跟|与|同|国|市|县|区|村|厂|公司|家|方)[^，。]{0,10}$"),
        unless=_SEVERAL,
    ),
    # 严重|伤害 of interests or feelings
    OtherSense(re.compile(".*重伤$"), before=re.compile("严$"), after=re.compile("害"), unless=_HURT),
    OtherSense(re.compile(r"[^，。]*[^，。]严重伤$"), after=re.compile("害"), unless=_HURT),
    # roads, water and power are cut off
    OtherSense(
        re.compile("[切截]断"),
        after=re.compile(
            r"了?[^，。]{0,12}(?:道路|公路|马路|通路|电源|供电|用电|水源|供水|水电|供应|供气|电路|线路|光缆|网络|信号|通道|联系|来源|交通"
            r"|管道|水管|电线|电缆|后路|出路|退路|河道|渠)"
        ),
        unless=re.compile(
            r"手(?!机|续|段)|指(?!示|导|出|挥|定)|腿|脚|胳膊|臂|神经|肌腱|骨|受伤|血|截肢|压伤|砸|占[据领]|围[攻住堵]|堵|闹|扬言|威胁|逼"
        ),
    ),
    OtherSense(
        re.compile("烧伤"),
        after=re.compile("(?:整形|外)?科"),
        unless=re.compile("车间|工地|机器|上班[时路途]|工伤|事故|干活|作业|厂|着火|起火|爆"),
    ),
    # papers are sent back, a vaccine is given, a sign is only a pretext
    OtherSense(
        re.compile("被.*打$"),
        after=re.compile(r"了?(?:回(?!家|老家|宿舍|屋|房)|下来|下去)"),
        need=re.compile(
            r"材料|资料|申请|审核|审批|手续|证件|证明|准生证|报告|申报|方案|公租房|低保|资格|表格|文件|审查"
        ),
        unless=_BEATEN,
    ),
    OtherSense(
        re.compile("被.*打$"),
        after=re.compile(r"了?[^，。拳]{0,6}(?:针|疫苗|点滴|吊瓶)"),
        need=re.compile("疫苗|点滴|吊瓶|预防针|狂犬"),
        unless=re.compile("强|逼|迫|迷|毒|绑|按[住着]|骗|昏|拐|不省|打[人伤晕]|殴"),
    ),
    OtherSense(re.compile("被.*打$"), after=re.compile(r"着[^，。]{0,16}(?:幌子|旗号|名义|招牌)")),
    # violence on a screen or as a figure; 暴利 written with the wrong character
    OtherSense(re.compile("暴力"), before=re.compile("(?:环境|文化|视觉|噪音|噪声)$")),
    OtherSense(
        re.compile("暴力"),
        after=re.compile("(?:、|和|与|及|以及|甚至|或){0,2}(?:色情|血腥|恐怖|低俗|黄色|淫秽)"),
        need=re.compile("动画|动漫|电视|节目|游戏|网吧|视频|影片|小说|漫画|画面|网站|直播|书刊"),
        unless=re.compile("打[我他她伤人]|被打|殴|威胁|恐吓|伤害"),
    ),
    OtherSense(
        re.compile("暴力"),
        before=re.compile("(?:色情|血腥|恐怖|低俗|黄色|淫秽)(?:、|和|与|及|以及|甚至|或){0,2}$"),
        need=re.compile("动画|动漫|电视|节目|游戏|网吧|视频|影片|小说|漫画|画面|网站|直播|书刊"),
        unless=re.compile("打[我他她伤人]|被打|殴|威胁|恐吓|伤害"),
    ),
    OtherSense(
        re.compile("暴力"),
        before=re.compile("(?:谋取|牟取|赚取|攫取|获取|取到|取得)$"),
        need=re.compile("赚|钱|价|卖|商"),
        unless=re.compile("打[我他她伤人砸]|被打|殴|砸|血|威胁|恐吓"),
    ),
    # a thing, and nobody, endangers safety
    OtherSense(
        re.compile("受到威胁|遭.*威胁"),
        before=re.compile(r"(?:安全|健康|生命|财产)[^，。]{0,6}$"),
        need=re.compile(
            r"电梯|油烟|污染|粉尘|噪音|噪声|废气|辐射|危房|山体|滑坡|洪水|坍塌|大货车|货车|车速|路灯|路面|高压|化工|垃圾|水库|燃气|电线"
            r"|病毒|食品|水质|饮用水|广告牌|外墙|墙砖|瓷砖|裂缝|断裂|消防|红绿灯|斑马线"
        ),
        unless=re.compile(
            r"打|骂|恐吓|黑|他(?![们]?的安全)|她|某|保安|社会|混混|流氓|跟踪|骚扰|报复|扬言|老板|工头|有人|派人|叫人|带人|不明|电话|开发商|物业"
            r"|男子|邻居|村霸|恶|刀|杀|砸|逼|多次|放话"
        ),
    ),
    # people from outside the school or the firm who come to sit an examination, to work, to use a place
    OtherSense(
        re.compile("社会(?:上的)?人员"),
        after=re.compile("(?:自主)?(?:报考|报名|参保|考试|应聘|停车|进校|缴费|锻炼|培训|就业|创业)"),
        unless=_ROUGH,
    ),
    OtherSense(
        re.compile("社会(?:上的)?人员"),
        before=re.compile("(?:面向|招聘|招收|招录|招考|聘用|录用)(?:了|的)?$"),
        unless=_ROUGH,
    ),
)
"""The rows, by word."""


def means_else(text: str, start: int, end: int) -> bool:
    """Whether the words between two places of the text plainly have another sense than danger."""
    return any(sense.holds(text, start, end) for sense in OTHER_SENSES)
