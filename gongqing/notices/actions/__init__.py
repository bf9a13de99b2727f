"""Everything that is done with messages: notices in the house, short messages to phones, and their words."""

from gongqing.notices.actions.inbox import mark_read, notify
from gongqing.notices.actions.sending import (
    Draft,
    deliver_due_messages,
    deliver_message,
    forget_messages,
    forget_old_messages,
    note_receipt,
    send_again,
    send_message,
    send_messages,
)
from gongqing.notices.actions.wording import load_templates, restore_template, revise_template

__all__ = [
    "Draft",
    "deliver_due_messages",
    "deliver_message",
    "forget_messages",
    "forget_old_messages",
    "load_templates",
    "mark_read",
    "note_receipt",
    "notify",
    "restore_template",
    "revise_template",
    "send_again",
    "send_message",
    "send_messages",
]
