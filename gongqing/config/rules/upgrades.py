"""Did an upgrade lose anything, and may it still be taken back?"""

from __future__ import annotations

from collections.abc import Mapping

# rows here come and go by themselves
PASSING = ("django_session", "procrastinate_", "audit_delivery", "accounts_attempt", "accounts_onetimecode")

# sums of what stands elsewhere: an upgrade may empty them, the first run afterwards counts them again
RECOUNTED = frozenset(
    {
        "insight_countedappeal",
        "insight_dailysum",
        "insight_monthsum",
        "insight_sightedappeal",
        "insight_sightpath",
        "insight_sumsmark",
    }
)


def losses(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """The tables that have fewer rows than before, in words; a table that is gone counts as emptied.

    A table of sums that is empty, as its mark is, waits for the next count; with some rows left it has lost the others.
    """
    waiting = RECOUNTED if not after.get("insight_sumsmark") else frozenset()
    return [
        f"{name}（{count} → {after.get(name, 0)}）"
        for name, count in before.items()
        if after.get(name, 0) < count
        and not name.startswith(PASSING)
        and not (name in waiting and not after.get(name, 0))
    ]


def steps_since(before_id: int, last_id: int) -> int:
    """How many lines the trace has grown by."""
    return max(0, last_id - before_id)
