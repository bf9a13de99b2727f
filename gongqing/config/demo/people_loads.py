"""A town's unions and a few of its people, loaded from sheets: one row of each sheet cannot be taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.config.demo.places import FAR, NEAR
from gongqing.config.demo.stage import Stage
from gongqing.lib.codes import uscc_check_char
from gongqing.lib.sheets import csv_of
from gongqing.registry.actions import loads
from gongqing.registry.models import LoadKind, LoadState

SOURCE = "人事台账"
UNIONS = ("渡头五金", "石桥印染", "晴川食品", "枫林塑业", "松涧物流")
# name, phone, place in the load, role
STAFF = (
    ("梅若溪", "13900000901", "YS-001", "基层工会干部"),
    ("方见山", "13900000902", "YS-002", "基层工会干部"),
    ("柳依岸", "13900000903", "YS-LH", "基层工会干部"),
    ("白知行", "13900000904", "YS-999", "基层工会干部"),
)


def show_people_loads(stage: Stage) -> None:
    """Load five unions under a federation that stands below them in the sheet, then their officers."""
    admin, at = stage.cast.named["admin"], stage.until - timedelta(hours=5)
    town, zone = stage.places.by_code[FAR], stage.places.zones[FAR][0]
    with scope.acting_as(admin):
        _load(LoadKind.ORGANISATIONS, "慈溪新建会工会.csv", _unions(town.code, zone.code), by=admin, at=at)
        _load(LoadKind.STAFF, "慈溪新任工会干部.csv", _staff(), by=admin, at=at + timedelta(minutes=20))


def _unions(town: str, zone: str) -> list[tuple[str, ...]]:
    made: list[tuple[str, ...]] = [
        ("组织编码", "名称", "类型", "上级编码", "单位统一社会信用代码", "单位名称", "职工人数", "所属片区")
    ]
    for number, name in enumerate(UNIONS, 1):
        body = f"91330282MA8{number:06d}"
        firm = f"{name}（虚构）有限公司"
        code = body + uscc_check_char(body)
        made.append((f"YS-{number:03d}", f"{name}工会", "基层工会", "YS-LH", code, firm, str(40 * number), zone))
    made.append(("YS-LH", "浒山新业联合工会", "小三级", town, "", "", "", zone))
    made.append(("YS-006", "找不到上级的工会", "基层工会", f"{NEAR}-XX", "", "", "", ""))
    return made


def _staff() -> list[tuple[str, ...]]:
    return [("姓名", "手机号", "组织编码", "岗位"), *STAFF]


def _load(kind: str, file_name: str, rows: list[tuple[str, ...]], *, by: Actor, at: datetime) -> None:
    load = loads.begin_load(kind=kind, source=SOURCE, file_name=file_name, content=csv_of(rows), by=by, at=at)
    load = loads.start_load(load_id=load.pk, by=by, at=at, in_hand=True)
    while load.state == LoadState.RUNNING:
        load = loads.advance_load(load_id=load.pk, by=by, at=at + timedelta(minutes=1))
