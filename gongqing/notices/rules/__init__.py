"""Pure rules of messages: what their words may hold, when they may leave, and when they are tried again."""
