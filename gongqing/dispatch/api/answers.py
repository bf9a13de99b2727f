"""What the API answers: the appeal, its clocks, its events, its files, and refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from gongqing.appeals.models import Attachment
from gongqing.dispatch.api.fields import Moment
from gongqing.dispatch.queries.cases import Case, CaseEvent
from gongqing.dispatch.queries.cases_listed import ListedCase
from gongqing.dispatch.queries.clocks import ClockView
from gongqing.dispatch.rules.clocks import ClockState
from gongqing.dispatch.rules.explanations import explanation_text
from gongqing.lib import masks
from gongqing.lib.workdays import Calendar

Grades = Literal["green", "yellow", "orange", "red"]
Levels = Literal["city", "county", "town", "zone", "grassroots", "department"]
ClockNames = Literal["sign", "contact", "report", "close"]
ClockStates = Literal["running", "paused", "met", "overdue", "stopped"]
Statuses = Literal[
    "triage",
    "classified",
    "dispatched",
    "signed",
    "in_progress",
    "paused",
    "returned",
    "in_review",
    "resolved",
    "awaiting_evaluation",
    "archived",
    "reopened",
    "merged",
    "withdrawn",
    "invalid",
    "tracked",
]


class FieldError(BaseModel):
    field: str = Field(description="出错的字段，整个请求的错为空。 The field; empty for the whole.")
    message: str = Field(description="错在哪里、怎么改。 What is wrong and what to do, in Chinese.")


class Refusal(BaseModel):
    """拒绝 · A refusal."""

    errors: list[FieldError]


REFUSALS: dict[int, Any] = dict.fromkeys((401, 403, 404, 409, 422, 429), Refusal)


class CategoryAnswer(BaseModel):
    code: str
    name: str
    confidence: float | None = Field(description="机器把握，人工确定后仍保留。 0–1; the machine's confidence.")


class GradeReasonAnswer(BaseModel):
    rule: str = Field(description="规则编号 G01–G22，或“人工”。")
    title: str
    evidence: str = Field(description="依据的词句或数字。 The words or numbers it rests on.")


class HandlerAnswer(BaseModel):
    organisation: str = Field(description="单位全称。 Full name.")
    code: str = Field(description="单位编码。 The organisation's code.")
    level: Levels


class DeadlineAnswer(BaseModel):
    name: ClockNames
    due_at: Moment
    state: ClockStates


class ClockAnswer(DeadlineAnswer):
    started_at: Moment
    explanation: list[str] = Field(description="期限怎么算出来的，一行一句。 How the deadline came about.")

    @classmethod
    def of(cls, seen: ClockView, days: Calendar, at: Any) -> Self:
        """One clock as the API shows it."""
        return cls(
            **deadline(seen),
            started_at=seen.clock.started_at,
            explanation=explanation_text(seen.limit, seen.entries, days, at),
        )


class ClocksAnswer(BaseModel):
    items: list[ClockAnswer]


class EventAnswer(BaseModel):
    at: Moment
    kind: str
    by: str = Field(description="谁；职工只看到单位名称。 Who; workers see organisations.")
    note: str


class EventsAnswer(BaseModel):
    items: list[EventAnswer]

    @classmethod
    def of(cls, found: Iterable[CaseEvent]) -> Self:
        """A timeline as the API shows it."""
        items = [{"at": each.at, "kind": each.kind, "by": each.by, "note": each.note} for each in found]
        return cls.model_validate({"items": items})


class AttachmentAnswer(BaseModel):
    id: int
    name: str
    media_type: str
    size: int = Field(description="字节。 Bytes.")
    at: Moment


class PersonAnswer(BaseModel):
    name: str
    phone: str = Field(description="总是脱敏。 Always masked.")


class WarningAnswer(BaseModel):
    """对答复的提醒 · What a check of the answer has found."""

    kind: str = Field(
        description="empty、off_topic、incomplete、personal、amounts、unlawful、promise_past、promise_vague、long_sentences、wording。"
    )
    hint: str = Field(description="看到什么、可以怎么改。 What was seen and what to do, in Chinese.")
    is_warning: bool = Field(description="false 只是措辞上的建议。 False for advice on wording alone.")


class AppealSummary(BaseModel):
    """列表里的一件诉求：姓名脱敏，不含职工原话。 One appeal of a list: masked, without the worker's words."""

    code: str
    source: str
    external_id: str
    kind: Literal["appeal", "need"]
    channel: str
    title: str
    status: Statuses
    category: CategoryAnswer | None
    labour_related: bool
    grade: Grades
    handler: HandlerAnswer | None = Field(description="待分类时为 null。 Null in triage.")
    region_code: str | None
    employer: str
    person: PersonAnswer | None
    anonymous_to_employer: bool
    received_at: Moment
    due_at: Moment | None = Field(description="办结期限。 The closing deadline.")
    is_overdue: bool


class AppealList(BaseModel):
    items: list[AppealSummary]
    next_cursor: str | None

    @classmethod
    def of(cls, found: Iterable[ListedCase], next_cursor: str | None) -> Self:
        """A page of a list, checked as a whole."""
        return cls.model_validate({"items": [_listed(case) for case in found], "next_cursor": next_cursor})


