"""Does anyone in this text threaten to hurt himself or others (G11, G12), and should the words be taken as said?

Words stay red unless the text itself takes them back: a plain denial (我不会自杀), a film or a piece of news, a
figure of speech (跳楼价). Another person's threat (怕他跳楼), a condition (再不给钱就跳楼), a question
(是不是要逼我跳楼) and everything in doubt stay red; a human may lower it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_GAP = r"[ \t·.\-*_/~]{0,2}"
"""What people put between characters to slip past a filter."""


def _spaced(words: str) -> str:
    """A pattern for each of the words, which spaces part, with gaps allowed between its characters."""
    return "|".join(_GAP.join(map(re.escape, word)) for word in words.split())


@dataclass(frozen=True, slots=True)
class CrisisHit:
    """A threat that is taken seriously: rule `G11` or `G12`, and its place in the text."""

    rule: str
    start: int
    end: int
    words: str


_SELF = re.compile(
    _spaced(
        "自杀 轻生 自尽 自焚 自残 寻死 寻短见 想不开 不想活 不想再活 活腻 跳楼 跳河 跳江 跳桥 "
        "跳海 跳湖 跳下去 割腕 上吊 遗书 遗言 绝笔 喝农药 喝百草枯 喝敌敌畏 吞药 烧炭 一死了之 "
        "一了百了 以死 结束生命 结束自己 了结自己 了结生命 了此残生 死了算了 死给 死掉算了 "
        "不如死 不如去死 想死 去死 找死路 寻了短见 卧轨 撞墙死 不活了 活不下去 没法活了 活不成 "
        "没活路 没有活路 生不如死 绝食 zisha 自sha 跳lou 跳喽 不想火了 想si 自鲨 没有活下去 "
        "不想继续活 不愿意活 活着没意思 活着没意义 活着没有意义 活着没有意思 活着好累 不想醒来 "
        "同意死 死在你们 死在公司 死在厂 死在工地 死在政府 死也要死 死路一条 勿想活"
    )
)
_SELF_PHRASES = re.compile(
    r"(?:从|往|站在|爬上|爬到|冲上)[^，。！？!?；;\n]{0,12}?(?:跳下|往下跳|一跃|跳了下)|(?:要|想|准备|打算|就|给钱就|也)往下跳|跳下去"
    r"|(?:站|坐|爬)(?:在|到|上)[^，。！？!?；;\n]{0,6}?(?:天台|楼顶|顶楼|塔吊|塔机|桥栏|桥上|阳台边|窗台|屋顶边)(?!施工|作业|干活|装|修|的|上班|维)"
    r"|割(?:了|破|开|断)?(?:自己)?(?:的)?(?:手)?腕|划(?:了|破|开)?(?:自己)?(?:的)?手腕|吊死|点火烧自己|烧死自己|闷死自己|掐死自己|淹死自己"
    r"|喝(?:了|下|过|完|多少|一瓶|半瓶|点|着)?(?:一瓶|半瓶|整瓶)?(?:农药|百草枯|敌敌畏|老鼠药|毒药|除草剂)"
    r"|(?:吞|吃|攒|囤|备|买)(?:了|下|过|好)?(?:一?[整大]?瓶|很多|好多|半瓶|一把)?安眠药|安眠药(?:攒|囤|准备|买好|吞|吃了一瓶)"
    r"|药(?:我)?(?:都|已经?)?买好了|一口气(?:都|全)?(?:吃|吞|喝)下去"
    r"|(?:开|拧开)煤气(?:算了|自|同归|一起|，|,|。|$)|全家一起(?:走|死|上路)"
    r"|(?:收|来收)尸|办后事|准备后事|后事都?(?:安排|交代)|见不到我了|看不到我了|永别了|来世再见|来生再见|下辈子(?:再|还)(?:报答|见|做|孝)"
    r"|不在人世|离开(?:这个|这)(?:世界|人世)|(?:世上|世界|人世)[^，。]{0,8}(?:没有?|无)(?:什么)?(?:值得)?(?:我)?(?:留恋|可留恋|牵挂)"
    r"|结束这一切|一个人了结|做傻事|干傻事|轻生|死(?:了|掉|脱)?得了|死脱算|死了干净|死了倒|死了一了|不如死|勿如死"
    r"|活(?:勿|不)(?:落去|下去|成)|活够了|活得?(?:没意思|没劲|没意义|没有意思|没有意义)|活着(?:真|太|也|都)?(?:没意思|没意义|没劲|没有意思|没有意义|太累|好累)"
    r"|没有?(?:了)?活下去的(?:勇气|动力|希望|意义|念头|信心)|(?:我|她|他)也?不活了|不想活|好想4|想4了|想s\s?i|不想(?:再)?醒(?:过)?来|(?:不会|别)(?:再)?醒(?:过)?来"
    r"|怎么死|怎样死|死法|哪种死|多少[^，。]{0,6}会死|安乐死|一头撞死|撞死在|吊死算|寻思着死|去死(?!亡|角|板|磕|守|路)|寻短见|自焚|自戕"
    r"|把死挂在|念叨[^，。]{0,4}死|(?:提|说|讲)到?死[^，。]{0,2}字|自残|自伤|自我伤害|走进(?:大)?(?:海|河|湖|江)里|沉(?:江|河|湖)|投(?:江|河|湖|海|井)"
    r"|逼死(?:我|人|他|她)|命(?:都)?不要了|(?:我|咱)先走一步|先走了，?(?:不|别|来世|下辈子)|跳\s?[喽搂楼]"
)
_GOODBYE = re.compile(
    r"(?:我走了|先走一步|走了就清净|托付给|密码[^，。]{0,8}告诉|对不起(?:大家|爸妈|你们|孩子)|我不孝|撑不下去了|留了?字条)"
)
_GOODBYE_WITH = re.compile(
    r"别找我|不要找我|下辈子|来世|来生|醒(?:过)?来|清净|解脱|永别|好好过|对不起|不想活|撑不下去|好好活|照顾好(?:爸|妈|孩子|自己)|报答"
)
_FIGURE_AFTER = re.compile(
    r"^(?:价|机|促销|大甩卖|大减价|甩卖|秀|式|干预|预防|热线|倾向筛查|率|事件处置|处置培训"
    r"|讲座|知识|问题研究|险|保险|吧你|的?电影|的?新闻|的?报道)"
)
_FIGURE_BEFORE = re.compile(
    r"(?:防|预防|反|防止|避免|杜绝|干预|劝阻|热|累得|困得|撑得|笑得|痒得|丑得|冷得|难吃得"
    r"|热得|臭得)$"
)
_OTHER_WORD_AFTER = {
    "轻生": re.compile(r"^命"),
    "上吊": re.compile(r"^[卸装运物车机顶钩篮]"),
    "想死": re.compile(r"^[你他她它]|^(?:磕|板|记硬背)"),
}
_LIVELIHOOD = re.compile(r"活不下去|没法活了|活不成|没活路|没有活路|生不如死|死路一条|想不开|以死|绝食")
_IDIOM_AFTER = re.compile(r"^(?:明志|相拼的决心|不了|者|守)")

_DENIAL = re.compile(
    r"(?:不会(?!让|放过|不)|不至于|没想过?要?|没有想过?要?|从没想过?|没打算|没有打算|绝不会?"
    r"|决不会?|并非|不是要|不是想|不是真的?想?|不可能|没有要|没有|没|不准备|不打算|不想|不要"
    r"|别|不能|不敢|何必|未曾|勿会|不赞成)"
    r"(?:去|再|真的?|真地|做|干|什么|任何|过|有|出现|这种|产生|动过|用|选择|想)*$"
)
_DENIAL_BROKEN = re.compile(
    r"(?:不得不|不是不|恨不得|不会不|不能不|别以为|以为|谁说|不敢说|不保证|难道|要不是"
    r"|若不是|不是没|难保|怕|担心|巴不得|谁知道|你信不信|信不信)"
)
_CONDITION_AFTER = re.compile(
    r"(?:除非|再不|要是|如果|不然|否则|就不一定|但是?不保证|但[^，。]{0,4}难保|也难说"
    r"|那可不一定|才怪)"
)
_FICTION = re.compile(
    r"(?:电影|电视剧|连续剧|电视[上里]|小说|新闻[上里中]|新闻说|看新闻|看了新闻|报纸[上里]"
    r"|报道[说里称]|剧[里中情]|故事[里中]|游戏[里中]|短视频[里中上]|视频[里中]|书[里上]|歌词"
    r"|台词|课[上程]|案例|史书|名著|动画片?|综艺|舞台剧|话剧|戏[里中])"
)
_SELF_IN = re.compile(r"我[们也就要想都真会]|自己也|像[他她那]|一样|跟着|学着|学他|效仿|也想|也要|轮到")

_OTHERS = re.compile(
    _spaced(
        "同归于尽 报复社会 鱼死网破 你死我活 跟他拼命 跟你拼命 跟他们拼命 跟你们拼命 "
        "跟老板拼命 和他拼命 和老板拼命 找他拼命 找老板拼命 跟他拼了 跟你们拼了 和他拼了 "
        "和你们拼了 拼了这条 血溅 陪葬 垫背 灭门 杀他全家 杀全家 杀了他 杀了你 杀了她 杀了老板 "
        "杀人 杀光 弄死他 弄死你 弄死老板 弄死她 打死他 打死你 打死老板 砍死 砍人 砍他 砍了他 "
        "砍老板 砍了老板 捅死 捅人 捅他 捅了 捅老板 捅一刀 撞死他 撞死你 撞死老板 开车撞 放火 "
        "纵火 放把火 放一把火 一把火烧 点了厂 烧了厂 烧了公司 烧厂 烧了他 烧死 烧他家 炸了 "
        "炸掉 炸死 炸毁 炸平 炸公司 炸厂 炸工地 爆炸 炸药 雷管 土炸弹 炸弹 泼汽油 浇汽油 "
        "带汽油 买汽油 拿汽油 汽油 持刀 拿刀 带刀 提刀 带着刀 带把刀 揣着刀 动刀 菜刀 砍刀 "
        "下毒 投毒 泼硫酸 硫酸 大开杀戒 一命换一命 一命抵一命 以命换命 要他的命 要他命 "
        "要了他的命 要你们的命 血债血偿 见血 sha了他 杀si 拉几个人一起死 拉上他一起死 一起死 "
        "绑架他"
    )
)
_THING = re.compile(
    r"爆炸|炸药|雷管|汽油|炸弹|持刀|菜刀|砍刀|拿刀|带刀|硫酸|放火|纵火|下毒|投毒|炸了|炸掉"
    r"|炸毁|杀人|一起死|烧死|你死我活|见血|动刀|提刀|砍人|捅了|炸死|开车撞|鱼死网破|血溅"
)
_INTENT = re.compile(
    r"我(?:们)?(?:就|要|会|去|想|真|也要|也会|只能|只好|准备|打算|已经)|扬言|威胁"
    r"|准备[去带买拿炸烧放]|打算[去带买拿炸烧放]|逼[我急他她得的]|再不|信不信|等着瞧|走着瞧"
    r"|别怪|大不了|恨不得|说过?要|就要去|要去|就去|想去|迟早|早晚|谁也别想"
    r"|让你们|让他们[^，。]{0,4}死|报复|同归|买了|带了|带着|带上|提着|揣着|拿着|冲到|冲进"
    r"|冲去|怕他|怕她|担心他|他说|她说|嚷着|喊着|叫嚣"
)
_MENACE = re.compile(r"扬言|威胁|报复|同归|我[就要去]把?|信不信|别怪|再不")
_ACCIDENT = re.compile(
    r"隐患|安全|危险品|防爆|消防|灭火|演练|事故|设备|锅炉|电池|罐|粉尘|瓦斯|燃气|煤气|轮胎"
    r"|信息|人口|增长|排放|加油|油价|油费|油钱|补贴|每升|送货|存放|仓库|洗|清洗|腐蚀|车间里"
    r"|气体|容易|可能会?|随时|会不会|怕|担心|原料|操作|溶液|酸洗|电镀|厨房|切菜|食堂|烟花"
    r"|鞭炮|没电|拼命(?:地|干|工作|加班|赚|挣|赶|跑|学|压|扣|招|省|催|让|要我们干)"
)
_HARM_FIGURE_AFTER = re.compile(
    r"^(?:式|性|犯|罪|案件|放火|如麻|不眨眼|案|的?电影|工作|干活|干|加班|赚钱|挣钱|赶工|跑单"
    r"|抢单|地|的?跑|学习|价|锅|油价|费|味|桶|钱|补贴|站|车)"
)
_WHOLE_LIMIT = 60


def read_crisis(text: str) -> list[CrisisHit]:
    """Every threat of self-harm (G11) or of harm to others (G12) that is not plainly taken back, in order of place."""
    return sorted([*_self_harm(text), *_harm_to_others(text)], key=lambda hit: hit.start)


def _self_harm(text: str) -> Iterator[CrisisHit]:
    for match in _SELF.finditer(text):
        start, end, words = match.start(), match.end(), match.group()
        before, after = _before(text, start), _after(text, end)
        if _FIGURE_AFTER.match(after) or _FIGURE_BEFORE.search(before) or _IDIOM_AFTER.match(after):
            continue
        other = _OTHER_WORD_AFTER.get(words)
        if (other and other.match(after)) or (words == "想死" and before.endswith("不")):
            continue
        if _is_denied(text, start, end) or _is_story(text, start, end):
            continue
        if _LIVELIHOOD.search(words) and not _is_despair(text, start, end):
            continue
        yield CrisisHit("G11", start, end, words)


def _harm_to_others(text: str) -> Iterator[CrisisHit]:
    for match in _OTHERS.finditer(text):
        start, end, words = match.start(), match.end(), match.group()
        before, after = _before(text, start), _after(text, end)
        around = before + words + after
        if _HARM_FIGURE_AFTER.match(after) or _FIGURE_BEFORE.search(before):
            continue
        if _is_denied(text, start, end) or _is_story(text, start, end):
            continue
        sentence = _sentence(text, start, end)
        meant = _INTENT.search(sentence) and not _ACCIDENT.search(around)
        if _THING.search(words) and not meant and not _MENACE.search(sentence):
            continue
        yield CrisisHit("G12", start, end, words)


def _is_denied(text: str, start: int, end: int) -> bool:
    """A plain denial just before, not itself turned round, with no condition after it."""
    before = _before(text, start)
    if not _DENIAL.search(before) or _DENIAL_BROKEN.search(before):
        return False
    return not _CONDITION_AFTER.search(text[end : end + 24])


def _is_story(text: str, start: int, end: int) -> bool:
    """A film, the news or a lesson tells it, and the speaker does not join in."""
    floor = max(0, start - 30)
    told = text[floor:start]
    told = told[max(told.rfind(mark) for mark in "。！？!?；;\n") + 1 :]
    found = _FICTION.search(told)
    if not found:
        return False
    return not _SELF_IN.search(told[found.end() :] + text[end : end + 30])


def _is_despair(text: str, start: int, end: int) -> bool:
    """Words that also mean mere hardship (全家活不下去) are a threat only when said of dying."""
    around = text[max(0, start - 40) : end + 40]
    if re.search(r"以死", text[start:end]):
        return bool(re.search(r"以死(?:相逼|抗争|明|威胁|谢|了|来|讨|相)", text[start : end + 3]))
    if "想不开" in text[start:end]:
        return True
    return bool(
        re.search(
            r"死|遗|真的|我(?:真|已经|实在|感觉|都|也)|不想|崩溃|绝望|抑郁|一天都|再也|撑不|解脱",
            around.replace("死路一条", "").replace("生不如死", ""),
        )
    )


def _before(text: str, place: int) -> str:
    floor = max(0, place - 14)
    before = text[floor:place]
    return before[max(before.rfind(mark) for mark in "，,。！？!?；;\n") + 1 :]


def _after(text: str, place: int) -> str:
    after = text[place : place + 12]
    ends = [found for found in (after.find(mark) for mark in "，,。！？!?；;\n") if found >= 0]
    return after[: min(ends)] if ends else after


def _sentence(text: str, start: int, end: int) -> str:
    return text[max(0, start - _WHOLE_LIMIT // 2) : end + _WHOLE_LIMIT // 2]
