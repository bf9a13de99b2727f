"""The grade follows the rows: acceptance cases, each rule, the properties of the table, and who may lower a grade."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongqing.appeals.rules.grading import (
    FIRST_RULES,
    Circumstances,
    Grade,
    GradeRule,
    Level,
    check_can_lower,
    grading_of,
)
from gongqing.language.facts import Facts, Flag, read_facts
from gongqing.lib.errors import BadInput, NotPermitted


def graded(text, category="LE01", default=Grade.YELLOW, **seen):
    return grading_of(read_facts(text), category_grade=default, circumstances=Circumstances(category=category, **seen))


def hit(grading):
    return {reason.rule for reason in grading.reasons}


def test_bosses_of_four_firms_fled():
    grading = graded(
        "我们在海曙做工，4家企业的94名职工，老板都跑路了，工资三个月没发，大家情绪激动，正准备集体讨薪，请工会帮忙算清各班组工资。"
    )
    assert grading.grade is Grade.RED
    assert {"G04", "G09"} <= hit(grading)
    assert any(span.words == "94名职工" for reason in grading.reasons for span in reason.spans)


def test_six_dispatched_workers():
    text = "我们是劳务派遣过来的6名职工，厂里一共欠我们3万元工资，去要了好几次都没结果，派遣公司和厂里互相推，大家打算一起去公司坐着等。"
    facts = read_facts(text)
    assert (facts.workers, facts.amount, facts.amount_per_person) == (6, 30_000, 5000)
    grading = graded(text)
    assert grading.grade is Grade.ORANGE
    assert "G22" in hit(grading)


def test_a_hundred_and_twenty_six_thousand_yuan():
    grading = graded("公司拖欠工人工资12.6万元，协调了还没付。")
    assert grading.grade is Grade.ORANGE
    assert "G08b" in hit(grading)


def test_first_sign_of_a_dispute():
    grading = graded("这个月工资比说好的晚了几天，跟主管有点争执，想请工会先了解一下。")
    assert grading.grade is Grade.YELLOW


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("我们驿站有9名小哥这个月过生日，能不能一起过个集体生日？", "SC03"),
        ("园区两百多名职工想做体检，体检车能不能开过来？", "OT02"),
        ("我们几家公司五十几个人想办一场乒乓球赛。", "SC01"),
        ("厂里下夜班要走3公里才能打到车，我们两百多号人都盼夜班公交。", "OT04"),
        ("我们厂一百二十名职工想成立工会。", "DP01"),
        ("建议工作服做成可拆袖子，车间三百人都会觉得方便。", "DP06"),
    ],
)
def test_wishes_of_many_stay_green(text, category):
    assert graded(text, category, Grade.GREEN).grade is Grade.GREEN


CASES = [
    ("没有拖欠工资，就问一下发薪日", "LE02", "green", "green", None),
    ("我和两个工友共3人，加班费少算了", "LE02", "green", "yellow", "G02"),
    ("我们十几个人的社保都没交", "LE07", "green", "orange", "G03"),
    ("十来个人的工资都没给", "LE01", "yellow", "orange", "G03"),
    ("全车间42名员工没签合同", "LE05", "green", "red", "G04"),
    ("上百号人的公积金没交", "LE07", "green", "red", "G04"),
    ("我们15名司机被罚款，已经罢运堵了站点大门", "LE11", "yellow", "red", "G05"),
    ("两个月没发工资了，欠我3000块", "LE01", "green", "yellow", "G06"),
    ("三四个月没拿到工钱", "LE01", "yellow", "orange", "G07"),
    ("拖欠我四个月工资，一共2万元", "LE01", "yellow", "orange", "G07"),
    ("拖欠我三个月工资，一共才3000元", "LE01", "yellow", "yellow", "G06"),
    ("欠我们12个人工资共5万元", "LE01", "yellow", "orange", "G07"),
    ("欠我们12个人工资共11万元", "LE01", "yellow", "red", "G08"),
    ("欠薪总额六十万元", "LE01", "yellow", "red", "G08"),
    ("老板失联了，还欠我们4个人的工资", "LE01", "yellow", "orange", "G09b"),
    ("工资没发老板就连夜搬厂了", "LE01", "yellow", "red", "G09"),
    ("包工头跑了，二十多个人工钱没给", "LE01", "yellow", "red", "G09"),
    ("公司要裁员25人", "LE06", "yellow", "orange", "G10"),
    ("公司要裁员两成", "LE06", "yellow", "orange", "G10"),
    ("公司裁员3人", "LE06", "yellow", "yellow", None),
    ("压力太大，不想活了", "SC02", "yellow", "red", "G11"),
    ("怕他跳楼，请来人看看", "OT06", "green", "red", "G11"),
    ("电影里跳楼那段把我吓到了，想找人聊聊", "SC02", "yellow", "yellow", None),
    ("我不会自杀，就是睡不着", "SC02", "yellow", "yellow", None),
    ("再拖我就跟老板同归于尽", "LE01", "yellow", "red", "G12"),
    ("再不解决我就去上访", "LE07", "green", "orange", "G13"),
    ("我要发抖音曝光", "LE03", "yellow", "orange", "G13"),
    ("我们从不上访闹事，只想问政策", "LE07", "green", "green", None),
    ("工友在工地触电死亡", "LE08", "yellow", "red", "G14"),
    ("车间发生硫化氢中毒，十几个工人送医", "LE09", "yellow", "red", "G14"),
    ("工亡待遇标准是什么", "LE08", "yellow", "yellow", None),
    ("上班时手指被机器切断，现在住院", "LE08", "yellow", "orange", "G15"),
    ("没有安全带还让我们上高空作业", "LE09", "yellow", "orange", "G15"),
    ("店里用十四岁的童工", "LE10", "yellow", "red", "G16"),
    ("中介扣了我们身份证不还", "LE05", "green", "red", "G16"),
    ("工头把门锁了，不让我们离开工地", "LE05", "green", "red", "G16"),
    ("主管性骚扰女员工", "LE10", "yellow", "orange", "G17"),
    ("我举报后就被公司辞退，是打击报复", "LE06", "yellow", "orange", "G17"),
    ("讨薪时被打手殴打", "LE01", "yellow", "orange", "G17"),
    ("这是第三次反映了，人社局一直没有回复", "LE07", "green", "yellow", "G18"),
    ("仲裁时效只剩20天", "OT05", "green", "yellow", "G19"),
    ("仲裁时效只剩3天", "OT05", "green", "orange", "G19b"),
    ("公司不交社保，已经上了热搜", "LE07", "green", "yellow", "G20"),
    ("怀孕后被要求倒班", "LE04", "green", "yellow", "G21"),
    ("我是残疾职工，年假没休", "LE04", "green", "yellow", "G21"),
    ("我们5个人多次讨要加班费无果", "LE03", "yellow", "orange", "G22"),
    ("阿拉七个人工钿勿发，讲好明朝一起去厂里坐坐", "LE01", "yellow", "orange", "G22"),
    ("工资冇发,老板冇影,电话打不通", "LE01", "yellow", "red", "G09"),
    ("如果公司拖欠工资三个月，劳动者能解除合同吗", "OT05", "green", "green", None),
    ("《刑法》第二百七十六条之一规定的拒不支付劳动报酬怎么理解", "OT05", "green", "green", None),
    ("年会上两百名员工抽奖，我没抽到，逗你玩的", "SC01", "green", "green", None),
    ("<script>alert(1)</script>'; DROP TABLE appeals; --", "OT06", "green", "green", None),
    ("=1+1@SUM(A1:A9)", "OT06", "green", "green", None),
    ("😀😀😀", "OT06", "green", "green", None),
    ("", "OT06", "green", "green", None),
]


@pytest.mark.parametrize(("text", "category", "default", "grade", "rule"), CASES)
def test_rules_on_texts(text, category, default, grade, rule):
    grading = graded(text, category, Grade(default))
    assert grading.grade == grade
    assert rule is None or rule in hit(grading)


def test_what_the_platform_knows():
    plain = "加班费少算了"
    assert "G03" in hit(graded(plain, "LE03", aggregated_workers=11))
    assert graded(plain, "LE03", aggregated_workers=31).grade is Grade.RED
    assert graded(plain, "LE03", submissions_count=2).grade is Grade.ORANGE
    assert graded(plain, "LE03", returned_unsatisfied=True).grade is Grade.ORANGE
    assert graded(plain, "LE03", days_to_limitation=6).grade is Grade.ORANGE
    assert graded(plain, "LE03", days_to_limitation=31).grade is Grade.YELLOW
    assert graded(plain, "LE03", days_to_limitation=-3).grade is Grade.YELLOW
    assert graded("公司裁员12人", "LE06", staff_count=100).grade is Grade.ORANGE
    assert graded("公司裁员5人", "LE06", staff_count=100).grade is Grade.YELLOW
    reasons = graded(plain, "LE03", aggregated_workers=31).reasons
    assert any(reason.evidence == "14日内同单位同小类共31人" for reason in reasons)


def test_raising_stops_at_its_ceiling():
    red = graded("我们40名职工社保没交，这是第三次反映了，社保局没有回复", "LE07", Grade.GREEN)
    assert red.grade is Grade.RED
    assert "G18" in hit(red)
    orange = graded("拖欠我四个月工资，第三次反映了，劳动局没有回复", submissions_count=3)
    assert orange.grade is Grade.ORANGE
    both = graded("年假没休，电视台来采访过了", "LE04", Grade.GREEN, submissions_count=2)
    assert both.grade is Grade.ORANGE
    assert graded("拖欠我四个月工资，电视台来采访过了").grade is Grade.RED


def test_matters_outside_workers_rights_keep_only_the_rules_of_safety():
    assert (
        graded("小区三百人没有暖气，多次投诉没有结果", "OT06", Grade.YELLOW, labour_related=False).grade is Grade.GREEN
    )
    assert graded("我不想活了", "OT06", Grade.GREEN, labour_related=False).grade is Grade.RED


def test_a_reader_s_no_lowers_no_category_of_workers_rights_until_a_person_says_so():
    fall = "送货路上摔了，锁骨断了，站长说我是个体户不管"
    unsure = graded(fall, "LE11", Grade.YELLOW, labour_related=False)
    assert (unsure.grade, unsure.reasons[0].grade) == (Grade.YELLOW, Grade.YELLOW)
    assert graded(fall, "LE11", Grade.YELLOW, labour_related=False, labour_settled=True).grade is Grade.GREEN
    assert graded("我们20个骑手都被扣了钱", "LE11", Grade.YELLOW, labour_related=False).grade is Grade.ORANGE
    for code in ("DP06", "SC01", "SC04", "OT01", "OT06", ""):
        assert graded("家里有困难", code, Grade.YELLOW, labour_related=False).grade is Grade.GREEN


def test_a_need_of_many_is_no_dispute():
    assert graded("我们50名职工想要暑期托班", "OT06", Grade.GREEN, is_need=True).grade is Grade.GREEN


def test_restricted_and_call_back():
    assert graded("主管性骚扰", "LE10").restricted
    assert not graded("主管性骚扰", "LE10").needs_call_back
    assert graded("我不想活了", "SC02").needs_call_back
    assert not graded("工资没发").needs_call_back


def test_every_hit_is_kept_and_says_its_words():
    grading = graded("老板跑路，欠我们40名职工工资60万元，已经三个月没发")
    assert {"G01", "G02", "G03", "G04", "G06", "G07", "G08", "G08b", "G09", "G09b"} <= hit(grading)
    assert all(reason.evidence for reason in grading.reasons)


def test_order_and_colours():
    assert list(Grade) == sorted(Grade)
    assert Grade.RED > Grade.GREEN >= Grade.GREEN
    assert max(Grade.ORANGE, Grade.YELLOW) is Grade.ORANGE
    assert [grade.three_colour for grade in Grade] == ["绿", "黄", "红", "红"]
    assert Grade.RED.raised() is Grade.RED
    assert [level.rank for level in Level] == [0, 1, 2, 3, 4]


def test_rows_survive_json():
    rows = json.loads(json.dumps([rule.as_row() for rule in FIRST_RULES], ensure_ascii=False))
    assert tuple(GradeRule.from_row(row) for row in rows) == FIRST_RULES
    assert len({rule.id for rule in FIRST_RULES}) == len(FIRST_RULES)


def test_a_city_edits_a_threshold():
    rows = [rule.as_row() for rule in FIRST_RULES if rule.id == "G03"]
    rows[0]["condition"]["workers_at_least"] = 5
    facts = read_facts("我们6个人的社保都没交")
    seen = Circumstances(category="LE07")
    rules = [GradeRule.from_row(row) for row in rows]
    assert grading_of(facts, category_grade=Grade.GREEN, circumstances=seen, rules=rules).grade is Grade.ORANGE


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": ""}, "id"),
        ({"basis": ""}, "basis"),
        ({"grade": "purple"}, "grade"),
        ({"grade": None}, "grade"),
        ({"raise_at_most": "blue"}, "raise_at_most"),
        ({"condition": {}}, "condition"),
        ({"condition": {"workers_at_lest": 3}}, "condition"),
        ({"condition": {"workers_at_least": "多"}}, "condition"),
        ({"condition": {"workers_at_least": True}}, "condition"),
        ({"condition": {"flag": "angry"}}, "condition"),
        ({"condition": {"flags_any": "arrears"}}, "condition"),
        ({"condition": {"flags_any": ["angry"]}}, "condition"),
        ({"condition": {"any": {}}}, "condition"),
        ({"condition": {"any": [{"nothing": 1}]}}, "condition"),
        ({"condition": {"labour_related": "yes"}}, "condition"),
    ],
)
def test_a_wrong_row_is_refused_by_field(change, field):
    with pytest.raises(BadInput) as refusal:
        GradeRule.from_row({**FIRST_RULES[0].as_row(), **change})
    assert refusal.value.field == field


def test_who_may_lower():
    check_can_lower(Grade.RED, Grade.ORANGE, Level.COUNTY, reason="已稳控")
    check_can_lower(Grade.ORANGE, Grade.GREEN, Level.TOWN, reason="人数有误")
    check_can_lower(Grade.YELLOW, Grade.GREEN, Level.GRASSROOTS, reason="已解释")
    check_can_lower(Grade.GREEN, Grade.RED, Level.GRASSROOTS, reason="")
    with pytest.raises(NotPermitted, match="区县"):
        check_can_lower(Grade.RED, Grade.ORANGE, Level.TOWN, reason="已稳控")
    with pytest.raises(NotPermitted, match="镇街"):
        check_can_lower(Grade.ORANGE, Grade.YELLOW, Level.ZONE, reason="已稳控")
    with pytest.raises(BadInput) as refusal:
        check_can_lower(Grade.RED, Grade.YELLOW, Level.CITY, reason="  ")
    assert refusal.value.field == "reason"


IDS = [rule.id for rule in FIRST_RULES]
texts = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from([text for text, *_ in CASES if text]), max_size=4).map("，".join),
)
circumstances = st.builds(
    Circumstances,
    category=st.sampled_from(["", "LE01", "SC01", "OT04", "DP03"]),
    labour_related=st.booleans(),
    labour_settled=st.booleans(),
    is_need=st.booleans(),
    submissions_count=st.integers(1, 5),
    returned_unsatisfied=st.booleans(),
    aggregated_workers=st.integers(0, 200),
    days_to_limitation=st.none() | st.integers(-10, 60),
    staff_count=st.none() | st.integers(1, 500),
)


@given(texts, st.sampled_from(Grade), circumstances, st.sets(st.sampled_from(IDS)), st.sampled_from(IDS))
@settings(max_examples=300, deadline=None)
def test_more_rules_never_lower_the_grade(text, default, seen, rules, another):
    facts = read_facts(text)
    few = [rule for rule in FIRST_RULES if rule.id in rules]
    more = [rule for rule in FIRST_RULES if rule.id in {*rules, another}]
    lower = grading_of(facts, category_grade=default, circumstances=seen, rules=few)
    higher = grading_of(facts, category_grade=default, circumstances=seen, rules=more)
    assert higher.grade >= lower.grade
    counts = seen.labour_related or (not seen.labour_settled and seen.category in ("LE01", "DP03"))
    assert lower.grade >= (default if counts else Grade.GREEN)
    assert hit(lower) <= hit(higher)


@given(st.frozensets(st.sampled_from(Flag)), st.none() | st.integers(1, 300), st.none() | st.integers(0, 10**7))
@settings(max_examples=200, deadline=None)
def test_more_workers_in_a_dispute_never_lower_the_grade(flags, workers, amount):
    facts = Facts(workers=workers, amount=amount, evidence={flag: (_SPAN,) for flag in flags if flag != Flag.FLED})
    more = replace(facts, workers=(workers or 0) + 30)
    seen = Circumstances(category="LE01")
    assert (
        grading_of(more, category_grade=Grade.YELLOW, circumstances=seen).grade
        >= grading_of(facts, category_grade=Grade.YELLOW, circumstances=seen).grade
    )


_SPAN = read_facts("拖欠工资").spans(Flag.ARREARS)[0]
