"""A word of danger that plainly means something else is no danger; the same word meant stays raised."""

import pytest

from gongqing.language.crisis import found_by_rules
from gongqing.language.facts.flags import read_flags
from gongqing.language.facts.senses import OTHER_SENSES
from gongqing.language.facts.signs import DANGERS, Flag
from gongqing.language.facts.spans import book_titles, narrow

CALM = {
    "where people live": ["这座塔建在村民聚集区旁边", "把垃圾站搬离人口聚集的老街"],
    "gathers by itself": ["地下室积水聚集，墙都发霉了", "车间角落粉尘聚集，扫也扫不净"],
    "leisure": ["每天晚上一群大妈聚集跳广场舞，音响太大", "台球室门前总有人聚集打牌到半夜"],
    "drawn by a stall": ["摊主用喇叭吸引聚集老人买保健品", "卖药的靠送鸡蛋招揽聚集老年人听课"],
    "lift": ["三号楼电梯停运半个月，老人下不来", "电梯坏了又修，现在电梯又停运五天"],
    "train": ["早上那趟城轨停运以后，上班只能坐大巴", "航班停运，退票款一直没退"],
    "petition in writing": ["关于给厂区加装路灯的请愿书", "附上我们车间的请愿信，盼望领导看一看"],
    "list of a contract": ["合同写明不可抗力指社会事件，如罢工、骚乱", "保单的除外责任，包括罢工、战争"],
    "at a desk": ["大厅里就一位女士坐在办公桌前打电话", "科员坐在办公椅上头也不抬"],
    "in an office": ["你们坐在办公室吹空调，一线的人在太阳底下扫街", "领导坐在办公室里拍脑袋定指标"],
    "at a counter": ["他们坐在窗口办公，脸色很难看", "违规的人照样坐在前台办公"],
    "site without material": ["钢筋断供，我们的工程将被迫停工", "资金断裂，买房人担心楼盘将全面停工"],
    "in vain": ["但愿别让我们新来的将来维权无门", "我们只好慢慢走维权之路"],
    "alone": ["别人都说算了，我准备维权", "快递那边的人不认账，我要维权，找谁"],
    "harm to interests": ["扣绩效的做法严重伤害了大家的工作热情，施工队也寒心", "工地半夜施工，严重伤害居民的睡眠"],
    "ten people and feelings": ["此举十分严重伤害青年人的感情", "这话十分严重伤害了他们的自尊"],
    "cut off": ["施工围挡切断了我们出村的道路", "工地把电缆挖坏，切断了整条街的供电"],
    "ward": ["烧伤整形科的挂号太难，送货到那里也没人收", "请问烧伤科周末上班吗"],
    "sent back": ["我的低保申请材料又被打回来了", "证件交齐了，申请还是被窗口打了回来"],
    "vaccine": ["孩子在社区医院被多打了一针疫苗", "被狗咬了打疫苗，宝宝被护士错打成别的预防针"],
    "pretext": ["老人容易被打着养生旗号的公司骗钱", "求职时被打着国企招牌的中介收了押金"],
    "telephone": ["司机一边开车一边打手机", "保安上班打手游，没人管"],
    "figure": ["半夜的鞭炮是一种噪声暴力", "满街的招牌是视觉暴力"],
    "screen": ["动画片里充斥着暴力和血腥，小孩子看了不好", "网吧让小学生玩血腥暴力的游戏"],
    "profit": ["中间商靠倒卖车票牟取暴力，价格翻倍", "商家趁天冷谋取暴力，口罩卖到十块"],
    "danger by things": ["外墙瓷砖往下掉，行人的生命安全受到威胁", "电梯三天两头坏，住户的安全受到威胁"],
    "from outside": ["这个考点面向社会人员吗", "社会人员报考技师要什么条件"],
    "travel": ["旅游行业的员工没有加班费", "请管一管导游行业的小费"],
}
MEANT = {
    "where people live": ["村民聚集区政府门口不肯走", "工人已经聚集在居民区门口堵路"],
    "gathers by itself": ["一百多个工人聚集在厂门口", "垃圾站的人全部聚集起来要说法"],
    "leisure": ["工人们聚集在广场喝酒，说明天堵门", "大家聚集打牌等着，不给工资不走"],
    "drawn by a stall": ["吸引聚集了几百人围住售楼处讨说法", "发帖吸引聚集工友去公司堵门"],
    "lift": ["电梯公司的工人集体停运讨薪", "维保员工说再不发工资，全城电梯停运"],
    "train": ["地铁司机集体停运三天了", "公交司机从今天起停运抗议"],
    "petition in writing": ["几十人拿着请愿书聚集在大楼前", "我们一百多人到市政府门口交请愿书，已经请愿两天"],
    "list of a contract": ["我们已经罢工、堵路三天", "车间里如今罢工、打架，乱成一团"],
    "at a desk": ["我们二十个人坐在办公桌前不走，等老板给说法", "工友们坐在办公桌上不肯起来"],
    "in an office": ["大家坐在办公室不走，拿不到钱不散", "我们坐在办公室里吹空调也要等到老板来"],
    "at a counter": ["工友们坐在窗口办公区不肯走", "家属坐在前台办公室等说法"],
    "site without material": ["大家商量好明天集体停工讨薪", "工人说不给钱项目就全面停工，一起去堵门"],
    "in vain": ["维权无门，工友们准备一起去堵路", "我们打算一起去维权，一百多人"],
    "alone": ["我们全体业主准备集体维权", "我已经约好工友，我们准备一起维权"],
    "harm to interests": ["他在工地被砸成重伤", "机器严重伤害了他的右手，车间没人管"],
    "ten people and feelings": ["事故造成三名工人重伤", "事故以后三名工人遭严重伤害"],
    "cut off": ["车床把他的手指切断了", "机器切断了他的手，道路又堵，救护车进不来", "一群工人占据工地，切断水电"],
    "ward": ["车间着火，三个人被烧伤", "工友在厂里烧伤，躺在烧伤科"],
    "sent back": ["我去讨工资，被保安打回来，鼻子出血", "他去要申请材料，被人打了下来，腿骨折"],
    "vaccine": ["他们被保安打了，脸上缝了三针", "被人按住强行打了一针"],
    "pretext": ["我被打着收债旗号的混混打伤", "被他打了两拳"],
    "telephone": ["老板叫来打手，砸了宿舍", "一群打手机器一样冲进来见人就打"],
    "figure": ["包工头用暴力赶我们走", "保安对我们使用暴力"],
    "screen": ["他在网吧用暴力和恐吓收保护费", "视频拍到他暴力、血腥地殴打工友"],
    "profit": ["他们靠暴力谋取工程，谁不服就打", "混混用暴力逼商户交钱"],
    "danger by things": ["讨薪以后我的人身安全受到威胁", "举报污染以后老板派人跟踪，我的生命安全受到威胁"],
    "from outside": ["老板找来社会人员堵在门口", "面向社会人员招的打手来打人"],
    "travel": ["我们明天上街游行，业主都去", "工人已经游行到市中心"],
}

