"""Who sends this request, and how far does it reach?

Opens one transaction per request, finds the actor (session, API key, code holder, nobody), and binds row-level
security to it. An answer of 500 or more takes everything back; any other, also a refusal, keeps what was written.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import date, datetime
from functools import wraps
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from gongqing.accounts import actions, queries, rules
from gongqing.accounts.models import Posting, User
from gongqing.accounts.queries import KeyHolder
from gongqing.audit import scope
from gongqing.audit.actor import ANONYMOUS, Actor, Role
from gongqing.audit.standing import standing_rules
from gongqing.lib import crypto, times
from gongqing.lib.errors import NotPermitted, TooManyTries

OUTSIDE = ("/static/", "/healthz", "/readyz", "/metrics")
STAFF_DOOR, WORKER_DOOR = "/desk/sign-in", "/me/sign-in"
USER, POSTING, SINCE, SEEN, PROOF = "user_id", "posting_id", "signed_in_at", "seen_at", "account_proof"
CODE_HOLDER = "code_holder_appeal_id"
HUNG, COCKPIT = "hung", "/cockpit"  # a session that opens this page alone
MOST_HOLDERS = 1_000
_holders: dict[tuple[str, date], tuple[KeyHolder, str]] = {}  # and the stamp of the people under which each was known
NOT_SENT = "登录已过期，刚才的没有发出去。登录后会回到原来那一页，存了草稿的字会填回来，看一看再发一次。"
SEEN_STEP = 60  # seconds between two writes of the last moment seen


class ScopedRequest(HttpRequest):
    """A request that has passed the middleware.

    Attributes:
        actor: who acts; ANONYMOUS without a sign-in.
        at: the moment of the request, Asia/Shanghai.
        account: the signed-in account, for the header and the watermark; None otherwise.
        address: where it came from.
        rule_stamp: of the rules at the start of the request.
        lists: how many lie in each list to work off, where the page has counted them already.
    """

    actor: Actor
    at: datetime
    account: User | None
    address: str
    rule_stamp: str
    lists: Mapping[str, int | str]


Page = Callable[..., HttpResponseBase]


class ScopeMiddleware:
    """One transaction, one actor, one moment for every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: ScopedRequest) -> HttpResponseBase:
        request.at = times.now()
        request.actor, request.account, request.address = ANONYMOUS, None, address_of(request)
        request.rule_stamp, request.lists = "", {}
        if request.path.startswith(OUTSIDE):
            return self.get_response(request)
        try:
            with transaction.atomic():
                response = self._answer(request)
                if response.status_code >= 500:
                    transaction.set_rollback(True)
        finally:
            scope.forget()
        return response

    def _answer(self, request: ScopedRequest) -> HttpResponseBase:
        try:
            identify(request)
        except TooManyTries as refused:
            return too_many(refused)
        # what only reads may answer from what was read since the rules last changed; what writes reads its own changes
        reads = request.method in ("GET", "HEAD") and request.rule_stamp
        with standing_rules(request.rule_stamp) if reads else nullcontext():
            response = self.get_response(request)
        if request.actor.role is not Role.ANONYMOUS and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response


def identify(request: ScopedRequest) -> None:
    """Put the actor and the account on the request, and hold the transaction to what the actor sees.

    Under `/api/` only a key counts, so that no other site can act through a visitor's cookie.

    Raises:
        TooManyTries: the key has a limit per minute and has reached it.
    """
    if request.path.startswith("/api/"):
        request.actor = _holder_of(request)
        return
    request.actor = _visitor(request)
    request.rule_stamp, _ = scope.bind_stamped(request.actor)


def _visitor(request: ScopedRequest) -> Actor:
    session = request.session
    if is_hung(session) and not request.path.startswith(COCKPIT):
        return ANONYMOUS
    if session.get(USER) is not None:
        request.account, actor = _signed_in(session, request.at)
        return actor
    if session.get(CODE_HOLDER) is not None:
        return Actor(role=Role.CODE_HOLDER, name="凭编号查询", appeal_id=int(session[CODE_HOLDER]))
    return ANONYMOUS


def begin_session(request: HttpRequest, user: User, *, at: datetime, posting: Posting | None = None) -> None:
    """Start a fresh session for an account; whatever the old session held is gone."""
    request.session.flush()
    session = request.session
    session[USER], session[PROOF] = user.pk, user.get_session_auth_hash()
    session[SINCE] = session[SEEN] = at.isoformat()
    if posting is not None:
        session[POSTING] = posting.pk
    lasts = rules.STAFF_SESSION if posting is not None or user.person_id is None else rules.WORKER_SESSION
    session.set_expiry(int(lasts.total_seconds()))
    rotate_token(request)


def choose_posting(request: HttpRequest, posting: Posting) -> None:
    """Act in this posting from the next request on."""
    request.session[POSTING] = posting.pk
    request.session.cycle_key()


def hang_session(request: HttpRequest, *, at: datetime) -> None:
    """From now on this session opens the cockpit alone, and lasts as long as a screen hangs."""
    request.session.cycle_key()
    request.session[HUNG] = True
    request.session[SINCE] = at.isoformat()
    request.session.set_expiry(int(rules.HUNG_SESSION.total_seconds()))


