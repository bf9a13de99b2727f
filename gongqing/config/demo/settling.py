"""Two lists to settle: a county's of unpaid wages, the city's of labour disputes; some struck off, one late."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import ANSWERED, CLOSED
from gongqing.audit.actor import Actor
from gongqing.config.demo.places import NEAR
from gongqing.config.demo.stage import Stage
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.models import ListEntry, SettlingList
from gongqing.lib.times import day_of

EVIDENCE = (
    "双方在调处工作室签了调解协议，拖欠的工资已全部打到职工工资卡，有银行回单。",
    "用人单位分两次付清，职工本人电话确认收到，协议和转账记录附后。",
    "街道会同人社所现场发放，职工签字确认，花名册附后。",
)
OUTSIDE = (
    ("湾塘路幕墙班组反映总包拖欠进度款，住建部门移送", 20, True),
    ("城西电商园两家快递网点合并后补偿没有谈拢，信访局移送", 17, False),
    ("石碶纺织小微园三家作坊年底集中结薪，提前排查", 6, False),
)
PAPER = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
LISTED, STRUCK = 6, 4


def show_settling(stage: Stage) -> None:
    """Open both lists, put matters on them, settle some."""
    at, cast = stage.until, stage.cast
    county, city, second = cast.named["county"], cast.named["city"], cast.named["city-2"]
    year, quarter = day_of(at).year, (day_of(at).month + 2) // 3
    wages = _opened(
        county, f"海曙区{year}年第{'一二三四'[quarter - 1]}季度欠薪清单", "wages", at - timedelta(days=24), 60
    )
    _outside(stage, wages, county, second, at)
    answered = [status.value for status in ANSWERED]
    near = Appeal.objects.filter(region__code__startswith=NEAR[:6], category__code="LE01")
    _enlist(stage, wages, county, near.exclude(handler=None), second, at - timedelta(hours=9))
    disputes = _opened(city, f"{year}年全市劳动争议清单", "disputes", at - timedelta(days=24), 90)
    elsewhere = Appeal.objects.filter(category__code__startswith="LE", status__in=answered).exclude(handler=None)
    _enlist(stage, disputes, city, elsewhere, second, at - timedelta(hours=6))


def _opened(by: Actor, title: str, kind: str, at: datetime, days: int) -> SettlingList:
    due_on = day_of(at) + timedelta(days=days)
    note = "列入的事每周调度一次，凭协议、回单等材料销号。"
    return dispatch.open_settling_list(kind=kind, title=title, due_on=due_on, note=note, by=by, at=at)


def _outside(stage: Stage, found: SettlingList, owner: Actor, second: Actor, until: datetime) -> None:
    """Matters that other departments sent; the first is settled, the second has passed its day."""
    town = stage.places.by_code[NEAR]
    for title, ago, is_settled in OUTSIDE:
        at = until - timedelta(days=ago)
        entry = dispatch.add_outside_matter(
            list_id=found.pk,
            title=title,
            organisation_id=town.pk,
            due_on=day_of(at) + timedelta(days=14),
            by=owner,
            at=at,
        )
        if is_settled:
            _settle(stage, entry, owner, second, at + timedelta(days=9), people=23, yuan="386500")


def _enlist(
    stage: Stage, found: SettlingList, owner: Actor, wanted: QuerySet[Appeal], second: Actor, at: datetime
) -> None:
    """The newest of the wanted appeals, answered ones first; most of those that are answered are struck off."""
    kept = wanted.exclude(status__in=[status.value for status in CLOSED - ANSWERED]).order_by("-resolved_at", "-id")
    rows = [*kept.exclude(resolved_at=None)[:LISTED], *kept.filter(resolved_at=None)[: LISTED // 2]]
    for number, appeal in enumerate(rows):
        if not Appeal.objects.visible_to(owner).filter(pk=appeal.pk).exists():
            continue
        entry = dispatch.enlist_appeal(list_id=found.pk, appeal_id=appeal.pk, by=owner, at=at)
        is_answered = appeal.status in {status.value for status in ANSWERED}
        if is_answered and number < STRUCK:
            _settle(stage, entry, owner, second, at + timedelta(hours=1))
        elif is_answered and number == STRUCK:
            _claim(stage, entry, at + timedelta(hours=2))


def _settle(
    stage: Stage,
    entry: ListEntry,
    owner: Actor,
    second: Actor,
    at: datetime,
    *,
    people: int | None = None,
    yuan: str | None = None,
) -> None:
    claimant = _claim(stage, entry, at, people=people, yuan=yuan)
    by = second if claimant.user_id == owner.user_id else owner
    dispatch.strike_off_entry(entry_id=entry.pk, note="材料齐，已电话核实", by=by, at=at + timedelta(hours=2))


def _claim(
    stage: Stage, entry: ListEntry, at: datetime, *, people: int | None = None, yuan: str | None = None
) -> Actor:
    by = stage.handler(entry.organisation)
    dispatch.claim_settlement(
        entry_id=entry.pk,
        evidence=EVIDENCE[entry.number % len(EVIDENCE)],
        helped_count=people,
        recovered_amount=yuan,
        files=[("调解协议和回单.pdf", PAPER)],
        by=by,
        at=at,
    )
    return by
