"""What is only told of danger is no danger now; what has the same shape and is meant stays heard."""

import pytest

from gongqing.language.crisis import found_by_rules
from gongqing.language.facts import Flag, read_facts

UNTRUE = [
    ("网传我们镇有人自焚，派出所已经辟谣，是外地的旧视频", "网传我们厂有人自焚，派出所还没辟谣，人已经送医院了"),
    ("工单所述有人扬言放火一事，经街道现场核实，纯属误会", "工单所述有人扬言放火一事，经街道现场核实，基本属实"),
    (
        "举报人反映的有人要跳楼，经查不属实，系工人在清洗外墙",
        "举报人反映的有人要跳楼，回复说不属实，但我亲眼看见他上去了",
    ),
]
ASKED = [
    ("备课要用，员工在宿舍自杀算不算工伤？", "我在宿舍自杀算不算工伤？"),
    ("考证题里问，自杀能不能认定工亡，标准答案是什么", "备考社工证备到想自杀，算不算工伤"),
]
PAST = [
    (
        "上世纪八十年代队里有个后生喝农药走的，那时候谁管心理这些事",
        "上世纪八十年代队里有个后生喝农药走的，我也要走他那条路",
    ),
    ("一九八六年厂子停工，那时候我真想一了百了，是老主席天天来家里劝", "一九八六年厂子停工，我想一了百了，现在又想了"),
    ("夏令营里老师讲鬼故事，说有人上吊，孩子们吓坏了", "他讲着讲着说要上吊，孩子们吓坏了"),
    ("小时候村里有人跳河，老人讲了好多年", "小时候村里有人跳河，今天我站在这条河边"),
]
ELSEWHERE = [
    ("前年对面园区有人跳楼，我们想请心理老师来讲讲压力", "前年对面园区有人跳楼，现在轮到我们车间了"),
    ("德国那边有工人自焚的案子，读书会讨论过", "我在德国打工，自焚给他们看"),
    ("去年隔壁工地有个小伙子跳楼，建议给宿舍装护窗", "隔壁工地有个小伙子要跳楼，快来人"),
]
TAKEN_BACK = [
    ("那天我在气头上，当时我说要弄死他是气话，我们已经和好了", "当时我说要弄死他不是气话，你们看着办"),
    ("上次我喊着要砍人是喝多了，今天来道歉", "上次我喊着要砍人是喝多了，这次可没喝"),
]
OTHER_WORDS = [("社区日有理发、磨刀、修伞，几点开始", "他在宿舍磨刀，嘴里念着老板的名字")]


@pytest.mark.parametrize(("told", "meant"), [*UNTRUE, *ASKED, *PAST, *ELSEWHERE, *TAKEN_BACK, *OTHER_WORDS])
def test_words_of_harm_that_are_only_told_are_no_threat(told: str, meant: str) -> None:
    assert found_by_rules(told) == []
    assert found_by_rules(meant)


