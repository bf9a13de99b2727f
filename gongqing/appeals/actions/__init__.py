"""Everything a person can do to an appeal itself. Each action locks, asks the rules, saves and records."""

from gongqing.appeals.actions.access import carry_grants, end_access, grant_access
from gongqing.appeals.actions.additions import add_material, attach_file
from gongqing.appeals.actions.answering import (
    close_unevaluated,
    evaluate_appeal,
    invite_evaluation,
    reopen_appeal,
    resolve_appeal,
    track_appeal,
)
from gongqing.appeals.actions.classification import classify_appeal
from gongqing.appeals.actions.closing import invalidate_appeal, withdraw_appeal
from gongqing.appeals.actions.configuration import load_categories, load_category_version, load_grade_policy
from gongqing.appeals.actions.forgetting import mask_words
from gongqing.appeals.actions.intake import Received, receive_appeal
from gongqing.appeals.actions.standing import place_appeal

__all__ = [
    "Received",
    "add_material",
    "attach_file",
    "carry_grants",
    "classify_appeal",
    "close_unevaluated",
    "end_access",
    "evaluate_appeal",
    "grant_access",
    "invalidate_appeal",
    "invite_evaluation",
    "load_categories",
    "load_category_version",
    "load_grade_policy",
    "mask_words",
    "place_appeal",
    "receive_appeal",
    "reopen_appeal",
    "resolve_appeal",
    "track_appeal",
    "withdraw_appeal",
]
