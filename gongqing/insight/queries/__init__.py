"""Reads over everything: figures, the board of deadlines, the trace. All of them start from what the actor sees."""
