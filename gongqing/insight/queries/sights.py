"""For which narrow sights are sums kept, and whose are they?

A town sees what is granted under its path, a zone what is granted under its own path and under those of the unions that
it holds today. Neither follows the places of appeals, and the parts of a zone's sight overlap; so the sums of such a
sight are kept under a key of its own, with the paths that it was counted for. Whoever stands there reads them only
while those are the very paths that the posting sees.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import connection

from gongqing.accounts import queries as accounts
from gongqing.insight.models import SightedAppeal, SightPath
from gongqing.insight.rules.rollups import is_narrow, sight_key
from gongqing.lib.times import day_of, now
from gongqing.registry.models import Level, Organisation

Paths = frozenset[str]
_GRANTED = """
SELECT DISTINCT a.appeal_id FROM insight_sightpath s
JOIN appeals_access a ON a.until IS NULL AND a.path >= s.path AND a.path < left(s.path, -1) || '0'
WHERE s.key = ANY(%s)
"""


def current() -> Mapping[str, Paths]:
    """Key → paths of every town and zone, and of departments within a county, as they are drawn today."""
    linked = accounts.linked_paths(day_of(now()))
    found = {}
    places = Organisation.objects.filter(level__in=[Level.TOWN, Level.ZONE, Level.DEPARTMENT])
    for number, path, level in places.values_list("pk", "path", "level"):
        paths = frozenset([path, *(linked.get(number, ()) if level == Level.ZONE else ())])
        if is_narrow(path):
            found[sight_key(path, paths)] = paths
    return found


def known() -> Mapping[str, Paths]:
    """Key → paths of the sights whose sums are kept."""
    found: dict[str, set[str]] = {}
    for key, path in SightPath.objects.values_list("key", "path"):
        found.setdefault(key, set()).add(path)
    return {key: frozenset(paths) for key, paths in found.items()}


def key_for(path: str, paths: Collection[str]) -> str | None:
    """Under which key exactly the sight of these paths is kept; None where it is not."""
    key = sight_key(path, paths)
    kept = set(SightPath.objects.filter(key=key).values_list("path", flat=True))
    return key if kept and kept == set(paths) else None


def standing_in(keys: Collection[str]) -> list[int]:
    """The appeals that were counted in these sights, and those that are granted to them now. For the system."""
    counted = SightedAppeal.objects.filter(scope__in=keys).values_list("appeal_id", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(_GRANTED, [sorted(keys)])
        return sorted({*counted, *(number for (number,) in cursor.fetchall())})
