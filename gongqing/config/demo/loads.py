"""Two sheets of a hotline: one loaded this morning, one tried and waiting to be started."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.config.demo.stage import Stage
from gongqing.lib.sheets import csv_of
from gongqing.registry.actions import loads
from gongqing.registry.models import Load, LoadKind, LoadState

HEADER = ("工单编号", "来电时间", "来电人", "联系电话", "所属区县", "所属街道", "诉求内容", "被诉单位", "办结时限")
PLACES = (("北仑区", "新碶"), ("鄞州区", "下应"), ("慈溪市", "浒山"), ("海曙区", "集士港镇"), ("", ""))
PEOPLE = ("陶女士", "祝先生", "应女士", "乐先生", "桑女士", "池先生", "戚女士", "阮先生")
LABOUR = (
    "在一家服装厂做平车，厂里拖欠两个月工资，问了几次都说等货款到了再发。",
    "公司没有提前通知就让我不用来了，不给经济补偿，要求支付赔偿金。",
    "上班时被机器压伤手指，老板不肯申报工伤，医药费也是自己垫的。",
    "入职一年多公司没有缴社保，要求补缴被拒绝，想问怎么维权。",
    "天天加班到晚上十点，没有加班费也不给调休，一个月只休一天。",
    "干了半年没有签劳动合同，现在要走，最后一个月工资扣着不发。",
    "工地干完活三个月了，包工头一直拖着民工的工钱，十几个人都没拿到。",
)
OTHER = (
    "小区旁边的公园停车位太少，物业乱收停车费，希望城管和交警来管一管。",
    "开发商延期交房，房产证一直办不下来，业主要求住建部门督促。",
    "公交车站牌倒了，等车的人没有地方避雨，希望重新装一个。",
    "小区电梯经常故障，物业公司不维修，业主要求房管部门查处物业。",
)
UNCLEAR = ("来电反映问题，具体情况见附件，希望有人联系。", "想咨询一下相关情况，请工作人员回电。")


def show_loads(stage: Stage) -> None:
    """Load forty rows of 12345, three of them wrong, and leave a sheet of 12351 tried but not started."""
    seat, county, at = stage.cast.named["hotline"], stage.cast.named["county"], stage.until - timedelta(hours=4)
    with scope.acting_as(seat):
        _run(_begun("12345", "12345 转办工单（本周）.csv", _rows(40, "NB", at), by=seat, at=at), by=seat, at=at)
    with scope.acting_as(county):
        waiting = _begun("12351", "12351 热线记录（上周）.csv", _rows(12, "ZG", at), by=county, at=at)
        _run(waiting, by=county, at=at, dry_run=True)


def _begun(source: str, file_name: str, rows: Iterator[tuple[str, ...]], *, by: Actor, at: datetime) -> Load:
    return loads.begin_load(
        kind=LoadKind.APPEALS, source=source, file_name=file_name, content=csv_of([HEADER, *rows]), by=by, at=at
    )


def _run(load: Load, *, by: Actor, at: datetime, dry_run: bool = False) -> None:
    load = loads.start_load(load_id=load.pk, by=by, at=at, dry_run=dry_run, in_hand=True)
    while load.state == LoadState.RUNNING:
        load = loads.advance_load(load_id=load.pk, by=by, at=at + timedelta(minutes=1))


def _rows(count: int, prefix: str, at: datetime) -> Iterator[tuple[str, ...]]:
    """Rows in turns of labour, other and unclear words; every thirteenth has a fault."""
    for number in range(count):
        said_at = at - timedelta(hours=3 + 5 * number)
        kind = (LABOUR, OTHER, LABOUR, OTHER, UNCLEAR)[number % 5]
        text = kind[(number // 2) % len(kind)]
        moment = f"{said_at:%Y/%m/%d %H:%M}"
        if number % 13 == 12:
            moment, text = ("昨天下午", text) if number % 2 else (moment, "")
        county, town = PLACES[number % len(PLACES)]
        due = f"{said_at + timedelta(days=7):%Y-%m-%d}"
        yield (
            f"{prefix}{said_at:%Y%m%d}{number:04d}",
            moment,
            PEOPLE[number % len(PEOPLE)],
            f"1390001{number:04d}",
            county,
            town,
            text,
            "",
            due,
        )