class AppealAnswer(AppealSummary):
    """一件诉求 · An appeal in full."""

    query_password: str | None = Field(default=None, description="只在登记时给一次。 Shown once, on registration.")
    text: str
    grade_reasons: list[GradeReasonAnswer]
    clocks: list[DeadlineAnswer]
    attachments: list[AttachmentAnswer]
    result: str
    outcome: str
    people: int | None
    amount: float | None = Field(description="为职工追回，元。 Yuan recovered.")
    satisfaction: str
    reopened_count: int
    entered_at: Moment
    resolved_at: Moment | None
    closed_at: Moment | None

    @classmethod
    def of_case(cls, case: Case, *, query_password: str | None = None) -> Self:
        """A case as the API shows it to the actor it was read for."""
        return cls.model_validate({**_summary(case), **_rest(case), "query_password": query_password})


class ResolvedAnswer(AppealAnswer):
    """办结后的诉求和对答复的提醒 · The appeal with what was found about its answer."""

    warnings: list[WarningAnswer] = Field(
        description="答复已经发出，提醒不拦答复。 The answer has gone; nothing is held back."
    )
    promised_on: date | None = Field(description="答复里答应职工的第一个日子。 The first day that the answer promises.")

    @classmethod
    def of_answer(cls, case: Case) -> Self:
        """A case as its handler has just answered it."""
        check = case.appeal.reply_check
        warned = {"warnings": check.findings, "promised_on": check.promised_on} if check else NO_WARNING
        return cls.model_validate({**_summary(case), **_rest(case), **warned})


NO_WARNING: Mapping[str, Any] = {"warnings": (), "promised_on": None}


def deadline(seen: ClockView) -> dict[str, Any]:
    """Name, deadline and state of a clock; a pause that runs moves the deadline with it."""
    due_at = seen.reckoning.due_at if seen.state is ClockState.PAUSED else seen.clock.due_at
    return {"name": seen.clock.name, "due_at": due_at, "state": seen.state.value}


def _summary(case: Case) -> dict[str, Any]:
    appeal = case.appeal
    category, handler = appeal.category, appeal.handler
    return {
        "code": appeal.code,
        "source": appeal.source,
        "external_id": appeal.external_id,
        "kind": appeal.kind,
        "channel": appeal.channel,
        "title": appeal.title,
        "status": appeal.status,
        "category": None
        if category is None
        else {"code": category.code, "name": category.name, "confidence": appeal.category_confidence},
        "labour_related": appeal.labour_related,
        "grade": appeal.grade,
        "handler": None
        if handler is None
        else {"organisation": handler.name, "code": handler.code, "level": handler.level},
        "region_code": appeal.region_id and appeal.region_id.ljust(6, "0"),
        "employer": appeal.employer_name,
        "person": {"name": case.person_name, "phone": case.person_phone} if appeal.person_id else None,
        "anonymous_to_employer": appeal.anonymous_to_employer,
        "received_at": appeal.received_at,
        "due_at": appeal.due_at,
        "is_overdue": appeal.is_overdue,
    }


def _rest(case: Case) -> dict[str, Any]:
    appeal = case.appeal
    is_known = bool(case.result)
    recovered = appeal.recovered_amount if is_known else None
    return {
        "text": appeal.text,
        "grade_reasons": appeal.grade_reasons,
        "clocks": [deadline(seen) for seen in case.clocks],
        "attachments": [_file(each) for each in case.attachments],
        "result": case.result,
        "outcome": appeal.outcome if is_known else "",
        "people": appeal.helped_count if is_known else None,
        "amount": float(recovered) if recovered is not None else None,
        "satisfaction": appeal.satisfaction,
        "reopened_count": appeal.reopened_count,
        "entered_at": appeal.entered_at,
        "resolved_at": appeal.resolved_at if is_known else None,
        "closed_at": appeal.closed_at,
    }


def _file(one: Attachment) -> dict[str, Any]:
    return {"id": one.pk, "name": one.name, "media_type": one.media_type, "size": one.size, "at": one.at}


def _listed(case: ListedCase) -> dict[str, Any]:
    """A row of a list; its names are those of the answer but for what stands together there."""
    category, handler, person = case.category_code, case.handler_code, case.person_name
    return {
        "code": case.code,
        "source": case.source,
        "external_id": case.external_id,
        "kind": case.kind,
        "channel": case.channel,
        "title": case.title,
        "status": case.status,
        "category": None
        if category is None
        else {"code": category, "name": case.category_name, "confidence": case.category_confidence},
        "labour_related": case.labour_related,
        "grade": case.grade,
        "handler": None
        if handler is None
        else {"organisation": case.handler_name, "code": handler, "level": case.handler_level},
        "region_code": case.region_id and case.region_id.ljust(6, "0"),
        "employer": case.employer_name,
        "person": None if person is None else {"name": masks.mask_name(person), "phone": case.person_phone},
        "anonymous_to_employer": case.anonymous_to_employer,
        "received_at": case.received_at,
        "due_at": case.due_at,
        "is_overdue": case.is_overdue,
    }