def is_hung(session: SessionBase) -> bool:
    """Whether this is the session of a screen on a wall."""
    return bool(session.get(HUNG))


def actor_of_session(session: SessionBase, at: datetime) -> Actor:
    """Whose session this is, for doors that know no requests; ANONYMOUS when it has run out."""
    return _signed_in(session, at)[1] if session.get(USER) is not None else ANONYMOUS


def renew_proof(request: HttpRequest, user: User) -> None:
    """Keep this session alive after the account's password was changed in it."""
    request.session.cycle_key()
    request.session[PROOF] = user.get_session_auth_hash()


def end_session(request: HttpRequest) -> None:
    """Forget who it was."""
    request.session.flush()


def staff_page(view: Page) -> Page:
    """A page for staff: others are sent to sign in, or refused when signed in as somebody else."""

    @wraps(view)
    def guarded(request: ScopedRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.actor.is_staff:
            return view(request, *args, **kwargs)
        return _to_door(request, STAFF_DOOR, "这一页供工会工作人员使用，请用工作账号登录。")

    return guarded


def administrator_page(view: Page) -> Page:
    """A page for the system's administrators alone."""

    @staff_page
    @wraps(view)
    def guarded(request: ScopedRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.actor.role is not Role.ADMINISTRATOR:
            raise NotPermitted("这一页只供系统管理员使用。")
        return view(request, *args, **kwargs)

    return guarded


def worker_page(view: Page) -> Page:
    """A page for a signed-in worker: others are sent to sign in."""

    @wraps(view)
    def guarded(request: ScopedRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.actor.role is Role.WORKER:
            return view(request, *args, **kwargs)
        return _to_door(request, WORKER_DOOR, "这一页供职工本人使用，请先退出工作账号，再用手机号登录。")

    return guarded


def too_many(refused: TooManyTries) -> HttpResponse:
    """The answer 429 of the API."""
    answer = JsonResponse({"errors": [{"field": "", "message": str(refused)}]}, status=429)
    answer["Retry-After"] = str(refused.retry_after)
    return answer


def address_of(request: HttpRequest) -> str:
    """Where the request came from; behind a proxy (`GONGQING_BEHIND_PROXY=1`) the last hop it names. Never empty."""
    written = request.META.get("REMOTE_ADDR", "")
    if settings.GONGQING.behind_proxy and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR", "")):
        written = forwarded.rsplit(",", 1)[-1]
    for text in (written.strip(), written.strip().rpartition(":")[0].strip("[]")):
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            continue
    return "0.0.0.0"  # noqa: S104  # no address to bind to: the word for an unknown one


def _holder_of(request: ScopedRequest) -> Actor:
    """Who holds the key, bound; known from before as long as nothing about keys, accounts and postings has changed."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    key = key.strip() if kind.lower() == "bearer" else ""
    mine = crypto.digest(key.encode()), times.day_of(request.at)
    known, stamp = _holders.get(mine, (None, ""))
    actor = known.actor if known else ANONYMOUS
    request.rule_stamp, now = scope.bind_stamped(actor)
    holder = known
    if stamp != now:
        holder = queries.holder_of_key(key, request.at)
        actor = holder.actor if holder else ANONYMOUS
        scope.bind(actor)
        if holder:
            if len(_holders) >= MOST_HOLDERS:
                _holders.clear()
            _holders[mine] = holder, now
    if holder is not None and holder.limit_per_minute is not None:
        actions.count_call(key_id=actor.key_id, limit=holder.limit_per_minute, at=request.at)
    return actor


def _signed_in(session: SessionBase, at: datetime) -> tuple[User | None, Actor]:
    user, actor = queries.account_in_posting(session[USER], session.get(POSTING), on=times.day_of(at))
    is_staff = user is not None and (POSTING in session or user.person_id is None)
    since, seen = datetime.fromisoformat(session[SINCE]), datetime.fromisoformat(session[SEEN])
    if (
        user is None
        or rules.is_session_over(since=since, seen=seen, at=at, is_staff=is_staff, is_hung=is_hung(session))
        or not constant_time_compare(session.get(PROOF, ""), user.get_session_auth_hash())
    ):
        session.flush()
        return None, ANONYMOUS
    if actor is ANONYMOUS:
        session.flush()
        return None, ANONYMOUS
    if (at - seen).total_seconds() >= SEEN_STEP:
        session[SEEN] = at.isoformat()
    return user, actor


def _came_from(request: HttpRequest) -> str:
    """The page of ours on which a form stood; empty where the browser does not say."""
    page = urlsplit(request.headers.get("Referer", ""))
    if page.netloc != request.get_host():
        return ""
    return f"{page.path}?{page.query}" if page.query else page.path


def _to_door(request: ScopedRequest, door: str, refusal: str) -> HttpResponse:
    if request.actor.role not in (Role.ANONYMOUS, Role.CODE_HOLDER):
        raise NotPermitted(refusal)
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = door
        return answer
    if request.method == "GET":
        back = request.get_full_path()
    else:
        messages.warning(request, NOT_SENT)
        back = _came_from(request)
    return redirect(f"{door}?next={quote(back)}" if back else door)
