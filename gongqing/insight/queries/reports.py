"""Which weekly reports are there for somebody, and what does each of them say?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from gongqing.audit.actor import Actor
from gongqing.insight.models import ReportSnapshot, ReportState, WeeklyReport
from gongqing.insight.rules import reporting as rules
from gongqing.insight.rules.report_composing import paper_of
from gongqing.insight.rules.report_paper import Head, Paper
from gongqing.insight.rules.report_words import day_words, moment_words
from gongqing.insight.rules.weeks import Week, last_whole_week, week_of
from gongqing.lib.errors import NotFound
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation, OrganisationKind

PAGE = 60
_UNIONS = (OrganisationKind.CITY_UNION, OrganisationKind.COUNTY_UNION)


@dataclass(frozen=True, slots=True)
class ReportList:
    """What the page of reports shows.

    Attributes:
        mine: the organisation whose reports the actor makes; None for who only reads.
        missing: the newest whole week, when the own report of it has not been begun.
        places: the organisations that can be chosen from.
    """

    reports: Sequence[WeeklyReport]
    places: Sequence[Organisation]
    mine: Organisation | None
    missing: Week | None
    current: Week | None


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One report as it is shown.

    Attributes:
        paper: None while its figures are still being taken.
        editable: whether the actor makes this report.
        signable: whether the actor may be the second person.
        newest: of a corrected issue the newest issued correction.
        pending: a correction that is being prepared.
    """

    report: WeeklyReport
    week: Week
    paper: Paper | None
    editable: bool
    signable: bool
    newest: WeeklyReport | None
    pending: WeeklyReport | None


def reports_for(actor: Actor) -> QuerySet[WeeklyReport]:
    """The reports that this actor may read.

    Raises:
        NotPermitted.
    """
    rules.check_can_read(actor)
    found = WeeklyReport.objects.visible_to(actor)
    return found.select_related("organisation__region", "snapshot", "corrects")


def report_list(actor: Actor, at: datetime, *, place: str = "") -> ReportList:
    """The newest reports in view, the actor's own organisation first within a week."""
    found = reports_for(actor).defer("snapshot__figures", "words")
    if place.isascii() and place.isdigit():
        found = found.filter(organisation_id=int(place))
    reports = list(found.order_by("-first_on", "organisation__level", "organisation__code", "-correction")[:PAGE])
    mine = own_union(actor)
    begun: set[object] = set()
    if mine is not None:
        begun = set(WeeklyReport.objects.filter(organisation=mine).values_list("first_on", flat=True))
    last, current = last_whole_week(at), week_of(day_of(at))
    places = WeeklyReport.objects.visible_to(actor).order_by().values("organisation_id")
    return ReportList(
        reports=reports,
        places=list(Organisation.objects.filter(pk__in=places).order_by("path")),
        mine=mine,
        missing=last if mine is not None and last.first not in begun else None,
        current=current if mine is not None and current.first not in begun else None,
    )


def report_page(actor: Actor, report_id: int) -> ReportPage:
    """One report with all that it says.

    Raises:
        NotPermitted, NotFound.
    """
    report = report_numbered(actor, report_id)
    corrections = list(WeeklyReport.objects.filter(organisation=report.organisation, first_on=report.first_on))
    later = sorted(
        (each for each in corrections if each.correction > report.correction), key=lambda each: each.correction
    )
    issued = [each for each in later if each.state == ReportState.ISSUED]
    editable = rules.can_edit(actor, path=report.organisation.path)
    return ReportPage(
        report=report,
        week=week_of(report.first_on),
        paper=paper_of_report(report),
        editable=editable,
        signable=editable and actor.user_id not in report.editor_ids,
        newest=issued[-1] if issued else None,
        pending=next((each for each in later if each.state != ReportState.ISSUED), None),
    )


def report_numbered(actor: Actor, report_id: int) -> WeeklyReport:
    """A report in the actor's view.

    Raises:
        NotPermitted, NotFound.
    """
    found = reports_for(actor).filter(pk=report_id).first()
    if found is None:
        raise NotFound("没有这期周报，或不在您的查看范围内。")
    return found


def waits_for_figures(report_id: int) -> bool:
    """Whether this is a draft whose figures somebody has asked for."""
    found = WeeklyReport.objects.filter(pk=report_id, state=ReportState.DRAFT, figures_asked_at__isnull=False)
    return found.exists()


