"""Does anyone in this text threaten to hurt himself or others (G11, G12), and should the words be taken as said?

Words stay red unless the text itself takes them back: a plain denial (我不会自杀), a film or a piece of news, a
figure of speech (跳楼价). Another person's threat (怕他跳楼), a condition (再不给钱就跳楼), a question
(是不是要逼我跳楼) and everything in doubt stay red; a human may lower it. Where no word is known, `language.danger`
hears what is said in other words; it is silent in sentences that the rules heard or took back. Where it is less sure,
the words are a suspicion: a person is asked to look first, and nothing is red by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gongqing.language import danger
from gongqing.language.crisis_words import OTHERS_PHRASES, OTHERS_WORDS, SELF_PHRASES, SELF_WORDS
from gongqing.language.told import is_only_told, is_own_past
from gongqing.language.traditional import simplified


@dataclass(frozen=True, slots=True)
class CrisisHit:
    """A threat that is taken seriously: rule `G11` or `G12`, and its place in the text."""

    rule: str
    start: int
    end: int
    words: str


_SELF = re.compile(f"{SELF_WORDS}|{SELF_PHRASES}")
_FIGURE_AFTER = re.compile(
    r"^(?:价|机|促销|大甩卖|大减价|甩卖|秀|式|干预|预防|热线|倾向筛查|率|事件处置|处置培训"
    r"|取暖|的?烧烤|的故事|的典故|讲座|知识|问题研究|危机|倾向的(?:人|职工|群体|员工)|险|保险|吧你|的?电影|的?新闻|的?报道)"
)
_FIGURE_BEFORE = re.compile(
    r"(?:防止[^，。]{0,4}|防|预防|反|防止|避免|杜绝|干预|劝阻|热|累得|困得|撑得|笑得|痒得|丑得|冷得|难吃得"
    r"|等于|等同于|无异于|堪称|热得|臭得|忙得|饿得|气得|慢性|定时|州官|焚|二闹三)$"
)
_OTHER_WORD_AFTER = {
    "跳楼": re.compile(r"^[梯机价]"),
    "斧头": re.compile(r"^(?:帮|班|牌|和|、|都是|不给|坏|钝|柄)"),
    "磨刀": re.compile(
        r"^(?:霍霍|石|不误|匠|师傅|[^，。]{0,4}(?:志愿|便民|公益|上门)?服务|[、和](?:理发|修伞|修鞋|缝补|配钥匙|义诊))"
    ),
    "去死": re.compile(r"^[信角板磕守]"),
    "寻死": re.compile(r"^路"),
    "跳下去": re.compile(r"^[捡拾拿检维修取]"),
    "轻生": re.compile(r"^[命产]"),
    "想4": re.compile(r"^[0-9月点个年天号:：]"),
    "硫酸": re.compile(r"^[镁铜钠锌钡铵盐庆]"),
    "上吊": re.compile(r"^[卸装运物车机顶钩篮]"),
    "想死": re.compile(r"^[你他她它]|^是[吧吗]|^(?:磕|板|记硬背)"),
}
_OTHER_WORD_BEFORE = {
    "不活了": re.compile(r"还[^，。死]{0,6}活$"),
    "推平": re.compile(r"(?:垃圾|渣土|泥土|土方|砂石|沙石|废渣|淤泥|土堆|路面|地面|场地)[^，。房楼厂人门车]{0,4}$"),
}
"""A question by doubling (还活不活了), and what levels the ground."""
_RESCUE_AFTER = re.compile(r"^(?:去)?(?:救|捞|营救|抢救)(?:人|起|了|上|出|那|落水|孩|老|溺)")
"""Who goes in to save somebody (跳进河里救人)."""
_LIVELIHOOD = re.compile(r"活不下去|没法活了|活不成|没活路|没有活路|生不如死|死路一条|想不开|以死|绝食")
_IDIOM_AFTER = re.compile(r"^(?:明志|相拼的决心|不了|者|守)")

_DENIAL = re.compile(
    r"(?:不会(?!让|放过|不)|不至于|没想过?要?|没有想过?要?|从没想过?|没打算|没有打算|绝不会?"
    r"|决不会?|并非|不是要|不是想|不是真的?想?|不可能|没有要|没有|没人要?|没|不准备|不打算|不想|不要"
    r"|别|不能|不敢|何必|未曾|勿会|不赞成|(?:从|并|均|也|都|暂|已)无|无任何|没有?说过?要?|未(?:发现|见|有|出现|流露|表现|提及|提到)出?|排除)"
    r"(?:去|再|真的?|真地|做|干|什么|任何|过|有|出现|这种|产生|动过|用|选择|想|职工|人员|员工|其|的|明显)*$"
)
_DENIAL_BROKEN = re.compile(
    r"(?:不得不|不是不|恨不得|不会不|不能不|别以为|以为|谁说|不敢说|不保证|难道|要不是"
    r"|若不是|不是没|难保|怕|担心|巴不得|谁知道|你信不信|信不信|是不是(?:觉得|以为|认为)|没有?人相信|本来|现在)"
)
_CONDITION_AFTER = re.compile(
    r"(?:除非|再不|再拖|可是你们|没有办法|只能|要是|如果|不然|否则|就不一定|但是?不保证|但[^，。]{0,4}难保|也难说"
    r"|那可不一定|才怪)"
)
_TAKEN_BACK_AFTER = re.compile(
    r"^[^。！？!?；;\n]{0,12}(?:都是|是|纯属|全是|完全是)[^，。]{0,4}(?:瞎说|胡说|谣言|造谣|谣传|误传|诬陷|诬告|误会|编的|假的)"
    r"|^[^。！？!?；;\n]{0,6}其实我?们?(?:挺好|没事|好好|很好|没有?这|没那)"
    r"|^(?:这种|那种|这样的|这|那)?(?:傻|蠢)?(?:事情?|念头|想法)?(?:儿)?(?:我|俺|咱|我们)?(?:是|可|倒)?"
    r"(?:绝对?|决|肯定|万万|从来)?(?:打死(?:我|俺)?也不(?:会?干|会?做|会|敢)|不会(?:的|(?:干|做|去做|发生)的?)|不可能的?|没想过|做不出来?|干不出来?)"
    r"(?=$|[，,。！!；;\n])"
)
"""What others said of the speaker is not so (外面传我要跳楼，都是瞎说); or he denies it behind (做傻事那是不会的)."""
_PAST = re.compile(r"(?:出|发生|闹|有)过[^，。！？!?；;\n]{0,6}$")
_PAST_AFTER = re.compile(r"^(?:了)?的?(?:旧事|往事|事|事件|事故|悲剧|惨剧|先例|案子)(?!要|会|就)")
"""What happened once, elsewhere or to others (前几年对面园区出过跳楼的事)."""
_TOLD_AFTER = re.compile(
    r"^(?:了)?的?(?:旧闻|新闻|消息报道|报道|历史|往事|典故|案例|老话|教训|悲剧片|纪录片|标语|口号|台词|笑话|段子)"
)
_QUOTED_THING = re.compile(
    r"^[^“”\n]{0,12}”(?:的|这|那|之类|等)*(?:老|旧|新|大)?[^，。]{0,2}(?:标语|口号|横幅|台词|歌|歌词|对联|笑话|段子|题|选项|一栏|条款|字样|剧情|桥段)"
)
_QUESTIONNAIRE = re.compile(
    r"(?:问卷|测评|量表|试题|考题|题目|选项|其中有[道题项]|[道题]是|条款|合同里)[^。！？!?；;\n]{0,12}“[^”\n]{0,16}$"
)
_EXERCISE = re.compile(
    r"举例|举了?个?例|演练|培训(?:课|班|时|中|里|上)|模拟|情景|角色扮演|话术|教案|排练|彩排|笑料|剧本|道具"
)
"""Words that are an example, a text on a wall or a question of a form."""
_PRECAUTION = re.compile(r"热线|心理|咨询室|辅导|疏导|防护网|护栏|栏杆|限位|预防|急救|贴[到在]|关爱|宣传|培训")
_PRESSED = re.compile(r"再不|不发|不给|不管|负责|后果|别怪|拖欠|欠[薪钱我]|逼|走投无路")
_ANYBODY = re.compile(r"(?:万一|如果|假如|要是|防止|以防)(?:有|哪个|哪位|谁)?[^，。我]{0,6}$")
_FICTION = re.compile(
    r"(?:电影|电视剧|连续剧|电视[上里]|小说|新闻[上里中]|新闻说|看新闻|看了新闻|报纸[上里]"
    r"|报道[说里称]|剧[里中情]|故事[里中]|讲[^，。]{0,2}故事|游戏[里中]|短视频[里中上]|视频[里中]|书[里上]|歌词"
    r"|台词|笑料|笑话里|段子里|培训[里中课上]|课[上程]?(?:播放|放|讲)?|读书会|小品|短剧|抖音|案例|史书|名著|动画片?|综艺|舞台剧|话剧|戏[里中])"
)
_SELF_IN = re.compile(
    r"我(?:们)?(?:也|就要|就会|要跟|想跟|真想|都想|会也|不想活|的结局)|我[^，。]{0,6}(?:结局|下场|那一步|不想活)"
    r"|自己也|像[他她那]|(?<!不)一样|跟着[跳死走]|学着|学他|效仿|也想|也要|轮到我"
)

_OTHERS = re.compile(f"{OTHERS_PHRASES}|{OTHERS_WORDS}")
_THING = re.compile(
    r"爆炸|炸药|雷管|汽油|炸弹|持刀|菜刀|砍刀|拿刀|带刀|硫酸|放火|纵火|下毒|投毒|炸了|炸掉"
    r"|炸毁|杀人|砍了|砍他|撞死|打死|砍死|杀了|弄死|弄残|打断|一起死|烧死|你死我活|见血|动刀|提刀|砍人|捅了|炸死|开车撞|鱼死网破|血溅"
)
_INTENT = re.compile(
    r"我(?:们)?(?:[砍捅杀弄烧炸打撞]|就|要|会|去|想|真|也要|也会|只能|只好|准备|打算|已经)|扬言|威胁|老子|谁再|谁敢|找人"
    r"|准备[去带买拿炸烧放泼浇]|打算往|放话|别怪|不然|逼|打算[去带买拿炸烧放泼浇]|等我|明天我?[带拿去]|见不到|只能|逼[我急他她得的]|再不|信不信|等着瞧|走着瞧"
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
    r"^(?:一半|一部分|一大半|岗位|名额|编制|预算|提成|奖金|工资|补贴|福利|部门|式|性|犯|罪|案件|放火|如麻|不眨眼|案|的?电影|工作|干活|干|加班|赚钱|挣钱|赶工|跑单"
    r"|抢单|地|的?跑|学习|价|锅|油价|费|味|桶|钱|补贴|站|车)"
)
_WHOLE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Heard:
    """What a text says of danger: threats taken seriously, and places that a person should look at first."""

    hits: list[CrisisHit]
    doubts: list[danger.Danger]


def read_crisis(text: str) -> list[CrisisHit]:
    """Every threat of self-harm (G11) or of harm to others (G12) that is not plainly taken back, in order of place."""
    return hear_danger(text).hits


def hear_danger(text: str) -> Heard:
    """The threats of `read_crisis`, and beside them where danger is only suspected, both in order of place."""
    simple = simplified(text)
    settled: list[int] = []
    found = [*_self_harm(simple, settled), *_harm_to_others(simple, settled)]
    doubts = []
    for heard in danger.dangers(simple, silent=settled):
        if heard.is_sure:
            found.append(CrisisHit(heard.kind.value, heard.start, heard.end, ""))
        else:
            doubts.append(heard)
    found.sort(key=lambda hit: hit.start)
    return Heard([CrisisHit(hit.rule, hit.start, hit.end, text[hit.start : hit.end]) for hit in found], doubts)


def settled_places(text: str) -> list[int]:
    """Where the rules heard a threat or took one back: a model has nothing to say there."""
    simple, settled = simplified(text), list[int]()
    for _ in (*_self_harm(simple, settled), *_harm_to_others(simple, settled)):
        pass
    return settled


def found_by_rules(text: str) -> list[CrisisHit]:
    """What the words alone say, without the model of danger."""
    return [*_self_harm(simplified(text), []), *_harm_to_others(simplified(text), [])]


def _self_harm(text: str, settled: list[int]) -> Iterator[CrisisHit]:
    """Threats of self-harm; `settled` receives the places that were heard or taken back."""
    for match in _SELF.finditer(text):
        start, end, words = match.start(), match.end(), match.group()
        before, after = _before(text, start), _after(text, end)
        if _FIGURE_AFTER.match(after) or _FIGURE_BEFORE.search(before) or _IDIOM_AFTER.match(after):
            settled.append(start)
            continue
        other = _OTHER_WORD_AFTER.get(words)
        if (other and other.match(after)) or _RESCUE_AFTER.match(after) or _is_other_word(words, before):
            continue
        if words == "想死" and before.endswith("不") and not before.endswith("不是不"):
            settled.append(start)
            continue
        if _is_denied(text, start, end) or _is_story(text, start, end):
            settled.append(start)
            continue
        if _LIVELIHOOD.search(words) and not _is_despair(text, start, end):
            continue
        settled.append(start)
        yield CrisisHit("G11", start, end, words)


def _harm_to_others(text: str, settled: list[int]) -> Iterator[CrisisHit]:
    """Threats to others; `settled` receives the places that were heard or taken back."""
    for match in _OTHERS.finditer(text):
        start, end, words = match.start(), match.end(), match.group()
        before, after = _before(text, start), _after(text, end)
        other = _OTHER_WORD_AFTER.get(words)
        if (other and other.match(after)) or _is_other_word(words, before):
            continue
        around = before + words + after
        if _HARM_FIGURE_AFTER.match(after) or _FIGURE_BEFORE.search(before):
            settled.append(start)
            continue
        if _is_denied(text, start, end) or _is_story(text, start, end):
            settled.append(start)
            continue
        sentence = _sentence(text, start, end)
        meant = _INTENT.search(sentence) and not _ACCIDENT.search(around)
        if _THING.search(words) and not meant and not _MENACE.search(sentence):
            continue
        settled.append(start)
        yield CrisisHit("G12", start, end, words)


def _is_other_word(words: str, before: str) -> bool:
    """Whether what stands before makes another word of it."""
    other = _OTHER_WORD_BEFORE.get(words)
    return bool(other and other.search(before))


def _is_denied(text: str, start: int, end: int) -> bool:
    """A plain denial just before, not itself turned round, with no condition after it; or called untrue just after."""
    before = _before(text, start)
    if _TAKEN_BACK_AFTER.search(text[end : end + 40]):
        return not _CONDITION_AFTER.search(text[end : end + 40])
    if not _DENIAL.search(before) or _DENIAL_BROKEN.search(before):
        return False
    return not _CONDITION_AFTER.search(text[end : end + 24])


def _is_story(text: str, start: int, end: int) -> bool:
    """A film, the news, a lesson or a form tells it, or it happened once; and the speaker does not join in."""
    told = _since_the_mark(text, start, 30)
    behind = text[end : end + 30]
    if _is_example(text, start, end) or _is_past(told, behind) or _is_precaution(text, start, end):
        return True
    if is_own_past(text, start, end):
        return True
    if is_only_told(text, start, end):
        return not _SELF_IN.search(told + behind)
    found = _FICTION.search(told)
    if not found:
        return False
    said = told[found.end() :]
    opened = said.rfind("“")
    if opened > said.rfind("”") and "”" in behind:
        said, behind = said[:opened], behind[behind.index("”") + 1 :]
    return not _SELF_IN.search(said + behind)


def _is_past(told: str, behind: str) -> bool:
    """It is called news or history, or is said to have happened once (出过跳楼的事)."""
    if _SELF_IN.search(told) or _SELF_IN.search(behind):
        return False
    return bool(_TOLD_AFTER.match(behind) or (_PAST.search(told[-12:]) and _PAST_AFTER.match(behind)))


def _is_example(text: str, start: int, end: int) -> bool:
    """The words stand in quotation marks, as an example of a lesson, a line of a form or a text on a wall."""
    behind = text[end : end + 40]
    if "”" not in behind:
        return False
    before = _since_the_mark(text, start, 50)
    if "“" not in before:
        return False
    return bool(
        _QUOTED_THING.match(behind) or _QUESTIONNAIRE.search(before) or _EXERCISE.search(before[: before.rfind("“")])
    )


def _is_precaution(text: str, start: int, end: int) -> bool:
    """Somebody thinks of help for anybody who might (贴上热线，万一有工友想不开), and presses nobody with it."""
    around = _since_the_mark(text, start, 40) + _until_the_mark(text, end, 30)
    before = _before(text, start)
    return bool(_ANYBODY.search(before) and _PRECAUTION.search(around)) and not _PRESSED.search(around)


def _since_the_mark(text: str, place: int, limit: int) -> str:
    before = text[max(0, place - limit) : place]
    return before[max(before.rfind(mark) for mark in "。！？!?；;\n") + 1 :]


def _until_the_mark(text: str, place: int, limit: int) -> str:
    after = text[place : place + limit]
    ends = [found for found in (after.find(mark) for mark in "。！？!?；;\n") if found >= 0]
    return after[: min(ends)] if ends else after


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
