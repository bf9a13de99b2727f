"""The appeal under `/api/v1/`: one router of reads and intake, one of verbs, one kind of key.

A view calls one action, then one query. Bodies are in `bodies`, answers in `answers`, what a key may do in `access`.
"""

from gongqing.dispatch.api.access import ApiKey
from gongqing.dispatch.api.appeals import router as appeals_router
from gongqing.dispatch.api.groups import router as groups_router
from gongqing.dispatch.api.verbs import router as verbs_router

__all__ = ["ApiKey", "appeals_router", "groups_router", "verbs_router"]
