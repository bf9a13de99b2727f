"""Receipts of the gateway: what became of short messages that have left (`/api/v1/messages/receipts`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from django.http import HttpRequest
from ninja import Router
from ninja.security import HttpBearer
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gongqing.audit.actor import Actor, Role
from gongqing.notices import actions
from gongqing.notices.rules.permissions import check_can_report_receipts
from gongqing.registry.rules import plain

if TYPE_CHECKING:
    from gongqing.accounts.middleware import ScopedRequest

MOST = 500
LARGEST = 2**63 - 1
OLDEST = timedelta(days=30)


class ReceiptKey(HttpBearer):
    """`Authorization: Bearer gq_…`, a key issued for `messages:write`."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor; None, and so 401, when the key is unknown or revoked.

        Raises:
            NotPermitted: the key was not issued for this.
        """
        actor = _scoped(request).actor
        if actor.role is Role.ANONYMOUS:
            return None
        check_can_report_receipts(actor)
        return actor


class Receipt(BaseModel):
    """回执：用 `id`（我方编号）或 `gateway_id`（网关编号）指明一条短信，两个都给时按 `id`。"""

    id: Annotated[int, Field(ge=1, le=LARGEST)] | None = Field(default=None, description="发送请求里的 id。")
    gateway_id: Annotated[str, Field(max_length=64)] = Field(default="", description="网关应答里的 id。")
    state: Literal["delivered", "undelivered"] = Field(description="送达或没有送达。")
    at: AwareDatetime | None = Field(default=None, description="送达时间，带时区；不填按收到回执的时间。")
    fault: Annotated[str, Field(max_length=200)] = Field(default="", description="没有送达的原因。")


class Receipts(BaseModel):
    """一批回执，最多 500 条。 A batch of receipts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"receipts": [{"id": 1, "state": "delivered", "at": "2025-10-13T14:20:00+08:00"}]},
            ]
        }
    )

    receipts: Annotated[list[Receipt], Field(min_length=1, max_length=MOST)]


class Taken(BaseModel):
    """`taken` 条已记下；`unknown` 是认不出的编号，不用重发。"""

    taken: int
    unknown: list[str]


class ReceiptFault(BaseModel):
    field: str
    message: str


class ReceiptRefusal(BaseModel):
    errors: list[ReceiptFault]


router = Router(tags=["messages 短信"], auth=ReceiptKey())


@router.post(
    "/messages/receipts",
    response={200: Taken, **dict.fromkeys((401, 403, 413, 422, 429), ReceiptRefusal)},
    summary="短信送达回执 · Receipts",
    operation_id="report_receipts",
)
def receipts(request: HttpRequest, body: Receipts) -> Any:
    """短信网关回传送达情况。同一回执重复送来不变；已送达的不会再改成没有送达。"""
    given = _scoped(request)
    unknown = [_name(one) for one in body.receipts if not _noted(one, by=given.actor, at=given.at)]
    return Taken(taken=len(body.receipts) - len(unknown), unknown=unknown)


def _noted(one: Receipt, *, by: Actor, at: datetime) -> bool:
    return actions.note_receipt(
        message_id=one.id,
        gateway_id=plain(one.gateway_id),
        is_delivered=one.state == "delivered",
        delivered_at=one.at if one.at is not None and at - OLDEST <= one.at <= at else None,
        fault=one.fault,
        by=by,
        at=at,
    )


def _name(one: Receipt) -> str:
    return str(one.id) if one.id is not None else one.gateway_id


def _scoped(request: HttpRequest) -> ScopedRequest:
    return cast("ScopedRequest", request)
