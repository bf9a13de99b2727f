"""Into which rows does a viewer's table fall: counties, towns, or the organisations that handle?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Left

from gongqing.appeals.models import Appeal
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.registry import queries as registry
from gongqing.registry.models import Level, Organisation, Region

UNPLACED, ELSEWHERE = "", "elsewhere"


class Division(StrEnum):
    """By what a table is cut, one level below the viewer."""

    COUNTIES = "counties"
    TOWNS = "towns"
    HANDLERS = "handlers"


HEADINGS = {Division.COUNTIES: "区县市", Division.TOWNS: "镇街", Division.HANDLERS: "承办单位"}
UNPLACED_WORDS = {Division.COUNTIES: "未定地", Division.TOWNS: "未定地", Division.HANDLERS: "未派单"}


@dataclass(frozen=True, slots=True)
class Cut:
    """How the viewer's table is cut.

    Attributes:
        within: the code of the region that is cut, empty for handlers.
    """

    division: Division
    within: str = ""

    @property
    def heading(self) -> str:
        """What the rows are."""
        return HEADINGS[self.division]

    def placed(self, found: QuerySet[Appeal]) -> QuerySet[Appeal]:
        """The appeals with `row_key`, the key of their row."""
        if self.division is Division.HANDLERS:
            key = Coalesce(Cast("handler_id", CharField()), Value(UNPLACED))
            return found.annotate(row_key=key)
        size = 6 if self.division is Division.COUNTIES else 9
        whole = Q(region_id__isnull=True) | ~Q(region__code__regex=f"^.{{{size}}}")
        inside = Q(region__code__startswith=self.within)
        return found.annotate(
            row_key=Case(
                When(Q(region_id__isnull=False) & ~inside, then=Value(ELSEWHERE)),
                When(whole, then=Value(UNPLACED)),
                default=Left(F("region_id"), size),
                output_field=CharField(),
            )
        )

    def key_of(self, code: str) -> str:
        """The row of a region whose code is known as far as it matters; as `placed` says it."""
        size = 6 if self.division is Division.COUNTIES else 9
        if code and not code.startswith(self.within):
            return ELSEWHERE
        return code[:size] if len(code) >= size else UNPLACED

    def names(self, keys: set[str]) -> dict[str, str]:
        """Key → name of every row, in order: those that could have something, then `elsewhere`, then the unplaced."""
        if self.division is Division.HANDLERS:
            numbers = [int(key) for key in keys if key.isdigit()]
            found = Organisation.objects.filter(pk__in=numbers).order_by("path")
            names = {str(each.pk): str(each) for each in found}
        else:
            level = Level.COUNTY if self.division is Division.COUNTIES else Level.TOWN
            regions = Region.objects.filter(level=level, code__startswith=self.within).order_by("code")
            names = {region.code: region.name for region in regions}
        names.update({key: key for key in sorted(keys) if key not in names and key not in (ELSEWHERE, UNPLACED)})
        if ELSEWHERE in keys:
            names[ELSEWHERE] = "其他地区"
        names[UNPLACED] = UNPLACED_WORDS[self.division]
        return names


def cut_for(actor: Actor) -> Cut:
    """One level below the viewer: the city sees counties, a county its towns, everybody else who handles."""
    if sees_all(actor):
        city = registry.city()
        return Cut(Division.COUNTIES, city.code if city else "")
    own = registry.organisation_numbered(actor.organisation_id) if actor.organisation_id else None
    if own is not None and own.level == Level.COUNTY and own.region is not None:
        return Cut(Division.TOWNS, own.region.code)
    return Cut(Division.HANDLERS)


def cut_of(area: Region | Organisation) -> Cut:
    """One level below this area: the city's counties, a county's towns, else who handles."""
    region = area if isinstance(area, Region) else area.region
    if region is not None and area.level == Level.CITY:
        return Cut(Division.COUNTIES, region.code)
    if region is not None and area.level == Level.COUNTY:
        return Cut(Division.TOWNS, region.code)
    return Cut(Division.HANDLERS)
