"""The only writes to accounts: signing in, accounts and postings, keys, limits; cut by noun."""

from gongqing.accounts.actions.deputies import end_deputies_of, end_deputy, name_deputy
from gongqing.accounts.actions.first_passwords import (
    reissue_first_password,
    replace_first_password,
    take_first_passwords,
    wipe_expired_first_passwords,
)
from gongqing.accounts.actions.keys import issue_key, revoke_key
from gongqing.accounts.actions.limits import count_attempt, count_call, forget_old_attempts
from gongqing.accounts.actions.own_phone import change_own_phone, retire_worker
from gongqing.accounts.actions.second_factor import (
    confirm_second_factor,
    pass_second_factor,
    prepare_second_factor,
    remove_second_factor,
    reset_second_factor,
)
from gongqing.accounts.actions.sign_in import (
    finish_sign_in,
    note_sign_out,
    send_code,
    sign_in_staff,
    sign_in_worker,
)
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
    "change_own_phone",
    "change_password",
    "confirm_second_factor",
    "count_attempt",
    "count_call",
    "create_user",
    "deactivate_user",
    "end_deputies_of",
    "end_deputy",
    "end_posting",
    "finish_sign_in",
    "forget_old_attempts",
    "issue_key",
    "name_deputy",
    "note_sign_out",
    "pass_second_factor",
    "prepare_second_factor",
    "reactivate_user",
    "reissue_first_password",
    "remove_second_factor",
    "replace_first_password",
    "reset_password",
    "reset_second_factor",
    "retire_worker",
    "revoke_key",
    "send_code",
    "set_staff_phone",
    "sign_in_staff",
    "sign_in_worker",
    "take_first_passwords",
    "unlock_user",
    "wipe_expired_first_passwords",
]
