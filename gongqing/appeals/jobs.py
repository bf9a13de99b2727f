"""Who hears what happens to organisations: the grants by path."""

from __future__ import annotations

from gongqing.appeals import actions
from gongqing.audit import events
from gongqing.audit.models import Event


@events.on("organisation.moved", at_once=True)
def carry_grants(event: Event) -> None:
    """What an organisation saw before it was moved it sees afterwards; those above it change."""
    before, after = event.data["path"]
    actions.carry_grants(before=before, after=after)


@events.on("organisation.moved")
def carry_late_grants(event: Event) -> None:
    """The same once more: a grant may have been written to the old path while the organisation was being moved."""
    carry_grants(event)
