"""Everything a person can do to an appeal itself. Each action locks, asks the rules, saves and records."""

from gongqing.appeals.actions.access import carry_grants, end_access, grant_access
from gongqing.appeals.actions.additions import add_material, attach_file
from gongqing.appeals.actions.answering import (
    close_unevaluated,
    evaluate_appeal,
    invite_evaluation,
    invite_worker,
    reopen_appeal,
    resolve_appeal,
    track_appeal,
)
from gongqing.appeals.actions.careful_reading import keep_careful_reading, read_carefully
from gongqing.appeals.actions.classification import classify_appeal
from gongqing.appeals.actions.closing import invalidate_appeal, withdraw_appeal
from gongqing.appeals.actions.configuration import load_categories, load_category_version, load_grade_policy
from gongqing.appeals.actions.deadlines import Deadlines, mirror_deadlines
from gongqing.appeals.actions.forgetting import (
    DROPPED,
    drop_files,
    mask_fields,
    mask_words,
    mask_words_beside,
    read_fields,
)
from gongqing.appeals.actions.groups import answer_with_lead, join_lead, leave_lead, raise_grade, tell_apart
from gongqing.appeals.actions.intake import Received, receive_appeal
from gongqing.appeals.actions.listening import keep_listening_mark, listen_again, suspect_danger
from gongqing.appeals.actions.locating import locate_appeal
from gongqing.appeals.actions.readers import ask_training, roll_back_reader, run_reader, train_reader
from gongqing.appeals.actions.second_reading import ask_second_reader
from gongqing.appeals.actions.standing import place_appeal

__all__ = [
    "DROPPED",
    "Deadlines",
    "Received",
    "add_material",
    "answer_with_lead",
    "ask_second_reader",
    "ask_training",
    "attach_file",
    "carry_grants",
    "classify_appeal",
    "close_unevaluated",
    "drop_files",
    "end_access",
    "evaluate_appeal",
    "grant_access",
    "invalidate_appeal",
    "invite_evaluation",
    "invite_worker",
    "join_lead",
    "keep_careful_reading",
    "keep_listening_mark",
    "leave_lead",
    "listen_again",
    "load_categories",
    "load_category_version",
    "load_grade_policy",
    "locate_appeal",
    "mask_fields",
    "mask_words",
    "mask_words_beside",
    "mirror_deadlines",
    "place_appeal",
    "raise_grade",
    "read_carefully",
    "read_fields",
    "receive_appeal",
    "reopen_appeal",
    "resolve_appeal",
    "roll_back_reader",
    "run_reader",
    "suspect_danger",
    "tell_apart",
    "track_appeal",
    "train_reader",
    "withdraw_appeal",
]
