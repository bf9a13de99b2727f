"""The matters that every demonstration must show: the grades' reference cases and the night-bus wave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from gongqing.config.demo.people import Crowd
from gongqing.config.demo.places import FAR, NEAR, PARK, Places
from gongqing.config.demo.plans import Ending, Plan
from gongqing.lib.times import SHANGHAI, local

# age in days, hour, code, channel, town, ending, text
REFERENCE = (
    (
        *(2, 9.4, "LE01", "visit", "330203009", Ending.IN_PROGRESS),
        "走访得知，四家做配套的企业是同一个老板，老板昨晚起失联，手机关机，厂门口贴了封条。四家共94名职工"
        "三个月工资没发，大约一百三十万元，各班组已建群，商量明天一起去讨薪。",
    ),
    (
        *(6, 10.1, "LE01", "visit", "330226001", Ending.CLOSED),
        "6名派遣职工在工业园区做装卸，活干完了，工资3万元多次讨要无果，劳务公司和用工单位互相推，今天在门口"
        "吵起来了，再不给就要一起去堵门。",
    ),
    (
        *(12, 14.6, "LE01", "visit", "330282402", Ending.CLOSED),
        "片区上报：辖区一家企业拖欠工人工资，合计12.6万元，公司工会主席说老板答应月底给，工人不相信，请镇总工会协调。",
    ),
    (
        *(40, 12.2, "SC03", "app", FAR, Ending.CLOSED),
        "我们站点有9个快递小哥都是这个月生日，大家都在外地过，能不能请工会给我们过一个集体生日？地方就在驿站，吃碗长寿面就开心。",
    ),
    (
        *(27, 20.3, "OT02", "hotline_12351", "330206009", Ending.CLOSED),
        "来电人是集卡司机，说码头边上几十个司机都没时间去医院体检，腰不好血压高，问能不能把体检车开到停车场来。",
    ),
    (
        *(21, 18.9, "SC01", "app", "330212010", Ending.CLOSED),
        "几家公司的同事都喜欢打乒乓球，想丰富一下业余生活，工会能不能牵头办一场几家企业一起的乒乓球赛？",
    ),
    (
        *(9, 21.7, "SC02", "app", NEAR, Ending.CLOSED),
        "欠了网贷，老婆带孩子走了，工资又被扣光，真的不想活了，昨天在江边站了一个钟头。写在这里也不知道有没有人看。",
    ),
    (
        *(16, 9.2, "LE09", "visit", FAR, Ending.CLOSED),
        "夜查发现化工车间强令工人进罐清洗，没有通风没有监护，气体报警器是坏的，班组长说不进去就扣当月奖金，属明显冒险作业。",
    ),
    (
        *(31, 15.8, "LE06", "walk_in", "330281004", Ending.CLOSED),
        "来访职工代表5人，称公司准备下月裁员45人，只给半个月工资，大家不同意，要求按年限支付补偿。",
    ),
    (
        *(52, 10.7, "LE01", "hotline_12345", NEAR, Ending.TRACKED),
        "来电人反映工地18名木工被拖欠4个月工资，共计36万元，包工头手机停机找不到人，总包让等。",
    ),
)
NIGHT_BUS = (
    "下夜班十点半，公交早没了，要走3公里到大路上才打得到车，一个人走心里发毛。",
    "晚班下来没有公交车，厂门口黑漆漆的，走三公里才有车，女同事多，能不能加一班夜班公交？",
    "来电人称在园区上小夜班，23点下班无公交可乘，步行近3公里才能打到车，建议开通夜间班线。",
    "我们整条线三十几个人都是十一点下班，打车要走到国道边上，下雨天一身湿。公交末班延一延吧。",
    "又是下夜班走回去的，脚底起泡。能不能跟公交公司商量，十一点前后有一班就够了。",
    "工友们都在讲夜班车的事情，园区好几家厂都是差不多辰光下班，一起坐一班车正好。",
    "女职工来电：下夜班没有公交车坐，打车要四十几块，一个礼拜要去掉两百，希望园区开通夜班公交。",
)


def reference_plans(first: int, crowd: Crowd, *, now: datetime) -> Iterator[Plan]:
    """The reference cases, numbered from `first`."""
    for number, (age, hour, code, channel, town, ending, text) in enumerate(REFERENCE, first):
        yield Plan(
            number=number,
            at=_at(now, age, hour),
            code=code,
            text=text,
            channel=channel,
            town=town,
            ending=ending,
            name=crowd.name(),
            phone=crowd.phone(),
        )


def night_bus_plans(first: int, places: Places, crowd: Crowd, rng: Random, *, now: datetime) -> Iterator[Plan]:
    """Seven voices from one park within a week, of different employers, late in the evening."""
    employers = [one.name for one in places.alone[NEAR]] + [one.name for one in places.unionised[NEAR][2::3]]
    for number, text in enumerate(NIGHT_BUS):
        yield Plan(
            number=first + number,
            at=_at(now, 2 + (number * 5) // len(NIGHT_BUS), 21.8 + rng.random() * 1.9),
            code="OT04",
            text=text,
            channel="hotline_12351" if number % 3 == 2 else rng.choice(("app", "talk", "home_app")),
            town=NEAR,
            ending=Ending.IN_PROGRESS if number < 5 else Ending.SIGNED,
            employer=employers[number * 2 % len(employers)],
            place=PARK,
            name=crowd.name(),
            phone=crowd.phone(),
        )


def _at(now: datetime, age: float, hour: float) -> datetime:
    day = (local(now) - timedelta(days=age)).date()
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(hours=hour)
