"""Threats stay red unless the text itself takes them back."""

import csv
import time
from pathlib import Path

import numpy as np
import pytest

from gongqing.language import danger, danger_meaning
from gongqing.language.crisis import Heard, found_by_rules, hear_danger, read_crisis
from gongqing.language.encoder import embed
from gongqing.language.facts import Flag, read_facts
from gongqing.language.facts.signs import DANGERS
from gongqing.language.fit_danger import Meant, write_meaning
from gongqing.language.material import LABELS

SELF = [
    "再不给钱我就从楼顶跳下去",
    "我不想活了，谁来管管",
    "怕他跳楼，你们快派人来",
    "同事说他已经写好遗书了",
    "是不是非要逼我跳楼你们才管",
    "别以为我不会自杀",
    "我不是不想跳楼，是放心不下孩子",
    "我不会自杀，除非你们再拖",
    "看了新闻上的跳楼，我也想跳楼",
    "跳 楼给你们看",
    "自-杀算了",
    "我不想火了",
    "他昨晚喝农药被送医院",
    "要不是有两个娃我早就割腕了",
    "今天拿不到工钱就死在你们公司门口",
    "像电影里一样从天台跳楼，我也会",
    "我真的活不下去了，撑不住了",
    "现在我天天想死",
    "工地上有人扬言跳楼讨薪",
    "ＺＩＳＨＡ？我想zisha",
    "勿想活嘞，老板勿拨钞票",
    "不得不跳楼的地步",
    "Nobody pays me, I want to kill myself",
    "i am going to jump off the roof",
    "欠这么多，我连一死百了的心都有",
    "要拆就先把我埋了，人死房拆",
]
OTHERS = [
    "大不了同归于尽",
    "再不结账我就放火烧了厂子",
    "他说要拿刀砍死老板",
    "我准备买汽油去公司",
    "别怪我报复社会",
    "老板欠我钱，我迟早捅死他",
    "工友说要开车撞死老板",
    "我不会自杀，但我会让他们陪葬",
    "再逼我就把公司炸了",
    "这个管事的，我真想给他一刀",
    "谁敢拦车，我就搞死他全家",
    "组长放话，谁去举报就整死谁",
]
CALM = [
    "请给那几个窗口也来个规定，不要再一刀切",
    "别给那条线两头一刀两断，改道就行",
    "医生说要给他开一刀才好得快",
    "活动搞死板了，没人愿意来",
    "我不会自杀，只是想把工资要回来",
    "昨晚看的电影里有人跳楼，挺吓人",
    "新闻上说有人轻生，太可惜了",
    "商场跳楼价处理工作服",
    "希望工会办自杀干预讲座",
    "我没想过轻生，请放心",
    "他拼命工作也挣不到钱",
    "建议加强消防演练，防止爆炸事故",
    "车间存放汽油，有安全隐患",
    "信息爆炸的时代要多学习",
    "加油站汽油价格又涨了",
    "我们绝不会放火，请相信我们",
    "小说里的主角上吊了",
    "车间用硫酸清洗零件，没有手套",
    "全厂职工热死了，求装空调",
    "想报名拔河比赛",
    "一个年轻生命的故事值得学习",
    "柱子上吊卸模板时要有人指挥",
    "我还不想死，求帮我治病",
    "公司游乐园的跳楼机坏了",
    "",
]


@pytest.mark.parametrize("text", SELF)
def test_self_harm_is_red(text):
    assert "G11" in {hit.rule for hit in read_crisis(_narrow(text))}


@pytest.mark.parametrize("text", OTHERS)
def test_harm_to_others_is_red(text):
    assert "G12" in {hit.rule for hit in read_crisis(text)}


@pytest.mark.parametrize("text", CALM)
def test_what_is_taken_back_is_calm(text):
    assert read_crisis(text) == []


def test_hits_stand_where_they_say():
    text = "我不想活了，要同归于尽"
    hits = read_crisis(text)
    assert [hit.rule for hit in hits] == ["G11", "G12"]
    assert all(text[hit.start : hit.end] == hit.words for hit in hits)


def _narrow(text):
    from gongqing.language.facts.spans import narrow

    return narrow(text)


