"""The only writes to the data base: regions, organisations, people, cut by noun."""

from gongqing.registry.actions.organisations import (
    close_organisation,
    found_organisation,
    link_union_to_zone,
    register_enterprise,
    unlink_union,
)
from gongqing.registry.actions.people import (
    admit_member,
    complete_person,
    end_membership,
    find_or_register_person,
    reveal_person,
)
from gongqing.registry.actions.regions import Loaded, load_regions
from gongqing.registry.actions.rotation import rotate_personal_keys

__all__ = [
    "Loaded",
    "admit_member",
    "close_organisation",
    "complete_person",
    "end_membership",
    "find_or_register_person",
    "found_organisation",
    "link_union_to_zone",
    "load_regions",
    "register_enterprise",
    "reveal_person",
    "rotate_personal_keys",
    "unlink_union",
]
