"""The only writes to accounts: signing in, accounts and postings, keys, limits; cut by noun."""

from gongqing.accounts.actions.deputies import end_deputies_of, end_deputy, name_deputy
from gongqing.accounts.actions.keys import issue_key, revoke_key
from gongqing.accounts.actions.limits import count_attempt, count_call, forget_old_attempts
from gongqing.accounts.actions.sign_in import note_sign_out, send_code, sign_in_staff, sign_in_worker
from gongqing.accounts.actions.users import (
    appoint,
    change_password,
    create_user,
    deactivate_user,
    end_posting,
    reactivate_user,
    reset_password,
    set_staff_phone,
    unlock_user,
)

__all__ = [
    "appoint",
    "change_password",
    "count_attempt",
    "count_call",
    "create_user",
    "deactivate_user",
    "end_deputies_of",
    "end_deputy",
    "end_posting",
    "forget_old_attempts",
    "issue_key",
    "name_deputy",
    "note_sign_out",
    "reactivate_user",
    "reset_password",
    "revoke_key",
    "send_code",
    "set_staff_phone",
    "sign_in_staff",
    "sign_in_worker",
    "unlock_user",
]
