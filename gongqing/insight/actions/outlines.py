"""Taking in the outlines of the city's parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from gongqing.audit import events
from gongqing.audit.actor import Actor, Role
from gongqing.insight.models import Outline
from gongqing.insight.rules.outlines import Polygons
from gongqing.lib.errors import NotPermitted


@transaction.atomic
def load_outlines(*, outlines: Mapping[str, Polygons], source: str, by: Actor, at: datetime) -> int:
    """Put these outlines (region code → polygons) in the place of those regions' older ones; answers how many.

    Raises:
        NotPermitted: not by an administrator.
    """
    if not by.is_system and by.role is not Role.ADMINISTRATOR:
        raise NotPermitted("地图轮廓由系统管理员装入。")
    Outline.objects.bulk_create(
        [Outline(region_id=code, polygons=one, source=source[:128], loaded_at=at) for code, one in outlines.items()],
        update_conflicts=True,
        unique_fields=["region"],
        update_fields=["polygons", "source", "loaded_at"],
    )
    events.record(
        "outlines.loaded", subject=_NoSubject(), subject_kind="region", by=by, at=at, count=len(outlines), source=source
    )
    return len(outlines)


class _NoSubject:
    pk = None  # a load concerns many regions, whose keys are no numbers
