"""Group cases through the API: merge, take out, and read how a case is made up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Self, cast

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from gongqing.audit import events
from gongqing.dispatch import actions
from gongqing.dispatch.api.access import scoped
from gongqing.dispatch.api.answers import REFUSALS, AppealAnswer, Statuses
from gongqing.dispatch.api.bodies import MergeBody, UnmergeBody
from gongqing.dispatch.api.fields import Code, Moment, sent
from gongqing.dispatch.queries import cases, claims, group_pages
from gongqing.dispatch.queries.claims import ClaimSheet, Recovery
from gongqing.dispatch.queries.group_pages import PartView
from gongqing.dispatch.rules.claims import Sum

router = Router(tags=["groups 群体案"])


class SumAnswer(BaseModel):
    people: int = Field(description="人数，同一人只算一次。 Persons, each counted once.")
    rows: int
    owed: Decimal = Field(description="欠款，元。")
    checked: Decimal = Field(description="已和班组长核对的欠款，元。")
    recovered: Decimal = Field(description="已追回，元。")
    outstanding: Decimal = Field(description="还欠，元。")

    @classmethod
    def of(cls, found: Sum) -> Self:
        return cls(
            people=found.people,
            rows=found.rows,
            owed=found.owed,
            checked=found.checked,
            recovered=found.recovered,
            outstanding=found.outstanding,
        )


class TeamAnswer(BaseModel):
    employer: str
    team: str
    total: SumAnswer


class PartAnswer(BaseModel):
    code: str
    title: str
    status: Statuses
    merged_at: Moment
    merged_by: str
    reason: str

    @classmethod
    def of(cls, part: PartView) -> Self:
        return cls(
            code=part.appeal.code,
            title=part.appeal.title,
            status=cast("Any", part.appeal.status),
            merged_at=part.member.merged_at,
            merged_by=part.member.merged_by_name,
            reason=part.member.reason,
        )


class VoucherAnswer(BaseModel):
    """A file that proves a sum; its name may name a worker and is left out."""

    id: int
    media_type: str
    size: int = Field(description="字节。 Bytes.")
    kept_at: Moment


class RecoveryAnswer(BaseModel):
    paid_on: date
    amount: Decimal = Field(description="追回，元。")
    rows: int = Field(description="分到几笔欠薪。 Over how many claims it was spread.")
    is_cancelled: bool
    vouchers: list[VoucherAnswer] = Field(description="凭证文件，内容在治理端打开。 The files that prove it.")
    without_file: str = Field(description="没有凭证文件时的说明。 Why none stands here; empty when one does.")

    @classmethod
    def of(cls, found: Recovery) -> Self:
        return cls(
            paid_on=found.paid_on,
            amount=found.amount,
            rows=found.count,
            is_cancelled=found.is_cancelled,
            vouchers=[
                VoucherAnswer(id=each.pk, media_type=each.media_type, size=each.size, kept_at=each.at)
                for each in found.vouchers
            ],
            without_file=found.proof,
        )


class GroupAnswer(BaseModel):
    """群体案 · A group case; no worker is named."""

    code: str = Field(description="主件编号。 The lead.")
    lead: str | None = Field(description="本件是并入件时，主件的编号。 The lead's code when this is a part.")
    parts: list[PartAnswer]
    total: SumAnswer
    teams: list[TeamAnswer]
    recoveries: list[RecoveryAnswer] = Field(description="追回，最近的在前。 What came back, newest first.")

    @classmethod
    def of(cls, sheet: ClaimSheet, panel: group_pages.Panel, recoveries: Sequence[Recovery]) -> Self:
        return cls(
            code=sheet.appeal.code,
            lead=panel.lead.code if panel.lead else None,
            parts=[PartAnswer.of(part) for part in panel.parts],
            total=SumAnswer.of(sheet.total),
            teams=[
                TeamAnswer(employer=each.team.employer_name, team=each.team.name, total=SumAnswer.of(each.sum))
                for each in sheet.teams
            ],
            recoveries=[RecoveryAnswer.of(each) for each in recoveries],
        )


@router.post(
    "/appeals/{code}/merge",
    response={200: AppealAnswer, **REFUSALS},
    summary="并案 · Merge into a group case",
    operation_id="merge_appeals",
)
def merge(request: HttpRequest, code: Code, body: MergeBody) -> Any:
    """把几件并入本件，期限取最早的一件，等级只升不降。 Merging again what is merged changes nothing."""
    by, at = scoped(request).actor, scoped(request).at
    lead_id = cases.case_id(code, by)
    parts = [cases.case_id(part, by) for part in body.parts]
    actions.merge_appeals(lead_id=lead_id, part_ids=parts, reason=body.reason, by=by, at=at)
    return sent(AppealAnswer.of_case(cases.case_after(lead_id, by, at)))


@router.post(
    "/appeals/{code}/unmerge",
    response={200: AppealAnswer, **REFUSALS},
    summary="拆出 · Take a part out",
    operation_id="unmerge_appeal",
)
def unmerge(request: HttpRequest, code: Code, body: UnmergeBody) -> Any:
    """拆出一件，回到并案前的单位、状态和已用的时间；不写哪一件就全部拆开。 Answers the lead as it then stands."""
    by, at = scoped(request).actor, scoped(request).at
    lead_id = cases.case_id(code, by)
    if body.part:
        part_id = group_pages.part_numbered(lead_id, cases.case_id(body.part, by))
        actions.unmerge_appeal(part_id=part_id, reason=body.reason, by=by, at=at)
    else:
        actions.dissolve_group(lead_id=lead_id, reason=body.reason, by=by, at=at)
    return sent(AppealAnswer.of_case(cases.case_after(lead_id, by, at)))


@router.get(
    "/appeals/{code}/group",
    response={200: GroupAnswer, **REFUSALS},
    summary="群体案 · How a case is made up",
    operation_id="read_group",
)
def read_group(request: HttpRequest, code: Code) -> Any:
    """并入的件，各单位、各班组欠款和追回的合计；不含姓名。 Totals by employer and team, without names."""
    by, at = scoped(request).actor, scoped(request).at
    sheet = claims.claim_sheet(code, by)
    events.record_access(
        "claims.opened",
        subject_kind="appeal",
        subject_id=sheet.appeal.pk,
        by=by,
        at=at,
        address=scoped(request).address,
    )
    recoveries = claims.recoveries_of(sheet.appeal)
    return sent(GroupAnswer.of(sheet, group_pages.panel_of(sheet.appeal, by), recoveries))
