"""The pure rules of the data base: the tree, regions, values, rows of organisations; cut by noun."""

from gongqing.registry.rules.regions import (
    LEVEL_OF_LENGTH,
    MOST_ERRORS_SHOWN,
    RegionRow,
    parents_first,
    region_rows,
    short_region_code,
)
from gongqing.registry.rules.tree import IN_ZONES, LEVEL_FROM_PARENT, PLACES, TERRITORIAL, check_can_hold, level_in_tree
from gongqing.registry.rules.values import (
    SHORTEST_REASON,
    check_id_number,
    check_mobile,
    check_phone,
    check_reason,
    check_uscc,
    mobile_or_line,
    plain,
)

__all__ = [
    "IN_ZONES",
    "LEVEL_FROM_PARENT",
    "LEVEL_OF_LENGTH",
    "MOST_ERRORS_SHOWN",
    "PLACES",
    "SHORTEST_REASON",
    "TERRITORIAL",
    "RegionRow",
    "check_can_hold",
    "check_id_number",
    "check_mobile",
    "check_phone",
    "check_reason",
    "check_uscc",
    "level_in_tree",
    "mobile_or_line",
    "parents_first",
    "plain",
    "region_rows",
    "short_region_code",
]
