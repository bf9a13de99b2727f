"""The case of many: four employers, ninety-four workers, seven teams, partly recovered; and two that may be one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal, Claim, Team
from gongqing.appeals.rules.intake import Intake
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import scope
from gongqing.config.demo.people import Crowd
from gongqing.config.demo.places import NEAR
from gongqing.config.demo.stage import Stage
from gongqing.dispatch import actions as dispatch
from gongqing.lib.sheets import csv_of
from gongqing.lib.times import day_of

LEAD = "走访得知，四家做配套的企业是同一个老板"
SHEET_SEED = 94
TEAMS = (
    ("甬辰冲压件（虚构）有限公司", "冲压一班", 16),
    ("甬辰冲压件（虚构）有限公司", "冲压二班", 14),
    ("甬辰电镀（虚构）有限公司", "电镀班", 12),
    ("甬辰电镀（虚构）有限公司", "抛光班", 15),
    ("辰光模具（虚构）厂", "钳工班", 13),
    ("辰光模具（虚构）厂", "线切割班", 11),
    ("辰光物流（虚构）有限公司", "装卸班", 13),
)
COLUMNS = ("姓名", "手机", "单位", "班组", "班组长", "工作期间", "应发", "已发", "欠款", "依据")
PARTS = (
    "我是甬辰电镀的，三个月没发工资了，一共欠我一万四千元，老板电话打不通，厂门口贴了封条，请工会帮帮我们。",
    "在辰光模具做钳工，六月到现在工资一分没发，欠了一万五千多元，老板失联了，我们班十几个人都一样。",
)
ALIKE = (
    "食堂和车间的人都一样，两个月没发工资了，欠我九千元，问主管说再等等，请工会帮我讨回来。",
    "厂里两个月没发工资了，欠我八千四百元，找老板说没钱，请工会帮我讨回来。",
)


def show_group(stage: Stage, crowd: Crowd) -> None:
    """Merge two workers' own words into the case, fill its sheet, check most of it, and share out a first recovery."""
    lead = Appeal.objects.filter(text__startswith=LEAD, status__in=[Status.SIGNED, Status.IN_PROGRESS]).first()
    if lead is not None and lead.handler is not None:
        by, at = stage.handler(lead.handler), stage.until - timedelta(hours=6)
        parts = [
            _received(stage, crowd, text, TEAMS[2 + 2 * number][0], lead.region_id or NEAR, f"g{number}", hours=20)
            for number, text in enumerate(PARTS)
        ]
        chief = stage.supervisor(lead.handler, "city")
        with scope.acting_as(chief):
            dispatch.merge_appeals(
                lead_id=lead.pk,
                part_ids=[part.pk for part in parts],
                reason="同一个老板的四家企业，同一批工资",
                by=chief,
                at=at - timedelta(hours=2),
            )
            dispatch.ask_assistance(
                appeal_id=lead.pk,
                organisation_id=stage.places.factory_zone.pk,
                note="请到各班组和班组长逐人核对欠薪",
                by=chief,
                at=at - timedelta(hours=1),
            )
        with scope.acting_as(by):
            dispatch.load_claims(appeal_id=lead.pk, file_name="核算表.csv", content=_sheet(crowd), by=by, at=at)
            _check(lead, stage)
            dispatch.spread_payment(
                appeal_id=lead.pk,
                amount=Decimal("486000.00"),
                paid_on=day_of(at),
                voucher="区人社局应急周转金，转账回单 7731",
                by=by,
                at=at + timedelta(hours=3),
            )
    employer = stage.places.alone[NEAR][0].name
    for number, text in enumerate(ALIKE):
        _received(stage, crowd, text, employer, NEAR, f"s{number}", hours=30 - 9 * number)


def _received(stage: Stage, crowd: Crowd, text: str, employer: str, town: str, number: str, *, hours: int) -> Appeal:
    by = stage.seat()
    intake = Intake(
        source="hotline_12351",
        external_id=f"demo-group-{number}",
        channel="hotline_12351",
        text=text,
        region_code=town,
        employer=employer,
        person_name=crowd.name(),
        person_phone=crowd.phone(),
    )
    return appeals.receive_appeal(intake, by=by, at=stage.until - timedelta(hours=hours)).appeal


def _sheet(crowd: Crowd) -> bytes:
    """The teams' own list; the leader stands first in each."""
    rng = Random(SHEET_SEED)  # noqa: S311
    rows: list[tuple[str, ...]] = [COLUMNS]
    for employer, team, size in TEAMS:
        leader = crowd.name()
        for place in range(size):
            payable = rng.randrange(150, 240) * 100 + rng.randrange(0, 100)
            paid = rng.choice((0, 0, 2000, 3000))
            rows.append(
                (
                    leader if place == 0 else crowd.name(),
                    crowd.phone(),
                    employer,
                    team,
                    leader,
                    "2025-07 至 2025-09",
                    str(payable),
                    str(paid),
                    str(payable - paid),
                    rng.choice(("工资条", "考勤表、微信记账", "班组记工本")),
                )
            )
    return csv_of(rows)


def _check(lead: Appeal, stage: Stage) -> None:
    """Five teams are through with their leaders; two sums were found different, one worker disputes his."""
    handler = lead.handler
    if handler is None:
        return
    by, at = stage.handler(handler), stage.until - timedelta(hours=4)
    claims = list(Claim.objects.filter(appeal=lead).select_related("team").order_by("id"))
    for claim, less in ((claims[3], Decimal(600)), (claims[40], Decimal(-450))):
        dispatch.check_claim(
            claim_id=claim.pk, agreed=claim.owed - less, reason="考勤少算、多算了几天，对过记工本", by=by, at=at
        )
    dispatch.dispute_claim(claim_id=claims[58].pk, is_disputed=True, note="本人说还有 12 天夜班补贴没算", by=by, at=at)
    for team in Team.objects.filter(appeal=lead).order_by("id")[:5]:
        dispatch.check_team(team_id=team.pk, by=by, at=at)
