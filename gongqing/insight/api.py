"""The catalogue of indicators and their figures (`/api/v1/indicators`, `/api/v1/figures`)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from gongqing.insight import actions
from gongqing.insight.documents.weekly import MEDIA_TYPE
from gongqing.insight.models import WeeklyReport
from gongqing.insight.queries import catalogue as queries
from gongqing.insight.queries import reports
from gongqing.insight.queries.catalogue import FigureRow, Value
from gongqing.insight.rules import readers
from gongqing.insight.rules.catalogue import CATALOGUE, COMMON
from gongqing.insight.rules.periods import period_of
from gongqing.insight.rules.report_paper import Hand, Section, Table, Text
from gongqing.insight.rules.weeks import week_of
from gongqing.lib.times import day_of, local
from gongqing.registry import queries as registry
from gongqing.ui.answers import saved_as

if TYPE_CHECKING:
    from gongqing.accounts.middleware import ScopedRequest

router = Router(tags=["指标 figures"])


class IndicatorOut(BaseModel):
    """一个指标：怎么算，分子分母各是什么。 One indicator of the catalogue."""

    key: str
    name: str
    definition: str
    unit: str
    numerator: str = Field(description="分子的名称；计数类指标为空。")
    denominator: str = Field(description="分母的名称；计数类指标为空。")
    population: str = Field(description="统计范围。")
    basis: Literal["received", "resolved", "now"] = Field(description="按收到日、办结日，还是目前在办。")
    connected: bool = Field(description="对应的应用是否已接入；没有接入的没有数值，不是 0。")


class ValueOut(BaseModel):
    """一个数值；比率带分子分母，没有可除的为 null。"""

    value: Decimal | None
    numerator: Decimal | None
    denominator: int | None
    connected: bool
    words: str = Field(description="页面上怎么写，如 98.31%、—、未接入。")


class RowOut(BaseModel):
    key: str
    name: str
    values: dict[str, ValueOut]


class FiguresOut(BaseModel):
    """一组指标在一段时间里的数值。 Figures over a period."""

    first: str
    last: str
    as_of: datetime = Field(description="数据截至的时刻。")
    values: dict[str, ValueOut]
    rows: list[RowOut] = Field(description="分组时每组一行，空组也有；计数相加等于总数。")


class FiguresIn(BaseModel):
    """要哪些指标、哪段时间、哪个地区或单位、按什么分组。"""

    keys: Annotated[str, Field(max_length=1000)] = Field(
        default=",".join(COMMON), description="指标的 key，用逗号隔开，最多 40 个。"
    )
    period: Literal["today", "week", "month", "days60", "year", "custom"] = "days60"
    first: Annotated[str, Field(max_length=10)] = Field(
        default="", alias="from", description="period=custom 时的第一天，如 2026-01-01。"
    )
    last: Annotated[str, Field(max_length=10)] = Field(
        default="", alias="to", description="period=custom 时的最后一天。"
    )
    area: Annotated[str, Field(max_length=20)] = Field(
        default="", description="区划代码，或 o 加单位编号；空为全部可见。"
    )
    by: Literal["", "area", "handler", "category", "class", "grade", "channel", "day"] = ""
    population: Literal["all", "members"] = "all"


@router.get("/indicators", response=list[IndicatorOut], summary="指标目录")
def indicators(request: HttpRequest) -> list[IndicatorOut]:
    """所有指标的定义。 The catalogue."""
    readers.check_can_read_figures(_scoped(request).actor)
    return [
        IndicatorOut(
            key=one.key,
            name=one.name,
            definition=one.definition,
            unit=one.unit,
            numerator=one.numerator_words,
            denominator=one.denominator_words,
            population=one.population,
            basis=one.basis.value,
            connected=queries.is_connected(one),
        )
        for one in CATALOGUE.values()
    ]


@router.get("/figures", response=FiguresOut, summary="指标数值")
def figures(request: HttpRequest, asked: Query[FiguresIn]) -> FiguresOut:
    """密钥所属账号看得到的诉求里，这些指标的数值。 Figures over what the key's account may see."""
    scoped = _scoped(request)
    period = period_of(asked.period, first=asked.first, last=asked.last, today=day_of(scoped.at))
    found = queries.measure(
        scoped.actor,
        [key for key in asked.keys.split(",") if key],
        period=period,
        at=scoped.at,
        area=registry.area_named(asked.area),
        by=asked.by or None,
        population=asked.population,
    )
    return FiguresOut(
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        as_of=found.as_of or scoped.at,
        values={key: _value(one) for key, one in found.values.items()},
        rows=[_row(each) for each in found.rows],
    )


class TableOut(BaseModel):
    title: str
    head: list[str]
    rows: list[list[str]]


