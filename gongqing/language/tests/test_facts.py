"""Numbers, money, time, names and circumstances, read from invented texts."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongqing.language.facts import Flag, mask_personal, read_facts
from gongqing.language.facts.numerals import read_number

VOCABULARY = [
    *(
        "拖欠工资",
        "三个月",
        "94名职工",
        "没有",
        "老板",
        "跑路",
        "跳楼",
        "不会",
        "准备集体讨薪",
        "堵门",
        "《",
        "》",
        "第三条",
        "十几人",
    ),
    *(
        "3万元",
        "人均5000元",
        "，",
        "。",
        " ",
        "\n",
        "电影里",
        "怕他",
        "13812345678",
        "330203199001011234",
        "身份证",
        "扣押",
    ),
    *("半年", "七八月", "去年8月至今", "裁员", "百分之", "某某有限公司", "我们", "俩", "１２"),
]


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("94", 94), ("十几", 10), ("十来", 10), ("两百多", 200), ("三四", 3), ("三十", 30), ("12.6万", 126_000),
        ("三十万", 300_000), ("5万8千", 58_000), ("一万二", 12_000), ("一千零五", 1005), ("三百五", 350), ("3w", 30_000),
        ("5k", 5000), ("几十", 20), ("几", 3), ("上千万", 10_000_000), ("1,200", 1200), ("二〇一六", 2016), ("一亿二千万", 120_000_000),
    ],
)  # fmt: skip
def test_numbers(words, value):
    assert read_number(words).value == value


def test_no_number():
    assert read_number("多余") is None
    assert read_number("9" * 30) is None


@pytest.mark.parametrize(
    ("text", "workers"),
    [
        ("厂里三个月没发工资了，我一个人被欠了八千块", 1),
        ("就我一个人，别的工友都拿到了", 1),
        ("我一个人在外地打工，晚上要上夜班", None),
        ("涉及4家企业的94名职工都没拿到工资", 94),
        ("我们六个人的工资一直没结", 6),
        ("工地上十几人没拿到工钱", 10),
        ("十来个人的工钱都没给", 10),
        ("两百多号人工资没发", 200),
        ("我们俩被辞退了", 2),
        ("我们几个的加班费没有算", 3),
        ("拖欠我们三十五名工人工资", 35),
        ("公司欠我们12个人的钱", 12),
        ("上百名工友要求发工资", 100),
        ("影响到两千多员工利益", 2000),
        ("班组共二十一人，工资都没结", 21),
        ("我们１５名保洁员被欠薪", 15),
        ("请问加班费怎么算", None),
        ("2023年5月3日入职", None),
        ("住3人间宿舍太挤", None),
        ("每人发5000元", None),
        ("排名第30名", None),
        ("我干了7个月", None),
        ("我们全体职工要求涨工资", None),
        ("公司在册120人，这次有11人被约谈辞退", 11),
        ("欠我们18名木工工资，公司一共300名员工", 18),
        ("现在维权的有8-9个人", 8),
        ("我们六十多人办了内退，生活费没涨", 60),
        ("两个文件关于灵活就业人员的说法不一样", None),
        ("属于40,50人员，没有单位要", None),
        ("前面取号等了40个人", None),
        ("拖欠我们廿三个工人的工资", 23),
    ],
)
def test_workers(text, workers):
    assert read_facts(text).workers == workers


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("拖欠工资共12.6万元", 126_000),
        ("欠我三十万元工程款", 300_000),
        ("还有5000块没给", 5000),
        ("拖欠我们8个人工资，人均5000元", 40_000),
        ("工资总共7万多，还欠5万8千余元", 58_000),
        ("欠薪3w多", 30_000),
        ("每月工资4000元，没交社保", None),
        ("被罚款200元", None),
        ("想要一台乒乓球桌", None),
        ("每人五千没给，我们6个人", 30_000),
        ("拖欠工资贰万伍仟叁佰元", 25_300),
        ("到现在还拖欠我们8万多工资", 80_000),
        ("尾款一万二千元一直没结", 12_000),
        ("试用期每月拿着1800元的工资，没签合同", None),
        ("保底3000元，公司收取200元押金", None),
        ("退休金比别人少300元", None),
    ],
)
def test_amount(text, amount):
    assert read_facts(text).amount == amount


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("三个月没发工资了", 3),
        ("七八月工资没发", 2),
        ("工资拖了半年", 6),
        ("三四个月没拿到工钱", 3),
        ("拖欠工资一年多", 12),
        ("3月到6月的工资都没结", 4),
        ("去年8月至今没发工资", 7),
        ("我干了三年，年假没休", None),
        ("产假三个月怎么算", None),
        ("拖欠我三个月工资有一年了", 3),
        ("在店里上班4个月，老板一分钱工资也没发，店倒闭1个月了", 4),
        ("7月份的工资没发", 1),
        ("欠我们一年零两个月工资", 14),
        ("2025年全年工资没发", 12),
        ("从11月到今天，工资一直没发", 4),
        ("三年没有给我们交社保", None),
        ("12月份满一年", None),
    ],
)
def test_months_owed(text, months):
    assert read_facts(text, said_on=date(2026, 3, 10)).months_owed == months


def test_days_owed_and_a_span_without_its_day():
    assert read_facts("工资已经拖了40天没发").days_owed == 40
    assert read_facts("去年8月至今没发工资").months_owed is None


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("拖欠工资", Flag.ARREARS),
        ("工钿勿发", Flag.ARREARS),
        ("工资冇发", Flag.ARREARS),
        ("分文未付，白干半年的工资", Flag.ARREARS),
        ("老板跑路了", Flag.FLED),
        ("公司连夜搬厂，人去楼空", Flag.FLED),
        ("包工头电话关机联系不上", Flag.FLED),
        ("去了四五趟老板都推", Flag.REPEATED),
        ("多次讨要无果", Flag.REPEATED),
        ("大家准备集体讨薪", Flag.PREPARING),
        ("我们商量明天一起去坐坐", Flag.PREPARING),
        ("再不给我们就要去堵门", Flag.PREPARING),
        ("工人已经堵了厂门", Flag.GATHERED),
        ("上百名司机停运聚集", Flag.GATHERED),
        ("工友们拉起横幅", Flag.GATHERED),
        ("不解决我就去上访", Flag.OVER_HEADS),
        ("我要找记者曝光", Flag.OVER_HEADS),
        ("公司裁员三十人", Flag.LAYOFF),
        ("工友从脚手架摔下当场死亡", Flag.DEATH),
        ("上班时手被机器压断住院", Flag.SERIOUS_INJURY),
        ("事故造成三人重伤", Flag.MANY_INJURED),
        ("车间十人急性苯中毒", Flag.POISONING),
        ("塔吊倒了压了两个人，有一个当场就没了", Flag.DEATH),
        ("机器绞了进去，没救回来", Flag.DEATH),
        ("班长违章指挥让我们上高空作业", Flag.RISKY_WORK),
        ("厂里有童工", Flag.CHILD_LABOUR),
        ("有几个看着就十三四岁的小孩在流水线上干活", Flag.CHILD_LABOUR),
        ("强迫劳动，不干就打", Flag.FORCED_LABOUR),
        ("老板扣了我的身份证", Flag.WITHHELD_DOCUMENTS),
        ("被关在宿舍里不让走，厂里保安守着", Flag.CONFINED),
        ("主管对女工动手动脚", Flag.SEXUAL_HARASSMENT),
        ("讨薪时被保安殴打", Flag.VIOLENCE),
        ("举报后就被公司调岗", Flag.RETALIATION),
        ("我怀孕六个月被调岗", Flag.PREGNANCY),
        ("我是残疾职工", Flag.DISABLED),
        ("家里是低保户", Flag.HARDSHIP),
        ("电视台来采访过了", Flag.MEDIA),
        ("这是我第三次反映了，平台没有回复", Flag.RESUBMITTED),
        ("我们全体职工", Flag.GROUP),
    ],
)
def test_flags(text, flag):
    facts = read_facts(text)
    assert facts.has(flag)
    assert flag in facts.flags


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("公司没有拖欠工资", Flag.ARREARS),
        ("从不拖欠工资", Flag.ARREARS),
        ("《保障农民工工资支付条例》规定不得拖欠工资", Flag.ARREARS),
        ("如果公司拖欠工资该找谁", Flag.ARREARS),
        ("新闻上说有老板跑路", Flag.FLED),
        ("我们从不上访闹事", Flag.OVER_HEADS),
        ("根据劳动合同法第八十四条，扣押居民身份证的责令退还", Flag.WITHHELD_DOCUMENTS),
        ("工亡补助标准怎么算", Flag.DEATH),
        ("希望举办防性骚扰讲座，防止性骚扰", Flag.SEXUAL_HARASSMENT),
        ("接到骚扰电话", Flag.SEXUAL_HARASSMENT),
        ("停工留薪期工资怎么发", Flag.GATHERED),
        ("电视剧里工人罢工", Flag.GATHERED),
        ("孩子住院了想申请互助金", Flag.SERIOUS_INJURY),
        ("工地上手机当场就没了信号", Flag.DEATH),
        ("十四岁的孩子在家没人管，我在车间上班走不开", Flag.CHILD_LABOUR),
    ],
)
def test_flags_that_the_text_does_not_assert(text, flag):
    assert not read_facts(text).has(flag)


@pytest.mark.parametrize(
    ("text", "employer"),
    [
        ("来电人反映工地18名木工被拖欠4个月工资", None),
        ("投诉污水处理厂不发工资", "污水处理厂"),
        ("我在宁波星河针织有限公司上班，工资没发", "宁波星河针织有限公司"),
        ("投诉海曙蓝帆五金厂拖欠工资", "海曙蓝帆五金厂"),
        ("我们公司不交社保", None),
        ("该公司没签合同", None),
        ("劳务公司跑了", None),
        ("问一下年假怎么算", None),
        ("请求维护甬北供电分公司安装工的权益", "甬北供电分公司"),
        ("我是云山镇畜牧工作站的职工", "云山镇畜牧工作站"),
        ("请问县教育局，职称什么时候评", None),
        ("我在人社局问过，说要等", None),
        ("晋升中学高级教师有什么条件", None),
        ("我是经济开发区管委会的临时工，没有社保", "经济开发区管委会"),
        ("这是一家公司的通病", None),
        ("老板在的工厂关了", None),
    ],
)
def test_employer(text, employer):
    assert read_facts(text).employer == employer


def test_several_employers_layoffs_and_limitation():
    assert read_facts("涉及4家企业").employers_count == 4
    facts = read_facts("公司要裁员25人，占职工的百分之十五")
    assert (facts.layoff_count, facts.layoff_share) == (25, 0.15)
    assert read_facts("仲裁时效只剩5天了").days_to_limitation == 5
    assert read_facts("还有两周就过仲裁时效").days_to_limitation == 14


def test_phones_and_identity_numbers_are_masked():
    text = "电话13912345678，身份证330203199001011234，订单号123456789012"
    assert mask_personal(text) == "电话139****5678，身份证330203********1234，订单号123456789012"
    assert [span.words for span in read_facts(text).personal] == ["13912345678", "330203199001011234"]
    assert mask_personal("打139 1234 5678找我") == "打139****5678找我"
    assert mask_personal("没有号码") == "没有号码"


@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(VOCABULARY), max_size=40).map("".join)))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_and_spans_are_its_words(text):
    facts = read_facts(text, said_on=date(2026, 3, 10))
    for spans in (*facts.evidence.values(), facts.personal):
        for span in spans:
            assert 0 <= span.start < span.end <= len(text)
            assert text[span.start : span.end] == span.words
    masked = mask_personal(text)
    assert mask_personal(masked) == masked


@pytest.mark.parametrize(
    "piece", ["1", "一二三", "拖欠工资", "堵门", "跳 . 楼", "公司", "《", "3万元", "我们", "没有", "去省", "不"]
)
def test_long_hostile_texts_end(piece):
    text = (piece * 100_000)[:100_000]
    began = time.process_time()
    read_facts(text)
    assert time.process_time() - began < 20  # a hang, not a speed: speed is measured in bench/grading.py


def test_characters_that_nobody_sees_hide_no_word():
    text = "欠我工资12\u200b000元，工\u200b资没发，我想跳\u200b\u2060楼，电话138\u200b00000417"
    facts = read_facts(text)
    assert facts.has(Flag.SELF_HARM)
    assert facts.amount == 12000
    assert [text[span.start : span.end] for span in facts.personal] == ["138\u200b00000417"]
    assert [span.words for span in facts.spans(Flag.SELF_HARM)] == ["跳\u200b\u2060楼"]


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("我们12个人在工地干活，老板拖欠我们三个月工资。", {"workers", "months_owed"}),
        ("我们几百号人没拿到钱。", set()),
        ("我们夫妻俩都在厂里上班。", set()),
        ("领导安排18人参加面试，其中3名考生没有通过。", set()),
        ("投诉宁波某虚构机械有限公司，拖欠20名工人工资。", {"employer", "workers"}),
        ("", set()),
    ],
)
def test_what_is_sure_enough_to_be_shown(text: str, sure: set[str]) -> None:
    assert read_facts(text).sure == sure


def test_traditional_characters_are_read_and_stay_as_they_stand():
    text = "我們三十二個人在東方紡織有限公司上班，老闆共拖欠我們工資二十萬元，已經三個月沒發。"
    facts = read_facts(text)
    assert (facts.workers, facts.amount, facts.months_owed) == (32, 200_000, 3)
    assert facts.employer == "東方紡織有限公司"
    assert facts.spans("workers")[0].words == "三十二個人"
    assert all(text[span.start : span.end] == span.words for spans in facts.evidence.values() for span in spans)
    assert read_facts("欠薪伍萬圓整").amount == 50_000


def test_what_simplified_texts_write_is_left():
    from gongqing.language.traditional import simplified

    assert simplified("俱乐部、名著、乾隆、参加") == "俱乐部、名著、乾隆、参加"


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("我们不罢工也不堵门，只要一个说法", Flag.GATHERED),
        ("罢工的历史我们想听一课，能请老师来讲吗", Flag.GATHERED),
        ("车间的打包机又罢工了，修理工三天没来", Flag.GATHERED),
        ("早高峰接送孩子的车把厂门口堵了，希望错峰", Flag.GATHERED),
        ("职工罢工合不合法，法律上怎么规定，写论文用", Flag.GATHERED),
        ("我们商量好周日一起去献血", Flag.PREPARING),
        ("我们只想依法讨薪，大家都听安排", Flag.PREPARING),
        ("我丈夫八年前在工地触电身亡，孩子今年考上大学，怎么申请助学", Flag.DEATH),
        ("家父2009年因公牺牲，那时我才三岁，如今想查档案", Flag.DEATH),
        ("请问退休职工在家猝死，工会有没有慰问金", Flag.DEATH),
    ],
)
def test_what_is_past_asked_in_general_or_meant_otherwise_is_not_asserted(text, flag):
    assert not read_facts(text).has(flag)


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("我们不得不罢工，厂门已经围了", Flag.GATHERED),
        ("公交司机罢工了，路上没车", Flag.GATHERED),
        ("明天早高峰大家把车横着堵路", Flag.PREPARING),
        ("我们三十个人商量好后天封路", Flag.PREPARING),
        ("罢工的事已经定了，大家明天一起去", Flag.PREPARING),
        ("我哥昨天在工地触电身亡，法律上怎么规定", Flag.DEATH),
        ("工友前天从脚手架坠亡，五天了没人管", Flag.DEATH),
    ],
)
def test_what_looks_alike_and_happens_now_is_asserted(text, flag):
    assert read_facts(text).has(flag)


@pytest.mark.parametrize(
    "text",
    [
        "月底再不结清，民工准备去区政府门口静坐",
        "三百户居民已经商量好，后天一早去售楼处拉横幅",
        "两百名业主决定逐级上访",
        "骑手约好周五罢工",
        "村里人都知道，百姓打算拦路",
    ],
)
def test_people_who_are_several_by_what_they_are_prepare_together(text):
    assert read_facts(text).has(Flag.PREPARING)


@pytest.mark.parametrize(
    "text",
    [
        "一名村民准备上访",  # one of them
        "我作为业主准备上访",
        "听说隔壁镇的村民打算上访",  # others, elsewhere
        "家长决定不上访",  # denied, given up
        "村民决定放弃上访",
        "前年村民就准备上访了",  # long ago
        "教师曾打算罢课",
        "请问村民准备上访要带什么材料？",  # asked
        "村民是否准备上访",
        "《信访条例》第十八条：村民计划上访的，应当推选代表",  # what the law says
        "村民准备好的上访材料放在哪个柜子里",
        "同事结婚，家长们商量好联名送一个红包",  # together, and no protest
        "社区居民计划组织活动，准备去公园",
        "商户商量好要在门口挂横幅庆祝开业",
        "居民计划出行，路上堵车",
        "教师打算学习维权知识",  # milder words
    ],
)
def test_such_people_who_do_something_else_prepare_nothing(text):
    assert not read_facts(text).has(Flag.PREPARING)
