"""The only writes to the data base: regions, organisations, people, cut by noun."""

from gongqing.registry.actions.consents import (
    answer_data_request,
    ask_about_data,
    erase_person,
    give_consent,
    load_privacy_notice,
    publish_privacy_notice,
    record_consents,
    withdraw_consent,
)
from gongqing.registry.actions.organisations import (
    close_organisation,
    found_organisation,
    link_union_to_zone,
    move_organisation,
    register_enterprise,
    set_letter_mark,
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
from gongqing.registry.actions.row_contents import clear_old_rows, clear_rows_about

__all__ = [
    "Loaded",
    "admit_member",
    "answer_data_request",
    "ask_about_data",
    "clear_old_rows",
    "clear_rows_about",
    "close_organisation",
    "complete_person",
    "end_membership",
    "erase_person",
    "find_or_register_person",
    "found_organisation",
    "give_consent",
    "link_union_to_zone",
    "load_privacy_notice",
    "load_regions",
    "move_organisation",
    "publish_privacy_notice",
    "record_consents",
    "register_enterprise",
    "reveal_person",
    "rotate_personal_keys",
    "set_letter_mark",
    "unlink_union",
    "withdraw_consent",
]