class SectionOut(BaseModel):
    """周报的一部分：系统说的和人写的分开。 What the system says and what people wrote, told apart."""

    key: str
    title: str
    computed: list[str] = Field(description="系统按数据快照写的段落。 Paragraphs of the system.")
    written: list[str] = Field(description="人工撰写的段落。 Paragraphs that people wrote.")
    tables: list[TableOut]


class ReportSummary(BaseModel):
    """一期周报 · A weekly report."""

    id: int
    organisation: str
    week: str = Field(description="如 2026-W47。")
    state: Literal["draft", "signed", "issued"]
    correction: int = Field(description="第几次更正，0 为原期。 0 of a first issue.")
    issued_at: datetime | None


class ReportsOut(BaseModel):
    items: list[ReportSummary]


class ReportOut(ReportSummary):
    """一期周报的内容 · A weekly report with what it says."""

    number: str = Field(description="期号，正在取数时为空。")
    snapshot: str = Field(description="数据快照编号。 The snapshot that all figures come from.")
    digest: str
    sections: list[SectionOut]
    annexes: list[SectionOut]


class ReportFault(BaseModel):
    field: str
    message: str


class ReportRefusal(BaseModel):
    errors: list[ReportFault]


ReportNumber = Annotated[int, Field(ge=1, le=2**63 - 1, description="周报的编号。 The report's number.")]
REFUSALS: dict[int, Any] = dict.fromkeys((401, 403, 404, 409, 422, 429), ReportRefusal)
reports_router = Router(tags=["reports 周报"])


@reports_router.get(
    "/reports",
    response={200: ReportsOut, **REFUSALS},
    summary="周报 · Weekly reports",
    operation_id="list_reports",
)
def list_reports(request: HttpRequest) -> Any:
    """密钥账号看得到的，新的在前，最多 60 期。 Those in view, newest first."""
    scoped = _scoped(request)
    found = reports.report_list(scoped.actor, scoped.at).reports
    return ReportsOut(items=[ReportSummary(**_summary(each)) for each in found])


@reports_router.get(
    "/reports/{report_id}",
    response={200: ReportOut, **REFUSALS},
    summary="查看周报 · Read a weekly report",
    operation_id="read_report",
)
def read_report(request: HttpRequest, report_id: ReportNumber) -> Any:
    """各部分的文字和表格；系统算的和人写的分开。 Sections with their words and tables."""
    found = reports.report_page(_scoped(request).actor, report_id)
    paper, snapshot = found.paper, found.report.snapshot
    return ReportOut(
        **_summary(found.report),
        number=paper.head.number if paper else "",
        snapshot=snapshot.name if snapshot else "",
        digest=snapshot.digest if snapshot else "",
        sections=[_section(each) for each in paper.sections] if paper else [],
        annexes=[_section(each) for each in paper.annexes] if paper else [],
    )


@reports_router.get("/reports/{report_id}/file", summary="周报 Word 文件 · Word file", operation_id="open_report_file")
def report_file(request: HttpRequest, report_id: ReportNumber) -> HttpResponse:
    """已编发的逐字节同编发时；每次下载都记入访问日志。 An issued one byte for byte; every look is logged."""
    scoped = _scoped(request)
    name, content = actions.open_report_file(
        report_id=report_id, by=scoped.actor, at=scoped.at, address=scoped.address or None
    )
    return saved_as(name, content, MEDIA_TYPE)


def _summary(report: WeeklyReport) -> dict[str, Any]:
    return {
        "id": report.pk,
        "organisation": str(report.organisation),
        "week": week_of(report.first_on).name,
        "state": str(report.state),
        "correction": report.correction,
        "issued_at": local(report.issued_at) if report.issued_at else None,
    }


def _section(section: Section) -> SectionOut:
    texts = [block for block in section.blocks if isinstance(block, Text)]
    return SectionOut(
        key=section.key,
        title=section.title,
        computed=[f"{each.lead}{each.words}" for each in texts if each.hand is Hand.COMPUTED],
        written=[each.words for each in texts if each.hand is Hand.PERSON],
        tables=[
            TableOut(title=each.title, head=list(each.head), rows=[list(row) for row in each.rows])
            for each in section.blocks
            if isinstance(each, Table)
        ],
    )


def _row(row: FigureRow) -> RowOut:
    return RowOut(key=row.key, name=row.name, values={key: _value(one) for key, one in row.values.items()})


def _value(one: Value) -> ValueOut:
    return ValueOut(
        value=None if one.value is None else Decimal(one.value),
        numerator=None if one.numerator is None else Decimal(one.numerator),
        denominator=one.denominator,
        connected=not one.not_connected,
        words=one.words,
    )


def _scoped(request: HttpRequest) -> ScopedRequest:
    return cast("ScopedRequest", request)
