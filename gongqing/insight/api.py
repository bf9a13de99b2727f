"""The catalogue of indicators and their figures (`/api/v1/indicators`, `/api/v1/figures`)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal, cast

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from gongqing.insight.queries import catalogue as queries
from gongqing.insight.queries.catalogue import FigureRow, Value
from gongqing.insight.rules import readers
from gongqing.insight.rules.catalogue import CATALOGUE, COMMON
from gongqing.insight.rules.periods import period_of
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry

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
