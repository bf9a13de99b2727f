"""Which cases were chosen to be acted on together, and where could they go?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from gongqing.appeals.queries import appeals_for
from gongqing.audit.actor import Actor
from gongqing.dispatch.queries.desk import ListItem, items_of
from gongqing.dispatch.rules.higher_hands import MOST_AT_ONCE
from gongqing.registry import queries as registry

MOST_PLACES = 300


def chosen_cases(codes: Sequence[str], actor: Actor, at: datetime) -> list[ListItem]:
    """The cases with these codes that the actor sees, in the order given, each once; at most so many as may be sent."""
    wanted = list(dict.fromkeys(codes))[:MOST_AT_ONCE]
    found = {appeal.code: appeal for appeal in appeals_for(actor).filter(code__in=wanted)}
    return items_of([found[code] for code in wanted if code in found], at)


def places_below(actor: Actor) -> list[str]:
    """Names of the organisations at the actor's own and below, for a list to choose from."""
    found = registry.organisations_under(actor.path) if actor.path else []
    return [str(each) for each in islice(found, MOST_PLACES)]