CIRCUMSTANCES = [
    (Flag.GATHERED, "三月份堵门的事情在街道调解下已经妥善解决，大家都复工了", "三月份堵门的事情说是已经解决，现在又堵上了"),
    (Flag.GATHERED, "堵门那件事早就平息了，我只想问下个月排班", "堵了门，这件事没有人来解决"),
    (Flag.GATHERED, "英国火车司机罢工，我们的货会晚到吗", "我们英国老板的厂里工人罢工了"),
    (Flag.GATHERED, "职工罢工期间的待遇，法律有没有规定？写毕业论文用", "我们职工罢工第三天了，法律有没有规定不许开除？"),
    (Flag.SEXUAL_HARASSMENT, "去年组长骚扰女工的事已经处理，他被开除了", "组长骚扰女工的事说是处理了，他还敢来"),
    (Flag.SEXUAL_HARASSMENT, "我们在起草性骚扰防治制度，有没有范本", "性骚扰我的人还在当班长"),
    (Flag.VIOLENCE, "刚毕业，受了一回社会的毒打", "去讨工钱，遭了一顿毒打"),
    (Flag.GATHERED, "厂门口挂横幅宣传安全月，能不能挂高些", "家属在厂门口挂横幅，要厂里给说法"),
    (Flag.VIOLENCE, "这份答复等于打自己耳光", "当着全车间的面扇了我两个耳光"),
    (Flag.VIOLENCE, "想了解体罚和管教的界限在哪里", "组长体罚学生工，让人顶着水桶站一夜"),
    (Flag.VIOLENCE, "连着三天打得头晕，想换个不打字的岗", "班长把学徒打得晕过去了"),
    (Flag.VIOLENCE, "保安打人的事已经处理了，赔礼道歉都到位", "保安打人的事没有处理，我的肋骨断了"),
    (Flag.VIOLENCE, "刷到一个员工被殴打的短剧，演得真像", "刷到我们工友被殴打的视频，就是今天的事"),
    (Flag.WITHHELD_DOCUMENTS, "扣押身份证违反哪一条法律？备课用", "公司扣押我身份证违反哪一条法律？"),
    (Flag.WITHHELD_DOCUMENTS, "收走的身份证昨天都还给大家了", "收走的身份证到今天也不还给大家"),
    (Flag.GATHERED, "聚集的工人中午已散，机器都开了", "聚集的工人中午还没散，机器都停着"),
    (Flag.GATHERED, "上世纪罢工的老照片能不能借来办展", "罢工的照片我们拍下来了，今天第二天"),
    (Flag.GATHERED, "后门的消防通道被纸箱货物堵了", "后门的通道被工人堵了，要老板给说法"),
    (Flag.VIOLENCE, "网上传的那段殴打员工的视频是四年前的", "网上传的那段殴打员工的视频就是我们厂的"),
    (Flag.SEXUAL_HARASSMENT, "女工专场能不能讲讲反性骚扰", "讲座上那个主管还在性骚扰女工"),
    (Flag.DEATH, "班前会学习事故通报，邻市有人触电死亡", "班前会刚开完，有人触电死亡"),
    (Flag.CHILD_LABOUR, "孩子的手抄报要写童工的危害", "我要写信告你们，厂里用童工"),
    (Flag.CHILD_LABOUR, "小时候我当过童工，那段工龄能不能算进去", "这家店用童工，小的才十三岁"),
    (Flag.CHILD_LABOUR, "检查回复：逐间核对身份证，未发现童工", "检查走过场，里面就有童工"),
    (Flag.DEATH, "请问非因工死亡的抚恤金去哪里领", "我丈夫因工死亡，厂里不认"),
    (Flag.DEATH, "一九七九年矿上塌方，两个师傅当场就没了，我想把这段写进矿史", "矿上塌方，两个师傅当场就没了"),
    (Flag.SERIOUS_INJURY, "上班时骨折早拆了石膏，想问护理费", "上班时骨折，石膏还没拆，厂里不给钱"),
    (Flag.SERIOUS_INJURY, "1988年在车间轧断手指，如今退休了想办残疾证", "十年前来厂里干活，上个月被机器轧断手指"),
    (Flag.PREPARING, "我们想请工会来上一堂维权课", "我们几个工友打算明天一起去讨薪"),
]  # fmt: skip


@pytest.mark.parametrize(("flag", "told", "meant"), CIRCUMSTANCES)
def test_circumstances_that_are_only_told_are_not_asserted(flag: Flag, told: str, meant: str) -> None:
    assert not read_facts(told).has(flag)
    assert read_facts(meant).has(flag)


def test_a_death_or_an_injury_stays_one_when_the_matter_is_settled() -> None:
    assert read_facts("工友在工地坠亡那件事已经妥善解决，家属拿到了赔偿").has(Flag.DEATH)
    assert read_facts("上班时压断手指这件事已经处理好了").has(Flag.SERIOUS_INJURY)