def snapshot_named(name: str) -> ReportSnapshot:
    """The snapshot of this name.

    Raises:
        NotFound.
    """
    found = ReportSnapshot.objects.select_related("organisation").filter(name=name.strip()).first()
    if found is None:
        raise NotFound(f"没有编号为“{name}”的数据快照，请核对报告末尾的编号。")
    return found


def paper_of_report(report: WeeklyReport) -> Paper | None:
    """What the report says; None while its figures are still being taken."""
    if report.snapshot is None:
        return None
    return paper_of(report.snapshot.figures, report.words, head_of(report, report.snapshot))


def paper_of_snapshot(snapshot: ReportSnapshot) -> Paper:
    """A draft that says what the snapshot says, and nothing that anybody wrote."""
    region = snapshot.organisation.region
    addressees, copies = rules.sent_to(snapshot.organisation.level, str(region) if region else "")
    made = WeeklyReport(
        organisation=snapshot.organisation,
        first_on=snapshot.first_on,
        snapshot=snapshot,
        addressees=addressees,
        copies=copies,
    )
    return paper_of(snapshot.figures, {}, head_of(made, snapshot))


def head_of(report: WeeklyReport, snapshot: ReportSnapshot) -> Head:
    """What stands above and below the text of a report."""
    week, figures = week_of(report.first_on), snapshot.figures
    of = report.corrects
    correction = ""
    if of is not None:
        first = rules.number_words(of.year, of.number, of.correction)
        dated = f"（{_dated(of.issued_at)}编发）" if of.issued_at else ""
        correction = f"本期更正{first}{dated}，原期内容以本期为准。更正原因：{report.correction_reason}"
    year, number = (of.year, of.number) if of is not None else (report.year, report.number)
    return Head(
        name=rules.NAME,
        number=rules.number_words(year, number, report.correction),
        title=f"{figures['place']}职工诉求动态情况",
        period=week.words,
        union=report.organisation.name,
        dated=_dated(report.issued_at) if report.issued_at else "",
        signer=report.signed_by_name,
        addressees=report.addressees,
        copies=report.copies,
        scope=(
            f"统计周期为{week.words}（周一00:00至周日24:00，{week.title}），数据截止{moment_words(figures['taken_at'])}；"
            f"在办、逾期等为截止时的状态。"
        ),
        snapshot=snapshot.name,
        digest=snapshot.digest,
        correction=correction,
        is_draft=report.state != ReportState.ISSUED,
    )


def own_union(actor: Actor) -> Organisation | None:
    """The organisation whose report the actor makes; None for who makes none."""
    if actor.role not in rules.EDITORS:
        return None
    own = registry.organisation_numbered(actor.organisation_id) if actor.organisation_id else None
    return own if own is not None and own.kind in _UNIONS else None


def reporting_unions() -> list[Organisation]:
    """The unions that report every week: the city's and the counties'."""
    found = Organisation.objects.filter(kind__in=_UNIONS, is_active=True, region__isnull=False)
    return list(found.select_related("region").order_by("path"))


def union_reporting(level: str, county: str) -> Organisation:
    """The city's union, or that of the county with this code or name.

    Raises:
        NotFound.
    """
    for union in reporting_unions():
        region = union.region
        if level == "city" and union.kind == OrganisationKind.CITY_UNION:
            return union
        if level == "county" and region is not None and county in (region.code, region.name, union.name):
            return union
    if level == "city":
        raise NotFound("还没有市总工会，请先运行 gongqing setup 装入区划。")
    known = "、".join(f"{union.region_id} {union.region}" for union in reporting_unions() if union.level == "county")
    raise NotFound(f"没有“{county}”这个区县市，可用：{known or '还没有装入区划'}。")


def file_name(report: WeeklyReport, paper: Paper) -> str:
    """`工情通动态情况报告 宁波市总工会 2026年第12期.docx`; of a draft the week stands in place of the number."""
    number = paper.head.number if report.number or report.corrects_id else f"{week_of(report.first_on).title}（稿）"
    return f"{rules.NAME} {paper.head.union} {number.replace('　', '')}.docx"


def _dated(moment: datetime) -> str:
    day = day_of(moment)
    return f"{day.year}年{day_words(day.isoformat())}"
