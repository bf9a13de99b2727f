"""Regions, organisations, zones and enterprises."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from gongqing.audit.actor import Actor


class Level(models.TextChoices):
    """Who may handle an appeal, from the city down; departments stand beside the tree."""

    CITY = "city", "市"
    COUNTY = "county", "区县市"
    TOWN = "town", "镇街"
    ZONE = "zone", "片区"
    GRASSROOTS = "grassroots", "基层"
    DEPARTMENT = "department", "横向部门"


class OrganisationKind(models.TextChoices):
    CITY_UNION = "city_union", "市总工会"
    COUNTY_UNION = "county_union", "区县市总工会"
    TOWN_UNION = "town_union", "镇街总工会"
    INDUSTRIAL_UNION = "industrial_union", "产业工会"
    FEDERATION = "federation", "小三级联合会"
    GRASSROOTS_UNION = "grassroots_union", "基层工会"
    ZONE = "zone", "片区"
    DEPARTMENT = "department", "横向部门"
    HOTLINE = "hotline", "热线"
    MEDIATION_ROOM = "mediation_room", "调处工作室"


class Region(models.Model):
    """An official division: city (4), county (6) or town and street (9 digits), padded to none."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=64)
    level = models.CharField(max_length=10, choices=Level)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def county_code(self) -> str:
        """The county's six digits; the city's own for the city."""
        return self.code[:6].ljust(6, "0")


class Enterprise(models.Model):
    """An employer, known by its 统一社会信用代码 where it has one."""

    uscc = models.CharField(max_length=18, unique=True, null=True)
    name = models.CharField(max_length=128, db_index=True)
    region = models.ForeignKey(Region, null=True, on_delete=models.PROTECT)
    trade = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=200, blank=True)
    headcount = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return self.name


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def under(self, path: str) -> OrganisationQuerySet:
        """The organisation at this path and everything below it, as an index range."""
        return self.filter(path__gte=path, path__lt=path[:-1] + "0")

    def visible_to(self, actor: Actor) -> OrganisationQuerySet:
        """Names of organisations are public to staff; workers and outsiders see handlers by name only."""
        return self if actor.is_staff or actor.is_system else self.none()


class Organisation(models.Model):
    """A union, a zone, a hotline, a mediation room or a government department.

    `path` is `/city/county/town/…/`, made of ids, ending in a slash; departments live under `/d/…/`. `categories` are
    those that a department answers for; empty for all. `letter_mark` (公文代字) begins the numbers of its letters;
    empty, its name does.
    """

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=128)
    short_name = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=20, choices=OrganisationKind)
    level = models.CharField(max_length=10, choices=Level)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=200, unique=True, db_collation="C")
    region = models.ForeignKey(Region, null=True, on_delete=models.PROTECT)
    enterprise = models.ForeignKey(Enterprise, null=True, on_delete=models.PROTECT, related_name="unions")
    phone = models.CharField(max_length=32, blank=True)
    categories = ArrayField(models.CharField(max_length=4), default=list, blank=True)
    letter_mark = models.CharField(max_length=16, blank=True)
    is_active = models.BooleanField(default=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "region"], name="organisation_kind_region")]
        constraints = [models.CheckConstraint(condition=Q(path__endswith="/"), name="organisation_path_slash")]

    def __str__(self) -> str:
        return self.short_name or self.name


class ZoneLink(models.Model):
    """From when until when a zone (片区) holds a union; redrawing moves links, never paths."""

    zone = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="zone_links")
    union = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="held_by")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["union"], condition=Q(until__isnull=True), name="union_in_one_zone"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=models.F("since")), name="zone_link_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.zone_id} holds {self.union_id}"
