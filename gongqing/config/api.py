"""The one API: what it is called, who may call it, and how it refuses.

Every refusal has the same body, `{"errors": [{"field", "message"}]}`, in Chinese, whoever raised it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import JSONRenderer
from ninja.types import DictStrAny

from gongqing.dispatch.api import ApiKey, appeals_router, groups_router, verbs_router
from gongqing.insight.api import reports_router
from gongqing.insight.api import router as figures_router
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotFound, NotPermitted, TooManyTries
from gongqing.notices.api import router as receipts_router
from gongqing.voices.api import router as needs_router

WHERE = frozenset({"body", "query", "path", "form", "file", "header", "cookie", "filters"})
NO_JSON = "请求正文不是合法的 JSON，请检查引号、逗号和编码（UTF-8）。"
MESSAGES = {
    "missing": "缺少这一项。",
    "string_type": "这一项应为文字。",
    "string_unicode": "文字里有不完整的字符，请用 UTF-8。",
    "bool_type": "这一项应为 true 或 false。",
    "bool_parsing": "这一项应为 true 或 false。",
    "int_type": "这一项应为整数。",
    "int_parsing": "这一项应为整数。",
    "int_parsing_size": "这个数太大。",
    "int_from_float": "这一项应为整数。",
    "decimal_type": "这一项应为数字。",
    "decimal_parsing": "这一项应为数字。",
    "finite_number": "这一项应为有限的数字。",
    "decimal_max_places": "最多两位小数。",
    "model_attributes_type": "这一项应为 JSON 对象。",
    "dict_type": "这一项应为 JSON 对象。",
    "list_type": "这一项应为列表。",
}
WITH_BOUND = {
    "string_too_long": ("max_length", "太长，最多 {} 个字。"),
    "string_too_short": ("min_length", "太短，至少 {} 个字。"),
    "greater_than_equal": ("ge", "不能小于 {}。"),
    "less_than_equal": ("le", "不能大于 {}。"),
    "less_than": ("lt", "应小于 {}。"),
    "greater_than": ("gt", "应大于 {}。"),
    "literal_error": ("expected", "没有这个值，可用：{}。"),
    "enum": ("expected", "没有这个值，可用：{}。"),
}


class StrictParser(Parser):
    """JSON as the standard has it: no NaN, no Infinity; and no name twice in an object, of which one would be lost."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The body's JSON. Whatever this raises, django-ninja turns into an `HttpError`."""
        parsed: DictStrAny = json.loads(request.body, parse_constant=_no_constant, object_pairs_hook=_without_repeats)
        return parsed


class ReadableRenderer(JSONRenderer):
    """Chinese as Chinese, not as escapes."""

    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    title="工情开放接口 · Gongqing API",
    version="1.0.0",
    description=(
        "职工诉求从任意入口到归档。所有时间为 ISO 8601、东八区；拒绝时答 `{errors: [{field, message}]}`。\n\n"
        "The worker's appeal from any door to its archive. Send `Authorization: Bearer KEY`; times are ISO 8601 +08:00."
    ),
    docs_url=None,
    auth=ApiKey(),
    parser=StrictParser(),
    renderer=ReadableRenderer(),
    urls_namespace="api",
)
api.add_router("", appeals_router)
api.add_router("", verbs_router)
api.add_router("", groups_router)
api.add_router("", receipts_router)
api.add_router("", figures_router)
api.add_router("", reports_router)
api.add_router("", needs_router)


def refusal(request: HttpRequest, status: int, errors: Iterable[tuple[str, str]]) -> HttpResponse:
    """The one body of every refusal."""
    body = {"errors": [{"field": field, "message": message} for field, message in errors]}
    return api.create_response(request, body, status=status)


@api.exception_handler(AuthenticationError)
def _who_are_you(request: HttpRequest, fault: AuthenticationError) -> HttpResponse:
    answer = refusal(request, 401, [("", "请带上有效的接口密钥：Authorization: Bearer 密钥。")])
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(NotPermitted)
def _not_permitted(request: HttpRequest, fault: NotPermitted) -> HttpResponse:
    return refusal(request, 403, [("", str(fault))])


@api.exception_handler(NotFound)
def _not_found(request: HttpRequest, fault: NotFound) -> HttpResponse:
    return refusal(request, 404, [("", str(fault))])


@api.exception_handler(Http404)
def _no_page(request: HttpRequest, fault: Http404) -> HttpResponse:
    return refusal(request, 404, [("", "没有这个地址。")])


@api.exception_handler(NotAllowed)
def _not_allowed(request: HttpRequest, fault: NotAllowed) -> HttpResponse:
    return refusal(request, 409, [("", str(fault))])


@api.exception_handler(BadInput)
def _bad_input(request: HttpRequest, fault: BadInput) -> HttpResponse:
    return refusal(request, 422, [(fault.field, fault.message)])


@api.exception_handler(BadInputs)
def _bad_inputs(request: HttpRequest, fault: BadInputs) -> HttpResponse:
    return refusal(request, 422, [(each.field, each.message) for each in fault.errors])


@api.exception_handler(ValidationError)
def _misfit(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    return refusal(request, 422, dict.fromkeys((_field(error), _message(error)) for error in fault.errors))


@api.exception_handler(TooManyTries)
def _too_many(request: HttpRequest, fault: TooManyTries) -> HttpResponse:
    answer = refusal(request, 429, [("", str(fault))])
    answer["Retry-After"] = str(fault.retry_after)
    return answer


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, fault: RequestDataTooBig) -> HttpResponse:
    most = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // 1024 // 1024
    return refusal(request, 413, [("", f"请求正文太大，最多 {most} MB；文件请走附件接口。")])


@api.exception_handler(HttpError)
def _no_json(request: HttpRequest, fault: HttpError) -> HttpResponse:
    if isinstance(fault.__cause__, BadInput):
        return _bad_input(request, fault.__cause__)
    return refusal(request, 422, [("", NO_JSON)])


@api.exception_handler(SuspiciousOperation)
@api.exception_handler(BadRequest)
@api.exception_handler(MultiPartParserError)
@api.exception_handler(UnreadablePostError)
def _unreadable(request: HttpRequest, fault: Exception) -> HttpResponse:
    return refusal(request, 422, [("", "请求读不懂，可能没有传完整，请检查内容类型和正文。")])


def _field(error: Mapping[str, Any]) -> str:
    """The field as the caller named it: without where it was sent and without the name of our parameter."""
    place = [str(part) for part in error["loc"]]
    for _ in range(2):
        if len(place) > 1 and place[0] in WHERE:
            place = place[1:]
    kept = [part for part in place if part not in {"str", "int", "constrained-str"} and "function-" not in part]
    return "" if kept == ["body"] else ".".join(kept)


def _message(error: Mapping[str, Any]) -> str:
    kind, bounds = error["type"], error.get("ctx", {})
    if kind in WITH_BOUND:
        key, words = WITH_BOUND[kind]
        return words.format(str(bounds.get(key, "")).replace("'", "").replace(" or ", "、").replace(", ", "、"))
    if kind in MESSAGES:
        return MESSAGES[kind]
    if kind.startswith(("datetime", "date_", "timezone")):
        return "时间要写成 2025-10-13T14:20:00+08:00 这样，并且真有这一天。"
    return "控制字符不能用，请去掉。" if kind == "control_characters" else "这一项的值不对，请核对。"


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in given if names.count(name) > 1)
        raise BadInput(twice[:64], "这一项在正文里写了两次，请只写一次。")
    return given


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
