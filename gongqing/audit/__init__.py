"""What happened, who did it, who listens, and who looked.

`events.record` writes the trace row and runs or queues its listeners in the same transaction: the audit trail, the
outbox, the workflow and the webhooks are this one mechanism. `scope` tells PostgreSQL's row-level security who acts.
Rank base: calls nobody but lib.
"""
