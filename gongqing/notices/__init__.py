"""Messages to people and organisations: notices in the house, short messages to phones.

`notify` puts a notice into an inbox; `send_message` queues a short message in the same transaction, so that it leaves
only when the work behind it is saved. Everyone above calls it down. Calls accounts, registry, audit and lib.
"""
