"""How does somebody of the cast come in: with a session, or with a key?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.test import Client

from gongqing.accounts import actions as accounts
from gongqing.accounts import middleware
from gongqing.accounts.models import Posting, User
from gongqing.accounts.rules import SCOPES
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.lib import times

if TYPE_CHECKING:
    from tests.cast import Player


def signed_in(player: Player | None) -> Client:
    """A client with the session that a sign-in at this moment would have begun."""
    client = Client(raise_request_exception=False)
    if player is None:
        return client
    request = HttpRequest()
    request.session = client.session
    with scope.acting_as(SYSTEM):
        user = User.objects.get(pk=player.user_id)
        posting = Posting.objects.get(pk=player.posting_id) if player.posting_id else None
        middleware.begin_session(request, user, at=times.now(), posting=posting)
    request.session.save()
    client.cookies["sessionid"] = str(request.session.session_key)
    return client


def with_key(player: Player | None) -> Client:
    """A client that sends a new API key of this account, with every scope."""
    if player is None:
        return Client(raise_request_exception=False)
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {key_of(player)}"})


def key_of(player: Player) -> str:
    """A new API key of this account, with every scope."""
    with scope.acting_as(SYSTEM):
        return accounts.issue_key(user_id=player.user_id, scopes=list(SCOPES), note="tests", by=SYSTEM, at=times.now())
