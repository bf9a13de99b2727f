"""Who calls, and what may the key do?"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import NotPermitted

if TYPE_CHECKING:
    from gongqing.accounts.middleware import ScopedRequest

READ, WRITE = "appeals:read", "appeals:write"


class ApiKey(HttpBearer):
    """`Authorization: Bearer gq_…`. The middleware has looked the key up and bound the scope of its account."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor; None, and so 401, when the key is unknown or revoked.

        Raises:
            NotPermitted: the key was not issued for this.
        """
        actor = scoped(request).actor
        if actor.role is Role.ANONYMOUS:
            return None
        needed = READ if request.method in ("GET", "HEAD", "OPTIONS") else WRITE
        if actor.scopes is not None and needed not in actor.scopes:
            raise NotPermitted(f"这把密钥没有“{needed}”权限，请联系管理员另发密钥。")
        return actor


def scoped(request: HttpRequest) -> ScopedRequest:
    """The request with what the middleware has put on it: actor, moment, address."""
    return cast("ScopedRequest", request)