IN_THE_SIGNS = {"telephone", "travel"}
"""Senses that the signs themselves tell by the next character."""


def _is_raised(text: str) -> bool:
    plain = narrow(text)
    flags = set(read_flags(plain, book_titles(plain)))
    return bool(found_by_rules(plain)) or not (DANGERS | {Flag.HARM_OTHERS}).isdisjoint(flags)


def _rows(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in table.items() for text in texts]


def test_each_sense_has_texts_on_both_sides() -> None:
    assert CALM.keys() == MEANT.keys()
    assert all(len(texts) >= 2 for table in (CALM, MEANT) for texts in table.values())


@pytest.mark.parametrize(("sense", "text"), _rows(CALM))
def test_another_sense_is_no_danger(sense: str, text: str) -> None:
    assert not _is_raised(text), sense


@pytest.mark.parametrize(("sense", "text"), [row for row in _rows(CALM) if row[0] not in IN_THE_SIGNS])
def test_without_the_senses_it_would_be_raised(sense: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gongqing.language.facts.flags.means_else", lambda *_: False)
    assert _is_raised(text), sense


@pytest.mark.parametrize(("sense", "text"), _rows(MEANT))
def test_what_is_meant_stays_raised(sense: str, text: str) -> None:
    assert _is_raised(text), sense


def test_every_row_is_needed() -> None:
    texts = [narrow(text) for text in (*(text for _, text in _rows(CALM)), *MORE)]
    idle = [
        number
        for number, sense in enumerate(OTHER_SENSES)
        if not any(
            sense.holds(text, start, end) for text in texts for start in range(len(text)) for end in _ends(text, start)
        )
    ]
    assert idle == []


MORE = ["录像厅放的片子色情和暴力都有，视频谁都能看"]


def _ends(text: str, start: int) -> range:
    return range(start + 1, min(len(text), start + 12) + 1)


@pytest.mark.parametrize("text", ["天天涨价，日子还活不活了？", "噪音这么大，还让人活不活了"])
def test_a_doubled_question_is_no_threat(text: str) -> None:
    assert not found_by_rules(text)


@pytest.mark.parametrize("text", ["我不活了，欠的钱你们看着办，死给你们看", "还活不活了，死了算了"])
def test_weary_words_stay_heard(text: str) -> None:
    assert found_by_rules(text)


@pytest.mark.parametrize("text", ["铲车把垃圾推平就走了", "请把坑洼的路面推平"])
def test_levelled_ground_is_no_threat(text: str) -> None:
    assert not found_by_rules(text)


@pytest.mark.parametrize("text", ["再不给钱我开铲车把办公楼推平", "把垃圾站的房子推平，看谁敢拦"])
def test_levelled_houses_stay_heard(text: str) -> None:
    assert found_by_rules(text)


@pytest.mark.parametrize(
    "text", ["几个人强行将我拉上车，关到半夜", "他们把老人强行抬走，家里人都不知道", "我被强行拖进值班室"]
)
def test_people_taken_by_force_are_heard(text: str) -> None:
    assert Flag.CONFINED in read_flags(text, [])


@pytest.mark.parametrize("text", ["城管强行将我的车拉走", "监考员说我违规，我被强行带出考场", "风把他吹得强打精神"])
def test_things_taken_are_not_people(text: str) -> None:
    assert Flag.CONFINED not in read_flags(text, [])
