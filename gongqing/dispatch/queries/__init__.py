"""Reads of dispatch: what is in force, who could handle, what an order and its clocks say."""

from gongqing.dispatch.queries.clocks import (
    ClockView,
    Ledger,
    asked_of_ledgers,
    calendar,
    clock_of,
    clocks_of,
    entries_of,
    ledgers_of,
    policy_on,
)
from gongqing.dispatch.queries.duty import roster_holes
from gongqing.dispatch.queries.orders import (
    asked_of_orders,
    follower_ids,
    held_order,
    lock_main_order,
    main_order,
    orders_of,
    returned_organisations,
)
from gongqing.dispatch.queries.routing import (
    candidates_for,
    count_as_placed,
    matter_of,
    organisation_of,
    own_union_of,
    routes_on,
)

__all__ = [
    "ClockView",
    "Ledger",
    "asked_of_ledgers",
    "asked_of_orders",
    "calendar",
    "candidates_for",
    "clock_of",
    "clocks_of",
    "count_as_placed",
    "entries_of",
    "follower_ids",
    "held_order",
    "ledgers_of",
    "lock_main_order",
    "main_order",
    "matter_of",
    "orders_of",
    "organisation_of",
    "own_union_of",
    "policy_on",
    "returned_organisations",
    "roster_holes",
    "routes_on",
]