def _written() -> list[dict[str, str]]:
    with (Path(__file__).parents[1] / "written" / "danger" / "hard.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_hard_written_cases_are_found_and_little_else():
    said = [(case, bool(read_crisis(_narrow(case["text"])))) for case in _written()]
    meant = [found for case, found in said if case["rule"] != "none"]
    called = [case["rule"] != "none" for case, found in said if found]
    assert len(meant) > 200
    assert sum(meant) / len(meant) >= 0.97
    assert sum(called) / len(called) >= 0.97


VEILED = [
    ("绳子系在梁上了，就差最后一步", "G11"),
    ("家里人都安排好了，我走以后工钱让我弟来领", "G11"),
    ("下班路上他最好别落单，我让他下半辈子坐轮椅", "G12"),
    ("谁签字扣我的钱，我就剁谁的手", "G12"),
]


@pytest.mark.parametrize(("text", "rule"), VEILED)
def test_danger_without_any_known_word_is_heard(text, rule):
    assert found_by_rules(text) == []
    (hit,) = read_crisis(text)
    assert hit.rule == rule
    assert hit.words == text[hit.start : hit.end]


def test_danger_is_found_within_a_long_calm_text():
    calm = "请问公司没有给我们缴纳社保，应该找哪个部门反映。"
    text = calm * 20 + "绳子系在梁上了，就差最后一步。" + calm * 20
    assert [hit.words for hit in read_crisis(text)] == ["绳子系在梁上了，就差最后一步"]


DOUBTED = "我老了做不动，不想拖累儿女，后山的井我去看过了。"
EVERYDAY = [
    "我和公司说好了，这件事撤了",
    "孩子等着交学费，请帮我催一催公司",
    "我天天去找工头，工头说老板不在",
    "工资昨天全部领到，谢谢",
    "老板拖着工资一直不发，我去问了三次",
]


@pytest.mark.parametrize("text", EVERYDAY)
def test_what_people_say_every_day_is_not_even_suspected(text):
    assert hear_danger(text) == Heard([], [])


def test_what_is_less_sure_is_a_suspicion_and_no_threat():
    heard = hear_danger(DOUBTED)
    assert heard.hits == []
    assert [DOUBTED[each.start : each.end] for each in heard.doubts] == [DOUBTED.rstrip("。")]
    facts = read_facts(DOUBTED)
    assert facts.has(Flag.SUSPECTED)
    assert not facts.has(Flag.SELF_HARM)


def test_what_the_signs_know_already_is_not_suspected_besides():
    text = "车间发生硫化氢中毒，十几个工人送医，两个没救过来"
    assert read_facts(text).has(Flag.POISONING)
    assert not read_facts(text).has(Flag.SUSPECTED)


def test_what_was_said_of_one_and_is_untrue_is_calm():
    assert read_crisis("外面传我要跳楼，都是瞎说，我人好好的") == []


def test_a_changed_file_of_danger_is_refused(tmp_path):
    changed = tmp_path / "danger.txt"
    changed.write_text(danger.WEIGHTS.read_text(encoding="utf-8") + "跳\t9\t9\n", encoding="utf-8")
    with pytest.raises(ValueError, match="digest"):
        danger._opened(changed)


@pytest.mark.parametrize("piece", ["站在", "跳 . 楼", "要烧", "拿刀", "我走了", "从往爬上", "喝喝喝", "谁谁"])
def test_time_grows_no_faster_than_the_text(piece: str):
    def taken(length: int) -> float:
        began = time.process_time()
        read_crisis(piece * (length // len(piece)))
        return time.process_time() - began

    whole, quarter = taken(100_000), taken(25_000)
    assert whole < 10 * max(quarter, 0.02)  # four times as long if it grows with the text, sixteen with its square


def test_traditional_characters_keep_their_places():
    text = "我想自殺，遺書寫好了"
    assert [text[hit.start : hit.end] for hit in read_crisis(text)] == ["自殺", "遺書"]


def test_what_another_hand_wrote_is_heard_as_well_as_the_page_says():
    with (LABELS / "danger_blind.csv").open(encoding="utf-8-sig", newline="") as lines:
        cases = list(csv.DictReader(lines))
    dangers = DANGERS | {Flag.SELF_HARM, Flag.HARM_OTHERS, Flag.SUSPECTED}
    said = [(case["danger"] == "1", not dangers.isdisjoint(read_facts(case["text"]).flags)) for case in cases]
    heard = said.count((True, True))
    assert len(said) == 400
    assert heard / sum(meant for meant, _ in said) >= 0.86
    assert heard / sum(found for _, found in said) >= 0.84


@pytest.mark.parametrize(
    "text",
    [
        "寻短见这种事我是不会做的，你们放心，只问年休假怎么算",
        "家访：老人精神尚可，未流露轻生念头，本周再去一次",
        "网上那条员工自焚的旧闻又有人转，请别传了，影响招工",
        "隔壁园区前几年出过跳楼的事，后来装了限位的窗",
        "上周志愿者培训，讲师举例说“有人要跳河怎么劝”，受益很大，下回还办吗",
        "问卷里有一题“近期是否想过自杀”，建议匿名填写",
        "墙上那条“酒后上岗就是自杀”的标语掉漆了，换一条吧",
        "小说里“老子跟你们同归于尽”那段被我们排成了小品，笑翻了",
        "表扬跳进江里救人的老张，请工会慰问他",
        "建议把心理热线印在工牌背面，万一有同事想不开也知道打给谁",
        "磨刀石和斧头柄仓库缺货，能不能补",
    ],
)
def test_what_is_told_asked_or_quoted_about_others_is_no_threat(text: str) -> None:
    assert read_crisis(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "跳楼这种事我是不会做的，除非你们再拖",
        "自杀这种事我做得出来",
        "前几年出过跳楼的事，我也要走那一步了",
        "他在群里说“我要跳河”，电话不接了",
        "再不发工资，万一有人想不开，热线打爆了也没用，你们负责",
        "看完那条自焚的旧闻，我也想点把火",
        "主任说“你去死”，我真的不想活了",
        "他拎着斧头去办公室了，快来人",
        "我爬上信号塔了，叫经理来",
        "真的想自我了断",
    ],
)
def test_what_looks_alike_and_is_meant_stays_red(text: str) -> None:
    assert read_crisis(text)


def test_the_model_of_meanings_is_written_read_and_refused_when_changed(tmp_path: Path) -> None:
    meant = Meant(np.linspace(-1, 1, 512), constant=-2.0, lowest=-3.0, least=0.5)
    file = tmp_path / "danger_meaning.txt"
    write_meaning(meant, file)
    read = danger_meaning._opened(file)
    assert np.allclose(read.weights, meant.weights, atol=1e-4)
    assert (read.constant, read.lowest, read.least) == (-2.0, -3.0, 0.5)
    changed = tmp_path / "changed.txt"
    changed.write_text(file.read_text(encoding="utf-8").replace("-1.0000", "9.0000"), encoding="utf-8")
    with pytest.raises(ValueError, match="digest"):
        danger_meaning._opened(changed)


def test_the_encoder_hears_more_than_the_n_grams_and_leaves_plain_questions() -> None:
    veiled = "工资卡和密码都压在枕头底下了，孩子交给他外婆，我累了，想好好睡一觉不起来了"
    calm = ["请问工资卡密码忘了去哪里改", "孩子放暑假交给外婆带，想问问托管班几号开", "今天太累了，想调休一天"]
    for text in calm:
        near = danger_meaning.near_pieces(text)
        assert danger_meaning.suspected(near, np.array([embed(piece.plain) for piece in near])) == []
    assert hear_danger(veiled).hits or hear_danger(veiled).doubts or heard_with_the_encoder(veiled)


def heard_with_the_encoder(text: str) -> bool:
    near = danger_meaning.near_pieces(text)
    return bool(danger_meaning.suspected(near, np.array([embed(piece.plain) for piece in near])))


@pytest.mark.parametrize(
    "waiting",
    ["让我等着", "老板就让我等", "一直让我等着", "让我在家等着", "我还在等着", "天天让我等，我等不起了"],
)
def test_who_is_made_to_wait_for_pay_is_in_no_danger(waiting: str) -> None:
    for text in (f"厂里拖欠我两个月工资。{waiting}。", f"包工头欠我们工钱，{waiting}。"):
        assert not read_facts(text).has(Flag.SUSPECTED), text


@pytest.mark.parametrize(
    "text",
    [
        "厂里拖欠我两个月工资。让我等着瞧，要给我好看。",
        "欠我工资不给，让我等着，绳子在梁上系好了。",
        "拖欠工资八千元，让我等着，那就别怪我带汽油上去。",
        "他让我等着，天黑了带人来我宿舍。",
        "你们给我等着，放学路上看好你家小的。",
    ],
)
def test_a_threat_beside_waiting_is_heard(text: str) -> None:
    flags = read_facts(text).flags
    assert not flags.isdisjoint({Flag.SUSPECTED, Flag.SELF_HARM, Flag.HARM_OTHERS}), text
