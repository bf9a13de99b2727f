"""The outlines of regions, for maps."""

from __future__ import annotations

from django.db import models

from gongqing.registry.models import Region


class Outline(models.Model):
    """The border of one region (轮廓): polygons of rings of longitude and latitude in WGS-84."""

    region = models.OneToOneField(Region, primary_key=True, on_delete=models.PROTECT)
    polygons = models.JSONField()
    source = models.CharField(max_length=128)
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.region_id
