"""Register an appeal, find it, read it, add files to it."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils.http import content_disposition_header
from ninja import File, Query, Router, Schema, UploadedFile
from pydantic import Field

from gongqing.appeals import actions as appeals
from gongqing.appeals.actions.additions import file_path
from gongqing.appeals.rules.attachments import check_size
from gongqing.audit import events
from gongqing.audit.standing import standing_rules
from gongqing.dispatch import queries
from gongqing.dispatch.api.access import scoped
from gongqing.dispatch.api.answers import (
    REFUSALS,
    AppealAnswer,
    AppealList,
    ClockAnswer,
    ClocksAnswer,
    EventsAnswer,
)
from gongqing.dispatch.api.bodies import AppealBody
from gongqing.dispatch.api.fields import Code, Token, sent
from gongqing.dispatch.queries import cases, cases_listed
from gongqing.dispatch.queries.cases import CaseFilters
from gongqing.lib.errors import NotFound
from gongqing.lib.paging import check_page_size, decode_cursor

router = Router(tags=["appeals 诉求"])


class ListFilters(Schema):
    q: Token = Field(default="", description="全文查找，两个字以上。 Any substring of two or more characters.")
    status: Token = Field(default="", description="状态，可用逗号隔开多个。 Several may be separated by commas.")
    grade: Token = Field(default="", description="green、yellow、orange、red。")
    category: Token = Field(default="", description="小类代码。")
    region: Token = Field(default="", description="区划代码或其前几位。 A code or its beginning.")
    overdue: bool | None = Field(default=None, description="是否超时。")
    cursor: Token = Field(default="", description="上一页的 next_cursor。")
    page_size: int | None = Field(default=None, description="每页 1–100 条，默认 20。")


@router.post(
    "/appeals",
    response={201: AppealAnswer, 200: AppealAnswer, **REFUSALS},
    summary="登记诉求 · Register an appeal",
    operation_id="create_appeal",
)
def create_appeal(request: HttpRequest, body: AppealBody) -> Any:
    """新登记答 201；同一 (source, external_id) 再来答 200 和原来那一件，query_password 为 null。

    201 when new; the same (source, external_id) again answers 200 and the same appeal, changing nothing.
    """
    by, at = scoped(request).actor, scoped(request).at
    with standing_rules(scoped(request).rule_stamp):
        received = appeals.receive_appeal(body.intake(), by=by, at=at, seeks_place=True)
        case = cases.case_as_left(received.appeal, by, at, is_new=received.is_new)
    answer = AppealAnswer.of_case(case, query_password=received.query_password)
    return sent(answer, 201 if received.is_new else 200)


@router.get(
    "/appeals",
    response={200: AppealList, **REFUSALS},
    summary="查找诉求 · List and search",
    operation_id="list_appeals",
)
def list_appeals(request: HttpRequest, filters: Query[ListFilters]) -> Any:
    """按收到时间从新到旧；姓名脱敏。 Newest first, masked; follow `next_cursor` until it is null."""
    size = check_page_size(filters.page_size)
    after = decode_cursor(filters.cursor) if filters.cursor else None
    wanted = CaseFilters(
        q=filters.q,
        status=filters.status,
        grade=filters.grade,
        category=filters.category,
        region=filters.region,
        overdue=filters.overdue,
    )
    found, next_cursor = cases_listed.cases_page(scoped(request).actor, wanted, after=after, size=size)
    return sent(AppealList.of(found, next_cursor))


@router.get(
    "/appeals/{code}",
    response={200: AppealAnswer, **REFUSALS},
    summary="查看诉求 · Read an appeal",
    operation_id="read_appeal",
)
def read_appeal(request: HttpRequest, code: Code) -> Any:
    """全文；每次查看都记入访问日志。 In full; every look is written to the access log."""
    by, at = scoped(request).actor, scoped(request).at
    with standing_rules(scoped(request).rule_stamp):
        case = cases.case_of(code, by, at, around=cases.SHOWN)
    events.record_access(
        "appeal.opened",
        subject_kind="appeal",
        subject_id=case.appeal.pk,
        by=by,
        at=at,
        address=scoped(request).address,
    )
    return sent(AppealAnswer.of_case(case))


@router.get(
    "/appeals/{code}/events",
    response={200: EventsAnswer, **REFUSALS},
    summary="办理过程 · Timeline",
    operation_id="read_events",
)
def read_events(request: HttpRequest, code: Code) -> Any:
    """从早到晚；职工只看到对外的步骤。 Oldest first; workers see the outward steps alone."""
    number, found = cases.events_of_case(code, scoped(request).actor)
    _note_look(request, "appeal.timeline_opened", number)
    return sent(EventsAnswer.of(found))


@router.get(
    "/appeals/{code}/clocks",
    response={200: ClocksAnswer, **REFUSALS},
    summary="时限 · Clocks",
    operation_id="read_clocks",
)
def read_clocks(request: HttpRequest, code: Code) -> Any:
    """签收、首次联系、阶段报告、办结四个时限和逐行说明。 The four clocks, each explained line by line."""
    at = scoped(request).at
    with standing_rules(scoped(request).rule_stamp):
        days = queries.calendar()
        number, found = cases.clocks_of_case(code, scoped(request).actor, at)
    _note_look(request, "appeal.clocks_opened", number)
    return sent(ClocksAnswer(items=[ClockAnswer.of(seen, days, at) for seen in found]))


@router.post(
    "/appeals/{code}/attachments",
    response={200: AppealAnswer, **REFUSALS},
    summary="添加附件 · Add a file",
    operation_id="attach_file",
)
def attach_file(request: HttpRequest, code: Code, file: File[UploadedFile]) -> Any:
    """multipart 字段 `file`；照片、录音、PDF、Word、Excel，每个最大 10 MB。 By content, never by name."""
    by, at = scoped(request).actor, scoped(request).at
    appeal_id = cases.case_id(code, by)
    check_size(file.size or 0)
    appeals.attach_file(appeal_id=appeal_id, name=file.name or "", content=file.read(), by=by, at=at)
    return sent(AppealAnswer.of_case(cases.case_after(appeal_id, by, at)))


@router.get(
    "/appeals/{code}/attachments/{attachment_id}",
    response=REFUSALS,
    summary="下载附件 · Download a file",
    operation_id="read_attachment",
    openapi_extra={
        "responses": {
            200: {
                "description": "文件内容。 The file.",
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def read_attachment(request: HttpRequest, code: Code, attachment_id: int) -> Any:
    """只在看得到这件诉求时给；总是下载，不在页面里打开。 Served through the row scope, always as a download."""
    by, at = scoped(request).actor, scoped(request).at
    attachment = cases.attachment_of(code, attachment_id, by)
    try:
        file = file_path(attachment.digest).open("rb")
    except FileNotFoundError as error:
        raise NotFound("附件的文件不在了，请联系管理员。") from error
    events.record_access(
        "attachment.opened",
        subject_kind="appeal",
        subject_id=attachment.appeal_id,
        by=by,
        at=at,
        address=scoped(request).address,
    )
    answer = FileResponse(file, content_type=attachment.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, attachment.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _note_look(request: HttpRequest, kind: str, number: int) -> None:
    by, at = scoped(request).actor, scoped(request).at
    events.record_access(kind, subject_kind="appeal", subject_id=number, by=by, at=at, address=scoped(request).address)
