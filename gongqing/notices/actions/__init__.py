"""Everything that is done with messages: notices in the house, short messages to phones, and their words."""

from gongqing.notices.actions.inbox import mark_read, notify
from gongqing.notices.actions.sending import deliver_message, send_message

__all__ = ["deliver_message", "mark_read", "notify", "send_message"]
