"""What is drawn of a county's towns?

Nobody ships their outlines; where they lie is known by points of GeoNames at best.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from gongqing.insight import rules
from gongqing.insight.models import Outline
from gongqing.insight.rules.outlines import Point
from gongqing.insight.rules.town_tiles import Tiling, tiled

MAP_SIZE = (668, 620)  # of the drawing for 1920 × 1080, so that a unit is about a pixel
SHIPPED_POINTS = Path(rules.__file__).parents[1] / "data" / "town_points_ningbo.csv"
POINTS_SOURCE = "GeoNames"


def tiling_of(county: str, names: Mapping[str, str]) -> Tiling | None:
    """The county cut into its towns (code → name); None without its outline, without towns or without room for them."""
    loaded_at = Outline.objects.filter(region_id=county).values_list("loaded_at", flat=True).first()
    return _tiling(county, loaded_at, tuple(sorted(names.items()))) if loaded_at and names else None


def sources_of(county: str) -> list[str]:
    """Whose work the drawing of this county is made of."""
    outline = Outline.objects.filter(region_id=county).values_list("source", flat=True)
    return [*outline, *([POINTS_SOURCE] if _points_in(county) else [])]


@lru_cache(maxsize=32)
def _tiling(county: str, loaded_at: datetime, names: tuple[tuple[str, str], ...]) -> Tiling | None:
    """The drawing of the outline that was loaded at this moment; made once for each process."""
    polygons = Outline.objects.values_list("polygons", flat=True).get(region_id=county)
    width, height = MAP_SIZE
    return tiled(polygons, dict(names), _points_in(county), width=width, height=height)


def _points_in(county: str) -> Mapping[str, Point]:
    return {code: point for code, point in town_points().items() if code.startswith(county)}


@lru_cache(maxsize=1)
def town_points() -> Mapping[str, Point]:
    """Where towns lie, in degrees, by their codes: those of which that is known."""
    with SHIPPED_POINTS.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: (float(row["longitude"]), float(row["latitude"])) for row in csv.DictReader(lines)}
