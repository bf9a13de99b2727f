"""The tables of the data base, cut by noun."""

from gongqing.registry.models.organisations import Enterprise, Level, Organisation, OrganisationKind, Region, ZoneLink
from gongqing.registry.models.people import Member, Person

__all__ = [
    "Enterprise",
    "Level",
    "Member",
    "Organisation",
    "OrganisationKind",
    "Person",
    "Region",
    "ZoneLink",
]
